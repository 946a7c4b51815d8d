//! What is kept of observed expressions while patients are integrated, one value for each lane.

use crate::cohort::{ReadOn, Ticks};
use crate::plan::{Accumulate, Accumulator};

use super::dispatch::{Arithmetic, Task};
use super::program::{Block, LANES, Register};
use super::real::Real;
use super::trial::{NEVER_DAYS, days};

/// Accumulators that take the same reads.
#[derive(Debug)]
pub(crate) struct Group {
    /// The step of the visit program that evaluates what they keep.
    pub(crate) step: usize,
    pub(crate) on: ReadOn,
    /// Whether they take values at single grid points, visits or not.
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
    kind: Accumulate,
    /// Register of the expression's value.
    of: Register,
    /// Its first block of [`Cells::kept`]: what it has come to.
    first: usize,
}

/// How the accumulators of a plan are laid out.
#[derive(Debug, Default)]
pub(crate) struct Cabinet {
    pub(crate) groups: Vec<Group>,
    /// Of each accumulator, in the plan's order.
    places: Vec<Place>,
    /// Blocks in all.
    blocks: usize,
}

/// Where an accumulator is.
#[derive(Debug, Clone, Copy)]
struct Place {
    kind: Accumulate,
    /// Its first block.
    first: usize,
    group: usize,
}

impl Cabinet {
    /// Lays out accumulators, each given with the step that evaluates its expression and the register
    /// of its value.
    pub(crate) fn new<'a>(accumulators: impl Iterator<Item = (&'a Accumulator, usize, Register)>) -> Self {
        let mut cabinet = Self::default();
        for (accumulator, step, of) in accumulators {
            let member = Member { kind: accumulator.kind, of, first: cabinet.blocks };
            let group = cabinet.group(accumulator, step);
            cabinet.places.push(Place { kind: member.kind, first: member.first, group });
            cabinet.blocks += blocks(member.kind);
            // What is followed between visits takes no reads.
            if accumulator.on != ReadOn::Continuous {
                cabinet.groups[group].members.push(member);
            }
        }
        cabinet
    }

    /// Position of the group that an accumulator belongs to.
    fn group(&mut self, accumulator: &Accumulator, step: usize) -> usize {
        let &Accumulator { kind, window, on, since_dose, ends, on_study, .. } = accumulator;
        let at = kind == Accumulate::At;
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
fn blocks(kind: Accumulate) -> usize {
    match kind {
        Accumulate::Min | Accumulate::Max | Accumulate::At | Accumulate::First => 1,
        Accumulate::TimeOfMin | Accumulate::TimeOfMax | Accumulate::Area | Accumulate::Held => 2,
        Accumulate::Longest => 3,
    }
}

/// What a kind has come to before anything is read, for the expressions that read it.
fn nothing(kind: Accumulate) -> f64 {
    match kind {
        Accumulate::Area | Accumulate::Held | Accumulate::Longest => 0.0,
        _ => f64::NAN,
    }
}

/// Whether an accumulator comes to a time or a duration.
fn is_time(kind: Accumulate) -> bool {
    match kind {
        Accumulate::Min | Accumulate::Max | Accumulate::At | Accumulate::Area => false,
        Accumulate::TimeOfMin
        | Accumulate::TimeOfMax
        | Accumulate::Held
        | Accumulate::Longest
        | Accumulate::First => true,
    }
}

/// The accumulators of the items in the lanes. Values are those of the lanes, and sums are rounded as
/// theirs; times are ticks. Whether something holds is 1 or 0, so that it is chosen without a branch.
#[derive(Debug)]
pub(crate) struct Cells {
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
    concerned: Block<f64>,
    any: bool,
    /// When it was read last; NaN if never.
    last: Block<f64>,
    /// Whether nothing was read since it began, or began anew.
    fresh: Block<f64>,
}

impl Cells {
    pub(crate) fn new(cabinet: &Cabinet) -> Self {
        let zero = Block::splat(0.0);
        let reading = Reading { concerned: zero, any: false, last: zero, fresh: zero };
        Self { kept: vec![zero; cabinet.blocks], reads: vec![reading; cabinet.groups.len()], ticks: zero }
    }

    /// A new item is in a lane.
    pub(crate) fn clear(&mut self, cabinet: &Cabinet, lane: usize) {
        self.kept.iter_mut().for_each(|block| block.0[lane] = 0.0);
        for (group, reading) in cabinet.groups.iter().zip(&mut self.reads) {
            reading.last.0[lane] = f64::NAN;
            begin(group, reading, &mut self.kept, lane);
        }
    }

    /// A dose was given: some accumulators begin anew. What was read last still holds until the next
    /// read.
    pub(crate) fn renew(&mut self, cabinet: &Cabinet, lane: usize) {
        for (group, reading) in cabinet.groups.iter().zip(&mut self.reads) {
            if group.since_dose {
                begin(group, reading, &mut self.kept, lane);
            }
        }
    }

    /// The read of a lane that is being taken is one of a group's. Whether it is the first of them.
    pub(crate) fn concern(&mut self, group: usize, lane: usize) -> bool {
        let reading = &mut self.reads[group];
        reading.concerned.0[lane] = 1.0;
        !std::mem::replace(&mut reading.any, true)
    }

    /// What the accumulators of a lane have come to, times in model time; NaN if nothing was read.
    pub(crate) fn finished<'a>(
        &'a self,
        cabinet: &'a Cabinet,
        lane: usize,
        time_per_tick: f64,
    ) -> impl Iterator<Item = f64> + 'a {
        cabinet.places.iter().map(move |&Place { kind, first, group }| {
            let value = self.kept[first].0[lane];
            match self.reads[group].fresh.0[lane] {
                0.0 if is_time(kind) => value * time_per_tick,
                0.0 => value,
                _ => f64::NAN,
            }
        })
    }
}

fn begin(group: &Group, reading: &mut Reading, kept: &mut [Block<f64>], lane: usize) {
    reading.fresh.0[lane] = 1.0;
    for &Member { kind, first, .. } in &group.members {
        kept[first].0[lane] = nothing(kind);
        if kind == Accumulate::Longest {
            kept[first + 2].0[lane] = 0.0;
        }
    }
}

/// Gives the values of a group's expressions to its accumulators.
pub(crate) struct Keep<'a, T> {
    pub(crate) group: &'a Group,
    pub(crate) number: usize,
    pub(crate) cells: &'a mut Cells,
    pub(crate) registers: &'a [Block<T>],
    pub(crate) time_per_tick: f64,
}

/// A value for each lane.
type Values = [f64; LANES];

impl<T: Real> Task for Keep<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { group, number, cells, registers, time_per_tick } = self;
        let Cells { kept, reads, ticks } = cells;
        let Reading { concerned, any, last, fresh } = &mut reads[number];
        let mut since = [0.0; LANES];
        let spans = ticks.0.iter().zip(&last.0).zip(&concerned.0);
        for (since, ((now, before), concerned)) in since.iter_mut().zip(spans) {
            let ticks = (now - before) * concerned;
            *since = if ticks.is_nan() { 0.0 } else { ticks };
        }
        let reads = Reads { concerned: &concerned.0, fresh: &fresh.0, ticks: &ticks.0, since: &since };
        for &Member { kind, of, first } in &group.members {
            let values = &registers[usize::from(of)].0;
            keep(kind, &mut kept[first..first + blocks(kind)], values, &reads, time_per_tick);
        }
        replace(&mut last.0, &ticks.0, &concerned.0);
        replace(&mut fresh.0, &[0.0; LANES], &concerned.0);
        (concerned.0, *any) = ([0.0; LANES], false);
    }
}

/// The reads of a group.
struct Reads<'a> {
    concerned: &'a Values,
    fresh: &'a Values,
    ticks: &'a Values,
    /// Ticks since the read before; 0 at the first, and where the group is not concerned.
    since: &'a Values,
}

// What follows takes each array apart from the others, and reads both values before one is chosen: only
// then are the loops compiled for many lanes at once.

/// One accumulator takes values; `blocks` are its own.
#[inline(always)]
fn keep<T: Real>(
    kind: Accumulate,
    blocks: &mut [Block<f64>],
    values: &[T; LANES],
    reads: &Reads<'_>,
    time_per_tick: f64,
) {
    let &Reads { concerned, fresh, ticks, since } = reads;
    let mut parts = blocks.iter_mut().map(|block| &mut block.0);
    let (Some(kept), second, third) = (parts.next(), parts.next(), parts.next()) else { return };
    match (kind, second, third) {
        (Accumulate::Min, ..) => extreme::<T, false>(kept, values, concerned, fresh),
        (Accumulate::Max, ..) => extreme::<T, true>(kept, values, concerned, fresh),
        (Accumulate::TimeOfMin, Some(least), _) => {
            time_of::<T, false>(kept, least, values, concerned, fresh, ticks);
        }
        (Accumulate::TimeOfMax, Some(most), _) => {
            time_of::<T, true>(kept, most, values, concerned, fresh, ticks);
        }
        (Accumulate::Area, Some(last), _) => {
            area(kept, last, values, since, time_per_tick);
            replace(last, values, concerned);
        }
        (Accumulate::Held, Some(last), _) => {
            held(kept, last, since);
            replace(last, values, concerned);
        }
        (Accumulate::Longest, Some(last), Some(run)) => {
            longest(kept, run, last, concerned, since);
            replace(last, values, concerned);
        }
        (Accumulate::First, ..) => first_time(kept, values, concerned, ticks),
        _ => replace(kept, values, concerned),
    }
}

/// Takes values where the group is concerned.
#[inline(always)]
fn replace<T: Real>(kept: &mut Values, values: &[T; LANES], concerned: &Values) {
    for i in 0..LANES {
        let (old, new) = (kept[i], values[i].wide());
        kept[i] = if concerned[i] == 0.0 { old } else { new };
    }
}

/// Whether a value replaces an extreme. That of something that was ever not a number is not a number.
#[inline(always)]
fn is_beyond<const LARGEST: bool>(value: f64, extreme: f64, fresh: f64) -> bool {
    let beyond = if LARGEST { value > extreme } else { value < extreme };
    beyond | (fresh != 0.0) | value.is_nan()
}

#[inline(always)]
fn extreme<T: Real, const LARGEST: bool>(
    kept: &mut Values,
    values: &[T; LANES],
    concerned: &Values,
    fresh: &Values,
) {
    for i in 0..LANES {
        let (old, value) = (kept[i], values[i].wide());
        let is_new = is_beyond::<LARGEST>(value, old, fresh[i]) & (concerned[i] != 0.0);
        kept[i] = if is_new { value } else { old };
    }
}

#[inline(always)]
fn time_of<T: Real, const LARGEST: bool>(
    time: &mut Values,
    extreme: &mut Values,
    values: &[T; LANES],
    concerned: &Values,
    fresh: &Values,
    ticks: &Values,
) {
    for i in 0..LANES {
        let (old, value, before, now) = (extreme[i], values[i].wide(), time[i], ticks[i]);
        let is_new = is_beyond::<LARGEST>(value, old, fresh[i]) & (concerned[i] != 0.0);
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
        // Where the group is not concerned, the value may be anything.
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
fn longest(most: &mut Values, run: &mut Values, last: &Values, concerned: &Values, since: &Values) {
    for i in 0..LANES {
        let (before, longest, since) = (run[i], most[i], since[i]);
        let present = if last[i] == 0.0 { 0.0 } else { before + since };
        let present = if concerned[i] == 0.0 { before } else { present };
        run[i] = present;
        most[i] = if present > longest { present } else { longest };
    }
}

#[inline(always)]
fn first_time<T: Real>(kept: &mut Values, values: &[T; LANES], concerned: &Values, ticks: &Values) {
    for i in 0..LANES {
        let (old, now) = (kept[i], ticks[i]);
        let is_first = old.is_nan() & (values[i].wide() != 0.0) & (concerned[i] != 0.0);
        kept[i] = if is_first { now } else { old };
    }
}

/// Hands what an accumulator has come to to the expressions that read it.
pub(crate) struct HandOver<'a, T> {
    pub(crate) cabinet: &'a Cabinet,
    pub(crate) cells: &'a Cells,
    pub(crate) accumulator: usize,
    pub(crate) to: &'a mut Block<T>,
}

impl<T: Real> Task for HandOver<'_, T> {
    type Out = ();

    // Times in days, what never came far away.
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Place { kind, first, .. } = self.cabinet.places[self.accumulator];
        let kept = self.to.0.iter_mut().zip(&self.cells.kept[first].0);
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

    /// An accumulator that begins anew with every dose, and its cells.
    fn begun(kind: Accumulate) -> (Cabinet, Cells) {
        let (window, on) = ([0, Ticks::MAX], ReadOn::Visits);
        let accumulator =
            Accumulator { kind, of: 0, window, on, since_dose: true, ends: false, on_study: false };
        let cabinet = Cabinet::new([(&accumulator, 0, 0)].into_iter());
        let mut cells = Cells::new(&cabinet);
        cells.clear(&cabinet, LANE);
        (cabinet, cells)
    }

    /// Reads `(tick, value)` pairs; a model time is 10 ticks.
    fn read(cabinet: &Cabinet, cells: &mut Cells, values: &[(f64, f64)]) {
        for &(tick, value) in values {
            cells.concern(0, LANE);
            cells.ticks.0[LANE] = tick;
            let registers = &[Block::splat(value)];
            let group = &cabinet.groups[0];
            let keep = Keep { group, number: 0, cells, registers, time_per_tick: 0.1 };
            Level::detect().run(keep);
        }
    }

    fn taken(kind: Accumulate, values: &[(f64, f64)]) -> f64 {
        let (cabinet, mut cells) = begun(kind);
        read(&cabinet, &mut cells, values);
        finished(&cabinet, &cells)
    }

    fn finished(cabinet: &Cabinet, cells: &Cells) -> f64 {
        cells.finished(cabinet, LANE, 0.1).collect::<Vec<_>>()[0]
    }

    const VALUES: [(f64, f64); 6] =
        [(0.0, 3.0), (10.0, 0.0), (30.0, 5.0), (40.0, 5.0), (60.0, 0.0), (70.0, 1.0)];

    #[test]
    fn each_kind_by_hand() {
        let of = |kind| taken(kind, &VALUES);
        assert_eq!(of(Accumulate::Min), 0.0);
        assert_eq!(of(Accumulate::Max), 5.0);
        assert_eq!(of(Accumulate::TimeOfMin), 1.0);
        assert_eq!(of(Accumulate::TimeOfMax), 3.0);
        // 1.5 + 5 + 5 + 5 + 0.5
        assert_eq!(of(Accumulate::Area), 17.0);
        // 0 to 1, 3 to 4 and 4 to 6
        assert_eq!(of(Accumulate::Held), 4.0);
        assert_eq!(of(Accumulate::Longest), 3.0);
        assert_eq!(of(Accumulate::First), 0.0);
        assert_eq!(taken(Accumulate::First, &VALUES[1..]), 3.0);
    }

    #[test]
    fn nothing_read_and_not_a_number() {
        for kind in [Accumulate::Min, Accumulate::TimeOfMax, Accumulate::At, Accumulate::First] {
            assert!(taken(kind, &[]).is_nan());
        }
        for kind in [Accumulate::Area, Accumulate::Held, Accumulate::Longest] {
            assert!(taken(kind, &[]).is_nan());
            assert_eq!(taken(kind, &[(2.0, 1.0)]), 0.0);
        }
        for kind in [Accumulate::Min, Accumulate::Max, Accumulate::TimeOfMin, Accumulate::TimeOfMax] {
            assert!(taken(kind, &[(0.0, 1.0), (1.0, f64::NAN), (2.0, 3.0), (3.0, -3.0)]).is_nan());
        }
    }

    #[test]
    fn begun_anew_at_tick_40() {
        let renewed = |kind| {
            let (cabinet, mut cells) = begun(kind);
            read(&cabinet, &mut cells, &VALUES[..4]);
            cells.renew(&cabinet, LANE);
            read(&cabinet, &mut cells, &VALUES[4..]);
            finished(&cabinet, &cells)
        };
        assert_eq!(renewed(Accumulate::Min), 0.0);
        assert_eq!(renewed(Accumulate::Max), 1.0);
        // What held at tick 40 held until 60.
        assert_eq!(renewed(Accumulate::Held), 2.0);
        assert_eq!(renewed(Accumulate::Longest), 2.0);
        assert_eq!(renewed(Accumulate::First), 7.0);
    }

    #[test]
    fn expressions_read_days() {
        let day = 86_400.0;
        let accumulated = |kind, values: &[(f64, f64)]| {
            let (cabinet, mut cells) = begun(kind);
            read(&cabinet, &mut cells, values);
            let mut block = Block::splat(0.0);
            let to = &mut block;
            Level::detect().run(HandOver { cabinet: &cabinet, cells: &cells, accumulator: 0, to });
            block.0[LANE]
        };
        assert_eq!(accumulated(Accumulate::Held, &[(0.0, 1.0), (5.0 * day, 0.0)]), 5.0);
        assert_eq!(accumulated(Accumulate::First, &[(day, 0.0)]), NEVER_DAYS);
        assert_eq!(accumulated(Accumulate::First, &[(1.5 * day, 1.0)]), 1.5);
    }
}
