//! What can be wrong with a distribution.

use thiserror::Error;

use crate::diagnostic::Cause;

/// What can be wrong with a distribution.
#[derive(Debug, Error)]
pub enum DistributionError {
    /// A key of another distribution.
    #[error("`{key}` does not belong to the {distribution} distribution")]
    NotItsKey {
        /// The key.
        key: &'static str,
        /// The distribution.
        distribution: &'static str,
        /// The keys that it takes.
        takes: String,
    },
    /// One of two keys is needed.
    #[error("the {distribution} distribution needs `{first}` or `{second}`")]
    NeedsOneOf {
        /// The distribution.
        distribution: &'static str,
        /// The first key.
        first: &'static str,
        /// The other key.
        second: &'static str,
    },
    /// A parameter is beyond what the algorithm covers.
    #[error("`{key}` is {value}: at most {limit} is supported")]
    TooLarge {
        /// The key.
        key: &'static str,
        /// Its value.
        value: f64,
        /// The largest allowed.
        limit: f64,
    },
    /// Probabilities that do not sum to 1.
    #[error("the probabilities sum to {sum}, not to 1")]
    Sum {
        /// Their sum.
        sum: f64,
    },
    /// No value of the distribution lies within the bounds.
    #[error("`{key}` keeps {low} to {high}, where the distribution has no values")]
    NothingWithin {
        /// `between` or `truncate`.
        key: &'static str,
        /// Lower bound.
        low: f64,
        /// Upper bound.
        high: f64,
    },
    /// Truncation leaves no probability that a number could show.
    #[error("the distribution has no probability between {low} and {high}")]
    Empty {
        /// Lower bound.
        low: f64,
        /// Upper bound.
        high: f64,
    },
    /// A standard deviation of a logarithm that nobody means.
    #[error("`log_sd` is {value}: one patient in six would be above {:.0e} times the median", value.exp())]
    LogSd {
        /// What was written.
        value: f64,
    },
    /// Text in the place of a table that is no number with a unit.
    #[error("{found:?} is no number with its unit")]
    NotANumber {
        /// What was written.
        found: String,
    },
    /// Bounds on labels.
    #[error("`between` has no meaning for labels")]
    BoundsOnLabels,
    /// A mixture within a mixture, or labels within one.
    #[error("a {distribution} distribution cannot be part of a by_class distribution")]
    Nested {
        /// The inner distribution.
        distribution: &'static str,
    },
    /// A key of the whole covariate, written for one class.
    #[error("`{key}` belongs to the covariate, not to one of its classes")]
    NotOfClass {
        /// The key.
        key: &'static str,
    },
}

impl Cause for DistributionError {
    fn help(&self) -> Option<String> {
        match self {
            Self::NotItsKey { takes, .. } => Some(format!("it takes {takes}")),
            Self::NeedsOneOf { first, .. } => Some(format!("add `{first} = ...`")),
            Self::TooLarge { .. } => Some("a normal distribution is the same at this size".into()),
            Self::NothingWithin { .. } => Some("no patient could ever be drawn; check the bounds".into()),
            Self::Empty { .. } => Some("move the limits of `truncate` to where the distribution lies".into()),
            Self::LogSd { value } => Some(format!(
                "for a spread of {value} % write log_sd = {}, or cv = \"{value} %\"",
                value / 100.0
            )),
            Self::NotANumber { .. } => Some(
                "write 70, \"70 kg\", or a table as { distribution = \"categorical\", probabilities = { low = 1 } }"
                    .into(),
            ),
            Self::BoundsOnLabels => Some("give what is unwanted the probability 0".into()),
            Self::Nested { .. } => Some("make one categorical covariate with a label for each case".into()),
            Self::NotOfClass { .. } => Some("move it to the covariate's own table".into()),
            Self::Sum { .. } => None,
        }
    }
}
