//! A device that is waited for, but not for ever: of a driver that hangs, no function returns.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};
use std::{panic, thread};

use crate::engine::cpu::Isa;
use crate::engine::program::Program;
use crate::engine::{Engine, EngineError, Individuals, Solution};

use super::Gpu;
use super::adapter::Adapter;

/// How many times as long as before a device may take to be opened.
const LONGER: u32 = 10;

/// A device whose work is done in threads of its own. One that does not come back stays behind with the device, which
/// is then never closed: that, too, would be to wait for it.
#[derive(Debug)]
pub(crate) struct Watched {
    gpu: Arc<Gpu>,
    adapter: String,
    /// How long it took to open it.
    opening: Duration,
    patience: Duration,
}

impl Watched {
    /// Opens an adapter for a plan, which takes until its shader is compiled.
    ///
    /// # Errors
    /// What the driver refuses, and that it does not come back.
    pub(crate) fn new(program: &Program, adapter: &Adapter, isa: Isa) -> Result<Self, EngineError> {
        Self::open(program, adapter, isa, adapter.patience.first)
    }

    /// Opens the adapter anew, for the same plan. How long the driver takes is known, and that it may hang.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub(crate) fn again(&self, program: &Program, adapter: &Adapter, isa: Isa) -> Result<Self, EngineError> {
        Self::open(program, adapter, isa, adapter.patience.later + LONGER * self.opening)
    }

    fn open(program: &Program, adapter: &Adapter, isa: Isa, patience: Duration) -> Result<Self, EngineError> {
        let (program, opened) = (program.clone(), adapter.clone());
        let started = Instant::now();
        let gpu = watch(&adapter.name, patience, || Some(0), move || Gpu::new(&program, &opened, isa))?;
        let (gpu, opening) = (Arc::new(gpu), started.elapsed());
        Ok(Self { gpu, adapter: adapter.name.clone(), opening, patience: adapter.patience.later })
    }

    /// Gives up memory of the device that is not in use.
    pub(crate) fn release(&self) {
        self.gpu.release();
    }
}

impl Engine for Watched {
    fn name(&self) -> String {
        self.gpu.name()
    }

    fn rtol(&self) -> f64 {
        self.gpu.rtol()
    }

    fn batch_patients(&self) -> u64 {
        self.gpu.batch_patients()
    }

    fn batches_in_flight(&self) -> usize {
        self.gpu.batches_in_flight()
    }

    fn solve_in(&self, individuals: &Individuals, spent: Solution) -> Result<Solution, EngineError> {
        let (gpu, individuals) = (Arc::clone(&self.gpu), individuals.clone());
        let answers = || self.gpu.answers();
        watch(&self.adapter, self.patience, answers, move || gpu.solve_in(&individuals, spent))
    }

    fn stages(&self) -> Vec<(&'static str, Duration)> {
        self.gpu.stages()
    }
}

/// Does some work in a thread of its own, and waits for as long as it comes back, or the device answers or is not
/// waited for.
fn watch<T: Send + 'static>(
    adapter: &str,
    patience: Duration,
    answers: impl Fn() -> Option<u64>,
    work: impl FnOnce() -> Result<T, EngineError> + Send + 'static,
) -> Result<T, EngineError> {
    let (sender, receiver) = mpsc::channel();
    // Nobody may be waiting any more when it comes back.
    let worker = thread::spawn(move || drop(sender.send(work())));
    let mut before = answers();
    loop {
        match receiver.recv_timeout(patience) {
            Ok(result) => return result,
            Err(RecvTimeoutError::Timeout) => {
                let now = answers();
                if now.is_some() && now == before {
                    let (adapter, seconds) = (adapter.to_owned(), patience.as_secs());
                    return Err(EngineError::TimedOut { adapter, seconds });
                }
                before = now;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    match worker.join() {
        Err(panic) => panic::resume_unwind(panic),
        Ok(()) => Err(EngineError::Lost { adapter: adapter.to_owned(), reason: "its thread ended".into() }),
    }
}
