//! BOIN, the Bayesian optimal interval design: S. Liu and Y. Yuan, "Bayesian optimal interval designs for phase
//! I clinical trials", Journal of the Royal Statistical Society C 64 (2015) 507-523; elimination and the
//! extra-safe stop as in Y. Yuan et al., Clinical Cancer Research 22 (2016) 4291-4301.

use super::beta::Elimination;
use super::decision_table::{DecisionTable, Move};

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
