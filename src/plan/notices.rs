//! What is to be known of the units of a cohort file and its model.

use thiserror::Error;

use crate::cohort::{Cohort, Spanned};
use crate::diagnostic::{Cause, Notice};
use crate::model::Model;
use crate::population::units;
use crate::unit::{Conversion, Unit};

/// Units between a cohort file and its model that do not hinder a run.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum UnitNotice {
    /// A covariate that the model takes in another unit.
    #[error(
        "covariate `{name}` is given in {given}, and converted to {taken} for the model and in `patients/`"
    )]
    Converted {
        /// The covariate.
        name: String,
        /// Unit in the cohort file.
        given: String,
        /// Unit in the model file.
        taken: String,
    },
    /// A dose into a state that is in another unit.
    #[error("doses in {dosing} go into `{state}`, which is in {unit}, and the model has no `f({state})`")]
    DoseIntoState {
        /// The state.
        state: String,
        /// Its unit.
        unit: String,
        /// The model's dosing unit.
        dosing: String,
    },
    /// Units of a covariate that are not known.
    #[error(
        "covariate `{name}` is in `{given}`, and the model takes it in `{taken}`: it is not known whether these are the same"
    )]
    UnknownUnit {
        /// The covariate.
        name: String,
        /// Unit in the cohort file.
        given: String,
        /// Unit in the model file.
        taken: String,
    },
}

impl Cause for UnitNotice {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Converted { .. } => return None,
            Self::DoseIntoState { state, unit, dosing } => {
                format!(
                    "convert in the model, `f({state}) <- ...` in {unit} per {dosing}, or correct its units"
                )
            }
            Self::UnknownUnit { taken, .. } => {
                format!("its values are taken as they are; write `unit = \"{taken}\"` if they are right")
            }
        })
    }
}

/// What is to be known of the units of a cohort file and its model.
pub(crate) fn unit_notices(cohort: &Cohort, model: &Model) -> Vec<Notice> {
    let mut found = Vec::new();
    let dosing = Unit::parse(&model.metadata.dosing_unit);
    let mut dosed: Vec<&Spanned<String>> = Vec::new();
    for name in cohort.regimen.courses().flat_map(|course| &course.into) {
        if !dosed.iter().any(|known| known.value == name.value) {
            dosed.push(name);
        }
    }
    for name in dosed {
        let Some(state) = model.states.iter().find(|state| state.name == name.value) else { continue };
        let is_said = !model.inferred.iter().any(|(inferred, _)| *inferred == state.name);
        let unit = state.unit.as_deref().filter(|_| is_said).and_then(Unit::known);
        let converts = model.graph.as_constant(state.bioavailability) != Some(1.0);
        if let Some(unit) =
            unit.filter(|unit| !converts && dosing.is_known() && dosing.to(unit) != Some(Conversion::NONE))
        {
            let warning = UnitNotice::DoseIntoState {
                state: state.name.clone(),
                unit: unit.to_string(),
                dosing: dosing.to_string(),
            };
            found.push(Notice::warning(&warning, Some(cohort.place(&name.span))));
        }
    }
    found
        .extend(model.covariates.iter().filter_map(|covariate| of_covariate(cohort, model, &covariate.name)));
    found
}

fn of_covariate(cohort: &Cohort, model: &Model, name: &str) -> Option<Notice> {
    let (given, taken) = (units::given(cohort, name)?, units::taken(model, name)?);
    let drawn = cohort.population.covariates.iter().map(|drawn| &drawn.name);
    let derived = cohort.population.derived.iter().map(|derived| &derived.name);
    let span = drawn.chain(derived).find(|known| known.value == *name).map(|known| &known.span);
    let place = Some(cohort.place(span.unwrap_or(&cohort.model.span)));
    let is_unknown = given.to(&taken).is_none() && !(given.is_known() && taken.is_known());
    let is_converted = units::to_model(cohort, model, name).is_ok_and(|conversion| !conversion.is_none());
    let (name, given, taken) = (name.to_owned(), given.to_string(), taken.to_string());
    if is_unknown {
        return Some(Notice::warning(&UnitNotice::UnknownUnit { name, given, taken }, place));
    }
    is_converted.then(|| Notice::note(&UnitNotice::Converted { name, given, taken }, place))
}
