//! A finished run as its folder has it.

use std::path::Path;

use crate::diagnostic::Problems;
use crate::job::{Changes, Job};
use crate::store::{FinishedRun, Keeps, Manifest};

/// What is said of a finished run, and the job that its copies of the input files make; every byte of its files is
/// looked at.
///
/// # Errors
/// No finished run, or a damaged one; input files that this version does not take.
pub fn opened(path: &Path) -> Result<(Manifest, Job), Problems> {
    let FinishedRun { identity, manifest } = FinishedRun::open(path, &[])?;
    let cohort = manifest.inputs.iter().find(|input| input.role == "cohort");
    let cohort = cohort.map_or("cohort.toml", |input| input.file.as_str());
    let changes = Changes {
        scenario: identity.scenario.clone(),
        patients: Some(identity.patients),
        seed: Some(identity.seed),
        no_outcomes: identity.kept == Keeps::Statistics,
        isa: identity.solver.level.parse().ok(),
        ..Changes::default()
    };
    let job = Job::load(&path.join("inputs").join(cohort), &changes)?;
    Ok((manifest, job))
}
