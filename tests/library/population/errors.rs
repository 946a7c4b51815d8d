//! Populations that are impossible: what the user reads, all at once.

use vpop::population::Sampler;

use super::helper::{NORMAL, cohort, derived, drawing, model};

/// Message and help of everything that is wrong.
fn problems(cohort: &vpop::cohort::Cohort, covariates: &[&str]) -> Vec<(String, String)> {
    let problems = Sampler::new(cohort, &model(covariates)).unwrap_err();
    problems.0.iter().map(|p| (p.to_string(), p.cause.help().unwrap_or_default())).collect()
}

#[test]
fn everything_at_once() {
    let mut cohort = drawing([("WEIGHT", NORMAL), ("AGE", NORMAL)]);
    cohort.population.derived = vec![derived("AGE", "1"), derived("BSA", "sqrt(HIEGHT)")];
    let found = problems(&cohort, &["WEIGT", "PLT0", "AGE"]);
    let messages: Vec<&str> = found.iter().map(|(message, _)| message.as_str()).collect();
    assert_eq!(messages.len(), 4, "{messages:#?}");
    for expected in [
        "cohort.toml:1:1: covariate `AGE` is given twice",
        "cohort.toml:1:10: covariate `WEIGT` of the model m is not in the cohort",
        "cohort.toml:1:10: covariate `PLT0` of the model m is not in the cohort",
    ] {
        assert!(messages.contains(&expected), "{expected} not in {messages:#?}");
    }
    let help = |part: &str| &found.iter().find(|(message, _)| message.contains(part)).unwrap().1;
    assert_eq!(help("`WEIGT`"), "did you mean `WEIGHT`?");
    assert!(help("`PLT0`").contains("[population.PLT0]"));
}

#[test]
fn random_effects_that_are_impossible() {
    let mut model = model(&[]);
    model.omega[1].covariance[3] = 0.5;
    model.omega[1].covariance[1] = 0.1;
    let problems = Sampler::new(&cohort(), &model).unwrap_err();
    assert_eq!(
        problems.to_string(),
        "cohort.toml:1:10: the covariance of the random effects etalvc, etazero, etalq is not positive \
         semidefinite at `etazero`"
    );
}
