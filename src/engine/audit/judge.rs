//! What is made of two values.

use super::{Promise, Verdict};

/// Relative difference of two times that are the same sum of visit intervals, added up in another
/// way: far below the shortest interval, which is 6.6e-4 of 1500 hourly visits.
const TIME_ROUNDING: f64 = 1e-4;

/// `|value - reference| / max(|reference|, scale)`, finite, unless one of the two is not a number.
pub fn relative_difference(value: f64, reference: f64, scale: f64) -> f64 {
    if value == reference {
        // Two equal infinities too.
        return 0.0;
    }
    if value.is_nan() || reference.is_nan() {
        return f64::NAN;
    }
    // Never infinite, which JSON cannot hold; `min` also takes the place of infinity by infinity.
    ((value - reference).abs() / reference.abs().max(scale)).min(f64::MAX)
}

/// The relative difference of two values, and what is made of it.
pub(super) fn judge_value(engine: f64, reference: f64, scale: f64, promise: Promise) -> (f64, Verdict) {
    match [engine.is_nan(), reference.is_nan()] {
        [true, true] => return (f64::NAN, Verdict::NotCompared),
        [false, false] => {}
        _ => return (f64::NAN, Verdict::Missing),
    }
    let difference = relative_difference(engine, reference, scale);
    let verdict = match difference {
        d if d <= promise.usual => Verdict::Within,
        d if d <= promise.largest => Verdict::Near,
        _ => Verdict::Beyond,
    };
    (difference, verdict)
}

/// What is made of two times, durations or other numbers that come of a threshold, also below 0; NaN is never.
pub(super) fn judge_threshold(engine: f64, reference: f64, bounds: [f64; 2]) -> Verdict {
    let time = |t: f64| if t.is_nan() { f64::INFINITY } else { t };
    let ([low, high], [of_engine, _]) = (bounds.map(time), [engine, reference].map(time));
    // Never infinite less infinite.
    let rounding = |bound: f64| TIME_ROUNDING * bound.abs().min(f64::MAX);
    if is_same(engine, reference) {
        Verdict::Same
    } else if of_engine < low - rounding(low) || of_engine > high + rounding(high) {
        Verdict::Outside
    } else {
        Verdict::Differs
    }
}

/// Whether two times, durations or decisions are the same; NaN is never.
pub(super) fn is_same(engine: f64, reference: f64) -> bool {
    engine == reference
        || engine.is_nan() && reference.is_nan()
        || (engine - reference).abs() <= TIME_ROUNDING * engine.abs().min(reference.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEVER: f64 = f64::NAN;

    #[test]
    fn values_are_compared_by_their_size_or_their_scale() {
        let judged = |engine, reference| judge_value(engine, reference, 1.0, Promise::ENGINE);
        let verdict = |engine, reference| judged(engine, reference).1;
        assert_eq!(judged(99.0, 100.0), (0.01, Verdict::Near));
        assert_eq!(judged(0.001, 0.0), (0.001, Verdict::Within));
        assert_eq!(verdict(100.05, 100.0), Verdict::Within);
        assert_eq!(verdict(-98.0, -100.0), Verdict::Beyond);
        assert_eq!(verdict(0.5, 0.48), Verdict::Beyond);
        assert_eq!(verdict(NEVER, NEVER), Verdict::NotCompared);
        assert_eq!(verdict(NEVER, 1.0), Verdict::Missing);
        assert_eq!(verdict(1.0, NEVER), Verdict::Missing);
        assert_eq!(judge_value(99.0, 100.0, 1.0, Promise::INTEGRATION), (0.01, Verdict::Beyond));
    }

    #[test]
    fn differences_are_finite() {
        let infinity = f64::INFINITY;
        let judged = |engine, reference| judge_value(engine, reference, 1.0, Promise::ENGINE);
        assert_eq!(judged(infinity, infinity), (0.0, Verdict::Within));
        for (engine, reference) in [(infinity, 1.0), (1.0, infinity), (infinity, -infinity)] {
            assert_eq!(judged(engine, reference), (f64::MAX, Verdict::Beyond));
        }
    }

    #[test]
    fn thresholds_are_judged_by_their_bounds() {
        let cases = [
            (5.0, 5.0, [5.0, 5.0], Verdict::Same),
            (5.000_01, 5.0, [5.0, 5.0], Verdict::Same),
            (0.0, 0.0, [0.0, 1.0], Verdict::Same),
            (6.0, 5.0, [5.0, 6.0], Verdict::Differs),
            (5.999_99, 5.0, [5.0, 6.000_01], Verdict::Differs),
            (7.0, 5.0, [5.0, 6.0], Verdict::Outside),
            (4.0, 5.0, [5.0, 6.0], Verdict::Outside),
            (1.0, 0.0, [0.0, 0.0], Verdict::Outside),
            (-86.665_086, -86.665_087, [-86.665_087, -86.665_087], Verdict::Same),
            (-5.999_99, -5.0, [-5.999_9, -5.0], Verdict::Differs),
            (-7.0, -5.0, [-6.0, -5.0], Verdict::Outside),
            (-4.0, -5.0, [-6.0, -5.0], Verdict::Outside),
            (NEVER, NEVER, [NEVER, NEVER], Verdict::Same),
            (NEVER, NEVER, [3.0, NEVER], Verdict::Same),
            (NEVER, 4.0, [3.0, NEVER], Verdict::Differs),
            (3.0, NEVER, [3.0, NEVER], Verdict::Differs),
            (2.0, NEVER, [3.0, NEVER], Verdict::Outside),
            (3.0, NEVER, [NEVER, NEVER], Verdict::Outside),
            (NEVER, 4.0, [4.0, 5.0], Verdict::Outside),
        ];
        for (engine, reference, bounds, expected) in cases {
            let verdict = judge_threshold(engine, reference, bounds);
            assert_eq!(verdict, expected, "{engine} against {reference} in {bounds:?}");
        }
    }
}
