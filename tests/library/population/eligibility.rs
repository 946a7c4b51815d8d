//! Who may enter: rejection of whole patients, and its limit.

use vpop::population::Sampler;

use super::helper::{NORMAL, assert_distributed, at, derived, drawing, fixed, mean, model, phi, sample};

/// With probability p the first draw is eligible, and the number of draws is geometric with mean
/// 1/p and variance (1 - p)/p^2. Within 4 standard errors.
fn assert_eligible(attempts: &[u32], p: f64) {
    let n = attempts.len() as f64;
    let at_once = attempts.iter().filter(|&&a| a == 1).count() as f64 / n;
    assert!((at_once - p).abs() < 4.0 * (p * (1.0 - p) / n).sqrt(), "{at_once} for {p}");
    let draws = mean(&attempts.iter().map(|&a| f64::from(a)).collect::<Vec<f64>>());
    assert!((draws - 1.0 / p).abs() < 4.0 * ((1.0 - p) / (p * p) / n).sqrt(), "{draws} for {}", 1.0 / p);
}

#[test]
fn between_rejects_the_whole_patient() {
    let mut cohort = drawing([("X", NORMAL), ("Y", NORMAL)]);
    let everyone = sample(&cohort);
    assert!(everyone.attempts.iter().all(|&a| a == 1));
    cohort.population.covariates[0].between = Some(at([-1.0, 2.0]));
    let patients = sample(&cohort);
    let p = phi(2.0) - phi(-1.0);
    assert_eligible(&patients.attempts, p);
    assert_distributed(&patients.numbers("X"), |x| (phi(x) - phi(-1.0)) / p);
    let (before, after) = (everyone.numbers("Y"), patients.numbers("Y"));
    for (i, &attempts) in patients.attempts.iter().enumerate() {
        assert_eq!(before[i] == after[i], attempts == 1, "all covariates are drawn again, or none");
    }
    assert_eq!(everyone.effects, patients.effects, "random effects are no part of it");
}

#[test]
fn requirements_read_computed_covariates() {
    let mut cohort = drawing([("X", NORMAL), ("Y", NORMAL)]);
    cohort.population.derived = vec![derived("SUM", "X + Y")];
    cohort.eligibility.require = vec![at("SUM > 1".into()), at("X < 5 && Y < 5".into())];
    let patients = sample(&cohort);
    assert!(patients.numbers("SUM").iter().all(|&x| x > 1.0));
    // X + Y has variance 2; P(X >= 5) is 3e-7.
    assert_eligible(&patients.attempts, phi(-(0.5_f64.sqrt())));
}

#[test]
fn nobody_is_eligible() {
    let mut cohort = drawing([("X", NORMAL), ("Y", NORMAL)]);
    cohort.population.covariates[1].between = Some(at([0.0, 100.0]));
    cohort.eligibility.require = vec![at("X > 40".into())];
    cohort.eligibility.max_attempts = 1000;
    let problem = Sampler::new(&cohort, &model(&[])).unwrap().sample(5..3000).unwrap_err();
    let message = problem.to_string();
    assert!(message.starts_with("patient 5: none of 1000 draws was eligible; `"), "{message}");
    for part in ["`X > 40` refused ", "`Y between 0 and 100` refused "] {
        let refused = message.split_once(part).unwrap().1.split(',').next().unwrap();
        // Half each, within 4 standard errors of a binomial proportion.
        assert!((refused.parse::<f64>().unwrap() - 500.0).abs() < 64.0, "{message}");
    }
    assert!(problem.cause.help().unwrap().contains("max_attempts"));
}

/// A comparison with what is not a number does not let anyone in; what gets in is a number.
#[test]
fn what_is_not_a_number() {
    let mut cohort = drawing([("X", NORMAL)]);
    cohort.population.derived = vec![derived("ROOT", "sqrt(X)")];
    let problem = Sampler::new(&cohort, &model(&[])).unwrap().sample(0..100).unwrap_err();
    assert!(problem.to_string().ends_with("covariate `ROOT` is NaN"), "{problem}");
    cohort.eligibility.require = vec![at("ROOT >= 0".into())];
    assert!(sample(&cohort).numbers("X").iter().all(|&x| x >= 0.0));
}

#[test]
fn covariates_that_never_change_are_refused() {
    let mut cohort = drawing([("X", fixed(1.0))]);
    cohort.eligibility.require = vec![at("X > 1".into())];
    let problem = Sampler::new(&cohort, &model(&[])).unwrap().sample(0..1).unwrap_err();
    assert_eq!(problem.to_string(), "patient 0: none of 100 draws was eligible; `X > 1` refused 100");
}
