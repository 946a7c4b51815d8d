//! What accumulators that follow a curve have come to.

use crate::accumulator::{Row, Rows};
use crate::engine::cpu::program::LANES;

/// What a follower has come to in a lane: an extreme and its time; or what comes of the parts in which the curve was
/// above 0, and what else that needs. Times are model times; NaN is never.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FollowerState {
    /// The first row of its table.
    pub(crate) value: f64,
    /// The second.
    pub(crate) other: f64,
}

impl FollowerState {
    /// Nothing was seen yet.
    pub(crate) fn new(rows: &Rows) -> Self {
        let begin =
            |row: Option<&Row>| if row.is_some_and(|row| row.begins_without()) { f64::NAN } else { 0.0 };
        Self { value: begin(rows.all.first()), other: begin(rows.all.get(1)) }
    }

    /// Keeps a value if it lies beyond the extreme so far.
    pub(crate) fn take(&mut self, sign: f64, value: f64, time: f64) {
        if self.value.is_nan() || sign * value > sign * self.value {
            *self = Self { value, other: time };
        }
    }

    /// What it comes to.
    pub(crate) fn result(&self, rows: &Rows) -> f64 {
        if rows.value.first() == rows.all.first() { self.value } else { self.other }
    }
}

/// A follower in every lane.
#[derive(Debug, Clone)]
pub(crate) struct FollowerStates {
    pub(crate) value: [f64; LANES],
    other: [f64; LANES],
}

impl FollowerStates {
    pub(crate) fn new(rows: &Rows) -> Self {
        let FollowerState { value, other } = FollowerState::new(rows);
        Self { value: [value; LANES], other: [other; LANES] }
    }

    pub(crate) fn get(&self, lane: usize) -> FollowerState {
        FollowerState { value: self.value[lane], other: self.other[lane] }
    }

    pub(crate) fn set(&mut self, lane: usize, state: FollowerState) {
        (self.value[lane], self.other[lane]) = (state.value, state.other);
    }
}
