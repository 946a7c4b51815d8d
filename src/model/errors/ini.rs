//! Errors of the `ini` block.

use thiserror::Error;

use super::list;
use crate::diagnostic::Cause;

/// A parameter or random effect is wrong.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum IniError {
    /// A statement that defines nothing.
    #[error("this defines neither a parameter nor a random effect")]
    NotAParameter,
    /// A name defined twice.
    #[error("`{name}` is defined twice")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// A name with a meaning of its own.
    #[error("`{name}` has a meaning of its own and cannot name a parameter")]
    Reserved {
        /// The name.
        name: String,
    },
    /// Something like `log(-1)`.
    #[error("this value is {value}")]
    NotFinite {
        /// What it comes to.
        value: f64,
    },
    /// `c()` with no or too many numbers.
    #[error("a parameter takes one to three numbers, not {found}")]
    BoundsCount {
        /// How many were given.
        found: usize,
    },
    /// The value lies outside its bounds.
    #[error("the value of `{name}`, {value}, lies outside its bounds {lower} to {upper}")]
    OutOfBounds {
        /// The parameter.
        name: String,
        /// Its value.
        value: f64,
        /// Its lower bound.
        lower: f64,
        /// Its upper bound.
        upper: f64,
    },
    /// The left side of `~` is not made of names.
    #[error("random effects are named on the left of `~`")]
    EffectNames,
    /// A block with the wrong number of entries.
    #[error("the block of {names} needs {expected} numbers, not {found}", names = list(names))]
    Triangle {
        /// The random effects.
        names: Vec<String>,
        /// `n (n + 1) / 2`
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// A variance below 0.
    #[error("the variance of `{name}` is {value}")]
    NegativeVariance {
        /// The random effect.
        name: String,
        /// Its variance.
        value: f64,
    },
    /// A variance of a logarithm that nobody means.
    #[error(
        "the variance of `{name}` is {value}: one patient in six would have more than {:.0} times the typical value",
        value.sqrt().exp()
    )]
    LargeVariance {
        /// The random effect.
        name: String,
        /// Its variance.
        value: f64,
    },
    /// A covariance too large for its two variances.
    #[error(
        "the covariance of `{first}` and `{second}`, {covariance}, is too large for their variances {variances:?}"
    )]
    Correlation {
        /// One random effect.
        first: String,
        /// The other.
        second: String,
        /// Their covariance.
        covariance: f64,
        /// Their variances.
        variances: [f64; 2],
    },
    /// Pairs are possible, but not together.
    #[error("the block of {names} is not positive semidefinite: it fails at the row of `{row}`", names = list(names))]
    NotPositiveDefinite {
        /// The random effects.
        names: Vec<String>,
        /// The first row that cannot be combined with those above it.
        row: String,
    },
    /// What follows a `|` is no name.
    #[error("after `|` stands what random effects belong to: `id`, or the column of occasions")]
    Level,
}

impl Cause for IniError {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::NotAParameter => {
                "write `lcl <- log(0.4)`, `lcl <- c(lower, estimate, upper)`, or `etalcl ~ 0.08`".into()
            }
            Self::Duplicate { .. } => "keep one of the two".into(),
            Self::Reserved { .. } => "choose another name".into(),
            Self::NotFinite { .. } => "give a finite number".into(),
            Self::BoundsCount { .. } => {
                "write `c(lower, estimate, upper)`, `c(lower, estimate)` or a number".into()
            }
            Self::OutOfBounds { .. } => "the order is `c(lower, estimate, upper)`".into(),
            Self::EffectNames => "write `etalcl ~ 0.08`, or `etalcl + etalvc ~ c(0.08, 0.01, 0.02)`".into(),
            Self::Triangle { names, .. } => {
                format!("give the lower triangle by rows: {}", triangle(names))
            }
            Self::NegativeVariance { .. } => {
                "a variance is the square of a standard deviation: 0 or more".into()
            }
            Self::LargeVariance { value, .. } => {
                let cv = value / 100.0;
                format!(
                    "for a CV of {value} % write {:.3}, which is log(1 + {cv}^2); if so much is meant, write fix({value})",
                    (cv * cv).ln_1p()
                )
            }
            Self::Correlation { variances: [a, b], .. } => {
                format!("it must lie between -{limit:.4} and {limit:.4}", limit = (a * b).sqrt())
            }
            Self::NotPositiveDefinite { .. } => {
                "make its covariances smaller, or check that the triangle is given by rows".into()
            }
            Self::Level => "write `etalcl ~ 0.08`, or `iovcl ~ 0.02 | occ`".into(),
        })
    }
}

/// `var(a), cov(a, b), var(b)` for the names of a block.
fn triangle(names: &[String]) -> String {
    let entries = names.iter().enumerate().flat_map(|(i, row)| {
        let covariances = names[..i].iter().map(move |column| format!("cov({row}, {column})"));
        covariances.chain([format!("var({row})")])
    });
    entries.collect::<Vec<_>>().join(", ")
}
