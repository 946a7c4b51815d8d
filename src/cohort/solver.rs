//! How the equations are integrated.

use super::{Spanned, Ticks};

/// A method of integration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Method {
    /// The explicit Runge-Kutta pair 5(4) of Tsitouras.
    #[default]
    Tsit5,
    /// The Rosenbrock pair 5(4) of Steinebach, Rodas5P, for stiff equations.
    Rosenbrock,
    /// The solution of linear equations in closed form.
    ClosedForm,
}

impl Method {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 3] = [Self::Tsit5, Self::Rosenbrock, Self::ClosedForm];

    /// As it is written in cohort files and manifests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tsit5 => "tsit5",
            Self::Rosenbrock => "rosenbrock",
            Self::ClosedForm => "closed_form",
        }
    }
}

/// Tolerances and limits.
#[derive(Debug, Clone, PartialEq)]
pub struct Solver {
    /// Relative tolerance.
    pub rtol: f64,
    /// Absolute tolerance, in multiples of each state's scale.
    pub atol: f64,
    /// Steps tried per patient and arm before it is given up as `max_steps`.
    pub max_steps: u32,
    /// The largest step, if it is not left to the run.
    pub max_step: Option<Ticks>,
    /// Typical size of a state, over the model file's.
    pub scale: Vec<(Spanned<String>, f64)>,
    /// The method, if it is not left to the run.
    pub method: Option<Spanned<Method>>,
    /// Whether what is divided by 0, and the like, is guarded.
    pub guard_zero: bool,
}

impl Default for Solver {
    /// What holds where a cohort file says nothing.
    fn default() -> Self {
        Self {
            rtol: 1e-6,
            atol: 1e-6,
            max_steps: 100_000,
            max_step: None,
            scale: Vec::new(),
            method: None,
            guard_zero: false,
        }
    }
}
