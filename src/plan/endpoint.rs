//! Endpoints to accumulators: the visit program of a plan.

use crate::cohort::{self, Cohort, Located, ReadOn, Statistic, Ticks};
use crate::diagnostic::{Problem, Problems};
use crate::model::expression;
use crate::model::graph::{Binary, Graph, Node, NodeId, Symbol};
use crate::model::{Model, Variable};

use super::scope::ModelScope;
use super::{Accumulate, Accumulator, Endpoint, EndpointKind, Finish, PlanError, position_or_push};

/// Unit of an expression whose unit neither file says.
pub(super) const UNIT_OF_MODEL: &str = "model unit";
/// An endpoint is compared between engines by its size, but never closer than by this.
const DEFAULT_SCALE: f64 = 1.0;

/// What is read at grid points, collected endpoint by endpoint.
pub(super) struct VisitProgram<'a> {
    pub(super) cohort: &'a Cohort,
    pub(super) model: &'a Model,
    pub(super) covariates: &'a [String],
    pub(super) graph: Graph,
    pub(super) observed: Vec<NodeId>,
    pub(super) accumulators: Vec<Accumulator>,
    /// Integrands of the areas that are states of the system.
    pub(super) quadratures: Vec<NodeId>,
    /// Times that must be grid points though they may be no visits.
    pub(super) reads: Vec<Ticks>,
    pub(super) problems: Vec<Problem>,
}

impl VisitProgram<'_> {
    /// Adds an endpoint; what is wrong with it goes to `problems`.
    pub(super) fn endpoint(&mut self, endpoint: &cohort::Endpoint) -> Option<Endpoint> {
        let of = self.read(&endpoint.of, endpoint.with_error)?;
        if endpoint.with_error && !self.has_residual(of) {
            let names: Vec<&str> = self.model.residuals.iter().map(|r| r.name.as_str()).collect();
            let with = if names.is_empty() { "none".into() } else { names.join(", ") };
            let error = PlanError::NoResidual { of: endpoint.of.value.clone(), with };
            self.problems.push(Problem::at(error, self.cohort.place(&endpoint.of.span)));
            return None;
        }
        let value = self.finish(endpoint, of)?;
        let variable = self.model.variables.iter().find(|v| v.name == endpoint.of.value);
        Some(Endpoint {
            name: endpoint.name.value.clone(),
            meaning: meaning(endpoint, variable),
            unit: self.unit(endpoint, variable),
            scale: endpoint.scale.unwrap_or(DEFAULT_SCALE),
            kind: kind(&endpoint.statistic),
            value,
        })
    }

    /// Position of an expression among those read at grid points.
    pub(super) fn observe(&mut self, node: NodeId) -> usize {
        position_or_push(&mut self.observed, node)
    }

    /// Reads an expression of the cohort file.
    fn read(&mut self, text: &Located<String>, with_error: bool) -> Option<NodeId> {
        let mut scope = ModelScope { model: self.model, covariates: self.covariates, with_error };
        let place = self.cohort.place(&text.span);
        match expression::read(&text.value, &place, &mut self.graph, &mut scope) {
            Ok(node) => Some(node),
            Err(Problems(found)) => {
                self.problems.extend(found);
                None
            }
        }
    }

    fn finish(&mut self, endpoint: &cohort::Endpoint, of: NodeId) -> Option<Finish> {
        let window = endpoint.window;
        let on = endpoint.on;
        let kept = |program: &mut Self, kind| Finish::Of(program.keep(kind, of, window, on));
        Some(match &endpoint.statistic {
            Statistic::Min => kept(self, Accumulate::Min),
            Statistic::Max => kept(self, Accumulate::Max),
            Statistic::TimeOfMin => kept(self, Accumulate::TimeOfMin),
            Statistic::TimeOfMax => kept(self, Accumulate::TimeOfMax),
            Statistic::Value(at) => Finish::Of(self.value_at(of, *at)),
            Statistic::Change(at) => {
                Finish::Difference { at: self.value_at(of, *at), from: self.value_at(of, 0) }
            }
            Statistic::PercentChange(at) => {
                Finish::Percent { at: self.value_at(of, *at), from: self.value_at(of, 0) }
            }
            Statistic::Auc if on == ReadOn::Visits => kept(self, Accumulate::Area),
            Statistic::Auc => self.integral(of, window),
            Statistic::TimeBelow(limit) => {
                self.condition(endpoint, Accumulate::Held, Side::Below, of, limit)?
            }
            Statistic::TimeAbove(limit) => {
                self.condition(endpoint, Accumulate::Held, Side::Above, of, limit)?
            }
            Statistic::LongestBelow(limit) => {
                self.condition(endpoint, Accumulate::Longest, Side::Below, of, limit)?
            }
            Statistic::LongestAbove(limit) => {
                self.condition(endpoint, Accumulate::Longest, Side::Above, of, limit)?
            }
            Statistic::FirstBelow(limit) => {
                self.condition(endpoint, Accumulate::First, Side::Below, of, limit)?
            }
            Statistic::FirstAbove(limit) => {
                self.condition(endpoint, Accumulate::First, Side::Above, of, limit)?
            }
        })
    }

    fn keep(&mut self, kind: Accumulate, of: NodeId, window: [Ticks; 2], on: ReadOn) -> usize {
        let of = self.observe(of);
        position_or_push(&mut self.accumulators, Accumulator { kind, of, window, on, since_dose: false })
    }

    fn value_at(&mut self, of: NodeId, at: Ticks) -> usize {
        self.reads.push(at);
        self.keep(Accumulate::At, of, [at, at], ReadOn::Visits)
    }

    /// The exact area: an extra state whose derivative is the expression, read at both ends.
    fn integral(&mut self, of: NodeId, [from, to]: [Ticks; 2]) -> Finish {
        let index = self.model.states.len() + position_or_push(&mut self.quadratures, of);
        let area = self.graph.symbol(Symbol::State(index as u32));
        let at = self.value_at(area, to);
        if from == 0 { Finish::Of(at) } else { Finish::Difference { at, from: self.value_at(area, from) } }
    }

    fn condition(
        &mut self,
        endpoint: &cohort::Endpoint,
        kind: Accumulate,
        side: Side,
        of: NodeId,
        limit: &Located<String>,
    ) -> Option<Finish> {
        let limit = self.read(limit, false)?;
        let holds = match side {
            Side::Below => self.graph.binary(Binary::Less, of, limit),
            Side::Above => self.graph.binary(Binary::Less, limit, of),
        };
        Some(Finish::Of(self.keep(kind, holds, endpoint.window, endpoint.on)))
    }

    fn has_residual(&self, of: NodeId) -> bool {
        let is_score = |id: NodeId| matches!(self.graph.node(id), Node::Symbol(Symbol::Residual(_)));
        self.graph.reachable(&[of]).into_iter().any(is_score)
    }

    fn unit(&self, endpoint: &cohort::Endpoint, variable: Option<&Variable>) -> String {
        let time = self.model.metadata.time_unit.as_str();
        let own = || {
            let of_model = variable.and_then(|v| v.unit.clone());
            endpoint.unit.clone().or(of_model).unwrap_or_else(|| UNIT_OF_MODEL.into())
        };
        match endpoint.statistic {
            Statistic::Min | Statistic::Max | Statistic::Value(_) | Statistic::Change(_) => own(),
            Statistic::PercentChange(_) => "%".into(),
            Statistic::Auc => format!("{} * {time}", own()),
            _ => time.into(),
        }
    }
}

/// On which side of its threshold an expression is looked for.
#[derive(Clone, Copy)]
enum Side {
    Below,
    Above,
}

fn meaning(endpoint: &cohort::Endpoint, variable: Option<&Variable>) -> String {
    if let Some(description) = &endpoint.description {
        return description.clone();
    }
    let of = variable.and_then(|v| v.description.clone()).unwrap_or_else(|| endpoint.of.value.clone());
    let what = match &endpoint.statistic {
        Statistic::Min => "smallest".into(),
        Statistic::Max => "largest".into(),
        Statistic::TimeOfMin => "time of the smallest".into(),
        Statistic::TimeOfMax => "time of the largest".into(),
        Statistic::Value(at) => format!("at {} day:", days(*at)),
        Statistic::Change(at) => format!("change from baseline to {} day:", days(*at)),
        Statistic::PercentChange(at) => format!("percent change from baseline to {} day:", days(*at)),
        Statistic::Auc => "area under".into(),
        Statistic::TimeBelow(limit) => format!("total time below {}:", limit.value),
        Statistic::TimeAbove(limit) => format!("total time above {}:", limit.value),
        Statistic::LongestBelow(limit) => format!("longest time below {}:", limit.value),
        Statistic::LongestAbove(limit) => format!("longest time above {}:", limit.value),
        Statistic::FirstBelow(limit) => format!("first time below {}:", limit.value),
        Statistic::FirstAbove(limit) => format!("first time above {}:", limit.value),
    };
    format!("{what} {of}")
}

fn kind(statistic: &Statistic) -> EndpointKind {
    match statistic {
        Statistic::FirstBelow(_) | Statistic::FirstAbove(_) => EndpointKind::FirstTime,
        _ => EndpointKind::Number,
    }
}

fn days(ticks: Ticks) -> f64 {
    f64::from(ticks) / cohort::TICKS_PER_DAY
}
