//! Bernoulli distribution.

use super::Values;
use super::given::Given;
use super::key::{Key, Reads};
use super::kind::Kind;
use crate::probability::above;

/// 1 where `1 - Phi(z) < p`, else 0: a high score is a 1, so that a positive correlation of
/// scores is a positive association.
///
/// Limits: `0 <= p <= 1`.
#[derive(Debug, Clone, PartialEq)]
pub struct Bernoulli {
    p: f64,
}

impl Kind for Bernoulli {
    const NAME: &'static str = "bernoulli";
    const DOC: &'static str = "1 with probability `p`, else 0.";
    const KEYS: &'static [Key] = &[Key::new("p", Reads::Fraction, "Probability of 1.")];
    const IS_CONTINUOUS: bool = false;

    fn check(given: &mut Given<'_, '_>) -> Option<Self> {
        Some(Self { p: given.probability("p")? })
    }

    fn value(&self, score: f64) -> f64 {
        f64::from(above(score) < self.p)
    }

    fn support(&self) -> [f64; 2] {
        [-0.5, 1.5]
    }

    fn values(&self) -> Values<'_> {
        Values::Flag
    }
}
