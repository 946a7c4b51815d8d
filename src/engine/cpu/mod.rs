//! The CPU engine: many patients at once, in f64, or in f32 to tell rounding from faults.
//!
//! Expressions become a list of instructions (`compile`) that work on one value for each lane
//! (`program`), or machine code (`machine`) that does the same; each lane integrates one patient with its own steps (`explicit`, or `rosenbrock` where the
//! plan is stiff; `closed_form` where the solution is known), walks through the patient's doses and visits, and takes
//! the next patient when it is done (`lanes`).
//! Operations act on each lane alone, so a patient's result is the same to the last bit whatever
//! its neighbours, the number of threads or the size of a batch.

mod accumulators;
mod assemble;
mod attempt;
mod closed_form;
pub(crate) mod columns;
pub(crate) mod compile;
mod control;
mod curve;
mod explicit;
mod lanes;
mod machine;
mod math;
mod method;
mod number;
mod observation;
mod program;
mod queue;
mod real;
mod rosenbrock;
mod routine;
mod subjects;
mod system;
mod visit;
mod within;
mod work;

use std::sync::OnceLock;

use rayon::prelude::*;

use crate::plan::{Method, Plan};

use super::method::Tableau;
use super::otherwise::{by_method_alone, other_method};
use super::program::Program;
use super::{Engine, EngineError, Individuals, Processor, Solution, Status, sparse_lu};
pub use crate::isa::{Isa, IsaError};
use lanes::Part;
use program::{LANES, TILE};
pub use real::Precision;
use system::System;

/// Items solved by one thread in one go: enough that lanes are rarely idle at the end.
const MOST_ITEMS: usize = 2048;
const LEAST_ITEMS: usize = 4 * LANES;
/// The same where threads would be idle otherwise: as many lanes as machine code takes together at most, whose time is
/// that of one.
const FEWEST_ITEMS: usize = 2 * TILE;

/// Patients solved at a time: enough to keep every lane busy, few enough to stay in megabytes.
const BATCH_PATIENTS: u64 = 4_096;

/// The CPU engine for one plan.
#[derive(Debug)]
pub struct Cpu {
    system: Compiled,
    isa: Isa,
    method: Method,
    arms: usize,
    accumulators: usize,
    otherwise: Option<Otherwise>,
}

/// The engine by the plan's [other method](other_method). Made once there is somebody to be solved by it.
#[derive(Debug)]
struct Otherwise {
    program: Program,
    method: Method,
    ended: Status,
    cpu: OnceLock<Box<Cpu>>,
}

/// What it takes to solve a patient in an arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// How it ended.
    pub status: Status,
    /// Attempted steps.
    pub steps: u32,
    /// What is computed at starts and after jumps besides, each as much [work](Cpu::work) as a step.
    pub starts: u32,
}

/// A plan compiled for numbers of either precision.
#[derive(Debug)]
enum Compiled {
    F64(System<f64>),
    F32(System<f32>),
}

/// The program of a plan, if what it computes fits the registers of the engine.
///
/// # Errors
/// The plan needs more than 65,536 of them: their indices have 16 bits. Every expression takes at most one; the states
/// and their vectors are besides them.
pub fn fitting(plan: &Plan) -> Result<Program, EngineError> {
    const MOST: usize = program::Register::MAX as usize;
    /// States before and after a step, derivatives, stages, right-hand side: of the method with the most.
    const VECTORS: usize = 16;
    let states = plan.states.len();
    let others = VECTORS * states + plan.accumulators.len() + plan.observed.len();
    // A factorisation that is too large by itself is not even written down. That of few states is not, were it full.
    let may_be_large = Tableau::of(plan.method).is_implicit() && states.pow(3) / 3 > MOST;
    let factorised = if may_be_large { sparse_lu::size(plan) } else { 0 };
    let checked = |values: usize| {
        if values > MOST { Err(EngineError::TooManyValues { values, most: MOST }) } else { Ok(()) }
    };
    checked(others + factorised)?;
    let program = Program::new(plan);
    checked(others + program.lowered().graph.len())?;
    Ok(program)
}

impl Cpu {
    /// Compiles a plan for this processor, in f64.
    ///
    /// # Panics
    /// As [`Program::new`].
    pub fn new(program: impl Into<Program>, isa: Isa) -> Self {
        Self::with_precision(program, isa, Precision::F64)
    }

    /// Compiles a plan for this processor. Individual values and doses are computed in f64 whatever
    /// the precision, and rounded when a patient enters a lane.
    ///
    /// # Panics
    /// As [`Program::new`].
    pub fn with_precision(program: impl Into<Program>, isa: Isa, precision: Precision) -> Self {
        let program = program.into();
        let plan = program.plan();
        let system = match precision {
            Precision::F64 => Compiled::F64(System::new(&program, isa)),
            Precision::F32 => Compiled::F32(System::new(&program, isa)),
        };
        let otherwise = other_method(plan).map(|(method, ended)| {
            let program = program.clone();
            Otherwise { program, method, ended, cpu: OnceLock::new() }
        });
        let (method, arms, accumulators) = (plan.method, plan.arms.len(), plan.accumulators.len());
        Self { system, isa, method, arms, accumulators, otherwise }
    }

    /// The work of an attempted step of one patient in one arm, counted in products with their sums.
    pub fn work(&self) -> f64 {
        match &self.system {
            Compiled::F64(system) => system.work(),
            Compiled::F32(system) => system.work(),
        }
    }

    /// The work of reading one patient in one arm at a time within a step.
    pub(crate) fn work_of_reading(&self) -> f64 {
        match &self.system {
            Compiled::F64(system) => system.work_of_reading(),
            Compiled::F32(system) => system.work_of_reading(),
        }
    }

    /// Gives up patient-arms after so many attempts from now on.
    pub(crate) fn limit(&mut self, attempts: u32) {
        match &mut self.system {
            Compiled::F64(system) => system.max_steps = attempts,
            Compiled::F32(system) => system.max_steps = attempts,
        }
    }

    /// What it integrates in.
    pub fn precision(&self) -> Precision {
        match self.system {
            Compiled::F64(_) => Precision::F64,
            Compiled::F32(_) => Precision::F32,
        }
    }
}

impl Engine for Cpu {
    fn name(&self) -> String {
        match self.precision() {
            Precision::F64 => format!("cpu {}", self.isa),
            precision @ Precision::F32 => format!("cpu {precision} {}", self.isa),
        }
    }

    fn rtol(&self) -> f64 {
        match &self.system {
            Compiled::F64(system) => system.method.rtol,
            Compiled::F32(system) => system.method.rtol,
        }
    }

    fn batch_patients(&self) -> u64 {
        BATCH_PATIENTS
    }

    fn solve_in(&self, individuals: &Individuals, spent: Solution) -> Result<Solution, EngineError> {
        // The parts take as much before they are joined, and solving them takes far longer than new memory.
        drop(spent);
        let solution = self.join(self.parts(individuals));
        let Some(Otherwise { program, method, ended, cpu }) = &self.otherwise else { return Ok(solution) };
        let other = || {
            let plan = by_method_alone(program.plan(), *method);
            Box::new(Self::with_precision(&plan, self.isa, self.precision()))
        };
        solution.mended(
            individuals,
            |status| status == *ended,
            |patients| cpu.get_or_init(other).solve(patients),
        )
    }
}

impl Cpu {
    /// Solves patients by the plan's own method alone, some at a time.
    fn parts(&self, individuals: &Individuals) -> Vec<Part> {
        let patients = patients_at_a_time(individuals.count, self.arms.max(1), rayon::current_num_threads());
        (0..individuals.count)
            .step_by(patients)
            .collect::<Vec<_>>()
            .into_par_iter()
            .map(|first| {
                let last = (first + patients).min(individuals.count);
                match &self.system {
                    Compiled::F64(system) => lanes::solve(system, self.isa, individuals, first..last),
                    Compiled::F32(system) => lanes::solve(system, self.isa, individuals, first..last),
                }
            })
            .collect()
    }

    /// What it takes to solve patients by the plan's own method alone, item by item.
    pub fn attempts(&self, individuals: &Individuals) -> Vec<Attempts> {
        let of_item = |part: &Part, item: usize| Attempts {
            status: part.status[item],
            steps: part.steps[item] + part.rejected[item],
            starts: part.starts[item],
        };
        let parts = self.parts(individuals);
        parts.iter().flat_map(|part| (0..part.status.len()).map(|item| of_item(part, item))).collect()
    }

    /// The results of all parts, each of which is freed once it is taken over.
    fn join(&self, parts: Vec<Part>) -> Solution {
        let processor = match self.precision() {
            Precision::F64 => Processor::Cpu,
            Precision::F32 => Processor::CpuF32,
        };
        let items = parts.iter().map(|part| part.status.len()).sum();
        let mut solution = Solution::default().emptied(self.accumulators, items);
        let all = |of: fn(&Part) -> usize| parts.iter().map(of).sum();
        solution.trajectories.reserve_exact(all(|part| part.recorded.courses.len()));
        solution.doses.reserve_exact(all(|part| part.recorded.doses.len()));
        solution.solved_by.resize(items, processor);
        solution.methods.resize(items, self.method);
        for Part { recorded, status, steps, rejected, .. } in parts {
            for (position, values) in solution.accumulators.iter_mut().enumerate() {
                values.extend(recorded.values.iter().skip(position).step_by(self.accumulators));
            }
            solution.status.extend(status);
            solution.steps.extend(steps);
            solution.rejected.extend(rejected);
            solution.trajectories.extend(recorded.courses);
            solution.doses.extend(recorded.doses);
            solution.endings.extend(recorded.endings);
            solution.drug_endings.extend(recorded.drug_endings);
            solution.not_finite.extend(recorded.not_finite);
        }
        solution
    }
}

/// Patients that one thread solves in one go. Parts are of one size: as many for each thread where there are more of them,
/// else one for each, of no fewer than [`FEWEST_ITEMS`] where patients can be divided so.
fn patients_at_a_time(patients: usize, arms: usize, threads: usize) -> usize {
    let items = patients * arms;
    let size = items.div_ceil(4 * threads).clamp(LEAST_ITEMS, MOST_ITEMS);
    let parts = match items.div_ceil(size) {
        parts if parts > threads => parts.next_multiple_of(threads),
        _ => threads.min(items.div_ceil(FEWEST_ITEMS)).max(1),
    };
    patients.div_ceil(parts).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_share_patients() {
        // Patients, arms and threads, and how many patients are solved by one in one go.
        for (patients, arms, threads, expected) in [
            (0, 5, 2, 1),
            (1, 5, 2, 1),
            (12, 5, 2, 6),
            (12, 5, 16, 3),
            (64, 5, 2, 32),
            (513, 1, 2, 129),
            (1_025, 1, 4, 129),
            (100, 1, 1, 100),
            (1_000, 5, 2, 125),
            (4_096, 5, 2, 410),
            (4_096, 5, 16, 64),
            (10, 5_000, 16, 1),
        ] {
            let found = patients_at_a_time(patients, arms, threads);
            assert_eq!(found, expected, "{patients} patients, {arms} arms, {threads} threads");
        }
    }
}
