//! Graph expressions as a short list of operations, for many evaluations on the host.

use super::graph::{Binary, Graph, Node, NodeId, Symbol, Unary};
use crate::probability::Law;

/// The nodes that some roots need, in topological order, with dense operand positions.
///
/// The values are those of [`Graph::evaluate`], without a look-up per node.
#[derive(Debug, Clone, PartialEq)]
pub struct Tape {
    operations: Vec<Operation>,
    roots: Vec<u32>,
}

/// One node. Operands are positions of earlier operations.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Operation {
    Constant(f64),
    Symbol(Symbol),
    Unary(Unary, u32),
    Binary(Binary, u32, u32),
    Select { when: u32, then: u32, otherwise: u32 },
    Quantile { law: Law, score: u32, of: [u32; 2] },
}

impl Tape {
    /// The operations that `roots` need.
    pub fn new(graph: &Graph, roots: &[NodeId]) -> Self {
        let nodes = graph.reachable(roots);
        let mut position = vec![0; graph.len()];
        for (i, id) in nodes.iter().enumerate() {
            position[id.index()] = i as u32;
        }
        let at = |id: NodeId| position[id.index()];
        let operations = nodes
            .iter()
            .map(|&id| match graph.node(id) {
                Node::Constant(bits) => Operation::Constant(f64::from_bits(bits)),
                Node::Symbol(symbol) => Operation::Symbol(symbol),
                Node::Unary(op, a) => Operation::Unary(op, at(a)),
                Node::Binary(op, a, b) => Operation::Binary(op, at(a), at(b)),
                Node::Select { when, then, otherwise } => {
                    Operation::Select { when: at(when), then: at(then), otherwise: at(otherwise) }
                }
                Node::Quantile { law, score, of } => {
                    Operation::Quantile { law, score: at(score), of: of.map(at) }
                }
            })
            .collect();
        Self { operations, roots: roots.iter().map(|&root| at(root)).collect() }
    }

    /// The symbols it reads.
    pub fn symbols(&self) -> impl Iterator<Item = Symbol> {
        self.operations.iter().filter_map(|operation| match operation {
            Operation::Symbol(symbol) => Some(*symbol),
            _ => None,
        })
    }

    /// The values of the roots, in order, from the values of the symbols. `scratch` is overwritten;
    /// keeping it between calls saves its allocation.
    pub fn evaluate<'a>(
        &'a self,
        value: impl Fn(Symbol) -> f64,
        scratch: &'a mut Vec<f64>,
    ) -> impl Iterator<Item = f64> + 'a {
        scratch.clear();
        for operation in &self.operations {
            let at = |i: u32| scratch[i as usize];
            let result = match *operation {
                Operation::Constant(x) => x,
                Operation::Symbol(symbol) => value(symbol),
                Operation::Unary(op, a) => op.apply(at(a)),
                Operation::Binary(op, a, b) => op.apply(at(a), at(b)),
                Operation::Select { when, then, otherwise } => {
                    at(if at(when) != 0.0 { then } else { otherwise })
                }
                Operation::Quantile { law, score, of: [a, b] } => law.quantile(at(score), at(a), at(b)),
            };
            scratch.push(result);
        }
        self.roots.iter().map(|&root| scratch[root as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_values_as_the_graph() {
        let mut graph = Graph::default();
        let unused = graph.symbol(Symbol::Time);
        let x = graph.symbol(Symbol::Covariate(0));
        let y = graph.symbol(Symbol::Covariate(1));
        graph.binary(Binary::Add, unused, x);
        let power = graph.binary(Binary::Pow, x, y);
        let root = graph.unary(Unary::Sqrt, power);
        let less = graph.binary(Binary::Less, x, y);
        let either = graph.select(less, root, y);
        let roots = [either, root, x];
        let tape = Tape::new(&graph, &roots);
        assert_eq!(tape.symbols().collect::<Vec<_>>(), [Symbol::Covariate(0), Symbol::Covariate(1)]);
        let mut scratch = Vec::new();
        for (a, b) in [(2.0, 3.0), (3.0, 2.0), (0.0, 0.0)] {
            let value = |symbol| if symbol == Symbol::Covariate(0) { a } else { b };
            let got: Vec<f64> = tape.evaluate(value, &mut scratch).collect();
            assert_eq!(got, graph.evaluate(&roots, value));
        }
    }
}
