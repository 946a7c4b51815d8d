//! The explicit method of Tsitouras, 5(4). The last derivative of a step is the first of the next.

use crate::engine::method::tsit5::{A2, A3, A4, A5, A6, A7, C, ERROR, STAGES};

use super::compile::Program;
use super::control::{Control, Exponents, Tolerance};
use super::dispatch::Arithmetic;
use super::method::{Attempt, Layout, Method};
use super::program::{Block, LANES, Register, run, split};
use super::real::Real;

/// Exponents of the controller: 7/50 on the error, 2/25 on that of the step before; as in
/// DifferentialEquations.jl for this method.
pub(crate) const EXPONENTS: Exponents = Exponents { proportional: 0.14, integral: 0.08 };

/// The method for one system.
#[derive(Debug)]
pub(crate) struct Tsit5 {
    /// Where the derivatives of stages 2 to 6 are.
    pub(crate) middle: [Register; 5],
    /// Derivatives of stages 2 to 7, by side.
    pub(crate) programs: [Vec<Program>; 2],
    /// States that derivatives read: only these are needed at stages 2 to 6.
    pub(crate) read: Vec<Register>,
}

impl Tsit5 {
    /// Where the derivatives of stages 1 to 7 are in an attempt from `side`.
    #[inline(always)]
    pub(crate) fn derivatives(&self, layout: &Layout, side: usize) -> [Register; STAGES] {
        let [b, c, d, e, f] = self.middle;
        [layout.first[side], b, c, d, e, f, layout.first[1 - side]]
    }

    /// The attempted step whose sizes have been chosen.
    #[inline(always)]
    pub(crate) fn attempt<T: Real, A: Arithmetic>(&self, attempt: Attempt<'_, T>) {
        let Attempt { method, registers, control } = attempt;
        for (stage, &node) in C.iter().enumerate().skip(1) {
            match stage {
                1 => self.combine::<T, A, 1>(&method.layout, registers, control, &A2),
                2 => self.combine::<T, A, 2>(&method.layout, registers, control, &A3),
                3 => self.combine::<T, A, 3>(&method.layout, registers, control, &A4),
                4 => self.combine::<T, A, 4>(&method.layout, registers, control, &A5),
                5 => self.combine::<T, A, 5>(&method.layout, registers, control, &A6),
                _ => self.combine::<T, A, 6>(&method.layout, registers, control, &A7),
            }
            control.at::<A>(node, &mut registers[usize::from(method.layout.time)]);
            run::<T, A>(&self.programs[control.side][stage - 1].code, registers);
        }
        self.measure::<T, A>(method, registers, control);
        control.adapt::<A>(EXPONENTS);
    }

    /// The state at which the next derivative is taken, from the first `N` derivatives.
    #[inline(always)]
    fn combine<T: Real, A: Arithmetic, const N: usize>(
        &self,
        layout: &Layout,
        registers: &mut [Block<T>],
        control: &Control<T>,
        weights: &[f64; N],
    ) {
        let derivatives = self.derivatives(layout, control.side);
        let count = if N + 1 == STAGES { layout.states } else { self.read.len() as Register };
        for position in 0..count {
            let i = if N + 1 == STAGES { position } else { self.read[usize::from(position)] };
            let (new, others) = split(registers, layout.state[1 - control.side] + i);
            let old = others.get(layout.state[control.side] + i);
            let mut k = [old; N];
            for j in 0..N {
                k[j] = others.get(derivatives[j] + i);
            }
            for l in 0..LANES {
                let mut sum = T::of(weights[0]) * k[0].0[l];
                for j in 1..N {
                    sum = A::mul_add(T::of(weights[j]), k[j].0[l], sum);
                }
                new.0[l] = A::mul_add(control.used.0[l], sum, old.0[l]);
            }
        }
    }

    /// The mean square error of the attempt.
    #[inline(always)]
    fn measure<T: Real, A: Arithmetic>(
        &self,
        method: &Method,
        registers: &[Block<T>],
        control: &mut Control<T>,
    ) {
        let layout = &method.layout;
        let derivatives = self.derivatives(layout, control.side);
        let tolerance = Tolerance::new(method.rtol, &method.atol);
        control.error = Block::splat(T::of(0.0));
        for (i, &atol) in (0..layout.states).zip(&method.atol) {
            let block = |base: Register| &registers[usize::from(base + i)];
            let (old, new) = (block(layout.state[control.side]), block(layout.state[1 - control.side]));
            let mut k = [old; STAGES];
            for j in 0..STAGES {
                k[j] = block(derivatives[j]);
            }
            let mut error = Block::splat(T::of(0.0));
            for l in 0..LANES {
                let mut sum = T::of(ERROR[0]) * k[0].0[l];
                for j in 1..STAGES {
                    sum = A::mul_add(T::of(ERROR[j]), k[j].0[l], sum);
                }
                error.0[l] = control.used.0[l] * sum;
            }
            control.measure::<A>([old, new, &error], &tolerance, atol);
        }
    }
}
