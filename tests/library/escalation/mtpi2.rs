//! mTPI-2 against the published table of decisions.

use crate::strict::zip_equal;
use vpop::escalation::design::decision_table::Move::{self, DeEscalate, Eliminate, Escalate, Stay};

use super::interval::{Expected, Interval};
use super::{Simulated, planned};

/// Expected values: target 0.30, intervals of width 0.10 outwards from 0.25-0.35, Beta(1, 1), a dose closed where
/// P(toxicity > 0.30) > 0.95.
#[test]
fn the_table_is_the_published_one() {
    /// For a number of patients: the last number of toxicities of each decision.
    const TABLE: [(u32, [(u32, Move); 4]); 5] = [
        (3, [(0, Escalate), (1, Stay), (2, DeEscalate), (3, Eliminate)]),
        (6, [(1, Escalate), (2, Stay), (3, DeEscalate), (6, Eliminate)]),
        (9, [(2, Escalate), (3, Stay), (4, DeEscalate), (9, Eliminate)]),
        (12, [(2, Escalate), (4, Stay), (6, DeEscalate), (12, Eliminate)]),
        (18, [(4, Escalate), (6, Stay), (8, DeEscalate), (18, Eliminate)]),
    ];
    let table = planned("[mtpi2]\ntarget = 0.3\ninterval = [0.25, 0.35]", 5).table.expect("a table");
    for (patients, last) in TABLE {
        for dlts in 0..=patients {
            let expected = last.iter().find(|(last, _)| dlts <= *last).map(|(_, decision)| *decision);
            assert_eq!(table.decision(dlts, patients), expected, "{dlts} of {patients}");
        }
    }
}

/// The rule of ending early is that of BOIN: against exact enumeration.
#[test]
fn trials_come_out_as_enumerated() {
    const TOXICITY: [f64; 4] = [0.05, 0.25, 0.4, 0.6];
    let design = planned("[patients]\ncohort = 3\nmaximum = 24\nat_dose = 9\n[mtpi2]\ntarget = 0.3", 4);
    let table = design.table.clone().expect("a table");
    let decide = |dlts, patients| table.decision(dlts, patients).expect("within the table");
    let interval = Interval { decide: &decide, target: 0.3, cohorts: 8, size: 3, early_stop: 9 };
    let Expected { selected, none, patients } = interval.expected(&TOXICITY);
    assert!((selected.iter().sum::<f64>() + none - 1.0).abs() < 1e-12);
    let simulated = Simulated::new(&design, &TOXICITY, 100_000);
    simulated.assert("none_declared", None, none, 0.0);
    for (dose, (selected, patients)) in zip_equal(selected, patients).enumerate() {
        simulated.assert("declared", Some(dose), selected, 0.0);
        simulated.assert("treated", Some(dose), patients, 0.0);
    }
}
