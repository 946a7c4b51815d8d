//! The probability of toxicity at one dose after `dlts` of `patients`, with a uniform prior: a Beta
//! distribution.

use statrs::function::beta::beta_reg;

/// Probability that it lies below a value.
///
/// The distribution is Beta(1 + dlts, 1 + patients - dlts).
pub fn below(value: f64, dlts: u32, patients: u32) -> f64 {
    if value <= 0.0 {
        0.0
    } else if value >= 1.0 {
        1.0
    } else {
        beta_reg(1.0 + f64::from(dlts), 1.0 + f64::from(patients - dlts), value)
    }
}

/// Probability that it lies above a value.
pub fn above(value: f64, dlts: u32, patients: u32) -> f64 {
    1.0 - below(value, dlts, patients)
}

/// When a dose is closed for good, with all above it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Elimination {
    /// The probability that its toxicity is above the target must be above this.
    pub probability: f64,
    /// Evaluable patients, at least.
    pub patients: u32,
}

impl Elimination {
    /// Whether a dose is closed.
    pub fn closes(self, target: f64, dlts: u32, patients: u32) -> bool {
        patients >= self.patients && above(target, dlts, patients) > self.probability
    }
}
