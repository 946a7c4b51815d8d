//! Wall-clock time by stage of a run.

use std::time::{Duration, Instant};

use crate::store::Timing;

/// Adds up where the time goes.
#[derive(Debug)]
pub(crate) struct Clock {
    started: Instant,
    stages: Vec<(&'static str, Duration)>,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { started: Instant::now(), stages: Vec::new() }
    }

    /// Does some work and adds its time to a stage.
    pub(crate) fn measure<T>(&mut self, stage: &'static str, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let result = work();
        let elapsed = started.elapsed();
        match self.stages.iter_mut().find(|(name, _)| *name == stage) {
            Some((_, sum)) => *sum += elapsed,
            None => self.stages.push((stage, elapsed)),
        }
        result
    }

    /// The stages in the order in which they first came, and the total.
    pub(crate) fn finish(self) -> Vec<Timing> {
        let total = ("total", self.started.elapsed());
        let stages = self.stages.into_iter().chain([total]);
        stages.map(|(stage, time)| Timing { stage: stage.into(), seconds: time.as_secs_f64() }).collect()
    }
}
