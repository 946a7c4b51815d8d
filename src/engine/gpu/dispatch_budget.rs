//! How far a dispatch may go, so that it is short on any device.
//!
//! Patients go on by visits, so that those who are side by side stay together; a bound on the steps keeps
//! the dispatch short where visits are rare or the patients stiff.

use std::time::Duration;

/// Visits of the first dispatch there is.
const FIRST: u32 = 4;
const LEAST: u32 = 1;
const MOST: u32 = 256;
/// Attempted steps for each visit at most: several times what daily visits of common models need.
const ATTEMPTS: u32 = 16;
/// How long a dispatch should take: far below what a watchdog waits for, long enough that starting it
/// costs nothing.
const DISPATCH: Duration = Duration::from_millis(150);
/// Growth from one dispatch to the next.
const GROWTH: f64 = 4.0;

/// What was learned from dispatches in which every item was at work.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DispatchBudget {
    items: u32,
    visits: u32,
}

impl DispatchBudget {
    pub(crate) fn new() -> Self {
        Self { items: 1, visits: FIRST }
    }

    /// Visits of the first dispatch of a batch. More items than were ever at work together may take
    /// longer in proportion.
    pub(crate) fn first(&self, items: u32) -> u32 {
        let share = (f64::from(self.items) / f64::from(items.max(1))).min(1.0);
        ((f64::from(self.visits) * share) as u32).clamp(LEAST, MOST)
    }

    /// Learns from a dispatch of a batch, unless its batch is much smaller than those known.
    pub(crate) fn learn(&mut self, items: u32, next: u32) {
        if items >= self.items / 2 {
            *self = Self { items, visits: next };
        }
    }
}

/// Attempted steps of a dispatch at most.
pub(crate) fn attempts(visits: u32) -> u32 {
    visits.saturating_mul(ATTEMPTS)
}

/// Visits that fit the dispatch after one of the same batch, of `done` visits where `fitting` were thought to fit, that
/// took so long.
pub(crate) fn next(fitting: u32, done: u32, took: Duration) -> u32 {
    let fit = f64::from(done) * DISPATCH.as_secs_f64() / took.as_secs_f64().max(1e-6);
    (fit.min(GROWTH * f64::from(fitting)) as u32).clamp(LEAST, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Time that a device needs for some visits of so many items: a floor, and a share for each.
    fn takes(items: u32, visits: u32, floor: f64, each: f64) -> Duration {
        Duration::from_secs_f64(f64::from(visits) * (floor + each * f64::from(items)))
    }

    /// The longest dispatch of some batches, half of whose items end early.
    fn longest(batches: &[u32], floor: f64, each: f64) -> f64 {
        let (mut budget, mut longest) = (DispatchBudget::new(), 0.0_f64);
        for &items in batches {
            let mut visits = budget.first(items);
            for dispatch in 0..40 {
                let active = if dispatch < 20 { items } else { items.div_ceil(1000) };
                let took = takes(active, visits, floor, each);
                longest = longest.max(took.as_secs_f64());
                visits = next(visits, visits, took);
                if active == items {
                    budget.learn(items, visits);
                }
            }
        }
        longest
    }

    #[test]
    fn no_dispatch_is_long_whatever_came_before() {
        // An integrated GPU: 8 visits of 131,072 items in 150 ms. A first patient, then full batches.
        let full = 131_072;
        assert!(longest(&[5, full, full, full], 1e-5, 0.15 / 8.0 / f64::from(full)) < 0.2);
        // A driver in software, at three steps a visit.
        assert!(longest(&[5, 8_192, 8_192, 50, 8_192], 1e-5, 3.0 / 1.4e6) < 0.2);
    }

    #[test]
    fn a_fast_device_is_given_much_to_do() {
        let mut budget = DispatchBudget::new();
        let mut visits = budget.first(131_072);
        for _ in 0..6 {
            visits = next(visits, visits, takes(131_072, visits, 1e-5, 1e-10));
            budget.learn(131_072, visits);
        }
        assert_eq!(budget.first(131_072), MOST);
    }
}
