//! Log-uniform distribution.

use super::{DistributionError, Uniform, limits, positive};

/// `exp(log(low) + log(high / low) Phi(z))`: the logarithm is uniform. Also called reciprocal.
///
/// Limits: `0 < low < high`, both finite.
#[derive(Debug, Clone, PartialEq)]
pub struct LogUniform {
    logarithm: Uniform,
}

impl LogUniform {
    /// Between two positive numbers.
    ///
    /// # Errors
    /// Limits that are not positive, not finite, or in the wrong order.
    pub fn new(low: f64, high: f64) -> Result<Self, DistributionError> {
        let [low, high] = limits(positive("low", low)?, positive("high", high)?)?;
        Ok(Self { logarithm: Uniform::new(low.ln(), high.ln())? })
    }

    /// The value of a standard normal score.
    pub fn value(&self, score: f64) -> f64 {
        self.logarithm.value(score).exp()
    }
}
