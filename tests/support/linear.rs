//! Linear equations whose solutions are known, written out by hand (M. Gibaldi, D. Perrier, Pharmacokinetics, 2nd ed.
//! 1982, chapters 1, 2 and 7). Rates are per day; doses are those of `one_compartment`.

use vpop::cohort::Ticks;
use vpop::plan::{Method, Plan};
use vpop::verify::closed_form::Exponentials;

use super::one_compartment::{DOSES, superposed};
use super::{DAY, Sketch};

/// A plan and the course of what it observes, every 6 h to day 21.
pub(crate) struct Linear {
    pub(crate) name: &'static str,
    pub(crate) plan: Plan,
    pub(crate) expected: Vec<f64>,
}

/// What enters where, and how.
#[derive(Clone, Copy)]
enum Dosed {
    AtOnce(usize),
    /// Over this time, in days.
    Over(usize, &'static str),
}

/// Equations, of which the last state is observed.
fn plan(states: &[&str], equations: &[&str], rates: &[(&str, f64)], dosed: Dosed) -> Plan {
    let mut s = Sketch::new(states);
    for (name, value) in rates {
        s.parameter(name, *value);
    }
    for (state, equation) in equations.iter().enumerate() {
        s.equation(state, equation);
    }
    match dosed {
        Dosed::AtOnce(state) => s.route(state, "1", "0", None),
        Dosed::Over(state, days) => s.route(state, "1", "0", Some(days)),
    }
    s.arm(&DOSES);
    s.visits((0..=84).map(|i: Ticks| i * DAY / 4));
    s.plan.trajectories = vec![s.observe(states[states.len() - 1])];
    s.plan.method = Method::ClosedForm;
    s.plan()
}

/// The course of doses, each of which adds its own.
fn course(single: impl Fn(f64) -> f64) -> Vec<f64> {
    (0..=84).map(|i| superposed(f64::from(i) / 4.0, &single)).collect()
}

/// What a first-order input at a rate makes of `e^(-k t)`.
fn absorbed(ka: f64, k: f64, t: f64) -> f64 {
    let (slow, apart) = (ka.min(k), (ka - k).abs());
    ka * (-slow * t).exp() * -(-apart * t).exp_m1() / apart
}

/// Rates of decay of two compartments, and their shares in the central amount after a bolus.
fn two([k10, k12, k21]: [f64; 3]) -> [(f64, f64); 2] {
    let sum = k10 + k12 + k21;
    let alpha = 0.5 * (sum + (sum * sum - 4.0 * k10 * k21).sqrt());
    let beta = k10 * k21 / alpha;
    [((alpha - k21) / (alpha - beta), alpha), ((k21 - beta) / (alpha - beta), beta)]
}

const ORAL: [&str; 2] = ["-ka*depot", "ka*depot - k*central"];
const RATES: [f64; 3] = [0.9, 0.6, 0.2];
const TWO: [(&str, f64); 3] = [("k10", RATES[0]), ("k12", RATES[1]), ("k21", RATES[2])];

pub(crate) fn cases() -> Vec<Linear> {
    [one_compartment(), absorption(), two_compartments(), three_compartments(), others()]
        .into_iter()
        .flatten()
        .collect()
}

fn one_compartment() -> Vec<Linear> {
    let iv = |k: f64, dosed| plan(&["central"], &["-k*central"], &[("k", k)], dosed);
    let infused = |k: f64| course(move |t| Exponentials::one_compartment(k, 1.0).after(t, 0.5));
    let case = |name, plan, expected| Linear { name, plan, expected };
    vec![
        case("bolus", iv(0.3, Dosed::AtOnce(0)), course(|t| (-0.3 * t).exp())),
        case("infusion", iv(0.3, Dosed::Over(0, "0.5")), infused(0.3)),
        case("infusion, hardly eliminated", iv(1e-9, Dosed::Over(0, "0.5")), infused(1e-9)),
        case("infusion, eliminated at once", iv(1e4, Dosed::Over(0, "0.5")), infused(1e4)),
    ]
}

fn absorption() -> Vec<Linear> {
    let oral = |name, ka: f64, k: f64| {
        let plan = plan(&["depot", "central"], &ORAL, &[("ka", ka), ("k", k)], Dosed::AtOnce(0));
        let single = move |t: f64| if ka == k { ka * t * (-k * t).exp() } else { absorbed(ka, k, t) };
        Linear { name, plan, expected: course(single) }
    };
    vec![
        oral("oral", 1.2, 0.3),
        oral("oral, flip-flop", 0.05, 0.7),
        oral("oral, ka = k", 0.3, 0.3),
        oral("oral, ka nearly k", 0.3 * (1.0 + 1e-9), 0.3),
        oral("oral, hardly eliminated", 2.0, 1e-9),
        oral("oral, eliminated at once", 0.2, 1e3),
    ]
}

fn two_compartments() -> Vec<Linear> {
    let equations = ["k12*central - k21*peripheral", "-k10*central - k12*central + k21*peripheral"];
    let iv = |dosed| plan(&["peripheral", "central"], &equations, &TWO, dosed);
    let unit = Exponentials::two_compartments(RATES[0], 1.0, RATES[1], RATES[1] / RATES[2]);
    let oral = |name, ka: f64| {
        let equations = ["-ka*depot", equations[0], "ka*depot - k10*central - k12*central + k21*peripheral"];
        let rates = [&TWO[..], &[("ka", ka)]].concat();
        let plan = plan(&["depot", "peripheral", "central"], &equations, &rates, Dosed::AtOnce(0));
        let term = move |(share, rate): (f64, f64), t: f64| {
            // The exponents are the same to rounding.
            let input =
                if (ka - rate).abs() < 1e-14 { ka * t * (-rate * t).exp() } else { absorbed(ka, rate, t) };
            share * input
        };
        Linear { name, plan, expected: course(move |t| two(RATES).into_iter().map(|of| term(of, t)).sum()) }
    };
    let [(_, alpha), (_, beta)] = two(RATES);
    vec![
        Linear { name: "two, bolus", plan: iv(Dosed::AtOnce(1)), expected: course(|t| unit.after(t, 0.0)) },
        Linear {
            name: "two, infusion",
            plan: iv(Dosed::Over(1, "0.5")),
            expected: course(|t| unit.after(t, 0.5)),
        },
        oral("two, oral", 2.3),
        oral("two, oral, between the exponents", 0.5),
        oral("two, oral, the slowest", 0.01),
        oral("two, oral, ka = alpha", alpha),
        oral("two, oral, ka = beta", beta),
    ]
}

fn three_compartments() -> Vec<Linear> {
    let case = |name, [k10, k12, k21, k13, k31]: [f64; 5], dosed, duration: f64| {
        let names = ["k10", "k12", "k21", "k13", "k31"];
        let rates: Vec<(&str, f64)> = names.into_iter().zip([k10, k12, k21, k13, k31]).collect();
        let equations = [
            "k12*central - k21*first",
            "k13*central - k31*second",
            "-(k10 + k12 + k13)*central + k21*first + k31*second",
        ];
        let unit = Exponentials::three_compartments(k10, 1.0, [k12, k12 / k21], [k13, k13 / k31]);
        let plan = plan(&["first", "second", "central"], &equations, &rates, dosed);
        Linear { name, plan, expected: course(|t| unit.after(t, duration)) }
    };
    let usual = [0.6, 0.8, 0.5, 0.3, 0.05];
    vec![
        case("three, bolus", usual, Dosed::AtOnce(2), 0.0),
        case("three, infusion", usual, Dosed::Over(2, "0.5"), 0.5),
        case("three, far apart", [20.0, 30.0, 2.0, 5.0, 0.02], Dosed::AtOnce(2), 0.0),
    ]
}

fn others() -> Vec<Linear> {
    let area = |k: f64| {
        let mut plan = plan(&["central", "area"], &["-k*central", "central"], &[("k", k)], Dosed::AtOnce(0));
        plan.states[1].atol = f64::INFINITY;
        plan
    };
    let chain = ["-k*a", "k*(a - b)", "k*(b - c)", "k*(c - d)"];
    let turnover = || {
        let mut s = Sketch::new(&["x"]);
        s.parameter("kin", 8.0);
        s.parameter("kout", 0.4);
        s.equation(0, "kin - kout*x");
        s.initial(0, "5");
        s.arm(&[]);
        s.visits((0..=84).map(|i| i * DAY / 4));
        s.plan.trajectories = vec![s.observe("x")];
        s.plan.method = Method::ClosedForm;
        s.plan()
    };
    vec![
        Linear { name: "area", plan: area(0.3), expected: course(|t| -(-0.3 * t).exp_m1() / 0.3) },
        Linear {
            name: "area, hardly eliminated",
            plan: area(1e-9),
            expected: course(|t| -(-1e-9 * t).exp_m1() / 1e-9),
        },
        Linear {
            name: "transit at equal rates",
            plan: plan(&["a", "b", "c", "d"], &chain, &[("k", 1.7)], Dosed::AtOnce(0)),
            expected: course(|t| (1.7 * t).powi(3) / 6.0 * (-1.7 * t).exp()),
        },
        Linear {
            name: "turnover",
            plan: turnover(),
            expected: (0..=84).map(|i| 20.0 - 15.0 * (-0.1 * f64::from(i)).exp()).collect(),
        },
    ]
}
