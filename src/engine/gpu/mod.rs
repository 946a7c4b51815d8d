//! The GPU engine: f32, one invocation of a WGSL compute shader for each patient in each arm.
//!
//! A plan becomes a shader (`shader`, from the templates in `shaders/`) and a layout of buffers
//! (`layout`). A batch of patients is packed into words (`pack`), uploaded, and integrated in dispatches
//! of a bounded number of steps, the state kept in buffers in between (`batch`), so that none runs long.
//! Neither the size of a batch nor that of a dispatch changes a result.

mod adapter;
mod batch;
mod cost;
mod device;
mod faults;
mod guarded;
mod layout;
mod pack;
mod pipeline;
mod shader;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::plan::{Accumulator, Plan};

pub use adapter::{Adapter, Kind, adapters};
pub use cost::Cost;
pub use faults::{Fault, Faults};
pub use guarded::Guarded;

use super::cpu::Level;
use super::lowered::Lowered;
use super::{Engine, EngineError, F32_RTOL, Individuals, Solution};
use batch::Batch;
use device::Device;
use layout::{Buffer, Job, Layout};
use pipeline::Pipeline;

/// Items of a batch: as many as keep a large device busy, or a software one for a short while.
const MOST_ITEMS: u64 = 1 << 17;
const MOST_ITEMS_IN_SOFTWARE: u64 = 1 << 13;
/// Steps that the first dispatch tries; the next are as many as take [`DISPATCH`].
const FIRST_BUDGET: u32 = 32;
const LEAST_BUDGET: u32 = 8;
const MOST_BUDGET: u32 = 4096;
/// How long a dispatch should take: far below what a watchdog waits for, long enough that starting it
/// costs nothing.
const DISPATCH: Duration = Duration::from_millis(150);
/// A software driver stops a shader after 65,535 iterations of its loops, without a word. A dispatch makes
/// at most seven for each step of its budget, one for itself and one for each stage, and one for each grid
/// point.
const MOST_POINTS: usize = 30_000;

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
    lowered: Lowered,
    layout: Layout,
    /// Instruction set of the host's part.
    level: Level,
    grid: Vec<u32>,
    accumulators: Vec<Accumulator>,
    time_per_tick: f64,
    rtol: f64,
    max_steps: u32,
    batch_patients: u64,
    /// Buffers that no thread is using.
    free: Mutex<Vec<Batch>>,
    /// Steps of a dispatch that take about [`DISPATCH`].
    budget: AtomicU32,
    stages: Mutex<Stages>,
}

/// Wall-clock time by stage, all threads together.
#[derive(Debug, Clone, Copy, Default)]
struct Stages {
    compile: Duration,
    upload: Duration,
    compute: Duration,
    read_back: Duration,
}

impl Gpu {
    /// Compiles a plan for an adapter.
    ///
    /// # Errors
    /// What the driver refuses.
    pub fn new(plan: &Plan, adapter: &Adapter, level: Level) -> Result<Self, EngineError> {
        let started = Instant::now();
        let device = Device::open(&adapter.adapter)?;
        let lowered = Lowered::new(plan);
        let layout = Layout::new(plan, &lowered);
        let refused = |reason: String| EngineError::Refused { adapter: device.adapter().to_owned(), reason };
        if layout.points > MOST_POINTS {
            return Err(refused(format!("{} times are read, of {MOST_POINTS} at most", layout.points)));
        }
        let items = if adapter.kind == Kind::Software { MOST_ITEMS_IN_SOFTWARE } else { MOST_ITEMS };
        let batch_patients =
            layout.most_patients(device.binding_size()).min((items / layout.arms.max(1) as u64).max(1));
        if batch_patients == 0 {
            return Err(refused("one patient alone does not fit its buffers".into()));
        }
        let rtol = rtol(plan);
        let pipeline = Pipeline::new(&device, &shader::shader(plan, &lowered, &layout, rtol))?;
        let stages = Stages { compile: started.elapsed(), ..Stages::default() };
        Ok(Self {
            name: format!("gpu {}, {}", adapter.name, adapter.driver),
            device,
            faults: Arc::clone(&adapter.faults),
            pipeline,
            lowered,
            layout,
            level,
            grid: pack::grid(&plan.grid),
            accumulators: plan.accumulators.clone(),
            time_per_tick: plan.time_per_tick,
            rtol,
            max_steps: plan.max_steps,
            batch_patients,
            free: Mutex::new(Vec::new()),
            budget: AtomicU32::new(FIRST_BUDGET),
            stages: Mutex::new(stages),
        })
    }

    fn measure<T>(&self, stage: fn(&mut Stages) -> &mut Duration, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let result = work();
        *stage(&mut self.stages.lock().unwrap_or_else(PoisonError::into_inner)) += started.elapsed();
        result
    }

    /// Buffers that hold so many patients.
    fn batch(&self, patients: u64, followed: u64) -> Result<Batch, EngineError> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match free {
            Some(batch) if batch.holds(patients, followed) => Ok(batch),
            _ => {
                let patients =
                    patients.next_power_of_two().clamp(patients, self.batch_patients.max(patients));
                Batch::new(&self.device, &self.pipeline, &self.layout, &self.grid, patients, followed)
            }
        }
    }

    /// Dispatches until every item is done.
    fn integrate(&self, batch: &Batch, job: &mut Job) -> Result<(), EngineError> {
        // Steps, and the attempts of no size at time 0 and after each landing.
        let most = u64::from(self.max_steps) + 2 + self.layout.landings as u64;
        let mut attempts = 0;
        let mut unfinished = job.items;
        while unfinished > 0 {
            if attempts > most {
                let adapter = self.device.adapter().to_owned();
                return Err(EngineError::Unfinished { adapter, count: unfinished });
            }
            job.budget = self.budget.load(Ordering::Relaxed);
            let started = Instant::now();
            unfinished = batch.dispatch(&self.device, &self.pipeline, job)?;
            self.adapt(job.budget, started.elapsed());
            attempts += u64::from(job.budget);
        }
        Ok(())
    }

    /// Sets the steps of the next dispatch from the time that one took.
    fn adapt(&self, budget: u32, took: Duration) {
        let factor = (DISPATCH.as_secs_f64() / took.as_secs_f64().max(1e-6)).min(4.0);
        let next = (f64::from(budget) * factor) as u32;
        self.budget.store(next.clamp(LEAST_BUDGET, MOST_BUDGET), Ordering::Relaxed);
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

    /// While one batch is integrated, the next is sampled, packed and uploaded, and the one before is
    /// written.
    fn batches_in_flight(&self) -> usize {
        2
    }

    fn stages(&self) -> Vec<(&'static str, Duration)> {
        let stages = *self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        vec![
            ("gpu compile", stages.compile),
            ("gpu upload", stages.upload),
            ("gpu compute", stages.compute),
            ("gpu read back", stages.read_back),
        ]
    }

    fn solve(&self, individuals: &Individuals) -> Result<Solution, EngineError> {
        let slots: Vec<&[f64]> = individuals.slots.iter().map(Vec::as_slice).collect();
        let (batch, mut job) = self.measure(
            |stages| &mut stages.upload,
            || {
                let columns = self.lowered.prelude.run(self.level, &slots, 0..individuals.count);
                let packed = pack::pack(&self.layout, &self.lowered.doses, individuals, &columns);
                let batch = self.batch(individuals.count as u64, packed.job.followed.into())?;
                batch.write(&self.device, Buffer::Parameters, &packed.parameters);
                batch.write(&self.device, Buffer::Outcomes, &packed.phases);
                Ok((batch, packed.job))
            },
        )?;
        self.faults.strike(&self.device)?;
        self.measure(|stages| &mut stages.compute, || self.integrate(&batch, &mut job))?;
        self.measure(
            |stages| &mut stages.read_back,
            || {
                let results = batch.results(&self.device, &self.layout, &job)?;
                self.free.lock().unwrap_or_else(PoisonError::into_inner).push(batch);
                Ok(pack::unpack(&self.layout, &self.accumulators, self.time_per_tick, &job, &results))
            },
        )
    }
}
