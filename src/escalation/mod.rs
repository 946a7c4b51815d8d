//! Virtual dose escalations: which dose would a phase I trial have declared?
//!
//! Candidates ([`candidates`]) are the patients of a run with what happened to each at every dose, or come from
//! assumed probabilities. A trial ([`conduct`]) draws them in the order in which they arrive and treats them as
//! its [`design`] says. Trials of one number draw the same patients, who arrive on the same days, under every
//! design; what many of them come to are a design's operating [`characteristics`].

mod accrual;
pub mod candidates;
pub mod characteristics;
pub mod conduct;
pub mod design;
pub mod doses;
pub mod error;
pub mod evaluability;
pub mod foresee;
pub mod manifest;
pub mod paths;
pub mod question;
pub mod results;
pub mod run;
pub mod settings;
mod tables;

use rayon::prelude::*;

use accrual::Arrivals;
use candidates::Candidates;
use conduct::{Conducted, Replicate};
use settings::Planned;

use crate::cohort::Accrual;
use crate::population::stream::Stream;

/// Trials that are conducted before what they came to is added up and written.
const BATCH: u64 = 4_096;

/// Trials to conduct.
#[derive(Debug, Clone, Copy)]
pub struct Trials<'a, C> {
    /// Whom they enrol.
    pub candidates: &'a C,
    /// How many doses there are.
    pub doses: usize,
    /// How many causes of toxicity are counted.
    pub causes: usize,
    /// How patients come.
    pub accrual: Accrual,
    /// Seed of every draw.
    pub seed: u64,
    /// How many trials.
    pub replicates: u64,
}

impl<C: Candidates> Trials<'_, C> {
    /// Conducts all trials by one design, in parallel, and gives them to `each` in order, some at a time, with
    /// the number of the first.
    ///
    /// # Errors
    /// What `each` fails with.
    pub fn conduct<E>(
        &self,
        planned: &Planned,
        mut each: impl FnMut(u64, &[Conducted]) -> Result<(), E>,
    ) -> Result<(), E> {
        let patients = Stream::new(self.seed, "trial:patients");
        let arrivals = Stream::new(self.seed, "trial:arrivals");
        let trial = |replicate: u64| {
            let arrivals = Arrivals::new(self.accrual, arrivals.patient(replicate));
            let replicate =
                Replicate::new(self.candidates, self.causes, patients.patient(replicate), arrivals);
            replicate.conduct(&*planned.design, planned.limits, self.doses)
        };
        let mut first = 0;
        while first < self.replicates {
            let end = self.replicates.min(first + BATCH);
            let conducted: Vec<Conducted> = (first..end).into_par_iter().map(trial).collect();
            each(first, &conducted)?;
            first = end;
        }
        Ok(())
    }
}
