//! Errors of expressions: in the model block, in `ini` and in cohort files.

use thiserror::Error;

use super::super::functions;
use super::list;
use crate::diagnostic::{Cause, did_you_mean};

/// An expression has no value.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ExpressionError {
    /// A name that stands for nothing.
    #[error("`{name}` is not defined")]
    UnknownName {
        /// The name.
        name: String,
        /// Names that are defined.
        known: Vec<String>,
    },
    /// A function that neither the language nor the place knows.
    #[error("there is no function `{name}`")]
    UnknownFunction {
        /// The function.
        name: String,
        /// The functions of the place, beyond the language's own.
        own: Vec<&'static str>,
    },
    /// A function of rxode2 or R that the language leaves out, with its replacement.
    #[error("`{name}` is not supported")]
    UnsupportedFunction {
        /// The function.
        name: String,
        /// What to write in its place.
        instead: &'static str,
    },
    /// A function with too many or too few arguments.
    #[error("`{name}` takes {expected}, not {found}")]
    Arguments {
        /// The function.
        name: String,
        /// How many it takes.
        expected: String,
        /// How many were given.
        found: usize,
    },
    /// Arguments that the function refuses, in its own words.
    #[error("`{name}`: {reason}")]
    Refused {
        /// The function.
        name: String,
        /// Why.
        reason: String,
    },
    /// `exp(x = 1)`
    #[error("argument `{name}` is named")]
    NamedArgument {
        /// Its name.
        name: String,
    },
    /// Text beside what has no labels.
    #[error("\"{label}\" is compared with something that has no labels")]
    NotCategorical {
        /// The text.
        label: String,
    },
    /// A label that a covariate does not have.
    #[error("`{name}` is never \"{label}\"")]
    UnknownLabel {
        /// The covariate.
        name: String,
        /// The label.
        label: String,
        /// The labels that it has.
        labels: Vec<String>,
    },
    /// Labels compared by their order.
    #[error("the labels of `{name}` have no order")]
    NoOrder {
        /// The covariate.
        name: String,
        /// The label.
        label: String,
    },
    /// A covariate whose labels are numbers, taken as a number.
    #[error("`{name}` is not the number in its label, but the position of its label, from 0")]
    CodeForLabel {
        /// The covariate.
        name: String,
        /// Its labels.
        labels: Vec<String>,
    },
    /// A number that stands for no label.
    #[error("`{name}` is never {number}: it has {} labels", labels.len())]
    NoSuchCode {
        /// The covariate.
        name: String,
        /// The number.
        number: f64,
        /// Its labels.
        labels: Vec<String>,
    },
    /// Something that is a value in R but not a number here.
    #[error("{found} is not a number")]
    NotANumber {
        /// What was written.
        found: &'static str,
        /// What to write in its place.
        instead: &'static str,
    },
}

impl Cause for ExpressionError {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::UnknownName { name, known } => match did_you_mean(name, known.iter().map(String::as_str)) {
                Some(suggestion) => suggestion,
                None if known.is_empty() => "only numbers can be used here".into(),
                None => format!("known names: {}", list(known)),
            },
            Self::UnknownFunction { name, own } => {
                let all: Vec<&str> = functions::names().chain(own.iter().copied()).collect();
                did_you_mean(name, all.iter().copied())
                    .unwrap_or_else(|| format!("the functions are {}; a product needs its `*`", list(&all)))
            }
            Self::UnsupportedFunction { instead, .. } | Self::NotANumber { instead, .. } => (*instead).into(),
            Self::Arguments { name, .. } if name == "log" => {
                "write `log(x) / log(base)` for another base".into()
            }
            Self::NotCategorical { .. } => {
                "only a categorical covariate has labels; compare it alone, as FGFR2 == \"high\"".into()
            }
            Self::UnknownLabel { label, labels, .. } => {
                did_you_mean(label, labels.iter().map(String::as_str))
                    .unwrap_or_else(|| format!("its labels: {}", quoted(labels)))
            }
            Self::NoOrder { name, label } => format!("write {name} == \"{label}\", or join several by `|`"),
            Self::CodeForLabel { name, labels } | Self::NoSuchCode { name, labels, .. } => format!(
                "compare with a label, as {name} == {}; its labels: {}",
                quoted(&labels[..1]),
                quoted(labels)
            ),
            Self::Arguments { .. } => return None,
            Self::Refused { .. } => return None,
            Self::NamedArgument { .. } => "give the arguments in order, without names".into(),
        })
    }
}

/// Labels as they are written in expressions.
fn quoted(labels: &[String]) -> String {
    labels.iter().map(|label| format!("\"{label}\"")).collect::<Vec<_>>().join(", ")
}
