//! What can be wrong with rules of dosing.

use thiserror::Error;

use crate::diagnostic::{Cause, did_you_mean};

/// What can be wrong with rules of dosing.
#[derive(Debug, Error)]
pub enum ModifyError {
    /// A key of another action.
    #[error("`{key}` does not belong to `{then}`")]
    NotItsKey {
        /// The key.
        key: &'static str,
        /// What the rule does, as written.
        then: String,
    },
    /// A dose that cannot be compared with the arms'.
    #[error("`{dose}` is not a dose of the kind of arm `{arm}`")]
    OtherKind {
        /// The dose as written.
        dose: String,
        /// The arm that it differs from.
        arm: String,
    },
    /// Levels that do not increase.
    #[error("level `{level}` is not above the level before it")]
    NotIncreasing {
        /// The level as written.
        level: String,
    },
    /// First and last dose in the wrong order, or outside the planned doses.
    #[error("`cycles` goes from {from} to {to}, and there are {doses} planned doses")]
    Cycles {
        /// First dose.
        from: i64,
        /// Last dose.
        to: i64,
        /// Number of planned doses.
        doses: usize,
    },
    /// A wait that ends before it may.
    #[error("`at_most` is {at_most}, shorter than the delay of {at_least}")]
    TooShort {
        /// The longest wait.
        at_most: String,
        /// The shortest.
        at_least: String,
    },
    /// An arm that a change would move the wrong way.
    #[error("arm `{arm}` already lies beyond `{key}`, `{limit}`")]
    ArmBeyond {
        /// The arm.
        arm: String,
        /// `floor` or `ceiling`.
        key: &'static str,
        /// The limit as written.
        limit: String,
    },
    /// A drug that is not given.
    #[error("there is no drug `{name}`")]
    UnknownDrug {
        /// What was written.
        name: String,
        /// The drugs.
        known: Vec<String>,
    },
    /// A dose at which nothing is seen.
    #[error("dose {number}, at {time}, is not a visit, and this rule is looked at when a dose is due")]
    DoseWithoutVisit {
        /// Number of the dose, 1 the first.
        number: usize,
        /// Its planned time.
        time: String,
    },
}

impl Cause for ModifyError {
    fn help(&self) -> Option<String> {
        match self {
            Self::NotItsKey { key, .. } => Some(format!(
                "it belongs to {}",
                match *key {
                    "at" => "stop",
                    "until" | "at_most" => "hold and delay",
                    "made_up" => "skip",
                    "doses" => "give",
                    "drug" => "all but give, which says its drug itself",
                    "floor" => "reduce",
                    "ceiling" => "escalate",
                    _ => "reduce and escalate",
                }
            )),
            Self::OtherKind { .. } => {
                Some("write all of them as mass or as amount of substance, per the same body size".into())
            }
            Self::NotIncreasing { .. } => Some("write levels in increasing order, each once".into()),
            Self::Cycles { .. } => Some("write the first and the last dose, 1 the first".into()),
            Self::TooShort { .. } => Some("allow a longer wait, counted from when the dose was due".into()),
            Self::ArmBeyond { .. } => {
                Some("choose another limit, or write `beyond = \"stop\"` to end treatment there".into())
            }
            Self::UnknownDrug { name, known } if !known.is_empty() => Some(
                did_you_mean(name, known.iter().map(String::as_str))
                    .unwrap_or_else(|| format!("the drugs are {}", known.join(", "))),
            ),
            Self::UnknownDrug { .. } => Some("leave out `drug`: there is only one".into()),
            Self::DoseWithoutVisit { time, .. } => Some(format!(
                "add \"{time}\" to `times` in [visits], or choose an `every` there that divides it"
            )),
        }
    }
}
