//! The CPU engine: f64, many patients at once.
//!
//! Expressions become a list of instructions (`compile`) that work on one value for each lane
//! (`program`); each lane integrates one patient with its own steps (`tsit5`), walks through
//! the patient's doses and visits, and takes the next patient when it is done (`lanes`).
//! Operations act on each lane alone, so a patient's result is the same to the last bit whatever
//! its neighbours, the number of threads or the size of a batch.

pub(crate) mod columns;
pub(crate) mod compile;
mod dispatch;
mod lanes;
mod math;
mod program;
mod system;
pub(crate) mod tsit5;
pub(crate) mod tsit5_tableau;
mod visit;

use rayon::prelude::*;

use crate::plan::Plan;

use super::{Engine, EngineError, Individuals, Processor, Solution};
pub use dispatch::{Level, LevelError};
use lanes::Part;
use program::LANES;
use system::System;

/// Items solved by one thread in one go: enough that lanes are rarely idle at the end.
const MOST_ITEMS: usize = 2048;
const LEAST_ITEMS: usize = 4 * LANES;

/// Patients solved at a time: enough to keep every lane busy, few enough to stay in megabytes.
const BATCH_PATIENTS: u64 = 4_096;

/// The CPU engine for one plan.
#[derive(Debug)]
pub struct Cpu {
    system: System,
    level: Level,
    accumulators: usize,
}

impl Cpu {
    /// Compiles a plan for this processor.
    ///
    /// # Panics
    /// If an expression over states uses a covariate or random effect other than through a slot,
    /// which no checked plan does.
    pub fn new(plan: &Plan, level: Level) -> Self {
        Self { system: System::new(plan), level, accumulators: plan.accumulators.len() }
    }
}

impl Engine for Cpu {
    fn name(&self) -> String {
        format!("cpu {}", self.level)
    }

    fn rtol(&self) -> f64 {
        self.system.method.rtol
    }

    fn batch_patients(&self) -> u64 {
        BATCH_PATIENTS
    }

    fn solve(&self, individuals: &Individuals) -> Result<Solution, EngineError> {
        let arms = self.system.doses.arms.len().max(1);
        let share = (individuals.count * arms).div_ceil(4 * rayon::current_num_threads());
        let patients = share.clamp(LEAST_ITEMS, MOST_ITEMS).div_ceil(arms);
        let parts: Vec<Part> = (0..individuals.count)
            .step_by(patients)
            .collect::<Vec<_>>()
            .into_par_iter()
            .map(|first| {
                let last = (first + patients).min(individuals.count);
                lanes::solve(&self.system, self.level, individuals, first..last)
            })
            .collect();
        Ok(self.join(&parts))
    }
}

impl Cpu {
    fn join(&self, parts: &[Part]) -> Solution {
        let width = self.accumulators;
        Solution {
            accumulators: (0..width)
                .map(|a| {
                    parts.iter().flat_map(|part| part.values.iter().skip(a).step_by(width)).copied().collect()
                })
                .collect(),
            status: parts.iter().flat_map(|part| &part.status).copied().collect(),
            steps: parts.iter().flat_map(|part| &part.steps).copied().collect(),
            rejected: parts.iter().flat_map(|part| &part.rejected).copied().collect(),
            trajectories: parts.iter().flat_map(|part| &part.courses).copied().collect(),
            solved_by: vec![Processor::Cpu; parts.iter().map(|part| part.status.len()).sum()],
        }
    }
}
