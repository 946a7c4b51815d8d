//! Covariates that a model takes as changing over time, and a cohort holds constant.

use thiserror::Error;

use super::Sampler;
use crate::cohort::Cohort;
use crate::diagnostic::{Cause, Notice};
use crate::model::{Model, OverTime};

/// A covariate is held constant.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConstantNotice {
    /// The model file says that it changes.
    #[error("`{name}` is one number for each patient, where the model says \"{words}\"")]
    Said {
        /// The covariate.
        name: String,
        /// The words of the model file.
        words: String,
    },
    /// By its name it numbers occasions.
    #[error("`{name}` is one number for each patient: by its name it numbers occasions")]
    Occasion {
        /// The covariate.
        name: String,
    },
}

impl Cause for ConstantNotice {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Said { name, .. } => {
                format!("every patient keeps the `{name}` of time 0 for the whole run")
            }
            Self::Occasion { name } => {
                format!(
                    "every patient stays in the occasion of time 0: what depends on `{name}` never changes"
                )
            }
        })
    }
}

/// What the model says changes over time, and the cohort holds constant.
pub(crate) fn notices(cohort: &Cohort, model: &Model, sampler: &Sampler) -> Vec<Notice> {
    let constant = model.covariates.iter().filter_map(|covariate| {
        let name = covariate.name.clone();
        // At each record of a data set it is what that says.
        let is_of_data = sampler.data().is_some_and(|data| data.covariates().any(|known| known == name));
        let place = sampler.covariates().filter(|_| !is_of_data).find(|(known, _)| *known == name)?.1;
        let cause = match covariate.over_time.as_ref()? {
            OverTime::Said(words) => ConstantNotice::Said { name, words: words.clone() },
            OverTime::Occasion => ConstantNotice::Occasion { name },
        };
        Some(Notice::warning(&cause, Some(cohort.place(place))))
    });
    constant.collect()
}
