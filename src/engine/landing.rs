//! Times at which steps end besides doses, for one patient: once, or again and again.

use super::instant::Instant;
use super::value::Value;

/// Closer to a whole tick than this, a time is one: it was computed in another unit.
const WHOLE: f64 = 1e-6;

/// See [`Landing`](crate::plan::Landing), with individual values resolved.
#[derive(Debug, Clone)]
pub(crate) struct Landing {
    pub(crate) first: Value,
    pub(crate) every: Value,
    pub(crate) jumps: bool,
}

/// When a landing of a patient comes next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Coming {
    pub(crate) next: Instant,
    /// From one to the next; no time if there is only one.
    pub(crate) every: Instant,
}

impl Landing {
    /// When it first comes for a patient of `[column][patient]`: at 0 or later, or never.
    pub(crate) fn coming(&self, columns: &[Vec<f64>], patient: usize, time_per_tick: f64) -> Coming {
        self.coming_from(0.0, columns, patient, time_per_tick)
    }

    /// When it first comes at a model time or later, counted from there; `columns` hold `[column][row]`.
    pub(crate) fn coming_from(
        &self,
        origin: f64,
        columns: &[Vec<f64>],
        row: usize,
        time_per_tick: f64,
    ) -> Coming {
        let ticks = |time: f64| time / time_per_tick;
        Coming::new(ticks(self.first.of(columns, row) - origin), ticks(self.every.of(columns, row)))
    }
}

impl Coming {
    /// At `first` and, unless `every` is 0, at every multiple of it before and after; in ticks.
    fn new(first: f64, every: f64) -> Self {
        let (first, every) = (whole(first), whole(every));
        let never = Self { next: Instant::NEVER, every: Instant::START };
        if every == 0.0 {
            return Instant::of_ticks(first)
                .filter(|_| first.is_finite())
                .map_or(never, |next| Self { next, ..never });
        }
        let next = Instant::of_ticks(first.rem_euclid(every));
        next.zip(Instant::of_ticks(every)).map_or(never, |(next, every)| Self { next, every })
    }

    /// The same, counted from so much earlier.
    pub(crate) fn later(self, by: Instant) -> Self {
        Self { next: self.next.later(by), ..self }
    }

    /// Goes on to the first one after a time, no later than that of the next one.
    pub(crate) fn pass(&mut self, now: Instant) {
        if self.next <= now {
            let is_single = self.every == Instant::START;
            self.next = if is_single { Instant::NEVER } else { self.next.later(self.every) };
        }
    }
}

/// So many ticks, a whole number of them if they are nearly one.
pub(crate) fn whole(ticks: f64) -> f64 {
    if (ticks - ticks.round()).abs() < WHOLE { ticks.round() } else { ticks }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first times of a landing, up to three of them.
    fn times(first: f64, every: f64) -> Vec<f64> {
        let mut coming = Coming::new(first, every);
        let mut now = Instant::START;
        let mut times = Vec::new();
        for _ in 0..3 {
            coming.pass(now);
            if coming.next == Instant::NEVER {
                break;
            }
            now = coming.next;
            times.push(now.ticks());
        }
        times
    }

    #[test]
    fn single_ones_come_once_after_the_start() {
        assert_eq!(times(100.5, 0.0), [100.5]);
        assert_eq!(times(99.999_999_9, 0.0), [100.0]);
        for never in [0.0, -3.0, f64::NAN, f64::INFINITY] {
            assert!(times(never, 0.0).is_empty(), "{never}");
        }
    }

    #[test]
    fn others_come_at_every_multiple() {
        assert_eq!(times(0.0, 7.0), [7.0, 14.0, 21.0]);
        assert_eq!(times(24.5, 10.0), [4.5, 14.5, 24.5]);
        assert_eq!(times(-1.0, 10.0), [9.0, 19.0, 29.0]);
        assert_eq!(times(1e9, 0.5), [0.5, 1.0, 1.5]);
        assert!(times(1.0, f64::NAN).is_empty());
    }
}
