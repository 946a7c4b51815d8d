//! Names that meet in one run: covariates, the words of expressions, the model's names, and columns.

use std::collections::HashMap;

use thiserror::Error;

use crate::cohort::{Cohort, columns};
use crate::diagnostic::{Cause, Problem};
use crate::model::{Model, words};
use crate::plan;
use crate::population::Sampler;

/// What can be wrong with a name.
#[derive(Debug, Error)]
pub enum NameError {
    /// A covariate that is called as something else.
    #[error("a covariate cannot be called `{name}`: that is {meaning}")]
    Taken {
        /// The name.
        name: String,
        /// What it means already.
        meaning: &'static str,
    },
    /// Two columns of the patients that SQL takes for one.
    #[error("the columns `{first}` and `{second}` differ only by case, which SQL does not tell apart")]
    Case {
        /// The column.
        first: String,
        /// The other.
        second: String,
    },
    /// A subgroup and a covariate of one column.
    #[error("two columns would be called `{name}`")]
    Twice {
        /// The column.
        name: String,
    },
}

impl Cause for NameError {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Taken { .. } => {
                "call it otherwise; of a file with such a column, name those to take: `columns = [...]`"
                    .into()
            }
            Self::Twice { .. } => "call one of them otherwise".into(),
            Self::Case { .. } => {
                "call one of them otherwise; of a file with both, name those to take: `columns = [...]`"
                    .into()
            }
        })
    }
}

/// What is wrong with the names of covariates and subgroups.
pub(super) fn check(cohort: &Cohort, model: &Model, sampler: &Sampler) -> Vec<Problem> {
    let mut problems = Vec::new();
    let covariates = sampler.covariates();
    for (name, span) in covariates.clone() {
        let is_given = sampler.data().is_some_and(|data| {
            data.given_parameters().iter().any(|p| p == name) || data.is_effect_of_occasions(name)
        });
        if is_given {
            continue;
        }
        if let Some(meaning) = meaning(name, model).or_else(|| of_data(name, sampler)) {
            let cause = NameError::Taken { name: name.into(), meaning };
            problems.push(Problem::at(cause, cohort.place(span)));
        }
    }
    let covariates = covariates.map(|(name, span)| (name.to_owned(), span));
    let subgroups = cohort.subgroups.iter().map(|subgroup| &subgroup.name.span);
    let subgroups = sampler.subgroups().map(|(_, column, _)| column).zip(subgroups);
    let mut seen: HashMap<String, String> = HashMap::new();
    for (second, span) in covariates.chain(subgroups) {
        if let Some(first) = seen.insert(second.to_lowercase(), second.clone()) {
            let cause = if first == second {
                NameError::Twice { name: first }
            } else {
                NameError::Case { first, second }
            };
            problems.push(Problem::at(cause, cohort.place(span)));
        }
    }
    problems
}

/// What a name means beside a data set.
fn of_data(name: &str, sampler: &Sampler) -> Option<&'static str> {
    let is_own = [columns::ID, columns::REPLICATE].iter().any(|own| own.eq_ignore_ascii_case(name));
    sampler.data().filter(|_| is_own).map(|_| "a column that vpop writes itself")
}

/// What a name means already, if it means something.
fn meaning(name: &str, model: &Model) -> Option<&'static str> {
    // What the model calls so cannot be called otherwise.
    let is_of_model = model.covariates.iter().any(|covariate| covariate.name == name);
    let is_column = if is_of_model { columns::is_of_patients(name) } else { columns::is_own(name) };
    let of_columns = is_column.then_some("a column that vpop writes itself");
    of_columns
        .or_else(|| words::meaning(name))
        .or_else(|| plan::meaning(name))
        .or_else(|| of_model(name, model))
}

fn of_model(name: &str, model: &Model) -> Option<&'static str> {
    if model.variables.iter().any(|variable| variable.name == name) {
        Some("assigned in the model")
    } else if model.states.iter().any(|state| state.name == name) {
        Some("a state of the model")
    } else if model.parameters.iter().any(|parameter| parameter.name == name) {
        Some("a parameter of the model")
    } else {
        model.effect_names().any(|effect| effect == name).then_some("a random effect of the model")
    }
}
