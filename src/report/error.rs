//! What a report cannot do.

use thiserror::Error;

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
    /// The results have nothing for the figure.
    #[error("there is nothing to show in the figure `{name}`")]
    Nothing {
        /// The figure.
        name: String,
    },
    /// A picture in a form that is not written.
    #[error("`{file}` would be a picture of another kind than SVG and PNG")]
    Ending {
        /// The file.
        file: String,
    },
    /// A picture that could not be made of pixels.
    #[error("the figure could not be drawn {width} pixels wide: {reason}")]
    Pixels {
        /// How wide.
        width: u32,
        /// Why.
        reason: String,
    },
    /// The page could not be filled.
    #[error("the report could not be made: {reason}")]
    Page {
        /// Why.
        reason: String,
    },
}

impl ReportError {
    /// A name that none of these figures has.
    pub(super) fn unknown(name: &str, known: &[&str]) -> Self {
        let all = || format!("there are {}", known.join(", "));
        Self::Unknown {
            name: name.to_owned(),
            help: did_you_mean(name, known.iter().copied()).unwrap_or_else(all),
        }
    }
}

impl Cause for ReportError {
    fn help(&self) -> Option<String> {
        match self {
            Self::Unknown { help, .. } => Some(help.clone()),
            Self::Nothing { .. } => Some("`vpop report` shows the figures that there are".into()),
            Self::Ending { .. } => Some("let its name end in `.svg` or `.png`".into()),
            Self::Pixels { .. } => Some("ask for fewer pixels with `--width`, or write it as SVG".into()),
            Self::Page { .. } => None,
        }
    }
}
