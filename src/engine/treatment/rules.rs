//! What a plan says of treatment, with what the state machine needs to know of the plan.

use crate::cohort::{TICKS_PER_DAY, Ticks};
use crate::engine::schedule::NEVER;
use crate::plan::{ObservedId, Plan, Protocol};

/// Days until what never comes.
pub(crate) const NEVER_DAYS: f64 = 1e30;
/// Two doses that differ by less, as a fraction of either, are the same.
pub(crate) const SAME_DOSE: f64 = 1e-6;

/// Days of so many ticks, exact for whole days.
pub(crate) fn days(ticks: f64) -> f64 {
    ticks / TICKS_PER_DAY
}

/// The protocol of a plan, with what it needs to know of the plan.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(super) protocol: Protocol,
    /// When doses are planned, `[arm][dose]`.
    planned: Vec<Vec<Ticks>>,
    /// The visits, in order.
    visits: Vec<Ticks>,
    /// The end of the run: no dose is given any more.
    pub(super) end: Ticks,
    /// Whether a dose may be given other than as planned.
    pub(crate) is_adaptive: bool,
}

impl Rules {
    pub(crate) fn new(plan: &Plan) -> Self {
        let visits = plan.observation_times.iter().filter(|point| point.visit).map(|point| point.tick);
        let planned = plan.arms.iter().map(|arm| arm.doses.iter().map(|dose| dose.tick).collect());
        Self {
            protocol: plan.protocol.clone(),
            planned: planned.collect(),
            visits: visits.collect(),
            end: plan.end(),
            is_adaptive: plan.protocol.is_adaptive(),
        }
    }

    /// The most doses that an arm has.
    pub(crate) fn doses(&self) -> usize {
        self.planned.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// Whether one of the conditions to stop holds.
    pub(crate) fn stops(&self, holds: impl Fn(ObservedId) -> bool) -> bool {
        self.protocol.stops.iter().any(|stop| holds(stop.when))
    }

    /// When an arm's dose is planned.
    pub(super) fn planned(&self, arm: usize, dose: usize) -> Ticks {
        self.planned[arm].get(dose).copied().unwrap_or(NEVER)
    }

    /// The first visit at or after a tick.
    pub(super) fn visit_from(&self, tick: Ticks) -> Ticks {
        self.visits.get(self.visits.partition_point(|&visit| visit < tick)).copied().unwrap_or(NEVER)
    }

    /// The bit of a delay; 0 of another hold.
    pub(super) fn delay(&self, hold: usize) -> u32 {
        self.protocol.delay(hold).map_or(0, |position| 1 << position)
    }
}
