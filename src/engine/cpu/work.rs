//! What an attempted step costs, counted from what it computes: for the choice of a method, which must be the same on
//! every machine, so that nothing can be timed for it.
//!
//! The unit is a product with its sum. What else costs how much of it was measured (`docs/methods.md`).

use crate::engine::method::{Explicit as ExplicitTableau, Rosenbrock as RosenbrockTableau};

use super::compile::Program;
use super::explicit::Explicit;
use super::method::Scheme;
use super::program::Op;
use super::rosenbrock::Rosenbrock;
use super::system::System;

/// A state's share of the error: two sizes, the larger of them, a product and a sum, a quotient and its square.
const ERROR: f64 = 8.0;
/// The size of the next step, and what becomes of the attempt.
const STEP: f64 = 500.0;
/// The time of an implicit step over what its instructions come to beside those of an explicit one: it goes through twice
/// as many values, which do not fit the first-level cache.
const IMPLICIT: f64 = 1.4;

impl<T> System<T> {
    /// The work of an attempted step of one patient in one arm, in products with their sums.
    pub(crate) fn work(&self) -> f64 {
        let states = f64::from(self.method.layout.states);
        let step = match &self.method.scheme {
            Scheme::Explicit(scheme) => explicit(scheme, states) + states * ERROR,
            Scheme::Rosenbrock(scheme) => IMPLICIT * rosenbrock(scheme, states) + states * ERROR,
            Scheme::ClosedForm(scheme) => of_program(&scheme.programs[0]) + states,
        };
        step + STEP + self.curves.work(|states| self.within(states))
    }

    /// The work of reading one patient in one arm at a time within a step.
    pub(crate) fn work_of_reading(&self) -> f64 {
        self.within(self.observation.states.len())
    }

    /// The work of so many states at a time within a step.
    fn within(&self, states: usize) -> f64 {
        let of_vectors = |vectors: usize| states as f64 * (vectors as f64 + 1.0);
        match &self.method.scheme {
            Scheme::Explicit(scheme) => of_vectors(scheme.k[0].len()),
            Scheme::Rosenbrock(scheme) => of_vectors(scheme.stages.len()),
            Scheme::ClosedForm(scheme) => of_program(&scheme.programs[0]),
        }
    }
}

fn explicit(scheme: &Explicit, states: f64) -> f64 {
    let Explicit { tableau, programs, .. } = scheme;
    let ExplicitTableau { a, error, .. } = tableau;
    let sums = a.iter().map(|weights| states * (weights.len() as f64 + 1.0));
    let derivatives: f64 = programs[0].iter().map(of_program).sum();
    derivatives + sums.sum::<f64>() + states * error.len() as f64
}

fn rosenbrock(scheme: &Rosenbrock, states: f64) -> f64 {
    let Rosenbrock { tableau, timed, linearise, solve, programs, read, .. } = scheme;
    let RosenbrockTableau { coupling, d, .. } = tableau;
    let read = read.len() as f64;
    let stages = coupling.iter().zip(1..).map(|(coupling, stage)| {
        let state = match tableau.weights(stage) {
            Some(weights) => {
                let taken = if tableau.is_whole(stage) { states } else { read };
                taken * (weights.len() as f64 + 1.0)
            }
            None => states,
        };
        state + states * (coupling.len() as f64 + 1.0)
    });
    let by_time = d.iter().filter(|&&weight| weight != 0.0).count() * timed.len();
    let systems: f64 = programs[0].iter().chain([&linearise[0], solve]).map(of_program).sum();
    // The first right-hand side is taken from the derivatives, and the last `U` is added.
    systems + stages.sum::<f64>() + by_time as f64 + 2.0 * states
}

/// The work of a program.
pub(super) fn of_program(program: &Program) -> f64 {
    program.code.iter().map(|instruction| of(instruction.op)).sum()
}

/// The work of an instruction: its time over that of a product with its sum, on a processor with AVX2.
fn of(op: Op) -> f64 {
    match op {
        Op::Sqrt => 4.0,
        Op::Div => 2.0,
        Op::Exp | Op::Log | Op::Log2 | Op::Expm1 | Op::Sin | Op::Cos => 12.0,
        Op::Log10 | Op::Log1p | Op::Tanh | Op::Atan => 18.0,
        Op::Power => 42.0,
        Op::Pow => 58.0,
        // A search, at visits alone.
        Op::Quantile(_) => 1_000.0,
        Op::Copy | Op::Negate | Op::Abs | Op::Floor | Op::Ceil | Op::Not | Op::Square => 0.6,
        Op::Add | Op::Sub | Op::Mul => 0.75,
        Op::Min | Op::Max | Op::Less | Op::LessEqual | Op::Equal | Op::And | Op::Or | Op::Select => 1.0,
        Op::MulAdd | Op::MulSub | Op::NegMulAdd | Op::AddMul | Op::SubMul => 1.0,
    }
}
