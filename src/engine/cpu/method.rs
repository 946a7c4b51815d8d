//! A method of integration, for a block of lanes, each with its own step size.
//!
//! Old and new states swap places after every attempt, so that nothing is copied when it is accepted.

use super::control::Control;
use super::dispatch::{Arithmetic, Task};
use super::program::{Block, LANES, Register};
use super::real::Real;
use super::rosenbrock::Rosenbrock;
use super::tsit5::Tsit5;

/// Where the values are that every method has, each one block for each state unless said otherwise.
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
    /// One block: model time in the middle of the segment.
    pub(crate) middle: Register,
    /// State before and after the attempt, by side.
    pub(crate) state: [Register; 2],
    /// Derivative at the present state, by side: after an attempt of size 0, and after every other if the
    /// method goes on from there.
    pub(crate) first: [Register; 2],
}

impl Layout {
    /// Whether the derivative after a step is kept for the next.
    pub(crate) fn keeps_derivative(&self) -> bool {
        self.first[0] != self.first[1]
    }
}

/// A method for one system.
#[derive(Debug)]
pub(crate) struct Method {
    pub(crate) layout: Layout,
    /// Absolute tolerance for each state, infinite outside the error norm.
    pub(crate) atol: Vec<f64>,
    pub(crate) rtol: f64,
    pub(crate) scheme: Scheme,
}

/// What is particular to a method.
#[derive(Debug)]
pub(crate) enum Scheme {
    Tsit5(Tsit5),
    Rosenbrock(Rosenbrock),
}

/// The most vectors that an interpolant combines.
const MOST_VECTORS: usize = 8;

/// The state within the last step of a lane: that before it, plus a multiple of a combination of vectors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Within<T> {
    /// First register and weight of each vector.
    pub(crate) vectors: [(Register, T); MOST_VECTORS],
    /// How many of them there are.
    pub(crate) count: usize,
    /// What the combination is multiplied by.
    pub(crate) scale: T,
    /// The state before the step.
    pub(crate) before: Register,
}

impl<T: Real> Within<T> {
    /// The value of a state in a lane.
    pub(crate) fn value(&self, registers: &[Block<T>], state: usize, lane: usize) -> T {
        let at = |base: Register| registers[usize::from(base) + state].0[lane];
        let mut sum = T::of(0.0);
        for &(vector, weight) in &self.vectors[..self.count] {
            sum += weight * at(vector);
        }
        at(self.before) + self.scale * sum
    }
}

/// A combination of vectors: what an interpolant adds to the state before a step.
#[derive(Debug, Clone, Copy)]
struct Combination<T> {
    vectors: [(Register, T); MOST_VECTORS],
    count: usize,
    /// Whether it is multiplied by the length of the step.
    per_length: bool,
}

impl Method {
    /// What is added to the state from `side` at a fraction of the step.
    #[inline(always)]
    fn combination<T: Real>(&self, side: usize, fraction: f64) -> Combination<T> {
        let mut vectors = [(0, T::of(0.0)); MOST_VECTORS];
        let mut take = |weighted: &[(Register, f64)]| {
            for (to, &(register, weight)) in vectors.iter_mut().zip(weighted) {
                *to = (register, T::of(weight));
            }
            weighted.len()
        };
        let (count, per_length) = match &self.scheme {
            Scheme::Tsit5(scheme) => (take(&scheme.interpolant(&self.layout, side, fraction)), true),
            Scheme::Rosenbrock(scheme) => (take(&scheme.interpolant(fraction)), false),
        };
        Combination { vectors, count, per_length }
    }

    /// The state of a lane at a fraction of its last step, after which the sides have been swapped.
    pub(crate) fn within<T: Real>(&self, control: &Control<T>, lane: usize, fraction: T) -> Within<T> {
        let side = 1 - control.side;
        let Combination { vectors, count, per_length } = self.combination(side, fraction.wide());
        let scale = if per_length { control.used.0[lane] } else { T::of(1.0) };
        Within { vectors, count, scale, before: self.layout.state[side] }
    }
}

/// Some states of every lane at a fraction of its last step, after which the sides have been swapped.
pub(crate) struct Sample<'a, T> {
    pub(crate) method: &'a Method,
    pub(crate) registers: &'a [Block<T>],
    pub(crate) control: &'a Control<T>,
    pub(crate) fraction: f64,
    pub(crate) states: &'a [usize],
    /// One block for each of them.
    pub(crate) to: &'a mut [Block<T>],
}

impl<T: Real> Task for Sample<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { method, registers, control, fraction, states, to } = self;
        let side = 1 - control.side;
        let block = |base: Register, state: usize| &registers[usize::from(base) + state].0;
        let Combination { vectors, count, per_length } = method.combination::<T>(side, fraction);
        let vectors = if fraction == 0.0 { &[][..] } else { &vectors[..count] };
        for (to, &state) in to.iter_mut().zip(states) {
            if fraction == 1.0 {
                to.0 = *block(method.layout.state[control.side], state);
                continue;
            }
            let mut sum = [T::of(0.0); LANES];
            for &(vector, weight) in vectors {
                let vector = block(vector, state);
                for l in 0..LANES {
                    sum[l] += weight * vector[l];
                }
            }
            let before = block(method.layout.state[side], state);
            for l in 0..LANES {
                let scale = if per_length { control.used.0[l] } else { T::of(1.0) };
                to.0[l] = before[l] + scale * sum[l];
            }
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
        self.control.choose();
        match &self.method.scheme {
            Scheme::Tsit5(scheme) => scheme.attempt::<T, A>(self),
            Scheme::Rosenbrock(scheme) => scheme.attempt::<T, A>(self),
        }
    }
}
