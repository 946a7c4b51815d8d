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
    /// Kind and first block of each accumulator, in the plan's order.
    places: Vec<(Accumulate, usize)>,
    /// Blocks in all.
    blocks: usize,
}

impl Cabinet {
    /// Lays out accumulators, each given with the step that evaluates its expression and the register
    /// of its value.
    pub(crate) fn new<'a>(accumulators: impl Iterator<Item = (&'a Accumulator, usize, Register)>) -> Self {
        let mut cabinet = Self::default();
        for (accumulator, step, of) in accumulators {
            let member = Member { kind: accumulator.kind, of, first: cabinet.blocks };
            cabinet.places.push((member.kind, member.first));
            cabinet.blocks += blocks(member.kind);
            cabinet.group(accumulator, step).members.push(member);
        }
        cabinet
    }

    /// The group that an accumulator belongs to.
    fn group(&mut self, accumulator: &Accumulator, step: usize) -> &mut Group {
        let &Accumulator { kind, window, on, since_dose, .. } = accumulator;
        let at = kind == Accumulate::At;
        let key = |group: &Group| (group.step, group.on, group.at, group.window, group.since_dose);
        let found = self.groups.iter().position(|group| key(group) == (step, on, at, window, since_dose));
        let position = found.unwrap_or(self.groups.len());
        if found.is_none() {
            self.groups.push(Group { step, on, at, window, since_dose, members: Vec::new() });
        }
        &mut self.groups[position]
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

/// What a kind has come to before anything is read.
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
    /// Whether a lane's read is one of the group's.
    concerned: Block<f64>,
    /// When it was read last; NaN if never.
    last: Block<f64>,
    /// Whether nothing was read since it began, or began anew.
    fresh: Block<f64>,
}

impl Cells {
    pub(crate) fn new(cabinet: &Cabinet) -> Self {
        let zero = Block::splat(0.0);
        let reading = Reading { concerned: zero, last: zero, fresh: zero };
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

    /// The read of a lane that is being taken is one of a group's.
    pub(crate) fn concern(&mut self, group: usize, lane: usize) {
        self.reads[group].concerned.0[lane] = 1.0;
    }

    /// What expressions read of an accumulator: times in days, what never came far away.
    pub(crate) fn accumulated(&self, cabinet: &Cabinet, accumulator: usize, lane: usize) -> f64 {
        let (kind, first) = cabinet.places[accumulator];
        let value = self.kept[first].0[lane];
        match is_time(kind) {
            true if value.is_nan() => NEVER_DAYS,
            true => days(value),
            false => value,
        }
    }

    /// What the accumulators of a lane have come to, times in model time.
    pub(crate) fn finished<'a>(
        &'a self,
        cabinet: &'a Cabinet,
        lane: usize,
        time_per_tick: f64,
    ) -> impl Iterator<Item = f64> + 'a {
        cabinet.places.iter().map(move |&(kind, first)| {
            let value = self.kept[first].0[lane];
            if is_time(kind) { value * time_per_tick } else { value }
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

/// The reads of a group.
struct Reads {
    concerned: Values,
    fresh: Values,
    ticks: Values,
    /// Ticks since the read before, 0 at the first.
    since: Values,
}

impl Reads {
    /// What is new where a group is concerned, else what there was.
    #[inline(always)]
    fn choose(&self, old: Values, new: Values) -> Values {
        let mut chosen = old;
        for i in 0..LANES {
            chosen[i] = if self.concerned[i] == 0.0 { old[i] } else { new[i] };
        }
        chosen
    }
}

impl<T: Real> Task for Keep<'_, T> {
    type Out = ();

    // Arrays are copied in and out: only then are these loops compiled for many lanes at once.
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { group, number, cells, registers, time_per_tick } = self;
        let Cells { kept, reads: readings, ticks } = cells;
        let Reading { concerned, last, fresh } = &mut readings[number];
        let (concerned, last, fresh, ticks) = (&mut concerned.0, &mut last.0, &mut fresh.0, ticks.0);
        let mut reads = Reads { concerned: *concerned, fresh: *fresh, ticks, since: *last };
        for i in 0..LANES {
            let since = ticks[i] - reads.since[i];
            reads.since[i] = if since.is_nan() { 0.0 } else { since };
        }
        for &Member { kind, of, first } in &group.members {
            let values = wide(&registers[usize::from(of)]);
            let blocks = &mut kept[first..first + blocks(kind)];
            keep::<T>(kind, blocks, &values, &reads, time_per_tick);
        }
        *last = reads.choose(*last, ticks);
        *fresh = reads.choose(*fresh, [0.0; LANES]);
        *concerned = [0.0; LANES];
    }
}

#[inline(always)]
fn wide<T: Real>(values: &Block<T>) -> Values {
    let mut wide = [0.0; LANES];
    for i in 0..LANES {
        wide[i] = values.0[i].wide();
    }
    wide
}

/// One accumulator takes values; `blocks` are its own.
#[inline(always)]
fn keep<T: Real>(
    kind: Accumulate,
    blocks: &mut [Block<f64>],
    values: &Values,
    reads: &Reads,
    time_per_tick: f64,
) {
    let mut parts = blocks.iter_mut().map(|block| &mut block.0);
    let (Some(kept), second, third) = (parts.next(), parts.next(), parts.next()) else { return };
    match (kind, second, third) {
        (Accumulate::Min, ..) => *kept = replaced(*kept, *values, beyond::<false>(kept, values, reads)),
        (Accumulate::Max, ..) => *kept = replaced(*kept, *values, beyond::<true>(kept, values, reads)),
        (Accumulate::TimeOfMin, Some(least), _) => {
            time_of(kept, least, values, beyond::<false>(least, values, reads), reads);
        }
        (Accumulate::TimeOfMax, Some(most), _) => {
            time_of(kept, most, values, beyond::<true>(most, values, reads), reads);
        }
        (Accumulate::Area, Some(last), _) => {
            *kept = reads.choose(*kept, area::<T>(*kept, last, values, reads, time_per_tick));
            *last = reads.choose(*last, *values);
        }
        (Accumulate::Held, Some(last), _) => {
            *kept = reads.choose(*kept, held(*kept, *kept, last, reads));
            *last = reads.choose(*last, *values);
        }
        (Accumulate::Longest, Some(last), Some(run)) => {
            *run = reads.choose(*run, held(*run, [0.0; LANES], last, reads));
            *kept = larger(*kept, *run);
            *last = reads.choose(*last, *values);
        }
        (Accumulate::First, ..) => *kept = first_time(*kept, values, reads),
        _ => *kept = reads.choose(*kept, *values),
    }
}

/// Where a value replaces an extreme: 1, else 0. That of something that was ever not a number is not a
/// number.
#[inline(always)]
fn beyond<const LARGEST: bool>(extreme: &Values, values: &Values, reads: &Reads) -> Values {
    let (extreme, values) = (*extreme, *values);
    let mut beyond = [0.0; LANES];
    for i in 0..LANES {
        let further = if LARGEST { values[i] > extreme[i] } else { values[i] < extreme[i] };
        let is_new = further | (reads.fresh[i] != 0.0) | values[i].is_nan();
        beyond[i] = if is_new { reads.concerned[i] } else { 0.0 };
    }
    beyond
}

#[inline(always)]
fn replaced(old: Values, new: Values, replaces: Values) -> Values {
    let mut kept = old;
    for i in 0..LANES {
        kept[i] = if replaces[i] == 0.0 { old[i] } else { new[i] };
    }
    kept
}

#[inline(always)]
fn time_of(time: &mut Values, extreme: &mut Values, values: &Values, replaces: Values, reads: &Reads) {
    let mut when = *values;
    for i in 0..LANES {
        when[i] = if when[i].is_nan() { when[i] } else { reads.ticks[i] };
    }
    *time = replaced(*time, when, replaces);
    *extreme = replaced(*extreme, *values, replaces);
}

/// A sum with the trapezoid since the read before.
#[inline(always)]
fn area<T: Real>(sum: Values, last: &Values, values: &Values, reads: &Reads, time_per_tick: f64) -> Values {
    let (last, values) = (*last, *values);
    let mut total = sum;
    for i in 0..LANES {
        let added = 0.5 * (reads.since[i] * time_per_tick) * (last[i] + values[i]);
        total[i] = T::of(sum[i] + added).wide();
    }
    total
}

/// A sum with the time since the read before, if it held there; what it is if not.
#[inline(always)]
fn held(sum: Values, if_not: Values, last: &Values, reads: &Reads) -> Values {
    let last = *last;
    let mut total = sum;
    for i in 0..LANES {
        total[i] = if last[i] == 0.0 { if_not[i] } else { sum[i] + reads.since[i] };
    }
    total
}

#[inline(always)]
fn larger(a: Values, b: Values) -> Values {
    let mut larger = a;
    for i in 0..LANES {
        larger[i] = if b[i] > a[i] { b[i] } else { a[i] };
    }
    larger
}

#[inline(always)]
fn first_time(kept: Values, values: &Values, reads: &Reads) -> Values {
    let values = *values;
    let mut is_first = [0.0; LANES];
    for i in 0..LANES {
        let is_new = kept[i].is_nan() & (values[i] != 0.0);
        is_first[i] = if is_new { reads.concerned[i] } else { 0.0 };
    }
    replaced(kept, reads.ticks, is_first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cpu::dispatch::Level;

    const LANE: usize = 11;

    /// An accumulator that begins anew with every dose, and its cells.
    fn begun(kind: Accumulate) -> (Cabinet, Cells) {
        let (window, on) = ([0, Ticks::MAX], ReadOn::Visits);
        let accumulator = Accumulator { kind, of: 0, window, on, since_dose: true };
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
        cells.finished(cabinet, LANE, 0.1).next().unwrap()
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
            cells.accumulated(&cabinet, 0, LANE)
        };
        assert_eq!(accumulated(Accumulate::Held, &[(0.0, 1.0), (5.0 * day, 0.0)]), 5.0);
        assert_eq!(accumulated(Accumulate::First, &[(day, 0.0)]), NEVER_DAYS);
        assert_eq!(accumulated(Accumulate::First, &[(1.5 * day, 1.0)]), 1.5);
    }
}
