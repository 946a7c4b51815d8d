//! The GPU engine with the CPU engine behind it: no patient is left unsolved because a device failed.

use std::mem;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use crate::engine::cpu::{Cpu, Isa};
use crate::engine::otherwise::{attempts, by_method_alone, other_method};
use crate::engine::program::Program;
use crate::engine::{Engine, EngineError, Individuals, Solution, Status};
use crate::plan::{Method, Plan};
use crate::sync::lock;

use super::adapter::Adapter;
use super::tuning::Tuning;
use super::watched::Watched;

/// How often a device that fails is opened again in a run.
const MOST_OPENINGS: u32 = 3;

/// A GPU engine that makes up for what its device cannot do.
///
/// Items that fail on the device are solved again in f64. A batch that is too large for its memory is cut in halves,
/// and so are those after it. A batch that the device loses is given to it once more, opened anew, then to the CPU, and
/// so is everything after it. Patient-arms that are for the plan's other method go to the device once more,
/// opened for that.
#[derive(Debug)]
pub struct WithCpuFallback {
    name: String,
    rtol: f64,
    /// Patients that the device has room for.
    batch_patients: AtomicU64,
    /// None once it has been given up.
    gpu: RwLock<Option<Arc<Watched>>>,
    cpu: Cpu,
    /// The same by the other method, opened once somebody is for it; none if the device refuses it.
    other: OnceLock<Option<Box<Self>>>,
    adapter: Adapter,
    program: Program,
    isa: Isa,
    fallback: bool,
    /// How often the device was opened again.
    openings: AtomicU32,
    events: Mutex<Vec<String>>,
}

impl WithCpuFallback {
    /// Opens an adapter for a plan. Without `fallback`, a device that fails twice is an error of the run.
    ///
    /// # Errors
    /// What the driver refuses.
    pub fn new(
        program: impl Into<Program>,
        adapter: &Adapter,
        isa: Isa,
        fallback: bool,
    ) -> Result<Self, EngineError> {
        let program = program.into();
        let gpu = Watched::new(&limited(&program), adapter, isa)?;
        Ok(Self {
            name: gpu.name(),
            rtol: gpu.rtol(),
            batch_patients: AtomicU64::new(gpu.batch_patients()),
            gpu: RwLock::new(Some(Arc::new(gpu))),
            cpu: Cpu::new(&program, isa),
            other: OnceLock::new(),
            adapter: adapter.clone(),
            program,
            isa,
            fallback,
            openings: AtomicU32::new(0),
            events: Mutex::default(),
        })
    }

    /// The device opened for the other method, or why the CPU solves who is for it.
    fn by_other(&self, method: Method) -> Option<Box<Self>> {
        let plan = by_method_alone(self.program.plan(), method);
        match Self::new(&plan, &self.adapter, self.isa, self.fallback) {
            Ok(other) => Some(Box::new(other)),
            Err(error) => {
                self.note(format!("{error}; the CPU solves patients that are for {}", method.name()));
                None
            }
        }
    }

    fn opened_other(&self) -> Option<&Self> {
        self.other.get()?.as_deref()
    }

    fn present(&self) -> Option<Arc<Watched>> {
        self.gpu.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, event: String) {
        lock(&self.events).push(event);
    }

    /// Solves patients on the device, opened anew if it fails, or on the CPU once it has been given up.
    fn on_device(&self, individuals: &Individuals, spent: Solution) -> Result<Solution, EngineError> {
        let most = self.batch_patients() as usize;
        if individuals.count > most {
            let [first, rest] = individuals.split(most);
            let mut solution = self.on_device(&first, spent)?;
            solution.append(self.on_device(&rest, Solution::default())?);
            return Ok(solution);
        }
        let (mut has_failed, mut spent) = (false, spent);
        while let Some(gpu) = self.present() {
            let error = match gpu.solve_in(individuals, mem::take(&mut spent)) {
                Ok(solution) => return Ok(solution),
                Err(error) => error,
            };
            match error {
                EngineError::OutOfMemory { .. } if individuals.count > 1 => {
                    self.make_room(&gpu, &error, individuals.count);
                    return self.on_device(individuals, Solution::default());
                }
                _ if !has_failed && self.replace(&gpu, &error) => has_failed = true,
                _ if !self.fallback => return Err(error),
                _ => self.give_up(&gpu, &error),
            }
        }
        self.cpu.solve_in(individuals, spent)
    }

    /// Takes batches of half as many patients from now on as were too many.
    fn make_room(&self, gpu: &Watched, error: &EngineError, patients: usize) {
        let half = patients as u64 / 2;
        if self.batch_patients.fetch_min(half, Ordering::Relaxed) > half {
            self.note(format!("{error}; it is given {half} patients at a time from then on"));
        }
        gpu.release();
    }

    /// Opens the device anew in place of one that failed, unless another thread has done so: whether there is
    /// something to go on with. Without fallback one that cannot be opened stays, and fails again, so that no thread
    /// turns to the CPU.
    fn replace(&self, failed: &Arc<Watched>, error: &EngineError) -> bool {
        let mut present = self.gpu.write().unwrap_or_else(PoisonError::into_inner);
        if present.as_ref().is_some_and(|gpu| Arc::ptr_eq(gpu, failed)) {
            let opened = self.open_again(failed, error).map(Arc::new);
            if opened.is_none() && !self.fallback {
                return false;
            }
            *present = opened;
        }
        true
    }

    /// The device opened anew, but not for ever: one that is lost again and again is given up.
    fn open_again(&self, failed: &Watched, error: &EngineError) -> Option<Watched> {
        if self.openings.fetch_add(1, Ordering::Relaxed) >= MOST_OPENINGS {
            self.note(format!("{error}, after {MOST_OPENINGS} times; the CPU solves the rest"));
            return None;
        }
        match failed.again(&limited(&self.program), &self.adapter, self.isa) {
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

    fn give_up(&self, failed: &Arc<Watched>, error: &EngineError) {
        let mut present = self.gpu.write().unwrap_or_else(PoisonError::into_inner);
        if present.as_ref().is_some_and(|gpu| Arc::ptr_eq(gpu, failed)) {
            *present = None;
            self.note(format!("{error}; the CPU solves the rest"));
        }
    }
}

impl Engine for WithCpuFallback {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn rtol(&self) -> f64 {
        self.rtol
    }

    fn batch_patients(&self) -> u64 {
        self.batch_patients.load(Ordering::Relaxed)
    }

    fn batches_in_flight(&self) -> usize {
        Tuning::of(self.adapter.kind).in_flight
    }

    fn solve_in(&self, individuals: &Individuals, spent: Solution) -> Result<Solution, EngineError> {
        let mut solution = self.on_device(individuals, spent)?;
        if let Some((method, ended @ Status::MaxSteps)) = other_method(self.program.plan()) {
            let other = |left: &Individuals| match self.other.get_or_init(|| self.by_other(method)) {
                Some(other) => other.on_device(left, Solution::default()),
                None => self.cpu.solve(left),
            };
            solution = solution.mended(individuals, |status| status == ended, other)?;
        }
        // Items that failed on the device are solved again, in f64.
        solution.mended(individuals, |status| status != Status::Ok, |failed| self.cpu.solve(failed))
    }

    fn stages(&self) -> Vec<(&'static str, Duration)> {
        let mut stages = self.present().map_or_else(Vec::new, |gpu| gpu.stages());
        for (stage, more) in self.opened_other().map_or_else(Vec::new, Engine::stages) {
            match stages.iter_mut().find(|(known, _)| *known == stage) {
                Some((_, time)) => *time += more,
                None => stages.push((stage, more)),
            }
        }
        stages
    }

    fn events(&self) -> Vec<String> {
        let of_other = self.opened_other().map_or_else(Vec::new, Engine::events);
        lock(&self.events).iter().cloned().chain(of_other).collect()
    }
}

/// The program as the device tries it first: no longer than until patient-arms are for the other method.
fn limited(program: &Program) -> Program {
    let plan = program.plan();
    program.with_limits(Plan { max_steps: attempts(plan), switch_after: None, ..plan.clone() })
}
