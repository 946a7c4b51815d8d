//! Poisson distribution.

use super::Values;
use super::given::Given;
use super::key::{Key, MEAN};
use super::kind::Kind;
use super::steps::Steps;
use crate::probability::below;

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

/// The largest mean of which a table is made.
const MOST_MEAN: f64 = 1e6;

impl Kind for Poisson {
    const NAME: &'static str = "poisson";
    const DOC: &'static str = "Counts with this `mean`.";
    const KEYS: &'static [Key] = &[MEAN];
    const IS_CONTINUOUS: bool = false;

    fn check(given: &mut Given<'_, '_>) -> Option<Self> {
        given.positive_at_most(MOST_MEAN, "mean").map(Self::new)
    }

    fn value(&self, score: f64) -> f64 {
        self.first + self.steps.position(below(score)) as f64
    }

    fn support(&self) -> [f64; 2] {
        [-0.5, f64::INFINITY]
    }

    fn values(&self) -> Values<'_> {
        Values::Whole
    }
}

impl Poisson {
    fn new(mean: f64) -> Self {
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
        Self { first, steps: Steps::new(&weights) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probability::score;

    /// scipy 1.17.1 `stats.poisson.ppf(u, mean)`.
    #[test]
    fn known_quantiles() {
        for (mean, u, expected) in KNOWN {
            assert_eq!(Poisson::new(mean).value(score(u)), expected, "{mean} {u}");
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
