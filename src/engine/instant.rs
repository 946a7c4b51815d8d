//! Times of the simulation, finer than the whole ticks at which doses are planned and visits are.

use crate::cohort::Ticks;

/// Parts of a tick.
const PARTS: f64 = 4_294_967_296.0;

/// A time, or a length of time: whole ticks and a fraction, to 2^-32 of a tick. The order is that of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(u64);

impl Instant {
    /// The first time, or no time at all.
    pub(crate) const START: Self = Self(0);
    /// What is later than any end.
    pub(crate) const NEVER: Self = Self(u64::MAX);

    /// A whole tick.
    pub(crate) fn of_tick(tick: Ticks) -> Self {
        Self(u64::from(tick) << 32)
    }

    /// So many ticks, later than any end if they are too many; none if they are negative or not a number.
    pub(crate) fn of_ticks(ticks: f64) -> Option<Self> {
        // The cast saturates.
        (ticks >= 0.0).then(|| Self((ticks * PARTS).round() as u64))
    }

    /// The tick that it is in.
    pub(crate) fn tick(self) -> Ticks {
        (self.0 >> 32) as Ticks
    }

    /// How far it is in its tick, in 2^-32.
    #[cfg(feature = "gpu")]
    pub(crate) fn fraction(self) -> u32 {
        self.0 as u32
    }

    /// How many ticks it is long.
    pub(crate) fn ticks(self) -> f64 {
        self.0 as f64 / PARTS
    }

    /// The time so much later.
    pub(crate) fn later(self, by: Self) -> Self {
        Self(self.0.saturating_add(by.0))
    }

    /// The time so much earlier, if that is not before the first.
    pub(crate) fn minus(self, by: Self) -> Option<Self> {
        self.0.checked_sub(by.0).map(Self)
    }

    /// How often a length goes into this one, and what is left.
    pub(crate) fn divided_by(self, length: Self) -> (u64, Self) {
        (self.0 / length.0.max(1), Self(self.0 % length.0.max(1)))
    }

    /// The ticks from an earlier time to this one.
    pub(crate) fn ticks_since(self, earlier: Self) -> f64 {
        Self(self.0.saturating_sub(earlier.0)).ticks()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_of_a_tick_are_kept() {
        let start = Instant::of_tick(8_640_000);
        let at = Instant::of_ticks(0.738).map(|lag| start.later(lag));
        assert!(at.is_some_and(|at| (at.ticks_since(start) - 0.738).abs() < 1e-9 && at.tick() == 8_640_000));
        assert_eq!(at.map(|at| at > start && at < Instant::of_tick(8_640_001)), Some(true));
    }

    #[test]
    fn what_is_too_late_never_comes_and_what_is_no_time_is_none() {
        assert_eq!(Instant::of_ticks(1e30), Some(Instant::NEVER));
        assert_eq!(Instant::of_ticks(f64::INFINITY), Some(Instant::NEVER));
        assert_eq!(Instant::of_tick(7).later(Instant::NEVER), Instant::NEVER);
        assert_eq!([-1e-3, f64::NAN].map(Instant::of_ticks), [None; 2]);
        assert_eq!(Instant::of_tick(7).ticks_since(Instant::of_tick(9)), 0.0);
        assert_eq!(Instant::of_tick(7).minus(Instant::of_tick(9)), None);
        assert_eq!(Instant::of_tick(7).divided_by(Instant::of_tick(3)), (2, Instant::of_tick(1)));
    }
}
