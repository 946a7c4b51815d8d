//! Categorical distribution.

use super::probability::Probability;
use super::steps::Steps;
use super::{DistributionError, probability_value};

/// The position of a label: the first whose cumulative probability reaches `Phi(z)`. Labels are
/// ordered as written, so a correlation of scores associates high values with later labels.
///
/// Limits: probabilities between 0 and 1 whose sum is 1 within 1e-9 (then made exactly 1).
#[derive(Debug, Clone, PartialEq)]
pub struct Categorical {
    steps: Steps,
}

/// How far the sum of probabilities may be from 1: the rounding of decimal fractions.
const SUM_TOLERANCE: f64 = 1e-9;

impl Categorical {
    /// By the number of labels and their probabilities.
    ///
    /// # Errors
    /// Numbers that are no probabilities or do not sum to 1.
    pub fn new(labels: usize, probabilities: &[f64]) -> Result<Self, DistributionError> {
        if labels != probabilities.len() {
            return Err(DistributionError::Count { labels, probabilities: probabilities.len() });
        }
        for &p in probabilities {
            probability_value(p)?;
        }
        let sum: f64 = probabilities.iter().sum();
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            return Err(DistributionError::Sum { sum });
        }
        Ok(Self { steps: Steps::new(probabilities) })
    }

    /// The value of a standard normal score.
    pub fn value(&self, score: f64) -> f64 {
        self.steps.position(Probability::of_score(score).below) as f64
    }
}
