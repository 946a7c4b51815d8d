//! A method of integration, for one system.

use crate::engine::method::{MOST_STAGES, Tableau};

use super::attempt::{Attempt, Layout};
use super::closed_form::ClosedForm;
use super::control::Control;
use super::explicit::Explicit;
use super::program::Block;
use super::real::Real;
use super::rosenbrock::Rosenbrock;
use crate::isa::{Arithmetic, Task};

/// A method for one system.
#[derive(Debug)]
pub(crate) struct Method {
    pub(crate) layout: Layout,
    /// Absolute tolerance for each state, infinite outside the error norm.
    pub(crate) atol: Vec<f64>,
    pub(crate) rtol: f64,
    pub(crate) scheme: Scheme,
}

/// What is particular to a family of methods.
#[derive(Debug)]
pub(crate) enum Scheme {
    Explicit(Explicit),
    Rosenbrock(Box<Rosenbrock>),
    ClosedForm(ClosedForm),
}

impl Method {
    /// The weights of the interpolant's vectors at fractions of a step.
    #[inline(always)]
    pub(crate) fn weights<const N: usize>(&self, fractions: [f64; N]) -> [[f64; N]; MOST_STAGES] {
        let tableau = match &self.scheme {
            Scheme::Explicit(scheme) => Tableau::Explicit(scheme.tableau),
            Scheme::Rosenbrock(scheme) => Tableau::Rosenbrock(scheme.tableau),
            Scheme::ClosedForm(_) => Tableau::ClosedForm,
        };
        tableau.interpolant(fractions)
    }
}

/// One attempted step in every lane, from `control.side` to the other.
pub(crate) struct Step<'a, T> {
    pub(crate) method: &'a Method,
    pub(crate) registers: &'a mut [Block<T>],
    pub(crate) control: &'a mut Control<T>,
}

impl<T: Real> Task for Step<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { method, registers, control } = self;
        control.choose();
        let attempt =
            Attempt { layout: &method.layout, atol: &method.atol, rtol: method.rtol, registers, control };
        match &method.scheme {
            Scheme::Explicit(scheme) => scheme.attempt::<T, A>(attempt),
            Scheme::Rosenbrock(scheme) => scheme.attempt::<T, A>(attempt),
            Scheme::ClosedForm(scheme) => scheme.attempt::<T, A>(attempt),
        }
    }
}
