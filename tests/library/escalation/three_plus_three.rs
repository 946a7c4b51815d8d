//! 3+3 against exact enumeration of every trial, written apart from the design.

use crate::strict::zip_equal;
use vpop::escalation::conduct::Limits;
use vpop::escalation::settings::Planned;

use super::{Simulated, planned, seen, tally};

/// Every trial of 3+3, with its probability.
struct Enumeration<'a> {
    toxicity: &'a [f64],
    de_escalate: bool,
    none: f64,
    declared: Vec<f64>,
    patients: f64,
    dlts: f64,
}

/// A trial under way: patients and toxicities at each dose, and its probability.
#[derive(Clone)]
struct Trial {
    at: Vec<[u32; 2]>,
    probability: f64,
}

impl<'a> Enumeration<'a> {
    fn new(toxicity: &'a [f64], de_escalate: bool) -> Self {
        let declared = vec![0.0; toxicity.len()];
        let mut all = Self { toxicity, de_escalate, none: 0.0, declared, patients: 0.0, dlts: 0.0 };
        all.three_at(0, &Trial { at: vec![[0; 2]; toxicity.len()], probability: 1.0 }, false);
        all
    }

    fn three_at(&mut self, dose: usize, before: &Trial, from_above: bool) {
        let p = self.toxicity[dose];
        for (dlts, ways) in [1.0, 3.0, 3.0, 1.0].into_iter().enumerate() {
            let mut trial = before.clone();
            trial.probability *= ways * p.powi(dlts as i32) * (1.0 - p).powi(3 - dlts as i32);
            trial.at[dose][0] += 3;
            trial.at[dose][1] += dlts as u32;
            self.decide(dose, &trial, from_above);
        }
    }

    fn decide(&mut self, dose: usize, trial: &Trial, from_above: bool) {
        match trial.at[dose] {
            [_, 2..=6] if dose == 0 => self.end(None, trial),
            [_, 2..=6] if self.de_escalate && trial.at[dose - 1][0] == 3 => {
                self.three_at(dose - 1, trial, true)
            }
            [_, 2..=6] => self.end(Some(dose - 1), trial),
            [3, 1] => self.three_at(dose, trial, from_above),
            _ if from_above || dose + 1 == self.toxicity.len() => self.end(Some(dose), trial),
            _ => self.three_at(dose + 1, trial, false),
        }
    }

    fn end(&mut self, declared: Option<usize>, trial: &Trial) {
        *declared.map_or(&mut self.none, |dose| &mut self.declared[dose]) += trial.probability;
        let sum = |which: usize| -> f64 { trial.at.iter().map(|at| f64::from(at[which])).sum() };
        self.patients += trial.probability * sum(0);
        self.dlts += trial.probability * sum(1);
    }
}

fn assert_close(got: f64, expected: f64, tolerance: f64) {
    assert!((got - expected).abs() < tolerance, "{got} is not {expected}");
}

const FIRST: [f64; 5] = [0.05, 0.1, 0.2, 0.3, 0.5];
const SECOND: [f64; 5] = [0.12, 0.27, 0.44, 0.53, 0.57];

/// Expected values: an enumeration by other hands, to the digits that are given.
#[test]
fn enumeration_gives_the_known_probabilities() {
    let plain = Enumeration::new(&FIRST, false);
    assert_close(plain.none, 0.026_558, 5e-7);
    for (got, expected) in zip_equal(plain.declared.iter(), [0.09136, 0.257032, 0.316111, 0.25584, 0.053099])
    {
        assert_close(*got, expected, 1e-6);
    }
    assert_close(plain.patients, 14.67496, 5e-6);
    assert_close(plain.dlts, 2.7136, 5e-5);

    let toxic = Enumeration::new(&SECOND, false);
    assert_close(toxic.none, 0.128_545, 1e-6);
    for (got, expected) in zip_equal(toxic.declared.iter(), [0.386111, 0.364828, 0.10361, 0.015138, 0.001769])
    {
        assert_close(*got, expected, 1e-6);
    }
    assert_close(toxic.patients, 10.19327, 5e-6);

    let six = Enumeration::new(&FIRST, true);
    assert_close(six.none, 0.027_182, 1e-6);
    for (got, expected) in zip_equal(six.declared.iter(), [0.097126, 0.277277, 0.327825, 0.217491, 0.053099])
    {
        assert_close(*got, expected, 1e-6);
    }
    assert_close(six.patients, 16.91885, 5e-6);
}

/// A million trials of each agree with the enumeration within four standard errors.
#[test]
fn trials_agree_with_the_enumeration() {
    for (toxicity, de_escalate) in [(FIRST, false), (SECOND, false), (FIRST, true)] {
        let exact = Enumeration::new(&toxicity, de_escalate);
        let design = planned(&format!("[three_plus_three]\nde_escalate = {de_escalate}"), toxicity.len());
        // The most patients of a trial: six at each dose.
        let design = Planned { limits: Limits { patients: 30, ..design.limits }, ..design };
        let simulated = Simulated::new(&design, &toxicity, 1_000_000);
        simulated.assert("none_declared", None, exact.none, 0.0);
        for (dose, expected) in exact.declared.iter().enumerate() {
            simulated.assert("declared", Some(dose), *expected, 0.0);
        }
        simulated.assert("treated", None, exact.patients, 0.0);
        simulated.assert("dlts", None, exact.dlts, 0.0);
    }
}

/// By hand: patients who are not evaluable are made up for, three first and then six.
#[test]
fn cohorts_are_filled_up() {
    let design = planned("[three_plus_three]", 2).design;
    let next = |first, second, current| {
        design.next(&seen(&[first, second], current)).map(|cohort| (cohort.dose, cohort.patients))
    };
    assert_eq!(next(tally(0, 2), tally(0, 0), 0), Some((0, 1)));
    assert_eq!(next(tally(1, 2), tally(0, 0), 0), Some((0, 1)));
    assert_eq!(next(tally(2, 2), tally(0, 0), 0), None);
    assert_eq!(next(tally(1, 4), tally(0, 0), 0), Some((0, 2)));
    assert_eq!(next(tally(1, 6), tally(0, 0), 0), Some((1, 3)));
    assert_eq!(next(tally(0, 3), tally(0, 3), 1), None);
}

/// By hand: accelerated titration treats one at each dose, fills up where a toxicity ends that, and treats six
/// where it comes back to.
#[test]
fn accelerated_titration_becomes_3_plus_3() {
    let design = planned("[accelerated_titration]", 4).design;
    let next = |tallies: [_; 4], current| {
        design.next(&seen(&tallies, current)).map(|cohort| (cohort.dose, cohort.patients))
    };
    let nobody = tally(0, 0);
    let moderate =
        |dlts, evaluable, moderate| vpop::escalation::design::Tally { moderate, ..tally(dlts, evaluable) };
    assert_eq!(next([tally(0, 1), nobody, nobody, nobody], 0), Some((1, 1)));
    assert_eq!(next([tally(0, 1), moderate(0, 1, 1), nobody, nobody], 1), Some((2, 1)));
    assert_eq!(next([tally(0, 1), moderate(0, 1, 1), moderate(0, 1, 1), nobody], 2), Some((2, 2)));
    assert_eq!(next([tally(0, 1), moderate(0, 1, 1), moderate(0, 3, 1), nobody], 2), Some((3, 3)));
    assert_eq!(next([tally(0, 1), tally(0, 1), tally(1, 1), nobody], 2), Some((2, 2)));
    assert_eq!(next([tally(0, 1), tally(0, 1), tally(2, 3), nobody], 2), Some((1, 2)));
    assert_eq!(next([tally(0, 1), tally(0, 3), tally(2, 3), nobody], 1), Some((1, 3)));
    assert_eq!(next([tally(0, 1), tally(1, 6), tally(2, 3), nobody], 1), None);
    assert_eq!(next([tally(0, 1), tally(0, 1), tally(0, 1), tally(0, 1)], 3), Some((3, 2)));
}
