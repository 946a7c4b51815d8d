//! What a report cannot do.

use thiserror::Error;

use super::figures::FIGURES;
use crate::diagnostic::{Cause, did_you_mean};

/// Why there is no report or figure.
#[derive(Debug, Error)]
pub enum ReportError {
    /// No figure has the name.
    #[error("there is no figure `{name}`")]
    Unknown {
        /// The name.
        name: String,
        /// What may be meant.
        help: String,
    },
    /// The run has nothing for the figure.
    #[error("this run has nothing for the figure `{name}`")]
    Nothing {
        /// The figure.
        name: String,
    },
    /// The page could not be filled.
    #[error("the report could not be made: {reason}")]
    Page {
        /// Why.
        reason: String,
    },
}

impl ReportError {
    /// A name that no figure has.
    pub(super) fn unknown(name: &str) -> Self {
        let names = || FIGURES.iter().map(|(name, _)| *name);
        let all = || format!("there are {}", names().collect::<Vec<_>>().join(", "));
        Self::Unknown { name: name.to_owned(), help: did_you_mean(name, names()).unwrap_or_else(all) }
    }
}

impl Cause for ReportError {
    fn help(&self) -> Option<String> {
        match self {
            Self::Unknown { help, .. } => Some(help.clone()),
            Self::Nothing { .. } => Some("`vpop report` shows the figures that there are".into()),
            Self::Page { .. } => None,
        }
    }
}
