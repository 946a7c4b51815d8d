//! Solved patients in their arms, and columns of the outcomes made of them.

use std::ops::Range;
use std::sync::Arc;

use super::distribution::{Endpoint, EndpointKind};
use crate::cohort::Ticks;
use crate::engine::{DoseRecord, Endings, NotFinite, Solution, Status, Valued};
use crate::plan::{
    AccumulatorId, Arm, EndpointFormula, EventEndpoint, Plan, difference, percent, position_or_push,
};
use crate::table::{ColumnMeta, LazyColumn, Values};

/// A column of the outcomes, and how it is summarised.
pub(super) struct Outcome<'a> {
    /// The column.
    pub(super) column: LazyColumn<'a>,
    /// How its values are summarised.
    pub(super) kind: EndpointKind,
}

impl Outcome<'_> {
    /// The column without its values.
    pub(super) fn endpoint(self) -> Endpoint {
        Endpoint { meta: self.column.meta, kind: self.kind }
    }
}

/// What came out of a plan: an item is one patient in one arm.
#[derive(Clone, Copy)]
pub(crate) struct Items<'a> {
    pub(super) plan: &'a Plan,
    pub(super) solution: &'a Solution,
    /// How each ended: see [`statuses`].
    pub(super) status: &'a [Status],
}

/// How each item ended. What an event without a chance does to a patient is not known.
pub(crate) fn statuses(plan: &Plan, solution: &Solution) -> Vec<Status> {
    let mut statuses = solution.status.clone();
    for chance in plan.treatment.events.iter().filter_map(|event| event.chance) {
        for (status, least) in statuses.iter_mut().zip(&solution.accumulators[chance.index()]) {
            if *status == Status::Ok && *least < 0.0 {
                *status = Status::NonFinite;
            }
        }
    }
    statuses
}

impl<'a> Items<'a> {
    /// Those of a solution; `status` is of [`statuses`].
    pub(crate) fn new(plan: &'a Plan, solution: &'a Solution, status: &'a [Status]) -> Self {
        Self { plan, solution, status }
    }

    pub(super) fn count(self) -> usize {
        self.solution.status.len()
    }

    pub(super) fn arm(self, item: usize) -> &'a Arm {
        &self.plan.arms[item % self.plan.arms.len()]
    }

    pub(super) fn patient(self, item: usize) -> usize {
        item / self.plan.arms.len()
    }

    /// Whether it reached the end: else nothing is known of it.
    pub(super) fn is_known(self, item: usize) -> bool {
        self.status[item] == Status::Ok
    }

    /// What was not finite first, of one that ended for that, and when; NaN if that is not known.
    pub(super) fn not_finite(self, item: usize) -> Option<(String, f64)> {
        let Self { plan, solution, .. } = self;
        if let Some(NotFinite { what, tick, .. }) = solution.not_finite[item] {
            let label = match what {
                Valued::State(i) => plan.states.get(i).map(|state| state.name.clone()),
                Valued::Observed(i) => plan.labels.get(i.index()).cloned(),
            };
            return label.map(|label| (label, self.time(tick)));
        }
        let has_none = |event: &&EventEndpoint| {
            event.chance.is_some_and(|chance| solution.accumulators[chance.index()][item] < 0.0)
        };
        let mut events = plan.treatment.events.iter();
        let event = events.find(has_none).filter(|_| solution.status[item] == Status::Ok)?;
        Some((event_label(event), f64::NAN))
    }

    /// Everything that [`Items::not_finite`] may name.
    pub(super) fn not_finite_labels(self) -> Vec<String> {
        let mut labels = Vec::new();
        let states = self.plan.states.iter().map(|state| state.name.clone());
        for label in states.chain(self.plan.labels.iter().cloned()) {
            position_or_push(&mut labels, label);
        }
        for event in &self.plan.treatment.events {
            position_or_push(&mut labels, event_label(event));
        }
        labels
    }

    /// An endpoint by its position; NaN if it is missing.
    pub(super) fn endpoint(self, endpoint: usize, item: usize) -> f64 {
        self.solution.endpoint(self.plan.endpoints[endpoint].value, item)
    }

    pub(super) fn endings(self, item: usize) -> Endings {
        self.solution.endings[item]
    }

    /// What became of its planned doses.
    pub(super) fn doses(self, item: usize) -> &'a [DoseRecord] {
        let most = self.plan.most_doses();
        &self.solution.doses[item * most..item * most + self.arm(item).doses.len()]
    }

    /// A time in the model's unit.
    pub(super) fn time(self, tick: Ticks) -> f64 {
        f64::from(tick) * self.plan.time_per_tick
    }

    /// The observation time nearest to a time: a visit, if the time is one's, whatever the engine's rounding.
    pub(super) fn tick(self, time: f64) -> Ticks {
        let times = &self.plan.observation_times;
        let after = times.partition_point(|point| self.time(point.tick) < time);
        let near = [after.saturating_sub(1), after].into_iter().filter_map(|i| times.get(i));
        let distance = |tick: Ticks| (self.time(tick) - time).abs();
        let nearest = near.map(|point| point.tick).min_by(|&a, &b| distance(a).total_cmp(&distance(b)));
        nearest.unwrap_or(0)
    }

    /// A time of the model's unit and some meaning.
    pub(super) fn time_meta(self, name: impl Into<String>, meaning: impl Into<String>) -> ColumnMeta {
        ColumnMeta::new(name, meaning, &self.plan.time_unit)
    }

    /// Numbers; NaN is missing.
    pub(super) fn numbers(
        self,
        meta: ColumnMeta,
        kind: EndpointKind,
        of: impl Fn(usize) -> f64 + Send + Sync + 'a,
    ) -> Outcome<'a> {
        let value = move |item| if self.is_known(item) { of(item) } else { f64::NAN };
        Outcome { column: LazyColumn::numbers(meta, value), kind }
    }

    /// The same of an endpoint.
    pub(super) fn endpoints(
        self,
        meta: ColumnMeta,
        kind: EndpointKind,
        formula: EndpointFormula,
    ) -> Outcome<'a> {
        let column = LazyColumn::new(meta, move |items| Values::Number(self.values(formula, items)));
        Outcome { column, kind }
    }

    /// The same of a grade.
    pub(super) fn grades(self, meta: ColumnMeta, formula: EndpointFormula) -> Outcome<'a> {
        let grade = |grade: f64| if grade.is_nan() { None } else { Some(grade as i64) };
        let grades = move |items| self.values(formula, items).into_iter().map(grade).collect();
        let column = LazyColumn::new(meta, move |items| Values::Integer(grades(items)));
        Outcome { column, kind: EndpointKind::Grade }
    }

    /// The values of an endpoint in some items; NaN is missing.
    fn values(self, formula: EndpointFormula, items: Range<usize>) -> Vec<f64> {
        let of = |accumulator: AccumulatorId| {
            self.solution.accumulators[accumulator.index()][items.clone()].iter().copied()
        };
        let mut values: Vec<f64> = match formula {
            EndpointFormula::Of(accumulator) => of(accumulator).collect(),
            EndpointFormula::Difference { at, from } => {
                of(at).zip(of(from)).map(|(at, from)| difference(at, from)).collect()
            }
            EndpointFormula::Percent { at, from } => {
                of(at).zip(of(from)).map(|(at, from)| percent(at, from)).collect()
            }
        };
        let of_status = values.iter_mut().zip(&self.status[items.clone()]);
        of_status.for_each(|(value, status)| *value = if *status == Status::Ok { *value } else { f64::NAN });
        values
    }

    pub(super) fn integers(
        self,
        meta: ColumnMeta,
        kind: EndpointKind,
        of: impl Fn(usize) -> Option<i64> + Send + Sync + 'a,
    ) -> Outcome<'a> {
        Outcome { column: LazyColumn::integers(meta, self.known(of)), kind }
    }

    pub(super) fn flags(
        self,
        meta: ColumnMeta,
        kind: EndpointKind,
        of: impl Fn(usize) -> bool + Send + Sync + 'a,
    ) -> Outcome<'a> {
        Outcome { column: LazyColumn::flags(meta, self.known(move |item| Some(of(item)))), kind }
    }

    /// One of the labels by its position, or none.
    pub(super) fn labels(
        self,
        meta: ColumnMeta,
        labels: &Arc<[String]>,
        of: impl Fn(usize) -> Option<u32> + Send + Sync + 'a,
    ) -> Outcome<'a> {
        let column = LazyColumn::labels(meta, Arc::clone(labels), self.known(of));
        Outcome { column, kind: EndpointKind::Label(Arc::clone(labels)) }
    }

    fn known<T>(self, of: impl Fn(usize) -> Option<T>) -> impl Fn(usize) -> Option<T> {
        move |item| if self.is_known(item) { of(item) } else { None }
    }
}

/// An event whose probability or cumulative hazard was none.
fn event_label(event: &EventEndpoint) -> String {
    format!("events.{}", event.name)
}

/// The outcomes of nobody: what their columns are.
pub(super) fn nobody(plan: &Plan) -> Solution {
    Solution::default().emptied(plan.accumulators.len(), 0)
}
