//! Functions of the model language on the device, over values of many sizes and both signs, against f64.

use crate::strict::zip_equal;
use vpop::cohort::ReadOn;
use vpop::engine::cpu::{Cpu, Isa};
use vpop::engine::gpu::Adapter;
use vpop::engine::{Engine, Individuals, Processor, Status};
use vpop::plan::{AccumulatorKind, Plan};

use crate::adapter::{gpu, with_fallback};
use crate::support::{DAY, Sketch, individuals};

/// Distance between numbers near 1 in f32.
const ULP: f64 = f32::EPSILON as f64;
/// Below, a device may take a number for 0.
const LEAST: f64 = f32::MIN_POSITIVE as f64;

/// An expression of the state `x` and the patient's `e`, and how far its value `y` may be off.
type Case = (&'static str, fn(f64, f64, f64) -> f64);

/// The bounds follow from the accuracy that WGSL asks of its functions (section 15.7.4.1): `exp` and
/// `exp2` of x within 3 + 2 |x| ulp, `log` and `log2` within 3 ulp, or 2^-21 between 0.5 and 2, `sqrt` and
/// a division within 2.5 ulp, sums and products rounded.
const CASES: [Case; 27] = [
    ("exp(x)", |x, _, y| (3.0 + 2.0 * x.abs()) * ULP * y),
    ("log(x)", |_, _, y| of_logarithm(y)),
    ("log10(x)", |_, _, y| (12.0 * ULP * y.abs()).max(2.0_f64.powi(-21))),
    ("log2(x)", |_, _, y| (9.0 * ULP * y.abs()).max(2.0_f64.powi(-20))),
    ("sqrt(x)", |_, _, y| 5.0 * ULP * y),
    ("log1p(x)", |x, _, y| if x.abs() < 0.3 { 8.0 * ULP * y.abs() } else { of_logarithm(y) + 4.0 * ULP }),
    ("expm1(x)", |x, _, y| of_expm1(x, y)),
    ("tanh(x)", |_, _, y| 20.0 * ULP * y.abs()),
    // As far as the angle itself is known, and a rest of a right angle in f32.
    ("sin(x)", |x, _, _| 4.0 * ULP + 2.0 * ULP * x.abs()),
    ("cos(x)", |x, _, _| 4.0 * ULP + 2.0 * ULP * x.abs()),
    ("atan(x)", |_, _, y| 6.0 * ULP * y.abs()),
    ("abs(x)", |_, _, _| 0.0),
    ("min(x, e)", |_, _, _| 0.0),
    ("max(x, e)", |_, _, _| 0.0),
    ("x < e", |_, _, _| 0.0),
    ("max(x < 2, e < x)", |_, _, _| 0.0),
    ("x^2", |_, _, y| ULP * y),
    ("x^3", |_, _, y| 2.0 * ULP * y.abs()),
    ("pow(x, -1)", |_, _, y| 3.0 * ULP * y.abs()),
    ("pow(x, -4)", |_, _, y| 6.0 * ULP * y),
    ("x^0.5", |_, _, y| 5.0 * ULP * y),
    ("x^0.75", |x, _, y| of_power(x, 0.75) * y),
    ("pow(x, -2.3)", |x, _, y| of_power(x, -2.3) * y),
    ("x^17", |x, _, y| of_power(x, 17.0) * y.abs()),
    ("x^e", |x, e, y| of_power(x, e) * y.abs()),
    ("pow(e, x)", |x, e, y| of_power(e, x) * y.abs()),
    ("1/x - e", |x, e, _| ULP * (3.0 / x.abs() + e.abs())),
];

fn of_logarithm(y: f64) -> f64 {
    (3.0 * ULP * y.abs()).max(2.0_f64.powi(-21))
}

fn of_expm1(x: f64, y: f64) -> f64 {
    let by_exp = if x.abs() < 0.3 { 0.0 } else { (3.0 + 2.0 * x.abs()) * x.exp() };
    ULP * (4.0 * y.abs() + by_exp)
}

/// Relative, of `exp2(e log2(x))`.
fn of_power(x: f64, e: f64) -> f64 {
    let logarithm = x.abs().log2();
    let exponent = e * logarithm;
    let off = e.abs() * of_logarithm(logarithm) + ULP * exponent.abs();
    (3.0 + 2.0 * exponent.abs()) * ULP + std::f64::consts::LN_2 * off
}

/// Values that are numbers in f32: 0, and those of many sizes with both signs.
fn values() -> Vec<f64> {
    let sizes = [
        1e-30, 1e-12, 1e-6, 1e-3, 0.1, 0.29, 0.31, 0.5, 0.7, 0.999, 1.0, 1.001, 1.5, 2.0, 2.7, 10.0, 30.0,
        80.0, 1e3, 1e6, 1e12, 1e30,
    ];
    let signed = sizes.iter().flat_map(|&size| [-size, size]);
    signed.chain([0.0]).map(|value| f64::from(value as f32)).collect()
}

const EXPONENTS: [f64; 7] = [-2.5, -2.0, -0.5, 0.25, 1.0, 3.0, 8.75];

/// A state that stays where it starts, at the patient's `a`.
fn sketch() -> Sketch {
    let mut s = Sketch::new(&["x"]);
    s.covariate("a");
    s.covariate("e");
    s.initial(0, "a");
    s.arm(&[]);
    s.visits([0, DAY]);
    s
}

/// Every value with every exponent, and the time course of an expression for each.
fn followed(text: &str, inputs: &[[f64; 2]]) -> (Plan, Individuals) {
    let mut s = sketch();
    s.plan.trajectories = vec![s.observe(text)];
    let plan = s.plan();
    let columns = [0, 1].map(|i| inputs.iter().map(|input| input[i]).collect());
    let individuals = Individuals { trajectories: inputs.len(), ..individuals(&plan, &columns) };
    (plan, individuals)
}

pub(crate) fn within_the_accuracy_of_wgsl(adapter: &Adapter) {
    let inputs: Vec<[f64; 2]> = values().into_iter().flat_map(|x| EXPONENTS.map(|e| [x, e])).collect();
    let mut off = Vec::new();
    for (text, bound) in CASES {
        let (plan, individuals) = followed(text, &inputs);
        let solution = gpu(&plan, adapter).solve(&individuals).unwrap();
        let expected = Cpu::new(&plan, Isa::detect()).solve(&individuals).unwrap();
        for (i, &[x, e]) in inputs.iter().enumerate() {
            // At the first of two visits.
            let (got, expected) = (solution.trajectories[2 * i], expected.trajectories[2 * i]);
            let bound = bound(x, e, expected).max(LEAST);
            let is_right = match solution.status[i] {
                Status::Ok => (got - expected).abs() <= bound,
                Status::NonFinite => expected.is_nan() || expected.abs() >= 0.999 * f64::from(f32::MAX),
                _ => false,
            };
            if !is_right {
                off.push(format!("{text} for x = {x:e}, e = {e}: {got:e}, not {expected:e} +- {bound:.1e}"));
            }
        }
    }
    assert!(off.is_empty(), "{}:\n{}", off.len(), off.join("\n"));
}

/// What is not a number stays none, whatever functions it goes through.
pub(crate) fn nothing_comes_of_what_is_not_a_number(adapter: &Adapter) {
    let nested = [
        "sqrt(log(x))",
        "log(log(x))",
        "tanh(log(x))",
        "log(x)^0.7",
        "pow(2.5, log(x))",
        "pow(log(x), 3)",
        "exp(log(x))",
        "expm1(log(x))",
        "log1p(log(x))",
        "(x^0.6)^0.7",
    ];
    for text in nested {
        let (plan, individuals) = followed(text, &[[-2.0, 1.0], [-1e-3, 1.0], [3.0, 1.0]]);
        let status = gpu(&plan, adapter).solve(&individuals).unwrap().status;
        assert_eq!(status, [Status::NonFinite, Status::NonFinite, Status::Ok], "{text}");
    }
}

/// What f32 cannot hold, and what is not a number, is solved again in f64.
pub(crate) fn what_is_not_finite_is_the_cpus(adapter: &Adapter) {
    let mut s = sketch();
    for text in ["exp(x)", "log(x)", "x^e"] {
        s.accumulate(AccumulatorKind::Max, text, [0, DAY], ReadOn::Visits);
        s.accumulate(AccumulatorKind::At, text, [DAY; 2], ReadOn::Visits);
    }
    let plan = s.plan();
    let patients: [(f64, f64, Processor); 7] = [
        (2.0, 0.5, Processor::Gpu),
        // exp(100) = 2.7e43
        (100.0, 0.5, Processor::Cpu),
        (1.0, 3.0, Processor::Gpu),
        (-1.0, 2.0, Processor::Cpu),
        // 50^30 = 9e50
        (50.0, 30.0, Processor::Cpu),
        (0.0, 1.0, Processor::Cpu),
        (1e-3, -4.0, Processor::Gpu),
    ];
    let columns = [patients.map(|p| p.0).to_vec(), patients.map(|p| p.1).to_vec()];
    let individuals = individuals(&plan, &columns);
    let got = with_fallback(&plan, adapter).solve(&individuals).unwrap();
    assert_eq!(got.solved_by, patients.map(|p| p.2));
    let expected = Cpu::new(&plan, Isa::detect()).solve(&individuals).unwrap();
    for (item, (x, e, processor)) in patients.into_iter().enumerate() {
        assert_eq!(got.status[item], expected.status[item]);
        for (got, expected) in zip_equal(got.accumulators.iter(), &expected.accumulators) {
            let (got, expected) = (got[item], expected[item]);
            let is_same = match processor {
                Processor::Cpu => got.to_bits() == expected.to_bits(),
                _ => (got - expected).abs() <= 1e-5 * expected.abs(),
            };
            assert!(is_same, "x = {x}, e = {e}: {got}, {expected}");
        }
    }
}
