//! Values before the first dose.

use crate::hash::HashMap;
use crate::model::Model;
use crate::model::graph::{Graph, Node, NodeId, Stage, Symbol};

/// An expression before the first dose, states at their initial values and time at 0: it is known once per
/// patient. What has no value then is the reason why there is none.
pub(super) fn baseline(graph: &mut Graph, model: &Model, of: NodeId) -> Result<NodeId, String> {
    let mut at_start: HashMap<NodeId, NodeId> = HashMap::default();
    for id in graph.reachable(&[of]) {
        let known = match graph.node(id) {
            _ if graph.stage(id) < Stage::Dynamic => id,
            Node::Symbol(Symbol::State(i)) => model.states[i as usize].initial,
            Node::Symbol(Symbol::Time) => graph.constant(0.0),
            Node::Symbol(_) => return Err(REFUSED.into()),
            node => graph.remake(node, |operand| at_start[&operand]),
        };
        at_start.insert(id, known);
    }
    Ok(at_start[&of])
}

const REFUSED: &str = "before the first dose there are only the model's values: nothing that is kept over \
                       visits, no days or doses, and no residual error";
