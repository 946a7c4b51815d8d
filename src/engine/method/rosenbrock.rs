//! Rosenbrock pairs, in the variables `U` that need no product with the Jacobian (Hairer, Wanner, Solving Ordinary
//! Differential Equations II, section IV.7, equation 7.25). Stage i is
//!
//! ```text
//! (1/(h gamma) I - J) U_i = f(t + c_i h, y + sum_j a_ij U_j) + sum_j coupling_ij U_j / h + h d_i df/dt
//! ```

use super::MOST_STAGES;
use super::control::Exponents;

/// A stiffly accurate pair: the solution after the step is that at which the last stage is taken, plus the `U` of that
/// stage, which is the error estimate too.
#[derive(Debug)]
pub(crate) struct Rosenbrock {
    /// The diagonal of the method.
    pub(crate) gamma: f64,
    /// Nodes: the time of each stage within the step.
    pub(crate) c: &'static [f64],
    /// Weights of the derivative by time.
    pub(crate) d: &'static [f64],
    /// Weights of the earlier stages in the state of stage 2, and so on. The stages behind them are taken at the state
    /// of the stage before plus its `U`.
    pub(crate) a: &'static [&'static [f64]],
    /// Weights of the earlier stages in the right-hand side of stage 2, and so on.
    pub(crate) coupling: &'static [&'static [f64]],
    /// At fraction x of the step the state is `(1 - x) y + x (y_new + (1 - x) (K_1 + x (K_2 + x K_3)))` with
    /// `K_i = sum_j interpolant_ij U_j`.
    pub(crate) interpolant: [&'static [f64]; 3],
    pub(crate) exponents: Exponents,
}

impl Rosenbrock {
    pub(crate) fn stages(&self) -> usize {
        self.c.len()
    }

    /// The weights with which a stage, from 0 on, is taken, unless its state is that of the stage before plus its `U`.
    pub(crate) fn weights(&self, stage: usize) -> Option<&'static [f64]> {
        self.a.get(stage.checked_sub(1)?).copied()
    }

    /// Whether a stage, from 0 on, needs every state, for the solution goes on from there.
    pub(crate) fn is_whole(&self, stage: usize) -> bool {
        stage >= self.a.len()
    }

    /// Weight of the `U` of a stage, from 0 on, in what the state changes by over the step.
    pub(crate) fn solution(&self, stage: usize) -> f64 {
        self.a.last().and_then(|last| last.get(stage)).copied().unwrap_or(1.0)
    }

    /// Weights of `U` in what the state has changed by at fractions `x` of the step.
    #[inline(always)]
    pub(super) fn interpolant<const N: usize>(&self, x: [f64; N]) -> [[f64; N]; MOST_STAGES] {
        let [first, second, third] = self.interpolant;
        let mut weights = [[0.0; N]; MOST_STAGES];
        for (j, weights) in weights.iter_mut().enumerate().take(self.stages()) {
            let (a, b, c, d) = (self.solution(j), first[j], second[j], third[j]);
            for (weight, x) in weights.iter_mut().zip(x) {
                *weight = x * (a + (1.0 - x) * (b + x * (c + x * d)));
            }
        }
        weights
    }
}
