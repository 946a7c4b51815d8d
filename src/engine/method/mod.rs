//! The methods of integration, as data that every engine reads.
//!
//! A method is a file with its coefficients, its interpolant and the exponents of its step-size controller, and a line
//! in [`Tableau::of`]. Each engine knows the two families, explicit pairs and Rosenbrock pairs, and takes whatever
//! number of stages a tableau has.

pub(crate) mod closed_form;
pub(crate) mod control;
mod explicit;
mod rodas5p;
mod rosenbrock;
pub(crate) mod settling;
mod tsit5;

use crate::plan::Method;

#[cfg(feature = "gpu")]
use control::Exponents;
pub(crate) use explicit::Explicit;
pub(crate) use rosenbrock::Rosenbrock;

/// The most stages of a method.
pub(crate) const MOST_STAGES: usize = 8;

/// The method for equations that are not stiff.
pub(crate) const NON_STIFF: Method = Method::Tsit5;
/// The method for those that are.
pub(crate) const STIFF: Method = Method::Rosenbrock;

/// The coefficients of a method.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tableau {
    Explicit(&'static Explicit),
    Rosenbrock(&'static Rosenbrock),
    /// The solution itself, which has none.
    ClosedForm,
}

impl Tableau {
    /// That of a method.
    pub(crate) fn of(method: Method) -> Self {
        match method {
            Method::Tsit5 => Self::Explicit(&tsit5::TSIT5),
            Method::Rosenbrock => Self::Rosenbrock(&rodas5p::RODAS5P),
            Method::ClosedForm => Self::ClosedForm,
        }
    }

    /// Whether every step solves linear systems.
    pub(crate) fn is_implicit(self) -> bool {
        matches!(self, Self::Rosenbrock(_))
    }

    /// The exponents of its controller.
    #[cfg(feature = "gpu")]
    pub(crate) fn exponents(self) -> Exponents {
        match self {
            Self::Explicit(tableau) => tableau.exponents,
            Self::Rosenbrock(tableau) => tableau.exponents,
            Self::ClosedForm => Exponents { proportional: 0.0, integral: 0.0 },
        }
    }

    /// Weights of its vectors, derivatives or `U`, in the states at fractions `x` of the step, 0 to 1; 0 where it has no
    /// more stages. Of a solution in closed form, the first is the fraction itself.
    #[inline(always)]
    pub(crate) fn interpolant<const N: usize>(self, x: [f64; N]) -> [[f64; N]; MOST_STAGES] {
        match self {
            Self::Explicit(tableau) => tableau.interpolant(x),
            Self::Rosenbrock(tableau) => tableau.interpolant(x),
            Self::ClosedForm => std::array::from_fn(|i| if i == 0 { x } else { [0.0; N] }),
        }
    }
}
