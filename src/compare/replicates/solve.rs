//! The same patients under each replicate's typical values, in memory.

use std::ops::Range;

use crate::cohort::{CovariateDistribution, Drawn, Spanned};
use crate::compare::Settings;
use crate::diagnostic::Problems;
use crate::engine::Engine;
use crate::job::Job;
use crate::outcome::rows;
use crate::population::Patients;
use crate::table::Table;

/// The job of a scenario in which uncertain fixed effects, by position and name, are covariates: an engine is
/// then compiled once for all replicates.
pub(super) fn uncertain_job(job: &Job, uncertain: &[(usize, &str)]) -> Result<Job, Problems> {
    let covariates: Vec<(usize, String)> =
        uncertain.iter().map(|(position, name)| (*position, format!("typical value of {name}"))).collect();
    let mut cohort = job.cohort.clone();
    cohort.trajectories = None;
    cohort.population.covariates.extend(covariates.iter().map(|(position, name)| Drawn {
        name: Spanned { value: name.clone(), span: 0..0 },
        distribution: CovariateDistribution::fixed(job.plan.parameters[*position]),
        unit: None,
        description: None,
        between: None,
    }));
    Job::new(cohort, job.model.with_covariates(&covariates))
}

/// Solves the first `patients` of a job of [`uncertain_job`] under the typical values of each replicate,
/// `[replicate][parameter]`. `take` is given the number of a replicate and the outcomes of its patients, in order
/// and in as many tables as there are batches; `progress`, how many patients of how many are solved.
///
/// # Errors
/// Patients that cannot be drawn, an engine that fails, and [`Stopped`](crate::stop::Stopped).
pub(super) fn replicate(
    job: &Job,
    engine: &dyn Engine,
    settings: &Settings,
    patients: u64,
    values: &[Vec<f64>],
    progress: &mut dyn FnMut(u64, u64),
    take: &mut dyn FnMut(usize, &[Table]),
) -> Result<(), Problems> {
    let (mut done, all) = (0, patients * values.len() as u64);
    let batches = batches(patients, engine.batch_patients()).map(|range| job.sampler.sample(range));
    let batches = batches.collect::<Result<Vec<Patients>, _>>()?;
    for (number, values) in values.iter().enumerate() {
        let mut tables = Vec::with_capacity(batches.len());
        for drawn in &batches {
            settings.stop.check(|| format!("finished runs are in `{}`", settings.output.display()))?;
            let individuals = job.values(&mut with_values(job, drawn, values), settings.isa)?;
            let solution = engine.solve(&individuals)?;
            tables.push(rows::outcomes(&job.plan, drawn.first, drawn.count, &solution, None));
            done += drawn.count as u64;
            progress(done, all);
        }
        take(number, &tables);
    }
    Ok(())
}

/// The patients with other typical values, which are the last of the model's covariates.
fn with_values(job: &Job, drawn: &Patients, values: &[f64]) -> Patients {
    let mut patients = drawn.clone();
    let first = job.model.covariates.len() - values.len();
    for (column, &value) in patients.covariates[first..].iter_mut().zip(values) {
        column.fill(value);
    }
    patients
}

fn batches(patients: u64, size: u64) -> impl Iterator<Item = Range<u64>> {
    let size = size.max(1);
    (0..patients).step_by(size as usize).map(move |first| first..patients.min(first + size))
}
