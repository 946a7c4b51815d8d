//! Models with one parameter for how toxicity rises with the dose, and their skeletons: S. M. Lee and Y. K.
//! Cheung, "Model calibration in the continual reassessment method", Clinical Trials 6 (2009) 227-238.

use super::posterior::{log_odds, logistic_logs};

/// A model of toxicity with one parameter `b`: `probability(e^b * scaled(s))` at the dose whose prior guess is
/// `s`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Curve {
    /// `s^(e^b)`.
    Power,
    /// `expit(intercept + e^b * (logit(s) - intercept))`.
    Logistic {
        /// The fixed intercept; 3 in the R package dfcrm.
        intercept: f64,
    },
}

impl Curve {
    /// A probability on the scale that the parameter stretches.
    pub(super) fn scaled(self, probability: f64) -> f64 {
        match self {
            Self::Power => libm::log(probability),
            Self::Logistic { intercept } => log_odds(probability) - intercept,
        }
    }

    /// Logarithms of the probability at a place of that scale, and of its complement.
    pub(super) fn logs(self, scaled: f64) -> [f64; 2] {
        match self {
            Self::Power => [scaled, libm::log(-libm::expm1(scaled))],
            Self::Logistic { intercept } => logistic_logs(intercept + scaled),
        }
    }

    /// The probability at a place of that scale.
    pub(super) fn probability(self, scaled: f64) -> f64 {
        libm::exp(self.logs(scaled)[0])
    }

    /// The parameter at which a prior guess becomes a probability.
    pub(super) fn parameter(self, guess: f64, probability: f64) -> f64 {
        libm::log(self.scaled(probability) / self.scaled(guess))
    }

    /// Prior guesses for so many doses, such that the target lies at `level` (from 0) and any dose within
    /// `half_width` of it may be taken for it: the indifference-interval method.
    pub fn skeleton(self, half_width: f64, target: f64, level: usize, doses: usize) -> Vec<f64> {
        let [low, high] = [target - half_width, target + half_width].map(|p| self.scaled(p));
        let at = self.scaled(target);
        // Next to a dose at x, the dose at x * low / high has the upper end where this one has the lower.
        let place = |dose: usize| at * (low / high).powi(level as i32 - dose as i32);
        (0..doses).map(|dose| self.probability(place(dose))).collect()
    }
}
