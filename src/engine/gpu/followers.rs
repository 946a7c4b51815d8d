//! What is followed between visits, as a table of words.

use crate::engine::program::Lowered;
use crate::plan::Plan;

/// Words of a follower: the number of its kind, its first row, its curve, the first and the last tick of its window, and
/// what makes the extreme that it keeps the largest value; 0 if it takes parts of steps.
pub(crate) const FOLLOWER_WORDS: usize = 6;

/// The table; `rows` are the first of all accumulators.
pub(crate) fn followers(plan: &Plan, lowered: &Lowered, rows: &[u32]) -> Vec<u32> {
    let words = lowered.followers.iter().filter_map(|follower| {
        let accumulator = &plan.accumulators[follower.accumulator.index()];
        let ([first, last], on_curve) = (accumulator.window, &accumulator.kind.description().on_curve);
        on_curve.rows()?;
        let sign = on_curve.sign().unwrap_or(0.0) as f32;
        let row = rows[follower.accumulator.index()];
        Some([accumulator.kind as u32, row, follower.curve as u32, first, last, sign.to_bits()])
    });
    words.flatten().collect()
}
