//! Populations that are impossible: what the user reads, all at once.

use vpop::cohort::Distribution::{self, Bernoulli, ByClass, Categorical, LogNormal, Normal, Uniform};
use vpop::population::Sampler;

use super::helper::{NORMAL, at, derived, drawing, model};

/// Message and help of everything that is wrong.
fn problems(cohort: &vpop::cohort::Cohort, covariates: &[&str]) -> Vec<(String, String)> {
    let problems = Sampler::new(cohort, &model(covariates)).unwrap_err();
    problems.0.iter().map(|p| (p.to_string(), p.cause.help().unwrap_or_default())).collect()
}

#[test]
fn everything_at_once() {
    let mut cohort = drawing([("WEIGHT", NORMAL), ("WT2", Uniform { low: 2.0, high: 1.0 }), ("AGE", NORMAL)]);
    cohort.population.covariates[2].between = Some(at([90.0, 20.0]));
    cohort.population.derived = vec![derived("AGE", "1"), derived("BSA", "sqrt(HIEGHT)")];
    let found = problems(&cohort, &["WEIGT", "PLT0", "AGE"]);
    let messages: Vec<&str> = found.iter().map(|(message, _)| message.as_str()).collect();
    assert_eq!(messages.len(), 6, "{messages:#?}");
    for expected in [
        "cohort.toml:1:1: covariate `AGE` is given twice",
        "cohort.toml:1:1: covariate `WT2`: the lower limit 2 is not below the upper limit 1",
        "cohort.toml:1:10: covariate `WEIGT` of the model m is not in the cohort",
        "cohort.toml:1:10: covariate `PLT0` of the model m is not in the cohort",
        "cohort.toml:1:1: `between` of `AGE`: the lower bound 90 is above the upper bound 20",
    ] {
        assert!(messages.contains(&expected), "{expected} not in {messages:#?}");
    }
    let help = |part: &str| &found.iter().find(|(message, _)| message.contains(part)).unwrap().1;
    assert_eq!(help("`WEIGT`"), "did you mean `WEIGHT`?");
    assert!(help("`PLT0`").contains("[population.PLT0]"));
}

fn distribution(distribution: Distribution) -> String {
    let found = problems(&drawing([("X", distribution)]), &[]);
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].0.replace("cohort.toml:1:1: covariate `X`: ", "")
}

#[test]
fn parameters() {
    let normal = |sd, truncate| distribution(Normal { mean: 0.0, sd, truncate });
    assert_eq!(normal(-1.0, None), "`sd` is -1: it must be greater than 0");
    assert_eq!(normal(f64::NAN, None), "`sd` is NaN: it must be a finite number");
    assert_eq!(normal(1.0, Some([50.0, 60.0])), "the distribution has no probability between 50 and 60");
    assert_eq!(normal(1.0, Some([2.0, 2.0])), "the lower limit 2 is not below the upper limit 2");
    let below_zero = LogNormal { log_mean: 0.0, log_sd: 1.0, truncate: Some([-2.0, -1.0]), rounded: false };
    assert_eq!(distribution(below_zero), "the distribution has no probability between -2 and -1");
    assert_eq!(
        distribution(Distribution::LogUniform { low: 0.0, high: 1.0 }),
        "`low` is 0: it must be greater than 0"
    );
    assert_eq!(distribution(Bernoulli { p: 1.5 }), "the probability 1.5 does not lie between 0 and 1");
    assert_eq!(
        distribution(Distribution::Poisson { mean: 1e7 }),
        "`mean` is 10000000: at most 1000000 is supported"
    );
    let labels = |n: usize| (0..n).map(|i| i.to_string()).collect();
    assert_eq!(
        distribution(Categorical { labels: labels(2), probabilities: vec![0.5, 0.25] }),
        "the probabilities sum to 0.75, not to 1"
    );
    assert_eq!(
        distribution(Categorical { labels: labels(3), probabilities: vec![0.5, 0.5] }),
        "3 labels but 2 probabilities"
    );
    assert_eq!(
        distribution(Distribution::Gamma { shape: 0.0, scale: 1.0, truncate: None }),
        "`shape` is 0: it must be greater than 0"
    );
    assert_eq!(
        distribution(Distribution::Beta { alpha: 1.0, beta: 1e9, low: 0.0, high: 1.0 }),
        "`beta` is 1000000000: at most 10000 is supported"
    );
}

#[test]
fn classes() {
    let by = |by: &str, classes: &[&str]| ByClass {
        by: at(by.into()),
        of: classes.iter().map(|&class| (class.into(), NORMAL)).collect(),
    };
    let first = |distribution| {
        let cohort = drawing([("SEXF", Bernoulli { p: 0.5 }), ("HT", distribution), ("WT", NORMAL)]);
        problems(&cohort, &[])[0].0.clone()
    };
    let not_a_class = "is not a categorical or Bernoulli covariate, so nothing can depend on its class";
    assert_eq!(first(by("WT", &["0"])), format!("cohort.toml:1:1: `WT` {not_a_class}"));
    assert_eq!(first(by("HT", &["0"])), format!("cohort.toml:1:1: `HT` {not_a_class}"));
    assert_eq!(first(by("SEX", &["0"])), format!("cohort.toml:1:1: `SEX` {not_a_class}"));
    assert_eq!(
        first(by("SEXF", &["0"])),
        "cohort.toml:1:1: covariate `HT` has no distribution for class `1` of `SEXF`"
    );
    let nested =
        ByClass { by: at("SEXF".into()), of: vec![("0".into(), by("SEXF", &[])), ("1".into(), NORMAL)] };
    assert_eq!(first(nested), "cohort.toml:1:1: covariate `HT`: a distribution by class cannot hold another");
}

#[test]
fn random_effects_that_are_impossible() {
    let mut model = model(&[]);
    model.omega[1].covariance[3] = 0.5;
    model.omega[1].covariance[1] = 0.1;
    let problems = Sampler::new(&drawing([]), &model).unwrap_err();
    assert_eq!(
        problems.to_string(),
        "cohort.toml:1:10: the covariance of the random effects etalvc, etazero, etalq is not positive \
         semidefinite at `etazero`"
    );
}
