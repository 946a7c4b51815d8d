//! BOIN against the R package BOIN 2.7.2 (get.boundary, get.oc).

use crate::strict::zip_equal;
use vpop::escalation::design::beta::Elimination;
use vpop::escalation::design::boin::Boin;
use vpop::escalation::design::decision_table::Move;

use super::interval::{Expected, Interval};
use super::{Simulated, lost, planned, seen, tally};

fn boin(target: f64) -> Boin {
    let eliminate = Elimination { probability: 0.95, patients: 3 };
    Boin { target, too_low: 0.6 * target, too_high: 1.4 * target, eliminate }
}

#[test]
fn boundaries_are_those_of_the_package() {
    for (target, expected) in [(0.30, [0.236490685, 0.358519465]), (0.20, [0.157242287, 0.238462439])] {
        for (got, expected) in zip_equal(boin(target).boundaries(), expected) {
            assert!((got - expected).abs() < 5e-10, "{got} at {target}");
        }
    }
}

/// The decision by the boundaries that the package prints, at a target of 0.3.
fn of_the_package(dlts: u32, patients: u32) -> Move {
    const ESCALATE: [u32; 30] =
        [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7];
    const DE_ESCALATE: [u32; 30] =
        [1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10, 11, 11, 11];
    const ELIMINATE: [u32; 28] =
        [3, 3, 4, 4, 5, 5, 5, 6, 6, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10, 11, 11, 11, 12, 12, 12, 13, 13, 14];
    let row = patients as usize - 1;
    let eliminate = if patients < 3 { patients + 1 } else { ELIMINATE[row - 2] };
    if dlts >= eliminate {
        Move::Eliminate
    } else if dlts >= DE_ESCALATE[row] {
        Move::DeEscalate
    } else if dlts <= ESCALATE[row] {
        Move::Escalate
    } else {
        Move::Stay
    }
}

#[test]
fn the_table_is_that_of_the_package() {
    let table = boin(0.30).table(30);
    for patients in 1..=30_u32 {
        for dlts in 0..=patients {
            let expected = of_the_package(dlts, patients);
            assert_eq!(table.decision(dlts, patients), Some(expected), "{dlts} of {patients}");
        }
    }
    assert_eq!(table.decision(0, 31), None);
}

/// Expected values: BOIN 2.7.2, get.oc(target = 0.3, ncohort = 20, cohortsize = 3, ntrial = 20000), start at
/// dose 1, n.earlystop 100, cutoff.eli 0.95, no extra-safe stop.
#[test]
fn operating_characteristics_are_those_of_the_package() {
    let toxicity = [0.05, 0.15, 0.30, 0.45, 0.60];
    let design = planned("[patients]\ncohort = 3\nmaximum = 60\n[boin]\ntarget = 0.30", 5);
    let simulated = Simulated::new(&design, &toxicity, 200_000);
    // Standard errors of 20,000 trials: of a proportion; of a mean, with the standard deviation of ours.
    let of_share = |percent: f64| (percent / 100.0 * (1.0 - percent / 100.0) / 20_000.0).sqrt();
    for (dose, percent) in [1.14, 22.02, 66.61, 10.06, 0.14].into_iter().enumerate() {
        simulated.assert("declared", Some(dose), percent / 100.0, of_share(percent));
    }
    simulated.assert("none_declared", None, 0.0003, of_share(0.03));
    for (dose, patients) in [4.576, 16.955, 28.168, 9.155, 1.130].into_iter().enumerate() {
        let ours = simulated.0.iter().find(|c| c.measure == "treated" && c.dose == Some(dose));
        let error = ours.expect("a measure").estimate.standard_error * 10_f64.sqrt();
        simulated.assert("treated", Some(dose), patients, error);
    }
}

/// By hand: after 3 of 3 at the second dose it is closed, and 0 of 6 at the first stays there; 3 of 3 at the
/// first ends the trial without a dose.
#[test]
fn closed_doses_are_not_given_again() {
    let design = planned("[boin]", 3).design;
    let after = |tallies: [_; 3], current| design.next(&seen(&tallies, current)).map(|cohort| cohort.dose);
    assert_eq!(after([tally(0, 3), tally(3, 3), tally(0, 0)], 1), Some(0));
    assert_eq!(after([tally(0, 6), tally(3, 3), tally(0, 0)], 0), Some(0));
    assert_eq!(design.declare(&seen(&[tally(0, 6), tally(3, 3), tally(0, 0)], 0)), Some(0));
    assert_eq!(after([tally(3, 3), tally(0, 0), tally(0, 0)], 0), None);
    assert_eq!(design.declare(&seen(&[tally(3, 3), tally(0, 0), tally(0, 0)], 0)), None);
}

/// The extra-safe stop: P(toxicity > 0.3) after 2 of 3 is 0.9163 (1 - 0.3^3 (4 - 3 x 0.3)), above 0.95 - 0.05.
#[test]
fn the_extra_safe_stop_is_stricter_at_the_lowest_dose() {
    let lowest = seen(&[tally(2, 3), tally(0, 0)], 0);
    assert_eq!(planned("[boin]", 2).design.next(&lowest).map(|cohort| cohort.dose), Some(0));
    assert_eq!(planned("[boin]\nextra_safe = 0.05", 2).design.next(&lowest), None);
}

/// Ten cohorts of three, `n.earlystop = 9`, by exact enumeration of the package's rules. Expected values: an
/// enumeration by other hands, to the digits that are given.
#[test]
fn a_trial_ends_when_it_stays_at_a_dose_with_enough_patients() {
    const TOXICITY: [f64; 5] = [0.02, 0.05, 0.35, 0.55, 0.75];
    let interval = Interval { decide: &of_the_package, target: 0.3, cohorts: 10, size: 3, early_stop: 9 };
    let Expected { selected, none, patients } = interval.expected(&TOXICITY);
    for (got, percent) in zip_equal(selected.iter(), [0.0611, 23.6548, 67.8698, 8.3313, 0.0820]) {
        assert!((100.0 * got - percent).abs() < 6e-5, "{got}, {percent} %");
    }
    for (got, expected) in zip_equal(patients.iter(), [3.2201, 6.6611, 9.3774, 3.0881, 0.2604]) {
        assert!((got - expected).abs() < 6e-5, "{got}, {expected}");
    }
    let design = planned("[patients]\ncohort = 3\nmaximum = 30\nat_dose = 9\n[boin]\ntarget = 0.30", 5);
    let simulated = Simulated::new(&design, &TOXICITY, 200_000);
    simulated.assert("none_declared", None, none, 0.0);
    for (dose, (selected, patients)) in zip_equal(selected, patients).enumerate() {
        simulated.assert("declared", Some(dose), selected, 0.0);
        simulated.assert("treated", Some(dose), patients, 0.0);
    }
}

/// By hand, with 9 patients as enough: at the present dose 3 of 9 stay, and so end it; 0 of 9 at the highest dose and
/// 4 of 9 at the lowest cannot move; a move to a dose that has enough goes on.
#[test]
fn a_move_to_a_dose_with_enough_patients_goes_on() {
    let design = planned("[boin]", 3).design;
    let ends = |tallies: [_; 3], current| {
        let seen = seen(&tallies, current);
        design.next(&seen).map(|next| (next.dose, design.has_enough(&seen, next, 9)))
    };
    let nobody = tally(0, 0);
    assert_eq!(ends([tally(0, 9), tally(3, 9), nobody], 1), Some((1, true)));
    assert_eq!(ends([tally(0, 9), tally(2, 3), nobody], 1), Some((0, false)));
    assert_eq!(ends([tally(0, 6), tally(0, 6), tally(0, 9)], 2), Some((2, true)));
    assert_eq!(ends([tally(4, 9), nobody, nobody], 0), Some((0, true)));
    assert_eq!(ends([tally(0, 9), tally(3, 3), nobody], 0), Some((0, true)));
    assert_eq!(ends([tally(0, 9), nobody, nobody], 0), Some((1, false)));
}

/// A dose of which nothing is known stays, and is never declared.
#[test]
fn nobody_evaluable_is_no_reason() {
    let design = planned("[boin]", 3).design;
    let nobody = tally(0, 0);
    assert_eq!(design.declare(&seen(&[lost(9), nobody, nobody], 0)), None);
    assert_eq!(design.declare(&seen(&[tally(0, 3), lost(9), nobody], 1)), Some(0));
    let next = design.next(&seen(&[tally(0, 3), lost(9), nobody], 1));
    assert_eq!(next.map(|cohort| cohort.dose), Some(1));
}
