//! The visit program in the making: what is read at observation times, what is kept and decided, and the columns
//! that come of it.

use crate::cohort::{self, Cohort, Consequence, ReadOn, Spanned, Ticks};
use crate::diagnostic::{Place, Problem, Problems};
use crate::model::Model;
use crate::model::expression::{self, Condition, Scope};
use crate::model::graph::{Graph, NodeId, OfDrugs, Symbol, TreatmentVariable};

use super::defined::Defined;
use super::known_units::Units;
use super::readings::{Readings, When};
use super::scope::{CohortScope, ModelScope};
use super::{
    AccumulatorId, AccumulatorKind, Endpoint, EndpointFormula, EndpointKind, ObservedId, PlanError, Protocol,
};

/// Unit of an expression whose unit neither file says.
pub(super) const UNIT_OF_MODEL: &str = "model unit";

/// What is meant by the names of an expression.
#[derive(Clone, Copy)]
pub(super) struct Meaning {
    /// Whether names with a residual line mean the observation instead of the prediction.
    pub(super) with_error: bool,
    /// Whether what it keeps over visits ends when the patient leaves.
    pub(super) on_study: bool,
}

/// What is read at observation times, collected part by part.
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
    /// Times that must be observation times though they may be no visits.
    pub(super) reads: Vec<Ticks>,
    pub(super) defined: Defined,
    pub(super) protocol: Protocol,
    /// Endpoints that the trial adds to those of the cohort file.
    pub(super) columns: Vec<Endpoint>,
    pub(super) problems: Vec<Problem>,
    /// The drug that words of dosing are about.
    pub(super) of: OfDrugs,
    /// The names of all drugs.
    pub(super) drugs: Vec<String>,
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
            of: OfDrugs::All,
            drugs: drug_names(cohort),
        }
    }

    /// Has an expression read at observation times.
    pub(super) fn observe(&mut self, node: NodeId) -> ObservedId {
        self.readings.observe(node)
    }

    /// Has the day read.
    pub(super) fn observe_day(&mut self) -> ObservedId {
        let day = self.graph.symbol(Symbol::Treatment(TreatmentVariable::Day, OfDrugs::All));
        self.observe(day)
    }

    /// Has something kept of an expression while the patient is in the trial.
    pub(super) fn keep(
        &mut self,
        kind: AccumulatorKind,
        of: NodeId,
        window: [Ticks; 2],
        on: ReadOn,
    ) -> AccumulatorId {
        let when = When { window, on, since_dose: None, ends: false, on_study: self.someone_may_leave() };
        self.readings.keep(kind, of, when)
    }

    /// The accumulator of a value at a time, which becomes an observation time; with `on_study` none of a patient who
    /// has left before.
    pub(super) fn value_at(&mut self, of: NodeId, at: Ticks, on_study: bool) -> AccumulatorId {
        self.reads.push(at);
        let when = When { window: [at, at], on: ReadOn::Visits, since_dose: None, ends: false, on_study };
        self.readings.keep(AccumulatorKind::At, of, when)
    }

    /// Whether something may make a patient leave the trial before its end.
    pub(super) fn someone_may_leave(&self) -> bool {
        self.cohort.events.iter().any(|event| event.then == Consequence::Leave)
    }

    /// The run from its beginning to its end.
    pub(super) fn whole(&self) -> [Ticks; 2] {
        [0, self.cohort.visits.until]
    }

    /// Reads an expression of the cohort file; what it keeps over visits ends when the patient leaves.
    pub(super) fn read(&mut self, text: &Spanned<String>) -> Option<NodeId> {
        let on_study = self.someone_may_leave();
        self.read_with(text, Meaning { with_error: false, on_study })
    }

    /// Reads an expression of the cohort file in a meaning of its own.
    pub(super) fn read_with(&mut self, text: &Spanned<String>, meaning: Meaning) -> Option<NodeId> {
        let read = self.with_scope(text, meaning, expression::read)?;
        self.without_doses(text, read).then_some(read)
    }

    /// Whether an expression does without what only equations know: the doses that have begun. Reported if not.
    fn without_doses(&mut self, text: &Spanned<String>, node: NodeId) -> bool {
        let asks = self.has_symbol(node, |symbol| matches!(symbol, Symbol::Dose(..)));
        if asks {
            let error = PlanError::OfDoses { of: text.value.clone() };
            self.problems.push(Problem::at(error, self.cohort.place(&text.span)));
        }
        !asks
    }

    /// Reads a condition of the cohort file.
    pub(super) fn read_condition(&mut self, text: &Spanned<String>) -> Option<Condition> {
        let on_study = self.someone_may_leave();
        let read = self.with_scope(text, Meaning { with_error: false, on_study }, expression::condition)?;
        self.without_doses(text, read.holds).then_some(read)
    }

    fn with_scope<T>(
        &mut self,
        text: &Spanned<String>,
        Meaning { with_error, on_study }: Meaning,
        read: impl FnOnce(&str, &Place, &mut Graph, &mut dyn Scope) -> Result<T, Problems>,
    ) -> Option<T> {
        let mut scope = CohortScope {
            cohort: self.cohort,
            model: ModelScope {
                model: self.model,
                covariates: self.covariates,
                units: &self.units,
                with_error,
            },
            defined: &self.defined,
            readings: &mut self.readings,
            on_study,
            of: self.of,
            drugs: &self.drugs,
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
        accumulator: AccumulatorId,
    ) -> usize {
        let unit = match kind {
            EndpointKind::Grade | EndpointKind::Response => "1".into(),
            EndpointKind::Number | EndpointKind::FirstTime => self.model.metadata.time_unit.clone(),
        };
        let value = EndpointFormula::Of(accumulator);
        self.columns.push(Endpoint { name, meaning, unit, scale: None, value, kind });
        self.cohort.endpoints.len() + self.columns.len() - 1
    }
}

/// The names of a cohort's drugs: none of one that is not named.
fn drug_names(cohort: &Cohort) -> Vec<String> {
    let name = |drug: &cohort::Drug| drug.name.as_ref().map_or_else(String::new, |name| name.value.clone());
    cohort.regimen.drugs.iter().map(name).collect()
}

/// Days of a time.
pub(super) fn days(ticks: Ticks) -> f64 {
    f64::from(ticks) / cohort::TICKS_PER_DAY
}
