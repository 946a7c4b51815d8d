//! Uniform distribution.

use super::given::Given;
use super::key::{HIGH, Key, LOW};
use super::kind::Kind;
use crate::probability::Probability;

/// `low + (high - low) Phi(z)`.
///
/// Limits: `low < high`, both finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Uniform {
    pub(super) ends: [f64; 2],
}

impl Kind for Uniform {
    const NAME: &'static str = "uniform";
    const DOC: &'static str = "Between `low` and `high`.";
    const KEYS: &'static [Key] = &[LOW, HIGH];

    fn check(given: &mut Given<'_, '_>) -> Option<Self> {
        Some(Self { ends: given.ends(["low", "high"], None)? })
    }

    fn value(&self, score: f64) -> f64 {
        let (p, [low, high]) = (Probability::of_score(score), self.ends);
        low * p.above + high * p.below
    }

    fn support(&self) -> [f64; 2] {
        self.ends
    }
}
