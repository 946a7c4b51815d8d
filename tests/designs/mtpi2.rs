//! mTPI-2 against the published table of decisions.

use vpop::trial::design::decision_table::Move::{self, DeEscalate, Eliminate, Escalate, Stay};

use super::planned;

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
