//! Standard stiff problems, with end values from the literature.
//!
//! Hairer, Wanner, Solving Ordinary Differential Equations II, section IV.10; Mazzia, Magherini, Test Set
//! for Initial Value Problem Solvers, release 2.4 (2008).

use crate::strict::zip_equal;
use crate::support::{DAY, Sketch, individuals};
use vpop::cohort::ReadOn;
use vpop::engine::cpu::{Cpu, Isa, Precision};
use vpop::engine::{Engine, Solution, Status};
use vpop::plan::{AccumulatorKind, Method};

/// A problem in the states `y1`, `y2`, and so on.
struct Problem {
    /// Names of expressions, each after what it uses.
    defined: &'static [(&'static str, &'static str)],
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
    defined: &[],
    equations: &["-0.04*y1 + 1e4*y2*y3", "0.04*y1 - 1e4*y2*y3 - 3e7*y2*y2", "3e7*y2*y2"],
    initial: &[1.0, 0.0, 0.0],
    end: 40.0,
    expected: &[0.715_827_068_7, 0.918_553_476_5e-5, 0.284_163_745_7],
    scale: 1e-6,
};

/// Van der Pol's oscillator with mu = 1000.
const VAN_DER_POL: Problem = Problem {
    defined: &[],
    equations: &["y2", "1000*(1 - y1*y1)*y2 - y1"],
    initial: &[2.0, 0.0],
    end: 2000.0,
    expected: &[1.706_167_732_170_483, -0.892_809_701_024_797_5e-3],
    scale: 1e-3,
};

/// High irradiance responses of photomorphogenesis (Schaefer 1975).
const HIRES: Problem = Problem {
    defined: &[],
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

/// Air pollution (Verwer 1994): 25 reactions of 20 species.
const POLLUTION: Problem = Problem {
    defined: &[
        ("r1", "0.35*y1"),
        ("r2", "0.266e2*y2*y4"),
        ("r3", "0.123e5*y5*y2"),
        ("r4", "0.86e-3*y7"),
        ("r5", "0.82e-3*y7"),
        ("r6", "0.15e5*y7*y6"),
        ("r7", "0.13e-3*y9"),
        ("r8", "0.24e5*y9*y6"),
        ("r9", "0.165e5*y11*y2"),
        ("r10", "0.9e4*y11*y1"),
        ("r11", "0.22e-1*y13"),
        ("r12", "0.12e5*y10*y2"),
        ("r13", "0.188e1*y14"),
        ("r14", "0.163e5*y1*y6"),
        ("r15", "0.48e7*y3"),
        ("r16", "0.35e-3*y4"),
        ("r17", "0.175e-1*y4"),
        ("r18", "0.1e9*y16"),
        ("r19", "0.444e12*y16"),
        ("r20", "0.124e4*y17*y6"),
        ("r21", "0.21e1*y19"),
        ("r22", "0.578e1*y19"),
        ("r23", "0.474e-1*y1*y4"),
        ("r24", "0.178e4*y19*y1"),
        ("r25", "0.312e1*y20"),
    ],
    equations: &[
        "-r1 - r10 - r14 - r23 - r24 + r2 + r3 + r9 + r11 + r12 + r22 + r25",
        "-r2 - r3 - r9 - r12 + r1 + r21",
        "-r15 + r1 + r17 + r19 + r22",
        "-r2 - r16 - r17 - r23 + r15",
        "-r3 + 2*r4 + r6 + r7 + r13 + r20",
        "-r6 - r8 - r14 - r20 + r3 + 2*r18",
        "-r4 - r5 - r6 + r13",
        "r4 + r5 + r6 + r7",
        "-r7 - r8",
        "-r12 + r7 + r9",
        "-r9 - r10 + r8 + r11",
        "r9",
        "-r11 + r10",
        "-r13 + r12",
        "r14",
        "-r18 - r19 + r16",
        "-r20",
        "r20",
        "-r21 - r22 - r24 + r23 + r25",
        "-r25 + r24",
    ],
    initial: &[
        0.0, 0.2, 0.0, 0.04, 0.0, 0.0, 0.1, 0.3, 0.01, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.007, 0.0, 0.0,
        0.0,
    ],
    end: 60.0,
    expected: &[
        0.564_625_548_002_276_9e-1,
        0.134_248_413_042_233_9,
        0.413_973_433_109_942_7e-8,
        0.552_314_020_748_435_9e-2,
        0.201_897_726_230_219_6e-6,
        0.146_454_186_349_396_6e-6,
        0.778_424_911_899_796_4e-1,
        0.324_507_535_339_601_8,
        0.749_401_338_388_040_6e-2,
        0.162_229_315_730_156_1e-7,
        0.113_586_383_325_707_5e-7,
        0.223_050_597_572_135_9e-2,
        0.208_716_288_279_863e-3,
        0.139_692_101_684_015_8e-4,
        0.896_488_485_689_829_5e-2,
        0.435_284_636_933_010_3e-17,
        0.689_921_969_626_340_5e-2,
        0.100_780_303_736_594_6e-3,
        0.177_214_651_396_998_4e-5,
        0.568_294_329_231_639_2e-4,
    ],
    scale: 1e-9,
};

/// Its values at the end, and the solution.
fn solve(problem: &Problem, rtol: f64, precision: Precision) -> (Vec<f64>, Solution) {
    let names: Vec<String> = (1..=problem.equations.len()).map(|i| format!("y{i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut s = Sketch::new(&names);
    for (name, text) in problem.defined {
        s.define(name, text);
    }
    for (i, (equation, initial)) in zip_equal(problem.equations.iter(), problem.initial).enumerate() {
        s.equation(i, equation);
        s.initial(i, &format!("{initial}"));
    }
    s.arm(&[]);
    s.visits([0, DAY]);
    for name in &names {
        s.accumulate(AccumulatorKind::At, name, [DAY; 2], ReadOn::Visits);
    }
    let mut plan = s.plan();
    plan.time_per_tick = problem.end / f64::from(DAY);
    plan.rtol = rtol;
    plan.states.iter_mut().for_each(|state| state.atol = rtol * problem.scale);
    plan.method = Method::Rosenbrock;
    let engine = Cpu::with_precision(&plan, Isa::detect(), precision);
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
        ("pollution", POLLUTION, 1e-6, 1000),
    ] {
        let (got, solution) = solve(&problem, 1e-9, Precision::F64);
        let error = error(&problem, &got);
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
        assert!(error < tolerance, "{name}: {error:e}, {got:?}");
        assert!(solution.steps[0] < steps, "{name}: {} steps", solution.steps[0]);
    }
}

#[test]
fn single_precision_is_enough_for_a_loose_tolerance() {
    for (name, problem) in [("robertson", ROBERTSON), ("hires", HIRES)] {
        let (got, _) = solve(&problem, 1e-4, Precision::F32);
        let error = error(&problem, &got);
        assert!(error < 1e-2, "{name}: {error:e}, {got:?}");
    }
}
