//! When patients arrive.

use crate::cohort::{Accrual, WhenFull};
use crate::population::stream::Draws;

/// Days in a month, on average: 365.25 / 12.
const DAYS_PER_MONTH: f64 = 30.4375;

/// The arrivals of one trial.
pub(super) struct Arrivals {
    accrual: Accrual,
    draws: Draws,
    /// Of the last arrival, days since the trial opened.
    last: f64,
}

impl Arrivals {
    pub(super) fn new(accrual: Accrual, draws: Draws) -> Self {
        Self { accrual, draws, last: 0.0 }
    }

    /// The day on which the next patient takes a place that opens on a day.
    pub(super) fn next(&mut self, opens: f64) -> f64 {
        self.arrive();
        while self.accrual.when_full == WhenFull::TurnedAway && self.last < opens {
            self.arrive();
        }
        self.last.max(opens)
    }

    fn arrive(&mut self) {
        self.last -= self.draws.uniform().ln() * DAYS_PER_MONTH / self.accrual.patients_per_month;
    }
}
