//! The size of what an expression is made of: what its rounding and integration error are a share of.
//!
//! Where two large values almost cancel, their difference has their errors, and a size of its own would ask
//! for more than can be had.

use super::near;
use crate::hash::HashMap;
use crate::model::graph::{Binary, Graph, Node, NodeId, Stage, Unary};

/// How large what may be the next count is taken to be, as a multiple of the difference: so large that this is none.
const OF_NEIGHBOUR: f64 = 1e6;

/// The size of an expression.
pub(super) fn size(graph: &mut Graph, expression: NodeId) -> NodeId {
    let mut sizes: HashMap<NodeId, NodeId> = HashMap::default();
    for id in graph.reachable(&[expression]) {
        let own = graph.unary(Unary::Abs, id);
        let size = match graph.node(id) {
            _ if graph.stage(id) != Stage::Dynamic => own,
            Node::Unary(Unary::Negate | Unary::Abs, a) => sizes[&a],
            // An error of a share of the argument is an error of that share of 1.
            Node::Unary(Unary::Log | Unary::Log1p, _) => {
                let one = graph.constant(1.0);
                graph.binary(Binary::Max, own, one)
            }
            Node::Binary(Binary::Add | Binary::Sub, a, b) => graph.binary(Binary::Add, sizes[&a], sizes[&b]),
            Node::Binary(op @ (Binary::Mul | Binary::Max | Binary::Min), a, b) => {
                let op = if op == Binary::Mul { Binary::Mul } else { Binary::Max };
                graph.binary(op, sizes[&a], sizes[&b])
            }
            Node::Binary(Binary::Div, a, b) => {
                let divisor = graph.unary(Unary::Abs, b);
                graph.binary(Binary::Div, sizes[&a], divisor)
            }
            Node::Select { when, then, otherwise } => graph.select(when, sizes[&then], sizes[&otherwise]),
            _ => own,
        };
        sizes.insert(id, size);
    }
    let size = sizes[&expression];
    let Some(spread) = near::spread(graph, expression) else { return size };
    let factor = graph.constant(OF_NEIGHBOUR);
    let of_neighbours = graph.binary(Binary::Mul, factor, spread);
    graph.binary(Binary::Add, size, of_neighbours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::graph::Symbol;

    #[test]
    fn what_cancels_has_the_size_of_its_terms() {
        let mut graph = Graph::default();
        let state = graph.symbol(Symbol::State(0));
        let hundred = graph.constant(100.0);
        let one = graph.constant(1.0);
        let ratio = graph.binary(Binary::Div, state, hundred);
        let change = graph.binary(Binary::Sub, ratio, one);
        let percent = graph.binary(Binary::Mul, hundred, change);
        let log = graph.unary(Unary::Log, ratio);
        let roots = [state, change, percent, log].map(|id| size(&mut graph, id));
        assert_eq!(graph.evaluate(&roots, |_| 100.0), [100.0, 2.0, 200.0, 1.0]);
        assert_eq!(graph.evaluate(&roots, |_| -300.0)[..3], [300.0, 4.0, 400.0]);
    }
}
