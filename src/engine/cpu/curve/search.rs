//! Where a curve turns or crosses 0 within a step, from its values at equally spaced points and, where it matters,
//! in between. A place is a fraction of the step.

use crate::engine::curve::{MOST_EVALUATIONS, NO_GAIN, PIECES};

/// The points of a step.
pub(super) const POINTS: usize = PIECES + 1;

/// The turning point of the parabola through three equally spaced values: its distance from the middle one in
/// spacings, and its value. `None` if it does not lie between them.
fn vertex([a, b, c]: [f64; 3]) -> Option<(f64, f64)> {
    let (slope, bend) = (0.5 * (c - a), a - 2.0 * b + c);
    let offset = -slope / bend;
    (offset.abs() <= 1.0).then_some((offset, b + 0.5 * slope * offset))
}

/// The place of a point.
pub(super) fn place(point: usize) -> f64 {
    point as f64 / PIECES as f64
}

/// The turning points that parabolas through neighbouring values show: places and values.
fn turning_points(values: &[f64; POINTS]) -> impl Iterator<Item = (f64, f64)> {
    (1..PIECES).filter_map(|middle| {
        let (offset, value) = vertex([values[middle - 1], values[middle], values[middle + 1]])?;
        Some(((middle as f64 + offset) / PIECES as f64, value))
    })
}

/// The largest value within a step and its place; `at` evaluates the curve, and `widths` are half those of the
/// parabolas that locate it.
pub(super) fn peak(values: &[f64; POINTS], widths: [f64; 2], mut at: impl FnMut(f64) -> f64) -> (f64, f64) {
    let points = values.iter().enumerate().map(|(point, &value)| (place(point), value));
    let first_largest = |a: (f64, f64), b: (f64, f64)| if b.1 > a.1 { b } else { a };
    let seen = points.reduce(first_largest).unwrap_or((0.0, f64::NAN));
    let Some((mut turn, value)) = turning_points(values).reduce(first_largest) else { return seen };
    // Not for what rounding alone may be: a curve at rest would be searched in every step.
    if value <= seen.1 + NO_GAIN * seen.1.abs() {
        return seen;
    }
    for width in widths {
        let middle = turn.clamp(width, 1.0 - width);
        let around = [middle - width, middle, middle + width].map(&mut at);
        // A curve that is not smooth may have no parabola with a top.
        let offset = match vertex(around) {
            Some((offset, value)) if value >= around[1] => offset,
            _ if around[0] > around[2] => -1.0,
            _ => 1.0,
        };
        turn = (middle + width * offset).clamp(0.0, 1.0);
    }
    first_largest(seen, (turn, at(turn)))
}

/// The parts of a step in which a curve is above 0 or not, in order: from, to, whether it is above. A crossing is
/// located when the curve is this `close` to 0, as a fraction of its values at both ends.
pub(super) fn parts(
    values: &[f64; POINTS],
    close: f64,
    mut at: impl FnMut(f64) -> f64,
    mut part: impl FnMut(f64, f64, bool),
) {
    let mut before = (0.0, values[0]);
    for piece in 0..PIECES {
        let end = (place(piece + 1), values[piece + 1]);
        let above = before.1 > 0.0;
        if above == (end.1 > 0.0) {
            // It may cross 0 and come back.
            let turn = turning_points(values)
                .find(|&(turn, value)| before.0 < turn && turn < end.0 && (value > 0.0) != above);
            let turn = turn.map(|(turn, _)| (turn, at(turn)));
            if let Some(turn) = turn.filter(|turn| (turn.1 > 0.0) != above) {
                between(before, turn, close, &mut at, &mut part);
                before = turn;
            }
        }
        between(before, end, close, &mut at, &mut part);
        before = end;
    }
}

/// The parts between two points with at most one crossing.
fn between(
    a: (f64, f64),
    b: (f64, f64),
    close: f64,
    at: &mut impl FnMut(f64) -> f64,
    part: &mut impl FnMut(f64, f64, bool),
) {
    let above = a.1 > 0.0;
    if above == (b.1 > 0.0) {
        return part(a.0, b.0, above);
    }
    let crossing = crossing(a, b, close, at);
    part(a.0, crossing, above);
    part(crossing, b.0, !above);
}

/// Where a curve crosses 0 between two points: by turns the secant and the middle, whose interval shrinks
/// whatever the curve.
fn crossing(mut a: (f64, f64), mut b: (f64, f64), close: f64, at: &mut impl FnMut(f64) -> f64) -> f64 {
    let close = close * a.1.abs().max(b.1.abs());
    let above = a.1 > 0.0;
    let mut last = a.0;
    for evaluation in 0..MOST_EVALUATIONS {
        let secant = a.0 + (b.0 - a.0) * (a.1 / (a.1 - b.1));
        last = if evaluation % 2 == 0 && secant.is_finite() { secant } else { 0.5 * (a.0 + b.0) };
        let value = at(last);
        if value.abs() <= close {
            break;
        }
        let end = if (value > 0.0) == above { &mut a } else { &mut b };
        *end = (last, value);
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::curve::{CLOSE, WIDTHS, WIDTHS_F32};

    fn values(curve: impl Fn(f64) -> f64) -> [f64; POINTS] {
        std::array::from_fn(|point| curve(place(point)))
    }

    fn above(curve: impl Fn(f64) -> f64 + Copy) -> Vec<(f64, f64)> {
        let mut found: Vec<(f64, f64)> = Vec::new();
        parts(&values(curve), CLOSE, curve, |from, to, above| match found.last_mut() {
            Some(last) if above && last.1 == from => last.1 = to,
            _ if above => found.push((from, to)),
            _ => {}
        });
        found
    }

    #[test]
    fn smooth_peaks_are_located() {
        // x e^(-x / c) has its maximum at c.
        for c in [0.25, 0.4, 0.61, 0.9, 0.99] {
            let curve = |x: f64| x * (-x / c).exp();
            // Off by a third of the second width, squared, over c.
            for (widths, bound) in [(WIDTHS, 3e-5), (WIDTHS_F32, 5e-4)] {
                let (place, value) = peak(&values(curve), widths, curve);
                assert!((place - c).abs() < bound / c, "{c}: {place}");
                assert!((value / curve(c) - 1.0).abs() < 1e-4, "{c}: {value}");
            }
        }
    }

    #[test]
    fn the_largest_of_two_peaks() {
        let curve = |x: f64| (-(8.0 * (x - 0.2)).powi(2)).exp() + 1.1 * (-(8.0 * (x - 0.8)).powi(2)).exp();
        let (place, value) = peak(&values(curve), WIDTHS, curve);
        assert!((place - 0.8).abs() < 1e-3 && (value - 1.1).abs() < 1e-5, "{place} {value}");
    }

    #[test]
    fn ends_are_peaks_too() {
        assert_eq!(peak(&values(|x| -x), WIDTHS, |x| -x), (0.0, 0.0));
        assert_eq!(peak(&values(|x| x * x), WIDTHS, |x| x * x), (1.0, 1.0));
        assert_eq!(peak(&[3.0; POINTS], WIDTHS, |_| 3.0), (0.0, 3.0));
        let at_rest = [3.0, 3.0, 3.0 + 4e-16, 3.0, 3.0];
        assert_eq!(peak(&at_rest, WIDTHS, |_| unreachable!("nothing is searched for")), (0.5, 3.0 + 4e-16));
    }

    #[test]
    fn crossings_are_located() {
        let close = |found: &[(f64, f64)], expected: &[(f64, f64)], bound: f64| {
            assert_eq!(found.len(), expected.len(), "{found:?}, {expected:?}");
            for (found, expected) in found.iter().zip(expected) {
                let error = (found.0 - expected.0).abs().max((found.1 - expected.1).abs());
                assert!(error < bound, "{found:?}, {expected:?}");
            }
        };
        close(&above(|x| x - 0.3), &[(0.3, 1.0)], 1e-9);
        close(&above(|x| (-x).exp() - 0.5), &[(0.0, 0.5_f64.ln().abs())], 1e-6);
        // Between two points, up and down again: 1e-3 - (x - 0.6)^2.
        let half = 1e-3_f64.sqrt();
        close(&above(|x| 1e-3 - (x - 0.6).powi(2)), &[(0.6 - half, 0.6 + half)], 1e-6);
        // And down and up.
        let dip = |x: f64| (x - 0.4).powi(2) - 1e-3;
        close(&above(dip), &[(0.0, 0.4 - half), (0.4 + half, 1.0)], 1e-6);
        // A jump.
        close(&above(|x| if x > 0.37 { 1.0 } else { -5.0 }), &[(0.37, 1.0)], 1e-3);
        assert!(above(|_| 0.0).is_empty());
    }
}
