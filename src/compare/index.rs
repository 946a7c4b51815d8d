//! The measures of every scenario, as they are written.

use serde::Serialize;

use super::curve::Curve;
use super::measure::{Measure, Measured};

/// Column of the outcomes that says whether a patient had a dose-limiting toxicity.
pub const DLT: &str = "dlt";
/// Column of the outcomes that says whether the disease was controlled.
pub const DISEASE_CONTROL: &str = "disease_control";

/// A measure of a scenario.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Index {
    /// The scenario.
    pub scenario: String,
    /// Name of the measure.
    pub measure: &'static str,
    /// Its value; NaN if it is not reached.
    pub value: f64,
    /// Lower end of the interval from the sampling of patients; NaN if there is none.
    pub low: f64,
    /// Upper end; NaN if there is none.
    pub high: f64,
    /// Whether it is reached.
    pub standing: &'static str,
    /// The lowest dose that was tried.
    pub lowest_dose_tried: f64,
    /// The highest dose that was tried.
    pub highest_dose_tried: f64,
    /// Unit of the value.
    pub unit: String,
    /// How it is defined.
    pub definition: &'static str,
}

impl Index {
    pub(super) fn new(scenario: &str, measured: &Measured, dose_unit: &str) -> Self {
        let measure = measured.measure;
        let unit = if measure == Measure::Index { "1" } else { dose_unit };
        Self {
            scenario: scenario.to_owned(),
            measure: measure.name(),
            value: measured.value,
            low: measured.interval[0],
            high: measured.interval[1],
            standing: measured.standing(),
            lowest_dose_tried: measured.tried[0],
            highest_dose_tried: measured.tried[1],
            unit: unit.to_owned(),
            definition: measure.definition(),
        }
    }
}

/// Every measure that the curves of a scenario allow; the index if there is a static dose.
pub(super) fn measure(curves: &[Curve], static_dose: Option<f64>) -> Vec<Measured> {
    let of = |measure, outcome: &str| {
        curves.iter().find(|curve| curve.outcome == outcome).and_then(|curve| Measured::dose(measure, curve))
    };
    let mtd = of(Measure::Mtd30, DLT);
    let index = mtd.as_ref().zip(static_dose).map(|(mtd, dose)| Measured::index(mtd, dose));
    let others = [of(Measure::Mtd17, DLT), of(Measure::DoseControl20, DISEASE_CONTROL)];
    [mtd].into_iter().chain(others).chain([index]).flatten().collect()
}
