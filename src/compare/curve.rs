//! How often an outcome occurs at each dose.

use super::crossing::Point;
use crate::outcome::distribution::{Interval, wilson_interval};

/// An outcome over the arms of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Its column of the outcomes.
    pub outcome: String,
    /// One per arm, by increasing dose.
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

/// A column of the outcomes in every arm: rows are patients, and arms within a patient.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Values {
    /// Its values; NaN is missing.
    pub values: Vec<f64>,
    /// Whether the patient reached the end.
    pub finished: Vec<bool>,
}

impl Values {
    /// The values of one arm of several, NaN for those who did not reach the end.
    pub fn of_arm(&self, arm: usize, arms: usize) -> Vec<f64> {
        let rows = self.values.iter().zip(&self.finished).skip(arm).step_by(arms);
        rows.map(|(&value, &finished)| if finished { value } else { f64::NAN }).collect()
    }
}

/// How a column says that something occurred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occurrence {
    /// By 1; 0 or missing if it did not.
    Flag,
    /// By the time at which it first did; missing if it never did.
    Time,
}

impl Occurrence {
    /// Whether it occurred, of a patient who reached the end.
    pub fn occurred(self, value: f64) -> bool {
        match self {
            Self::Flag => value == 1.0,
            Self::Time => !value.is_nan(),
        }
    }
}

impl Curve {
    /// Counts an outcome in every arm; `arms` are labels and doses in the order of the rows.
    pub fn new(outcome: &str, how: Occurrence, arms: &[(String, f64)], values: &Values) -> Self {
        let mut points: Vec<CurvePoint> = arms
            .iter()
            .map(|(arm, dose)| CurvePoint { arm: arm.clone(), dose: *dose, n: 0, failed: 0, events: 0 })
            .collect();
        for (row, (&value, &finished)) in values.values.iter().zip(&values.finished).enumerate() {
            let point = &mut points[row % arms.len()];
            if finished {
                point.n += 1;
                point.events += u64::from(how.occurred(value));
            } else {
                point.failed += 1;
            }
        }
        points.sort_by(|a, b| a.dose.total_cmp(&b.dose));
        Self { outcome: outcome.to_owned(), points }
    }

    /// The proportions.
    pub fn proportions(&self) -> Vec<Point> {
        self.of(CurvePoint::proportion)
    }

    /// Lower ends of the proportions' 95 % intervals.
    pub fn lows(&self) -> Vec<Point> {
        self.of(|point| point.interval().low)
    }

    /// Upper ends of the proportions' 95 % intervals.
    pub fn highs(&self) -> Vec<Point> {
        self.of(|point| point.interval().high)
    }

    fn of(&self, value: impl Fn(&CurvePoint) -> f64) -> Vec<Point> {
        self.points.iter().map(|point| Point { dose: point.dose, value: value(point) }).collect()
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
        let arms = [("2 mg".to_owned(), 2.0), ("1 mg".to_owned(), 1.0)];
        let none = f64::NAN;
        let values = Values {
            values: vec![4.0, none, 21.0, none, none, none],
            finished: vec![true, true, true, true, true, false],
        };
        let curve = Curve::new("dlt_day", Occurrence::Time, &arms, &values);
        let point = |arm: &str, dose, n, failed, events| CurvePoint { arm: arm.into(), dose, n, failed, events };
        assert_eq!(curve.points, [point("1 mg", 1.0, 2, 1, 0), point("2 mg", 2.0, 3, 0, 2)]);
        assert_eq!(curve.proportions()[1], Point { dose: 2.0, value: 2.0 / 3.0 });
        assert!(curve.lows()[1].value < 2.0 / 3.0 && curve.highs()[1].value > 2.0 / 3.0);
        assert!(values.of_arm(1, 2).iter().all(|value| value.is_nan()));
        assert_eq!(values.of_arm(0, 2)[..2], [4.0, 21.0]);
    }

    #[test]
    fn a_flag_that_is_missing_did_not_occur() {
        assert!(Occurrence::Flag.occurred(1.0));
        assert!(![0.0, f64::NAN].into_iter().any(|value| Occurrence::Flag.occurred(value)));
    }
}
