//! The probability of toxicity at one dose after `dlts` of `patients`, with a uniform prior: a Beta
//! distribution.

use schemars::JsonSchema;
use serde::Deserialize;
use statrs::function::beta::beta_reg;

use super::kind::{Number, Whole, count, probability};
use crate::cohort::report::Report;
use crate::cohort::value::{Fraction, fraction};

/// Probability that it lies below a value.
///
/// The distribution is Beta(1 + dlts, 1 + patients - dlts).
pub fn below(value: f64, dlts: u32, patients: u32) -> f64 {
    if value <= 0.0 {
        0.0
    } else if value >= 1.0 {
        1.0
    } else {
        beta_reg(1.0 + f64::from(dlts), 1.0 + f64::from(patients - dlts), value)
    }
}

/// Probability that it lies above a value.
pub fn above(value: f64, dlts: u32, patients: u32) -> f64 {
    1.0 - below(value, dlts, patients)
}

/// When a dose is closed for good, with all above it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Elimination {
    /// The probability that its toxicity is above the target must be above this.
    pub probability: f64,
    /// Evaluable patients, at least.
    pub patients: u32,
}

/// When a dose is closed, with all above it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::escalation) struct EliminateTable {
    /// Its toxicity is above the target with a probability above this, after a uniform prior. Default: 0.95.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    probability: Option<Number>,
    /// Evaluable patients, at least. Default: 3.
    patients: Option<Whole>,
}

impl Elimination {
    /// The settings, or the usual ones: 0.95 after three patients.
    pub(super) fn check(table: Option<&EliminateTable>, report: &mut Report) -> Option<Self> {
        let nothing = EliminateTable::default();
        let table = table.unwrap_or(&nothing);
        Some(Self {
            probability: probability("probability", &table.probability, 0.95, report)?,
            patients: count("patients", &table.patients, 3, report)?.max(1),
        })
    }

    /// Whether a dose is closed.
    pub fn closes(self, target: f64, dlts: u32, patients: u32) -> bool {
        patients >= self.patients && above(target, dlts, patients) > self.probability
    }
}
