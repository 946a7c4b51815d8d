//! The order of convergence, measured.

use crate::support::{DAY, Sketch, individuals};
use vpop::cohort::ReadOn;
use vpop::engine::Engine;
use vpop::engine::cpu::{Cpu, Isa};
use vpop::plan::{AccumulatorKind, Method, Plan};

/// Error of `x` after `days`, and steps, at a tolerance.
fn run(sketch: impl Fn() -> Sketch, days: u32, expected: f64, rtol: f64) -> (f64, f64) {
    let mut s = sketch();
    s.arm(&[]);
    s.visits([0, days * DAY]);
    s.accumulate(AccumulatorKind::At, "x", [days * DAY; 2], ReadOn::Visits);
    s.plan.rtol = rtol;
    s.plan.states.iter_mut().for_each(|state| state.atol = rtol);
    s.plan.method = Method::Rosenbrock;
    let plan: Plan = s.plan();
    let solution = Cpu::new(&plan, Isa::detect()).solve(&individuals(&plan, &[])).unwrap();
    ((solution.accumulators[0][0] - expected).abs(), f64::from(solution.steps[0]))
}

/// The orders between neighbouring tolerances, printed as a table.
fn orders(sketch: impl Fn() -> Sketch, days: u32, expected: f64, rtols: &[f64]) -> Vec<f64> {
    let runs: Vec<(f64, f64)> = rtols.iter().map(|&rtol| run(&sketch, days, expected, rtol)).collect();
    eprintln!("| tolerance | steps | error | order |");
    let orders = runs.windows(2).map(|pair| (pair[0].0 / pair[1].0).ln() / (pair[1].1 / pair[0].1).ln());
    let orders: Vec<f64> = orders.collect();
    for (i, (error, steps)) in runs.iter().enumerate() {
        let order = i.checked_sub(1).map_or(String::new(), |i| format!("{:.1}", orders[i]));
        eprintln!("| {:.0e} | {steps} | {error:.1e} | {order} |", rtols[i]);
    }
    orders
}

/// Near the method's order, which linear systems exceed and the first steps of others do not reach.
fn assert_orders(orders: &[f64]) {
    assert!(orders.iter().all(|order| (3.0..6.6).contains(order)), "{orders:?}");
    assert!(orders[1..].iter().all(|order| *order > 4.4), "{orders:?}");
}

#[test]
fn the_error_falls_with_the_fifth_power_of_the_step() {
    // A circle: x = cos t, y = sin t.
    let circle = || {
        let mut s = Sketch::new(&["x", "y"]);
        s.equation(0, "-y");
        s.equation(1, "x");
        s.initial(0, "1");
        s
    };
    assert_orders(&orders(circle, 20, 20.0_f64.cos(), &[1e-4, 1e-6, 1e-8, 1e-10]));
}

#[test]
fn so_it_does_where_the_equations_depend_on_time() {
    // With the solution 1 / (1 + t) + t^2.
    let driven = || {
        let mut s = Sketch::new(&["x"]);
        s.define("solution", "1/(1+t) + t*t");
        s.define("slope", "-1/((1+t)*(1+t)) + 2*t");
        s.equation(0, "slope - 3*(x*x - solution*solution)");
        s.initial(0, "1");
        s
    };
    assert_orders(&orders(driven, 2, 1.0 / 3.0 + 4.0, &[1e-4, 1e-6, 1e-8, 1e-10]));
}

/// Prothero and Robinson's problem: x' = -lambda (x - cos t) - sin t. The order in the limit of a stiff
/// problem is lower; the solution must be reached in few steps all the same.
#[test]
fn a_fast_mode_costs_no_steps() {
    let stiff = |lambda: f64| {
        move || {
            let mut s = Sketch::new(&["x", "c", "s"]);
            s.equation(0, &format!("-{lambda}*(x - c) - s"));
            s.equation(1, "-s");
            s.equation(2, "c");
            s.initial(0, "1");
            s.initial(1, "1");
            s
        }
    };
    for lambda in [1e2, 1e4, 1e6, 1e8] {
        let (error, steps) = run(stiff(lambda), 10, 10.0_f64.cos(), 1e-6);
        assert!(error < 1e-5, "lambda {lambda}: {error}");
        assert!(steps < 100.0, "lambda {lambda}: {steps} steps");
    }
}
