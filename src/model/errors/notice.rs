//! What a user should know of a model file that nothing is wrong with.

use thiserror::Error;

use super::list;
use crate::diagnostic::{Cause, did_you_mean};

/// Something was taken or left out.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ModelNotice {
    /// R that describes nothing a model needs.
    #[error("this stands {place} and is not read")]
    NotRead {
        /// Where it stands.
        place: &'static str,
    },
    /// `units` does not say a unit that can be used, and another is assumed.
    #[error("`units` does not say the unit of {which}: it is taken to be {taken}")]
    AssumedUnit {
        /// `time` or `dosing`.
        which: &'static str,
        /// What is assumed.
        taken: String,
    },
    /// `units` says a unit of time that is none, and another is assumed.
    #[error("`{found}` is no unit of time that a model can use: time is taken to be in {taken}")]
    NoTime {
        /// What was written.
        found: String,
        /// What is assumed.
        taken: String,
    },
    /// One name of the metadata twice.
    #[error("`{name}` is given twice: the {taken} one counts, as in R")]
    Twice {
        /// The name.
        name: String,
        /// `last` or `first`.
        taken: &'static str,
    },
    /// Metadata that has another form than is usual.
    #[error("`{name}` is not {expected}: it is kept as it is written")]
    Form {
        /// What it is.
        name: String,
        /// What is usual.
        expected: &'static str,
    },
    /// An entry about a name that the model does not have.
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
    /// A field that is nearly one that would be used.
    #[error("`{list}` has no field `{field}`")]
    Field {
        /// The list.
        list: String,
        /// The field.
        field: String,
        /// The field that was perhaps meant.
        near: String,
    },
    /// Names that nothing assigns, in a file without `covariateData`.
    #[error("taken as covariates, for nothing assigns them: {}", list(names))]
    Covariates {
        /// The names.
        names: Vec<String>,
    },
    /// Effects that differ between occasions.
    #[error("{} {} drawn anew for each occasion, by `{column}`", list(effects), if effects.len() == 1 { "is" } else { "are" })]
    Occasions {
        /// The random effects.
        effects: Vec<String>,
        /// The column of a data set that numbers occasions.
        column: String,
    },
    /// A covariate that differs from another name by case alone.
    #[error("the covariate `{name}` and `{other}` differ only by case: they are two names, as in R")]
    Case {
        /// The covariate.
        name: String,
        /// The other name.
        other: String,
    },
    /// Divisions and the like that are guarded, because the cohort asks for it.
    #[error(
        "{operations} divisions, logarithms and powers are guarded against 0; `{name}` is 1 where one of them acts"
    )]
    Guarded {
        /// How many.
        operations: usize,
        /// The variable.
        name: String,
    },
    /// A state whose doses come through `transit()`.
    #[error("doses into `{state}` enter through `transit()` alone: `f({state})` is taken to be 0")]
    Transit {
        /// The state.
        state: String,
    },
    /// How covariates go on between two records.
    #[error("`{name}()` says how covariates go on between two records of a data set, and is not read")]
    Interpolation {
        /// The function.
        name: String,
    },
    /// A residual line of a distribution that is left out.
    #[error("observations of `{name}` by `{distribution}` are not simulated")]
    Unsimulated {
        /// The name.
        name: String,
        /// The distribution.
        distribution: String,
    },
    /// A name that has no value where no branch gives it one.
    #[error("`{name}` has a value in one branch of this `if` only")]
    OneBranch {
        /// The name.
        name: String,
    },
}

impl Cause for ModelNotice {
    fn help(&self) -> Option<String> {
        match self {
            Self::NotRead { .. } | Self::Form { .. } => None,
            Self::Transit { state } => Some(format!("write `f({state}) <- 0`, or what is to enter at once")),
            Self::Interpolation { .. } => {
                Some(r#"a cohort file says it: `covariates = "locf"`, "nocb" or "linear" in [data]"#.into())
            }
            Self::Occasions { .. } => Some("a patient without occasions has one, and each of these effects once".into()),
            Self::AssumedUnit { .. } | Self::NoTime { .. } => Some(
                r#"if that is not so, write `units <- list(time = "day", dosing = "mg", concentration = "mg/L")`"#
                    .into(),
            ),
            Self::Guarded { name, .. } => {
                Some(format!("the endpoint `{name}` is 1 of whom it concerned, so that its mean is their share"))
            }
            Self::Case { other, .. } => Some(format!("if `{other}` is meant, write it so")),
            Self::Twice { .. } => Some("keep one of the two".into()),
            Self::NotInModel { name, known, .. } => did_you_mean(name, known.iter().map(String::as_str)),
            Self::Field { near, .. } => Some(near.clone()),
            Self::Covariates { .. } => {
                Some("the cohort must give them; if one is mistyped, correct it".into())
            }
            Self::Unsimulated { .. } => Some(
                "what the line is made of can be read, as its mean; an endpoint with `observe = \"with_error\"` cannot"
                    .into(),
            ),
            Self::OneBranch { .. } => Some(
                "a patient who needs it where the condition does not hold fails: give it a value before the `if`"
                    .into(),
            ),
        }
    }
}
