//! How each kind of accumulator takes what is read, one function for each, in the order of their table: `update_KIND` a
//! visit, of all lanes at once; `follow_KIND` a part of a step along the curve, of one lane. WGSL twin, under the same
//! names: `shaders/accumulators.wgsl`.
//!
//! At visits each array is taken apart from the others, and both values are read before one is chosen: only then are the
//! loops compiled for many lanes at once.

use super::follower::FollowerState;
use crate::engine::cpu::program::{Block, LANES};
use crate::engine::cpu::real::Real;
use crate::plan::AccumulatorKind;

/// A value for each lane.
pub(super) type Values = [f64; LANES];

/// The reads of a group. Whether something holds is 1 or 0, so that it is chosen without a branch.
pub(super) struct Reads<'a> {
    /// Whether a lane's read is one of the group's.
    pub(super) active: &'a Values,
    /// Whether it is the first since the accumulators began, or began anew.
    pub(super) is_first: &'a Values,
    pub(super) ticks: &'a Values,
    /// Ticks since the read before; 0 at the first, and where the group is not active.
    pub(super) since: &'a Values,
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

/// An accumulator takes the values of a visit; `rows` are its own, in the order of its table.
#[inline(always)]
pub(super) fn update<T: Real>(
    kind: AccumulatorKind,
    rows: &mut [Block<f64>],
    values: &[T; LANES],
    reads: &Reads<'_>,
) {
    match (kind, rows) {
        (AccumulatorKind::Min, [value]) => update_min(&mut value.0, values, reads),
        (AccumulatorKind::Max, [value]) => update_max(&mut value.0, values, reads),
        (AccumulatorKind::TimeOfMin, [tick, value]) => {
            update_time_of_min(&mut tick.0, &mut value.0, values, reads);
        }
        (AccumulatorKind::TimeOfMax, [tick, value]) => {
            update_time_of_max(&mut tick.0, &mut value.0, values, reads);
        }
        (AccumulatorKind::At, [value]) => update_at(&mut value.0, values, reads),
        (AccumulatorKind::Auc, [sum, _, last]) => update_auc(&mut sum.0, &mut last.0, values, reads),
        (AccumulatorKind::Mean, [value, ticks, last]) => {
            update_mean(&mut value.0, &mut ticks.0, &mut last.0, values, reads);
        }
        (AccumulatorKind::TimeTrue, [ticks, last]) => {
            update_time_true(&mut ticks.0, &mut last.0, values, reads);
        }
        (AccumulatorKind::LongestTrue, [ticks, run, last]) => {
            update_longest_true(&mut ticks.0, &mut run.0, &mut last.0, values, reads);
        }
        (AccumulatorKind::FirstTrue, [tick]) => update_first_true(&mut tick.0, values, reads),
        (AccumulatorKind::Crossings, [sum, last]) => update_crossings(&mut sum.0, &mut last.0, values, reads),
        (kind, _) => debug_assert!(false, "{kind:?} has other rows than its function takes"),
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
fn update_min<T: Real>(value: &mut Values, values: &[T; LANES], reads: &Reads<'_>) {
    extreme::<T, false>(value, values, reads);
}

#[inline(always)]
fn update_max<T: Real>(value: &mut Values, values: &[T; LANES], reads: &Reads<'_>) {
    extreme::<T, true>(value, values, reads);
}

#[inline(always)]
fn update_time_of_min<T: Real>(
    tick: &mut Values,
    value: &mut Values,
    values: &[T; LANES],
    reads: &Reads<'_>,
) {
    time_of_extreme::<T, false>(tick, value, values, reads);
}

#[inline(always)]
fn update_time_of_max<T: Real>(
    tick: &mut Values,
    value: &mut Values,
    values: &[T; LANES],
    reads: &Reads<'_>,
) {
    time_of_extreme::<T, true>(tick, value, values, reads);
}

#[inline(always)]
fn update_at<T: Real>(value: &mut Values, values: &[T; LANES], reads: &Reads<'_>) {
    replace(value, values, reads.active);
}

/// Adds the trapezoid since the read before.
#[inline(always)]
fn update_auc<T: Real>(sum: &mut Values, last: &mut Values, values: &[T; LANES], reads: &Reads<'_>) {
    let &Reads { since, time_per_tick, .. } = reads;
    for i in 0..LANES {
        let (old, since) = (sum[i], since[i]);
        let new = old + 0.5 * (since * time_per_tick) * (last[i] + values[i].wide());
        // Where the group is not active, the value may be anything.
        sum[i] = if since == 0.0 { old } else { T::of(new).wide() };
    }
    replace(last, values, reads.active);
}

/// Takes the middle of the trapezoid since the read before, weighted with the time that it lasted.
#[inline(always)]
fn update_mean<T: Real>(
    mean: &mut Values,
    ticks: &mut Values,
    last: &mut Values,
    values: &[T; LANES],
    reads: &Reads<'_>,
) {
    let since = reads.since;
    for i in 0..LANES {
        let (old, before, since) = (mean[i], ticks[i], since[i]);
        let (middle, all) = (0.5 * (last[i] + values[i].wide()), before + since);
        let so_far = if before == 0.0 { middle } else { old };
        let new = so_far + (since / all) * (middle - so_far);
        mean[i] = if since == 0.0 { old } else { T::of(new).wide() };
        ticks[i] = all;
    }
    replace(last, values, reads.active);
}

/// Adds the time since the read before if it held there.
#[inline(always)]
fn update_time_true<T: Real>(ticks: &mut Values, last: &mut Values, values: &[T; LANES], reads: &Reads<'_>) {
    let since = reads.since;
    for i in 0..LANES {
        let (old, since) = (ticks[i], since[i]);
        ticks[i] = if last[i] == 0.0 { old } else { old + since };
    }
    replace(last, values, reads.active);
}

fn follow_time_true(state: &mut FollowerState, part: &Part) {
    if part.above {
        state.value += part.length;
    }
}

#[inline(always)]
fn update_longest_true<T: Real>(
    ticks: &mut Values,
    run: &mut Values,
    last: &mut Values,
    values: &[T; LANES],
    reads: &Reads<'_>,
) {
    let &Reads { active, since, .. } = reads;
    for i in 0..LANES {
        let (before, longest, since) = (run[i], ticks[i], since[i]);
        let present = if last[i] == 0.0 { 0.0 } else { before + since };
        let present = if active[i] == 0.0 { before } else { present };
        run[i] = present;
        ticks[i] = if present > longest { present } else { longest };
    }
    replace(last, values, active);
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
fn update_first_true<T: Real>(tick: &mut Values, values: &[T; LANES], reads: &Reads<'_>) {
    let &Reads { active, ticks, .. } = reads;
    for i in 0..LANES {
        let (old, now) = (tick[i], ticks[i]);
        let is_first = old.is_nan() & (values[i].wide() != 0.0) & (active[i] != 0.0);
        tick[i] = if is_first { now } else { old };
    }
}

fn follow_first_true(state: &mut FollowerState, part: &Part) {
    if part.above && state.value.is_nan() {
        state.value = part.from;
    }
}

/// Counts where it holds and did not hold at the read before; at the first nothing is known of that.
#[inline(always)]
fn update_crossings<T: Real>(sum: &mut Values, last: &mut Values, values: &[T; LANES], reads: &Reads<'_>) {
    let active = reads.active;
    for i in 0..LANES {
        let old = sum[i];
        let rises = (last[i] == 0.0) & (values[i].wide() != 0.0) & (active[i] != 0.0);
        sum[i] = if rises { old + 1.0 } else { old };
    }
    replace(last, values, active);
}

/// Besides the count it keeps whether the curve was above 0 last.
fn follow_crossings(state: &mut FollowerState, part: &Part) {
    if part.above && state.other == 0.0 {
        state.value += 1.0;
    }
    state.other = f64::from(part.above);
}

/// Takes values where the group is active.
#[inline(always)]
fn replace<T: Real>(row: &mut Values, values: &[T; LANES], active: &Values) {
    for i in 0..LANES {
        let (old, new) = (row[i], values[i].wide());
        row[i] = if active[i] == 0.0 { old } else { new };
    }
}

/// Whether a value replaces an extreme. That of something that was ever not a number is not a number.
#[inline(always)]
fn is_beyond<const LARGEST: bool>(value: f64, extreme: f64, is_first: f64) -> bool {
    let beyond = if LARGEST { value > extreme } else { value < extreme };
    beyond | (is_first != 0.0) | value.is_nan()
}

#[inline(always)]
fn extreme<T: Real, const LARGEST: bool>(row: &mut Values, values: &[T; LANES], reads: &Reads<'_>) {
    let &Reads { active, is_first, .. } = reads;
    for i in 0..LANES {
        let (old, value) = (row[i], values[i].wide());
        let is_new = is_beyond::<LARGEST>(value, old, is_first[i]) & (active[i] != 0.0);
        row[i] = if is_new { value } else { old };
    }
}

#[inline(always)]
fn time_of_extreme<T: Real, const LARGEST: bool>(
    tick: &mut Values,
    extreme: &mut Values,
    values: &[T; LANES],
    reads: &Reads<'_>,
) {
    let &Reads { active, is_first, ticks, .. } = reads;
    for i in 0..LANES {
        let (old, value, before, now) = (extreme[i], values[i].wide(), tick[i], ticks[i]);
        let is_new = is_beyond::<LARGEST>(value, old, is_first[i]) & (active[i] != 0.0);
        let when = if value.is_nan() { value } else { now };
        tick[i] = if is_new { when } else { before };
        extreme[i] = if is_new { value } else { old };
    }
}
