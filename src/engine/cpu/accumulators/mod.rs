//! The accumulators of the visit program: where each lies, and what those of all lanes have come to.

mod follower;
mod update;

use std::ops::Range;

use crate::accumulator::Row;
use crate::cohort::ReadOn;
use crate::plan::{Accumulator, AccumulatorId, AccumulatorKind, ObservationWindow};

use super::program::{Block, LANES, Register, TILE};
use super::real::Real;
use crate::engine::treatment::{Given, NEVER_DAYS, days};
use crate::model::graph::OfDrugs;
use update::{Reads, Values, replace, update};

pub(crate) use follower::{FollowerState, FollowerStates};
pub(crate) use update::{Part, follow};

/// Accumulators that take the same reads.
#[derive(Debug)]
pub(crate) struct Group {
    /// The step of the visit program that evaluates what they keep.
    step: usize,
    /// The reads that they take.
    pub(crate) when: ObservationWindow,
    /// Whether they begin anew with every dose of some drugs.
    since_dose: Option<OfDrugs>,
    /// Those of a kind together, so that they are updated one after the other.
    kinds: Vec<(AccumulatorKind, Vec<Member>)>,
}

impl Group {
    fn add(&mut self, kind: AccumulatorKind, member: Member) {
        match self.kinds.iter_mut().find(|(of, _)| *of == kind) {
            Some((_, members)) => members.push(member),
            None => self.kinds.push((kind, vec![member])),
        }
    }
}

/// One accumulator.
#[derive(Debug)]
struct Member {
    /// Register of the expression's value.
    of: Register,
    /// Where its rows lie in [`AccumulatorState::rows`].
    first: usize,
    count: usize,
}

/// How the accumulators of a plan are laid out.
#[derive(Debug, Default)]
pub(crate) struct AccumulatorLayout {
    pub(crate) groups: Vec<Group>,
    /// Of each accumulator, in the plan's order.
    places: Vec<Place>,
    /// Rows in all.
    rows: usize,
    /// Model time.
    time_per_tick: f64,
}

/// Where an accumulator is.
#[derive(Debug, Clone, Copy)]
struct Place {
    kind: AccumulatorKind,
    /// The row of what it comes to.
    value: usize,
    /// None of what is followed between visits, which takes no reads.
    group: Option<usize>,
}

impl AccumulatorLayout {
    /// Lays out accumulators, each given with the step that evaluates its expression and the register
    /// of its value.
    pub(crate) fn new<'a>(
        accumulators: impl Iterator<Item = (&'a Accumulator, usize, Register)>,
        time_per_tick: f64,
    ) -> Self {
        let mut layout = Self { time_per_tick, ..Self::default() };
        for (accumulator, step, of) in accumulators {
            let (kind, rows) = (accumulator.kind, &accumulator.kind.description().at_visits);
            let (first, count) = (layout.rows, rows.all.len());
            let value = first + rows.value.first().and_then(|&row| rows.position(row)).unwrap_or(0);
            let group = (accumulator.on != ReadOn::Continuous).then(|| layout.group(accumulator, step));
            if let Some(group) = group {
                layout.groups[group].add(kind, Member { of, first, count });
            }
            layout.places.push(Place { kind, value, group });
            layout.rows += count;
        }
        layout
    }

    /// Position of the group that an accumulator belongs to.
    fn group(&mut self, accumulator: &Accumulator, step: usize) -> usize {
        let (when, since_dose) = (accumulator.observation(), accumulator.since_dose);
        let is_its = |group: &Group| (group.step, group.when, group.since_dose) == (step, when, since_dose);
        self.groups.iter().position(is_its).unwrap_or_else(|| {
            self.groups.push(Group { step, when, since_dose, kinds: Vec::new() });
            self.groups.len() - 1
        })
    }

    /// Number of accumulators.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }
}

/// The accumulators of the items in the lanes. Values are those of the lanes, and sums are rounded as
/// theirs; times are ticks.
#[derive(Debug)]
pub(crate) struct AccumulatorState {
    rows: Vec<Block<f64>>,
    /// By group.
    groups: Vec<GroupState>,
    /// By group, the lanes whose read is one of the group's: a bit of each.
    active: Vec<u64>,
    /// The ticks of the reads that are being taken.
    pub(crate) ticks: Block<f64>,
}

/// The reads of a group. Whether something holds is 1 or 0.
#[derive(Debug, Clone)]
struct GroupState {
    /// When it was read last; NaN if never.
    last: Block<f64>,
    /// Whether nothing was read since it began, or began anew.
    is_first: Block<f64>,
}

// A bit of each.
const _: () = assert!(LANES <= u64::BITS as usize);

impl AccumulatorState {
    pub(crate) fn new(layout: &AccumulatorLayout) -> Self {
        let zero = Block::splat(0.0);
        let (groups, group) = (layout.groups.len(), GroupState { last: zero, is_first: zero });
        let (rows, groups, active) = (vec![zero; layout.rows], vec![group; groups], vec![0; groups]);
        Self { rows, groups, active, ticks: zero }
    }

    /// A new item is in a lane.
    pub(crate) fn clear(&mut self, layout: &AccumulatorLayout, lane: usize) {
        for (group, state) in layout.groups.iter().zip(&mut self.groups) {
            state.last.0[lane] = f64::NAN;
            begin(group, state, &mut self.rows, lane, |_| true);
        }
    }

    /// A dose was given: some accumulators begin anew. What was read last still holds until the next
    /// read.
    pub(crate) fn reset_at_dose(&mut self, layout: &AccumulatorLayout, lane: usize, given: Given) {
        for (group, state) in layout.groups.iter().zip(&mut self.groups) {
            if group.since_dose.is_some_and(|drugs| given.is_of(drugs)) {
                begin(group, state, &mut self.rows, lane, Row::is_reset_at_dose);
            }
        }
    }

    /// Marks a lane active in a group: the read that is being taken is one of the group's.
    pub(crate) fn activate(&mut self, group: usize, lane: usize) {
        self.active[group] |= 1 << lane;
    }

    /// Gives what a step of the visit program has evaluated to the accumulators of its groups in which a lane is active, in the
    /// tiles of all such lanes: none is any more.
    #[inline(always)]
    pub(crate) fn take_step<T: Real>(
        &mut self,
        layout: &AccumulatorLayout,
        step: usize,
        registers: &[Block<T>],
        tiles: Range<usize>,
    ) {
        for (number, group) in layout.groups.iter().enumerate() {
            if group.step == step && self.active[number] != 0 {
                self.update(layout, number, registers, tiles.clone());
            }
        }
    }

    /// The same of one group.
    #[inline(always)]
    fn update<T: Real>(
        &mut self,
        layout: &AccumulatorLayout,
        number: usize,
        registers: &[Block<T>],
        tiles: Range<usize>,
    ) {
        let Self { rows, groups, active, ticks } = self;
        let GroupState { last, is_first } = &mut groups[number];
        let lanes = std::mem::take(&mut active[number]);
        for tile in tiles {
            let (active, last) = (of_lanes(lanes, tile), last.tile_mut(tile));
            let (is_first, ticks) = (is_first.tile_mut(tile), *ticks.tile(tile));
            let since = time_since(ticks, *last, active);
            let time_per_tick = layout.time_per_tick;
            let reads = Reads { active, is_first: *is_first, ticks, since, time_per_tick };
            for (kind, members) in &layout.groups[number].kinds {
                update(*kind, members, rows, registers, tile, reads);
            }
            replace(last, ticks, active);
            replace(is_first, [0.0; TILE], active);
        }
    }

    /// Loads an accumulator's current value into the register that expressions read, in some tiles; times in days.
    #[inline(always)]
    pub(crate) fn read_out<T: Real>(
        &self,
        layout: &AccumulatorLayout,
        accumulator: AccumulatorId,
        tiles: Range<usize>,
        to: &mut Block<T>,
    ) {
        let Place { kind, value, .. } = layout.places[accumulator.index()];
        let is_time = kind.quantity().is_time();
        for tile in tiles {
            let values = *self.rows[value].tile(tile);
            let values = if is_time { in_days(values) } else { values };
            let to = to.tile_mut(tile);
            for l in 0..TILE {
                to[l] = T::of(values[l]);
            }
        }
    }

    /// What the accumulators of a lane have come to, times in model time; NaN if nothing was read.
    pub(crate) fn finished<'a>(
        &'a self,
        layout: &'a AccumulatorLayout,
        lane: usize,
    ) -> impl Iterator<Item = f64> + 'a {
        layout.places.iter().map(move |&Place { kind, value, group }| {
            let is_read = group.is_some_and(|group| self.groups[group].is_first.0[lane] == 0.0);
            let value = self.rows[value].0[lane];
            match is_read {
                true if kind.quantity().is_time() => value * layout.time_per_tick,
                true => value,
                false => f64::NAN,
            }
        })
    }
}

/// 1 for each lane of a tile whose bit is set, 0 for others.
#[inline(always)]
fn of_lanes(lanes: u64, tile: usize) -> Values {
    let mut all = [0.0; TILE];
    for (l, of) in all.iter_mut().enumerate() {
        *of = f64::from((lanes >> (tile * TILE + l)) as u8 & 1);
    }
    all
}

/// Ticks since the reads before, which may never have been; 0 where the group is not active.
#[inline(always)]
fn time_since(ticks: Values, last: Values, active: Values) -> Values {
    let mut since = [0.0; TILE];
    for l in 0..TILE {
        let ticks = (ticks[l] - last[l]) * active[l];
        since[l] = if ticks.is_nan() { 0.0 } else { ticks };
    }
    since
}

/// Days of ticks; what never came is at `NEVER_DAYS`.
#[inline(always)]
fn in_days(ticks: Values) -> Values {
    let mut all = [0.0; TILE];
    for l in 0..TILE {
        let days = days(ticks[l]);
        all[l] = if ticks[l].is_nan() { NEVER_DAYS } else { days };
    }
    all
}

/// Begins the accumulators of a group, those of their rows that are meant.
fn begin(
    group: &Group,
    state: &mut GroupState,
    rows: &mut [Block<f64>],
    lane: usize,
    is_meant: impl Fn(Row) -> bool,
) {
    state.is_first.0[lane] = 1.0;
    for (kind, members) in &group.kinds {
        let all = kind.description().at_visits.all;
        for member in members {
            for (block, &row) in rows[member.first..].iter_mut().zip(all) {
                if is_meant(row) {
                    block.0[lane] = if row.begins_without() { f64::NAN } else { 0.0 };
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cohort::Ticks;
    use crate::plan::ObservedId;

    const LANE: usize = 11;

    /// An accumulator that begins anew with every dose, and its state.
    fn begun(kind: AccumulatorKind) -> (AccumulatorLayout, AccumulatorState) {
        let (window, on) = ([0, Ticks::MAX], ReadOn::Visits);
        let accumulator = Accumulator {
            kind,
            of: ObservedId::new(0),
            window,
            on,
            since_dose: Some(OfDrugs::All),
            ends: false,
            on_study: false,
        };
        let layout = AccumulatorLayout::new([(&accumulator, 0, 0)].into_iter(), 0.1);
        let mut state = AccumulatorState::new(&layout);
        state.clear(&layout, LANE);
        (layout, state)
    }

    /// Reads `(tick, value)` pairs; a model time is 10 ticks.
    fn read(layout: &AccumulatorLayout, state: &mut AccumulatorState, values: &[(f64, f64)]) {
        for &(tick, value) in values {
            state.activate(0, LANE);
            state.ticks.0[LANE] = tick;
            let tile = LANE / TILE;
            state.update(layout, 0, &[Block::splat(value)], tile..tile + 1);
        }
    }

    fn taken(kind: AccumulatorKind, values: &[(f64, f64)]) -> f64 {
        let (layout, mut state) = begun(kind);
        read(&layout, &mut state, values);
        finished(&layout, &state)
    }

    fn finished(layout: &AccumulatorLayout, state: &AccumulatorState) -> f64 {
        state.finished(layout, LANE).collect::<Vec<_>>()[0]
    }

    const VALUES: [(f64, f64); 6] =
        [(0.0, 3.0), (10.0, 0.0), (30.0, 5.0), (40.0, 5.0), (60.0, 0.0), (70.0, 1.0)];

    #[test]
    fn each_kind_by_hand() {
        let of = |kind| taken(kind, &VALUES);
        assert_eq!(of(AccumulatorKind::Min), 0.0);
        assert_eq!(of(AccumulatorKind::Max), 5.0);
        assert_eq!(of(AccumulatorKind::TimeOfMin), 1.0);
        assert_eq!(of(AccumulatorKind::TimeOfMax), 3.0);
        // 1.5 + 5 + 5 + 5 + 0.5
        assert_eq!(of(AccumulatorKind::Auc), 17.0);
        assert!((of(AccumulatorKind::Mean) - 17.0 / 7.0).abs() < 1e-15);
        // 0 to 1, 3 to 4 and 4 to 6
        assert_eq!(of(AccumulatorKind::TimeTrue), 4.0);
        assert_eq!(of(AccumulatorKind::LongestTrue), 3.0);
        assert_eq!(of(AccumulatorKind::FirstTrue), 0.0);
        assert_eq!(taken(AccumulatorKind::FirstTrue, &VALUES[1..]), 3.0);
        // At ticks 30 and 70; nothing is known of before tick 0.
        assert_eq!(of(AccumulatorKind::Crossings), 2.0);
    }

    #[test]
    fn nothing_read_and_not_a_number() {
        for kind in [
            AccumulatorKind::Min,
            AccumulatorKind::TimeOfMax,
            AccumulatorKind::At,
            AccumulatorKind::FirstTrue,
        ] {
            assert!(taken(kind, &[]).is_nan());
        }
        for kind in [
            AccumulatorKind::Auc,
            AccumulatorKind::TimeTrue,
            AccumulatorKind::LongestTrue,
            AccumulatorKind::Crossings,
        ] {
            assert!(taken(kind, &[]).is_nan());
            assert_eq!(taken(kind, &[(2.0, 1.0)]), 0.0);
        }
        // There is no time to average over.
        assert!(taken(AccumulatorKind::Mean, &[(2.0, 1.0)]).is_nan());
        for kind in [
            AccumulatorKind::Min,
            AccumulatorKind::Max,
            AccumulatorKind::TimeOfMin,
            AccumulatorKind::TimeOfMax,
        ] {
            assert!(taken(kind, &[(0.0, 1.0), (1.0, f64::NAN), (2.0, 3.0), (3.0, -3.0)]).is_nan());
        }
    }

    #[test]
    fn lanes_of_other_tiles_take_nothing() {
        let (layout, mut state) = begun(AccumulatorKind::Max);
        state.clear(&layout, LANE + TILE);
        state.activate(0, LANE);
        let tile = LANE / TILE;
        state.update(&layout, 0, &[Block::splat(2.0)], tile..tile + 1);
        let of = |lane| state.finished(&layout, lane).collect::<Vec<_>>()[0];
        assert_eq!(of(LANE), 2.0);
        assert!(of(LANE + TILE).is_nan());
    }

    #[test]
    fn begun_anew_at_tick_40() {
        let renewed = |kind| {
            let (layout, mut state) = begun(kind);
            read(&layout, &mut state, &VALUES[..4]);
            let mut given = Given::default();
            given.add(0);
            state.reset_at_dose(&layout, LANE, given);
            read(&layout, &mut state, &VALUES[4..]);
            finished(&layout, &state)
        };
        assert_eq!(renewed(AccumulatorKind::Min), 0.0);
        assert_eq!(renewed(AccumulatorKind::Max), 1.0);
        // What held at tick 40 held until 60.
        assert_eq!(renewed(AccumulatorKind::TimeTrue), 2.0);
        assert_eq!(renewed(AccumulatorKind::LongestTrue), 2.0);
        assert_eq!(renewed(AccumulatorKind::FirstTrue), 7.0);
        assert_eq!(renewed(AccumulatorKind::Crossings), 1.0);
    }

    #[test]
    fn expressions_read_days() {
        let day = 86_400.0;
        let accumulated = |kind, values: &[(f64, f64)]| {
            let (layout, mut state) = begun(kind);
            read(&layout, &mut state, values);
            let mut block = Block::splat(0.0);
            state.read_out(&layout, AccumulatorId::new(0), 0..LANES / TILE, &mut block);
            block.0[LANE]
        };
        assert_eq!(accumulated(AccumulatorKind::TimeTrue, &[(0.0, 1.0), (5.0 * day, 0.0)]), 5.0);
        assert_eq!(accumulated(AccumulatorKind::FirstTrue, &[(day, 0.0)]), NEVER_DAYS);
        assert_eq!(accumulated(AccumulatorKind::FirstTrue, &[(1.5 * day, 1.0)]), 1.5);
    }
}
