//! Bioavailability, lag, duration and rate that depend on time, doses or states: they are those of the moment at which a
//! dose is given, before it enters, and the dose counts among those that have begun. One state that decays, against sums of
//! exponentials.

use vpop::engine::{Engine, Status};
use vpop::model::graph::{DoseValue, Dosed, Symbol};
use vpop::plan::{DoseInput, ObservedId, Plan};

use crate::support::{DAY, Sketch, individuals};

const K: f64 = 0.4;
const END: f64 = 5.0;

/// How doses of 10, 20, 30 and 40 on days 0 to 3 enter, by expressions of the state `x`, `t`, and of the dose: its `number`,
/// its amount `podo`, and when the last one began, `last`.
#[derive(Clone, Copy)]
pub(crate) struct Entering {
    pub(crate) name: &'static str,
    bioavailability: &'static str,
    lag: &'static str,
    over: Option<&'static str>,
    rate: Option<&'static str>,
    /// What there is in the end.
    expected: fn() -> f64,
}

const AT_ONCE: Entering =
    Entering { name: "", bioavailability: "1", lag: "0", over: None, rate: None, expected: || f64::NAN };

/// What is left at `END` of an amount at a time.
fn left(amount: f64, at: f64) -> f64 {
    amount * (-K * (END - at)).exp()
}

/// The same of a rate from one time to another.
fn infused(rate: f64, from: f64, to: f64) -> f64 {
    left(rate / K, to) - left(rate / K, from)
}

/// The sum over the doses, of their amount and their day.
fn sum(of: impl Fn(f64, f64) -> f64) -> f64 {
    [0.0, 1.0, 2.0, 3.0].map(|day| of(10.0 * (day + 1.0), day)).into_iter().sum()
}

/// Every case.
pub(crate) fn cases() -> Vec<Entering> {
    vec![
        Entering {
            name: "bioavailability by what is there",
            bioavailability: "1 / (1 + x / 25)",
            expected: || {
                let doses = [10.0, 20.0, 30.0, 40.0];
                let at_4 = doses.iter().fold(0.0, |x: f64, dose| (x + dose / (1.0 + x / 25.0)) * (-K).exp());
                left(at_4, 4.0)
            },
            ..AT_ONCE
        },
        Entering {
            name: "bioavailability by the dose and its number",
            bioavailability: "1 / (1 + podo / 50 + 0.1 * number)",
            expected: || sum(|amount, day| left(amount / (1.0 + amount / 50.0 + 0.1 * (day + 1.0)), day)),
            ..AT_ONCE
        },
        Entering {
            name: "lag by time",
            lag: "0.25 + 0.1 * t",
            expected: || sum(|amount, day| left(amount, day + 0.25 + 0.1 * day)),
            ..AT_ONCE
        },
        Entering {
            name: "no time since the last dose",
            bioavailability: "exp(last - t)",
            expected: || sum(left),
            ..AT_ONCE
        },
        Entering {
            name: "duration by number",
            over: Some("0.25 * number"),
            expected: || {
                sum(|amount, day| {
                    let duration = 0.25 * (day + 1.0);
                    infused(amount / duration, day, day + duration)
                })
            },
            ..AT_ONCE
        },
        Entering {
            name: "rate by time",
            bioavailability: "0.5",
            rate: Some("40 + 20 * t"),
            expected: || {
                sum(|amount, day| {
                    let rate = 40.0 + 20.0 * day;
                    infused(rate, day, day + 0.5 * amount / rate)
                })
            },
            ..AT_ONCE
        },
    ]
}

/// The plan of a case, which reads `x` at its end.
pub(crate) fn plan(case: &Entering) -> Plan {
    let mut s = Sketch::new(&["x"]);
    for (name, value, of) in [
        ("number", DoseValue::Count, Dosed::Any),
        ("podo", DoseValue::Amount, Dosed::State(0)),
        ("last", DoseValue::Last, Dosed::Any),
    ] {
        let node = s.plan.graph.symbol(Symbol::Dose(value, of));
        s.name(name, node);
    }
    s.equation(0, "-0.4 * x");
    s.route(0, case.bioavailability, case.lag, None);
    if let Some(text) = case.over.or(case.rate) {
        s.define("input", text);
        let node = s.named("input");
        s.plan.administrations[0].routes[0].input =
            if case.rate.is_some() { DoseInput::AtRate(node) } else { DoseInput::Over(node) };
    }
    s.arm(&[(0, "10"), (DAY, "20"), (2 * DAY, "30"), (3 * DAY, "40")]);
    s.visits([0, END as u32 * DAY]);
    let of = s.observe("x");
    assert_eq!(of, ObservedId::new(0));
    s.plan.trajectories = vec![of];
    s.tight();
    s.plan()
}

/// What an engine makes of a case against the closed form, within a relative tolerance: how they differ.
pub(crate) fn check(case: &Entering, plan: &Plan, engine: &dyn Engine, tolerance: f64) -> Option<String> {
    let mut patients = individuals(plan, &[]);
    patients.trajectories = 1;
    let solution = engine.solve(&patients).unwrap();
    assert_eq!(solution.status, [Status::Ok], "{}", case.name);
    let (found, expected) = (solution.trajectories[1], (case.expected)());
    let is_near = (found / expected - 1.0).abs() < tolerance;
    (!is_near).then(|| format!("{}: {found} instead of {expected}", case.name))
}

/// A plan whose third dose has a bioavailability below 0.
pub(crate) fn impossible() -> Plan {
    plan(&Entering { bioavailability: "1.5 - t", ..AT_ONCE })
}
