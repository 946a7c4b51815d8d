//! Cohorts and models in code, and statistics to hold samples against.

use std::path::{Path, PathBuf};

use vpop::cohort::{self, Cohort, Correlation, Derived, Drawn, Rows, Spanned};
use vpop::diagnostic::Source;
use vpop::model::graph::Graph;
use vpop::model::{Covariate, Metadata, Model, OmegaBlock, Residual};
use vpop::population::{Patients, Sampler};

/// A value at the start of the file.
pub(super) fn at<T>(value: T) -> Spanned<T> {
    Spanned { value, span: 0..0 }
}

/// A cohort without any covariate.
const COHORT: &str = r#"
name = "test"
model = "m.R"
patients = 20_000
seed = 20150324
[eligibility]
max_attempts = 100
[regimen]
arms = ["1 mg"]
into = ["x"]
[visits]
until = "1 day"
"#;

/// A cohort of 20,000 patients without any covariate.
pub(super) fn cohort() -> Cohort {
    Cohort {
        source: Source::new("cohort.toml", "model = \"m.R\"\n[population]\n"),
        model: Spanned { value: PathBuf::from("m.R"), span: 9..12 },
        ..cohort::parse(&Source::new("cohort.toml", COHORT), Path::new("")).unwrap()
    }
}

/// A cohort with one drawn covariate per name, each with its distribution as a file writes it.
pub(super) fn drawing<T: AsRef<str>>(covariates: impl IntoIterator<Item = (&'static str, T)>) -> Cohort {
    let lines = covariates.into_iter().map(|(name, keys)| format!("{name} = {{ {} }}\n", keys.as_ref()));
    let text = format!("{COHORT}[population]\n{}", lines.collect::<String>());
    let mut population = cohort::parse(&Source::new("cohort.toml", text), Path::new("")).unwrap().population;
    population.covariates.iter_mut().for_each(|covariate| covariate.name.span = 0..0);
    Cohort { population, ..cohort() }
}

/// A drawn covariate.
pub(super) fn drawn(name: &'static str, distribution: &str) -> Drawn {
    drawing([(name, distribution)]).population.covariates.remove(0)
}

/// Normal, by its mean and standard deviation.
pub(super) fn normal(mean: f64, sd: f64) -> String {
    format!("distribution = 'normal', mean = {mean:?}, sd = {sd:?}")
}

/// Lognormal, by mean and standard deviation of the logarithm.
pub(super) fn lognormal(log_mean: f64, log_sd: f64) -> String {
    format!("distribution = 'lognormal', log_mean = {log_mean:?}, log_sd = {log_sd:?}")
}

/// Uniform.
pub(super) fn uniform(low: f64, high: f64) -> String {
    format!("distribution = 'uniform', low = {low:?}, high = {high:?}")
}

/// Log-uniform.
pub(super) fn loguniform(low: f64, high: f64) -> String {
    format!("distribution = 'loguniform', low = {low:?}, high = {high:?}")
}

/// Bernoulli.
pub(super) fn bernoulli(p: f64) -> String {
    format!("distribution = 'bernoulli', p = {p:?}")
}

/// The same for everyone.
pub(super) fn fixed(value: f64) -> String {
    format!("distribution = 'fixed', value = {value:?}")
}

/// Another distribution for each label of a covariate.
pub(super) fn by_class<T: AsRef<str>>(by: &str, of: impl IntoIterator<Item = (&'static str, T)>) -> String {
    let of = of.into_iter().map(|(label, keys)| format!("{label} = {{ {} }}", keys.as_ref()));
    let of = of.collect::<Vec<_>>().join(", ");
    format!("distribution = 'by_class', by = '{by}', of = {{ {of} }}")
}

/// The same, cut off.
pub(super) fn truncated(distribution: String, [low, high]: [f64; 2]) -> String {
    format!("{distribution}, truncate = [{low:?}, {high:?}]")
}

/// A computed covariate.
pub(super) fn derived(name: &str, expression: &str) -> Derived {
    Derived { name: at(name.into()), expression: at(expression.into()), unit: None, description: None }
}

/// A correlation.
pub(super) fn correlation(a: &str, b: &str, value: f64) -> Correlation {
    Correlation { pair: [a.into(), b.into()], value, span: 14..18 }
}

/// Rows of a file.
pub(super) fn rows(file: PathBuf, columns: &[&str], resample: bool) -> Rows {
    let columns = columns.iter().map(|&name| Spanned { value: name.into(), span: 19..25 }).collect();
    let file = Spanned { value: file, span: 14..18 };
    Rows { file, columns, units: Vec::new(), resample, repeated_ids: None, unused_rows: false }
}

/// A standard normal distribution.
pub(super) const NORMAL: &str = "distribution = 'normal', mean = 0, sd = 1";

/// A model that reads these covariates, with random effects in a single and in a joint block, one
/// without variance, and two residual lines.
pub(super) fn model(covariates: &[&str]) -> Model {
    let mut graph = Graph::default();
    let zero = graph.constant(0.0);
    let residual = |name: &str| Residual { name: name.into(), prediction: Some(zero), observed: zero };
    let residuals = vec![residual("Cc"), residual("platelets")];
    Model {
        inferred: Vec::new(),
        unsimulated: Vec::new(),
        source: Source::new("m.R", ""),
        name: "m".into(),
        metadata: Metadata::default(),
        graph,
        parameters: Vec::new(),
        omega: vec![
            OmegaBlock { names: vec!["etalcl".into()], occasion: None, covariance: vec![0.09] },
            OmegaBlock {
                names: vec!["etalvc".into(), "etazero".into(), "etalq".into()],
                occasion: None,
                covariance: vec![0.04, 0.0, 0.0, 0.03, 0.0, 0.16],
            },
        ],
        covariates: covariates
            .iter()
            .map(|&name| Covariate {
                name: name.into(),
                description: Some(format!("{name} of the model")),
                unit: (name == "WT").then(|| "kg".into()),
                ..Covariate::default()
            })
            .collect(),
        states: Vec::new(),
        variables: Vec::new(),
        residuals,
        notices: Vec::new(),
    }
}

/// All patients of a cohort, for a model that reads nothing.
pub(super) fn sample(cohort: &Cohort) -> Patients {
    Sampler::new(cohort, &model(&[])).unwrap().sample(0..cohort.patients).unwrap()
}

/// Standard normal distribution function.
pub(super) fn phi(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

pub(super) fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len() as f64
}

/// Covariance with divisor n.
pub(super) fn covariance(x: &[f64], y: &[f64]) -> f64 {
    let (mx, my) = (mean(x), mean(y));
    x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>() / x.len() as f64
}

pub(super) fn pearson(x: &[f64], y: &[f64]) -> f64 {
    covariance(x, y) / (covariance(x, x) * covariance(y, y)).sqrt()
}

/// Kolmogorov-Smirnov: fails at the level 1e-4, where `sqrt(n) D` exceeds
/// `sqrt(-log(0.5e-4) / 2) = 2.2253` (asymptotic).
pub(super) fn assert_distributed(sample: &[f64], cdf: impl Fn(f64) -> f64) {
    let n = sample.len() as f64;
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    let distance = sorted.iter().enumerate().fold(0.0_f64, |distance, (i, &x)| {
        let f = cdf(x);
        distance.max(f - i as f64 / n).max((i as f64 + 1.0) / n - f)
    });
    assert!(distance * n.sqrt() < 2.2253, "sqrt(n) D = {}", distance * n.sqrt());
}
