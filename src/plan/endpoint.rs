//! Endpoints to accumulators: the visit program of a plan.

use crate::cohort::{self, Located, ReadOn, Statistic};
use crate::diagnostic::Problem;
use crate::model::Variable;
use crate::model::comparison::compare;
use crate::model::graph::{Binary, NodeId, Symbol};

use super::program::{UNIT_OF_MODEL, VisitProgram, days};
use super::units::Measured;
use super::{Accumulate, Endpoint, EndpointKind, Finish, PlanError, position_or_push};

impl VisitProgram<'_> {
    /// Adds an endpoint; what is wrong with it goes to `problems`.
    pub(super) fn endpoint(&mut self, endpoint: &cohort::Endpoint) -> Option<Endpoint> {
        let of = self.read(&endpoint.of, endpoint.with_error)?;
        if endpoint.with_error && !self.has_symbol(of, |symbol| matches!(symbol, Symbol::Residual(_))) {
            let names: Vec<&str> = self.model.residuals.iter().map(|r| r.name.as_str()).collect();
            let with = if names.is_empty() { "none".into() } else { names.join(", ") };
            let error = PlanError::NoResidual { of: endpoint.of.value.clone(), with };
            self.problems.push(Problem::at(error, self.cohort.place(&endpoint.of.span)));
            return None;
        }
        self.has_a_curve(endpoint, of, &endpoint.of)?;
        let measured = self.of_endpoint(endpoint, of)?;
        let value = self.finish(endpoint, &measured)?;
        let variable = self.model.variables.iter().find(|v| v.name == endpoint.of.value);
        Some(Endpoint {
            name: endpoint.name.value.clone(),
            meaning: meaning(endpoint, variable),
            unit: self.unit(endpoint, &measured),
            scale: endpoint.scale,
            kind: kind(&endpoint.statistic),
            value,
        })
    }

    fn finish(&mut self, endpoint: &cohort::Endpoint, measured: &Measured) -> Option<Finish> {
        let of = measured.of;
        let window = endpoint.window;
        let on = endpoint.on;
        self.refuse_unseen(endpoint, &[of]);
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
            Statistic::Auc => self.integral(endpoint, of),
            Statistic::TimeBelow(limit) => {
                self.condition(endpoint, Accumulate::Held, Side::Below, measured, limit)?
            }
            Statistic::TimeAbove(limit) => {
                self.condition(endpoint, Accumulate::Held, Side::Above, measured, limit)?
            }
            Statistic::LongestBelow(limit) => {
                self.condition(endpoint, Accumulate::Longest, Side::Below, measured, limit)?
            }
            Statistic::LongestAbove(limit) => {
                self.condition(endpoint, Accumulate::Longest, Side::Above, measured, limit)?
            }
            Statistic::FirstBelow(limit) => {
                self.condition(endpoint, Accumulate::First, Side::Below, measured, limit)?
            }
            Statistic::FirstAbove(limit) => {
                self.condition(endpoint, Accumulate::First, Side::Above, measured, limit)?
            }
        })
    }

    /// The exact area: an extra state whose derivative is the expression, read at both ends.
    fn integral(&mut self, endpoint: &cohort::Endpoint, of: NodeId) -> Finish {
        let [from, to] = endpoint.window;
        let index = self.model.states.len() + position_or_push(&mut self.quadratures, of);
        let area = self.graph.symbol(Symbol::State(index as u32));
        let at = self.value_at(area, to);
        let from = (from > 0).then(|| self.value_at(area, from));
        from.map_or(Finish::Of(at), |from| Finish::Difference { at, from })
    }

    /// Refuses to follow between visits what is known at visits only.
    fn has_a_curve(&mut self, endpoint: &cohort::Endpoint, of: NodeId, text: &Located<String>) -> Option<()> {
        let is_seen =
            |symbol| matches!(symbol, Symbol::Accumulated(_) | Symbol::Course(_) | Symbol::Residual(_));
        if endpoint.on != ReadOn::Continuous || !self.has_symbol(of, is_seen) {
            return Some(());
        }
        let error = PlanError::OnlyAtVisits { of: text.value.clone() };
        self.problems.push(Problem::at(error, self.cohort.place(&text.span)));
        None
    }

    fn condition(
        &mut self,
        endpoint: &cohort::Endpoint,
        kind: Accumulate,
        side: Side,
        measured: &Measured,
        limit: &Located<String>,
    ) -> Option<Finish> {
        let (of, text) = (measured.of, limit);
        let limit = self.limit(&endpoint.of, limit, measured)?;
        self.has_a_curve(endpoint, limit, text)?;
        let holds = match side {
            Side::Below => compare(&mut self.graph, Binary::Less, of, limit),
            Side::Above => compare(&mut self.graph, Binary::Less, limit, of),
        };
        Some(Finish::Of(self.keep(kind, holds, endpoint.window, endpoint.on)))
    }

    fn has_symbol(&self, of: NodeId, is_one: impl Fn(Symbol) -> bool) -> bool {
        let reachable = self.graph.reachable(&[of]).into_iter();
        reachable.filter_map(|id| self.graph.as_symbol(id)).any(is_one)
    }

    fn unit(&self, endpoint: &cohort::Endpoint, measured: &Measured) -> String {
        let time = self.model.metadata.time_unit.as_str();
        let own = || measured.unit.clone().unwrap_or_else(|| UNIT_OF_MODEL.into());
        match endpoint.statistic {
            Statistic::Min | Statistic::Max | Statistic::Value(_) | Statistic::Change(_) => own(),
            Statistic::PercentChange(_) => "%".into(),
            Statistic::Auc if measured.is_area => own(),
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
