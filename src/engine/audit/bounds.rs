//! The reference's plan: the run's, with bounds of everything that comes of a threshold, and the size that
//! each value has over the course.
//!
//! A condition `a < b` is kept twice more, tightened and loosened by a share of its
//! threshold. As a condition loosens, the time during which it holds and the longest run of it grow,
//! and the first time comes earlier. So whatever an engine made of values that were at most so far
//! off lies between the two.

use crate::accumulator::{Bound, Bounds, Quantity};
use crate::cohort::ReadOn;
use crate::model::graph::{Binary, Graph, Node, NodeId, Stage, Symbol};
use crate::plan::{
    Accumulator, AccumulatorId, AccumulatorKind, Endpoint, EndpointFormula, ObservedId, Plan,
    position_or_push,
};

use super::decisions::{Shift, is_decided};
use super::{near, size};

/// The size below which a difference of values counts less, as a share of what the value is made of over
/// its course: what tolerances promise of a difference of two large values, or of what has decayed.
pub(super) const SHARE_OF_COURSE: f64 = 1e-2;

/// The share of the size of an integrand by which an area counts as large at least: rounding is far below it, and no area
/// that matters is as small.
const SHARE_OF_INTEGRAND: f64 = 0.1;

/// How an endpoint is judged.
#[derive(Debug, Clone)]
pub(super) enum Rule {
    /// By its relative difference.
    Value(Scale),
    /// By bounds, of what comes of a condition tightened, as it is, and loosened.
    Threshold {
        /// What keeps these.
        accumulators: [AccumulatorId; 3],
        /// The least and the most of them.
        bounds: Bounds,
    },
    /// By what the reference decides as it is, and with comparisons tightened and loosened.
    Decision,
    /// Not at all.
    NotCompared,
}

/// The size below which a difference of values counts less.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scale {
    /// The cohort file says it.
    Declared(f64),
    /// A share of the largest that these accumulators come to.
    Course(Vec<AccumulatorId>),
}

impl Scale {
    /// The scale of an endpoint, from the reference's accumulators.
    pub(super) fn of(&self, value: EndpointFormula, accumulator: impl Fn(AccumulatorId) -> f64) -> f64 {
        let largest =
            |sizes: &[AccumulatorId]| sizes.iter().map(|&i| accumulator(i).abs()).fold(0.0, f64::max);
        match (self, value) {
            (Self::Declared(scale), _) => *scale,
            (Self::Course(size), EndpointFormula::Of(_) | EndpointFormula::Difference { .. }) => {
                SHARE_OF_COURSE * largest(size)
            }
            (Self::Course(size), EndpointFormula::Percent { from, .. }) => {
                100.0 * SHARE_OF_COURSE * largest(size) / accumulator(from).abs()
            }
        }
    }
}

/// A plan that also keeps the bounds, with thresholds moved by a share of themselves, and the rule for each
/// endpoint. What it kept before is kept at the same positions.
pub(super) fn with_bounds(plan: &Plan, share: f64) -> (Plan, Vec<Rule>) {
    let mut bounded = plan.clone();
    let rules = plan.endpoints.iter().map(|endpoint| rule(&mut bounded, endpoint, share)).collect();
    (bounded, rules)
}

fn rule(plan: &mut Plan, endpoint: &Endpoint, share: f64) -> Rule {
    let (EndpointFormula::Of(at)
    | EndpointFormula::Difference { at, .. }
    | EndpointFormula::Percent { at, .. }) = endpoint.value;
    if is_decided(plan, endpoint) {
        return Rule::Decision;
    }
    let accumulator = plan.accumulators[at.index()].clone();
    let tightened_and_loosened = |plan: &mut Plan| {
        [1.0, -1.0].map(|sign| {
            let scale = endpoint.scale.unwrap_or(0.0);
            keep_shifted(plan, &accumulator, Shift { scale, share: sign * share })
        })
    };
    match accumulator.kind.description().bound {
        Bound::NotCompared => Rule::NotCompared,
        Bound::Difference => {
            let of_course = |plan: &mut Plan| Scale::Course(keep_sizes(plan, &accumulator));
            let has_counts = near::spread(&mut plan.graph, plan.observed[accumulator.of.index()]).is_some();
            match endpoint.scale.filter(|_| !has_counts) {
                Some(scale) => Rule::Value(Scale::Declared(scale)),
                None => Rule::Value(of_course(plan)),
            }
        }
        Bound::OfCondition(bounds) => {
            let [tightened, loosened] = tightened_and_loosened(plan);
            Rule::Threshold { accumulators: [tightened, at, loosened], bounds }
        }
    }
}

/// Adds the accumulator of a shifted condition.
fn keep_shifted(plan: &mut Plan, accumulator: &Accumulator, shift: Shift) -> AccumulatorId {
    let condition = shifted(&mut plan.graph, plan.observed[accumulator.of.index()], shift);
    let of = ObservedId::new(position_or_push(&mut plan.observed, condition));
    keep(plan, Accumulator { of, ..accumulator.clone() })
}

/// Adds the largest size, over all visits, of what an accumulator is made of: that, and the values that
/// are kept of it elsewhere, as at a peak between visits.
fn keep_sizes(plan: &mut Plan, accumulator: &Accumulator) -> Vec<AccumulatorId> {
    let is_value = |other: &Accumulator| {
        other.of == accumulator.of
            && accumulator.kind.quantity() != Quantity::Integral
            && other.kind.quantity() == Quantity::Value
    };
    let others = plan.accumulators.iter().enumerate().filter(|(_, other)| is_value(other));
    let mut sizes: Vec<_> = others.map(|(i, _)| AccumulatorId::new(i)).collect();
    sizes.push(keep_size(plan, accumulator));
    sizes
}

/// The size of what is integrated over the whole run, of an expression that is an area: rounding of an integrand that
/// cancels adds up.
fn of_integrand(plan: &mut Plan, observed: NodeId) -> Option<NodeId> {
    let Some(Symbol::State(state)) = plan.graph.as_symbol(observed) else { return None };
    let area = plan.states.get(state as usize).filter(|state| state.atol.is_infinite())?;
    let integrand = area.derivative;
    let symbols = plan.graph.reachable(&[integrand]).into_iter().filter_map(|id| plan.graph.as_symbol(id));
    if symbols.into_iter().any(|symbol| matches!(symbol, Symbol::Dose(..))) {
        return None; // Visits do not know it.
    }
    let size = size::size(&mut plan.graph, integrand);
    let length = plan.graph.constant(SHARE_OF_INTEGRAND * f64::from(plan.end()) * plan.time_per_tick);
    Some(plan.graph.binary(Binary::Mul, size, length))
}

fn keep_size(plan: &mut Plan, accumulator: &Accumulator) -> AccumulatorId {
    let [from, to] = accumulator.window;
    let of_value = size::size(&mut plan.graph, plan.observed[accumulator.of.index()]);
    let size = if accumulator.kind.quantity() == Quantity::Integral {
        let length = plan.graph.constant(f64::from(to - from) * plan.time_per_tick);
        plan.graph.binary(Binary::Mul, of_value, length)
    } else {
        of_value
    };
    let size = match of_integrand(plan, plan.observed[accumulator.of.index()]) {
        Some(of_integrand) => plan.graph.binary(Binary::Add, size, of_integrand),
        None => size,
    };
    let of = ObservedId::new(position_or_push(&mut plan.observed, size));
    let window = [0, plan.end()];
    let largest = Accumulator {
        kind: AccumulatorKind::Max,
        of,
        window,
        on: ReadOn::Visits,
        since_dose: None,
        ends: false,
        on_study: false,
    };
    keep(plan, largest)
}

fn keep(plan: &mut Plan, accumulator: Accumulator) -> AccumulatorId {
    AccumulatorId::new(position_or_push(&mut plan.accumulators, accumulator))
}

/// `a < b` with `a` moved. A condition that is known before integration is the same on every engine, and
/// stays as it is.
fn shifted(graph: &mut Graph, condition: NodeId, shift: Shift) -> NodeId {
    let (Node::Binary(Binary::Less, a, b), Stage::Dynamic) = (graph.node(condition), graph.stage(condition))
    else {
        return condition;
    };
    shift.compare(graph, Binary::Less, a, b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::graph::Symbol;

    /// Whether a state is below (or above) a threshold, tightened, as it is, and loosened.
    fn holds(state: f64, threshold: f64, above: bool, scale: f64) -> [bool; 3] {
        let mut graph = Graph::default();
        let value = graph.symbol(Symbol::State(0));
        let limit = graph.constant(threshold);
        let (a, b) = if above { (limit, value) } else { (value, limit) };
        let condition = graph.binary(Binary::Less, a, b);
        let [tightened, loosened] =
            [0.01, -0.01].map(|share| shifted(&mut graph, condition, Shift { scale, share }));
        let values = graph.evaluate(&[tightened, condition, loosened], |_| state);
        [values[0], values[1], values[2]].map(|value| value != 0.0)
    }

    #[test]
    fn a_condition_moves_by_a_hundredth_of_its_threshold() {
        assert_eq!(holds(74.2, 75.0, false, 1.0), [true; 3]);
        assert_eq!(holds(74.3, 75.0, false, 1.0), [false, true, true]);
        assert_eq!(holds(75.7, 75.0, false, 1.0), [false, false, true]);
        assert_eq!(holds(75.8, 75.0, false, 1.0), [false; 3]);
        assert_eq!(holds(3.536, 3.5, true, 1.0), [true; 3]);
        assert_eq!(holds(3.534, 3.5, true, 1.0), [false, true, true]);
        assert_eq!(holds(3.466, 3.5, true, 1.0), [false, false, true]);
        assert_eq!(holds(3.464, 3.5, true, 1.0), [false; 3]);
    }

    #[test]
    fn a_threshold_near_nothing_moves_by_its_scale() {
        assert_eq!(holds(-0.3, 0.0, false, 20.0), [true; 3]);
        assert_eq!(holds(-0.1, 0.0, false, 20.0), [false, true, true]);
        assert_eq!(holds(0.1, 0.0, false, 20.0), [false, false, true]);
        assert_eq!(holds(-30.4, -30.0, false, 1.0), [true; 3]);
        assert_eq!(holds(-30.2, -30.0, false, 1.0), [false, true, true]);
    }

    #[test]
    fn what_is_known_before_integration_stays() {
        let mut graph = Graph::default();
        let weight = graph.symbol(Symbol::Covariate(0));
        let limit = graph.constant(50.0);
        let condition = graph.binary(Binary::Less, weight, limit);
        assert_eq!(shifted(&mut graph, condition, Shift { scale: 1.0, share: 0.01 }), condition);
    }

    #[test]
    fn a_threshold_of_nothing_moves_by_the_share_itself() {
        assert_eq!(holds(-0.011, 0.0, false, 0.0), [true; 3]);
        assert_eq!(holds(-0.009, 0.0, false, 0.0), [false, true, true]);
        assert_eq!(holds(1e-6, 2e-6, false, 0.0), [true; 3]);
        assert_eq!(holds(1.99e-6, 2e-6, false, 0.0), [false, true, true]);
    }

    #[test]
    fn the_scale_is_a_share_of_the_course() {
        let value = |id: AccumulatorId| [-50.0, 40.0, 200.0][id.index()];
        let [first, second, third] = [0, 1, 2].map(AccumulatorId::new);
        let course = Scale::Course(vec![first, third]);
        assert_eq!(course.of(EndpointFormula::Of(second), value), 2.0);
        assert_eq!(course.of(EndpointFormula::Difference { at: second, from: first }, value), 2.0);
        assert_eq!(course.of(EndpointFormula::Percent { at: second, from: first }, value), 4.0);
        assert_eq!(Scale::Declared(7.0).of(EndpointFormula::Of(second), value), 7.0);
    }
}
