//! Fixed cohorts and the evaluability rule, by hand.

use vpop::escalation::design::Tally;
use vpop::escalation::evaluability::{Evaluability, Shortfall};

use super::{planned, seen, tally};

fn at(dlts: u32, evaluable: u32, second_dose: u32) -> Tally {
    Tally { second_dose, treated: 4, ..tally(dlts, evaluable) }
}

const RULE: Evaluability = Evaluability { evaluable: 3, second_dose: 2, rate_below: 1.0 / 3.0 };

#[test]
fn cohorts_follow_each_other() {
    let design = planned("[fixed]", 3);
    assert_eq!((design.limits.patients, design.limits.replacements), (20, Some(1)));
    let next = |tallies: &[Tally], dose| {
        design.design.next(&seen(tallies, dose)).map(|cohort| (cohort.dose, cohort.patients))
    };
    assert_eq!(next(&[at(4, 4, 0), tally(0, 0), tally(0, 0)], 0), Some((1, 4)));
    assert_eq!(next(&[at(0, 4, 4), at(0, 4, 4), at(0, 4, 4)], 2), None);
    let careful = planned("[fixed]\nstop_at = 0.5", 3).design;
    assert_eq!(careful.next(&seen(&[at(2, 4, 2), tally(0, 0), tally(0, 0)], 0)), None);
}

#[test]
fn the_highest_acceptable_dose_is_declared() {
    let shortfalls = |tallies: &[Tally]| RULE.shortfalls(tallies).collect::<Vec<_>>();
    let good = at(0, 4, 4);
    assert_eq!(RULE.declare(&[good, at(1, 4, 3), good]), Some(2));
    // 1 of 3 is not below a third; the dose above it is blocked.
    assert_eq!(RULE.declare(&[good, at(1, 3, 2), good]), Some(0));
    assert_eq!(
        shortfalls(&[good, at(1, 3, 2), good]),
        [Shortfall::Nothing, Shortfall::Tolerated, Shortfall::LowerDose]
    );
    assert_eq!(
        shortfalls(&[good, at(0, 2, 2), tally(0, 0)]),
        [Shortfall::Nothing, Shortfall::Evaluable, Shortfall::Treated]
    );
    assert_eq!(
        shortfalls(&[good, at(0, 4, 1), good]),
        [Shortfall::Nothing, Shortfall::SecondDose, Shortfall::LowerDose]
    );
    assert_eq!(RULE.declare(&[at(2, 4, 2), good, good]), None);
    // A trial that began at the second dose.
    assert_eq!(RULE.declare(&[tally(0, 0), good, at(3, 4, 1)]), Some(1));
}

#[test]
fn a_dose_without_anybody_evaluable_is_not_declared() {
    let rule = Evaluability { evaluable: 0, second_dose: 0, rate_below: 1.0 };
    assert_eq!(rule.declare(&[at(0, 0, 0), tally(0, 0)]), None);
    assert_eq!(rule.declare(&[at(0, 1, 0), at(0, 0, 4)]), Some(0));
}
