//! Where a curve over dose first reaches a level.

/// A point of a curve: a dose and what was found there. Doses increase from point to point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The dose.
    pub dose: f64,
    /// What was found; NaN if nothing was.
    pub value: f64,
}

/// Where a curve first reaches a level, going up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Crossing {
    /// At this dose.
    At(f64),
    /// The lowest dose is at the level or beyond it already. Nothing is known of lower doses, so none is
    /// extrapolated.
    BelowLowest,
    /// At no dose that was tried.
    NotReached,
    /// It may be anywhere: what it is made of is not reached on one side or the other.
    Unknown,
}

impl Crossing {
    /// The dose; NaN if there is none.
    pub fn dose(self) -> f64 {
        match self {
            Self::At(dose) => dose,
            Self::BelowLowest | Self::NotReached | Self::Unknown => f64::NAN,
        }
    }
}

/// The first dose at which a curve that starts below a level reaches it, linear between points. Points
/// without a value are left out.
pub fn first_rise(points: &[Point], level: f64) -> Crossing {
    let mut before: Option<Point> = None;
    for &point in points.iter().filter(|point| !point.value.is_nan()) {
        match before {
            _ if point.value < level => before = Some(point),
            None if point.value == level => return Crossing::At(point.dose),
            None => return Crossing::BelowLowest,
            Some(before) => {
                let share = (level - before.value) / (point.value - before.value);
                return Crossing::At(before.dose + share * (point.dose - before.dose));
            }
        }
    }
    Crossing::NotReached
}

/// The first dose at which a curve that starts above a level comes down to it, linear between points.
pub fn first_fall(points: &[Point], level: f64) -> Crossing {
    let turned: Vec<Point> = points.iter().map(|point| Point { value: -point.value, ..*point }).collect();
    first_rise(&turned, -level)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(values: &[(f64, f64)]) -> Vec<Point> {
        values.iter().map(|&(dose, value)| Point { dose, value }).collect()
    }

    /// By hand: from 0.2 at 0.6 to 0.4 at 0.8, 0.3 is half way.
    #[test]
    fn linear_between_the_points_around_the_level() {
        let curve = points(&[(0.4, 0.1), (0.6, 0.2), (0.8, 0.4), (1.0, 0.5)]);
        let at = |level: f64| first_rise(&curve, level).dose();
        assert!((at(0.3) - 0.7).abs() < 1e-15);
        assert!((at(0.25) - 0.65).abs() < 1e-15);
        assert_eq!(at(0.4), 0.8);
        assert_eq!(first_rise(&curve, 0.1), Crossing::At(0.4));
    }

    #[test]
    fn what_is_not_reached_is_no_dose() {
        let curve = points(&[(0.4, 0.1), (0.6, 0.2)]);
        assert_eq!(first_rise(&curve, 0.3), Crossing::NotReached);
        assert_eq!(first_rise(&curve, 0.05), Crossing::BelowLowest);
        assert_eq!(first_rise(&[], 0.3), Crossing::NotReached);
        assert!(Crossing::NotReached.dose().is_nan() && Crossing::BelowLowest.dose().is_nan());
    }

    #[test]
    fn the_first_of_several_crossings() {
        let curve = points(&[(1.0, 0.0), (2.0, 0.4), (3.0, 0.2), (4.0, 0.6)]);
        assert_eq!(first_rise(&curve, 0.3), Crossing::At(1.75));
    }

    #[test]
    fn a_dose_without_a_value_is_left_out() {
        let curve = points(&[(1.0, 0.0), (2.0, f64::NAN), (3.0, 1.0)]);
        assert_eq!(first_rise(&curve, 0.5), Crossing::At(2.0));
    }

    /// By hand: from 4 % at 0.4 to -6 % at 0.5.
    #[test]
    fn a_falling_curve() {
        let curve = points(&[(0.3, 20.0), (0.4, 4.0), (0.5, -6.0)]);
        let Crossing::At(dose) = first_fall(&curve, 0.0) else { unreachable!("it crosses") };
        assert!((dose - 0.44).abs() < 1e-15);
        assert_eq!(first_fall(&curve, 20.0), Crossing::At(0.3));
        assert_eq!(first_fall(&curve, -10.0), Crossing::NotReached);
    }
}
