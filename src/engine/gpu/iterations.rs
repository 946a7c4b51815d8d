//! How much a dispatch may do, so that its loops stay within what every driver allows.
//!
//! A software driver ends every loop of a shader, without a word, once they have taken [`MOST`] iterations together:
//! for the lanes of a vector together, so that what one of them searches for counts for all.

use crate::engine::curve::{MOST_EVALUATIONS, PIECES};
use crate::engine::program::Lowered;
use crate::model::graph::Node;
use crate::plan::{AccumulatorId, AccumulatorKind, Plan};

use super::dispatch_budget;
use super::layout::Layout;

/// Iterations of all loops of an invocation (Mesa, `LP_MAX_TGSI_LOOP_ITERATIONS`).
const MOST: usize = 65_535;

/// Iterations that find a visit: halvings of what a tick can count.
const SEARCH: usize = 32;

/// Iterations that look for a quantile: steps towards it, each of which adds up the terms of a series. Parameters that are
/// far out need more, and are the CPU's then.
const QUANTILE: usize = 2_048;

/// Points of a step at which curves are evaluated.
const POINTS: usize = PIECES + 1;

/// What a dispatch may do at most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Most {
    /// Visits and landings.
    pub(crate) visits: u32,
    /// Attempted steps.
    pub(crate) attempts: u32,
}

impl Most {
    /// Everything in one dispatch.
    pub(crate) const UNBOUNDED: Self = Self { visits: u32::MAX, attempts: u32::MAX };

    /// Half of the iterations are for visits, half for attempts.
    pub(crate) fn of(plan: &Plan, lowered: &Lowered, layout: &Layout) -> Self {
        let followers = &lowered.followers;
        // The rows of the accumulators, twice; landings, and doses that are given as the ledger says; all observation times.
        let asked = usize::from(!lowered.doses.asked.is_empty()) * (layout.doses + 1);
        let once =
            asked + 2 * (layout.accumulator_rows + 1) + layout.landings + layout.doses + layout.points + 3;
        let half = MOST.saturating_sub(once) / 2;
        // Each dose that still enters: its rates, its boluses, its ends. Followers: what begins, and the next end.
        let visit = asked
            + 3 * (layout.doses + 1)
            + 3 * layout.steady.map_or(0, |steady| steady.carried + 1)
            + SEARCH
            + 3 * (followers.len() + 1)
            + 2 * (layout.landings + 1)
            + QUANTILE * quantiles(lowered)
            + 2;
        let follow = |accumulator: AccumulatorId| following(plan.accumulators[accumulator.index()].kind);
        let follow: usize = followers.iter().map(|follower| follow(follower.accumulator)).sum();
        let attempt = 2 + sampling(lowered.curves.len()) + follow;
        let fitting = |each: usize| (half / each).max(1) as u32;
        Self { visits: fitting(visit), attempts: fitting(attempt) }
    }

    /// Visits of a dispatch, of which so many would suit: all if nothing bounds it.
    pub(crate) fn visits(&self, suitable: u32) -> u32 {
        if self.visits == u32::MAX { u32::MAX } else { suitable.min(self.visits) }
    }

    /// Attempts of a dispatch that goes on by so many visits.
    pub(crate) fn attempts(&self, visits: u32) -> u32 {
        dispatch_budget::attempts(visits).min(self.attempts)
    }
}

/// Quantiles that are looked for at a visit.
fn quantiles(lowered: &Lowered) -> usize {
    let read = lowered.graph.reachable(&lowered.seen()).into_iter();
    read.filter(|&id| matches!(lowered.graph.node(id), Node::Quantile { .. })).count()
}

/// Iterations that evaluate the curves at the points of a step.
fn sampling(curves: usize) -> usize {
    if curves == 0 { 0 } else { 2 + POINTS * (curves + 2) }
}

/// Iterations of a follower in a step at most, whatever it searches for; each loop ends in one more.
fn following(kind: AccumulatorKind) -> usize {
    if kind.description().on_curve.sign().is_some() {
        return 6 * (POINTS + 1) + 17;
    }
    // A turning point and two crossings in every piece.
    let piece = PIECES + 3 + 2 * (MOST_EVALUATIONS + 1);
    3 * (POINTS + 1) + 2 + PIECES * piece
}
