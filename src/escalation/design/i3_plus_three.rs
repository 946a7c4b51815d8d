//! i3+3: M. Liu, S.-J. Wang and Y. Ji, "The i3+3 design for phase I clinical trials", Journal of Biopharmaceutical
//! Statistics 30 (2020) 294-304.
//!
//! The rate of toxicity at the present dose is held against an interval about the target: below it the dose goes up,
//! within it it stays. Above it the dose goes down, unless one toxicity less would be a rate below the interval: then
//! there are too few patients to tell, and it stays. A dose that is above the target with a probability of more than
//! 0.95 is closed, with all above it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::beta::{EliminateTable, Elimination};
use super::by_table::ByTable;
use super::decision_table::{DecisionTable, Move};
use super::kind::{Checked, DesignKind, Number, Scope, TARGET, about_target, probability};
use crate::cohort::Spanned;
use crate::cohort::report::Report;
use crate::cohort::value::{Fraction, Pair, fraction, fraction_pair};

/// What i3+3 decides by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::escalation) struct I3PlusThree {
    /// The interval about the target that is good enough.
    interval: [f64; 2],
    /// Target probability of toxicity.
    target: f64,
    /// When a dose is closed.
    eliminate: Elimination,
}

/// i3+3.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::escalation) struct I3PlusThreeTable {
    /// Target probability of toxicity. Default: 0.3.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    target: Option<Number>,
    /// The interval about the target that is good enough. Default: 0.05 to both sides.
    #[serde(default, deserialize_with = "fraction_pair")]
    #[schemars(with = "Option<[Fraction; 2]>")]
    interval: Option<Spanned<Pair<f64>>>,
    /// When a dose is closed.
    eliminate: Option<EliminateTable>,
}

impl DesignKind for I3PlusThree {
    type Table = I3PlusThreeTable;
    const NAME: &'static str = "i3_plus_three";
    const DOC: &'static str = "i3+3.";

    fn check(table: &Spanned<I3PlusThreeTable>, scope: &Scope<'_>, report: &mut Report) -> Option<Checked> {
        let table = &table.value;
        let target = probability("target", &table.target, TARGET, report)?;
        let interval = about_target(table.interval.as_ref(), target, report)?;
        let eliminate = Elimination::check(table.eliminate.as_ref(), report)?;
        let table = Self { interval, target, eliminate }.table(scope.limits.patients);
        let cohorts = scope.cohorts;
        Some(Checked::by_table(ByTable { cohorts, table, is_given: false, target, extra_safe: None }))
    }
}

impl I3PlusThree {
    /// The decisions.
    fn table(self, largest: u32) -> DecisionTable {
        DecisionTable::new(largest, |dlts, patients| {
            if self.eliminate.closes(self.target, dlts, patients) {
                Move::Eliminate
            } else if self.is_below(dlts, patients) {
                Move::Escalate
            } else if !self.is_above(dlts, patients) || self.is_below(dlts - 1, patients) {
                Move::Stay
            } else {
                Move::DeEscalate
            }
        })
    }

    /// Whether a rate is below the interval, of which its ends are part.
    fn is_below(self, dlts: u32, patients: u32) -> bool {
        f64::from(dlts) < f64::from(patients) * self.interval[0] - ROUNDING
    }

    /// Whether a rate is above the interval.
    fn is_above(self, dlts: u32, patients: u32) -> bool {
        f64::from(dlts) > f64::from(patients) * self.interval[1] + ROUNDING
    }
}

/// What a number of toxicities may be off its product by rounding.
const ROUNDING: f64 = 1e-9;

#[cfg(test)]
mod tests {
    use super::*;

    /// The rate, the interval about it, and a table: patients and decisions.
    type Table = (f64, [f64; 2], [(u32, &'static str); 8]);

    /// For each number of patients the decisions after 0, 1, ... toxicities: by the rules of the paper in exact
    /// fractions, closed by the binomial sum that the posterior probability is. E escalates, S stays, D de-escalates,
    /// X closes.
    const TABLES: [Table; 2] = [
        (
            0.3,
            [0.25, 0.35],
            [
                (1, "ES"),
                (3, "ESDX"),
                (6, "EESDXXX"),
                (8, "EESDDXXXX"),
                (9, "EEESDXXXXX"),
                (12, "EEESSDDXXXXXX"),
                (15, "EEEESSDDXXXXXXXX"),
                (20, "EEEEESSSDDXXXXXXXXXXX"),
            ],
        ),
        (
            0.25,
            [0.2, 0.3],
            [
                (1, "ES"),
                (3, "ESDX"),
                (5, "ESDXXX"),
                (6, "EESDXXX"),
                (9, "EESDDXXXXX"),
                (10, "EESSDXXXXXX"),
                (15, "EEESSDDXXXXXXXXX"),
                (20, "EEEESSSDDXXXXXXXXXXXX"),
            ],
        ),
    ];

    #[test]
    fn the_table_is_that_of_the_rules() {
        for (target, interval, rows) in TABLES {
            let eliminate = Elimination { probability: 0.95, patients: 3 };
            let table = I3PlusThree { interval, target, eliminate }.table(20);
            for (patients, decisions) in rows {
                for (dlts, expected) in (0..).zip(decisions.chars()) {
                    let expected = match expected {
                        'E' => Move::Escalate,
                        'S' => Move::Stay,
                        'D' => Move::DeEscalate,
                        _ => Move::Eliminate,
                    };
                    assert_eq!(
                        table.decision(dlts, patients),
                        Some(expected),
                        "{dlts} of {patients}, {target}"
                    );
                }
                assert_eq!(decisions.len(), patients as usize + 1);
            }
        }
    }
}
