//! Uniform distribution.

use super::probability::Probability;
use super::{DistributionError, finite, limits};

/// `low + (high - low) Phi(z)`.
///
/// Limits: `low < high`, both finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Uniform {
    low: f64,
    high: f64,
}

impl Uniform {
    /// Between two numbers.
    ///
    /// # Errors
    /// Limits that are not finite or in the wrong order.
    pub fn new(low: f64, high: f64) -> Result<Self, DistributionError> {
        let [low, high] = limits(finite("low", low)?, finite("high", high)?)?;
        Ok(Self { low, high })
    }

    /// The value of a standard normal score.
    pub fn value(&self, score: f64) -> f64 {
        let p = Probability::of_score(score);
        self.low * p.above + self.high * p.below
    }
}
