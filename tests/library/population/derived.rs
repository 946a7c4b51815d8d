//! Computed covariates: renal function, body size, any expression, any order.

use vpop::model::graph::{Graph, NodeId, Symbol};
use vpop::population::{Sampler, body_size, renal};

use super::helper::{derived, drawing, fixed, model, sample};

/// The value of a formula for these arguments.
fn value<const N: usize>(build: impl Fn(&mut Graph, [NodeId; N]) -> NodeId, arguments: [f64; N]) -> f64 {
    let mut graph = Graph::default();
    let nodes = std::array::from_fn(|i| graph.symbol(Symbol::Covariate(i as u32)));
    let root = build(&mut graph, nodes);
    graph.evaluate(&[root], |symbol| match symbol {
        Symbol::Covariate(i) => arguments[i as usize],
        _ => f64::NAN,
    })[0]
}

fn egfr(scr: f64, age: f64, sexf: f64) -> f64 {
    value(|graph, [scr, age, sexf]| renal::ckd_epi_2021_egfr(graph, scr, age, sexf), [scr, age, sexf])
}

fn creatinine(egfr: f64, age: f64, sexf: f64) -> f64 {
    value(
        |graph, [egfr, age, sexf]| renal::ckd_epi_2021_creatinine(graph, egfr, age, sexf),
        [egfr, age, sexf],
    )
}

#[track_caller]
fn assert_close(got: f64, expected: f64, tolerance: f64) {
    assert!((got / expected - 1.0).abs() <= tolerance, "{got} for {expected}");
}

/// The equation as printed (Inker 2021), evaluated with mpmath 1.4.1, on both sides of kappa.
#[test]
fn ckd_epi_2021() {
    for (scr, age, sexf, expected) in EGFR {
        assert_close(egfr(scr, age, sexf), expected, 1e-13);
    }
}

const EGFR: [(f64, f64, f64, f64); 6] = [
    (1.0, 50.0, 0.0, 91.691_478_609_833_3),
    (1.0, 50.0, 1.0, 68.633_496_658_800_9),
    (0.6, 30.0, 1.0, 123.757_864_121_642),
    (0.7, 45.0, 0.0, 115.798_952_961_623),
    (2.5, 60.0, 0.0, 28.693_986_515_305_9),
    (1.0, 75.0, 1.0, 58.750_414_580_944_2),
];

#[test]
fn creatinine_inverts_ckd_epi_2021() {
    for sexf in [0.0, 1.0] {
        for age in [20.0, 58.0, 88.0] {
            for rate in [5.0, 45.0, 85.0, 100.0, 120.0, 150.0] {
                assert_close(egfr(creatinine(rate, age, sexf), age, sexf), rate, 1e-13);
            }
        }
    }
    // At creatinine = kappa both branches meet: 142 and 142 x 1.012 at age 0.
    assert_close(creatinine(142.0, 0.0, 0.0), 0.9, 1e-15);
    assert_close(creatinine(142.0 * 1.012, 0.0, 1.0), 0.7, 1e-15);
}

/// By hand: (140 - 60) 72 / (72 x 1) = 80, and 0.85 of it.
#[test]
fn cockcroft_gault() {
    let clearance = |graph: &mut Graph, [age, wt, scr, sexf]: [NodeId; 4]| {
        renal::cockcroft_gault(graph, age, wt, scr, sexf)
    };
    assert_close(value(clearance, [60.0, 72.0, 1.0, 0.0]), 80.0, 1e-15);
    assert_close(value(clearance, [60.0, 72.0, 1.0, 1.0]), 68.0, 1e-15);
    assert_close(value(clearance, [60.0, 72.0, 2.0, 0.0]), 40.0, 1e-15);
}

/// By hand, 80 kg and 180 cm: Mosteller sqrt(14400 / 3600) = 2; body mass index 80 / 3.24; Du Bois
/// 0.007184 exp(0.425 log 80 + 0.725 log 180) = 1.996421.
#[test]
fn body_size() {
    assert_close(value(|g, [w, h]| body_size::bsa_mosteller(g, w, h), [80.0, 180.0]), 2.0, 1e-15);
    assert_close(value(|g, [w, h]| body_size::bmi(g, w, h), [80.0, 180.0]), 80.0 / 3.24, 1e-15);
    assert_close(value(|g, [w, h]| body_size::bsa_dubois(g, w, h), [80.0, 180.0]), DUBOIS, 1e-14);
}

const DUBOIS: f64 = 1.996_421_022_275_04;

/// Chains in the wrong order, through every function by its name.
#[test]
fn expressions_in_any_order() {
    let values = [("WT", 72.0), ("HT", 180.0), ("AGE", 60.0), ("SEXF", 0.0), ("EGFR", 80.0)];
    let mut cohort = drawing(values.map(|(name, value)| (name, fixed(value))));
    cohort.patients = 2;
    cohort.population.derived = vec![
        derived("TWICE", "2 * CRCL"),
        derived("CRCL", "cockcroft_gault(AGE, WT, SCR, SEXF)"),
        derived("SCR", "ckd_epi_2021_creatinine(EGFR, AGE, SEXF)"),
        derived("BACK", "ckd_epi_2021_egfr(SCR, AGE, SEXF)"),
        derived("BSA", "bsa_mosteller(WT, HT)"),
        derived("DUBOIS", "bsa_dubois(WT, HT)"),
        derived("BMI", "bmi(WT, HT)"),
    ];
    let patients = sample(&cohort);
    let scr = creatinine(80.0, 60.0, 0.0);
    assert_close(patients.numbers("TWICE")[1], 2.0 * 80.0 / scr, 1e-14);
    assert_close(patients.numbers("BACK")[1], 80.0, 1e-14);
    assert_close(patients.numbers("BSA")[0], 3.6_f64.sqrt(), 1e-14);
    // By hand: 0.007184 exp(0.425 log 72 + 0.725 log 180).
    assert_close(
        patients.numbers("DUBOIS")[0],
        0.007184 * (0.425 * 72_f64.ln() + 0.725 * 180_f64.ln()).exp(),
        1e-14,
    );
    assert_close(patients.numbers("BMI")[0], 72.0 / 3.24, 1e-14);
}

fn problems(expressions: &[(&str, &str)]) -> String {
    let mut cohort = drawing([("WT", fixed(70.0))]);
    cohort.population.derived = expressions.iter().map(|(name, text)| derived(name, text)).collect();
    Sampler::new(&cohort, &model(&[])).unwrap_err().to_string()
}

#[test]
fn definitions_that_need_each_other() {
    assert_eq!(
        problems(&[("A", "WT + C"), ("B", "A"), ("C", "2 * B"), ("D", "WT")]),
        "cohort.toml:1:1: covariates are defined by each other: A -> C -> B -> A"
    );
    assert_eq!(problems(&[("A", "A + 1")]), "cohort.toml:1:1: covariates are defined by each other: A -> A");
}

#[test]
fn expressions_that_cannot_be_read() {
    let message = problems(&[("A", "bmi(WT)"), ("B", "time + WT"), ("C", "WGT")]);
    assert_eq!(message.lines().count(), 3, "{message}");
    for part in ["`bmi` takes WT (kg), HT (cm)", "`time` has no meaning here", "WGT"] {
        assert!(message.contains(part), "{message}");
    }
}
