//! BOIN against the R package BOIN 2.7.2 (get.boundary, get.oc).

use vpop::trial::design::beta::Elimination;
use vpop::trial::design::boin::Boin;
use vpop::trial::design::decision_table::Move;

use super::{Simulated, planned, seen, tally};

fn boin(target: f64) -> Boin {
    let eliminate = Elimination { probability: 0.95, patients: 3 };
    Boin { target, too_low: 0.6 * target, too_high: 1.4 * target, eliminate }
}

#[test]
fn boundaries_are_those_of_the_package() {
    for (target, expected) in [(0.30, [0.236490685, 0.358519465]), (0.20, [0.157242287, 0.238462439])] {
        for (got, expected) in boin(target).boundaries().into_iter().zip(expected) {
            assert!((got - expected).abs() < 5e-10, "{got} at {target}");
        }
    }
}

#[test]
fn the_table_is_that_of_the_package() {
    const ESCALATE: [u32; 30] =
        [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7];
    const DE_ESCALATE: [u32; 30] =
        [1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10, 11, 11, 11];
    const ELIMINATE: [u32; 28] =
        [3, 3, 4, 4, 5, 5, 5, 6, 6, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10, 11, 11, 11, 12, 12, 12, 13, 13, 14];
    let table = boin(0.30).table(30);
    for patients in 1..=30_u32 {
        let row = patients as usize - 1;
        let eliminate = if patients < 3 { patients + 1 } else { ELIMINATE[row - 2] };
        for dlts in 0..=patients {
            let expected = if dlts >= eliminate {
                Move::Eliminate
            } else if dlts >= DE_ESCALATE[row] {
                Move::DeEscalate
            } else if dlts <= ESCALATE[row] {
                Move::Escalate
            } else {
                Move::Stay
            };
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
