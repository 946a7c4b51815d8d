//! A method of integration, for a block of lanes, each with its own step size.
//!
//! Old and new states swap places after every attempt, so that nothing is copied when it is accepted.

use crate::engine::method::rodas5p;
use crate::engine::method::tsit5;

use super::control::Control;
use super::dispatch::{Arithmetic, Task};
use super::explicit::Tsit5;
use super::program::{Block, Register};
use super::real::Real;
use super::rosenbrock::Rosenbrock;
use super::within::MOST_VECTORS;

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

impl Method {
    /// The weights of the interpolant's vectors at a fraction of a step.
    pub(crate) fn weights(&self, fraction: f64) -> [f64; MOST_VECTORS] {
        match &self.scheme {
            Scheme::Tsit5(_) => {
                let [a, b, c, d, e, f, g] = tsit5::interpolant(fraction);
                [a, b, c, d, e, f, g, 0.0]
            }
            Scheme::Rosenbrock(_) => rodas5p::interpolant(fraction),
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
