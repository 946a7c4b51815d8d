//! The CPU engine as a device: one that takes small batches, several at a time, and has faults.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::common::root;
use vpop::diagnostic::Problems;
use vpop::engine::audit::Check;
use vpop::engine::cpu::{Cpu, Isa};
use vpop::engine::{Engine, EngineError, Individuals, Processor, Solution};
use vpop::job::{Changes, Job};
use vpop::plan::Plan;
use vpop::run::{Finished, Settings, run};
use vpop::stop::Stop;
use vpop::store::Existing;

/// Patients of a run of two parts.
pub(crate) const TWO_PARTS: u64 = 32_768 + 200;

/// An engine that says it is a device. Every third batch is late.
pub(crate) struct Device {
    pub(crate) cpu: Cpu,
    pub(crate) processor: Processor,
    pub(crate) batch_patients: u64,
    pub(crate) in_flight: usize,
    pub(crate) calls: AtomicUsize,
    /// What happens at this call.
    pub(crate) fault: Option<(usize, Fault)>,
    /// What becomes of the solution of a batch.
    pub(crate) distort: Box<dyn Fn(&mut Solution) + Sync>,
}

#[derive(Clone, Copy)]
pub(crate) enum Fault {
    Lost,
    Panic,
}

impl Device {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self {
            cpu: Cpu::new(plan, Isa::detect()),
            processor: Processor::Gpu,
            batch_patients: 4_096,
            in_flight: 1,
            calls: AtomicUsize::new(0),
            fault: None,
            distort: Box::new(|_| {}),
        }
    }
}

impl Engine for Device {
    fn name(&self) -> String {
        "device".into()
    }

    fn rtol(&self) -> f64 {
        self.cpu.rtol()
    }

    fn batch_patients(&self) -> u64 {
        self.batch_patients
    }

    fn batches_in_flight(&self) -> usize {
        self.in_flight
    }

    fn solve_in(&self, individuals: &Individuals, spent: Solution) -> Result<Solution, EngineError> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        match self.fault {
            Some((at, Fault::Lost)) if at == call => {
                return Err(EngineError::Lost { adapter: "device".into(), reason: "unplugged".into() });
            }
            Some((at, Fault::Panic)) if at == call => panic!("a fault in the engine"),
            _ => {}
        }
        if call % 3 == 1 {
            thread::sleep(Duration::from_millis(20));
        }
        let mut solution = self.cpu.solve_in(individuals, spent)?;
        solution.solved_by.fill(self.processor);
        (self.distort)(&mut solution);
        Ok(solution)
    }
}

/// A shipped cohort with so many patients.
pub(crate) fn shipped(name: &str, patients: u64) -> Job {
    let changes = Changes { patients: Some(patients), ..Changes::default() };
    Job::load(&root().join("cohorts").join(name), &changes).unwrap()
}

pub(crate) fn settings(folder: &Path) -> Settings {
    Settings {
        output: folder.to_owned(),
        existing: Existing::Refuse,
        shard: None,
        isa: Isa::detect(),
        checks: &Check::ALL,
        stop: Stop::default(),
    }
}

pub(crate) fn run_on(engine: &dyn Engine, job: &Job, settings: &Settings) -> Result<Finished, Problems> {
    run(job, settings, engine, &mut |_, _| {})
}

/// Every Parquet file of a run.
pub(crate) fn bytes(folder: &Path, finished: &Finished) -> Vec<(String, Vec<u8>)> {
    let files = finished.manifest.files.iter();
    files.map(|file| (file.file.clone(), std::fs::read(folder.join(&file.file)).unwrap())).collect()
}
