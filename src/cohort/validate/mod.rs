//! From the tables as written to a cohort with nothing left to decide.

mod correlation;
mod distribution;
mod endpoints;
mod general;
mod population;
mod schedule;

use std::path::Path;
use std::sync::Arc;

use super::raw::CohortFile;
use super::report::{Report, Section};
use super::{Cohort, Eligibility, Grades};

pub use correlation::CorrelationError;
pub use distribution::DistributionError;
pub use endpoints::EndpointError;
pub(super) use general::missing_files;
pub use general::{FileError, GeneralError};
pub use population::PopulationError;
pub use schedule::ScheduleError;

/// Draws per patient before a run stops, unless the file says another number.
const MAX_ATTEMPTS: u32 = 1_000;

/// Checks every table; `None` if something that the others build on is wrong or missing.
pub(super) fn validate(file: &CohortFile, folder: &Path, report: &mut Report) -> Option<Cohort> {
    let root = Section::new("", &(0..0));
    let name = report.required("name", &file.name, &root).cloned();
    let name = name.map(|name| general::name(&name, report));
    let model = report.required("model", &file.model, &root).cloned();
    let model = model.and_then(|model| general::path("model", &model, folder, report));
    let patients = report.required("patients", &file.patients, &root).cloned();
    let patients = patients.and_then(|patients| general::patients(&patients, report));
    let seed = general::seed(file.seed.as_ref(), report);
    let population = population::check(file.population.as_ref(), folder, report);
    let eligibility = eligibility(file, report);
    let parameters = general::parameters(file.parameters.as_ref(), report);
    let regimen = report.required("regimen", &file.regimen, &root);
    let regimen = regimen.and_then(|table| schedule::regimen(table, report));
    if let Some(regimen) = &regimen {
        schedule::body_size(&regimen.regimen, &population, report);
    }
    let visits = schedule::visits(file.visits.as_ref(), regimen.as_ref(), report);
    let endpoints = endpoints::check(file.endpoints.as_ref(), visits.as_ref(), report);
    let solver = general::solver(file.solver.as_ref(), report);
    let trajectories = file.output.as_ref().and_then(|table| table.trajectories.as_ref());
    let trajectories = trajectories.map(|table| schedule::trajectories(table, visits.as_ref(), report));
    Some(Cohort {
        source: Arc::clone(report.source),
        name: name?,
        description: file.description.clone(),
        model: model?,
        patients: patients?,
        seed: seed?,
        population,
        eligibility,
        parameters,
        regimen: regimen?.regimen,
        visits: visits?,
        endpoints,
        solver: solver?,
        trajectories: trajectories.flatten(),
        grades: Grades::default(),
        dlt: None,
        events: Vec::new(),
        response: None,
        subgroups: Vec::new(),
        exposure_response: Vec::new(),
        write_doses: None,
    })
}

fn eligibility(file: &CohortFile, report: &mut Report) -> Eligibility {
    let Some(table) = &file.eligibility else {
        return Eligibility { require: Vec::new(), max_attempts: MAX_ATTEMPTS };
    };
    let require = table.require.iter().flatten().map(|text| report.unquoted(text)).collect();
    let most = table.max_attempts.as_ref().and_then(|n| report.count("max_attempts", n, [1, u32::MAX]));
    Eligibility { require, max_attempts: most.unwrap_or(MAX_ATTEMPTS) }
}
