//! The GPU engine: f32, one invocation of a WGSL compute shader for each patient in each arm.
//!
//! A plan becomes a shader (`shader`, from the templates in `shaders/`) and a layout of buffers
//! (`layout`). A batch of patients is packed into words (`pack`), uploaded, and integrated in dispatches
//! of bounded length (`dispatch_budget`), the state kept in buffers in between (`batch`), so that none runs long.
//! Neither the size of a batch nor that of a dispatch changes a result.

mod adapter;
mod batch;
mod buffers;
mod cost;
mod device;
mod dispatch_budget;
mod drugs;
mod faults;
mod followers;
mod iterations;
mod itineraries;
mod layout;
#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod metal;
mod order;
mod pack;
mod patience;
mod pipeline;
mod rows;
mod shader;
mod tables;
mod timestamps;
mod tuning;
mod unpack;
mod watched;
mod with_cpu_fallback;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytemuck::Zeroable;

use crate::plan::{Accumulator, Plan};
use crate::sync::lock;

pub use adapter::{Adapter, Kind, adapters};
pub use cost::Cost;
#[doc(hidden)]
pub use faults::{Fault, Faults};
pub use patience::Patience;
pub(crate) use watched::Watched;
pub use with_cpu_fallback::WithCpuFallback;

use super::cpu::Isa;
use super::cpu::columns::Columns;
use super::program::{Lowered, Program};
use super::{Engine, EngineError, F32_RTOL, Individuals, Solution};
use batch::Batch;
use buffers::{Buffer, Job};
use device::Device;
use dispatch_budget::DispatchBudget;
use iterations::Most;
use itineraries::Room;
use layout::Layout;
use order::Reordering;
use pipeline::Pipeline;
use tuning::Tuning;

/// Grid points at most: each is an iteration of a dispatch, see [`iterations`].
const MOST_POINTS: usize = 50_000;

/// The shader that a plan is solved with.
pub fn wgsl(plan: &Plan) -> String {
    let lowered = Lowered::new(plan);
    shader::shader(plan, &lowered, &Layout::new(plan, &lowered), rtol(plan))
}

/// The relative tolerance at which a plan is solved in f32.
fn rtol(plan: &Plan) -> f64 {
    plan.rtol.max(F32_RTOL)
}

/// The GPU engine for one plan on one device.
#[derive(Debug)]
pub struct Gpu {
    name: String,
    device: Device,
    faults: Arc<Faults>,
    pipeline: Pipeline,
    program: Program,
    /// From the plan's slots to the columns that the device reads.
    prelude: Columns,
    layout: Layout,
    /// Instruction set of the host's part.
    isa: Isa,
    accumulators: Vec<Accumulator>,
    time_per_tick: f64,
    rtol: f64,
    max_steps: u32,
    batch_patients: u64,
    /// What a dispatch may do at most.
    most: Most,
    tuning: Tuning,
    /// Buffers that no thread is using.
    free: Mutex<Vec<Batch>>,
    /// Threads in which the host is at work on a batch.
    at_work: AtomicUsize,
    budget: Mutex<DispatchBudget>,
    stages: Mutex<Stages>,
}

/// Whether a plan fits the private memory that every device has: 8,192 bytes (WGSL, section 2.4, Limits).
///
/// # Errors
/// It does not.
pub fn fits(program: impl Into<Program>) -> Result<(), EngineError> {
    const MOST: usize = 8192;
    let program = program.into();
    let plan = program.plan();
    let is_steady = plan.arms.iter().any(|arm| arm.steady.is_some());
    if is_steady && !(plan.landings.is_empty() && program.lowered().doses.asked.is_empty()) {
        return Err(EngineError::SteadyStart);
    }
    if plan.is_recorded && !plan.accumulators.is_empty() {
        return Err(EngineError::EndpointsOfData);
    }
    let bytes = Cost::of(program).private_words * layout::WORD as usize;
    if bytes > MOST { Err(EngineError::TooLarge { bytes, most: MOST }) } else { Ok(()) }
}

/// Wall-clock time by stage, all threads together.
#[derive(Debug, Clone, Copy, Default)]
struct Stages {
    compile: Duration,
    upload: Duration,
    compute: Duration,
    /// Of `compute`, the time of the shader, by the clock of the device if it has one.
    kernel: Duration,
    read_back: Duration,
}

impl Gpu {
    /// Compiles a plan for an adapter, and waits until the driver has made machine code of it.
    ///
    /// # Errors
    /// What the driver refuses.
    pub fn new(program: impl Into<Program>, adapter: &Adapter, isa: Isa) -> Result<Self, EngineError> {
        let program = program.into();
        fits(&program)?;
        let started = Instant::now();
        let device = Device::open(&adapter.adapter)?;
        let (plan, lowered) = (program.plan(), program.lowered());
        let layout = Layout::new(plan, lowered);
        let refused = |reason: String| EngineError::Refused { adapter: device.adapter().to_owned(), reason };
        if layout.points > MOST_POINTS {
            return Err(refused(format!("{} times are read, of {MOST_POINTS} at most", layout.points)));
        }
        let tuning = Tuning::of(adapter.kind);
        let batch_patients = layout
            .most_patients(device.binding_size())
            .min((tuning.items / layout.arms.max(1) as u64).max(1));
        if batch_patients == 0 || layout.most_followed(device.binding_size()) == 0 {
            return Err(refused("one patient alone does not fit its buffers".into()));
        }
        let rtol = rtol(plan);
        let pipeline = Pipeline::new(&device, &shader::shader(plan, lowered, &layout, rtol))?;
        let nobody = Batch::new(&device, &pipeline, &layout, 1, 0)?;
        nobody.dispatch(&device, &pipeline, &Job::zeroed())?;
        let stages = Stages { compile: started.elapsed(), ..Stages::default() };
        let most = Most::of(plan, lowered, &layout);
        Ok(Self {
            name: format!("gpu {}, {}", adapter.name, adapter.driver),
            device,
            faults: Arc::clone(&adapter.faults),
            pipeline,
            prelude: Columns::prelude(lowered),
            isa,
            accumulators: plan.accumulators.clone(),
            time_per_tick: plan.time_per_tick,
            rtol,
            max_steps: plan.max_steps,
            batch_patients,
            most,
            tuning,
            layout,
            program,
            free: Mutex::new(vec![nobody]),
            at_work: AtomicUsize::new(0),
            budget: Mutex::new(DispatchBudget::new()),
            stages: Mutex::new(stages),
        })
    }

    /// Leaves every patient's state in buffers after so many visits at the latest, which changes no result.
    #[must_use]
    pub fn with_most_visits(self, visits: u32) -> Self {
        Self { most: Most { visits: self.most.visits.min(visits.max(1)), ..self.most }, ..self }
    }

    /// Lets lanes side by side meet after so many attempted steps, which changes no result.
    #[must_use]
    pub fn with_turns(self, turns: u32) -> Self {
        Self { tuning: Tuning { turns: turns.max(1), ..self.tuning }, ..self }
    }

    /// How often the device has answered; nothing while the host is at work on a batch, and may wait for other work of its
    /// own, but not for the device.
    fn answers(&self) -> Option<u64> {
        (self.at_work.load(Ordering::Relaxed) == 0).then(|| self.device.answers())
    }

    /// What the host does with a batch.
    fn by_host<T>(&self, work: impl FnOnce() -> T) -> T {
        self.at_work.fetch_add(1, Ordering::Relaxed);
        let result = work();
        self.at_work.fetch_sub(1, Ordering::Relaxed);
        result
    }

    /// Gives up the buffers that no thread is using.
    fn release(&self) {
        lock(&self.free).clear();
    }

    fn measure<T>(&self, stage: fn(&mut Stages) -> &mut Duration, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let result = work();
        *stage(&mut lock(&self.stages)) += started.elapsed();
        result
    }

    /// Buffers that hold so many patients: those of a batch before, unless they are too small.
    fn batch(&self, layout: &Layout, patients: u64, followed: u64) -> Result<Batch, EngineError> {
        let free = lock(&self.free).pop();
        match free {
            Some(batch) if batch.holds(layout, patients, followed) => Ok(batch),
            _ => {
                let patients = patients.next_power_of_two().min(self.batch_patients);
                Batch::new(&self.device, &self.pipeline, layout, patients, followed)
            }
        }
    }

    /// Dispatches until every item is done.
    fn integrate(
        &self,
        layout: &Layout,
        batch: &Batch,
        job: &mut Job,
        most: Most,
    ) -> Result<(), EngineError> {
        // Steps, and the attempts of no size at time 0 and after each landing. Landings at visits, while a
        // dose is held, are no more than the visits.
        let landings = layout.landings_of_doses() as f64;
        // Each of the others ends a step.
        let is_open = layout.landings > 0 || layout.recorded.is_some() || layout.steady.is_some();
        let landings = landings + if is_open { f64::from(self.max_steps) } else { 0.0 };
        let attempts = f64::from(self.max_steps) + 2.0 + landings;
        let visits = layout.points as f64 + landings;
        // Each dispatch takes an item on by all of its visits or all of its attempts.
        let mut share = 0.0;
        let mut unfinished = job.items;
        (job.invocations, job.turns) = (job.items, self.tuning.turns);
        let mut reordering = Reordering::new();
        let mut fitting = lock(&self.budget).first(job.items);
        while unfinished > 0 {
            if share > 2.0 {
                let adapter = self.device.adapter().to_owned();
                return Err(EngineError::Unfinished { adapter, count: unfinished });
            }
            job.visits = most.visits(fitting.min(reordering.left()));
            job.attempts = most.attempts(job.visits);
            share += (f64::from(job.visits) / visits).min(f64::from(job.attempts) / attempts);
            let (left, took) = batch.dispatch(&self.device, &self.pipeline, job)?;
            lock(&self.stages).kernel += took;
            fitting = dispatch_budget::next(fitting, job.visits, took);
            if left == job.items {
                lock(&self.budget).learn(job.items, fitting);
            }
            if reordering.is_due(job.visits) && left > 0 {
                batch.reorder(&self.device, layout, job)?;
            }
            unfinished = left;
        }
        Ok(())
    }

    /// Solves patients that fit a batch.
    fn solve_batch(&self, individuals: &Individuals, spent: Solution) -> Result<Solution, EngineError> {
        let slots: Vec<&[f64]> = individuals.slots.iter().map(Vec::as_slice).collect();
        let (layout, batch, mut job) = self.measure(
            |stages| &mut stages.upload,
            || {
                let rows = individuals.rows_of(0..individuals.count);
                let lowered = self.program.lowered();
                let (layout, packed) = self.by_host(|| {
                    let columns = self.prelude.run(self.isa, &slots, rows);
                    let own = &self.layout;
                    match &individuals.records {
                        Some(records) => itineraries::pack(own, lowered, individuals, records, &columns),
                        None => (own.clone(), pack::pack(own, lowered, individuals, &columns)),
                    }
                });
                let batch = self.batch(&layout, individuals.count as u64, packed.job.followed.into())?;
                batch.write(&self.device, Buffer::Parameters, &packed.parameters)?;
                batch.write(&self.device, Buffer::Outcomes, &packed.outcomes)?;
                batch.write(&self.device, Buffer::Ledger, &packed.ledger)?;
                Ok::<_, EngineError>((layout, batch, packed.job))
            },
        )?;
        let most = self.faults.strike(&self.device, self.most)?;
        self.measure(|stages| &mut stages.compute, || self.integrate(&layout, &batch, &mut job, most))?;
        self.measure(
            |stages| &mut stages.read_back,
            || {
                let results = batch.results(&self.device, &layout, &job)?;
                lock(&self.free).push(batch);
                let (accumulators, records) = (&self.accumulators, individuals.records.as_ref());
                let ticks = self.time_per_tick;
                let unpack = || unpack::unpack(&layout, accumulators, records, ticks, &job, &results, spent);
                Ok(self.by_host(unpack))
            },
        )
    }

    /// How many of the patients fit a batch: fewer while time courses are kept, which take much room.
    fn fitting(&self, individuals: &Individuals) -> usize {
        let most = self.batch_patients as usize;
        if let Some(records) = &individuals.records {
            let lands = !self.program.lowered().landings.is_empty();
            let layout = self.layout.with_room(Room::of(records, individuals.count, lands));
            let binding = self.device.binding_size();
            let fitting = (layout.most_patients(binding) as usize).min(layout.most_followed(binding));
            return most.min(fitting).max(1);
        }
        let followed = self.layout.most_followed(self.device.binding_size());
        if individuals.trajectories > followed { most.min(followed) } else { most }
    }
}

impl Engine for Gpu {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn rtol(&self) -> f64 {
        self.rtol
    }

    fn batch_patients(&self) -> u64 {
        self.batch_patients
    }

    fn batches_in_flight(&self) -> usize {
        self.tuning.in_flight
    }

    fn stages(&self) -> Vec<(&'static str, Duration)> {
        let stages = *lock(&self.stages);
        vec![
            ("gpu compile", stages.compile),
            ("gpu upload", stages.upload),
            ("gpu compute", stages.compute),
            ("gpu kernel", stages.kernel),
            ("gpu read back", stages.read_back),
        ]
    }

    fn solve_in(&self, individuals: &Individuals, spent: Solution) -> Result<Solution, EngineError> {
        let most = self.fitting(individuals);
        if individuals.count <= most {
            return self.solve_batch(individuals, spent);
        }
        let [first, rest] = individuals.split(most);
        let mut solution = self.solve_batch(&first, spent)?;
        solution.append(self.solve(&rest)?);
        Ok(solution)
    }
}
