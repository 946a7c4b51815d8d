//! What followers have come to.

use crate::plan::AccumulatorKind;

use super::super::program::LANES;

/// What a follower has come to in a lane: an extreme and its time; or the time during which the curve was above 0 and
/// the present run, or when it first was. Times are model times; NaN is never.
#[derive(Debug, Clone, Copy)]
pub(super) struct FollowerState {
    pub(super) value: f64,
    pub(super) time: f64,
}

impl FollowerState {
    /// Nothing was seen yet.
    pub(super) fn nothing(kind: AccumulatorKind) -> Self {
        match kind {
            AccumulatorKind::TimeTrue | AccumulatorKind::LongestTrue => Self { value: 0.0, time: 0.0 },
            _ => Self { value: f64::NAN, time: f64::NAN },
        }
    }

    /// Keeps a value if it lies beyond the extreme so far.
    pub(super) fn take(&mut self, sign: f64, value: f64, time: f64) {
        if self.value.is_nan() || sign * value > sign * self.value {
            *self = Self { value, time };
        }
    }

    /// The curve was above 0 for so long, from a time on.
    pub(super) fn hold(&mut self, kind: AccumulatorKind, length: f64, from: f64) {
        match kind {
            AccumulatorKind::LongestTrue => {
                // The present run.
                self.time += length;
                self.value = self.value.max(self.time);
            }
            AccumulatorKind::FirstTrue if self.time.is_nan() => self.time = from,
            AccumulatorKind::FirstTrue => {}
            _ => self.value += length,
        }
    }

    /// The curve was not above 0.
    pub(super) fn end_run(&mut self, kind: AccumulatorKind) {
        if kind == AccumulatorKind::LongestTrue {
            self.time = 0.0;
        }
    }

    /// What is handed over.
    pub(super) fn result(&self, kind: AccumulatorKind) -> f64 {
        match kind {
            AccumulatorKind::TimeOfMin | AccumulatorKind::TimeOfMax | AccumulatorKind::FirstTrue => self.time,
            _ => self.value,
        }
    }
}

/// A follower in every lane.
#[derive(Debug, Clone)]
pub(super) struct FollowerStates {
    pub(super) value: [f64; LANES],
    time: [f64; LANES],
}

impl FollowerStates {
    pub(super) fn new(kind: AccumulatorKind) -> Self {
        let FollowerState { value, time } = FollowerState::nothing(kind);
        Self { value: [value; LANES], time: [time; LANES] }
    }

    pub(super) fn get(&self, lane: usize) -> FollowerState {
        FollowerState { value: self.value[lane], time: self.time[lane] }
    }

    pub(super) fn set(&mut self, lane: usize, kept: FollowerState) {
        (self.value[lane], self.time[lane]) = (kept.value, kept.time);
    }
}
