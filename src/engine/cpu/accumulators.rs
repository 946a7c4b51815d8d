//! What is kept of observed expressions while patients are integrated, one value for each lane.

use crate::cohort::{ReadOn, Ticks};
use crate::plan::{Accumulator, AccumulatorKind};

use super::dispatch::{Arithmetic, Task};
use super::program::{Block, LANES, Register};
use super::real::Real;
use crate::engine::treatment::{NEVER_DAYS, days};

/// Accumulators that take the same reads.
#[derive(Debug)]
pub(crate) struct Group {
    /// The step of the visit program that evaluates what they keep.
    pub(crate) step: usize,
    pub(crate) on: ReadOn,
    /// Whether they take values at single observation times, visits or not.
    pub(crate) at: bool,
    pub(crate) window: [Ticks; 2],
    pub(crate) since_dose: bool,
    /// Whether they also take values at both ends of the window.
    pub(crate) ends: bool,
    /// Whether they take none after the patient has left.
    pub(crate) on_study: bool,
    members: Vec<Member>,
}

/// One accumulator.
#[derive(Debug)]
struct Member {
    kind: AccumulatorKind,
    /// Register of the expression's value.
    of: Register,
    /// Its first block of [`AccumulatorState::kept`]: what it has come to.
    first: usize,
}

/// How the accumulators of a plan are laid out.
#[derive(Debug, Default)]
pub(crate) struct AccumulatorLayout {
    pub(crate) groups: Vec<Group>,
    /// Of each accumulator, in the plan's order.
    places: Vec<Place>,
    /// Blocks in all.
    blocks: usize,
}

/// Where an accumulator is.
#[derive(Debug, Clone, Copy)]
struct Place {
    kind: AccumulatorKind,
    /// Its first block.
    first: usize,
    group: usize,
}

impl AccumulatorLayout {
    /// Lays out accumulators, each given with the step that evaluates its expression and the register
    /// of its value.
    pub(crate) fn new<'a>(accumulators: impl Iterator<Item = (&'a Accumulator, usize, Register)>) -> Self {
        let mut layout = Self::default();
        for (accumulator, step, of) in accumulators {
            let member = Member { kind: accumulator.kind, of, first: layout.blocks };
            let group = layout.group(accumulator, step);
            layout.places.push(Place { kind: member.kind, first: member.first, group });
            layout.blocks += blocks(member.kind);
            // What is followed between visits takes no reads.
            if accumulator.on != ReadOn::Continuous {
                layout.groups[group].members.push(member);
            }
        }
        layout
    }

    /// Position of the group that an accumulator belongs to.
    fn group(&mut self, accumulator: &Accumulator, step: usize) -> usize {
        let &Accumulator { kind, window, on, since_dose, ends, on_study, .. } = accumulator;
        let at = kind == AccumulatorKind::At;
        let own = Group { step, on, at, window, since_dose, ends, on_study, members: Vec::new() };
        let key = |group: &Group| {
            let &Group { step, on, at, window, since_dose, ends, on_study, .. } = group;
            (step, on, at, window, since_dose, ends, on_study)
        };
        let found = self.groups.iter().position(|group| key(group) == key(&own));
        found.unwrap_or_else(|| {
            self.groups.push(own);
            self.groups.len() - 1
        })
    }

    /// Number of accumulators.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }
}

/// Blocks that a kind needs: what it has come to; the extreme whose time is kept, or the value read
/// last; the length of the present run.
fn blocks(kind: AccumulatorKind) -> usize {
    match kind {
        AccumulatorKind::Min | AccumulatorKind::Max | AccumulatorKind::At | AccumulatorKind::FirstTrue => 1,
        AccumulatorKind::TimeOfMin
        | AccumulatorKind::TimeOfMax
        | AccumulatorKind::Auc
        | AccumulatorKind::TimeTrue => 2,
        AccumulatorKind::LongestTrue => 3,
    }
}

/// What a kind has come to before anything is read, for the expressions that read it.
fn nothing(kind: AccumulatorKind) -> f64 {
    match kind {
        AccumulatorKind::Auc | AccumulatorKind::TimeTrue | AccumulatorKind::LongestTrue => 0.0,
        _ => f64::NAN,
    }
}

/// Whether an accumulator comes to a time or a duration.
fn is_time(kind: AccumulatorKind) -> bool {
    match kind {
        AccumulatorKind::Min | AccumulatorKind::Max | AccumulatorKind::At | AccumulatorKind::Auc => false,
        AccumulatorKind::TimeOfMin
        | AccumulatorKind::TimeOfMax
        | AccumulatorKind::TimeTrue
        | AccumulatorKind::LongestTrue
        | AccumulatorKind::FirstTrue => true,
    }
}

/// The accumulators of the items in the lanes. Values are those of the lanes, and sums are rounded as
/// theirs; times are ticks. Whether something holds is 1 or 0, so that it is chosen without a branch.
#[derive(Debug)]
pub(crate) struct AccumulatorState {
    kept: Vec<Block<f64>>,
    /// By group.
    reads: Vec<Reading>,
    /// The ticks of the reads that are being taken.
    pub(crate) ticks: Block<f64>,
}

/// The reads of a group.
#[derive(Debug, Clone)]
struct Reading {
    /// Whether a lane's read is one of the group's, and whether any is.
    active: Block<f64>,
    any: bool,
    /// When it was read last; NaN if never.
    last: Block<f64>,
    /// Whether nothing was read since it began, or began anew.
    is_first: Block<f64>,
}

impl AccumulatorState {
    pub(crate) fn new(layout: &AccumulatorLayout) -> Self {
        let zero = Block::splat(0.0);
        let reading = Reading { active: zero, any: false, last: zero, is_first: zero };
        Self { kept: vec![zero; layout.blocks], reads: vec![reading; layout.groups.len()], ticks: zero }
    }

    /// A new item is in a lane.
    pub(crate) fn clear(&mut self, layout: &AccumulatorLayout, lane: usize) {
        self.kept.iter_mut().for_each(|block| block.0[lane] = 0.0);
        for (group, reading) in layout.groups.iter().zip(&mut self.reads) {
            reading.last.0[lane] = f64::NAN;
            begin(group, reading, &mut self.kept, lane);
        }
    }

    /// A dose was given: some accumulators begin anew. What was read last still holds until the next
    /// read.
    pub(crate) fn reset_at_dose(&mut self, layout: &AccumulatorLayout, lane: usize) {
        for (group, reading) in layout.groups.iter().zip(&mut self.reads) {
            if group.since_dose {
                begin(group, reading, &mut self.kept, lane);
            }
        }
    }

    /// The read of a lane that is being taken is one of a group's. Whether it is the first of them.
    pub(crate) fn activate(&mut self, group: usize, lane: usize) -> bool {
        let reading = &mut self.reads[group];
        reading.active.0[lane] = 1.0;
        !std::mem::replace(&mut reading.any, true)
    }

    /// What the accumulators of a lane have come to, times in model time; NaN if nothing was read.
    pub(crate) fn finished<'a>(
        &'a self,
        layout: &'a AccumulatorLayout,
        lane: usize,
        time_per_tick: f64,
    ) -> impl Iterator<Item = f64> + 'a {
        layout.places.iter().map(move |&Place { kind, first, group }| {
            let value = self.kept[first].0[lane];
            match self.reads[group].is_first.0[lane] {
                0.0 if is_time(kind) => value * time_per_tick,
                0.0 => value,
                _ => f64::NAN,
            }
        })
    }
}

fn begin(group: &Group, reading: &mut Reading, kept: &mut [Block<f64>], lane: usize) {
    reading.is_first.0[lane] = 1.0;
    for &Member { kind, first, .. } in &group.members {
        kept[first].0[lane] = nothing(kind);
        if kind == AccumulatorKind::LongestTrue {
            kept[first + 2].0[lane] = 0.0;
        }
    }
}

/// Gives the values of a group's expressions to its accumulators.
pub(crate) struct Update<'a, T> {
    pub(crate) group: &'a Group,
    pub(crate) number: usize,
    pub(crate) state: &'a mut AccumulatorState,
    pub(crate) registers: &'a [Block<T>],
    pub(crate) time_per_tick: f64,
}

/// A value for each lane.
type Values = [f64; LANES];

impl<T: Real> Task for Update<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { group, number, state, registers, time_per_tick } = self;
        let AccumulatorState { kept, reads, ticks } = state;
        let Reading { active, any, last, is_first } = &mut reads[number];
        let mut since = [0.0; LANES];
        let spans = ticks.0.iter().zip(&last.0).zip(&active.0);
        for (since, ((now, before), active)) in since.iter_mut().zip(spans) {
            let ticks = (now - before) * active;
            *since = if ticks.is_nan() { 0.0 } else { ticks };
        }
        let reads = Reads { active: &active.0, is_first: &is_first.0, ticks: &ticks.0, since: &since };
        for &Member { kind, of, first } in &group.members {
            let values = &registers[usize::from(of)].0;
            keep(kind, &mut kept[first..first + blocks(kind)], values, &reads, time_per_tick);
        }
        replace(&mut last.0, &ticks.0, &active.0);
        replace(&mut is_first.0, &[0.0; LANES], &active.0);
        (active.0, *any) = ([0.0; LANES], false);
    }
}

/// The reads of a group.
struct Reads<'a> {
    active: &'a Values,
    is_first: &'a Values,
    ticks: &'a Values,
    /// Ticks since the read before; 0 at the first, and where the group is not active.
    since: &'a Values,
}

// What follows takes each array apart from the others, and reads both values before one is chosen: only
// then are the loops compiled for many lanes at once.

/// One accumulator takes values; `blocks` are its own.
#[inline(always)]
fn keep<T: Real>(
    kind: AccumulatorKind,
    blocks: &mut [Block<f64>],
    values: &[T; LANES],
    reads: &Reads<'_>,
    time_per_tick: f64,
) {
    let &Reads { active, is_first, ticks, since } = reads;
    let mut parts = blocks.iter_mut().map(|block| &mut block.0);
    let (Some(kept), second, third) = (parts.next(), parts.next(), parts.next()) else { return };
    match (kind, second, third) {
        (AccumulatorKind::Min, ..) => extreme::<T, false>(kept, values, active, is_first),
        (AccumulatorKind::Max, ..) => extreme::<T, true>(kept, values, active, is_first),
        (AccumulatorKind::TimeOfMin, Some(least), _) => {
            time_of::<T, false>(kept, least, values, active, is_first, ticks);
        }
        (AccumulatorKind::TimeOfMax, Some(most), _) => {
            time_of::<T, true>(kept, most, values, active, is_first, ticks);
        }
        (AccumulatorKind::Auc, Some(last), _) => {
            area(kept, last, values, since, time_per_tick);
            replace(last, values, active);
        }
        (AccumulatorKind::TimeTrue, Some(last), _) => {
            held(kept, last, since);
            replace(last, values, active);
        }
        (AccumulatorKind::LongestTrue, Some(last), Some(run)) => {
            longest(kept, run, last, active, since);
            replace(last, values, active);
        }
        (AccumulatorKind::FirstTrue, ..) => first_time(kept, values, active, ticks),
        _ => replace(kept, values, active),
    }
}

/// Takes values where the group is active.
#[inline(always)]
fn replace<T: Real>(kept: &mut Values, values: &[T; LANES], active: &Values) {
    for i in 0..LANES {
        let (old, new) = (kept[i], values[i].wide());
        kept[i] = if active[i] == 0.0 { old } else { new };
    }
}

/// Whether a value replaces an extreme. That of something that was ever not a number is not a number.
#[inline(always)]
fn is_beyond<const LARGEST: bool>(value: f64, extreme: f64, is_first: f64) -> bool {
    let beyond = if LARGEST { value > extreme } else { value < extreme };
    beyond | (is_first != 0.0) | value.is_nan()
}

#[inline(always)]
fn extreme<T: Real, const LARGEST: bool>(
    kept: &mut Values,
    values: &[T; LANES],
    active: &Values,
    is_first: &Values,
) {
    for i in 0..LANES {
        let (old, value) = (kept[i], values[i].wide());
        let is_new = is_beyond::<LARGEST>(value, old, is_first[i]) & (active[i] != 0.0);
        kept[i] = if is_new { value } else { old };
    }
}

#[inline(always)]
fn time_of<T: Real, const LARGEST: bool>(
    time: &mut Values,
    extreme: &mut Values,
    values: &[T; LANES],
    active: &Values,
    is_first: &Values,
    ticks: &Values,
) {
    for i in 0..LANES {
        let (old, value, before, now) = (extreme[i], values[i].wide(), time[i], ticks[i]);
        let is_new = is_beyond::<LARGEST>(value, old, is_first[i]) & (active[i] != 0.0);
        let when = if value.is_nan() { value } else { now };
        time[i] = if is_new { when } else { before };
        extreme[i] = if is_new { value } else { old };
    }
}

/// Adds the trapezoid since the read before.
#[inline(always)]
fn area<T: Real>(sum: &mut Values, last: &Values, values: &[T; LANES], since: &Values, time_per_tick: f64) {
    for i in 0..LANES {
        let (old, since) = (sum[i], since[i]);
        let new = old + 0.5 * (since * time_per_tick) * (last[i] + values[i].wide());
        // Where the group is not active, the value may be anything.
        sum[i] = if since == 0.0 { old } else { T::of(new).wide() };
    }
}

/// Adds the time since the read before where it held there.
#[inline(always)]
fn held(sum: &mut Values, last: &Values, since: &Values) {
    for i in 0..LANES {
        let (old, since) = (sum[i], since[i]);
        sum[i] = if last[i] == 0.0 { old } else { old + since };
    }
}

#[inline(always)]
fn longest(most: &mut Values, run: &mut Values, last: &Values, active: &Values, since: &Values) {
    for i in 0..LANES {
        let (before, longest, since) = (run[i], most[i], since[i]);
        let present = if last[i] == 0.0 { 0.0 } else { before + since };
        let present = if active[i] == 0.0 { before } else { present };
        run[i] = present;
        most[i] = if present > longest { present } else { longest };
    }
}

#[inline(always)]
fn first_time<T: Real>(kept: &mut Values, values: &[T; LANES], active: &Values, ticks: &Values) {
    for i in 0..LANES {
        let (old, now) = (kept[i], ticks[i]);
        let is_first = old.is_nan() & (values[i].wide() != 0.0) & (active[i] != 0.0);
        kept[i] = if is_first { now } else { old };
    }
}

/// Hands what an accumulator has come to to the expressions that read it.
pub(crate) struct ReadOut<'a, T> {
    pub(crate) layout: &'a AccumulatorLayout,
    pub(crate) state: &'a AccumulatorState,
    pub(crate) accumulator: usize,
    pub(crate) to: &'a mut Block<T>,
}

impl<T: Real> Task for ReadOut<'_, T> {
    type Out = ();

    // Times in days, what never came far away.
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Place { kind, first, .. } = self.layout.places[self.accumulator];
        let kept = self.to.0.iter_mut().zip(&self.state.kept[first].0);
        if is_time(kind) {
            kept.for_each(|(to, &value)| *to = T::of(if value.is_nan() { NEVER_DAYS } else { days(value) }));
        } else {
            kept.for_each(|(to, &value)| *to = T::of(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cpu::dispatch::Level;

    const LANE: usize = 11;

    /// An accumulator that begins anew with every dose, and its state.
    fn begun(kind: AccumulatorKind) -> (AccumulatorLayout, AccumulatorState) {
        let (window, on) = ([0, Ticks::MAX], ReadOn::Visits);
        let accumulator =
            Accumulator { kind, of: 0, window, on, since_dose: true, ends: false, on_study: false };
        let layout = AccumulatorLayout::new([(&accumulator, 0, 0)].into_iter());
        let mut state = AccumulatorState::new(&layout);
        state.clear(&layout, LANE);
        (layout, state)
    }

    /// Reads `(tick, value)` pairs; a model time is 10 ticks.
    fn read(layout: &AccumulatorLayout, state: &mut AccumulatorState, values: &[(f64, f64)]) {
        for &(tick, value) in values {
            state.activate(0, LANE);
            state.ticks.0[LANE] = tick;
            let registers = &[Block::splat(value)];
            let group = &layout.groups[0];
            let keep = Update { group, number: 0, state, registers, time_per_tick: 0.1 };
            Level::detect().run(keep);
        }
    }

    fn taken(kind: AccumulatorKind, values: &[(f64, f64)]) -> f64 {
        let (layout, mut state) = begun(kind);
        read(&layout, &mut state, values);
        finished(&layout, &state)
    }

    fn finished(layout: &AccumulatorLayout, state: &AccumulatorState) -> f64 {
        state.finished(layout, LANE, 0.1).collect::<Vec<_>>()[0]
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
        // 0 to 1, 3 to 4 and 4 to 6
        assert_eq!(of(AccumulatorKind::TimeTrue), 4.0);
        assert_eq!(of(AccumulatorKind::LongestTrue), 3.0);
        assert_eq!(of(AccumulatorKind::FirstTrue), 0.0);
        assert_eq!(taken(AccumulatorKind::FirstTrue, &VALUES[1..]), 3.0);
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
        for kind in [AccumulatorKind::Auc, AccumulatorKind::TimeTrue, AccumulatorKind::LongestTrue] {
            assert!(taken(kind, &[]).is_nan());
            assert_eq!(taken(kind, &[(2.0, 1.0)]), 0.0);
        }
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
    fn begun_anew_at_tick_40() {
        let renewed = |kind| {
            let (layout, mut state) = begun(kind);
            read(&layout, &mut state, &VALUES[..4]);
            state.reset_at_dose(&layout, LANE);
            read(&layout, &mut state, &VALUES[4..]);
            finished(&layout, &state)
        };
        assert_eq!(renewed(AccumulatorKind::Min), 0.0);
        assert_eq!(renewed(AccumulatorKind::Max), 1.0);
        // What held at tick 40 held until 60.
        assert_eq!(renewed(AccumulatorKind::TimeTrue), 2.0);
        assert_eq!(renewed(AccumulatorKind::LongestTrue), 2.0);
        assert_eq!(renewed(AccumulatorKind::FirstTrue), 7.0);
    }

    #[test]
    fn expressions_read_days() {
        let day = 86_400.0;
        let accumulated = |kind, values: &[(f64, f64)]| {
            let (layout, mut state) = begun(kind);
            read(&layout, &mut state, values);
            let mut block = Block::splat(0.0);
            let to = &mut block;
            Level::detect().run(ReadOut { layout: &layout, state: &state, accumulator: 0, to });
            block.0[LANE]
        };
        assert_eq!(accumulated(AccumulatorKind::TimeTrue, &[(0.0, 1.0), (5.0 * day, 0.0)]), 5.0);
        assert_eq!(accumulated(AccumulatorKind::FirstTrue, &[(day, 0.0)]), NEVER_DAYS);
        assert_eq!(accumulated(AccumulatorKind::FirstTrue, &[(1.5 * day, 1.0)]), 1.5);
    }
}
