//! The operation in which a value ceased to be finite: what is said of a patient who failed for that.

use crate::model::graph::{Node, NodeId, Symbol};
use crate::plan::{ObservedId, Plan};

use super::Valued;

/// The first operation on the way from an expression to its operands that made what is not finite of finite numbers, or
/// an individual value that is not finite; `None` if the expression is finite, or for what entered from outside.
///
/// `slots` are individual values in the order of [`Plan::slots`], `value` those of all other symbols.
pub(crate) fn fault(
    plan: &Plan,
    what: Valued,
    slots: impl Fn(usize) -> f64,
    value: impl Fn(Symbol) -> f64,
) -> Option<NodeId> {
    let root = match what {
        Valued::State(state) => plan.states.get(state)?.derivative,
        Valued::Observed(observed) => *plan.observed.get(ObservedId::index(observed))?,
    };
    let slot = |id: NodeId| plan.slots.binary_search(&id).ok();
    let values = plan.graph.values(&[root], |id| slot(id).map(&slots), value);
    let is_finite = |id: NodeId| values.get(&id).is_none_or(|value| value.is_finite());
    let mut at = root;
    while !is_finite(at) {
        if slot(at).is_some() {
            return Some(at);
        }
        let taken = |operand: &NodeId| match plan.graph.node(at) {
            Node::Select { when, then, otherwise } => {
                let chosen = if values[&when] == 0.0 { otherwise } else { then };
                *operand == when || *operand == chosen
            }
            _ => true,
        };
        match plan.graph.operands(at).filter(taken).find(|&operand| !is_finite(operand)) {
            Some(operand) => at = operand,
            None => return (!matches!(plan.graph.node(at), Node::Symbol(_))).then_some(at),
        }
    }
    None
}
