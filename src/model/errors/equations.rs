//! Errors of the `model` block.

use thiserror::Error;

use crate::diagnostic::{Cause, did_you_mean};

/// An equation, or the block as a whole, is wrong.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum EquationError {
    /// A name that is assigned only further down.
    #[error("`{name}` is used before it is assigned")]
    UsedBeforeAssignment {
        /// The name.
        name: String,
    },
    /// A first assignment that reads its own name.
    #[error("`{name}` is used in its own first assignment")]
    UsesItself {
        /// The name.
        name: String,
    },
    /// A name that is nowhere defined, where `covariateData` lists all covariates.
    #[error("`{name}` is neither assigned, nor in `ini`, nor in `covariateData`")]
    Undeclared {
        /// The name.
        name: String,
        /// Names that could stand here.
        known: Vec<String>,
    },
    /// A name that rxode2 knows and the language leaves out.
    #[error("`{name}` of rxode2 is not supported")]
    UnsupportedName {
        /// The name.
        name: String,
        /// What to write in its place.
        instead: &'static str,
    },
    /// A derivative that is read before it is given.
    #[error("`d/dt({state})` is used before it is given")]
    DerivativeNotGiven {
        /// The state.
        state: String,
    },
    /// An assignment to a name that is something else already.
    #[error("`{name}` is {what} and cannot be assigned")]
    Taken {
        /// The name.
        name: String,
        /// What it is.
        what: &'static str,
    },
    /// An assignment to a name with a meaning of its own.
    #[error("`{name}` has a meaning of its own and cannot be assigned")]
    Reserved {
        /// The name.
        name: String,
    },
    /// The left side of an assignment cannot be assigned.
    #[error("this cannot be assigned")]
    NotATarget,
    /// A property of a state that has no equation.
    #[error("`{written}` is given, but there is no `d/dt({state})`")]
    NoSuchState {
        /// The property.
        written: String,
        /// The state.
        state: String,
        /// States with an equation.
        known: Vec<String>,
    },
    /// A second equation or property for one state.
    #[error("`{written}` is given twice")]
    Duplicate {
        /// What is given twice.
        written: String,
    },
    /// A value in one branch of an `if` only.
    #[error("`{written}` has a value in one branch of this `if` only")]
    OneBranch {
        /// What is assigned.
        written: String,
    },
    /// A property that must be known before integration begins.
    #[error("`{written}` depends on {on}, but must be known before the patient is integrated")]
    Dynamic {
        /// The property.
        written: String,
        /// A state, or time.
        on: String,
    },
    /// Both `rate(state)` and `dur(state)`.
    #[error("`{state}` has both a rate and a duration")]
    RateAndDuration {
        /// The state.
        state: String,
    },
    /// `linCmt()` without what says its compartments.
    #[error("`linCmt()` does not find {missing}")]
    LinearParameters {
        /// What it needs.
        missing: String,
    },
    /// A statement that assigns nothing.
    #[error("this statement does nothing")]
    WithoutEffect,
    /// A residual line whose left side is not a value of the model.
    #[error("`{name}` has a residual error but no value")]
    ResidualName {
        /// The name.
        name: String,
        /// Names with a value.
        known: Vec<String>,
    },
    /// A residual line whose left side is not a name.
    #[error("the left side of `~` must be one name")]
    ResidualLeft,
    /// A relative error that nobody means.
    #[error("`{name}` is {value}: an error of {} % of the prediction", 100.0 * value)]
    LargeResidual {
        /// The parameter.
        name: String,
        /// Its value.
        value: f64,
    },
    /// A residual-error model that is left out.
    #[error("the residual error `{found}` is not supported")]
    ResidualModel {
        /// What was written.
        found: String,
    },
    /// A distribution with other parameters than it has.
    #[error("`{found}` takes {takes} numbers, not {given}")]
    FamilyArguments {
        /// What was written.
        found: String,
        /// How many it takes.
        takes: String,
        /// How many there are.
        given: usize,
    },
    /// Categories in a form that is none.
    #[error("these are no probabilities of categories")]
    ResidualCategories,
    /// What says the shape or the scale of an error, and nothing its size.
    #[error("`{found}` says how an error is distributed, and nothing how large it is")]
    ResidualSize {
        /// What was written.
        found: String,
    },
    /// Error models that cannot be summed.
    #[error("`{found}` cannot be combined with the other terms")]
    ResidualCombination {
        /// The term.
        found: String,
    },
    /// A second residual line for one name.
    #[error("`{name}` has two residual lines")]
    SecondResidual {
        /// The name.
        name: String,
    },
    /// A residual line in an `if`.
    #[error("a residual line cannot depend on a condition")]
    ConditionalResidual,
    /// A fixed effect that nothing uses.
    #[error("parameter `{name}` is never used")]
    UnusedParameter {
        /// The parameter.
        name: String,
    },
    /// A random effect that nothing uses.
    #[error("random effect `{name}` is never used")]
    UnusedEffect {
        /// The random effect.
        name: String,
    },
}

impl Cause for EquationError {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::UsedBeforeAssignment { .. } => {
                "assignments run from top to bottom: move it above this line".into()
            }
            Self::UsesItself { name } => {
                format!("give `{name}` a value first, or use another name on the right")
            }
            Self::Undeclared { name, known } => did_you_mean(name, known.iter().map(String::as_str))
                .unwrap_or_else(|| {
                    format!("if it is a covariate, add it to `covariateData`: `{name} = list(...)`")
                }),
            Self::UnsupportedName { instead, .. } => (*instead).into(),
            Self::DerivativeNotGiven { state } => format!("move the line of `d/dt({state})` above this one"),
            Self::Taken { .. } | Self::Reserved { .. } => "assign to another name".into(),
            Self::NotATarget => {
                "on the left stands a name, `d/dt(x)`, `x(0)`, `f(x)`, `alag(x)`, `rate(x)` or `dur(x)`"
                    .into()
            }
            Self::NoSuchState { state, known, .. } => did_you_mean(state, known.iter().map(String::as_str))
                .unwrap_or_else(|| format!("write `d/dt({state}) <- ...`, or remove this line")),
            Self::Duplicate { .. } => "keep one; sum the terms if both are meant".into(),
            Self::OneBranch { .. } => "give it a value before the `if`, or in both branches".into(),
            Self::Dynamic { .. } => "use parameters, random effects and covariates only".into(),
            Self::RateAndDuration { .. } => "keep one of the two".into(),
            Self::LinearParameters { .. } => {
                "name its parameters as rxode2 does: `cl`, `v`, `q`, `vp`, `ka`; or `k`, `k12`, `k21`, `v`; or `alpha`, \
                 `beta`, `A`, `B`; or those that are meant in the call, as `linCmt(cl, v)`; or write the compartments out"
                    .into()
            }
            Self::WithoutEffect => {
                "assign it to a name; if it continues the line above, end that line with its operator".into()
            }
            Self::ResidualName { name, known } => did_you_mean(name, known.iter().map(String::as_str))
                .unwrap_or_else(|| format!("assign `{name}` above this line")),
            Self::ResidualLeft => "write `Cc ~ prop(propSd) + add(addSd)`".into(),
            Self::LargeResidual { value, .. } => {
                format!("for {value} % write {}; if so much is meant, write fix({value})", value / 100.0)
            }
            Self::FamilyArguments { .. } => "the parameters are those of R's `r` functions, non-central ones left out".into(),
            Self::ResidualCategories => {
                "write `y ~ c(p1, p2)`, or `y ~ c(p0 = 0, p1 = 1, 2)` with the number of each category".into()
            }
            Self::ResidualSize { .. } => "add its standard deviation, as `add(a) + t(nu)`".into(),
            Self::ResidualModel { .. } | Self::ResidualCombination { .. } => {
                "write `add(a)`, `prop(b)`, `add(a) + prop(b)`, `lnorm(c)`, or one distribution alone, as `pois(lambda)`"
                    .into()
            }
            Self::SecondResidual { .. } => "keep one of the two".into(),
            Self::ConditionalResidual => {
                "move it out of the `if`, and make its standard deviation depend on it".into()
            }
            Self::UnusedParameter { .. } => "use it in the `model` block or remove it from `ini`".into(),
            Self::UnusedEffect { name } => {
                format!("add it to its parameter, as in `cl <- exp(lcl + {name})`, or remove it from `ini`")
            }
        })
    }
}
