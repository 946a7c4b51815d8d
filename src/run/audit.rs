//! The audit of a run: which patients, and what was found.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::thread;

use super::Settings;
use super::batches::Batch;
use crate::engine::audit::{Check, Comparison, Reference, Sample, Terms, names};
use crate::engine::cpu::Isa;
use crate::engine::{Engine, EngineError, Individuals, Processor, Solution};
use crate::job::Job;
use crate::outcome::audit::{Differences, Summary};
use crate::plan::Plan;
use crate::store::{self, Part, Set, StoreError};

/// Solves samples of the patients again.
pub(super) struct Audit {
    checks: Vec<Checked>,
    arms: usize,
}

/// One check: its patients, and what they are held against.
struct Checked {
    check: Check,
    sample: Sample,
    /// Made while others begin to draw and solve patients.
    against: Arc<Against>,
}

/// What a check holds patients against: made once, by who needs it first.
struct Against {
    check: Check,
    plan: Arc<Plan>,
    rtol: f64,
    isa: Isa,
    sampled: u64,
    terms: OnceLock<Terms>,
    reference: OnceLock<Reference>,
}

impl Against {
    fn terms(&self) -> Terms {
        *self.terms.get_or_init(|| self.check.terms(&self.plan, self.rtol))
    }

    fn reference(&self) -> &Reference {
        self.reference.get_or_init(|| Reference::new(&self.plan, self.isa, self.terms(), self.sampled))
    }
}

impl Checked {
    /// Has the reference made by a thread of its own.
    fn new(sample: Sample, against: Against) -> Self {
        let (check, against) = (against.check, Arc::new(against));
        let making = Arc::clone(&against);
        // Where there can be no such thread, who needs it first makes it.
        let _ = thread::Builder::new().spawn(move || {
            making.reference();
        });
        Self { check, sample, against }
    }
}

impl Audit {
    pub(super) fn new(job: &Job, settings: &Settings, engine: &dyn Engine) -> Self {
        let Job { cohort, plan, .. } = job;
        let (arms, rtol, isa) = (plan.arms.len(), engine.rtol(), settings.isa);
        let plan = Arc::new(plan.clone());
        let checked = |&check: &Check| {
            let sample = check.sample(cohort.patients, arms, cohort.seed);
            let (plan, sampled) = (Arc::clone(&plan), sample.count());
            let (terms, reference) = Default::default();
            Checked::new(sample, Against { check, plan, rtol, isa, sampled, terms, reference })
        };
        Self { checks: settings.checks.iter().map(checked).collect(), arms }
    }

    /// What each check holds the run against.
    pub(super) fn terms(&self) -> Vec<Terms> {
        self.checks.iter().map(|checked| checked.against.terms()).collect()
    }

    /// Whether some of a part's patients are in a sample.
    pub(super) fn covers(&self, part: &Part) -> bool {
        let of_part = |checked: &Checked| checked.sample.within(part.patients.clone()).next().is_some();
        self.checks.iter().any(of_part)
    }

    /// Compares the batch's patients in the samples, by patient; `None` if there are no such patients.
    pub(super) fn compare(
        &self,
        batch: &Batch,
        individuals: &Individuals,
        solution: &Solution,
    ) -> Result<Option<Vec<Comparison>>, EngineError> {
        let first = batch.patients.start;
        let sampled = |sample: &Sample| -> Vec<usize> {
            sample.within(batch.patients.clone()).map(|patient| (patient - first) as usize).collect()
        };
        let is_sampled = self.checks.iter().any(|checked| !sampled(&checked.sample).is_empty());
        let comparisons = self.compare_those(first, individuals, solution, sampled)?;
        Ok(is_sampled.then_some(comparisons))
    }

    /// Compares the first so many patients of a batch in every check, whoever is in its sample.
    pub(super) fn compare_first(
        &self,
        patients: usize,
        first: u64,
        individuals: &Individuals,
        solution: &Solution,
    ) -> Result<Vec<Comparison>, EngineError> {
        self.compare_those(first, individuals, solution, |_| (0..patients).collect())
    }

    /// Patients in its samples, all together.
    pub(super) fn patients(&self) -> u64 {
        self.checks.iter().map(|checked| checked.sample.count()).sum()
    }

    fn compare_those(
        &self,
        first: u64,
        individuals: &Individuals,
        solution: &Solution,
        patients: impl Fn(&Sample) -> Vec<usize>,
    ) -> Result<Vec<Comparison>, EngineError> {
        let mut comparisons = Vec::new();
        for checked in &self.checks {
            let Checked { check, sample, .. } = checked;
            let patients = patients(sample);
            let items = patients.iter().flat_map(|patient| patient * self.arms..(patient + 1) * self.arms);
            let items: Vec<usize> = items.filter(|&item| is_of(*check, solution, item)).collect();
            if !items.is_empty() {
                comparisons.extend(checked.against.reference().compare(
                    individuals,
                    first,
                    solution,
                    &items,
                )?);
            }
        }
        // In an order that does not depend on what is a batch.
        let place = |of: &Comparison| (of.item / self.arms.max(1), of.check, of.item, of.endpoint);
        comparisons.sort_by_key(place);
        Ok(comparisons)
    }
}

/// Whether an item is looked at: what the reference engine itself solved needs no comparison with it.
fn is_of(check: Check, solution: &Solution, item: usize) -> bool {
    check == Check::Integration || solution.solved_by[item] != Processor::Cpu
}

/// What the audit found, from the parts of its set: those of an earlier, interrupted process
/// included.
pub(super) fn summaries(job: &Job, terms: &[Terms], run: &Path) -> Result<Vec<Summary>, StoreError> {
    let Job { plan, .. } = job;
    let arms: Vec<&str> = plan.arms.iter().map(|arm| arm.label.as_str()).collect();
    let mut checks: Vec<(Check, Differences)> =
        terms.iter().map(|&terms| (terms.check, Differences::new(plan, terms))).collect();
    let files = store::part_files(run, Set::Audit)?;
    store::comparisons(&files, &arms, &names(plan), |comparison| {
        let of_it = checks.iter_mut().find(|(check, _)| *check == comparison.check);
        of_it.into_iter().for_each(|(_, differences)| differences.add(comparison));
    })?;
    Ok(checks.into_iter().map(|(_, differences)| differences.summary()).collect())
}
