//! Errors of what a model file says about itself.

use thiserror::Error;

use super::list;
use crate::diagnostic::{Cause, did_you_mean};
use crate::unit::{AMOUNT_WORDS, TIME_WORDS};

/// Metadata is missing or wrong.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum MetadataError {
    /// Text was needed.
    #[error("`{name}` must be text")]
    NotText {
        /// What needs it.
        name: String,
    },
    /// `list(...)` with named entries was needed.
    #[error("`{name}` must be a list with named entries")]
    NotAList {
        /// What needs it.
        name: String,
    },
    /// One name twice.
    #[error("`{name}` is given twice")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// `units$time` or `units$dosing` is not there.
    #[error("`units` does not say the unit of `{which}`")]
    MissingUnit {
        /// `time` or `dosing`.
        which: &'static str,
    },
    /// Not a unit of time that models can use.
    #[error("`{found}` is not a unit of time that a model can use")]
    TimeUnit {
        /// What was written.
        found: String,
    },
    /// Not a unit of amount.
    #[error("`{found}` is not a unit of a dose amount")]
    DosingUnit {
        /// What was written.
        found: String,
    },
    /// A field that the list does not have.
    #[error("`{list}` has no field `{field}`")]
    UnknownField {
        /// The list.
        list: String,
        /// The field.
        field: String,
        /// Its fields.
        known: &'static [&'static str],
    },
    /// A scale that is no positive number.
    #[error("the scale of `{state}` must be a number above 0")]
    Scale {
        /// The state.
        state: String,
    },
    /// An entry of `compartmentData` or `outputData` about a name that the model does not have.
    #[error("`{list}` describes `{name}`, but the model has no such {kind}")]
    NotInModel {
        /// The list.
        list: &'static str,
        /// The name.
        name: String,
        /// `state` or `variable`.
        kind: &'static str,
        /// The names that there are.
        known: Vec<String>,
    },
}

impl Cause for MetadataError {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::NotText { .. } => {
                r#"write it in quotes, or as `paste("...", "...")` of quoted parts"#.into()
            }
            Self::NotAList { name } => format!("write `{name} <- list(name = value, ...)`"),
            Self::Duplicate { .. } => "keep one of the two".into(),
            Self::MissingUnit { .. } => {
                r#"write `units <- list(time = "day", dosing = "mg", concentration = "mg/L")`"#.into()
            }
            Self::TimeUnit { .. } => format!("use one of {}", list(&TIME_WORDS)),
            Self::DosingUnit { .. } => format!("use one of {}", list(&AMOUNT_WORDS)),
            Self::UnknownField { field, known, .. } => did_you_mean(field, known.iter().copied())
                .unwrap_or_else(|| format!("its fields are {}", list(known))),
            Self::Scale { .. } => {
                "give the typical size of the state, for the error tolerance: `scale = 100`".into()
            }
            Self::NotInModel { name, kind, known, .. } => {
                did_you_mean(name, known.iter().map(String::as_str))
                    .unwrap_or_else(|| format!("remove the entry, or add the {kind} to the `model` block"))
            }
        })
    }
}
