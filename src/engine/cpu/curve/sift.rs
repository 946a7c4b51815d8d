//! Which lanes' steps must be looked at closely: most are dealt with here, many lanes at once.

use super::super::program::{Block, LANES};
use super::super::real::Real;
use super::search::POINTS;
use crate::engine::curve::BEYOND;

/// The values of a curve at the points of a step, in every lane.
pub(super) type Values<T> = [Block<T>; POINTS];

/// What the values of a curve at the points of a step say of all of it, in every lane.
#[derive(Debug, Clone)]
pub(super) struct Range {
    /// It lies between these.
    pub(super) least: [f64; LANES],
    pub(super) most: [f64; LANES],
    /// Not 0 unless every value is finite.
    pub(super) doubt: [f64; LANES],
}

impl Range {
    /// Nothing is known of any lane.
    pub(super) const UNKNOWN: Self = Self { least: [0.0; LANES], most: [0.0; LANES], doubt: [0.0; LANES] };
}

/// Finds the range of a curve.
// Loops over the lanes inside, and both values read before one is chosen: only then are they compiled for many lanes at
// once.
#[inline(always)]
pub(super) fn sift<T: Real>(values: &Values<T>, range: &mut Range) {
    let Range { least, most, doubt } = range;
    let mut bend = [0.0_f64; LANES];
    for l in 0..LANES {
        let value = values[0].0[l].wide();
        (least[l], most[l], doubt[l]) = (value, value, value * 0.0);
    }
    for block in &values[1..] {
        for l in 0..LANES {
            let (value, low, high) = (block.0[l].wide(), least[l], most[l]);
            least[l] = if value < low { value } else { low };
            most[l] = if value > high { value } else { high };
            doubt[l] += value * 0.0;
        }
    }
    for neighbours in values.windows(3) {
        for (l, bend) in bend.iter_mut().enumerate() {
            let [a, b, c] = [0, 1, 2].map(|i: usize| neighbours[i].0[l].wide());
            let (second, largest) = ((a - 2.0 * b + c).abs(), *bend);
            *bend = if second > largest { second } else { largest };
        }
    }
    for l in 0..LANES {
        least[l] -= BEYOND * bend[l];
        most[l] += BEYOND * bend[l];
    }
}
