//! Poisson distribution.

use super::probability::Probability;
use super::steps::Steps;
use super::{DistributionError, at_most, positive};

/// The smallest whole number `k` with `P(X <= k) >= Phi(z)`, `P(X = k) = exp(-mean) mean^k / k!`.
///
/// Limits: `0 < mean <= 1e6`. The distribution function is a table over the mean plus or minus
/// 9 standard deviations and 30, outside of which less than 1e-16 lies. Source: Johnson, Kemp and
/// Kotz, Univariate Discrete Distributions (3rd ed. 2005), chapter 4.
#[derive(Debug, Clone, PartialEq)]
pub struct Poisson {
    first: f64,
    steps: Steps,
}

impl Poisson {
    /// By the mean.
    ///
    /// # Errors
    /// A mean that is not positive or too large.
    pub fn new(mean: f64) -> Result<Self, DistributionError> {
        at_most(1e6, "mean", positive("mean", mean)?)?;
        let reach = 9.0 * mean.sqrt() + 30.0;
        let (first, mode, last) = ((mean - reach).ceil().max(0.0), mean.floor(), (mean + reach).floor());
        // Weights relative to the mode's, by P(k) / P(k - 1) = mean / k, outwards from it: no
        // factorial, no overflow.
        let mut weights = vec![1.0; (last - first) as usize + 1];
        let mode_position = (mode - first) as usize;
        for i in mode_position + 1..weights.len() {
            weights[i] = weights[i - 1] * mean / (first + i as f64);
        }
        for i in (0..mode_position).rev() {
            weights[i] = weights[i + 1] * (first + i as f64 + 1.0) / mean;
        }
        Ok(Self { first, steps: Steps::new(&weights) })
    }

    /// The value of a standard normal score.
    pub fn value(&self, score: f64) -> f64 {
        self.first + self.steps.position(Probability::of_score(score).below) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::population::distribution::probability::score;

    /// scipy 1.17.1 `stats.poisson.ppf(u, mean)`.
    #[test]
    fn known_quantiles() {
        for (mean, u, expected) in KNOWN {
            assert_eq!(Poisson::new(mean).map(|p| p.value(score(u))), Ok(expected), "{mean} {u}");
        }
    }

    const KNOWN: [(f64, f64, f64); 29] = [
        (0.01, 1e-12, 0.0),
        (0.01, 0.001, 0.0),
        (0.01, 0.5, 0.0),
        (0.01, 0.9, 0.0),
        (0.01, 0.999, 1.0),
        (0.01, 0.9999999999990905, 4.0),
        (3.7, 1e-12, 0.0),
        (3.7, 0.001, 0.0),
        (3.7, 0.5, 4.0),
        (3.7, 0.9, 6.0),
        (3.7, 0.999, 11.0),
        (3.7, 0.9999999999990905, 24.0),
        (55.0, 1e-12, 12.0),
        (55.0, 0.001, 34.0),
        (55.0, 0.5, 55.0),
        (55.0, 0.9, 65.0),
        (55.0, 0.999, 79.0),
        (55.0, 0.9999999999990905, 115.0),
        (10000.0, 1e-12, 9305.0),
        (10000.0, 0.001, 9692.0),
        (10000.0, 0.5, 10000.0),
        (10000.0, 0.9, 10128.0),
        (10000.0, 0.999, 10310.0),
        (10000.0, 0.9999999999990905, 10713.0),
        (1e6, 1e-12, 992974.0),
        (1e6, 0.001, 996911.0),
        (1e6, 0.5, 1e6),
        (1e6, 0.9, 1001282.0),
        (1e6, 0.999, 1003092.0),
    ];
}
