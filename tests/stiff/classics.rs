//! Standard stiff problems, with end values from the literature.
//!
//! Hairer, Wanner, Solving Ordinary Differential Equations II, section IV.10; Mazzia, Magherini, Test Set
//! for Initial Value Problem Solvers, release 2.4 (2008).

use crate::support::{DAY, Sketch, individuals};
use vpop::cohort::ReadOn;
use vpop::engine::cpu::{Cpu, Level, Precision};
use vpop::engine::{Engine, Solution, Status};
use vpop::plan::{Accumulate, Method};

/// A problem in the states `y1`, `y2`, and so on.
struct Problem {
    equations: &'static [&'static str],
    initial: &'static [f64],
    end: f64,
    /// The values there.
    expected: &'static [f64],
    /// Absolute tolerances are this, times the relative one.
    scale: f64,
}

/// The chemical reactions of H. H. Robertson (1966).
const ROBERTSON: Problem = Problem {
    equations: &["-0.04*y1 + 1e4*y2*y3", "0.04*y1 - 1e4*y2*y3 - 3e7*y2*y2", "3e7*y2*y2"],
    initial: &[1.0, 0.0, 0.0],
    end: 40.0,
    expected: &[0.715_827_068_7, 0.918_553_476_5e-5, 0.284_163_745_7],
    scale: 1e-6,
};

/// Van der Pol's oscillator with mu = 1000.
const VAN_DER_POL: Problem = Problem {
    equations: &["y2", "1000*(1 - y1*y1)*y2 - y1"],
    initial: &[2.0, 0.0],
    end: 2000.0,
    expected: &[1.706_167_732_170_483, -0.892_809_701_024_797_5e-3],
    scale: 1e-3,
};

/// High irradiance responses of photomorphogenesis (Schaefer 1975).
const HIRES: Problem = Problem {
    equations: &[
        "-1.71*y1 + 0.43*y2 + 8.32*y3 + 0.0007",
        "1.71*y1 - 8.75*y2",
        "-10.03*y3 + 0.43*y4 + 0.035*y5",
        "8.32*y2 + 1.71*y3 - 1.12*y4",
        "-1.745*y5 + 0.43*y6 + 0.43*y7",
        "-280*y6*y8 + 0.69*y4 + 1.71*y5 - 0.43*y6 + 0.69*y7",
        "280*y6*y8 - 1.81*y7",
        "-280*y6*y8 + 1.81*y7",
    ],
    initial: &[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0057],
    end: 321.8122,
    expected: &[
        0.737_131_257_332_566_8e-3,
        0.144_248_572_631_618_5e-3,
        0.588_872_974_096_757_5e-4,
        0.117_565_134_328_314_9e-2,
        0.238_635_619_883_133_1e-2,
        0.623_896_825_274_279_6e-2,
        0.284_999_839_518_576_9e-2,
        0.285_000_160_481_423_1e-2,
    ],
    scale: 1e-4,
};

/// E5, a model of pyrolysis (Datta 1967).
const E5: Problem = Problem {
    equations: &[
        "-7.89e-10*y1 - 1.1e7*y1*y3",
        "7.89e-10*y1 - 1.13e9*y2*y3",
        "7.89e-10*y1 - 1.1e7*y1*y3 + 1.13e3*y4 - 1.13e9*y2*y3",
        "1.1e7*y1*y3 - 1.13e3*y4",
    ],
    initial: &[1.76e-3, 0.0, 0.0, 0.0],
    end: 1e13,
    expected: &[0.0, 0.886_765_551_764_212_0e-22, 0.885_481_462_626_883_8e-22, 0.0],
    scale: 1e-21,
};

/// Its values at the end, and the solution.
fn solve(problem: &Problem, rtol: f64, precision: Precision) -> (Vec<f64>, Solution) {
    let names: Vec<String> = (1..=problem.equations.len()).map(|i| format!("y{i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut s = Sketch::new(&names);
    for (i, (equation, initial)) in problem.equations.iter().zip(problem.initial).enumerate() {
        s.equation(i, equation);
        s.initial(i, &format!("{initial}"));
    }
    s.arm(&[]);
    s.visits([0, DAY]);
    for name in &names {
        s.accumulate(Accumulate::At, name, [DAY; 2], ReadOn::Visits);
    }
    let mut plan = s.plan();
    plan.time_per_tick = problem.end / f64::from(DAY);
    plan.rtol = rtol;
    plan.states.iter_mut().for_each(|state| state.atol = rtol * problem.scale);
    plan.method = Method::Rosenbrock;
    let engine = Cpu::with_precision(&plan, Level::detect(), precision);
    let solution = engine.solve(&individuals(&plan, &[])).unwrap();
    assert_eq!(solution.status, [Status::Ok]);
    (solution.accumulators.iter().map(|values| values[0]).collect(), solution)
}

/// Largest relative error of values that are not 0, those that are 0 over the scale.
fn error(problem: &Problem, got: &[f64]) -> f64 {
    let errors = got.iter().zip(problem.expected).map(|(got, &expected)| {
        let size = if expected == 0.0 { problem.scale } else { expected.abs() };
        (got - expected).abs() / size
    });
    errors.fold(0.0, f64::max)
}

#[test]
fn end_values_of_the_literature_are_reached() {
    for (name, problem, tolerance, steps) in [
        ("robertson", ROBERTSON, 1e-8, 500),
        ("van der pol", VAN_DER_POL, 1e-5, 6000),
        ("hires", HIRES, 1e-6, 2500),
        ("e5", E5, 1e-5, 2500),
    ] {
        let (got, solution) = solve(&problem, 1e-9, Precision::F64);
        let error = error(&problem, &got);
        println!("{name}: {error:e} in {} + {}", solution.steps[0], solution.rejected[0]);
        assert!(error < tolerance, "{name}: {error:e}, {got:?}");
        assert!(solution.steps[0] < steps, "{name}: {} steps", solution.steps[0]);
    }
}

#[test]
fn a_loose_tolerance_costs_few_steps() {
    for (name, problem, tolerance, steps) in [("robertson", ROBERTSON, 1e-3, 40), ("hires", HIRES, 1e-2, 60)]
    {
        let (got, solution) = solve(&problem, 1e-4, Precision::F64);
        let error = error(&problem, &got);
        println!("{name}: {error:e} in {} + {}", solution.steps[0], solution.rejected[0]);
        assert!(error < tolerance, "{name}: {error:e}, {got:?}");
        assert!(solution.steps[0] < steps, "{name}: {} steps", solution.steps[0]);
    }
}

#[test]
fn single_precision_is_enough_for_a_loose_tolerance() {
    for (name, problem) in [("robertson", ROBERTSON), ("hires", HIRES)] {
        let (got, solution) = solve(&problem, 1e-4, Precision::F32);
        let error = error(&problem, &got);
        println!("{name}: {error:e} in {} + {}", solution.steps[0], solution.rejected[0]);
        assert!(error < 1e-2, "{name}: {error:e}, {got:?}");
    }
}
