//! i3+3: its operating characteristics against exact enumeration.

use crate::strict::zip_equal;

use super::interval::{Expected, Interval};
use super::{Simulated, planned, seen, tally};

/// What comes of trials is what an enumeration of all of them says; a safe drug ends at its highest dose, a toxic one
/// without a dose.
#[test]
fn trials_come_out_as_enumerated() {
    let design =
        planned("[patients]\ncohort = 3\nmaximum = 24\nat_dose = 9\n[i3_plus_three]\ntarget = 0.3", 4);
    let table = design.table.clone().expect("a table");
    let decide = |dlts, patients| table.decision(dlts, patients).expect("within the table");
    let interval = Interval { decide: &decide, target: 0.3, cohorts: 8, size: 3, early_stop: 9 };
    for toxicity in [[0.05, 0.25, 0.4, 0.6], [0.01, 0.02, 0.03, 0.04], [0.6, 0.7, 0.8, 0.9]] {
        let Expected { selected, none, patients } = interval.expected(&toxicity);
        assert!((selected.iter().sum::<f64>() + none - 1.0).abs() < 1e-12);
        let simulated = Simulated::new(&design, &toxicity, 50_000);
        let of_share = |share: f64| (share * (1.0 - share) / 50_000.0).sqrt();
        simulated.assert("none_declared", None, none, of_share(none));
        for (dose, (selected, patients)) in zip_equal(&selected, &patients).enumerate() {
            simulated.assert("declared", Some(dose), *selected, of_share(*selected));
            simulated.assert("treated", Some(dose), *patients, 1e-3);
        }
        match toxicity[0] {
            0.01 => assert!(selected[3] > 0.9, "{selected:?}"),
            0.6 => assert!(none > 0.7, "{none}"),
            _ => assert!(selected[1] > selected[0].max(selected[2]), "{selected:?}"),
        }
    }
}

/// By hand: one of three is above the interval, but none of three below it, so that it stays; two of three go down,
/// three of three close the dose.
#[test]
fn one_toxicity_less_decides_where_patients_are_few() {
    let design = planned("[i3_plus_three]", 3).design;
    let after = |dlts| {
        let next = design.next(&seen(&[tally(0, 3), tally(dlts, 3), tally(0, 0)], 1));
        next.map(|cohort| cohort.dose)
    };
    assert_eq!([0, 1, 2].map(after), [Some(2), Some(1), Some(0)]);
    assert_eq!(after(3), Some(0));
    assert_eq!(design.declare(&seen(&[tally(0, 3), tally(3, 3), tally(0, 0)], 0)), Some(0));
}
