//! BOIN, the Bayesian optimal interval design: S. Liu and Y. Yuan, "Bayesian optimal interval designs for phase
//! I clinical trials", Journal of the Royal Statistical Society C 64 (2015) 507-523; elimination and the
//! extra-safe stop as in Y. Yuan et al., Clinical Cancer Research 22 (2016) 4291-4301.

use schemars::JsonSchema;
use serde::Deserialize;

use super::DesignError;
use super::beta::{EliminateTable, Elimination};
use super::by_table::ByTable;
use super::decision_table::{DecisionTable, Move};
use super::kind::{Checked, DesignFileText, DesignKind, Number, Scope, TARGET, probability, shipped};
use crate::cohort::Spanned;
use crate::cohort::report::Report;
use crate::cohort::value::{Fraction, fraction};

/// Bounds of what is too low and too high, as multiples of the target: Liu and Yuan (2015).
const BOUNDS: [f64; 2] = [0.6, 1.4];

/// What BOIN decides by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Boin {
    /// Target probability of toxicity.
    pub target: f64,
    /// The highest probability that is too low; 0.6 of the target if not said otherwise.
    pub too_low: f64,
    /// The lowest probability that is too high; 1.4 of the target if not said otherwise.
    pub too_high: f64,
    /// When a dose is closed.
    pub eliminate: Elimination,
}

/// BOIN.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::escalation) struct BoinTable {
    /// Target probability of toxicity. Default: 0.3.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    target: Option<Number>,
    /// The highest probability that is too low. Default: 0.6 of the target.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    too_low: Option<Number>,
    /// The lowest probability that is too high. Default: 1.4 of the target.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    too_high: Option<Number>,
    /// When a dose is closed.
    eliminate: Option<EliminateTable>,
    /// The trial also ends if the lowest dose is above the target with a probability above that of `eliminate`
    /// less this. Default: it does not.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    extra_safe: Option<Number>,
}

impl DesignKind for Boin {
    type Table = BoinTable;
    const NAME: &'static str = "boin";
    const DOC: &'static str = "BOIN.";
    const STANDARD: &'static [DesignFileText] = &[shipped!("boin.toml")];

    fn check(table: &Spanned<BoinTable>, scope: &Scope<'_>, report: &mut Report) -> Option<Checked> {
        let table = &table.value;
        let target = probability("target", &table.target, TARGET, report)?;
        let [low, high] = BOUNDS.map(|factor| factor * target);
        let too_low = probability("too_low", &table.too_low, low, report)?;
        let too_high = probability("too_high", &table.too_high, high.min(0.5 * (1.0 + target)), report)?;
        for (key, number, [low, high]) in [
            ("too_low", &table.too_low, [too_low, target]),
            ("too_high", &table.too_high, [target, too_high]),
        ] {
            if let Some(number) = number
                && low >= high
            {
                report.add(&number.span, DesignError::NotRising { key, low, high });
                return None;
            }
        }
        let eliminate = Elimination::check(table.eliminate.as_ref(), report)?;
        let extra_safe = match &table.extra_safe {
            Some(offset) => {
                let less = report.within("extra_safe", offset, [0.0, eliminate.probability])?;
                Some(Elimination { probability: eliminate.probability - less, ..eliminate })
            }
            None => None,
        };
        let boin = Self { target, too_low, too_high, eliminate };
        let table = boin.table(scope.limits.patients);
        Some(Checked::by_table(ByTable {
            cohorts: scope.cohorts,
            table,
            is_given: false,
            target,
            extra_safe,
        }))
    }
}

impl Boin {
    /// Escalation and de-escalation boundary of the observed rate: equations 5 and 6 of Liu and Yuan (2015),
    /// where the likelihoods of two probabilities are equal.
    pub fn boundaries(self) -> [f64; 2] {
        let equal = |low: f64, high: f64| {
            ((1.0 - low) / (1.0 - high)).ln() / (high * (1.0 - low) / (low * (1.0 - high))).ln()
        };
        [equal(self.too_low, self.target), equal(self.target, self.too_high)]
    }

    /// The decisions.
    pub fn table(self, largest: u32) -> DecisionTable {
        let [low, high] = self.boundaries();
        DecisionTable::new(largest, |dlts, patients| {
            let rate = f64::from(dlts) / f64::from(patients);
            if self.eliminate.closes(self.target, dlts, patients) {
                Move::Eliminate
            } else if rate <= low {
                Move::Escalate
            } else if rate >= high {
                Move::DeEscalate
            } else {
                Move::Stay
            }
        })
    }
}
