//! Bioavailability, lag, duration and rate that depend on time, doses or states: they are those of the moment at which a
//! dose is given, before it enters, and the dose counts among those that have begun. One state that decays, against sums of
//! exponentials.

use vpop::engine::cpu::{Cpu, Isa, Precision};
use vpop::engine::{Engine, Status};
use vpop::model::graph::{DoseValue, Dosed, Symbol};
use vpop::plan::{DoseInput, ObservedId};

use crate::support::{DAY, Sketch, individuals};

const K: f64 = 0.4;
const END: f64 = 5.0;

/// What is there at `END` of doses of `amount` on days 0, 1, 2 and 3; the values of the route are expressions of the state
/// `x`, `t`, `number` and `amount` of the dose.
fn at_end(
    amount: &str,
    bioavailability: &str,
    lag: &str,
    input: impl Fn(&mut Sketch) -> DoseInput,
) -> [f64; 2] {
    let mut s = Sketch::new(&["x"]);
    let number = s.plan.graph.symbol(Symbol::Dose(DoseValue::Count, Dosed::Any));
    s.name("number", number);
    let podo = s.plan.graph.symbol(Symbol::Dose(DoseValue::Amount, Dosed::State(0)));
    s.name("podo", podo);
    let last = s.plan.graph.symbol(Symbol::Dose(DoseValue::Last, Dosed::Any));
    s.name("last", last);
    s.equation(0, "-0.4 * x");
    s.route(0, bioavailability, lag, None);
    let input = input(&mut s);
    s.plan.administrations[0].routes[0].input = input;
    let amounts = ["1", "2", "3", "4"].map(|dose| format!("{dose} * {amount}"));
    let doses: Vec<(u32, &str)> = (0..4).map(|i| (i * DAY, amounts[i as usize].as_str())).collect();
    s.arm(&doses);
    s.visits([0, END as u32 * DAY]);
    let of = s.observe("x");
    s.plan.trajectories = vec![of];
    s.tight();
    assert_eq!(of, ObservedId::new(0));
    let plan = s.plan();
    [Precision::F64, Precision::F32].map(|precision| {
        let mut patients = individuals(&plan, &[]);
        patients.trajectories = 1;
        let solution = Cpu::with_precision(&plan, Isa::detect(), precision).solve(&patients).unwrap();
        assert_eq!(solution.status, [Status::Ok]);
        solution.trajectories[1]
    })
}

fn assert_near([wide, narrow]: [f64; 2], expected: f64) {
    assert!((wide / expected - 1.0).abs() < 1e-8, "{wide} instead of {expected}");
    assert!((narrow / expected - 1.0).abs() < 1e-4, "in f32 {narrow} instead of {expected}");
}

/// What is left at `END` of a rate from one time to another.
fn infused(rate: f64, from: f64, to: f64) -> f64 {
    rate / K * ((-K * (END - to)).exp() - (-K * (END - from)).exp())
}

#[test]
fn bioavailability_by_what_is_there() {
    let mut x: f64 = 0.0;
    for dose in [10.0, 20.0, 30.0, 40.0] {
        x += dose / (1.0 + x / 25.0);
        x *= (-K).exp();
    }
    // From day 4 on nothing is given.
    assert_near(at_end("10", "1 / (1 + x / 25)", "0", |_| DoseInput::Bolus), x * (-K * (END - 4.0)).exp());
}

#[test]
fn bioavailability_by_the_dose_and_its_number() {
    let of = |i: usize| {
        let (amount, number) = (10.0 * (i + 1) as f64, (i + 1) as f64);
        amount / (1.0 + amount / 50.0 + 0.1 * number) * (-K * (END - i as f64)).exp()
    };
    let found = at_end("10", "1 / (1 + podo / 50 + 0.1 * number)", "0", |_| DoseInput::Bolus);
    assert_near(found, (0..4).map(of).sum());
}

#[test]
fn lag_by_time() {
    let of = |i: usize| 10.0 * (i + 1) as f64 * (-K * (END - i as f64 - 0.25 - 0.1 * i as f64)).exp();
    assert_near(at_end("10", "1", "0.25 + 0.1 * t", |_| DoseInput::Bolus), (0..4).map(of).sum());
}

#[test]
fn time_since_the_last_dose_is_none() {
    let of = |i: usize| 10.0 * (i + 1) as f64 * (-K * (END - i as f64)).exp();
    assert_near(at_end("10", "exp(last - t)", "0", |_| DoseInput::Bolus), (0..4).map(of).sum());
}

#[test]
fn duration_by_number() {
    let of = |i: usize| {
        let (amount, duration) = (10.0 * (i + 1) as f64, 0.25 * (i + 1) as f64);
        infused(amount / duration, i as f64, i as f64 + duration)
    };
    let found = at_end("10", "1", "0", |s| {
        s.define("over", "0.25 * number");
        DoseInput::Over(s.named("over"))
    });
    assert_near(found, (0..4).map(of).sum());
}

#[test]
fn rate_by_time() {
    let of = |i: usize| {
        let (amount, rate) = (10.0 * (i + 1) as f64, 40.0 + 20.0 * i as f64);
        infused(rate, i as f64, i as f64 + 0.5 * amount / rate)
    };
    let found = at_end("10", "0.5", "0", |s| {
        s.define("speed", "40 + 20 * t");
        DoseInput::AtRate(s.named("speed"))
    });
    assert_near(found, (0..4).map(of).sum());
}

#[test]
fn a_share_below_none_is_no_dose() {
    let mut s = Sketch::new(&["x"]);
    s.equation(0, "-0.4 * x");
    s.route(0, "1 - t", "0", None);
    s.arm(&[(0, "10"), (DAY, "10"), (2 * DAY, "10")]);
    s.visits([0, 4 * DAY]);
    let plan = s.plan();
    let solution = Cpu::new(&plan, Isa::detect()).solve(&individuals(&plan, &[])).unwrap();
    assert_eq!(solution.status, [Status::BadDose]);
}
