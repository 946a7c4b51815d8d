//! Probabilities with both tails, so that neither loses its digits, and what is made of them: distribution functions,
//! and quantiles of the distributions that models observe by.

mod incomplete;
mod invert;
mod law;
mod scores;

pub(crate) use invert::invert;
pub use law::Law;
pub(crate) use scores::scores;

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

use libm::erfc;
use statrs::function::erf::erfc_inv;

/// The probability below a point and the probability above it: their sum is 1, and the smaller
/// of the two is known to full relative precision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Probability {
    /// Distribution function.
    pub below: f64,
    /// Survival function.
    pub above: f64,
}

impl Probability {
    /// Of a standard normal score `z`: `below = erfc(-z / sqrt(2)) / 2`.
    pub fn of_score(z: f64) -> Self {
        Self { below: below(z), above: above(z) }
    }

    /// The standard normal score: the inverse of [`Self::of_score`].
    pub fn score(self) -> f64 {
        if self.below < self.above {
            -SQRT_2 * erfc_inv(2.0 * self.below)
        } else {
            SQRT_2 * erfc_inv(2.0 * self.above)
        }
    }
}

/// The probability below a standard normal score, if nobody asks for the other one.
pub fn below(z: f64) -> f64 {
    0.5 * erfc(-z * FRAC_1_SQRT_2)
}

/// The probability above a standard normal score, if nobody asks for the other one.
pub fn above(z: f64) -> f64 {
    0.5 * erfc(z * FRAC_1_SQRT_2)
}

/// Standard normal quantile of `u` between 0 and 1.
pub fn score(u: f64) -> f64 {
    Probability { below: u, above: 1.0 - u }.score()
}

/// The part of a distribution between two points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    below: f64,
    above: f64,
    mass: f64,
}

impl Window {
    /// Between the points with these probabilities; `None` if (in f64) nothing lies there.
    pub fn new(low: Probability, high: Probability) -> Option<Self> {
        // The difference is taken in the tail where both ends are small.
        let mass = if low.below > low.above { low.above - high.above } else { high.below - low.below };
        (mass > 0.0).then_some(Self { below: low.below, above: high.above, mass })
    }

    /// Where a probability within the window lies in the whole distribution: the truncated
    /// distribution's quantile at `p` is the whole one's at `rescale(p)`.
    pub fn rescale(self, p: Probability) -> Probability {
        Probability { below: self.below + p.below * self.mass, above: self.above + p.above * self.mass }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Standard normal quantiles by root finding on `erfc` in mpmath 1.4.1 at 40 digits.
    const KNOWN: [(f64, f64); 11] = [
        (1.1102230246251565e-16, -8.209_536_151_601_387),
        (1e-10, -6.361_340_902_404_056),
        (1e-5, -4.264_890_793_922_825),
        (0.001, -3.090_232_306_167_813_5),
        (0.025, -1.959_963_984_540_054_2),
        (0.1, -1.281_551_565_544_600_4),
        (0.3, -0.524_400_512_708_040_8),
        (0.5, 0.0),
        (0.75, 0.674_489_750_196_081_7),
        (0.9, 1.281_551_565_544_600_6),
        (0.99, 2.326_347_874_040_840_8),
    ];

    #[test]
    fn scores_of_known_probabilities() {
        for (u, z) in KNOWN {
            assert!((score(u) - z).abs() <= 1e-14 * (1.0 + z.abs()), "{u}: {} {z}", score(u));
        }
    }

    #[test]
    fn both_tails_keep_their_digits() {
        for (u, z) in KNOWN {
            let p = Probability::of_score(z);
            assert!((p.below / u - 1.0).abs() < 1e-13, "{u}: {}", p.below);
            let mirrored = Probability::of_score(-z);
            assert_eq!((mirrored.above, mirrored.below), (p.below, p.above));
        }
    }

    /// A normal beyond 8 standard deviations: the quantile of 1/2 between 8 and 9 is the point
    /// with half of the tail's mass, 8.084888899 (mpmath 1.4.1).
    #[test]
    fn windows_in_either_tail_are_mirror_images() -> Result<(), &'static str> {
        let window = |a, b| Window::new(Probability::of_score(a), Probability::of_score(b)).ok_or("empty");
        let half = Probability { below: 0.5, above: 0.5 };
        let (upper, lower) =
            (window(8.0, 9.0)?.rescale(half).score(), window(-9.0, -8.0)?.rescale(half).score());
        assert!((upper - MEDIAN_BEYOND_8).abs() < 1e-10, "{upper}");
        assert_eq!(upper, -lower);
        Ok(())
    }

    const MEDIAN_BEYOND_8: f64 = 8.084_888_899_018_166;
}
