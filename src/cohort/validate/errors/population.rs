//! What can be wrong with covariates.

use thiserror::Error;

use crate::diagnostic::{Cause, did_you_mean};

/// What can be wrong between covariates.
#[derive(Debug, Error)]
pub enum CovariateError {
    /// Two covariates of one name.
    #[error("there is already a covariate `{name}`")]
    NameTwice {
        /// The name.
        name: String,
    },
    /// Classes by something that is no covariate.
    #[error("`{by}` is not a drawn covariate")]
    UnknownClass {
        /// What stands in `by`.
        by: String,
        /// The nearest covariate there is.
        near: Option<String>,
    },
    /// Classes by a covariate without labels.
    #[error("`{by}` has no labels")]
    NotAClass {
        /// What stands in `by`.
        by: String,
    },
    /// A label without its distribution.
    #[error("`{name}` has no distribution for `{label}` of {by}")]
    LabelMissing {
        /// The covariate.
        name: String,
        /// The label.
        label: String,
        /// The covariate with the labels.
        by: String,
    },
    /// A distribution for a label that is not there.
    #[error("{by} has no label `{label}`")]
    UnknownLabel {
        /// The covariate with the labels.
        by: String,
        /// The label.
        label: String,
        /// Its labels.
        labels: Vec<String>,
    },
}

impl Cause for CovariateError {
    fn help(&self) -> Option<String> {
        match self {
            Self::UnknownClass { near, .. } => near.clone(),
            Self::NotAClass { .. } => {
                Some("name a covariate with a categorical or bernoulli distribution".into())
            }
            Self::LabelMissing { name, label, .. } => Some(format!("add [population.{name}.of.{label}]")),
            Self::UnknownLabel { label, labels, .. } => {
                did_you_mean(label, labels.iter().map(String::as_str))
                    .or_else(|| Some(format!("its labels: {}", labels.join(", "))))
            }
            Self::NameTwice { .. } => None,
        }
    }
}
