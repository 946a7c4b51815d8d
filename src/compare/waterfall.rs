//! From one scenario to the next: what each assumption costs.

use super::measure::Measure;
use super::scenario::Told;

/// One step, or the start of all.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What changes, for the reader.
    pub label: String,
    /// The scenario; none of a dose that is simply given.
    pub scenario: Option<String>,
    /// Dose with dose-limiting toxicity in 30 %; the given dose of a step without scenario.
    pub mtd_30: f64,
    /// Dose with dose-limiting toxicity in 1 of 6; NaN if there is none.
    pub mtd_17: f64,
    /// Index; NaN if there is none.
    pub index: f64,
    /// Index less that of the step before; NaN of the first.
    pub change: f64,
    /// Index over that of the step before; NaN of the first.
    pub factor: f64,
}
