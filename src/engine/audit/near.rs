//! Counts that may be their neighbours: where a probability lies near that of a step, an engine whose values are off by
//! rounding draws the next count, and is right all the same.

use crate::hash::HashMap;
use crate::model::graph::{Binary, Graph, Node, NodeId, Unary};
use crate::probability::Law;

/// How far a parameter of a distribution may be off, as a share of it, and how far a score.
const SHARE: f64 = 1e-3;

/// By how much an expression changes if the counts in it are drawn with parameters and scores that are off; `None` if
/// there are none.
pub(super) fn spread(graph: &mut Graph, of: NodeId) -> Option<NodeId> {
    let nodes = graph.reachable(&[of]);
    let is_count = |&id: &NodeId| matches!(graph.node(id), Node::Quantile { law, .. } if law.is_discrete());
    if !nodes.iter().any(is_count) {
        return None;
    }
    let [up, down] = [SHARE, -SHARE].map(|by| moved(graph, &nodes, of, by));
    let difference = graph.binary(Binary::Sub, up, down);
    Some(graph.unary(Unary::Abs, difference))
}

fn moved(graph: &mut Graph, nodes: &[NodeId], of: NodeId, by: f64) -> NodeId {
    let mut moved: HashMap<NodeId, NodeId> = HashMap::default();
    for &id in nodes {
        let node = match graph.node(id) {
            Node::Constant(_) | Node::Symbol(_) => id,
            Node::Quantile { law, score, of } if law.is_discrete() => {
                let [score, a, b] = [score, of[0], of[1]].map(|id| moved[&id]);
                let by_constant = graph.constant(by);
                let score = graph.binary(Binary::Add, score, by_constant);
                let of = off(graph, law, [a, b], by);
                graph.quantile(law, score, of)
            }
            node => graph.remake(node, |operand| moved[&operand]),
        };
        moved.insert(id, node);
    }
    moved[&of]
}

/// Parameters that are off: a mean by a share of it, a probability by as much of 1, a number of trials not at all.
fn off(graph: &mut Graph, law: Law, [a, b]: [NodeId; 2], by: f64) -> [NodeId; 2] {
    let [zero, one, factor, shift] = [0.0, 1.0, 1.0 + by, by].map(|number| graph.constant(number));
    match law {
        Law::Bernoulli => {
            let sum = graph.binary(Binary::Add, a, shift);
            let least = graph.binary(Binary::Max, sum, zero);
            [graph.binary(Binary::Min, least, one), b]
        }
        Law::Poisson => [graph.binary(Binary::Mul, a, factor), b],
        Law::Binomial => {
            let product = graph.binary(Binary::Mul, b, factor);
            [a, graph.binary(Binary::Min, product, one)]
        }
        _ => [a, graph.binary(Binary::Mul, b, factor)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::graph::Symbol;

    /// At the score of the median of a Poisson distribution of mean m the count is 10 up to m = 10.6685, where the
    /// probability of at most 10 is 1/2 (scipy 1.17.1).
    #[test]
    fn only_counts_near_a_step_may_be_another() {
        let mut graph = Graph::default();
        let [mean, score] = [Symbol::State(0), Symbol::Residual(0)].map(|symbol| graph.symbol(symbol));
        assert_eq!(spread(&mut graph, mean), None);
        let zero = graph.constant(0.0);
        let count = graph.quantile(Law::Poisson, score, [mean, zero]);
        let twice = graph.binary(Binary::Add, count, count);
        let spread = spread(&mut graph, twice).unwrap_or(zero);
        let at = |mean: f64| {
            let value = |symbol| if symbol == Symbol::State(0) { mean } else { 0.0 };
            graph.evaluate(&[count, spread], value)
        };
        assert_eq!(at(10.0), [10.0, 0.0]);
        assert_eq!(at(10.665), [10.0, 2.0]);
        assert_eq!(at(10.672), [11.0, 2.0]);
    }
}
