//! What can be wrong with correlations.

use thiserror::Error;

use super::super::super::distribution;
use super::super::super::report::as_fraction;
use crate::diagnostic::Cause;

/// What can be wrong with correlations. That they fit together is seen when they are used.
#[derive(Debug, Error)]
pub enum CorrelationError {
    /// No drawn covariate has this name.
    #[error("`{name}` is not a drawn covariate")]
    Unknown {
        /// The name.
        name: String,
        /// The nearest one there is.
        near: Option<String>,
    },
    /// Its values are not a continuous function of a Gaussian score.
    #[error("`{name}` is discrete and cannot be correlated")]
    Discrete {
        /// The name.
        name: String,
    },
    /// Outside [-1, 1].
    #[error("the correlation of {first} and {second} is {value}, and must lie between -1 and 1")]
    Outside {
        /// One covariate.
        first: String,
        /// The other.
        second: String,
        /// The value.
        value: f64,
    },
    /// A covariate with itself.
    #[error("`{name}` is paired with itself")]
    WithItself {
        /// The covariate.
        name: String,
    },
    /// The pair has a correlation already.
    #[error("the correlation of {first} and {second} is given twice")]
    PairTwice {
        /// One covariate.
        first: String,
        /// The other.
        second: String,
    },
    /// Not as many rows as names.
    #[error("the matrix has {rows} rows for {names} names")]
    Rows {
        /// Rows of the matrix.
        rows: usize,
        /// Names.
        names: usize,
    },
    /// A row of the wrong length.
    #[error("row {row} of the matrix, {name}, has {found} numbers")]
    RowLength {
        /// The row, from 1.
        row: usize,
        /// Its covariate.
        name: String,
        /// Numbers in the row.
        found: usize,
        /// Numbers in the whole matrix's rows.
        size: usize,
    },
    /// A diagonal element that is not 1.
    #[error("the correlation of {name} with itself is {value}, and must be 1")]
    Diagonal {
        /// The covariate.
        name: String,
        /// The element.
        value: f64,
    },
    /// The two halves of a full matrix differ.
    #[error("the correlation of {first} and {second} is {upper} above the diagonal and {lower} below")]
    Asymmetric {
        /// The covariate of the row below the diagonal.
        first: String,
        /// The covariate of its column.
        second: String,
        /// The element above the diagonal.
        upper: f64,
        /// The element below.
        lower: f64,
    },
}

impl Cause for CorrelationError {
    fn help(&self) -> Option<String> {
        match self {
            Self::Unknown { near, .. } => near.clone().or_else(|| {
                Some("correlations are between covariates with a distribution of their own".into())
            }),
            Self::Discrete { .. } => Some(format!(
                "{} covariates, and classes of them, can be correlated",
                distribution::correlated()
            )),
            Self::RowLength { row, size, .. } => {
                Some(format!("write the lower triangle ({row} here) or every row in full ({size})"))
            }
            Self::PairTwice { .. } => Some("keep one of them".into()),
            Self::Outside { value, .. } => as_fraction(*value),
            Self::WithItself { .. } | Self::Rows { .. } | Self::Diagonal { .. } | Self::Asymmetric { .. } => {
                None
            }
        }
    }
}
