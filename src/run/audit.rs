//! The audit of a run: which patients, and what was found.

use super::Settings;
use super::parts::{Batch, Part, parts, patients};
use crate::engine::audit::{Comparison, Reference, Sample, names};
use crate::engine::{EngineError, Individuals, Processor, Solution};
use crate::job::Job;
use crate::outcome::audit::{Differences, Summary};
use crate::store::{self, RunFolder, Set, StoreError};

/// Solves a sample of the patients again.
pub(super) struct Audit {
    reference: Reference,
    sample: Sample,
    arms: usize,
}

impl Audit {
    pub(super) fn new(job: &Job, settings: &Settings) -> Self {
        let patients = patients(&parts(job.cohort.patients, settings.shard));
        let arms = job.plan.arms.len();
        Self {
            reference: Reference::new(&job.plan, settings.level),
            sample: Sample::new(patients, arms, job.cohort.seed),
            arms,
        }
    }

    /// Whether some of a part's patients are in the sample.
    pub(super) fn covers(&self, part: &Part) -> bool {
        self.sample.within(part.positions()).next().is_some()
    }

    /// Compares what another engine than the reference solved of the batch's patients in the sample; `None` if there are no
    /// such patients.
    pub(super) fn compare(
        &self,
        batch: &Batch,
        individuals: &Individuals,
        solution: &Solution,
    ) -> Result<Option<Vec<Comparison>>, EngineError> {
        let positions = batch.positions();
        let sampled = self.sample.within(positions.clone()).map(|p| (p - positions.start) as usize);
        let sampled: Vec<usize> = sampled.collect();
        if sampled.is_empty() {
            return Ok(None);
        }
        let items = sampled.iter().flat_map(|patient| patient * self.arms..(patient + 1) * self.arms);
        // What the reference engine itself solved needs no audit.
        let items: Vec<usize> = items.filter(|&item| solution.solved_by[item] != Processor::Cpu).collect();
        self.reference.compare(individuals, solution, &items).map(Some)
    }
}

/// What the audit found, from the parts of its set: those of an earlier, interrupted process
/// included.
pub(super) fn summary(job: &Job, folder: &RunFolder) -> Result<Summary, StoreError> {
    let arms: Vec<&str> = job.plan.arms.iter().map(|arm| arm.label.as_str()).collect();
    let endpoints = names(&job.plan);
    let mut differences = Differences::new(&job.plan);
    let files = store::part_files(folder.path(), Set::Audit)?;
    store::comparisons(&files, &arms, &endpoints, |comparison| differences.add(comparison))?;
    Ok(differences.summary())
}
