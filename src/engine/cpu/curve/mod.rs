//! Statistics of the curve between visits: extremes, and the time during which something holds.
//!
//! After an accepted step every curve is evaluated at equally spaced points of it, by the method's interpolant.
//! Where the step may hold a new extreme, or crosses a threshold, the place is searched for by evaluating the curve
//! in between. Steps end at the ends of windows, so each lies in a window or outside. WGSL twin:
//! `shaders/curve.wgsl`.

mod program;
mod search;
mod sift;
mod trace;

use crate::cohort::{END_OF_RECORDS, Ticks};
use crate::engine::curve::PIECES;
use crate::engine::instant::Instant;
use crate::engine::landing::whole;
use crate::plan::ObservedId;

use super::accumulators::{FollowerState, FollowerStates, Part, follow};
use super::control::Control;
use super::method::Method;
use super::program::{Block, LANES, TILE, tiles_of};
use super::real::Real;
use super::routine::Evaluation;
use super::subjects::SubjectBatch;
use super::within::{Places, Sample};
use crate::isa::Isa;
use search::{POINTS, parts, peak, place};
use sift::{Range, Values};
use trace::Trace;

pub(crate) use program::Curves;
use program::{Follower, Search};

/// The curves of the lanes.
pub(crate) struct Follow<'a, T> {
    curves: &'a Curves,
    isa: Isa,
    registers: Vec<Block<T>>,
    /// The points within a step, both ends apart, and the one at which a single lane is looked at.
    inner: Vec<Places<T>>,
    single: Places<T>,
    /// `[point within a step][state]`
    states: Vec<Block<T>>,
    /// `[curve][point]`, each of all lanes.
    values: Vec<Values<T>>,
    /// `[curve]`
    ranges: Vec<Range>,
    /// `[follower]`
    kept: Vec<FollowerStates>,
    /// `[window][lane]`: first and last time; never of one that begins before the patient's first record.
    windows: Vec<[[Instant; 2]; LANES]>,
    /// Model time from which each lane counts.
    base: [f64; LANES],
    /// `[window][lane]`: whether the present segment lies in it.
    inside: Vec<[bool; LANES]>,
    /// The observed expression whose curve was not finite in the last step of a lane, by its position.
    pub(crate) broken: [Option<ObservedId>; LANES],
    /// `[item][follower]`
    done: Vec<f64>,
}

/// The engine's own values of the last attempt, after which the sides have been swapped.
pub(crate) struct Attempted<'a, T> {
    pub(crate) method: &'a Method,
    pub(crate) registers: &'a mut [Block<T>],
    pub(crate) control: &'a Control<T>,
}

impl<T> Attempted<'_, T> {
    /// The same, for a while.
    fn again(&mut self) -> Attempted<'_, T> {
        Attempted { method: self.method, registers: self.registers, control: self.control }
    }
}

impl<'a, T: Real> Follow<'a, T> {
    /// For so many items.
    pub(crate) fn new(curves: &'a Curves, method: &Method, isa: Isa, items: usize) -> Self {
        let zero = Block::splat(T::of(0.0));
        let mut registers = vec![zero; curves.routine.program.end.max(curves.middle as u16 + 1).into()];
        for &(_, register, value) in &curves.constants {
            registers[usize::from(register)] = Block::splat(T::of(value));
        }
        let kept = curves.followers.iter().map(|follower| FollowerStates::new(follower.rows));
        let inner = (1..PIECES).map(|point| Places::everywhere(method, place(point), tiles_of(items)));
        Self {
            curves,
            isa,
            registers,
            inner: inner.collect(),
            single: Places::nowhere(),
            states: vec![zero; (PIECES - 1) * curves.states.len()],
            values: vec![[zero; POINTS]; curves.outputs.len()],
            ranges: vec![Range::UNKNOWN; curves.outputs.len()],
            kept: kept.collect(),
            windows: vec![[[Instant::NEVER; 2]; LANES]; curves.windows.len()],
            base: [0.0; LANES],
            inside: vec![[false; LANES]; curves.windows.len()],
            broken: [None; LANES],
            done: vec![f64::NAN; items * curves.followers.len()],
        }
    }

    /// A new item is in a lane; of a patient of a data set, whose records begin at a model time and end so long after it.
    pub(crate) fn enter(&mut self, lane: usize, records: Option<(f64, Instant)>) {
        for (kept, follower) in self.kept.iter_mut().zip(&self.curves.followers) {
            kept.set(lane, FollowerState::new(follower.rows));
        }
        self.broken[lane] = None;
        self.base[lane] = records.map_or(0.0, |(origin, _)| origin);
        for (windows, &window) in self.windows.iter_mut().zip(&self.curves.windows) {
            windows[lane] = match records {
                None => window.map(Instant::of_tick),
                Some((_, end)) if window[1] == END_OF_RECORDS => [Instant::START, end],
                Some((origin, _)) => {
                    let since = |tick: Ticks| whole(f64::from(tick) - origin / self.curves.time_per_tick);
                    let [first, last] = window.map(|tick| Instant::of_ticks(since(tick)));
                    first.zip(last).map_or([Instant::NEVER; 2], |(first, last)| [first, last])
                }
            };
        }
    }

    /// Takes the individual values of a row.
    pub(crate) fn take_values(&mut self, lane: usize, subjects: &SubjectBatch<'_>, row: usize) {
        let blocks = self.registers[self.curves.first_column..].iter_mut();
        for (block, &column) in blocks.zip(&self.curves.columns) {
            block.0[lane] = T::of(subjects.columns[column][row]);
        }
    }

    /// The next end of a window of a lane after a time: a step ends there.
    pub(crate) fn next_end(&self, lane: usize, now: Instant) -> Option<Instant> {
        self.windows.iter().flat_map(|windows| windows[lane]).filter(|&end| end > now).min()
    }

    /// A segment begins in a lane: in no window if it is apart from the patient's time.
    pub(crate) fn begin_segment(&mut self, lane: usize, [start, end]: [Instant; 2], is_apart: bool) {
        for (inside, windows) in self.inside.iter_mut().zip(&self.windows) {
            let [first, last] = windows[lane];
            inside[lane] = !is_apart && first <= start && end <= last;
        }
        let middle = start.ticks() + 0.5 * end.ticks_since(start);
        self.registers[self.curves.middle].0[lane] =
            T::of(self.base[lane] + middle * self.curves.time_per_tick);
    }

    /// Reads a lane's state at a landing, before doses: the value with which windows begin that begin there.
    pub(crate) fn begin_windows(&mut self, lane: usize, now: Instant, state: impl Fn(usize) -> T) {
        if self.windows.iter().all(|windows| windows[lane][0] != now) {
            return;
        }
        let time = self.base[lane] + now.ticks() * self.curves.time_per_tick;
        for (block, &i) in self.registers.iter_mut().zip(&self.curves.states) {
            block.0[lane] = state(i);
        }
        self.registers[self.curves.time].0[lane] = T::of(time);
        self.evaluate_lane(lane);
        let curves = self.curves;
        for (number, follower) in curves.followers.iter().enumerate() {
            if self.windows[follower.window][lane][0] == now {
                let value = self.registers[curves.outputs[follower.curve]].0[lane].wide();
                if !value.is_finite() {
                    self.broken[lane].get_or_insert(follower.of);
                }
                match follower.search {
                    Search::Extreme(sign) => self.change(number, lane, |kept| kept.take(sign, value, time)),
                    Search::Parts { from_start: false } => {}
                    Search::Parts { from_start: true } => {
                        let part = Part { from: time, length: 0.0, above: value > 0.0 };
                        self.change(number, lane, |kept| follow(follower.kind, kept, &part));
                    }
                }
            }
        }
    }

    /// Takes the last step of every lane in which one was accepted.
    pub(crate) fn step(&mut self, attempted: &mut Attempted<'_, T>, accepted: &[bool; LANES]) {
        let curves = self.curves;
        if !self.inside.iter().any(|inside| (0..LANES).any(|l| inside[l] & accepted[l])) {
            return;
        }
        let Self { inner, states, registers, values, ranges, .. } = self;
        let attempt = attempted.again();
        self.isa.run(Trace { curves, attempted: attempt, inner, states, registers, values, ranges });
        for (number, follower) in curves.followers.iter().enumerate() {
            let inside = &self.inside[follower.window];
            let active: [bool; LANES] = std::array::from_fn(|l| inside[l] & accepted[l]);
            let doubt = &self.ranges[follower.curve].doubt;
            if (0..LANES).fold(false, |any, l| any | (active[l] & (doubt[l] != 0.0))) {
                self.note_broken(follower, &active);
            }
            match follower.search {
                Search::Extreme(sign) => self.follow_extreme(attempted, number, sign, &active),
                Search::Parts { .. } => self.follow_parts(attempted, number, &active),
            }
        }
    }

    /// Notes the lanes in which a curve was not finite.
    fn note_broken(&mut self, follower: &Follower, active: &[bool; LANES]) {
        let doubt = &self.ranges[follower.curve].doubt;
        for l in (0..LANES).filter(|&l| active[l] && doubt[l] != 0.0) {
            self.broken[l].get_or_insert(follower.of);
        }
    }

    /// Evaluates the curves of a lane.
    fn evaluate_lane(&mut self, lane: usize) {
        let (routine, tile) = (&self.curves.routine, lane / TILE);
        self.isa.run(Evaluation { routine, tiles: tile..tile + 1, registers: &mut self.registers });
    }

    /// The values of a curve at the points of a lane's last step.
    fn values(&self, curve: usize, lane: usize) -> [f64; POINTS] {
        std::array::from_fn(|point| self.values[curve][point].0[lane].wide())
    }

    /// An extreme takes the last step of lanes.
    fn follow_extreme(
        &mut self,
        attempted: &mut Attempted<'_, T>,
        number: usize,
        sign: f64,
        active: &[bool; LANES],
    ) {
        let curve = self.curves.followers[number].curve;
        let (range, kept) = (&self.ranges[curve], &self.kept[number].value);
        let bound = if sign > 0.0 { &range.most } else { &range.least };
        // Every lane is looked at, so that they are many at once; what was never seen is not a number.
        let may_exceed: [bool; LANES] = std::array::from_fn(|l| {
            let is_below = sign * bound[l] <= sign * kept[l];
            active[l] & !is_below
        });
        for lane in (0..LANES).filter(|&l| may_exceed[l]) {
            let signed = self.values(curve, lane).map(|value| sign * value);
            let (place, value) =
                peak(&signed, T::WIDTHS, |fraction| sign * self.within(attempted, curve, lane, fraction));
            let time = time_at(attempted.control, lane, place);
            self.change(number, lane, |kept| kept.take(sign, sign * value, time));
        }
    }

    /// What takes parts of steps takes the last step of lanes.
    fn follow_parts(&mut self, attempted: &mut Attempted<'_, T>, number: usize, active: &[bool; LANES]) {
        let Follower { curve, kind, .. } = self.curves.followers[number];
        let control = attempted.control;
        for lane in (0..LANES).filter(|&l| active[l]) {
            let length = control.dt.0[lane].wide();
            let time = |fraction: f64| time_at(control, lane, fraction);
            let [least, most] = [self.ranges[curve].least[lane], self.ranges[curve].most[lane]];
            if least > 0.0 || most <= 0.0 {
                let part = Part { from: time(0.0), length, above: least > 0.0 };
                self.change(number, lane, |kept| follow(kind, kept, &part));
            } else {
                let mut kept = self.kept[number].get(lane);
                let values = self.values(curve, lane);
                let at = |fraction| self.within(attempted, curve, lane, fraction);
                parts(&values, T::CLOSE, at, |from, to, above| {
                    let part = Part { from: time(from), length: (to - from) * length, above };
                    follow(kind, &mut kept, &part);
                });
                self.kept[number].set(lane, kept);
            }
        }
    }

    /// Changes what a follower has come to in a lane.
    fn change(&mut self, number: usize, lane: usize, change: impl FnOnce(&mut FollowerState)) {
        let mut kept = self.kept[number].get(lane);
        change(&mut kept);
        self.kept[number].set(lane, kept);
    }

    /// A curve of one lane at a fraction of its last step.
    fn within(&mut self, attempted: &mut Attempted<'_, T>, curve: usize, lane: usize, fraction: f64) -> f64 {
        let Attempted { method, control, .. } = *attempted;
        let registers = &mut *attempted.registers;
        self.single.clear();
        self.single.look(method, lane, fraction);
        let (places, states) = (std::slice::from_ref(&self.single), &self.curves.states[..]);
        let to = &mut self.registers[..];
        self.isa.run(Sample { method, registers, control, places, states, to });
        self.registers[self.curves.time].0[lane] = time_of(control, lane, T::of(fraction));
        self.evaluate_lane(lane);
        self.registers[self.curves.outputs[curve]].0[lane].wide()
    }

    /// The item of a lane has reached its end.
    pub(crate) fn finish(&mut self, lane: usize, item: usize) {
        let width = self.curves.followers.len();
        let done = self.done[item * width..].iter_mut();
        for ((done, kept), follower) in done.zip(&self.kept).zip(&self.curves.followers) {
            let [first, _] = self.windows[follower.window][lane];
            let is_seen = first != Instant::NEVER;
            *done = if is_seen { kept.get(lane).result(follower.rows) } else { f64::NAN };
        }
    }

    /// Puts what came of the curves in its place among all accumulators, `[item][accumulator]`.
    pub(crate) fn write_results(&self, values: &mut [f64], width: usize) {
        let followers = &self.curves.followers;
        if followers.is_empty() {
            return;
        }
        for (values, done) in values.chunks_mut(width).zip(self.done.chunks(followers.len())) {
            for (follower, &done) in followers.iter().zip(done) {
                values[follower.accumulator.index()] = done;
            }
        }
    }
}

/// The model time at a fraction of a lane's last step. Not by [`Control::at`], whose product and sum are fused where the
/// processor can: here they are rounded apart, as in [`time_at`], so that a curve is evaluated at the time that is kept.
#[inline(always)]
fn time_of<T: Real>(control: &Control<T>, lane: usize, fraction: T) -> T {
    control.start.0[lane] + (control.time.0[lane] + fraction * control.dt.0[lane])
}

/// The same in f64, for what is kept.
fn time_at<T: Real>(control: &Control<T>, lane: usize, fraction: f64) -> f64 {
    let [start, time, dt] = [&control.start, &control.time, &control.dt].map(|block| block.0[lane].wide());
    start + (time + fraction * dt)
}
