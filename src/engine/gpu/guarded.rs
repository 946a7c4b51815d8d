//! The GPU engine with the CPU engine behind it: no patient is left unsolved because a device failed.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use crate::engine::cpu::{Cpu, Level};
use crate::engine::{Engine, EngineError, Individuals, Solution, Status};
use crate::plan::Plan;
use crate::sync::lock;

use super::adapter::Adapter;
use super::{Gpu, IN_FLIGHT};

/// How often a device that fails is opened again in a run.
const MOST_OPENINGS: u32 = 3;

/// A GPU engine that makes up for what its device cannot do.
///
/// Items that fail on the device are solved again in f64. A batch that the device loses is given to it
/// once more, opened anew, then to the CPU, and so is everything after it.
#[derive(Debug)]
pub struct Guarded {
    name: String,
    rtol: f64,
    batch_patients: u64,
    /// None once it has been given up.
    gpu: RwLock<Option<Arc<Gpu>>>,
    cpu: Cpu,
    adapter: Adapter,
    plan: Plan,
    level: Level,
    fallback: bool,
    /// How often the device was opened again.
    openings: AtomicU32,
    events: Mutex<Vec<String>>,
}

impl Guarded {
    /// Opens an adapter for a plan. Without `fallback`, a device that fails twice is an error of the run.
    ///
    /// # Errors
    /// What the driver refuses.
    pub fn new(plan: &Plan, adapter: &Adapter, level: Level, fallback: bool) -> Result<Self, EngineError> {
        let gpu = Gpu::new(plan, adapter, level)?;
        Ok(Self {
            name: gpu.name(),
            rtol: gpu.rtol(),
            batch_patients: gpu.batch_patients(),
            gpu: RwLock::new(Some(Arc::new(gpu))),
            cpu: Cpu::new(plan, level),
            adapter: adapter.clone(),
            plan: plan.clone(),
            level,
            fallback,
            openings: AtomicU32::new(0),
            events: Mutex::default(),
        })
    }

    fn present(&self) -> Option<Arc<Gpu>> {
        self.gpu.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, event: String) {
        lock(&self.events).push(event);
    }

    /// Solves a batch that a device has failed at.
    fn again(
        &self,
        failed: &Arc<Gpu>,
        error: EngineError,
        individuals: &Individuals,
    ) -> Result<Solution, EngineError> {
        let retried = self.replacement(failed, &error).map(|gpu| (gpu.solve(individuals), gpu));
        match retried {
            Some((Ok(solution), _)) => Ok(solution),
            _ if !self.fallback => Err(error),
            Some((Err(error), gpu)) => {
                self.give_up(&gpu, &error);
                self.cpu.solve(individuals)
            }
            None => self.cpu.solve(individuals),
        }
    }

    /// The device in place of one that failed: opened anew, unless another thread has done so. Without
    /// fallback one that cannot be opened stays, and fails again, so that no thread turns to the CPU.
    fn replacement(&self, failed: &Arc<Gpu>, error: &EngineError) -> Option<Arc<Gpu>> {
        let mut present = self.gpu.write().unwrap_or_else(PoisonError::into_inner);
        if present.as_ref().is_some_and(|gpu| Arc::ptr_eq(gpu, failed)) {
            let opened = self.open_again(error).map(Arc::new);
            if opened.is_none() && !self.fallback {
                return None;
            }
            *present = opened;
        }
        present.clone()
    }

    /// The device opened anew, but not for ever: one that is lost again and again is given up.
    fn open_again(&self, error: &EngineError) -> Option<Gpu> {
        if self.openings.fetch_add(1, Ordering::Relaxed) >= MOST_OPENINGS {
            self.note(format!("{error}, after {MOST_OPENINGS} times; the CPU solves the rest"));
            return None;
        }
        match Gpu::new(&self.plan, &self.adapter, self.level) {
            Ok(gpu) => {
                self.note(format!("{error}; it was opened again"));
                Some(gpu)
            }
            Err(again) => {
                self.note(format!("{error}; it could not be opened again: {again}"));
                None
            }
        }
    }

    fn give_up(&self, failed: &Arc<Gpu>, error: &EngineError) {
        let mut present = self.gpu.write().unwrap_or_else(PoisonError::into_inner);
        if present.as_ref().is_some_and(|gpu| Arc::ptr_eq(gpu, failed)) {
            *present = None;
            self.note(format!("{error}; the CPU solves the rest"));
        }
    }

    /// Solves items that failed on the device again, in f64.
    fn mend(&self, individuals: &Individuals, mut solution: Solution) -> Result<Solution, EngineError> {
        let arms = solution.status.len() / individuals.count.max(1);
        let failed = |patient: &usize| {
            solution.status[patient * arms..(patient + 1) * arms].iter().any(|&status| status != Status::Ok)
        };
        let patients: Vec<usize> = (0..individuals.count).filter(failed).collect();
        if patients.is_empty() {
            return Ok(solution);
        }
        let course = solution.trajectories.len() / (individuals.trajectories * arms).max(1);
        let followed = patients.partition_point(|&patient| patient < individuals.trajectories);
        let again = Individuals { trajectories: followed, ..individuals.select(&patients) };
        let mended = self.cpu.solve(&again)?;
        for (position, patient) in patients.into_iter().enumerate() {
            for arm in 0..arms {
                let (to, from) = (patient * arms + arm, position * arms + arm);
                if solution.status[to] != Status::Ok {
                    solution.replace(to, &mended, from, course);
                }
            }
        }
        Ok(solution)
    }
}

impl Engine for Guarded {
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
        IN_FLIGHT
    }

    fn solve(&self, individuals: &Individuals) -> Result<Solution, EngineError> {
        let Some(gpu) = self.present() else { return self.cpu.solve(individuals) };
        let solution = gpu.solve(individuals).or_else(|error| self.again(&gpu, error, individuals))?;
        self.mend(individuals, solution)
    }

    fn stages(&self) -> Vec<(&'static str, Duration)> {
        self.present().map_or_else(Vec::new, |gpu| gpu.stages())
    }

    fn events(&self) -> Vec<String> {
        lock(&self.events).clone()
    }
}
