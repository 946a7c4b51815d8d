//! Engines: they integrate every patient in every arm of a [`Plan`](crate::plan::Plan).

mod again;
pub mod audit;
pub mod between;
mod components;
pub mod cpu;
pub(crate) mod curve;
mod error;
pub(crate) mod fault;
#[cfg(feature = "gpu")]
pub mod gpu;
mod individuals;
mod instant;
mod itinerary;
mod landing;
pub(crate) mod method;
mod otherwise;
pub mod pilot;
pub mod program;
mod record_rows;
mod records;
pub mod scale;
mod scatter;
mod schedule;
pub mod selection;
pub mod sizes;
mod sparse_lu;
pub(crate) mod treatment;
mod value;

use std::time::Duration;

use crate::cohort::Ticks;
use crate::model::graph::NodeId;
use crate::plan::{EndpointFormula, Method, ObservedId, ReasonId};

pub use error::EngineError;
pub use individuals::{individuals, recorded};
pub use record_rows::RecordedPatients;
pub use records::{PatientRecords, Records};

/// The smallest relative tolerance at which steps are chosen in f32, on a GPU or in the CPU engine.
///
/// Every endpoint of the shipped phase I cohort is then within 1e-4 of a tight f64 solution. At 1e-6
/// median differences are at most halved, for an eighth more steps; below, hardly anything but the
/// number of steps changes.
pub const F32_RTOL: f64 = 1e-5;

/// Integrates patients.
pub trait Engine: Sync {
    /// What it is, for the manifest: `cpu avx2`, in f32 `cpu f32 avx2`.
    fn name(&self) -> String;

    /// The relative tolerance that it works at.
    fn rtol(&self) -> f64;

    /// Patients that it takes at a time.
    fn batch_patients(&self) -> u64;

    /// How many threads with a batch each keep it busy.
    fn batches_in_flight(&self) -> usize {
        1
    }

    /// Integrates every given patient in every arm.
    ///
    /// The result for a patient does not depend on the other patients, nor on how many are given
    /// at once.
    ///
    /// # Errors
    /// What went wrong with the device. The patients may be given again, to it or to another engine.
    fn solve(&self, individuals: &Individuals) -> Result<Solution, EngineError> {
        self.solve_in(individuals, Solution::default())
    }

    /// The same, in the memory of a solution that nobody needs any more: new memory of such a size costs the system as
    /// much time as filling it.
    ///
    /// # Errors
    /// As [`Self::solve`].
    fn solve_in(&self, individuals: &Individuals, spent: Solution) -> Result<Solution, EngineError>;

    /// Wall-clock time of the parts of its work so far, all threads together.
    fn stages(&self) -> Vec<(&'static str, Duration)> {
        Vec::new()
    }

    /// What went wrong on the way and was made good.
    fn events(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Individual values of consecutive patients: what an engine is given.
#[derive(Debug, Clone, PartialEq)]
pub struct Individuals {
    /// How many patients.
    pub count: usize,
    /// `[slot][patient]`, in `Plan::slots` order; `[slot][row]` of patients of a data set, whose values may change from
    /// record to record.
    pub slots: Vec<Vec<f64>>,
    /// Residual scores `[patient][observation time][residual]`, empty if the plan uses none; of a data set
    /// `[reading][residual]`, the readings of all patients one after the other.
    pub residuals: Vec<f64>,
    /// Time courses are kept for the first so many patients.
    pub trajectories: usize,
    /// Doses to give in place of those that the protocol decides on, `[patient][arm][planned dose]`.
    /// Everything else of the protocol goes on: what it would have stopped or left is still said. None, if it is empty.
    pub fixed_doses: Option<Vec<FixedDose>>,
    /// The longest step of each item, `[patient][arm]`, in model time; for the CPU engine alone.
    pub longest_steps: Option<Vec<f64>>,
    /// Items that need not be solved, `[patient][arm]`: what comes out for them is not looked at. A device solves them
    /// nevertheless.
    pub left_out: Option<Vec<bool>>,
    /// The patients' records, if they are of a data set: then there is one arm, in which records say what is given and
    /// when patients are read; for the CPU engine alone.
    pub records: Option<Records>,
}

/// A dose that is given whatever the protocol says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FixedDose {
    /// When; `None` if it is not given.
    pub tick: Option<Ticks>,
    /// As a multiple of the planned amount.
    pub factor: f64,
    /// Over how long it is infused, if not as planned.
    pub over: Option<Ticks>,
}

/// What came out. An item is one patient in one arm: `item = patient * arms + arm`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Solution {
    /// `[accumulator][item]`, NaN after a failure.
    pub accumulators: Vec<Vec<f64>>,
    /// How each item ended.
    pub status: Vec<Status>,
    /// Accepted steps.
    pub steps: Vec<u32>,
    /// Rejected steps.
    pub rejected: Vec<u32>,
    /// `[patient][arm][trajectory point][trajectory observable]`, NaN after a failure; of a data set
    /// `[reading][trajectory observable]`, where [`Records::readings`] says whose they are.
    pub trajectories: Vec<f64>,
    /// What solved each item.
    pub solved_by: Vec<Processor>,
    /// The method by which each was solved, or tried last.
    pub methods: Vec<Method>,
    /// What became of each planned dose, `[item][planned dose]`; nothing after a failure. Of none where
    /// [`Plan::follows_doses`](crate::plan::Plan::follows_doses) says that all are given as planned and nobody asks.
    pub doses: Vec<DoseRecord>,
    /// How the treatment and the stay of each item ended.
    pub endings: Vec<Endings>,
    /// How treatment with each drug ended, `[item][drug]`; empty of a plan with one drug.
    pub drug_endings: Vec<Option<Decision>>,
    /// What was not finite first, of each item that ended for that, where the engine can tell.
    pub not_finite: Vec<Option<NotFinite>>,
}

/// What became infinite or not a number, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotFinite {
    /// What.
    pub what: Valued,
    /// When: at this tick, or after it and before the next.
    pub tick: Ticks,
    /// The operation of the plan's graph that made it of finite numbers, or the individual value that it was, where that
    /// can be told.
    pub operation: Option<NodeId>,
}

/// Something of a plan that has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Valued {
    /// An observed expression.
    Observed(ObservedId),
    /// A state, or its derivative, by its position.
    State(usize),
}

/// What became of a planned dose.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct DoseRecord {
    /// When it was given, if it was.
    pub given: Option<Ticks>,
    /// What was given, or would have been, as a multiple of the planned amount.
    pub factor: f64,
    /// What held it first, when it was due.
    pub held: Option<Decision>,
    /// What changed the dose, at this one.
    pub changed: Option<Decision>,
    /// What skipped it first.
    pub skipped: Option<Decision>,
    /// What asked for it, of a drug that is given on demand.
    pub asked: Option<Decision>,
    /// Over how long it was infused, if not as planned.
    pub over: Option<Ticks>,
    /// What changed that, at this one.
    pub infused: Option<Decision>,
}

/// A rule that decided.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    /// Which.
    pub reason: ReasonId,
    /// When.
    pub tick: Ticks,
    /// The value that it shows.
    pub value: f64,
}

const _: () = assert!(size_of::<Option<Decision>>() == 16);

/// How a patient's treatment and stay in the trial ended, if they did before the end of the run.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Endings {
    /// The end of treatment.
    pub stopped: Option<Decision>,
    /// The day on which the patient left.
    pub left: Option<Decision>,
}

impl Solution {
    /// One of so many accumulators and of nobody, in the same memory, for so many items. That of time courses, which few
    /// batches have, is given up.
    pub(crate) fn emptied(self, accumulators: usize, items: usize) -> Self {
        let mut columns = self.accumulators;
        columns.resize_with(accumulators, Vec::new);
        Self {
            accumulators: columns.into_iter().map(|column| room(column, items)).collect(),
            status: room(self.status, items),
            steps: room(self.steps, items),
            rejected: room(self.rejected, items),
            trajectories: Vec::new(),
            solved_by: room(self.solved_by, items),
            methods: room(self.methods, items),
            doses: room(self.doses, 0),
            endings: room(self.endings, items),
            drug_endings: room(self.drug_endings, 0),
            not_finite: room(self.not_finite, items),
        }
    }

    /// An endpoint of one item; NaN after a failure.
    pub fn endpoint(&self, endpoint: EndpointFormula, item: usize) -> f64 {
        match self.status[item] {
            Status::Ok => endpoint.value(|i| self.accumulators[i.index()][item]),
            _ => f64::NAN,
        }
    }

    /// What became of the planned doses of one item.
    pub fn doses_of(&self, item: usize) -> &[DoseRecord] {
        let width = self.doses.len() / self.status.len().max(1);
        &self.doses[item * width..(item + 1) * width]
    }

    /// What ended treatment of one item with a drug, by its position.
    pub fn drug_ending(&self, item: usize, drug: usize) -> Option<Decision> {
        if self.drug_endings.is_empty() {
            return self.endings[item].stopped;
        }
        let drugs = self.drug_endings.len() / self.status.len();
        self.drug_endings[item * drugs + drug]
    }

    /// Adds the patients of another solution of the same plan.
    #[cfg(feature = "gpu")]
    pub(crate) fn append(&mut self, other: Self) {
        for (own, more) in self.accumulators.iter_mut().zip(other.accumulators) {
            own.extend(more);
        }
        self.status.extend(other.status);
        self.steps.extend(other.steps);
        self.rejected.extend(other.rejected);
        self.trajectories.extend(other.trajectories);
        self.solved_by.extend(other.solved_by);
        self.methods.extend(other.methods);
        self.doses.extend(other.doses);
        self.endings.extend(other.endings);
        self.drug_endings.extend(other.drug_endings);
        self.not_finite.extend(other.not_finite);
    }

    /// Takes the result of one item from another solution of the same plan; `courses` are its time course here and
    /// there.
    pub(crate) fn replace(
        &mut self,
        item: usize,
        other: &Self,
        from: usize,
        courses: [std::ops::Range<usize>; 2],
    ) {
        for (to, from_values) in self.accumulators.iter_mut().zip(&other.accumulators) {
            to[item] = from_values[from];
        }
        self.status[item] = other.status[from];
        self.steps[item] = other.steps[from];
        self.rejected[item] = other.rejected[from];
        self.solved_by[item] = other.solved_by[from];
        self.methods[item] = other.methods[from];
        self.endings[item] = other.endings[from];
        self.not_finite[item] = other.not_finite[from];
        let drugs = self.drug_endings.len() / self.status.len();
        let of_other = &other.drug_endings[from * drugs..(from + 1) * drugs];
        self.drug_endings[item * drugs..(item + 1) * drugs].copy_from_slice(of_other);
        let width = self.doses.len() / self.status.len();
        self.doses[item * width..(item + 1) * width].copy_from_slice(other.doses_of(from));
        let [to, from] = courses;
        let to = self.trajectories.get_mut(to);
        if let Some((to, from)) = to.zip(other.trajectories.get(from)) {
            to.copy_from_slice(from);
        }
    }
}

/// What solved a patient in an arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Processor {
    /// The CPU engine in f64: the reference.
    Cpu,
    /// A device, through its compute shaders.
    Gpu,
    /// The CPU engine in f32.
    CpuF32,
}

/// How the integration of one patient in one arm ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It reached the end.
    Ok,
    /// It used up its steps.
    MaxSteps,
    /// The error could not be met with a step that still changes the time.
    StepTooSmall,
    /// A value became infinite or not a number.
    NonFinite,
    /// An amount, bioavailability, lag or duration of a dose was negative or no finite number, or a rate was not
    /// above 0.
    BadDose,
    /// Doses that had been given for long did not come to a steady state.
    NoSteadyState,
}

impl Status {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 6] =
        [Self::Ok, Self::MaxSteps, Self::StepTooSmall, Self::NonFinite, Self::BadDose, Self::NoSteadyState];
}

/// An empty list with room for so many.
fn room<T>(mut list: Vec<T>, count: usize) -> Vec<T> {
    list.clear();
    list.reserve_exact(count);
    list
}
