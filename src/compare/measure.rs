//! Single numbers that say where the curves of a scenario lie, and how each is defined.

use super::crossing::{Crossing, Point, first_fall, first_rise};
use super::curve::Curve;

/// A number that a scenario is told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Dose with dose-limiting toxicity in 30 % of patients.
    Mtd30,
    /// Dose with dose-limiting toxicity in 1 of 6 patients.
    Mtd17,
    /// Dose at which the reference tumour does not grow.
    StaticDose,
    /// Dose with disease control in 20 % of patients.
    DoseControl20,
    /// How far toxicity lies above efficacy.
    Index,
}

impl Measure {
    /// All of them, in the order in which they are written.
    pub const ALL: [Self; 5] =
        [Self::Mtd30, Self::Mtd17, Self::StaticDose, Self::DoseControl20, Self::Index];

    /// Its name in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mtd30 => "mtd_30",
            Self::Mtd17 => "mtd_17",
            Self::StaticDose => "static_dose",
            Self::DoseControl20 => "dose_control_20",
            Self::Index => "index",
        }
    }

    /// How it is defined.
    pub fn definition(self) -> &'static str {
        match self {
            Self::Mtd30 => {
                "lowest dose with dose-limiting toxicity in 30 % of the patients solved, linear between doses"
            }
            Self::Mtd17 => {
                "lowest dose with dose-limiting toxicity in 1 of 6 of the patients solved, linear between doses"
            }
            Self::StaticDose => {
                "lowest dose at which the sum of diameters of the reference tumour, without variability, has \
                 not grown, linear between doses"
            }
            Self::DoseControl20 => {
                "lowest dose with disease control in 20 % of the patients solved, linear between doses"
            }
            Self::Index => "mtd_30 over the static_dose of the reference tumour",
        }
    }

    /// The proportion of patients that it looks for, if it is a dose with an outcome in so many.
    pub fn level(self) -> Option<f64> {
        match self {
            Self::Mtd30 => Some(0.30),
            Self::Mtd17 => Some(1.0 / 6.0),
            Self::DoseControl20 => Some(0.20),
            Self::StaticDose | Self::Index => None,
        }
    }
}

/// A measure's value, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// What was measured.
    pub measure: Measure,
    /// Where the curve reaches the level.
    pub crossing: Crossing,
    /// The value; NaN if the level is not reached.
    pub value: f64,
    /// Where the upper and the lower ends of the proportions' 95 % intervals reach it; NaN if they do not,
    /// and of what has no interval.
    pub interval: [f64; 2],
    /// The lowest and the highest dose that was tried.
    pub tried: [f64; 2],
}

impl Measured {
    /// A dose with an outcome in so many patients as the measure says.
    pub fn dose(measure: Measure, curve: &Curve) -> Option<Self> {
        let level = measure.level()?;
        let crossing = first_rise(&curve.proportions(), level);
        let ends = [curve.highs(), curve.lows()];
        Some(Self {
            measure,
            crossing,
            value: crossing.dose(),
            interval: ends.map(|end| first_rise(&end, level).dose()),
            tried: tried(curve.points.iter().map(|point| point.dose)),
        })
    }

    /// The static dose, from the change of the tumour's size in percent at each dose.
    pub fn static_dose(changes: &[Point]) -> Self {
        let crossing = first_fall(changes, 0.0);
        Self {
            measure: Measure::StaticDose,
            crossing,
            value: crossing.dose(),
            interval: [f64::NAN; 2],
            tried: tried(changes.iter().map(|point| point.dose)),
        }
    }

    /// The index of a scenario with this [`Measure::Mtd30`].
    pub fn index(mtd: &Self, static_dose: f64) -> Self {
        Self {
            measure: Measure::Index,
            crossing: mtd.crossing,
            value: mtd.value / static_dose,
            interval: mtd.interval.map(|end| end / static_dose),
            tried: mtd.tried,
        }
    }

    /// Whether the level was reached, in words.
    pub fn standing(&self) -> &'static str {
        match self.crossing {
            Crossing::At(_) => "reached",
            Crossing::BelowLowest => "below the lowest dose",
            Crossing::NotReached => "not reached",
        }
    }
}

fn tried(doses: impl Iterator<Item = f64>) -> [f64; 2] {
    doses.fold([f64::NAN; 2], |[low, high], dose| [low.min(dose), high.max(dose)])
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::compare::curve::CurvePoint;

    fn curve(points: &[(f64, u64)]) -> Curve {
        let point =
            |&(dose, events)| CurvePoint { arm: format!("{dose} mg"), dose, n: 1_000, failed: 0, events };
        Curve { outcome: "dlt".into(), points: points.iter().map(point).collect() }
    }

    /// By hand: 20 % at 0.6 and 40 % at 0.8 give 0.7; at the static dose 0.35, an index of 2.
    #[test]
    fn doses_and_their_index() {
        let curve = curve(&[(0.4, 50), (0.6, 200), (0.8, 400)]);
        let mtd = Measured::dose(Measure::Mtd30, &curve).unwrap();
        assert!((mtd.value - 0.7).abs() < 1e-15);
        assert!(0.6 < mtd.interval[0] && mtd.interval[0] < 0.7 && 0.7 < mtd.interval[1]);
        assert_eq!((mtd.tried, mtd.standing()), ([0.4, 0.8], "reached"));
        let index = Measured::index(&mtd, 0.35);
        assert!((index.value - 2.0).abs() < 1e-14);
        assert!((index.interval[0] - mtd.interval[0] / 0.35).abs() < 1e-15);
        // Half of the way from 5 % at 0.4 to 20 % at 0.6 is 12.5 %; 1/6 is 7/9 of it.
        let mtd = Measured::dose(Measure::Mtd17, &curve).unwrap();
        assert!((mtd.value - (0.4 + 0.2 * 7.0 / 9.0)).abs() < 1e-15);
    }

    #[test]
    fn what_is_not_reached_has_the_highest_dose_tried() {
        let curve = curve(&[(0.4, 0), (2.0, 100)]);
        let measured = Measured::dose(Measure::DoseControl20, &curve).unwrap();
        assert!(measured.value.is_nan() && measured.interval[1].is_nan());
        assert_eq!((measured.standing(), measured.tried), ("not reached", [0.4, 2.0]));
        assert!(Measured::index(&measured, 0.4).value.is_nan());
    }

    /// By hand: 6 % at 0.4 and -3 % at 0.43 give 0.42.
    #[test]
    fn the_static_dose() {
        let change = |dose, value| Point { dose, value };
        let found = Measured::static_dose(&[change(0.3, 20.0), change(0.4, 6.0), change(0.43, -3.0)]);
        assert!((found.value - 0.42).abs() < 1e-15);
    }
}
