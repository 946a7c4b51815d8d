//! What can be wrong with comparisons and uncertainty.

use thiserror::Error;

use crate::diagnostic::Cause;

/// What can be wrong with a comparison.
#[derive(Debug, Error)]
pub enum CompareTableError {
    /// There are no scenarios.
    #[error("there is no scenario to compare")]
    NoScenarios,
    /// Two proportions of one name.
    #[error("{first} and {second} are the same in whole percent, by which their doses are named")]
    SamePercent {
        /// The first.
        first: f64,
        /// The other.
        second: f64,
    },
    /// A step at a scenario that is not run.
    #[error("scenario `{name}` is not compared")]
    NotCompared {
        /// The scenario.
        name: String,
    },
    /// A step that shows nothing.
    #[error("a step of the waterfall shows a scenario or a dose")]
    NoStep,
    /// An endpoint that a scenario does not have.
    #[error("{scenario} has no endpoint `{endpoint}`")]
    NoEndpoint {
        /// The scenario, or the file itself.
        scenario: String,
        /// The endpoint.
        endpoint: String,
        /// The endpoint that was perhaps meant.
        near: Option<String>,
    },
    /// Disease control without response.
    #[error("{scenario} has no [response], so that disease control is not known")]
    NoResponse {
        /// The scenario, or the file itself.
        scenario: String,
    },
    /// How uncertain a parameter is has not been said.
    #[error("nothing says how uncertain `{name}` is")]
    NoSpread {
        /// The parameter.
        name: String,
    },
}

impl Cause for CompareTableError {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::NoEndpoint { endpoint, near, .. } => {
                near.clone().unwrap_or_else(|| format!("add [endpoints.{endpoint}]"))
            }
            Self::NoResponse { .. } => "add [response]".into(),
            Self::NoScenarios => "add [scenarios.NAME]".into(),
            Self::SamePercent { .. } => "keep one of them".into(),
            Self::NotCompared { .. } => "add it to `scenarios`, or leave the step out".into(),
            Self::NoStep => "add `scenario = ...` or `dose = ...`".into(),
            Self::NoSpread { .. } => {
                "write { cv = 0.3 }, or { log_cv = 0.3 } for a parameter that is a logarithm".into()
            }
        })
    }
}
