//! Endpoints to accumulators: the visit program of a plan.

use crate::accumulator::OnCurve;
use crate::cohort::{
    self, AtTime, END_OF_RECORDS, ReadOn, Side, Spanned, Statistic, StatisticUnit, Taken, Ticks,
};
use crate::diagnostic::Problem;
use crate::model::Variable;
use crate::model::comparison::compare;
use crate::model::graph::{Binary, NodeId, Symbol};

use super::build::time_per_tick;
use super::program::{Meaning, UNIT_OF_MODEL, VisitProgram};
use super::readings::When;
use super::units::Measured;
use super::{
    AccumulatorId, AccumulatorKind, Endpoint, EndpointFormula, EndpointKind, PlanError, position_or_push,
};

impl VisitProgram<'_> {
    /// Adds an endpoint; what is wrong with it goes to `problems`.
    pub(super) fn endpoint(&mut self, endpoint: &cohort::Endpoint) -> Option<Endpoint> {
        self.readings.subject = format!("endpoints.{}", endpoint.name.value);
        let on_study = self.ends_at_leaving(endpoint);
        let of = self.read_with(&endpoint.of, Meaning { with_error: endpoint.with_error, on_study })?;
        if endpoint.with_error && !self.has_symbol(of, |symbol| matches!(symbol, Symbol::Residual(_))) {
            let names: Vec<&str> = self.model.residuals.iter().map(|r| r.name.as_str()).collect();
            let with = if names.is_empty() { "none".into() } else { names.join(", ") };
            let of = endpoint.of.value.clone();
            let line = self.model.unsimulated.iter().find(|line| line.name == of);
            let error = match line {
                Some(line) => PlanError::NotSimulated { of, distribution: line.distribution.clone() },
                None => PlanError::NoResidual { of, with },
            };
            self.problems.push(Problem::at(error, self.cohort.place(&endpoint.of.span)));
            return None;
        }
        self.has_a_curve(endpoint, of, &endpoint.of)?;
        let measured = self.of_endpoint(endpoint, of)?;
        let value = self.formula(endpoint, &measured)?;
        let variable = self.model.variables.iter().find(|v| v.name == endpoint.of.value);
        Some(Endpoint {
            name: endpoint.name.value.clone(),
            meaning: format!("{}{}", meaning(endpoint, variable), self.until_when(endpoint)),
            unit: self.unit(endpoint, &measured),
            scale: endpoint.scale,
            kind: kind(&endpoint.statistic),
            value,
        })
    }

    fn formula(&mut self, endpoint: &cohort::Endpoint, measured: &Measured) -> Option<EndpointFormula> {
        let of = measured.of;
        let on_study = self.ends_at_leaving(endpoint);
        self.refuse_unseen(endpoint, &[of]);
        Some(match &endpoint.statistic.of {
            Taken::Values(kind) => self.of_values(endpoint, *kind, of),
            Taken::At(what, at) => self.at_time(*what, *at, of, on_study),
            Taken::Threshold(kind, side, limit) => self.condition(endpoint, *kind, *side, measured, limit)?,
        })
    }

    /// The value at a time, by itself or beside that before the first dose.
    fn at_time(&mut self, what: AtTime, time: Ticks, of: NodeId, on_study: bool) -> EndpointFormula {
        let at = self.value_at(of, time, on_study);
        if what == AtTime::Value {
            return EndpointFormula::Of(at);
        }
        let from = self.value_at(of, 0, on_study);
        if what == AtTime::Change {
            EndpointFormula::Difference { at, from }
        } else {
            EndpointFormula::Percent { at, from }
        }
    }

    /// What an accumulator keeps of the values in the endpoint's window.
    fn of_values(
        &mut self,
        endpoint: &cohort::Endpoint,
        kind: AccumulatorKind,
        of: NodeId,
    ) -> EndpointFormula {
        match kind.description().on_curve {
            OnCurve::Integral { per_time } if endpoint.on == ReadOn::Continuous => {
                self.integral(endpoint.window, of, per_time)
            }
            _ => EndpointFormula::Of(self.keep_for(endpoint, kind, of)),
        }
    }

    /// The exact area, or that over the length of the window: an extra state whose derivative is the expression, read at
    /// both ends.
    fn integral(&mut self, [from, to]: [Ticks; 2], of: NodeId, per_time: bool) -> EndpointFormula {
        let mut area = self.area_of(of);
        let is_whole = to == END_OF_RECORDS;
        if per_time {
            let length = if is_whole {
                let one = self.graph.constant(1.0);
                self.area_of(one)
            } else {
                let length = f64::from(to - from) * time_per_tick(&self.model.metadata.time_unit);
                self.graph.constant(length)
            };
            area = self.graph.binary(Binary::Div, area, length);
        }
        let at = self.value_at(area, to, false);
        // The clock of a data set need not begin at 0.
        let begins_later = from > 0 || self.cohort.data.is_some() && !is_whole;
        let from = begins_later.then(|| self.value_at(area, from, false));
        from.map_or(EndpointFormula::Of(at), |from| EndpointFormula::Difference { at, from })
    }

    /// The area under an expression since the beginning: a state of its own.
    fn area_of(&mut self, of: NodeId) -> NodeId {
        let index = self.model.states.len() + position_or_push(&mut self.quadratures, of);
        self.graph.symbol(Symbol::State(index as u32))
    }

    /// Refuses to follow between visits what is known at visits only.
    fn has_a_curve(&mut self, endpoint: &cohort::Endpoint, of: NodeId, text: &Spanned<String>) -> Option<()> {
        let is_seen =
            |symbol| matches!(symbol, Symbol::Accumulated(_) | Symbol::Treatment(..) | Symbol::Residual(_));
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
        kind: AccumulatorKind,
        side: Side,
        measured: &Measured,
        limit: &Spanned<String>,
    ) -> Option<EndpointFormula> {
        let (of, text) = (measured.of, limit);
        let on_study = self.ends_at_leaving(endpoint);
        let limit = self.limit(&endpoint.of, limit, measured, Meaning { with_error: false, on_study })?;
        self.has_a_curve(endpoint, limit, text)?;
        let holds = match side {
            Side::Below => compare(&mut self.graph, Binary::Less, of, limit),
            Side::Above => compare(&mut self.graph, Binary::Less, limit, of),
        };
        Some(EndpointFormula::Of(self.keep_for(endpoint, kind, holds)))
    }

    /// Keeps an expression for an endpoint. What is read at visits is read at both ends of the window too,
    /// unless it looks back over visits itself.
    fn keep_for(&mut self, endpoint: &cohort::Endpoint, kind: AccumulatorKind, of: NodeId) -> AccumulatorId {
        let looks_back = self.has_symbol(of, |symbol| matches!(symbol, Symbol::Accumulated(_)));
        let ends = endpoint.on == ReadOn::Visits && !looks_back;
        if ends {
            self.reads.extend(endpoint.window);
        }
        let &cohort::Endpoint { window, on, .. } = endpoint;
        let when = When { window, on, since_dose: None, ends, on_study: self.ends_at_leaving(endpoint) };
        self.readings.keep(kind, of, when)
    }

    /// Whether an endpoint ends when the patient leaves.
    fn ends_at_leaving(&self, endpoint: &cohort::Endpoint) -> bool {
        self.someone_may_leave() && !endpoint.follows
    }

    /// How far an endpoint goes where patients may leave.
    fn until_when(&self, endpoint: &cohort::Endpoint) -> &'static str {
        match (self.someone_may_leave(), endpoint.follows) {
            (false, _) => "",
            (true, true) => "; over the whole simulated course, after leaving the trial too",
            (true, false) => "; until the patient leaves the trial",
        }
    }

    pub(super) fn has_symbol(&self, of: NodeId, is_one: impl Fn(Symbol) -> bool) -> bool {
        let reachable = self.graph.reachable(&[of]).into_iter();
        reachable.filter_map(|id| self.graph.as_symbol(id)).any(is_one)
    }

    fn unit(&self, endpoint: &cohort::Endpoint, measured: &Measured) -> String {
        let time = self.model.metadata.time_unit.as_str();
        let own = || measured.unit.clone().unwrap_or_else(|| UNIT_OF_MODEL.into());
        match endpoint.statistic.kind.unit {
            StatisticUnit::OfExpression => own(),
            StatisticUnit::Fixed(unit) => unit.into(),
            StatisticUnit::Area if measured.is_area => own(),
            StatisticUnit::Area => format!("{} * {time}", own()),
            StatisticUnit::Time => time.into(),
        }
    }
}

fn meaning(endpoint: &cohort::Endpoint, variable: Option<&Variable>) -> String {
    if let Some(description) = &endpoint.description {
        return description.clone();
    }
    let of = variable.and_then(|v| v.description.clone()).unwrap_or_else(|| endpoint.of.value.clone());
    format!("{} {of}", endpoint.statistic.meaning())
}

fn kind(statistic: &Statistic) -> EndpointKind {
    match statistic.of {
        Taken::Threshold(AccumulatorKind::FirstTrue, ..) => EndpointKind::FirstTime,
        _ => EndpointKind::Number,
    }
}
