//! The visit program in the making: what is read at grid points, what is kept and decided, and the columns
//! that come of it.

use crate::cohort::{self, Cohort, Consequence, Located, ReadOn, Ticks};
use crate::diagnostic::{Place, Problem, Problems};
use crate::model::Model;
use crate::model::expression::{self, Condition, Scope};
use crate::model::graph::{Binary, Course, Graph, NodeId, Symbol};

use super::defined::Defined;
use super::readings::Readings;
use super::scope::{ModelScope, TrialScope};
use super::units::Units;
use super::{Accumulate, Endpoint, EndpointKind, Finish, Protocol};

/// Unit of an expression whose unit neither file says.
pub(super) const UNIT_OF_MODEL: &str = "model unit";

/// What is read at grid points, collected part by part.
pub(super) struct VisitProgram<'a> {
    pub(super) cohort: &'a Cohort,
    pub(super) model: &'a Model,
    /// Those that expressions may use; the draws of events come after them.
    pub(super) covariates: &'a [String],
    pub(super) graph: Graph,
    pub(super) units: Units,
    pub(super) readings: Readings,
    /// Integrands of the areas that are states of the system.
    pub(super) quadratures: Vec<NodeId>,
    /// Times that must be grid points though they may be no visits.
    pub(super) reads: Vec<Ticks>,
    pub(super) defined: Defined,
    pub(super) protocol: Protocol,
    /// Endpoints that the trial adds to those of the cohort file.
    pub(super) columns: Vec<Endpoint>,
    pub(super) problems: Vec<Problem>,
}

impl<'a> VisitProgram<'a> {
    /// Nothing is read yet. The model's parameters are numbers.
    pub(super) fn new(
        cohort: &'a Cohort,
        model: &'a Model,
        covariates: &'a [String],
        problems: Vec<Problem>,
    ) -> Self {
        let mut graph = model.graph.clone();
        Self {
            cohort,
            model,
            covariates,
            units: Units::new(cohort, model, covariates, &mut graph),
            graph,
            readings: Readings::default(),
            quadratures: Vec::new(),
            reads: vec![0, cohort.visits.until],
            defined: Defined::default(),
            protocol: Protocol::default(),
            columns: Vec::new(),
            problems,
        }
    }

    /// Position of an expression among those read at grid points.
    pub(super) fn observe(&mut self, node: NodeId) -> usize {
        self.readings.observe(node)
    }

    /// Position of the day among what is read.
    pub(super) fn observe_day(&mut self) -> usize {
        let day = self.graph.symbol(Symbol::Course(Course::Day));
        self.observe(day)
    }

    /// Position of an accumulator among those kept.
    pub(super) fn keep(&mut self, kind: Accumulate, of: NodeId, window: [Ticks; 2], on: ReadOn) -> usize {
        self.readings.keep(kind, of, window, on, false)
    }

    /// The accumulator of a value at a time, which becomes a grid point.
    pub(super) fn value_at(&mut self, of: NodeId, at: Ticks) -> usize {
        self.reads.push(at);
        self.keep(Accumulate::At, of, [at, at], ReadOn::Visits)
    }

    /// The run from its beginning to its end.
    pub(super) fn whole(&self) -> [Ticks; 2] {
        [0, self.cohort.visits.until]
    }

    /// Reads an expression of the cohort file.
    pub(super) fn read(&mut self, text: &Located<String>, with_error: bool) -> Option<NodeId> {
        self.with_scope(text, with_error, expression::read)
    }

    /// Reads a condition of the cohort file.
    pub(super) fn read_condition(&mut self, text: &Located<String>) -> Option<Condition> {
        self.with_scope(text, false, expression::condition)
    }

    fn with_scope<T>(
        &mut self,
        text: &Located<String>,
        with_error: bool,
        read: impl FnOnce(&str, &Place, &mut Graph, &mut dyn Scope) -> Result<T, Problems>,
    ) -> Option<T> {
        let mut scope = TrialScope {
            cohort: self.cohort,
            model: ModelScope {
                model: self.model,
                covariates: self.covariates,
                units: &self.units,
                with_error,
            },
            defined: &self.defined,
            readings: &mut self.readings,
        };
        let place = self.cohort.place(&text.span);
        match read(&text.value, &place, &mut self.graph, &mut scope) {
            Ok(value) => Some(value),
            Err(Problems(found)) => {
                self.problems.extend(found);
                None
            }
        }
    }

    /// A value while the patient is in the trial, then 0.
    pub(super) fn value_on_study(&mut self, value: NodeId) -> NodeId {
        self.on_study(Binary::Mul, value)
    }

    /// A condition that holds only while the patient is in the trial.
    pub(super) fn condition_on_study(&mut self, condition: NodeId) -> NodeId {
        self.on_study(Binary::And, condition)
    }

    /// Where nobody leaves before the end, everything stays as it is.
    fn on_study(&mut self, join: Binary, node: NodeId) -> NodeId {
        if !self.cohort.events.iter().any(|event| event.then == Consequence::Leave) {
            return node;
        }
        let on_study = self.graph.symbol(Symbol::Course(Course::OnStudy));
        self.graph.binary(join, node, on_study)
    }

    /// Whether a name is a variable, a state or a covariate.
    pub(super) fn is_of_model(&self, name: &str) -> bool {
        self.model.variables.iter().any(|variable| variable.name == name)
            || self.model.states.iter().any(|state| state.name == name)
            || self.covariates.iter().any(|covariate| covariate == name)
    }

    /// Adds an endpoint of the trial's, an accumulator as it is: its position among all endpoints, where
    /// the trial's come behind those of the cohort file. A number is a duration.
    pub(super) fn column(
        &mut self,
        name: String,
        meaning: String,
        kind: EndpointKind,
        accumulator: usize,
    ) -> usize {
        let unit = match kind {
            EndpointKind::Grade | EndpointKind::Response => "1".into(),
            EndpointKind::Number | EndpointKind::FirstTime => self.model.metadata.time_unit.clone(),
        };
        let value = Finish::Of(accumulator);
        self.columns.push(Endpoint { name, meaning, unit, scale: None, value, kind });
        self.cohort.endpoints.len() + self.columns.len() - 1
    }
}

/// Days of a time.
pub(super) fn days(ticks: Ticks) -> f64 {
    f64::from(ticks) / cohort::TICKS_PER_DAY
}
