//! A population of heavily pretreated patients, as one is written for a phase I trial: sixteen
//! covariates, nine of them correlated, bounds on nearly all.

use crate::strict::zip_equal;
use vpop::cohort::Distribution::{Bernoulli, ByClass, Categorical, LogNormal, LogUniform, Normal};
use vpop::cohort::{Cohort, Distribution, Drawn};

use super::helper::{at, correlation, derived, drawing, drawn, mean, pearson, sample};

fn lognormal(median: f64, cv: f64) -> Distribution {
    let log_sd = (1.0 + cv * cv).ln().sqrt();
    LogNormal { log_mean: median.ln(), log_sd, truncate: None, rounded: false }
}

fn normal(mean: f64, sd: f64) -> Distribution {
    Normal { mean, sd, truncate: None }
}

fn by(class: &str, of: [(&str, Distribution); 3]) -> Distribution {
    ByClass { by: at(class.into()), of: of.map(|(label, d)| (label.into(), d)).to_vec() }
}

fn kept(name: &str, distribution: Distribution, between: [f64; 2]) -> Drawn {
    Drawn { between: Some(at(between)), ..drawn(name, distribution) }
}

const ORDER: [&str; 9] = ["WT", "ALB", "AGE", "EGFR", "PLT0", "ALT0", "UPCR0", "TUMSZ", "LINES"];

/// Lower triangle by rows, in [`ORDER`].
const CORRELATIONS: [&[f64]; 9] = [
    &[],
    &[0.10],
    &[-0.10, -0.15],
    &[0.05, 0.10, -0.55],
    &[0.00, -0.25, -0.10, 0.05],
    &[0.05, 0.00, -0.10, 0.05, -0.05],
    &[0.05, -0.20, 0.10, -0.25, 0.00, 0.00],
    &[0.00, -0.35, 0.00, 0.00, 0.20, 0.15, 0.05],
    &[-0.10, -0.20, 0.10, -0.10, -0.25, 0.05, 0.10, 0.15],
];

pub(super) fn cohort() -> Cohort {
    let mut cohort = drawing([]);
    let lines = LogNormal { log_mean: 3.7_f64.ln(), log_sd: 0.45, truncate: None, rounded: true };
    let decade = |low: f64| LogUniform { low, high: 10.0 * low };
    let receptors =
        |median: f64| LogNormal { log_mean: median.ln(), log_sd: 0.6, truncate: None, rounded: false };
    let classes = Categorical {
        labels: ["low", "medium", "high"].map(String::from).to_vec(),
        probabilities: vec![0.622, 0.216, 0.162],
    };
    let height = ByClass {
        by: at("SEXF".into()),
        of: vec![("0".into(), normal(173.0, 7.0)), ("1".into(), normal(160.0, 6.5))],
    };
    let by_class = |of: [Distribution; 3]| {
        let [low, medium, high] = of;
        by("FGFR2", [("low", low), ("medium", medium), ("high", high)])
    };
    cohort.population.covariates = vec![
        kept("WT", lognormal(66.0, 0.22), [38.0, 140.0]),
        drawn("SEXF", Bernoulli { p: 0.55 }),
        kept("AGE", normal(58.0, 11.0), [20.0, 88.0]),
        kept("HT", height, [140.0, 200.0]),
        kept("ALB", lognormal(38.0, 0.13), [25.0, 52.0]),
        kept("EGFR", lognormal(85.0, 0.24), [45.0, 150.0]),
        kept("PLT0", lognormal(230.0, 0.34), [100.0, 700.0]),
        kept("HB0", normal(10.8, 1.4), [8.5, 16.0]),
        kept("ALT0", lognormal(24.0, 0.58), [0.0, 100.0]),
        kept("AST0", lognormal(25.2, 0.58), [0.0, 100.0]),
        kept("UPCR0", lognormal(0.10, 0.79), [0.0, 1.0]),
        kept("TUMSZ", lognormal(80.0, 0.66), [10.0, 300.0]),
        kept("LINES", lines, [1.0, 10.0]),
        drawn("LIVMET", Bernoulli { p: 0.45 }),
        drawn("FGFR2", classes),
        drawn("FPOS", by_class([decade(0.001), decade(0.01), decade(0.1)])),
        drawn("NREC", by_class([receptors(1e4), receptors(6e4), receptors(1.5e5)])),
    ];
    for (row, values) in zip_equal(ORDER.iter(), CORRELATIONS) {
        let pairs = ORDER.iter().zip(values).filter(|(_, r)| **r != 0.0);
        cohort.population.correlations.extend(pairs.map(|(column, &r)| correlation(row, column, r)));
    }
    cohort.population.correlations.push(correlation("AST0", "ALT0", 0.8));
    cohort.population.derived = vec![derived("SCR", "ckd_epi_2021_creatinine(EGFR, AGE, SEXF)")];
    cohort
}

/// 11 % are screened out by their bounds: the published number of an independent implementation,
/// given to a percent. Means of what is nearly untouched by bounds stay.
#[test]
fn screening() {
    let patients = sample(&cohort());
    let attempts = patients.attempts.iter().map(|&a| f64::from(a));
    let screened_out = 1.0 - patients.count as f64 / attempts.sum::<f64>();
    assert!((screened_out - 0.11).abs() < 0.01, "{screened_out}");
    let female = mean(&patients.numbers("SEXF"));
    assert!((female - 0.55).abs() < 4.0 * (0.55 * 0.45 / 20_000_f64).sqrt(), "{female}");
    let logs = |name| patients.numbers(name).iter().map(|x| x.ln()).collect::<Vec<f64>>();
    let ageing = pearson(&patients.numbers("AGE"), &logs("EGFR"));
    assert!((-0.57..-0.50).contains(&ageing), "a little weaker than -0.55 within bounds: {ageing}");
    assert!(patients.numbers("LINES").iter().all(|&n| (1.0..=10.0).contains(&n) && n == n.round()));
}
