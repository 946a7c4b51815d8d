//! Statistics of the curve between visits: extremes, and the time during which something holds.
//!
//! After an accepted step every curve is evaluated at equally spaced points of it, by the method's interpolant.
//! Where the step may hold a new extreme, or crosses a threshold, the place is searched for by evaluating the curve
//! in between. Steps end at the ends of windows, so each lies in a window or outside. WGSL twin:
//! `shaders/curve.wgsl`.

mod program;
mod search;
mod sift;

use crate::cohort::Ticks;
use crate::engine::curve::PIECES;
use crate::engine::instant::Instant;
use crate::plan::Accumulate;

use super::columns::Evaluate;
use super::control::Control;
use super::dispatch::Level;
use super::method::{Method, Sample};
use super::people::People;
use super::program::{Block, LANES};
use super::real::Real;
use search::{POINTS, parts, peak};
use sift::{Range, Sift, Values};

pub(crate) use program::Curves;
use program::Follower;

/// What a follower of a lane has come to: an extreme and its time; or the time during which the curve was above 0 and
/// the present run, or when it first was. Times are model times; NaN is never.
#[derive(Debug, Clone, Copy)]
struct Kept {
    value: f64,
    time: f64,
}

/// The curves of the lanes.
pub(crate) struct Follow<'a, T> {
    curves: &'a Curves,
    level: Level,
    registers: Vec<Block<T>>,
    /// `[curve][point]`, each of all lanes.
    values: Vec<Values<T>>,
    /// `[follower][lane]`
    kept: Vec<[Kept; LANES]>,
    /// `[window][lane]`: whether the present segment lies in it.
    inside: Vec<[bool; LANES]>,
    /// The observed expression whose curve was not finite in the last step of a lane, by its position.
    pub(crate) broken: [Option<usize>; LANES],
    /// `[item][follower]`
    done: Vec<f64>,
}

/// The engine's own values of the last attempt, after which the sides have been swapped.
pub(crate) struct Attempted<'a, T> {
    pub(crate) method: &'a Method,
    pub(crate) registers: &'a [Block<T>],
    pub(crate) control: &'a Control<T>,
}

impl<'a, T: Real> Follow<'a, T> {
    /// For so many items.
    pub(crate) fn new(curves: &'a Curves, level: Level, items: usize) -> Self {
        let zero = Block::splat(T::of(0.0));
        let mut registers = vec![zero; curves.program.end.max(curves.middle as u16 + 1).into()];
        for &(_, register, value) in &curves.constants {
            registers[usize::from(register)] = Block::splat(T::of(value));
        }
        let nothing = Kept { value: f64::NAN, time: f64::NAN };
        Self {
            curves,
            level,
            registers,
            values: vec![[zero; POINTS]; curves.outputs.len()],
            kept: vec![[nothing; LANES]; curves.followers.len()],
            inside: vec![[false; LANES]; curves.windows.len()],
            broken: [None; LANES],
            done: vec![f64::NAN; items * curves.followers.len()],
        }
    }

    /// A new item is in a lane.
    pub(crate) fn enter(&mut self, lane: usize, people: &People<'_>, item: usize) {
        let blocks = self.registers[self.curves.first_column..].iter_mut();
        for (block, &column) in blocks.zip(&self.curves.columns) {
            block.0[lane] = T::of(people.value(column, item));
        }
        for (kept, follower) in self.kept.iter_mut().zip(&self.curves.followers) {
            kept[lane] = match follower.kind {
                Accumulate::Held | Accumulate::Longest => Kept { value: 0.0, time: 0.0 },
                _ => Kept { value: f64::NAN, time: f64::NAN },
            };
        }
        self.broken[lane] = None;
    }

    /// A segment begins in a lane.
    pub(crate) fn begin_segment(&mut self, lane: usize, [start, end]: [Instant; 2]) {
        for (inside, &[first, last]) in self.inside.iter_mut().zip(&self.curves.windows) {
            inside[lane] = Instant::of_tick(first) <= start && end <= Instant::of_tick(last);
        }
        let middle = start.ticks() + 0.5 * end.ticks_since(start);
        self.registers[self.curves.middle].0[lane] = T::of(middle * self.curves.time_per_tick);
    }

    /// Reads a lane's state at a landing, before doses: the value with which windows begin that begin there.
    pub(crate) fn begin_windows(&mut self, lane: usize, now: Instant, state: impl Fn(usize) -> T) {
        let begins = |[first, _]: [Ticks; 2]| Instant::of_tick(first) == now;
        if !self.curves.windows.iter().any(|&window| begins(window)) {
            return;
        }
        let time = now.ticks() * self.curves.time_per_tick;
        for (block, &i) in self.registers.iter_mut().zip(&self.curves.states) {
            block.0[lane] = state(i);
        }
        self.registers[self.curves.time].0[lane] = T::of(time);
        self.evaluate();
        let curves = self.curves;
        for (number, follower) in curves.followers.iter().enumerate() {
            if begins(curves.windows[follower.window]) {
                let value = self.registers[curves.outputs[follower.curve]].0[lane].wide();
                if !value.is_finite() {
                    self.broken[lane].get_or_insert(follower.of);
                }
                if let Some(sign) = sign(follower.kind) {
                    take(&mut self.kept[number][lane], sign, value, time);
                }
            }
        }
    }

    /// Takes the last step of every lane in which one was accepted.
    pub(crate) fn step(&mut self, attempted: &Attempted<'_, T>, accepted: &[bool; LANES]) {
        let any = |inside: &[bool; LANES]| {
            inside.iter().zip(accepted).any(|(&inside, &accepted)| inside & accepted)
        };
        if !self.inside.iter().any(any) {
            return;
        }
        for point in 0..POINTS {
            self.sample(attempted, point);
        }
        let ranges: Vec<Range> = self.values.iter().map(|values| self.level.run(Sift { values })).collect();
        let curves = self.curves;
        for (number, follower) in curves.followers.iter().enumerate() {
            let range = &ranges[follower.curve];
            for (lane, &is_accepted) in accepted.iter().enumerate() {
                if is_accepted && self.inside[follower.window][lane] {
                    if !range.finite[lane] {
                        self.broken[lane].get_or_insert(follower.of);
                    }
                    self.follow(attempted, number, follower, range, lane);
                }
            }
        }
    }

    /// Evaluates every curve at a point of the last step of every lane.
    fn sample(&mut self, attempted: &Attempted<'_, T>, point: usize) {
        let Attempted { method, registers, control } = *attempted;
        let fraction = point as f64 / PIECES as f64;
        let (states, to) = (&self.curves.states, &mut self.registers[..]);
        self.level.run(Sample { method, registers, control, fraction, states, to });
        let time = &mut self.registers[self.curves.time];
        for (lane, time) in time.0.iter_mut().enumerate() {
            *time = time_of(control, lane, T::of(fraction));
        }
        self.evaluate();
        for (values, &output) in self.values.iter_mut().zip(&self.curves.outputs) {
            values[point] = self.registers[output];
        }
    }

    fn evaluate(&mut self) {
        let (program, registers) = (&self.curves.program, &mut self.registers[..]);
        self.level.run(Evaluate { program, registers });
    }

    /// One follower takes the last step of a lane.
    fn follow(
        &mut self,
        attempted: &Attempted<'_, T>,
        number: usize,
        follower: &Follower,
        range: &Range,
        lane: usize,
    ) {
        let values: [f64; POINTS] =
            std::array::from_fn(|point| self.values[follower.curve][point].0[lane].wide());
        let control = attempted.control;
        let time = |fraction: f64| {
            control.start.0[lane].wide()
                + (control.time.0[lane].wide() + fraction * control.used.0[lane].wide())
        };
        let mut kept = self.kept[number][lane];
        if let Some(sign) = sign(follower.kind) {
            let most = if sign > 0.0 { range.most[lane] } else { -range.least[lane] };
            if most <= sign * kept.value {
                return;
            }
            let signed = values.map(|value| sign * value);
            let (place, value) = peak(&signed, T::WIDTHS, |fraction| {
                sign * self.within(attempted, follower.curve, lane, fraction)
            });
            take(&mut kept, sign, sign * value, time(place));
        } else {
            let length = control.used.0[lane].wide();
            let kind = follower.kind;
            if range.least[lane] > 0.0 {
                hold(&mut kept, kind, length, time(0.0));
            } else if range.most[lane] <= 0.0 {
                end_run(&mut kept, kind);
            } else {
                let at = |fraction| self.within(attempted, follower.curve, lane, fraction);
                parts(&values, at, |from, to, above| {
                    if above {
                        hold(&mut kept, kind, (to - from) * length, time(from));
                    } else {
                        end_run(&mut kept, kind);
                    }
                });
            }
        }
        self.kept[number][lane] = kept;
    }

    /// A curve of one lane at a fraction of its last step.
    fn within(&mut self, attempted: &Attempted<'_, T>, curve: usize, lane: usize, fraction: f64) -> f64 {
        let Attempted { method, registers, control } = *attempted;
        let within = method.within(control, lane, T::of(fraction));
        for (block, &state) in self.registers.iter_mut().zip(&self.curves.states) {
            block.0[lane] = within.value(registers, state, lane);
        }
        self.registers[self.curves.time].0[lane] = time_of(control, lane, T::of(fraction));
        self.evaluate();
        self.registers[self.curves.outputs[curve]].0[lane].wide()
    }

    /// The item of a lane has reached its end.
    pub(crate) fn finish(&mut self, lane: usize, item: usize) {
        let width = self.curves.followers.len();
        let done = self.done[item * width..].iter_mut();
        for ((done, kept), follower) in done.zip(&self.kept).zip(&self.curves.followers) {
            let Kept { value, time } = kept[lane];
            *done = match follower.kind {
                Accumulate::TimeOfMin | Accumulate::TimeOfMax | Accumulate::First => time,
                _ => value,
            };
        }
    }

    /// Puts what came of the curves in its place among all accumulators, `[item][accumulator]`.
    pub(crate) fn hand_over(&self, values: &mut [f64], width: usize) {
        let followers = &self.curves.followers;
        if followers.is_empty() {
            return;
        }
        for (values, done) in values.chunks_mut(width).zip(self.done.chunks(followers.len())) {
            for (follower, &done) in followers.iter().zip(done) {
                values[follower.accumulator] = done;
            }
        }
    }
}

/// The model time at a fraction of a lane's last step.
fn time_of<T: Real>(control: &Control<T>, lane: usize, fraction: T) -> T {
    control.start.0[lane] + (control.time.0[lane] + fraction * control.used.0[lane])
}

/// What makes the wanted extreme the largest value; `None` if a kind keeps none.
fn sign(kind: Accumulate) -> Option<f64> {
    match kind {
        Accumulate::Max | Accumulate::TimeOfMax => Some(1.0),
        Accumulate::Min | Accumulate::TimeOfMin => Some(-1.0),
        _ => None,
    }
}

/// Keeps a value if it lies beyond the extreme so far.
fn take(kept: &mut Kept, sign: f64, value: f64, time: f64) {
    if kept.value.is_nan() || sign * value > sign * kept.value {
        *kept = Kept { value, time };
    }
}

/// The curve was above 0 for so long, from a time on.
fn hold(kept: &mut Kept, kind: Accumulate, length: f64, from: f64) {
    match kind {
        Accumulate::Longest => {
            // The present run.
            kept.time += length;
            kept.value = kept.value.max(kept.time);
        }
        Accumulate::First if kept.time.is_nan() => kept.time = from,
        Accumulate::First => {}
        _ => kept.value += length,
    }
}

/// The curve was not above 0.
fn end_run(kept: &mut Kept, kind: Accumulate) {
    if kind == Accumulate::Longest {
        kept.time = 0.0;
    }
}
