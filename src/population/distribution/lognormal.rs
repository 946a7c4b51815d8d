//! Lognormal distribution, whole or truncated, and its rounded form.

use super::{DistributionError, Normal, limits};

/// `exp(log_mean + log_sd z)`. The median is `exp(log_mean)`, the coefficient of variation
/// `sqrt(exp(log_sd^2) - 1)`. Truncated: the normal distribution of the logarithm is.
///
/// Rounded: the value, after truncation, goes to the nearest whole number (halves away from 0).
///
/// Limits: `log_sd > 0`. Source: Johnson, Kotz and Balakrishnan, Continuous Univariate
/// Distributions (2nd ed. 1994), chapter 14.
#[derive(Debug, Clone, PartialEq)]
pub struct LogNormal {
    logarithm: Normal,
    rounded: bool,
}

impl LogNormal {
    /// Mean and standard deviation of the logarithm, and limits of the truncated form.
    ///
    /// # Errors
    /// `log_sd` not positive, limits in the wrong order, nothing between them.
    pub fn new(
        log_mean: f64,
        log_sd: f64,
        truncate: Option<[f64; 2]>,
        rounded: bool,
    ) -> Result<Self, DistributionError> {
        let empty = |low, high| move |_| DistributionError::Empty { low, high };
        let logarithm = match truncate {
            None => Normal::new(log_mean, log_sd, None)?,
            Some([low, high]) => {
                // The parameters come first, so that an error below can only be the limits.
                Normal::new(log_mean, log_sd, None)?;
                limits(low, high)?;
                let inside = [low.max(0.0).ln(), high.max(0.0).ln()];
                Normal::new(log_mean, log_sd, Some(inside)).map_err(empty(low, high))?
            }
        };
        Ok(Self { logarithm, rounded })
    }

    /// The value of a standard normal score.
    pub fn value(&self, score: f64) -> f64 {
        let value = self.logarithm.value(score).exp();
        if self.rounded { value.round() } else { value }
    }
}
