//! From the tables as written to a cohort with nothing left to decide.

mod arms;
mod columns;
mod compare;
mod correlation;
mod data;
mod dlt;
mod doses;
mod drugs;
mod endpoints;
mod errors;
mod escalation;
mod events;
mod general;
mod grades;
mod grading;
mod modify;
mod output;
mod population;
mod regimen;
mod response;
mod schedule;
mod summaries;

use std::path::Path;
use std::sync::Arc;

use super::raw::CohortFile;
use super::report::{Report, Section};
use super::{ALL_OF_DATA, Cohort, Eligibility, Grades, Population, Regimen, Solver, Visits};

pub use columns::ColumnError;
pub(super) use compare::across_scenarios;
pub use data::DataError;
pub use dlt::DltError;
pub(in crate::cohort) use errors::MAX_TIMES;
pub use errors::{
    CompareTableError, CorrelationError, CovariateError, DosingError, EndpointError, GradesError,
    ModifyError, ScheduleError,
};
pub use events::EventError;
pub(super) use general::missing_files;
pub(crate) use general::text;
pub use general::{FileError, GeneralError, SolverNotice};
pub use response::ResponseError;
pub use summaries::SummaryError;

/// Draws per patient before a run stops, unless the file says another number.
const MAX_ATTEMPTS: u32 = 1_000;

/// Checks every table. Where something is wrong with the file, what is missing has a stand-in, so that expressions
/// can be checked against the model; `None` if not everything that they may name is known.
pub(super) fn validate(file: &CohortFile, folder: &Path, report: &mut Report) -> Option<Cohort> {
    let root = Section::new("", &(0..0));
    let name = report.required("name", &file.name, &root).cloned();
    let name = name.map(|name| general::name(&name, report));
    let model = report.required("model", &file.model, &root).cloned();
    let model = model.and_then(|model| general::path("model", &model, folder, report));
    let data = data::check(file, folder, report);
    let is_of_data = file.data.is_some();
    let patients =
        if is_of_data { None } else { report.required("patients", &file.patients, &root).cloned() };
    let patients = patients.and_then(|patients| general::patients(&patients, report));
    let seed = general::seed(file.seed.as_ref(), report);
    let mut population = population::check(file.population.as_ref(), folder, report);
    let eligibility = eligibility(file, report);
    let parameters = general::parameters(file.parameters.as_ref(), report);
    let (regimen, visits) = match is_of_data {
        true => (Some(Regimen::nothing()), Some(Visits::of_data())),
        false => regimen(file, report),
    };
    let visits_seen = visits.as_ref();
    let times = if is_of_data { endpoints::Times::OfData } else { endpoints::Times::OfRun(visits_seen) };
    let endpoints = endpoints::check(file.endpoints.as_ref(), times, report);
    let grades = grades::check(file.grades.as_ref(), folder, visits_seen, report);
    let dlt = file.dlt.as_ref().and_then(|table| dlt::check(table, visits_seen, report));
    let events = events::check(file.events.as_ref(), report);
    let response = file.response.as_ref().and_then(|table| response::check(table, visits_seen, report));
    let makers = columns::Makers {
        endpoints: &endpoints,
        grades: &grades,
        dlt: dlt.as_ref(),
        events: &events,
        response: response.as_ref(),
        drugs: regimen.as_ref().map_or(&[], |regimen| &regimen.drugs),
        population: &population,
    };
    columns::check(&makers, report);
    let subgroups = summaries::subgroups(file.subgroups.as_ref(), &population, report);
    let exposure_response = summaries::exposure_response(file.exposure_response.as_ref(), report);
    let scenarios = file.scenarios.iter().flat_map(|scenarios| &scenarios.0);
    general::scenario_names(scenarios.map(|(name, _)| name), report);
    let uncertainty = file.uncertainty.as_ref().and_then(|table| compare::uncertainty(table, report));
    let known = compare::Known {
        scenarios: file.scenarios.as_ref(),
        doses: regimen.as_ref().map(|regimen| modify::ArmDoses::of(regimen, None)).unwrap_or_default(),
    };
    if let (Some(table), Some(arm)) = (&file.compare, regimen.as_ref().and_then(Regimen::without_one_dose)) {
        report.add(&table.span, DosingError::NoDoseToCompare { arm: arm.value.clone() });
    }
    let compare = file.compare.as_ref().and_then(|table| compare::check(table, &known, report));
    let escalation = escalation::check(file.trial.as_ref(), &known.doses, report);
    let solver = general::solver(file.solver.as_ref(), report);
    let trajectories = file.output.as_ref().and_then(|table| table.trajectories.as_ref());
    let trajectories = trajectories.map(|table| schedule::trajectories(table, visits_seen, report));
    let output = file.output.as_ref().map(|table| output::check(table, report)).unwrap_or_default();
    let is_wrong = !report.problems.is_empty();
    if let (None, Some(rows)) = (patients, &mut population.rows) {
        rows.unused_rows = true; // How many are meant is not known.
    }
    let parts = Parts {
        population: &population,
        grades: &grades,
        has_dlt: dlt.is_some(),
        events: events.len(),
        has_response: response.is_some(),
    };
    if is_wrong && (report.incomplete || !parts.are_all_of(file)) {
        return None;
    }
    Some(Cohort {
        source: Arc::clone(report.source),
        scenario: None,
        name: name.or_else(|| is_wrong.then(String::new))?,
        description: file.description.clone(),
        model: model?,
        // Those of a data set are counted when it is read.
        patients: patients.or(is_of_data.then_some(ALL_OF_DATA)).or_else(|| is_wrong.then_some(1))?,
        seed: seed.or_else(|| is_wrong.then_some(1))?,
        random_effects: file.random_effects.unwrap_or(true),
        population,
        eligibility,
        parameters,
        data,
        regimen: regimen.or_else(|| is_wrong.then(Regimen::nothing))?,
        visits: visits.or_else(|| is_wrong.then(Visits::default))?,
        endpoints,
        solver: solver.or_else(|| is_wrong.then(Solver::default))?,
        trajectories: trajectories.flatten(),
        grades,
        dlt,
        events,
        response,
        subgroups,
        exposure_response,
        write_doses: file.output.as_ref().and_then(|table| table.doses),
        output,
        uncertainty,
        compare,
        escalation,
        notices: std::mem::take(&mut report.notices),
    })
}

/// What a file defines that expressions may name, as far as it is right.
struct Parts<'a> {
    population: &'a Population,
    grades: &'a Grades,
    has_dlt: bool,
    events: usize,
    has_response: bool,
}

impl Parts<'_> {
    /// Whether nothing of the file is left out.
    fn are_all_of(&self, file: &CohortFile) -> bool {
        let population = file.population.as_ref();
        let covariates = population.map_or(0, |table| table.covariates.0.len());
        let derived = population.and_then(|table| table.derived.as_ref()).map_or(0, |table| table.0.len());
        let rows = population.is_some_and(|table| table.rows.is_some());
        let grades = file.grades.as_ref().map(|table| &table.value);
        let terms = grades.and_then(|table| table.terms.as_ref()).map_or(0, |terms| terms.0.len());
        let events = file.events.as_ref().map_or(0, |events| events.0.len());
        [covariates, derived, terms, events]
            == [
                self.population.covariates.len(),
                self.population.derived.len(),
                self.grades.terms.len(),
                self.events,
            ]
            && [rows, file.dlt.is_some(), file.response.is_some()]
                == [self.population.rows.is_some(), self.has_dlt, self.has_response]
    }
}

/// The regimen with its rules, and the visits at which they are looked at.
fn regimen(file: &CohortFile, report: &mut Report) -> (Option<Regimen>, Option<Visits>) {
    let checked = regimen::regimen(file, report);
    let visits = schedule::visits(file.visits.as_ref(), checked.as_ref(), report);
    let mut regimen = checked.map(|checked| checked.regimen);
    if let (Some(table), Some(regimen)) = (&file.regimen, &mut regimen) {
        modify::check(&table.value, file.drugs.as_ref(), regimen, visits.as_ref(), report);
    }
    (regimen, visits)
}

fn eligibility(file: &CohortFile, report: &mut Report) -> Eligibility {
    let Some(table) = &file.eligibility else {
        return Eligibility { require: Vec::new(), max_attempts: MAX_ATTEMPTS };
    };
    let require = table.require.iter().flatten().map(|text| report.unquoted(text)).collect();
    let most = table.max_attempts.as_ref().and_then(|n| report.count("max_attempts", n, [1, u32::MAX]));
    Eligibility { require, max_attempts: most.unwrap_or(MAX_ATTEMPTS) }
}
