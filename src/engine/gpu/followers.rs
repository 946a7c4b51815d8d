//! What is followed between visits, as a table of words: kind, first row, curve, first and last tick.

use serde::Serialize;

use crate::engine::program::Lowered;
use crate::plan::{AccumulatorKind, Plan};

/// Words of a follower.
pub(crate) const FOLLOWER_WORDS: usize = 5;

/// The kinds as the shader knows them: extremes first.
#[derive(Serialize)]
pub(crate) struct Kinds {
    most: u32,
    time_of_most: u32,
    least: u32,
    time_of_least: u32,
    time_above: u32,
    longest: u32,
    first: u32,
}

/// Their numbers.
pub(crate) const KINDS: Kinds =
    Kinds { most: 0, time_of_most: 1, least: 2, time_of_least: 3, time_above: 4, longest: 5, first: 6 };

/// The table; `rows` are those of all accumulators.
pub(crate) fn followers(plan: &Plan, lowered: &Lowered, rows: &[u32]) -> Vec<u32> {
    let words = lowered.followers.iter().flat_map(|follower| {
        let accumulator = &plan.accumulators[follower.accumulator];
        let [first, last] = accumulator.window;
        [kind(accumulator.kind), rows[follower.accumulator], follower.curve as u32, first, last]
    });
    words.collect()
}

fn kind(kind: AccumulatorKind) -> u32 {
    match kind {
        AccumulatorKind::Max => KINDS.most,
        AccumulatorKind::TimeOfMax => KINDS.time_of_most,
        AccumulatorKind::Min => KINDS.least,
        AccumulatorKind::TimeOfMin => KINDS.time_of_least,
        AccumulatorKind::LongestTrue => KINDS.longest,
        AccumulatorKind::FirstTrue => KINDS.first,
        AccumulatorKind::TimeTrue | AccumulatorKind::At | AccumulatorKind::Auc => KINDS.time_above,
    }
}
