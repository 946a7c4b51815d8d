//! What is kept of an observed expression while a patient is integrated.

use crate::plan::Accumulate;

use super::real::Real;
use super::trial::{NEVER_DAYS, days};

/// One accumulator of one item. Values are those of the lanes, and sums are rounded as theirs; times are
/// ticks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    /// What it has come to.
    value: f64,
    /// The value read last, or the extreme whose time is kept.
    last: f64,
    /// When it was read last.
    at: f64,
    /// Length of the present run.
    run: f64,
    /// Whether anything was read.
    any: bool,
}

impl Cell {
    pub(crate) fn new(kind: Accumulate) -> Self {
        let sum = matches!(kind, Accumulate::Area | Accumulate::Held | Accumulate::Longest);
        let value = if sum { 0.0 } else { f64::NAN };
        Self { value, last: f64::NAN, at: f64::NAN, run: 0.0, any: false }
    }

    /// Begins anew; what was read last still holds until the next read.
    pub(crate) fn renew(&mut self, kind: Accumulate) {
        let fresh = Self::new(kind);
        *self = match kind {
            Accumulate::Area | Accumulate::Held | Accumulate::Longest => {
                Self { last: self.last, at: self.at, any: self.any, ..fresh }
            }
            _ => fresh,
        };
    }

    /// Takes a value read at a tick. Extremes of something that was ever not a number are not a number.
    pub(crate) fn take<T: Real>(&mut self, kind: Accumulate, value: T, tick: f64, time_per_tick: f64) {
        let value = value.wide();
        let first = !self.any;
        let since = if first { 0.0 } else { tick - self.at };
        match kind {
            Accumulate::Min | Accumulate::TimeOfMin => self.extreme(kind, value, tick, value < self.last),
            Accumulate::Max | Accumulate::TimeOfMax => self.extreme(kind, value, tick, value > self.last),
            Accumulate::At => self.value = value,
            Accumulate::Area if first => self.last = value,
            Accumulate::Area => {
                let since = since * time_per_tick;
                self.value = T::of(self.value + 0.5 * since * (self.last + value)).wide();
                self.last = value;
            }
            Accumulate::Held => {
                self.value += if self.holds() { since } else { 0.0 };
                self.last = value;
            }
            Accumulate::Longest => {
                self.run = if self.holds() { self.run + since } else { 0.0 };
                self.value = self.value.max(self.run);
                self.last = value;
            }
            Accumulate::First => {
                if self.value.is_nan() && value != 0.0 {
                    self.value = tick;
                }
            }
        }
        self.at = tick;
        self.any = true;
    }

    fn holds(&self) -> bool {
        self.any && self.last != 0.0
    }

    fn extreme(&mut self, kind: Accumulate, value: f64, tick: f64, beyond: bool) {
        if !self.any || beyond || value.is_nan() {
            self.last = value;
            self.value = if is_time(kind) && !value.is_nan() { tick } else { value };
        }
    }

    /// What expressions read of it: times in days, what never came far away.
    pub(crate) fn accumulated(&self, kind: Accumulate) -> f64 {
        match is_time(kind) {
            true if self.value.is_nan() => NEVER_DAYS,
            true => days(self.value),
            false => self.value,
        }
    }

    /// What it has come to, times in model time.
    pub(crate) fn finish(&self, kind: Accumulate, time_per_tick: f64) -> f64 {
        if is_time(kind) { self.value * time_per_tick } else { self.value }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What an accumulator makes of `(tick, value)` pairs; a model time is 10 ticks.
    fn cell(kind: Accumulate, values: &[(f64, f64)]) -> Cell {
        let mut cell = Cell::new(kind);
        for &(tick, value) in values {
            cell.take(kind, value, tick, 0.1);
        }
        cell
    }

    fn taken(kind: Accumulate, values: &[(f64, f64)]) -> f64 {
        cell(kind, values).finish(kind, 0.1)
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
            let mut cell = cell(kind, &VALUES[..4]);
            cell.renew(kind);
            for &(tick, value) in &VALUES[4..] {
                cell.take(kind, value, tick, 0.1);
            }
            cell.finish(kind, 0.1)
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
        let held = cell(Accumulate::Held, &[(0.0, 1.0), (5.0 * day, 0.0)]);
        assert_eq!(held.accumulated(Accumulate::Held), 5.0);
        assert_eq!(cell(Accumulate::First, &[(day, 0.0)]).accumulated(Accumulate::First), NEVER_DAYS);
        let half = cell(Accumulate::First, &[(1.5 * day, 1.0)]);
        assert_eq!(half.accumulated(Accumulate::First), 1.5);
    }
}
