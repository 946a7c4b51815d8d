//! The measures of every scenario, as they are written.

use serde::Serialize;

use super::curve::Curve;
use super::measure::Measured;
use crate::cohort::columns::{DISEASE_CONTROL, DLT};

/// A measure of a scenario.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Index {
    /// The scenario.
    pub scenario: String,
    /// Name of the measure.
    pub measure: String,
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
    pub definition: String,
}

impl Index {
    pub(super) fn new(scenario: &str, measured: &Measured, dose_unit: &str) -> Self {
        let measure = measured.measure;
        Self {
            scenario: scenario.to_owned(),
            measure: measure.name(),
            value: measured.value,
            low: measured.interval[0],
            high: measured.interval[1],
            standing: measured.standing(),
            lowest_dose_tried: measured.tried[0],
            highest_dose_tried: measured.tried[1],
            unit: measure.unit(dose_unit).to_owned(),
            definition: measure.definition(),
        }
    }
}

/// What is looked for on the curves of a scenario.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Levels {
    /// Proportions with dose-limiting toxicity; the first makes the index.
    pub mtd: Vec<f64>,
    /// Proportion with disease control.
    pub control: Option<f64>,
}

impl Levels {
    /// Every measure that the curves of a scenario allow; the index if there is a static dose.
    pub(super) fn measure(&self, curves: &[Curve], static_dose: Option<&Measured>) -> Vec<Measured> {
        let curve = |outcome: &str| curves.iter().find(|curve| curve.outcome == outcome);
        let mtd = |curve| self.mtd.iter().map(move |&proportion| Measured::mtd(proportion, curve));
        let mut measured: Vec<Measured> = curve(DLT).into_iter().flat_map(mtd).collect();
        let index = measured.first().zip(static_dose).and_then(|(mtd, dose)| Measured::index(mtd, dose));
        let control = self.control.zip(curve(DISEASE_CONTROL));
        measured.extend(control.map(|(proportion, curve)| Measured::dose_control(proportion, curve)));
        measured.extend(index);
        measured
    }
}
