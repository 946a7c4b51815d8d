//! mTPI-2: W. Guo et al., "A Bayesian interval dose-finding design addressing Ockham's razor: mTPI-2",
//! Contemporary Clinical Trials 58 (2017) 23-33. The keyboard design (F. Yan et al., Clinical Cancer Research 23
//! (2017) 3994-4003) decides alike.

use schemars::JsonSchema;
use serde::Deserialize;

use super::beta::{self, EliminateTable, Elimination};
use super::by_table::ByTable;
use super::decision_table::{DecisionTable, Move};
use super::kind::{
    Checked, DesignFileText, DesignKind, Number, Scope, TARGET, about_target, probability, shipped,
};
use crate::cohort::Spanned;
use crate::cohort::report::Report;
use crate::cohort::value::{Fraction, Pair, fraction, fraction_pair};

/// What mTPI-2 decides by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mtpi2 {
    /// Target probability of toxicity.
    pub target: f64,
    /// The interval about the target that is good enough.
    pub interval: [f64; 2],
    /// When a dose is closed.
    pub eliminate: Elimination,
}

/// mTPI-2.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::escalation) struct Mtpi2Table {
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

impl DesignKind for Mtpi2 {
    type Table = Mtpi2Table;
    const NAME: &'static str = "mtpi2";
    const DOC: &'static str = "mTPI-2; the keyboard design decides alike.";
    const STANDARD: &'static [DesignFileText] = &[shipped!("mtpi2.toml")];

    fn check(table: &Spanned<Mtpi2Table>, scope: &Scope<'_>, report: &mut Report) -> Option<Checked> {
        let table = &table.value;
        let target = probability("target", &table.target, TARGET, report)?;
        let interval = about_target(table.interval.as_ref(), target, report)?;
        let eliminate = Elimination::check(table.eliminate.as_ref(), report)?;
        let table = Self { target, interval, eliminate }.table(scope.limits.patients);
        let cohorts = scope.cohorts;
        Some(Checked::by_table(ByTable { cohorts, table, is_given: false, target, extra_safe: None }))
    }
}

impl Mtpi2 {
    /// The decisions: that of the interval with the largest probability per width.
    pub fn table(self, largest: u32) -> DecisionTable {
        DecisionTable::new(largest, |dlts, patients| {
            if self.eliminate.closes(self.target, dlts, patients) {
                return Move::Eliminate;
            }
            let density = |&(from, to, _): &(f64, f64, Move)| {
                (beta::below(to, dlts, patients) - beta::below(from, dlts, patients)) / (to - from)
            };
            let largest = self.intervals().into_iter().max_by(|a, b| density(a).total_cmp(&density(b)));
            largest.map_or(Move::Stay, |(_, _, decision)| decision)
        })
    }

    /// Intervals from 0 to 1 of one width, outwards from that about the target; those at the ends are what is
    /// left.
    fn intervals(self) -> Vec<(f64, f64, Move)> {
        /// Below it an interval is an error of rounding.
        const NARROWEST: f64 = 1e-9;
        let [low, high] = self.interval;
        let width = high - low;
        let mut intervals = vec![(low, high, Move::Stay)];
        let mut to = low;
        while to > NARROWEST {
            let from = if to - width > NARROWEST { to - width } else { 0.0 };
            intervals.push((from, to, Move::Escalate));
            to = from;
        }
        let mut from = high;
        while from < 1.0 - NARROWEST {
            let to = if from + width < 1.0 - NARROWEST { from + width } else { 1.0 };
            intervals.push((from, to, Move::DeEscalate));
            from = to;
        }
        intervals
    }
}
