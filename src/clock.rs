//! Wall-clock time by stage of a run.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::store::Timing;
use crate::sync::lock;

/// Adds up where the time goes. Stages of several threads add up too, so that together they may
/// take longer than the whole.
#[derive(Debug)]
pub(crate) struct Clock {
    started: Instant,
    stages: Mutex<Vec<(&'static str, Duration)>>,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { started: Instant::now(), stages: Mutex::default() }
    }

    /// Does some work and adds its time to a stage.
    pub(crate) fn measure<T>(&self, stage: &'static str, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let result = work();
        let elapsed = started.elapsed();
        let mut stages = lock(&self.stages);
        match stages.iter_mut().find(|(name, _)| *name == stage) {
            Some((_, sum)) => *sum += elapsed,
            None => stages.push((stage, elapsed)),
        }
        result
    }

    /// The stages in the order in which they first ended, what else was measured, and the total.
    pub(crate) fn finish(self, others: Vec<(&'static str, Duration)>) -> Vec<Timing> {
        let total = (Timing::TOTAL, self.started.elapsed());
        let stages = self.stages.into_inner().unwrap_or_else(PoisonError::into_inner);
        let timing =
            |(stage, time): (&str, Duration)| Timing { stage: stage.into(), seconds: time.as_secs_f64() };
        stages.into_iter().chain(others).chain([total]).map(timing).collect()
    }
}
