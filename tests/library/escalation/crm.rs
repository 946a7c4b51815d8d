//! The continual reassessment method against the R package dfcrm 0.2-2.1.

use crate::strict::zip_equal;
use vpop::escalation::design::crm::{Crm, Settings};
use vpop::escalation::design::skeleton::Curve;
use vpop::escalation::design::{Cohorts, Design, Tally, TrialData};

use super::{lost, planned, seen, tally};

fn crm(curve: Curve) -> Crm {
    Crm::new(Settings {
        cohorts: Cohorts { start: 0, size: 1 },
        target: 0.2,
        curve,
        skeleton: vec![0.05, 0.10, 0.20, 0.35, 0.50, 0.70],
        variance: 1.34,
        stop_above: None,
    })
}

/// Levels 3 4 4 3 3 4 3 2 2 2 with toxicities 0 0 1 0 0 1 1 0 0 0.
fn tallies() -> Vec<Tally> {
    vec![tally(0, 0), tally(0, 3), tally(1, 4), tally(2, 3), tally(0, 0), tally(0, 0)]
}

fn assert_close(got: f64, expected: f64, tolerance: f64) {
    assert!((got - expected).abs() < tolerance, "{got} is not {expected}");
}

/// Expected values: crm(prior, target, tox, level, method = "bayes", model = "empiric").
#[test]
fn the_power_model_is_that_of_the_package() {
    let crm = crm(Curve::Power);
    let estimate = crm.estimate(&tallies());
    assert_close(estimate.mean, -0.2121715263, 1e-6);
    assert_close(estimate.variance, 0.1575955281, 1e-6);
    let expected = [0.088652947, 0.155300927, 0.272053878, 0.427789778, 0.570846217, 0.749395835];
    for (got, expected) in zip_equal(estimate.toxicity.iter(), expected) {
        assert_close(*got, expected, 1e-6);
    }
    assert_eq!(crm.recommended(&tallies()), Some(1));
}

/// Expected values: getprior(0.05, 0.25, 3, 5).
#[test]
fn the_skeleton_is_that_of_the_package() {
    let skeleton = Curve::Power.skeleton(0.05, 0.25, 2, 5);
    let expected = [0.083973491, 0.156741021, 0.25, 0.354500428, 0.460343111];
    for (got, expected) in zip_equal(skeleton.iter(), expected) {
        assert_close(*got, expected, 1e-6);
    }
}

/// The definition of the indifference interval: the parameter that puts a dose at the upper end puts the one
/// below at the lower end. (Lee and Cheung 2009, equations 3 and 4.)
#[test]
fn a_logistic_skeleton_keeps_to_its_definition() {
    let scaled = |p: f64| (p / (1.0 - p)).ln() - 3.0;
    let skeleton = Curve::Logistic { intercept: 3.0 }.skeleton(0.05, 0.25, 2, 5);
    assert_close(skeleton[2], 0.25, 1e-12);
    for pair in skeleton.windows(2) {
        let stretch = scaled(0.30) / scaled(pair[1]);
        assert_close(stretch * scaled(pair[0]), scaled(0.20), 1e-9);
    }
}

/// The logistic model against sums over 40,001 values of the parameter between -10 and 10, written apart.
#[test]
fn the_logistic_model_agrees_with_plain_sums() {
    let estimate = crm(Curve::Logistic { intercept: 3.0 }).estimate(&tallies());
    let skeleton = [0.05, 0.10, 0.20, 0.35, 0.50, 0.70_f64];
    let expit = |x: f64| 1.0 / (1.0 + (-x).exp());
    let (mut sum, mut first, mut second) = (0.0, 0.0, 0.0);
    for i in 0..=40_000 {
        let b = f64::from(i) / 2_000.0 - 10.0;
        let mut density = (-0.5 * b * b / 1.34).exp();
        for (tally, guess) in zip_equal(tallies().iter(), skeleton) {
            let p = expit(3.0 + b.exp() * ((guess / (1.0 - guess)).ln() - 3.0));
            let others = tally.evaluable - tally.dlts;
            density *= p.powi(tally.dlts as i32) * (1.0 - p).powi(others as i32);
        }
        sum += density;
        first += b * density;
        second += b * b * density;
    }
    let mean = first / sum;
    assert_close(estimate.mean, mean, 1e-9);
    assert_close(estimate.variance, second / sum - mean * mean, 1e-9);
}

/// By hand: no dose is skipped, and none is raised after a toxicity in the last cohort; the first of nothing
/// but toxicities stops.
#[test]
fn steps_are_small_and_coherent() {
    let crm = crm(Curve::Power);
    let after = |tallies: &[Tally], current, last| {
        let seen = TrialData { last, ..seen(tallies, current) };
        crm.next(&seen).map(|cohort| cohort.dose)
    };
    let nobody = tally(0, 0);
    let [mut low, mut high] = [[nobody; 6], [nobody; 6]];
    low[0] = tally(0, 30);
    assert_eq!(after(&low, 0, tally(0, 1)), Some(1));
    assert_eq!(after(&low, 0, tally(1, 1)), Some(0));
    high[0] = tally(0, 3);
    high[1] = tally(3, 3);
    assert_eq!(after(&high, 1, tally(3, 3)), Some(0));
    let strict = planned("[crm]\ntarget = 0.2", 6).design;
    low[0] = tally(6, 6);
    assert_eq!(strict.next(&seen(&low, 0)), None);
    assert_eq!(strict.declare(&seen(&low, 0)), None);
}

/// Of nobody evaluable nothing is known: the dose does not go up, and none is declared; the highest dose that may
/// be declared is one of which something is known.
#[test]
fn nobody_evaluable_is_no_reason() {
    let crm = crm(Curve::Power);
    let nobody = tally(0, 0);
    let [mut first, mut second] = [[nobody; 6], [nobody; 6]];
    first[0] = lost(3);
    assert_eq!(crm.declare(&seen(&first, 0)), None);
    assert_eq!(crm.next(&seen(&first, 0)).map(|cohort| cohort.dose), Some(0));
    let third = planned("start = \"level 3\"\n[crm]", 6).design;
    let mut at_third = [nobody; 6];
    at_third[2] = lost(30);
    assert_eq!(third.declare(&seen(&at_third, 2)), None);
    assert_eq!(third.declare(&TrialData::nobody(6)), None);
    (second[0], second[1]) = (tally(0, 30), lost(3));
    assert!(crm.recommended(&second) > Some(1));
    assert_eq!(crm.next(&seen(&second, 1)).map(|cohort| cohort.dose), Some(1));
    assert_eq!(crm.declare(&seen(&second, 1)), Some(0));
}
