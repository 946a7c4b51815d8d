//! The model: equations in the nlmixr2 / rxode2 language, checked and turned into one
//! expression graph.

mod ast;
mod categories;
pub(crate) mod comparison;
mod covariance;
pub mod derivative;
mod dimension;
mod doses;
mod equations;
pub mod errors;
pub mod expression;
mod families;
mod file;
mod functions;
pub mod graph;
mod guard;
mod ini;
mod lexer;
mod linear;
mod metadata;
mod names;
mod omega;
mod outline;
mod over_time;
mod parser;
mod residual;
mod resolve;
mod specialise;
pub mod tape;
mod unsupported;
mod variances;
pub(crate) mod words;

pub use dimension::UnitWarning;
use dimension::Warning;
pub use file::{load, parse, parse_given};

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Notice, Place, Source};
use graph::{Graph, NodeId, Symbol};
pub use over_time::OverTime;

/// A checked model: every name resolved, every equation in [`Model::graph`].
#[derive(Debug, Clone)]
pub struct Model {
    /// The file it came from.
    pub source: Arc<Source>,
    /// Name of the model function.
    pub name: String,
    /// What the file says about itself.
    pub metadata: Metadata,
    /// Every expression of the model.
    pub graph: Graph,
    /// Fixed effects, in file order: `Symbol::Parameter(i)`.
    pub parameters: Vec<Parameter>,
    /// Random effects by block, in file order; `Symbol::Effect(i)` counts through the blocks.
    pub omega: Vec<OmegaBlock>,
    /// Names read from the patient: `Symbol::Covariate(i)`, in order of first use.
    pub covariates: Vec<Covariate>,
    /// States in order of their `d/dt` lines: `Symbol::State(i)`.
    pub states: Vec<State>,
    /// Assigned names with their final value, in order of first assignment.
    pub variables: Vec<Variable>,
    /// Residual-error lines.
    pub residuals: Vec<Residual>,
    /// Residual lines whose observations are not simulated.
    pub unsimulated: Vec<Unsimulated>,
    /// What a user should know of it; units that contradict each other among it.
    pub notices: Vec<Notice>,
    /// States, variables and parameters whose units follow from the equations, and these units; of a parameter
    /// that is a logarithm, that of the number.
    pub inferred: Vec<(String, String)>,
}

/// What a model file says about itself, before `ini`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    /// `description`
    pub description: Option<String>,
    /// `reference`
    pub reference: Option<String>,
    /// `units$time`: `day`, `hour` or `minute`; the unit of time in every equation.
    pub time_unit: String,
    /// `units$dosing`: the unit of dose amounts before `f(state)`, as `mg`, `nmol`, `umol`.
    pub dosing_unit: String,
    /// `units$concentration`, if given.
    pub concentration_unit: Option<String>,
    /// Every other assignment, in order, as its R text (literals unquoted).
    pub other: Vec<(String, String)>,
}

impl Metadata {
    /// The unit of doses as it is shown: of prose, the first words.
    pub fn dosing_words(&self) -> String {
        const LONGEST: usize = 30;
        let unit = self.dosing_unit.trim();
        match unit.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{} ...", unit[..end].trim_end()),
            None => unit.into(),
        }
    }
}

/// A fixed effect of the `ini` block.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its value, on the scale of the file (often a logarithm).
    pub value: f64,
    /// Lower bound, minus infinity if none.
    pub lower: f64,
    /// Upper bound, infinity if none.
    pub upper: f64,
    /// Whether it is wrapped in `fix`.
    pub fixed: bool,
    /// Text of `label(...)`.
    pub label: Option<String>,
}

/// Random effects with a joint normal distribution, mean 0.
#[derive(Debug, Clone, PartialEq)]
pub struct OmegaBlock {
    /// Names in order.
    pub names: Vec<String>,
    /// The column of a data set whose values are the occasions for each of which the effects are drawn anew, as `occ` of
    /// `eta ~ 0.1 | occ`; `None` where they belong to the patient.
    pub occasion: Option<String>,
    /// Covariance, lower triangle by rows: `[11, 21, 22, 31, 32, 33, ...]`; positive semidefinite.
    pub covariance: Vec<f64>,
}

/// A name that the model reads from the patient.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Covariate {
    /// Its name.
    pub name: String,
    /// From `covariateData`.
    pub description: Option<String>,
    /// From `covariateData`.
    pub unit: Option<String>,
    /// `reference_category` of `covariateData`.
    pub reference_category: Option<String>,
    /// `notes` of `covariateData`.
    pub notes: Option<String>,
    /// Where it is first used, bytes in the source.
    pub span: Range<usize>,
    /// How the file says that it changes while the patient is followed, if it does.
    pub over_time: Option<OverTime>,
}

/// One state with its equation and its dosing properties.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Its name.
    pub name: String,
    /// Right-hand side of `d/dt(name)`, per model time unit.
    pub derivative: NodeId,
    /// Value at time 0; stage patient at most.
    pub initial: NodeId,
    /// `f(name)`: what a dose amount is multiplied by; 1 if not given; stage patient at most.
    pub bioavailability: NodeId,
    /// `alag(name)`, model time; stage patient at most.
    pub lag: Option<NodeId>,
    /// `rate(name)`: infusion rate, amount per model time; stage patient at most.
    pub rate: Option<NodeId>,
    /// `dur(name)`: infusion duration, model time; stage patient at most.
    pub duration: Option<NodeId>,
    /// Typical size for the absolute tolerance, from `compartmentData`; 1 if not given.
    pub scale: f64,
    /// From `compartmentData`, else what follows from the equations.
    pub unit: Option<String>,
    /// From `compartmentData`.
    pub description: Option<String>,
}

/// An assigned name.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value at the end of the model block.
    pub node: NodeId,
    /// From `outputData`, else what follows from the equations.
    pub unit: Option<String>,
    /// From `outputData`.
    pub description: Option<String>,
}

/// A residual line `name ~ add(a) + prop(b)` or `name ~ pois(rate)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Residual {
    /// The name on the left.
    pub name: String,
    /// The prediction; `None` if the name has no value but what is observed by a distribution.
    pub prediction: Option<NodeId>,
    /// What is observed: uses `Symbol::Residual(i)`, i the index of this line.
    pub observed: NodeId,
}

/// A residual line whose observations are not simulated, as `ll(name) ~ ...`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsimulated {
    /// The name on the left.
    pub name: String,
    /// The name of the distribution.
    pub distribution: String,
}

impl Model {
    /// Number of random effects in all blocks.
    pub fn effects(&self) -> usize {
        self.omega.iter().map(|block| block.names.len()).sum()
    }

    /// Whether a value depends on times or amounts of doses other than through states.
    pub(crate) fn asks_for_doses(&self, node: NodeId) -> bool {
        let needed = self.graph.reachable(&[node]);
        needed.into_iter().any(|id| matches!(self.graph.as_symbol(id), Some(Symbol::Dose(..))))
    }

    /// Takes over what the analysis of units has found.
    fn take_units(&mut self, analysis: dimension::Analysis) {
        for (name, unit) in &analysis.inferred {
            let states = self.states.iter_mut().map(|state| (&state.name, &mut state.unit));
            let variables = self.variables.iter_mut().map(|variable| (&variable.name, &mut variable.unit));
            if let Some((_, slot)) = states.chain(variables).find(|(known, _)| *known == name) {
                *slot = Some(unit.clone());
            }
        }
        let place = |warning: &Warning| Place::new(&self.source, warning.span.clone());
        let notice = |warning: &Warning| {
            let mut notice = Notice::warning(&warning.cause, Some(place(warning)));
            if warning.alike > 0 {
                notice.message += &format!("; {} more lines differ by the same unit", warning.alike);
            }
            notice
        };
        let notices = analysis.warnings.iter().map(notice);
        self.notices.extend(notices.collect::<Vec<_>>());
        self.inferred = analysis.inferred;
    }

    /// Names of the random effects, in `Symbol::Effect` order.
    pub fn effect_names(&self) -> impl Iterator<Item = &str> {
        self.omega.iter().flat_map(|block| block.names.iter().map(String::as_str))
    }
}
