//! How each kind of accumulator takes what is read, one function for each, in the order of their table: `update_KIND` a
//! visit, of a tile of lanes at once; `follow_KIND` a part of a step along the curve, of one lane. WGSL twin, under the same
//! names: `shaders/accumulators.wgsl`.
//!
//! At visits all values of a tile are read before one is written, and both values before one is chosen, by comparisons
//! that are not combined: only then are the loops compiled for many lanes at once.

use super::Member;
use super::follower::FollowerState;
use crate::engine::cpu::program::{Block, TILE};
use crate::engine::cpu::real::Real;
use crate::plan::AccumulatorKind;

/// A value for each lane of a tile.
pub(super) type Values = [f64; TILE];

/// The reads of a group in a tile. Whether something holds is 1 or 0, so that it is chosen without a branch.
#[derive(Clone, Copy)]
pub(super) struct Reads {
    /// Whether a lane's read is one of the group's.
    pub(super) active: Values,
    /// Whether it is the first since the accumulators began, or began anew.
    pub(super) is_first: Values,
    pub(super) ticks: Values,
    /// Ticks since the read before; 0 at the first, and where the group is not active.
    pub(super) since: Values,
    pub(super) time_per_tick: f64,
}

/// A part of a step in which a curve is above 0, or is not.
pub(crate) struct Part {
    /// The model time at which it begins.
    pub(crate) from: f64,
    /// Its length in model time.
    pub(crate) length: f64,
    pub(crate) above: bool,
}

/// The accumulators of a group that are of a kind take the values of a visit, in a tile.
#[inline(always)]
pub(super) fn update<T: Real>(
    kind: AccumulatorKind,
    members: &[Member],
    rows: &mut [Block<f64>],
    registers: &[Block<T>],
    tile: usize,
    reads: Reads,
) {
    // The rows of each in the order of its table, and those that the function takes. A macro and not a function with a
    // closure: a closure that is not inlined would be compiled for the baseline.
    macro_rules! each {
        ([$($row:ident),+] => $update:ident$(::<$number:ident>)?($($taken:ident),+)) => {
            for &Member { of, first, count } in members {
                let [$($row),+] = &mut rows[first..first + count] else {
                    unreachable!("{kind:?} has the rows that its function takes");
                };
                let values = registers[usize::from(of)].tile(tile);
                $update$(::<$number>)?($($taken.tile_mut(tile)),+, wide(values), reads);
            }
        };
    }
    match kind {
        AccumulatorKind::Min => each!([value] => update_min(value)),
        AccumulatorKind::Max => each!([value] => update_max(value)),
        AccumulatorKind::TimeOfMin => each!([tick, value] => update_time_of_min(tick, value)),
        AccumulatorKind::TimeOfMax => each!([tick, value] => update_time_of_max(tick, value)),
        AccumulatorKind::At => each!([value] => update_at(value)),
        AccumulatorKind::Auc => each!([sum, _ticks, last] => update_auc::<T>(sum, last)),
        AccumulatorKind::Mean => each!([value, ticks, last] => update_mean::<T>(value, ticks, last)),
        AccumulatorKind::TimeTrue => each!([ticks, last] => update_time_true(ticks, last)),
        AccumulatorKind::LongestTrue => each!([ticks, run, last] => update_longest_true(ticks, run, last)),
        AccumulatorKind::FirstTrue => each!([tick] => update_first_true(tick)),
        AccumulatorKind::Crossings => each!([sum, last] => update_crossings(sum, last)),
    }
}

/// What follows a curve takes a part of a step.
pub(crate) fn follow(kind: AccumulatorKind, state: &mut FollowerState, part: &Part) {
    match kind {
        AccumulatorKind::TimeTrue => follow_time_true(state, part),
        AccumulatorKind::LongestTrue => follow_longest_true(state, part),
        AccumulatorKind::FirstTrue => follow_first_true(state, part),
        AccumulatorKind::Crossings => follow_crossings(state, part),
        kind => debug_assert!(false, "{kind:?} takes no parts of steps"),
    }
}

#[inline(always)]
fn update_min(value: &mut Values, values: Values, reads: Reads) {
    let is_new = is_beyond::<false>(*value, values, reads);
    replace(value, values, is_new);
}

#[inline(always)]
fn update_max(value: &mut Values, values: Values, reads: Reads) {
    let is_new = is_beyond::<true>(*value, values, reads);
    replace(value, values, is_new);
}

#[inline(always)]
fn update_time_of_min(tick: &mut Values, value: &mut Values, values: Values, reads: Reads) {
    let is_new = is_beyond::<false>(*value, values, reads);
    replace(tick, time_of(values, reads.ticks), is_new);
    replace(value, values, is_new);
}

#[inline(always)]
fn update_time_of_max(tick: &mut Values, value: &mut Values, values: Values, reads: Reads) {
    let is_new = is_beyond::<true>(*value, values, reads);
    replace(tick, time_of(values, reads.ticks), is_new);
    replace(value, values, is_new);
}

#[inline(always)]
fn update_at(value: &mut Values, values: Values, reads: Reads) {
    replace(value, values, reads.active);
}

/// Adds the trapezoid since the read before.
#[inline(always)]
fn update_auc<T: Real>(sum: &mut Values, last: &mut Values, values: Values, reads: Reads) {
    let Reads { since, time_per_tick, .. } = reads;
    let (old, before) = (*sum, *last);
    let mut new = old;
    for i in 0..TILE {
        let more = old[i] + 0.5 * (since[i] * time_per_tick) * (before[i] + values[i]);
        new[i] = T::of(more).wide();
    }
    // Where the group is not active, the value may be anything.
    replace(sum, new, since);
    replace(last, values, reads.active);
}

/// Takes the middle of the trapezoid since the read before, weighted with the time that it lasted.
#[inline(always)]
fn update_mean<T: Real>(
    mean: &mut Values,
    ticks: &mut Values,
    last: &mut Values,
    values: Values,
    reads: Reads,
) {
    let since = reads.since;
    let (old, so_long, before) = (*mean, *ticks, *last);
    let (mut new, mut all) = (old, so_long);
    for i in 0..TILE {
        all[i] = so_long[i] + since[i];
        let middle = 0.5 * (before[i] + values[i]);
        let so_far = if so_long[i] == 0.0 { middle } else { old[i] };
        let mean = so_far + (since[i] / all[i]) * (middle - so_far);
        new[i] = T::of(mean).wide();
    }
    *ticks = all;
    replace(mean, new, since);
    replace(last, values, reads.active);
}

/// Adds the time since the read before if it held there.
#[inline(always)]
fn update_time_true(ticks: &mut Values, last: &mut Values, values: Values, reads: Reads) {
    let (old, mut new) = (*ticks, *ticks);
    for i in 0..TILE {
        new[i] = old[i] + reads.since[i];
    }
    replace(ticks, new, *last);
    replace(last, values, reads.active);
}

fn follow_time_true(state: &mut FollowerState, part: &Part) {
    if part.above {
        state.value += part.length;
    }
}

#[inline(always)]
fn update_longest_true(
    ticks: &mut Values,
    run: &mut Values,
    last: &mut Values,
    values: Values,
    reads: Reads,
) {
    let (longest, before, held) = (*ticks, *run, *last);
    let (mut present, mut new) = (before, longest);
    for i in 0..TILE {
        let longer = before[i] + reads.since[i];
        present[i] = if held[i] == 0.0 { 0.0 } else { longer };
    }
    replace(run, present, reads.active);
    let present = *run;
    for i in 0..TILE {
        new[i] = if present[i] > longest[i] { present[i] } else { longest[i] };
    }
    *ticks = new;
    replace(last, values, reads.active);
}

/// Besides the longest run it keeps the present one.
fn follow_longest_true(state: &mut FollowerState, part: &Part) {
    if part.above {
        state.other += part.length;
        state.value = state.value.max(state.other);
    } else {
        state.other = 0.0;
    }
}

#[inline(always)]
fn update_first_true(tick: &mut Values, values: Values, reads: Reads) {
    let (old, mut new) = (*tick, *tick);
    for i in 0..TILE {
        let now = if values[i] == 0.0 { old[i] } else { reads.ticks[i] };
        new[i] = if old[i].is_nan() { now } else { old[i] };
    }
    replace(tick, new, reads.active);
}

fn follow_first_true(state: &mut FollowerState, part: &Part) {
    if part.above && state.value.is_nan() {
        state.value = part.from;
    }
}

/// Counts where it holds and did not hold at the read before; at the first nothing is known of that.
#[inline(always)]
fn update_crossings(sum: &mut Values, last: &mut Values, values: Values, reads: Reads) {
    let (old, before, mut new) = (*sum, *last, *sum);
    for i in 0..TILE {
        let more = old[i] + 1.0;
        let if_it_rises = if before[i] == 0.0 { more } else { old[i] };
        new[i] = if values[i] == 0.0 { old[i] } else { if_it_rises };
    }
    replace(sum, new, reads.active);
    replace(last, values, reads.active);
}

/// Besides the count it keeps whether the curve was above 0 last.
fn follow_crossings(state: &mut FollowerState, part: &Part) {
    if part.above && state.other == 0.0 {
        state.value += 1.0;
    }
    state.other = f64::from(part.above);
}

/// The values of a tile.
#[inline(always)]
fn wide<T: Real>(values: &[T; TILE]) -> Values {
    let mut wide = [0.0; TILE];
    for i in 0..TILE {
        wide[i] = values[i].wide();
    }
    wide
}

/// Takes values where something is not 0.
#[inline(always)]
pub(super) fn replace(row: &mut Values, values: Values, is_new: Values) {
    let (old, mut new) = (*row, *row);
    for i in 0..TILE {
        new[i] = if is_new[i] == 0.0 { old[i] } else { values[i] };
    }
    *row = new;
}

/// Whether a value replaces an extreme: not 0 if so. That of something that was ever not a number is not a number.
#[inline(always)]
fn is_beyond<const LARGEST: bool>(extreme: Values, values: Values, reads: Reads) -> Values {
    let mut is_new = [0.0; TILE];
    for i in 0..TILE {
        let is_beyond = if LARGEST { values[i] > extreme[i] } else { values[i] < extreme[i] };
        let is_beyond = if is_beyond { 1.0 } else { 0.0 };
        let is_nan = if values[i].is_nan() { 1.0 } else { 0.0 };
        is_new[i] = (is_beyond + is_nan + reads.is_first[i]) * reads.active[i];
    }
    is_new
}

/// When values are read; of what is not a number that is none either.
#[inline(always)]
fn time_of(values: Values, ticks: Values) -> Values {
    let mut times = ticks;
    for i in 0..TILE {
        times[i] = if values[i].is_nan() { values[i] } else { ticks[i] };
    }
    times
}
