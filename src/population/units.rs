//! Units of covariates: the cohort file gives a covariate in one, the model may take it in another.
//!
//! Expressions of the cohort file mean covariates as that file gives them. The model, and what is written of a
//! patient, has them in the model's unit. Where only one of the two says a unit, it is that of both.

use crate::cohort::{Cohort, Derived, Spanned};
use crate::model::Model;
use crate::model::expression::{self, Whole};
use crate::unit::{Conversion, Unit, molar_mass};

use super::error::PopulationError;
use super::functions;

/// The unit in which the cohort file gives a covariate; `None` if it does not say.
pub(crate) fn given(cohort: &Cohort, name: &str) -> Option<Unit> {
    let population = &cohort.population;
    if let Some(derived) = population.derived.iter().find(|derived| derived.name.value == name) {
        return stated(derived.unit.as_deref()).or_else(|| of_expression(cohort, &derived.expression));
    }
    of_data(cohort, name)
}

/// The same of a covariate that is not computed.
fn of_data(cohort: &Cohort, name: &str) -> Option<Unit> {
    let population = &cohort.population;
    let drawn = population.covariates.iter().find(|drawn| drawn.name.value == name);
    let of_rows = population.rows.iter().flat_map(|rows| &rows.units);
    let of_rows = of_rows.chain(cohort.data.iter().flat_map(|data| &data.units));
    let of_row = of_rows.into_iter().find(|(column, _)| column.value == name);
    stated(drawn.and_then(|drawn| drawn.unit.as_deref()).or(of_row.map(|(_, unit)| unit.value.as_str())))
}

fn stated(unit: Option<&str>) -> Option<Unit> {
    unit.filter(|unit| !unit.trim().is_empty()).map(Unit::parse)
}

/// The unit of an expression over covariates, where it is one covariate or one function of covariates.
fn of_expression(cohort: &Cohort, expression: &Spanned<String>) -> Option<Unit> {
    match expression::whole(&expression.value)? {
        Whole::Name(name) => of_data(cohort, &name),
        Whole::Call(function) => functions::unit(&function),
    }
}

/// How the value of a computed covariate becomes what its `unit` says.
///
/// # Errors
/// Units of two kinds.
pub(super) fn of_value(cohort: &Cohort, derived: &Derived) -> Result<Conversion, PopulationError> {
    match (of_expression(cohort, &derived.expression), stated(derived.unit.as_deref())) {
        (Some(value), Some(unit)) => {
            let name = &derived.name.value;
            between(&value, &unit, name).ok_or_else(|| PopulationError::DerivedUnit {
                name: name.clone(),
                value: value.to_string(),
                unit: unit.to_string(),
            })
        }
        _ => Ok(Conversion::NONE),
    }
}

/// The unit in which the model takes a covariate; `None` if it does not say.
pub(crate) fn taken(model: &Model, name: &str) -> Option<Unit> {
    let covariate = model.covariates.iter().find(|covariate| covariate.name == name)?;
    stated(covariate.unit.as_deref())
}

/// The unit of a covariate in expressions of the cohort file.
pub(crate) fn known(cohort: &Cohort, model: &Model, name: &str) -> Option<Unit> {
    given(cohort, name).or_else(|| taken(model, name))
}

/// How a covariate as the cohort file gives it becomes what the model takes.
///
/// # Errors
/// Units of two kinds.
pub(crate) fn to_model(cohort: &Cohort, model: &Model, name: &str) -> Result<Conversion, PopulationError> {
    match (given(cohort, name), taken(model, name)) {
        (Some(given), Some(taken)) => {
            between(&given, &taken, name).ok_or_else(|| PopulationError::ModelUnit {
                name: name.into(),
                given: given.to_string(),
                taken: taken.to_string(),
            })
        }
        _ => Ok(Conversion::NONE),
    }
}

/// How a number in one unit becomes one in another, of something by its name. `None` if they are of two kinds;
/// of words that are not known nothing is said, and the number stays.
pub(crate) fn between(given: &Unit, taken: &Unit, name: &str) -> Option<Conversion> {
    let by_molar_mass = || given.to_by_molar_mass(taken, molar_mass(name)?);
    let unknown = || (!given.is_known() || !taken.is_known()).then_some(Conversion::NONE);
    given.to(taken).or_else(by_molar_mass).or_else(unknown)
}
