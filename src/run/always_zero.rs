//! Endpoints that nothing of a dose reaches.

use crate::cohort::{Arm, Endpoint};
use crate::job::Job;
use crate::outcome::distribution::Lookup;
use crate::table::Table;

/// Statistics that are 0 only where all values are, of what is never negative.
const OF_SIZE: [&str; 3] = ["max", "mean", "auc"];

/// The largest values, averages and areas of states and variables that are 0 in every patient of every arm with a dose.
pub(super) fn endpoints(job: &Job, distributions: &Table) -> Vec<String> {
    let Job { cohort, model, .. } = job;
    let is_dosed = |arm: &&Arm| arm.courses.iter().any(|course| !course.is_nothing());
    let arms: Vec<&Arm> = cohort.regimen.arms.iter().filter(is_dosed).collect();
    if arms.is_empty() || job.sampler.data().is_some() {
        return Vec::new();
    }
    let lookup = Lookup::new(distributions);
    let names: Vec<&str> = model
        .states
        .iter()
        .map(|state| state.name.as_str())
        .chain(model.variables.iter().map(|variable| variable.name.as_str()))
        .collect();
    let is_zero = |endpoint: &str| {
        arms.iter().all(|arm| {
            let value = |statistic| lookup.value(&arm.label.value, endpoint, statistic);
            // One patient has no standard deviation.
            value("mean") == 0.0 && (value("sd") == 0.0 || value("sd").is_nan())
        })
    };
    let of_size = |endpoint: &&Endpoint| {
        OF_SIZE.contains(&endpoint.statistic.kind.name) && names.contains(&endpoint.of.value.trim())
    };
    let endpoints = cohort.endpoints.iter().filter(of_size).map(|endpoint| &endpoint.name.value);
    endpoints.filter(|name| is_zero(name)).cloned().collect()
}
