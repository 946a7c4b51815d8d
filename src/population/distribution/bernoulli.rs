//! Bernoulli distribution.

use super::probability::Probability;
use super::{DistributionError, probability_value};

/// 1 where `1 - Phi(z) < p`, else 0: a high score is a 1, so that a positive correlation of
/// scores is a positive association.
///
/// Limits: `0 <= p <= 1`.
#[derive(Debug, Clone, PartialEq)]
pub struct Bernoulli {
    p: f64,
}

impl Bernoulli {
    /// By the probability of a 1.
    ///
    /// # Errors
    /// A number outside 0 to 1.
    pub fn new(p: f64) -> Result<Self, DistributionError> {
        Ok(Self { p: probability_value(p)? })
    }

    /// The value of a standard normal score.
    pub fn value(&self, score: f64) -> f64 {
        f64::from(Probability::of_score(score).above < self.p)
    }
}
