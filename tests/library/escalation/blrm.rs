//! The Bayesian logistic regression model against an independent quadrature.

use vpop::escalation::design::blrm::{Blrm, Settings};
use vpop::escalation::design::{Cohorts, Design, Tally};

use super::{lost, seen, tally};

fn settings() -> Settings {
    Settings {
        cohorts: Cohorts { start: 0, size: 3 },
        doses: vec![10.0, 20.0, 35.0, 50.0, 65.0, 80.0, 90.0, 100.0],
        reference: 90.0,
        mean: [-0.708, -0.389],
        sd: [1.2, 0.9],
        correlation: 0.0,
        interval: [0.2, 0.35],
        overdose: 0.25,
        largest_increase: None,
        precise: None,
    }
}

/// 0 of 3 at 10, 1 of 3 at 20.
fn tallies() -> Vec<Tally> {
    let mut tallies = vec![tally(0, 0); 8];
    tallies[0] = tally(0, 3);
    tallies[1] = tally(1, 3);
    tallies
}

/// Expected values: an independent quadrature of the same posterior.
#[test]
fn probabilities_are_those_of_an_independent_quadrature() {
    const TARGET: [f64; 8] = [0.16833, 0.26533, 0.33577, 0.34454, 0.32895, 0.30753, 0.29350, 0.28048];
    const MEAN: [f64; 8] = [0.13016, 0.18085, 0.23941, 0.28592, 0.32398, 0.35563, 0.37391, 0.39032];
    const OVER: [f64; 8] = [0.04523, 0.10129, 0.20775, 0.31229, 0.39860, 0.46576, 0.50180, 0.53231];
    let blrm = Blrm::new(settings());
    let beliefs = blrm.beliefs(&tallies());
    let means = blrm.mean_toxicity(&tallies());
    for (dose, belief) in beliefs.iter().enumerate() {
        for (got, expected) in
            [(belief.target, TARGET[dose]), (belief.over, OVER[dose]), (means[dose], MEAN[dose])]
        {
            assert!((got - expected).abs() < 1e-5, "{got} is not {expected} at dose {dose}");
        }
    }
}

/// Much data at one dose makes the posterior narrow: P(toxicity > 0.35) after 30 of 100 there, against sums over
/// a grid twelve times as fine in both directions, written apart.
#[test]
fn narrow_posteriors_are_cut_right() {
    let mut tallies = vec![tally(0, 0); 8];
    tallies[4] = tally(30, 100);
    tallies[1] = tally(2, 40);
    let beliefs = Blrm::new(Settings { correlation: -0.3, ..settings() }).beliefs(&tallies);
    let (mut all, mut over, mut target) = (0.0, 0.0, 0.0);
    for i in 0..=1680 {
        let z_a = f64::from(i) / 120.0 - 7.0;
        for j in 0..=840 {
            let z_b = f64::from(j) / 60.0 - 7.0;
            let (a, b) = (-0.708 + 1.2 * z_a, (-0.389 + 0.9 * z_b).exp());
            let log_odds = |dose: f64| a + b * (dose / 90.0).ln();
            let logs = |x: f64| (-(1.0 + (-x).exp()).ln(), -(1.0 + x.exp()).ln());
            let (toxic_65, not_65) = logs(log_odds(65.0));
            let (toxic_20, not_20) = logs(log_odds(20.0));
            let prior = -0.5 * (z_a * z_a + 0.6 * z_a * z_b + z_b * z_b) / (1.0 - 0.09);
            let log = prior + 30.0 * toxic_65 + 70.0 * not_65 + 2.0 * toxic_20 + 38.0 * not_20;
            let density = (log + 65.0).exp();
            let p = toxic_65.exp();
            all += density;
            over += if p > 0.35 { density } else { 0.0 };
            target += if p > 0.2 && p <= 0.35 { density } else { 0.0 };
        }
    }
    // The coarse cut of the sums is off by about half a cell: 1e-3.
    assert!((beliefs[4].over - over / all).abs() < 2e-3, "{} {}", beliefs[4].over, over / all);
    assert!((beliefs[4].target - target / all).abs() < 2e-3, "{} {}", beliefs[4].target, target / all);
}

/// By hand, from the table above: among doses with P(over) below 0.25 the third has the most in the interval;
/// an increase by at most half of the dose keeps to 20; with 6 patients and 0.25 of probability 20 would do.
#[test]
fn overdose_control_and_increments() {
    let dose = |settings| {
        let blrm = Blrm::new(settings);
        blrm.next(&seen(&tallies(), 1)).map(|cohort| cohort.dose)
    };
    assert_eq!(dose(settings()), Some(2));
    assert_eq!(dose(Settings { overdose: 0.2, ..settings() }), Some(1));
    assert_eq!(dose(Settings { overdose: 0.04, ..settings() }), None);
    assert_eq!(dose(Settings { largest_increase: Some(0.5), ..settings() }), Some(1));
    assert_eq!(Blrm::new(settings()).declare(&seen(&tallies(), 1)), Some(1));
    let precise = Some(vpop::escalation::design::blrm::Precise { patients: 3, probability: 0.25 });
    assert_eq!(dose(Settings { overdose: 0.2, precise, ..settings() }), None);
}

/// Of nobody evaluable nothing is known but the prior: the dose does not go up, and none is declared.
#[test]
fn nobody_evaluable_is_no_reason() {
    let blrm = Blrm::new(Settings { overdose: 0.9, ..settings() });
    let nobody = tally(0, 0);
    let [mut first, mut second] = [[nobody; 8], [nobody; 8]];
    first[0] = lost(30);
    assert_eq!(blrm.declare(&seen(&first, 0)), None);
    assert_eq!(blrm.next(&seen(&first, 0)).map(|cohort| cohort.dose), Some(0));
    (second[0], second[1]) = (tally(0, 3), lost(3));
    assert_eq!(blrm.next(&seen(&second, 1)).map(|cohort| cohort.dose), Some(1));
    assert_eq!(blrm.declare(&seen(&second, 1)), Some(0));
}
