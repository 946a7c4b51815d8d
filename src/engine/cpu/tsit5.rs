//! The explicit method of Tsitouras, 5(4), for a block of lanes, each with its own step size.
//!
//! Step control: a proportional-integral controller (Hairer, Wanner, Solving Ordinary Differential
//! Equations II, section IV.2) on the root mean square over states of
//! `error / (atol_i + rtol max(|x_i|, |x_i new|))`.
//!
//! Old and new states, and the first and last derivative of a step, swap places after every
//! attempt, so that nothing is copied when it is accepted.

use super::compile::Program;
use super::dispatch::{Arithmetic, Task};
use super::math;
use super::program::{Block, LANES, Register, run, split};
use super::real::Real;
use super::tsit5_tableau::{A2, A3, A4, A5, A6, A7, C, ERROR, STAGES};

/// Exponents of the controller: 7/50 on the error, 2/25 on that of the step before; as in
/// DifferentialEquations.jl for this method.
pub(crate) const PROPORTIONAL: f64 = 0.14;
pub(crate) const INTEGRAL: f64 = 0.08;
/// A step aims at this fraction of the size that would just be accepted.
pub(crate) const SAFETY: f64 = 0.9;
/// Limits on the change of the step size from one attempt to the next.
pub(crate) const SHRINK: f64 = 0.2;
pub(crate) const GROW: f64 = 10.0;
/// Logarithm of the smallest error that the next step's controller remembers: 1e-4.
pub(crate) const LEAST_REMEMBERED: f64 = -9.210_340_371_976_182;
/// A step this close below what is left of the segment is stretched to its end.
pub(crate) const STRETCH: f64 = 1.01;

/// Where the integration's values are, each one block for each state unless said otherwise.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layout {
    /// Number of states.
    pub(crate) states: Register,
    /// Individual values.
    pub(crate) columns: Register,
    /// Rates of infusion into the states that are infused.
    pub(crate) rates: Register,
    /// One block: model time of the stage.
    pub(crate) time: Register,
    /// State before and after the attempt, by side.
    pub(crate) state: [Register; 2],
    /// First and last derivative, by side.
    pub(crate) first: [Register; 2],
    /// Derivatives of stages 2 to 6.
    pub(crate) middle: [Register; 5],
}

impl Layout {
    /// Where the derivatives of stages 1 to 7 are in an attempt from `side`.
    #[inline(always)]
    pub(crate) fn derivatives(&self, side: usize) -> [Register; STAGES] {
        let [b, c, d, e, f] = self.middle;
        [self.first[side], b, c, d, e, f, self.first[1 - side]]
    }
}

/// The method for one system.
#[derive(Debug)]
pub(crate) struct Method {
    pub(crate) layout: Layout,
    /// Derivatives of stages 2 to 7, by side.
    pub(crate) programs: [Vec<Program>; 2],
    /// States that derivatives read: only these are needed at stages 2 to 6.
    pub(crate) read: Vec<Register>,
    /// Absolute tolerance for each state, infinite outside the error norm.
    pub(crate) atol: Vec<f64>,
    pub(crate) rtol: f64,
}

/// The lanes' steps. Times are model times.
#[derive(Debug)]
pub(crate) struct Control<T> {
    /// Which of [`Layout::state`] holds the present state.
    pub(crate) side: usize,
    /// Start of the segment.
    pub(crate) start: Block<T>,
    /// Length of the segment.
    pub(crate) length: Block<T>,
    /// Present time, relative to the segment's start.
    pub(crate) time: Block<T>,
    /// Size of the next step; 0 computes the derivative at the present state and no more.
    pub(crate) step: Block<T>,
    /// Logarithm of the error of the last accepted step.
    pub(crate) previous: Block<T>,
    /// Size of the attempted step.
    pub(crate) used: Block<T>,
    /// Time after it: exactly `length` if it ends there.
    pub(crate) reached: Block<T>,
    /// Mean square of its error; it is accepted if this is at most 1.
    pub(crate) error: Block<T>,
}

impl<T: Real> Control<T> {
    pub(crate) fn new() -> Self {
        let zero = Block::splat(T::of(0.0));
        Self {
            side: 0,
            start: zero,
            length: zero,
            time: zero,
            step: zero,
            previous: zero,
            used: zero,
            reached: zero,
            error: zero,
        }
    }

    /// Sizes of the attempted steps: the last but one before the end of a segment takes half of
    /// what is left, so that none is tiny. They are differences of the times before and after, so
    /// that the steps of a segment add up to its length.
    #[inline(always)]
    fn choose(&mut self) {
        for l in 0..LANES {
            let (step, left) = (self.step.0[l], self.length.0[l] - self.time.0[l]);
            let last = step * T::of(STRETCH) >= left;
            let shared = if T::of(2.0) * step > left { T::of(0.5) * left } else { step };
            let reached = if last { self.length.0[l] } else { self.time.0[l] + shared };
            self.reached.0[l] = reached;
            self.used.0[l] = reached - self.time.0[l];
        }
    }

    /// Sizes of the next steps, computed in f64. An error that is not a number shrinks the step.
    #[inline(always)]
    fn adapt<A: Arithmetic>(&mut self) {
        for l in 0..LANES {
            let error = self.error.0[l].wide();
            let accepted = error <= 1.0;
            let log_error = 0.5 * math::log::<A>(if error < 1e-20 { 1e-20 } else { error });
            let memory = if accepted { INTEGRAL * self.previous.0[l].wide() } else { 0.0 };
            let factor = SAFETY * math::exp::<A>(A::mul_add(-PROPORTIONAL, log_error, memory));
            let most = if accepted { GROW } else { 1.0 };
            let factor = if factor > SHRINK { factor } else { SHRINK };
            let factor = if factor < most { factor } else { most };
            let remembered = if log_error > LEAST_REMEMBERED { log_error } else { LEAST_REMEMBERED };
            self.step.0[l] = T::of(self.used.0[l].wide() * factor);
            self.previous.0[l] = if accepted { T::of(remembered) } else { self.previous.0[l] };
        }
    }
}

/// One attempted step in every lane, from `control.side` to the other.
pub(crate) struct Attempt<'a, T> {
    pub(crate) method: &'a Method,
    pub(crate) registers: &'a mut [Block<T>],
    pub(crate) control: &'a mut Control<T>,
}

impl<T: Real> Task for Attempt<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { method, registers, control } = self;
        control.choose();
        for (stage, &node) in C.iter().enumerate().skip(1) {
            match stage {
                1 => combine::<T, A, 1>(method, registers, control, &A2),
                2 => combine::<T, A, 2>(method, registers, control, &A3),
                3 => combine::<T, A, 3>(method, registers, control, &A4),
                4 => combine::<T, A, 4>(method, registers, control, &A5),
                5 => combine::<T, A, 5>(method, registers, control, &A6),
                _ => combine::<T, A, 6>(method, registers, control, &A7),
            }
            let time = &mut registers[usize::from(method.layout.time)];
            for (l, time) in time.0.iter_mut().enumerate() {
                let within = A::mul_add(T::of(node), control.used.0[l], control.time.0[l]);
                *time = control.start.0[l] + within;
            }
            run::<T, A>(&method.programs[control.side][stage - 1].code, registers);
        }
        measure::<T, A>(method, registers, control);
        control.adapt::<A>();
    }
}

/// The state at which the next derivative is taken, from the first `N` derivatives.
#[inline(always)]
fn combine<T: Real, A: Arithmetic, const N: usize>(
    method: &Method,
    registers: &mut [Block<T>],
    control: &Control<T>,
    weights: &[f64; N],
) {
    let layout = &method.layout;
    let derivatives = layout.derivatives(control.side);
    let count = if N + 1 == STAGES { layout.states } else { method.read.len() as Register };
    for position in 0..count {
        let i = if N + 1 == STAGES { position } else { method.read[usize::from(position)] };
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
fn measure<T: Real, A: Arithmetic>(method: &Method, registers: &[Block<T>], control: &mut Control<T>) {
    let layout = &method.layout;
    let derivatives = layout.derivatives(control.side);
    let counted = method.atol.iter().filter(|atol| atol.is_finite()).count();
    let share = T::of(1.0 / counted.max(1) as f64);
    let rtol = T::of(method.rtol);
    control.error = Block::splat(T::of(0.0));
    for (i, &atol) in (0..layout.states).zip(&method.atol) {
        let atol = T::of(atol);
        let block = |base: Register| &registers[usize::from(base + i)];
        let (old, new) = (block(layout.state[control.side]), block(layout.state[1 - control.side]));
        let mut k = [old; STAGES];
        for j in 0..STAGES {
            k[j] = block(derivatives[j]);
        }
        for l in 0..LANES {
            let mut sum = T::of(ERROR[0]) * k[0].0[l];
            for j in 1..STAGES {
                sum = A::mul_add(T::of(ERROR[j]), k[j].0[l], sum);
            }
            let (before, after) = (old.0[l].abs(), new.0[l].abs());
            // Not `max`, which would hide a value that is not a number.
            let size = if before > after { before } else { after };
            // With an infinite tolerance this is 0, unless the error is not finite.
            let ratio = control.used.0[l] * sum / A::mul_add(rtol, size, atol);
            control.error.0[l] = A::mul_add(ratio * share, ratio, control.error.0[l]);
        }
    }
}
