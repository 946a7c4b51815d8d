//! What can be wrong with a design file.

use thiserror::Error;

use super::NAMES;
use crate::cohort::report::as_fraction;
use crate::diagnostic::{Cause, did_you_mean};

/// What can be wrong with a design.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum DesignError {
    /// No table says what kind of design it is.
    #[error("nothing says what kind of design it is")]
    NoKind,
    /// A setting that means nothing for a kind of design.
    #[error("`{key}` means nothing for [{design}], which decides it by its own rule")]
    NotOfKind {
        /// The setting.
        key: &'static str,
        /// The kind.
        design: &'static str,
    },
    /// Two designs of one name.
    #[error("two designs are called `{name}`")]
    SameName {
        /// The name.
        name: String,
    },
    /// A dose that is not among those of the trial.
    #[error("`{label}` is not a dose of this trial")]
    NoDose {
        /// What was written.
        label: String,
        /// The doses.
        known: Vec<String>,
    },
    /// A dose that has nothing to do with those of the trial.
    #[error("`{dose}` is of another kind than the doses of this trial, in {unit}")]
    OtherKind {
        /// What was written.
        dose: String,
        /// Unit of the doses.
        unit: String,
    },
    /// A model of doses, where only their order is known.
    #[error("[{design}] needs the doses themselves, not levels")]
    NeedsDoses {
        /// The kind.
        design: &'static str,
    },
    /// Not between 0 and 1.
    #[error("`{key}` is {value}, and must lie between 0 and 1")]
    NotAProbability {
        /// The key.
        key: String,
        /// Its value.
        value: f64,
    },
    /// Numbers that do not rise.
    #[error("`{key}` must rise from {low} to {high}")]
    NotRising {
        /// The keys.
        key: &'static str,
        /// The one that should be lower.
        low: f64,
        /// The one that should be higher.
        high: f64,
    },
    /// A skeleton for another number of doses.
    #[error("`skeleton` has {found} values for {doses} doses")]
    SkeletonLength {
        /// Its length.
        found: usize,
        /// Doses of the trial.
        doses: usize,
    },
    /// No skeleton by the indifference interval.
    #[error("by its settings no skeleton rises over {doses} doses")]
    NoSkeleton {
        /// Doses of the trial.
        doses: usize,
    },
    /// An interval that is not about the target.
    #[error(
        "the interval from {low} to {high} must hold the target, {target}, and be at least {narrowest} wide"
    )]
    NotAbout {
        /// Its lower end.
        low: f64,
        /// Its upper end.
        high: f64,
        /// The target.
        target: f64,
        /// The least width.
        narrowest: f64,
    },
    /// An intercept below a probability of the model.
    #[error("`intercept` is {intercept}, not above the log odds of {most}, a prior guess or the target")]
    Intercept {
        /// The intercept.
        intercept: f64,
        /// The probability.
        most: f64,
    },
    /// An increase that the design never allows.
    #[error("from {from} to {to} the dose rises by more than {most} %: no higher dose could ever be given")]
    TooSteep {
        /// A dose.
        from: String,
        /// The next.
        to: String,
        /// The largest increase, in percent.
        most: f64,
    },
    /// A row of a decision table that is no row.
    #[error("{row}: {reason}")]
    Row {
        /// Which.
        row: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A decision that there is not.
    #[error("`{found}` is not a decision")]
    Decision {
        /// What was written.
        found: String,
    },
}

impl Cause for DesignError {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::NoKind => {
                let tables: Vec<String> = NAMES.iter().map(|name| format!("[{name}]")).collect();
                format!("add one of {}", tables.join(", "))
            }
            Self::NotOfKind { .. } => "leave it out".into(),
            Self::SameName { .. } => "give one of them another `name`".into(),
            Self::NoDose { label, known } => {
                let near = did_you_mean(label, known.iter().map(String::as_str));
                near.unwrap_or_else(|| format!("doses: {}", known.join(", ")))
            }
            Self::NeedsDoses { .. } => "give them with `--doses \"10 mg,20 mg\"`".into(),
            Self::NoSkeleton { .. } => {
                "give `skeleton = [...]`, a smaller `half_width`, or another `intercept`".into()
            }
            Self::Intercept { .. } => "raise `intercept`; 3 is usual".into(),
            Self::TooSteep { .. } => "raise `largest_increase`, or leave it out".into(),
            Self::Decision { .. } => {
                "E escalates, S stays, D de-escalates, DU de-escalates and closes the dose".into()
            }
            Self::Row { .. } => {
                "after n evaluable patients there is one decision for each of 0 to n toxicities".into()
            }
            Self::NotAProbability { value, .. } => return as_fraction(*value),
            Self::OtherKind { .. }
            | Self::NotAbout { .. }
            | Self::NotRising { .. }
            | Self::SkeletonLength { .. } => return None,
        })
    }
}
