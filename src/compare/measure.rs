//! Single numbers that say where the curves of a scenario lie, and how each is defined.

use super::crossing::{Crossing, Point, first_fall, first_rise};
use super::curve::Curve;
use crate::cohort::whole_percent as percent;

/// A number that sums up a scenario: the dose at which a curve crosses a level, or a ratio of two such doses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measure {
    /// Dose with dose-limiting toxicity in this proportion of patients.
    Mtd(f64),
    /// Dose at which the reference tumour does not grow.
    StaticDose,
    /// Dose with disease control in this proportion of patients.
    DoseControl(f64),
    /// How far toxicity lies above efficacy, by the dose with dose-limiting toxicity in this proportion.
    Index(f64),
}

impl Measure {
    /// Its name in the tables: `mtd_30`, `static_dose`, `dose_control_20`, `index`.
    pub fn name(self) -> String {
        match self {
            Self::Mtd(proportion) => format!("mtd_{}", percent(proportion)),
            Self::StaticDose => "static_dose".into(),
            Self::DoseControl(proportion) => format!("dose_control_{}", percent(proportion)),
            Self::Index(_) => "index".into(),
        }
    }

    /// Unit of its value, from that of doses.
    pub fn unit(self, dose_unit: &str) -> &str {
        if matches!(self, Self::Index(_)) { "1" } else { dose_unit }
    }

    /// How it is defined.
    pub fn definition(self) -> String {
        match self {
            Self::Mtd(proportion) => format!(
                "lowest dose with dose-limiting toxicity in {proportion:.4} of the patients solved, linear between doses"
            ),
            Self::StaticDose => {
                "lowest dose at which the reference tumour, without variability, has not grown, \
                                 linear between doses"
                    .into()
            }
            Self::DoseControl(proportion) => format!(
                "lowest dose with disease control in {proportion:.4} of the patients solved, linear between doses"
            ),
            Self::Index(proportion) => format!("mtd_{} over static_dose", percent(proportion)),
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
    /// The lowest dose with dose-limiting toxicity in this proportion of patients.
    pub fn mtd(proportion: f64, curve: &Curve) -> Self {
        Self::rise(Measure::Mtd(proportion), proportion, curve)
    }

    /// The lowest dose with disease control in this proportion of patients.
    pub fn dose_control(proportion: f64, curve: &Curve) -> Self {
        Self::rise(Measure::DoseControl(proportion), proportion, curve)
    }

    /// The static dose, from the change of the tumour's size at each dose. A tumour that does not grow without
    /// drug needs no dose: it lies below all others.
    pub fn static_dose(changes: &[Point]) -> Self {
        let crossing = match first_fall(changes, 0.0) {
            Crossing::At(dose) if dose <= 0.0 => Crossing::BelowLowest,
            crossing => crossing,
        };
        Self {
            measure: Measure::StaticDose,
            crossing,
            value: crossing.dose(),
            interval: [f64::NAN; 2],
            tried: tried(changes),
        }
    }

    /// The index of a scenario by one of its [`mtd`](Self::mtd)s; none of anything else. Where the static
    /// dose is above all doses that were tried, the index is below what could be seen, and the other way
    /// round; where both doses lie beyond the same end, nothing is known of it.
    pub fn index(mtd: &Self, static_dose: &Self) -> Option<Self> {
        let Measure::Mtd(proportion) = mtd.measure else { return None };
        let value = mtd.value / static_dose.value;
        let crossing = match (mtd.crossing, static_dose.crossing) {
            (Crossing::At(_), Crossing::At(_)) => Crossing::At(value),
            (reached, Crossing::At(_)) => reached,
            (Crossing::At(_) | Crossing::BelowLowest, Crossing::NotReached) => Crossing::BelowLowest,
            (Crossing::At(_) | Crossing::NotReached, Crossing::BelowLowest) => Crossing::NotReached,
            _ => Crossing::Unknown,
        };
        let interval = mtd.interval.map(|end| end / static_dose.value);
        Some(Self { measure: Measure::Index(proportion), crossing, value, interval, ..*mtd })
    }

    fn rise(measure: Measure, level: f64, curve: &Curve) -> Self {
        let proportions = curve.proportions();
        let crossing = first_rise(&proportions, level);
        let ends = [curve.highs(), curve.lows()];
        Self {
            measure,
            crossing,
            value: crossing.dose(),
            interval: ends.map(|end| first_rise(&end, level).dose()),
            tried: tried(&proportions),
        }
    }

    /// Whether the level was reached, in words.
    pub fn standing(&self) -> &'static str {
        match self.crossing {
            Crossing::At(_) => "reached",
            Crossing::BelowLowest => "below the lowest dose",
            Crossing::NotReached => "not reached",
            Crossing::Unknown => "unknown: neither dose is reached",
        }
    }
}

/// The first and the last dose of a curve.
fn tried(points: &[Point]) -> [f64; 2] {
    [points.first(), points.last()].map(|end| end.map_or(f64::NAN, |point| point.dose))
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
        let mtd = Measured::mtd(0.3, &curve);
        assert!((mtd.value - 0.7).abs() < 1e-15);
        assert!(0.6 < mtd.interval[0] && mtd.interval[0] < 0.7 && 0.7 < mtd.interval[1]);
        assert_eq!((mtd.tried, mtd.standing()), ([0.4, 0.8], "reached"));
        let still =
            Measured::static_dose(&[Point { dose: 0.3, value: 1.0 }, Point { dose: 0.4, value: -1.0 }]);
        let index = Measured::index(&mtd, &still).unwrap();
        assert!((index.value - 2.0).abs() < 1e-14);
        assert!((index.interval[0] - mtd.interval[0] / 0.35).abs() < 1e-15);
        assert_eq!((mtd.measure.name(), index.measure.name()), ("mtd_30".into(), "index".into()));
        // From 5 % at 0.4 to 20 % at 0.6, 1/6 is 7/9 of the way.
        let mtd = Measured::mtd(1.0 / 6.0, &curve);
        assert!((mtd.value - (0.4 + 0.2 * 7.0 / 9.0)).abs() < 1e-15);
        assert_eq!(mtd.measure.name(), "mtd_17");
    }

    #[test]
    fn what_is_not_reached_has_the_highest_dose_tried() {
        let curve = curve(&[(0.4, 0), (2.0, 100)]);
        let measured = Measured::dose_control(0.2, &curve);
        assert!(measured.value.is_nan() && measured.interval[1].is_nan());
        assert_eq!((measured.standing(), measured.tried), ("not reached", [0.4, 2.0]));
        assert_eq!(Measured::index(&measured, &measured), None);
    }

    #[test]
    fn an_index_without_a_static_dose_lies_beyond() {
        let mtd = Measured::mtd(0.3, &curve(&[(0.4, 0), (0.8, 600)]));
        let standing = |changes: [f64; 2]| {
            let changes = [Point { dose: 0.1, value: changes[0] }, Point { dose: 0.2, value: changes[1] }];
            Measured::index(&mtd, &Measured::static_dose(&changes)).unwrap().standing()
        };
        assert_eq!(standing([2.0, 1.0]), "below the lowest dose");
        assert_eq!(standing([-1.0, -2.0]), "not reached");
        assert_eq!(standing([1.0, -1.0]), "reached");
    }

    /// Both doses above all that were tried, or both below: the ratio may be anything.
    #[test]
    fn an_index_of_two_unknown_doses_is_unknown() {
        let index = |events: [u64; 2], changes: [f64; 2]| {
            let mtd = Measured::mtd(0.3, &curve(&[(0.4, events[0]), (0.8, events[1])]));
            let changes = [Point { dose: 0.4, value: changes[0] }, Point { dose: 0.8, value: changes[1] }];
            Measured::index(&mtd, &Measured::static_dose(&changes)).unwrap()
        };
        let (never, always) = ([0, 10], [500, 900]);
        for (events, changes) in [(never, [2.0, 1.0]), (always, [-1.0, -2.0])] {
            let unknown = index(events, changes);
            assert_eq!(unknown.standing(), "unknown: neither dose is reached");
            assert!(unknown.value.is_nan() && unknown.interval.iter().all(|end| end.is_nan()));
        }
        assert_eq!(index(never, [-1.0, -2.0]).standing(), "not reached");
        assert_eq!(index(always, [2.0, 1.0]).standing(), "below the lowest dose");
    }

    #[test]
    fn a_tumour_that_stands_still_without_drug_has_no_static_dose() {
        let change = |dose, value| Point { dose, value };
        let found = Measured::static_dose(&[change(0.0, 0.0), change(1.0, -3.0)]);
        assert!(found.value.is_nan());
        assert_eq!(found.standing(), "below the lowest dose");
    }

    /// By hand: 6 % at 0.4 and -3 % at 0.43 give 0.42.
    #[test]
    fn the_static_dose() {
        let change = |dose, value| Point { dose, value };
        let found = Measured::static_dose(&[change(0.3, 20.0), change(0.4, 6.0), change(0.43, -3.0)]);
        assert!((found.value - 0.42).abs() < 1e-15);
    }
}
