//! Which lanes' steps must be looked at closely: most are dealt with here, many lanes at once.

use super::super::dispatch::{Arithmetic, Task};
use super::super::program::{Block, LANES};
use super::super::real::Real;
use super::search::POINTS;
use crate::engine::curve::BEYOND;

/// The values of a curve at the points of a step, in every lane.
pub(super) type Values<T> = [Block<T>; POINTS];

/// What the values of a curve at the points of a step say of all of it, in every lane.
pub(super) struct Range {
    /// It lies between these.
    pub(super) least: [f64; LANES],
    pub(super) most: [f64; LANES],
    /// Whether every value is finite.
    pub(super) finite: [bool; LANES],
}

/// Finds the range of a curve.
pub(super) struct Sift<'a, T> {
    pub(super) values: &'a Values<T>,
}

impl<T: Real> Task for Sift<'_, T> {
    type Out = Range;

    #[inline(always)]
    fn run<A: Arithmetic>(self) -> Range {
        let Self { values } = self;
        let mut range = Range { least: [0.0; LANES], most: [0.0; LANES], finite: [false; LANES] };
        for l in 0..LANES {
            let value = |point: usize| values[point].0[l].wide();
            let (mut least, mut most, mut bend, mut finite) = (value(0), value(0), 0.0_f64, value(0) * 0.0);
            for point in 1..POINTS {
                let value = value(point);
                least = if value < least { value } else { least };
                most = if value > most { value } else { most };
                finite += value * 0.0;
            }
            for point in 1..POINTS - 1 {
                let second = (value(point - 1) - 2.0 * value(point) + value(point + 1)).abs();
                bend = if second > bend { second } else { bend };
            }
            range.least[l] = least - BEYOND * bend;
            range.most[l] = most + BEYOND * bend;
            range.finite[l] = finite == 0.0;
        }
        range
    }
}
