//! One compartment with first-order elimination, its courses in closed form.

use vpop::cohort::Ticks;
use vpop::plan::Plan;
use vpop::verify::closed_form::Exponentials;

use super::{DAY, Sketch};

/// Per day.
pub(crate) const RATE: f64 = 0.3;

/// Times and amounts.
pub(crate) const DOSES: [(Ticks, &str); 3] = [(0, "100"), (7 * DAY, "100"), (14 * DAY, "50")];

/// Sum of a single dose's course over the doses given; `time` in days.
pub(crate) fn superposed(time: f64, single: impl Fn(f64) -> f64) -> f64 {
    let since = |start: Ticks| time - f64::from(start) / f64::from(DAY);
    DOSES
        .iter()
        .filter(|(start, _)| since(*start) > 0.0)
        .map(|(start, amount)| amount.parse().unwrap_or(f64::NAN) * single(since(*start)))
        .sum()
}

/// Days after a dose of 1 at once to the amount.
pub(crate) fn bolus(t: f64) -> f64 {
    Exponentials::one_compartment(RATE, 1.0).after(t, 0.0)
}

/// Days after the start of an infusion of 1 over half a day to the amount.
pub(crate) fn infusion(t: f64) -> f64 {
    Exponentials::one_compartment(RATE, 1.0).after(t, 0.5)
}

/// The doses at once or over `duration` in days, read every 6 h to day 21.
pub(crate) fn plan(duration: Option<&str>) -> Plan {
    let mut s = Sketch::new(&["A"]);
    s.parameter("rate", RATE);
    s.equation(0, "-rate*A");
    s.route(0, "1", "0", duration);
    s.arm(&DOSES);
    s.visits((0..=84).map(|i| i * DAY / 4));
    s.plan.trajectories = vec![s.observe("A")];
    s.tight();
    s.plan()
}

/// Largest `|got - expected| / max(expected, 1)` of the amounts at the plan's times; `single` is the amount after
/// one dose.
pub(crate) fn largest_error(amounts: &[f64], single: impl Fn(f64) -> f64) -> f64 {
    assert_eq!(amounts.len(), 85, "every 6 h to day 21");
    let error = |(i, got): (usize, &f64)| {
        let expected = superposed(i as f64 / 4.0, &single);
        (got - expected).abs() / expected.max(1.0)
    };
    amounts.iter().enumerate().map(error).fold(0.0, |a, b| if b.is_nan() { b } else { a.max(b) })
}
