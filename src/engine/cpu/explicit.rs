//! An explicit Runge-Kutta pair. The last derivative of a step is the first of the next. WGSL twin:
//! `shaders/explicit.wgsl`.

use crate::engine::method;

use super::attempt::{Attempt, Layout, for_stages};
use super::compile::Program;
use super::control::{Control, Tolerance};
use super::dispatch::Arithmetic;
use super::program::{Block, LANES, Register, run, split};
use super::real::Real;

/// The method for one system.
#[derive(Debug)]
pub(crate) struct Explicit {
    pub(crate) tableau: &'static method::Explicit,
    /// Where the derivatives of the stages are, by the side of the attempt.
    pub(crate) k: [Vec<Register>; 2],
    /// Derivatives of stages 2 and on, by side.
    pub(crate) programs: [Vec<Program>; 2],
    /// States that derivatives read: only these are needed at all stages but the last.
    pub(crate) read: Vec<Register>,
}

impl Explicit {
    /// The attempted step.
    #[inline(always)]
    pub(crate) fn attempt<T: Real, A: Arithmetic>(&self, attempt: Attempt<'_, T>) {
        let Attempt { layout, atol, rtol, registers, control } = attempt;
        let Self { tableau, programs, .. } = self;
        for (position, (weights, program)) in tableau.a.iter().zip(&programs[control.side]).enumerate() {
            let is_last = position + 1 == tableau.a.len();
            for_stages!(weights.len(), N => self.combine::<T, A, N>(weights, is_last, layout, registers, control));
            control.at::<A>(tableau.c[position + 1], &mut registers[usize::from(layout.time)]);
            run::<T, A>(&program.code, registers);
        }
        for_stages!(tableau.error.len(), N => self.measure::<T, A, N>(layout, atol, rtol, registers, control));
        control.adapt::<A>(tableau.exponents);
    }

    /// The state at which the next derivative is taken, from the first `N` derivatives.
    #[inline(always)]
    fn combine<T: Real, A: Arithmetic, const N: usize>(
        &self,
        weights: &[f64],
        is_last: bool,
        layout: &Layout,
        registers: &mut [Block<T>],
        control: &Control<T>,
    ) {
        let (weights, derivatives) = (constants::<T, N>(weights), &self.k[control.side]);
        let count = if is_last { layout.states } else { self.read.len() as Register };
        for position in 0..count {
            let i = if is_last { position } else { self.read[usize::from(position)] };
            let (new, others) = split(registers, layout.state[1 - control.side] + i);
            let old = others.get(layout.state[control.side] + i);
            let mut k = [old; N];
            for j in 0..N {
                k[j] = others.get(derivatives[j] + i);
            }
            for l in 0..LANES {
                let mut sum = weights[0] * k[0].0[l];
                for j in 1..N {
                    sum = A::mul_add(weights[j], k[j].0[l], sum);
                }
                new.0[l] = A::mul_add(control.dt.0[l], sum, old.0[l]);
            }
        }
    }

    /// The mean square error of the attempt, from all `N` derivatives.
    #[inline(always)]
    fn measure<T: Real, A: Arithmetic, const N: usize>(
        &self,
        layout: &Layout,
        atol: &[f64],
        rtol: f64,
        registers: &[Block<T>],
        control: &mut Control<T>,
    ) {
        let (weights, derivatives) = (constants::<T, N>(self.tableau.error), &self.k[control.side]);
        let tolerance = Tolerance::new(rtol, atol);
        control.error = Block::splat(T::of(0.0));
        for (i, &atol) in (0..layout.states).zip(atol) {
            let block = |base: Register| &registers[usize::from(base + i)];
            let (old, new) = (block(layout.state[control.side]), block(layout.state[1 - control.side]));
            let mut k = [old; N];
            for j in 0..N {
                k[j] = block(derivatives[j]);
            }
            let mut error = Block::splat(T::of(0.0));
            for l in 0..LANES {
                let mut sum = weights[0] * k[0].0[l];
                for j in 1..N {
                    sum = A::mul_add(weights[j], k[j].0[l], sum);
                }
                error.0[l] = control.dt.0[l] * sum;
            }
            control.measure::<A>([old, new, &error], &tolerance, atol);
        }
    }
}

/// The first `N` weights as the lanes take them.
#[inline(always)]
pub(crate) fn constants<T: Real, const N: usize>(weights: &[f64]) -> [T; N] {
    let mut constants = [T::of(0.0); N];
    for (constant, &weight) in constants.iter_mut().zip(weights) {
        *constant = T::of(weight);
    }
    constants
}
