//! Categorical distribution.

use super::given::Given;
use super::key::{Key, Reads};
use super::kind::Kind;
use super::steps::Steps;
use super::{DistributionError, Values};
use crate::cohort::report::KeyError;
use crate::cohort::value::Fraction;
use crate::probability::below;

/// The position of a label: the first whose cumulative probability reaches `Phi(z)`. Labels are
/// ordered as written, so a correlation of scores associates high values with later labels.
///
/// Limits: probabilities between 0 and 1 whose sum is 1 within 1e-9 (then made exactly 1).
#[derive(Debug, Clone, PartialEq)]
pub struct Categorical {
    labels: Vec<String>,
    steps: Steps,
}

/// How far the sum of probabilities may be from 1: the rounding of decimal fractions.
const SUM_TOLERANCE: f64 = 1e-9;

impl Kind for Categorical {
    const NAME: &'static str = "categorical";
    const DOC: &'static str = "One of several labels with their `probabilities`.";
    const KEYS: &'static [Key] = &[Key::new(
        "probabilities",
        Reads::Probabilities,
        "Probability of each label, summing to 1. In expressions the covariate is compared with its labels, as \
         `FGFR2 == \"high\"`; in the model it is the position of its label, from 0.",
    )];
    const IS_CONTINUOUS: bool = false;
    const CAN_BE_OF_CLASS: bool = false;

    fn check(given: &mut Given<'_, '_>) -> Option<Self> {
        let entries = given.probabilities("probabilities")?;
        let report = &mut *given.report;
        if entries.value.0.is_empty() {
            report.add(&entries.span, KeyError::Empty { key: "probabilities" });
            return None;
        }
        let mut labels = Vec::new();
        let mut probabilities = Vec::new();
        for (label, probability) in &entries.value.0 {
            if label.value.trim().is_empty() {
                report.add(&label.span, KeyError::NotAName { name: label.value.clone() });
            }
            labels.push(label.value.clone());
            let probability = probability.clone().map(Fraction::value);
            probabilities.extend(report.within(&label.value, &probability, [0.0, 1.0]));
        }
        if probabilities.len() < labels.len() {
            return None;
        }
        let sum: f64 = probabilities.iter().sum();
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            report.add_if_complete(&entries.span, DistributionError::Sum { sum });
            return None;
        }
        Some(Self { labels, steps: Steps::new(&probabilities) })
    }

    fn value(&self, score: f64) -> f64 {
        self.steps.position(below(score)) as f64
    }

    fn support(&self) -> [f64; 2] {
        [-0.5, self.labels.len() as f64 - 0.5]
    }

    fn values(&self) -> Values<'_> {
        Values::Label(&self.labels)
    }
}
