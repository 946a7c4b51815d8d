//! Correlations of the Gaussian scores and of random effects.

use crate::strict::zip_equal;
use vpop::population::Sampler;
use vpop::probability;

use super::helper::{
    NORMAL, assert_distributed, cohort, correlation, covariance, drawing, lognormal, model, normal, pearson,
    phi, sample, uniform,
};

/// Standard error of a correlation coefficient of normal samples: `(1 - r^2) / sqrt(n)`.
fn assert_correlated(x: &[f64], y: &[f64], r: f64) {
    let error = (1.0 - r * r) / (x.len() as f64).sqrt();
    let got = pearson(x, y);
    assert!((got - r).abs() < 4.0 * error, "{got} for {r}");
}

/// Each covariate's score is recovered by its own distribution function; the marginals stay.
#[test]
fn scores_are_correlated_and_marginals_stay() {
    let mut cohort = drawing([
        ("ALB", lognormal(38_f64.ln(), 0.13)),
        ("FREE", normal(0.0, 1.0)),
        ("AGE", normal(58.0, 11.0)),
        ("U", uniform(0.0, 1.0)),
    ]);
    cohort.population.correlations =
        vec![correlation("AGE", "ALB", -0.55), correlation("U", "ALB", 0.3), correlation("U", "AGE", 0.2)];
    let patients = sample(&cohort);
    let [alb, free, age, u] = ["ALB", "FREE", "AGE", "U"].map(|name| patients.numbers(name));
    assert_distributed(&u, |x| x);
    assert_distributed(&age, |x| phi((x - 58.0) / 11.0));
    let log_alb: Vec<f64> = alb.iter().map(|x| x.ln()).collect();
    let score: Vec<f64> = u.iter().map(|&u| probability::score(u)).collect();
    assert_correlated(&age, &log_alb, -0.55);
    assert_correlated(&score, &log_alb, 0.3);
    assert_correlated(&score, &age, 0.2);
    for x in [&log_alb, &age, &score] {
        assert_correlated(&free, x, 0.0);
    }
}

/// The first in file order and those without a correlation keep their draws.
#[test]
fn only_correlated_covariates_are_mixed() {
    let mut cohort = drawing([("A", NORMAL), ("B", NORMAL), ("C", NORMAL)]);
    let before = sample(&cohort);
    cohort.population.correlations = vec![correlation("C", "A", 0.5)];
    let after = sample(&cohort);
    assert_eq!(before.numbers("A"), after.numbers("A"));
    assert_eq!(before.numbers("B"), after.numbers("B"));
    // By hand: the second row of the factor of [[1, .5], [.5, 1]] is (.5, sqrt(.75)).
    let by_hand = |a: &f64, c: &f64| 0.5 * a + 0.75_f64.sqrt() * c;
    let expected: Vec<f64> =
        before.numbers("A").iter().zip(&before.numbers("C")).map(|(a, c)| by_hand(a, c)).collect();
    for (got, expected) in zip_equal(after.numbers("C").iter(), expected) {
        assert!((got - expected).abs() < 1e-14);
    }
}

fn correlated(r: [f64; 3]) -> Vec<String> {
    let mut cohort = drawing([("A", NORMAL), ("B", NORMAL), ("C", NORMAL), ("D", NORMAL)]);
    cohort.population.correlations = vec![
        correlation("A", "B", r[0]),
        correlation("A", "C", r[1]),
        correlation("C", "B", r[2]),
        correlation("C", "D", 0.1),
    ];
    let Err(problems) = Sampler::new(&cohort, &model(&[])) else { return Vec::new() };
    assert!(problems.0.iter().all(|problem| problem.place.as_ref().unwrap().span == (14..18)));
    problems
        .0
        .iter()
        .map(|problem| format!("{} ({})", problem.cause, problem.cause.help().unwrap()))
        .collect()
}

/// By hand: with r and s given, the third lies within `r s -+ sqrt((1 - r^2) (1 - s^2))`. Of the
/// row's pairs the one that is nearest to its interval is named.
#[test]
fn contradictions_name_the_pair_and_what_is_permitted() {
    let expected = |value: &str, low: &str, high: &str| {
        format!(
            "the correlations are not positive semidefinite: {value} between `A` and `C` contradicts the others \
             (with the other correlations as they are it must lie between {low} and {high})"
        )
    };
    assert!(correlated([0.9, 0.9, 0.63]).is_empty());
    // 0.9 x 0.61 -+ sqrt(0.19 x 0.6279)
    assert_eq!(correlated([0.9, 0.9, 0.61]), [expected("0.9", "0.204", "0.894")]);
    // 0 -+ sqrt(0.19)
    assert_eq!(correlated([0.9, -0.5, 0.0]), [expected("-0.5", "-0.436", "0.436")]);
    // A and B are one, so C cannot go with one of them alone.
    let [problem] = &correlated([1.0, 0.5, 0.0])[..] else { panic!("not one problem") };
    assert!(problem.ends_with("(with the other correlations as they are it must be 0.000)"), "{problem}");
}

/// Scores that are one, or opposite, and a third that goes with both.
#[test]
fn correlations_of_1() {
    assert!(correlated([1.0, 0.0, 0.0]).is_empty());
    assert!(correlated([1.0, 0.5, 0.5]).is_empty());
    let mut cohort = drawing([("A", normal(0.0, 1.0)), ("B", uniform(0.0, 1.0)), ("C", uniform(0.0, 1.0))]);
    cohort.population.correlations =
        vec![correlation("A", "B", 1.0), correlation("A", "C", -1.0), correlation("C", "B", -1.0)];
    let patients = sample(&cohort);
    let [a, b, c] = ["A", "B", "C"].map(|name| patients.numbers(name));
    for i in 0..a.len() {
        assert!((b[i] - phi(a[i])).abs() < 1e-12, "{} {}", a[i], b[i]);
        assert!((c[i] - (1.0 - b[i])).abs() < 1e-12, "{} {}", b[i], c[i]);
    }
}

/// Covariances of the model's blocks, within 4 standard errors: for normal samples
/// `sqrt((vx vy + cxy^2) / n)`.
#[test]
fn random_effects_have_the_model_s_covariance() {
    let effects = sample(&cohort()).effects;
    assert_eq!(effects.len(), 4);
    assert!(effects[2].iter().all(|&x| x == 0.0), "no variance, no effect");
    let variances: [f64; 4] = [0.09, 0.04, 0.0, 0.16];
    for i in 0..4 {
        for j in 0..=i {
            let expected = if i == j {
                variances[i]
            } else if (i, j) == (3, 1) {
                0.03
            } else {
                0.0
            };
            let error = ((variances[i] * variances[j] + expected * expected) / 20_000.0).sqrt();
            let got = covariance(&effects[i], &effects[j]);
            assert!((got - expected).abs() <= 4.0 * error, "{i} {j}: {got} for {expected}");
        }
    }
    assert_distributed(&effects[3], |x| phi(x / 0.4));
}

#[test]
fn without_random_effects_each_is_0() {
    let mut cohort = cohort();
    let with = sample(&cohort);
    cohort.random_effects = false;
    let without = sample(&cohort);
    assert!(without.effects.len() == 4 && without.effects.iter().flatten().all(|&x| x == 0.0));
    assert_eq!(without.effects[0].len(), with.effects[0].len());
    assert_eq!((without.covariates, without.columns), (with.covariates, with.columns));
}
