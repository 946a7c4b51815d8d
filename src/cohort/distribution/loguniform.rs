//! Log-uniform distribution.

use super::Uniform;
use super::given::Given;
use super::key::{HIGH, Key, LOW};
use super::kind::Kind;

/// `exp(log(low) + log(high / low) Phi(z))`: the logarithm is uniform. Also called reciprocal.
///
/// Limits: `0 < low < high`, both finite.
#[derive(Debug, Clone, PartialEq)]
pub struct LogUniform {
    ends: [f64; 2],
    logarithm: Uniform,
}

impl Kind for LogUniform {
    const NAME: &'static str = "loguniform";
    const DOC: &'static str = "The logarithm is uniform between those of `low` and `high`.";
    const KEYS: &'static [Key] = &[LOW, HIGH];

    fn check(given: &mut Given<'_, '_>) -> Option<Self> {
        let ends = given.ends(["low", "high"], None)?;
        given.positive("low")?;
        Some(Self { ends, logarithm: Uniform { ends: ends.map(f64::ln) } })
    }

    fn value(&self, score: f64) -> f64 {
        self.logarithm.value(score).exp()
    }

    fn support(&self) -> [f64; 2] {
        self.ends
    }
}
