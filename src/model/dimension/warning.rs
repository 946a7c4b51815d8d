//! What units in equations contradict.

use thiserror::Error;

use crate::diagnostic::Cause;

/// Units that cannot be right together.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum UnitWarning {
    /// Two sides of a sum, a comparison, or two branches.
    #[error("`{left}` is in {left_unit} and `{right}` is in {right_unit}: they cannot be {joined}")]
    Sides {
        /// `added`, `compared`, ...
        joined: &'static str,
        /// One side.
        left: String,
        /// Its unit.
        left_unit: String,
        /// The other.
        right: String,
        /// Its unit.
        right_unit: String,
        /// By how much the units differ, if they are of one kind.
        factor: Option<f64>,
    },
    /// The right side of an assignment whose left side has a unit.
    #[error("`{name}` is in {unit}, and what it is made of is in {found}")]
    Result {
        /// The left side.
        name: String,
        /// Its unit.
        unit: String,
        /// Unit of the right side.
        found: String,
        /// By how much the units differ, if they are of one kind.
        factor: Option<f64>,
    },
    /// A function, or a power, of what should be a number.
    #[error("{function} of `{argument}`, which is in {unit}")]
    NotANumber {
        /// `the exponential`, `the power`, ...
        function: &'static str,
        /// Its argument.
        argument: String,
        /// Unit of the argument.
        unit: String,
    },
}

impl UnitWarning {
    /// Whether the units are of two kinds, and not only of two sizes.
    pub(super) fn is_of_kinds(&self) -> bool {
        match self {
            Self::Sides { factor, .. } | Self::Result { factor, .. } => factor.is_none(),
            Self::NotANumber { .. } => true,
        }
    }
}

impl Cause for UnitWarning {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Sides { factor: Some(factor), .. } | Self::Result { factor: Some(factor), .. } => {
                let (number, times) =
                    if *factor < 1.0 { (1.0 / factor, "divided") } else { (*factor, "multiplied") };
                format!(
                    "they differ by a factor of {}: is one to be {times} by it, or is a unit in a label or a list wrong?",
                    rounded(number)
                )
            }
            Self::Sides { .. } | Self::Result { .. } => {
                "look for a factor that is missing, or for a unit in a label or a list that is wrong".into()
            }
            Self::NotANumber { .. } => "divide it by a reference value in the same unit".into(),
        })
    }
}

/// A factor without the digits that rounding made.
fn rounded(factor: f64) -> String {
    let rounded = format!("{factor:.9e}").parse::<f64>().unwrap_or(factor);
    format!("{rounded}")
}
