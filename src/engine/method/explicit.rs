//! Explicit Runge-Kutta pairs.

use super::MOST_STAGES;
use super::control::Exponents;

/// An explicit pair whose last stage is the first of the next step, taken at the solution.
#[derive(Debug)]
pub(crate) struct Explicit {
    /// Nodes: the time of each stage within the step.
    pub(crate) c: &'static [f64],
    /// Weights of the earlier stages in stage 2, and so on; the last are those of the solution.
    pub(crate) a: &'static [&'static [f64]],
    /// Weights of the stages in the error.
    pub(crate) error: &'static [f64],
    /// Of each stage: its weight at fraction `x` of the step is the sum of `interpolant[i][j] x^(j + 1)`.
    pub(crate) interpolant: &'static [[f64; 4]],
    pub(crate) exponents: Exponents,
}

impl Explicit {
    pub(crate) fn stages(&self) -> usize {
        self.c.len()
    }

    /// Weights of the derivatives in the solution.
    #[cfg(any(feature = "gpu", test))]
    pub(crate) fn solution(&self) -> &'static [f64] {
        self.a[self.a.len() - 1]
    }

    /// Weights of the stages at fractions `x` of the step.
    #[inline(always)]
    pub(super) fn interpolant<const N: usize>(&self, x: [f64; N]) -> [[f64; N]; MOST_STAGES] {
        let mut weights = [[0.0; N]; MOST_STAGES];
        for (weights, [a, b, c, d]) in weights.iter_mut().zip(self.interpolant) {
            for (weight, x) in weights.iter_mut().zip(x) {
                *weight = x * (a + x * (b + x * (c + x * d)));
            }
        }
        weights
    }
}
