//! How often an outcome occurs at each dose.

use super::crossing::Point;
use crate::outcome::distribution::{Interval, wilson_interval};

/// An outcome that is yes or no over the arms of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Its column of the outcomes.
    pub outcome: String,
    /// One per arm, in their order.
    pub points: Vec<CurvePoint>,
}

/// An outcome in one arm.
#[derive(Debug, Clone, PartialEq)]
pub struct CurvePoint {
    /// Label of the arm.
    pub arm: String,
    /// Its dose.
    pub dose: f64,
    /// Patients who reached the end.
    pub n: u64,
    /// Patients who did not. They are in no proportion.
    pub failed: u64,
    /// Patients with the outcome.
    pub events: u64,
}

impl Curve {
    /// An outcome of which nothing is counted yet, over arms by label and dose.
    pub fn new<'a>(outcome: &str, arms: impl IntoIterator<Item = (&'a str, f64)>) -> Self {
        let point =
            |(arm, dose): (&str, f64)| CurvePoint { arm: arm.into(), dose, n: 0, failed: 0, events: 0 };
        Self { outcome: outcome.to_owned(), points: arms.into_iter().map(point).collect() }
    }

    /// Counts patients: 1 or 0, NaN of those who did not reach the end, `[patient][arm]`.
    pub fn count(&mut self, flags: &[f64]) {
        for of_patient in flags.chunks(self.points.len().max(1)) {
            for (point, &flag) in self.points.iter_mut().zip(of_patient) {
                let failed = flag.is_nan();
                point.failed += u64::from(failed);
                point.n += u64::from(!failed);
                point.events += u64::from(flag == 1.0);
            }
        }
    }

    /// The proportions, by increasing dose.
    pub fn proportions(&self) -> Vec<Point> {
        self.of(CurvePoint::proportion)
    }

    /// Lower ends of the proportions' 95 % intervals, by increasing dose.
    pub fn lows(&self) -> Vec<Point> {
        self.of(|point| point.interval().low)
    }

    /// Upper ends of the proportions' 95 % intervals, by increasing dose.
    pub fn highs(&self) -> Vec<Point> {
        self.of(|point| point.interval().high)
    }

    fn of(&self, value: impl Fn(&CurvePoint) -> f64) -> Vec<Point> {
        let mut points: Vec<Point> =
            self.points.iter().map(|point| Point { dose: point.dose, value: value(point) }).collect();
        points.sort_by(|a, b| a.dose.total_cmp(&b.dose));
        points
    }
}

impl CurvePoint {
    /// Proportion of those who reached the end.
    pub fn proportion(&self) -> f64 {
        self.events as f64 / self.n as f64
    }

    /// Its 95 % interval, Wilson.
    pub fn interval(&self) -> Interval {
        wilson_interval(self.events, self.n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three patients in two arms, the higher dose first; one of them failed in the lower.
    #[test]
    fn outcomes_are_counted_by_arm() {
        let mut curve = Curve::new("dlt", [("2 mg", 2.0), ("1 mg", 1.0)]);
        curve.count(&[1.0, 0.0, 1.0, 0.0]);
        curve.count(&[0.0, f64::NAN]);
        let point =
            |arm: &str, dose, n, failed, events| CurvePoint { arm: arm.into(), dose, n, failed, events };
        assert_eq!(curve.points, [point("2 mg", 2.0, 3, 0, 2), point("1 mg", 1.0, 2, 1, 0)]);
        assert_eq!(curve.proportions()[1], Point { dose: 2.0, value: 2.0 / 3.0 });
        assert!(curve.lows()[1].value < 2.0 / 3.0 && curve.highs()[1].value > 2.0 / 3.0);
    }
}
