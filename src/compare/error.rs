//! What cannot be compared.

use thiserror::Error;

use super::scenario::Scenario;
use crate::diagnostic::{Cause, Problems, did_you_mean};
use crate::store::Keeps;

/// Why scenarios cannot be compared.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum CompareError {
    /// A file without scenarios.
    #[error("{file} has no scenarios to compare")]
    NoScenarios {
        /// The file.
        file: String,
    },
    /// A scenario of the command line that is not compared.
    #[error("no scenario `{name}` is compared")]
    Unknown {
        /// The name.
        name: String,
        /// What can be done.
        hint: String,
    },
    /// A scenario with the name that stands for the file itself.
    #[error("a scenario of {file} is called `base`, the name of the file without its scenarios")]
    NameOfFile {
        /// The file.
        file: String,
    },
    /// A scenario that does not keep what is compared.
    #[error("scenario `{scenario}` does not keep all outcomes of its patients, which are compared")]
    NotKept {
        /// The scenario.
        scenario: String,
    },
    /// Doses of two units.
    #[error("arms of scenario `{scenario}` are in {unit}, those of `{other}` in {other_unit}")]
    Units {
        /// A scenario.
        scenario: String,
        /// Unit of one of its arms.
        unit: String,
        /// The first scenario.
        other: String,
        /// Unit of its first arm.
        other_unit: String,
    },
    /// An arm that has no one dose.
    #[error("arm `{arm}` of scenario `{scenario}` has no one dose, over which comparisons are drawn")]
    NotOneDose {
        /// The arm.
        arm: String,
        /// Its scenario.
        scenario: String,
    },
    /// A dose that is none of the arms'.
    #[error("`{dose}` is not a dose of the kind of arm `{arm}` of scenario `{scenario}`")]
    OtherKind {
        /// The dose as written.
        dose: String,
        /// An arm.
        arm: String,
        /// Its scenario.
        scenario: String,
    },
    /// A reference tumour that may leave the trial before its endpoint is read.
    #[error("the patient of scenario `{scenario}` may leave the trial, and `{endpoint}` ends there")]
    ReferenceMayLeave {
        /// The scenario.
        scenario: String,
        /// The endpoint of the static dose.
        endpoint: String,
    },
    /// A parameter that cannot be lognormal.
    #[error("`{name}` is {value} in scenario `{scenario}`, and what has a `cv` is above 0")]
    NotPositive {
        /// The parameter.
        name: String,
        /// Its typical value.
        value: f64,
        /// The scenario.
        scenario: String,
    },
}

impl CompareError {
    pub(super) fn unknown(name: &str, known: &[&String]) -> Self {
        let hint = did_you_mean(name, known.iter().map(|name| name.as_str())).unwrap_or_else(|| {
            let known: Vec<&str> = known.iter().map(|name| name.as_str()).collect();
            format!("scenarios that are compared: {}", known.join(", "))
        });
        Self::Unknown { name: name.into(), hint }
    }
}

impl Cause for CompareError {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::NoScenarios { .. } => "add [scenarios.NAME] with what it changes".into(),
            Self::Unknown { hint, .. } => hint.clone(),
            Self::NameOfFile { .. } => "give the scenario another name".into(),
            Self::NotKept { .. } => "leave `outcomes` and `columns` out of [output]".into(),
            Self::Units { .. } | Self::OtherKind { .. } => "write all doses in one unit".into(),
            Self::ReferenceMayLeave { .. } => {
                "write `without = [\"events\"]` in the scenario, or `after_leaving = \"follow\"` in the endpoint".into()
            }
            Self::NotOneDose { .. } => "give every arm one drug in one amount".into(),
            Self::NotPositive { .. } => "write `log_cv` if it is a logarithm".into(),
        })
    }
}

/// Checks that every scenario keeps the outcomes of its patients.
pub(super) fn all_kept(scenarios: &[Scenario]) -> Result<(), CompareError> {
    let not = scenarios.iter().find(|scenario| scenario.job.kept() != Keeps::Rows);
    not.map_or(Ok(()), |scenario| Err(CompareError::NotKept { scenario: scenario.name.clone() }))
}

/// Checks that every arm has one dose, and that all are of one unit.
pub(super) fn dose_units(scenarios: &[Scenario]) -> Result<(), Problems> {
    let mut arms =
        scenarios.iter().flat_map(|scenario| scenario.job.plan.arms.iter().map(move |arm| (scenario, arm)));
    if let Some((scenario, arm)) = arms.clone().find(|(_, arm)| arm.dose.is_nan()) {
        let (arm, scenario) = (arm.label.clone(), scenario.name.clone());
        return Err(CompareError::NotOneDose { arm, scenario }.into());
    }
    let Some((first, arm)) = arms.next() else { return Ok(()) };
    let other = arms.find(|(_, other)| other.unit != arm.unit);
    let error = other.map(|(scenario, other)| CompareError::Units {
        scenario: scenario.name.clone(),
        unit: other.unit.clone(),
        other: first.name.clone(),
        other_unit: arm.unit.clone(),
    });
    error.map_or(Ok(()), |error| Err(error.into()))
}
