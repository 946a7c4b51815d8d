//! The reference's plan: the engine's, with bounds of everything that comes of a threshold.
//!
//! A condition `a < b` is kept twice more, tightened and loosened by a hundredth of its
//! threshold. As a condition loosens, the time during which it holds and the longest run of it grow,
//! and the first time comes earlier. So whatever an engine made of values that were at most so far
//! off lies between the two.

use crate::model::graph::{Binary, Graph, Node, NodeId, Stage};
use crate::plan::{Accumulate, Accumulator, Endpoint, Finish, Plan, position_or_push};

use super::decisions::{compare, is_decided};

/// How an endpoint is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// By its relative difference.
    Value,
    /// By its bounds: the accumulators of the least and the most.
    Threshold([usize; 2]),
    /// By what the reference decides as it is, and with comparisons tightened and loosened.
    Decision,
    /// Not at all.
    NotCompared,
}

/// A plan that also keeps the bounds, and the rule for each endpoint. What it kept before is kept at
/// the same positions.
pub(super) fn with_bounds(plan: &Plan) -> (Plan, Vec<Rule>) {
    let mut bounded = plan.clone();
    let rules = plan.endpoints.iter().map(|endpoint| rule(&mut bounded, endpoint)).collect();
    (bounded, rules)
}

fn rule(plan: &mut Plan, endpoint: &Endpoint) -> Rule {
    let Finish::Of(position) = endpoint.value else { return Rule::Value };
    if is_decided(plan, endpoint) {
        return Rule::Decision;
    }
    let accumulator = plan.accumulators[position].clone();
    let tightened_and_loosened =
        |plan: &mut Plan| [1.0, -1.0].map(|sign| keep_shifted(plan, &accumulator, endpoint.scale, sign));
    match accumulator.kind {
        Accumulate::TimeOfMin | Accumulate::TimeOfMax => Rule::NotCompared,
        Accumulate::Min | Accumulate::Max | Accumulate::At | Accumulate::Area => Rule::Value,
        Accumulate::Held | Accumulate::Longest => Rule::Threshold(tightened_and_loosened(plan)),
        Accumulate::First => {
            let [tightened, loosened] = tightened_and_loosened(plan);
            Rule::Threshold([loosened, tightened])
        }
    }
}

/// Adds the accumulator of a shifted condition; its position.
fn keep_shifted(plan: &mut Plan, accumulator: &Accumulator, scale: f64, sign: f64) -> usize {
    let condition = shifted(&mut plan.graph, plan.observed[accumulator.of], scale, sign);
    let of = position_or_push(&mut plan.observed, condition);
    plan.accumulators.push(Accumulator { of, ..accumulator.clone() });
    plan.accumulators.len() - 1
}

/// `a < b` with `a` moved up (`sign` 1: tightened) or down (-1: loosened). A condition that is known
/// before integration is the same on every engine, and stays as it is.
fn shifted(graph: &mut Graph, condition: NodeId, scale: f64, sign: f64) -> NodeId {
    let (Node::Binary(Binary::Less, a, b), Stage::Dynamic) = (graph.node(condition), graph.stage(condition))
    else {
        return condition;
    };
    compare(graph, Binary::Less, a, b, scale, sign)
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
        let tightened = shifted(&mut graph, condition, scale, 1.0);
        let loosened = shifted(&mut graph, condition, scale, -1.0);
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
        assert_eq!(shifted(&mut graph, condition, 1.0, 1.0), condition);
    }
}
