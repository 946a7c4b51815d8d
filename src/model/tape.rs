//! A graph expression as a short list of operations, for many evaluations on the host.

use super::graph::{Binary, Graph, Node, NodeId, Symbol, Unary};
use crate::probability::Law;

/// Rows that go from operation to operation together: few enough to stay in the fastest memory.
const ROWS: usize = 64;

/// The nodes that a root needs, in topological order, with dense operand positions; the root comes last.
///
/// The values are those of [`Graph::evaluate`], for many rows at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Tape(Vec<Operation>);

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
    /// The operations that `root` needs.
    pub fn new(graph: &Graph, root: NodeId) -> Self {
        let nodes = graph.reachable(&[root]);
        let mut position = vec![0; graph.len()];
        for (i, id) in nodes.iter().enumerate() {
            position[id.index()] = i as u32;
        }
        let at = |id: NodeId| position[id.index()];
        let operation = |&id: &NodeId| match graph.node(id) {
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
        };
        Self(nodes.iter().map(operation).collect())
    }

    /// The symbols it reads.
    pub fn symbols(&self) -> impl Iterator<Item = Symbol> {
        self.0.iter().filter_map(|operation| match operation {
            Operation::Symbol(symbol) => Some(*symbol),
            _ => None,
        })
    }

    /// The value of the root in each row, from the columns of the symbols; one without a column is not a number.
    pub fn evaluate<'a>(&self, rows: usize, column: impl Fn(Symbol) -> Option<&'a [f64]>) -> Vec<f64> {
        let mut values = Vec::with_capacity(rows);
        let mut scratch = vec![0.0; self.0.len() * rows.min(ROWS)];
        for first in (0..rows).step_by(ROWS) {
            let block = first..rows.min(first + ROWS);
            let count = block.len();
            for (i, operation) in self.0.iter().enumerate() {
                let (before, results) = scratch.split_at_mut(i * count);
                let at = |operand: u32| &before[operand as usize * count..][..count];
                let symbol = |symbol| column(symbol).map(|column| &column[block.clone()]);
                operation.rows(at, symbol, &mut results[..count]);
            }
            values.extend_from_slice(&scratch[(self.0.len() - 1) * count..][..count]);
        }
        values
    }
}

impl Operation {
    /// Its value in each row, from those of its operands and of symbols.
    fn rows<'a, 'b>(
        &self,
        at: impl Fn(u32) -> &'a [f64],
        symbol: impl Fn(Symbol) -> Option<&'b [f64]>,
        results: &mut [f64],
    ) {
        match *self {
            Self::Constant(x) => results.fill(x),
            Self::Symbol(of) => match symbol(of) {
                Some(column) => results.copy_from_slice(column),
                None => results.fill(f64::NAN),
            },
            Self::Unary(op, a) => unary(op, at(a), results),
            Self::Binary(op, a, b) => binary(op, at(a), at(b), results),
            Self::Select { when, then, otherwise } => {
                let either = at(then).iter().zip(at(otherwise));
                for ((result, &when), (&then, &otherwise)) in results.iter_mut().zip(at(when)).zip(either) {
                    *result = if when != 0.0 { then } else { otherwise };
                }
            }
            Self::Quantile { law, score, of: [a, b] } => {
                let of = at(a).iter().zip(at(b));
                for ((result, &score), (&a, &b)) in results.iter_mut().zip(at(score)).zip(of) {
                    *result = law.quantile(score, a, b);
                }
            }
        }
    }
}

/// A function of each row. Every function has a loop of its own, so that the plain ones become vector code.
fn unary(op: Unary, a: &[f64], results: &mut [f64]) {
    let rows = results.iter_mut().zip(a);
    macro_rules! rows {
        ($($op:ident)+) => {
            match op { $(Unary::$op => rows.for_each(|(result, &a)| *result = Unary::$op.apply(a)),)+ }
        };
    }
    rows!(Negate Abs Sqrt Exp Log Log10 Log2 Expm1 Log1p Tanh Sin Cos Atan Floor Ceil Not);
}

/// The same of two arguments.
fn binary(op: Binary, a: &[f64], b: &[f64], results: &mut [f64]) {
    let rows = results.iter_mut().zip(a.iter().zip(b));
    macro_rules! rows {
        ($($op:ident)+) => {
            match op { $(Binary::$op => rows.for_each(|(result, (&a, &b))| *result = Binary::$op.apply(a, b)),)+ }
        };
    }
    rows!(Add Sub Mul Div Pow Min Max Less LessEqual Equal And Or);
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
        let shape = graph.unary(Unary::Exp, y);
        let quantile = graph.quantile(Law::Gamma, x, [shape, y]);
        let root = graph.binary(Binary::Add, either, quantile);
        let tape = Tape::new(&graph, root);
        assert_eq!(tape.symbols().collect::<Vec<_>>(), [Symbol::Covariate(0), Symbol::Covariate(1)]);
        let columns = [2, 3].map(|by| (0..200).map(|i| f64::from(i * by % 17) / 7.0).collect::<Vec<_>>());
        let of = |symbol| &columns[usize::from(symbol == Symbol::Covariate(1))];
        for rows in [0, 1, ROWS, 200] {
            let got = tape.evaluate(rows, |symbol| Some(&of(symbol)[..rows]));
            let expected: Vec<f64> =
                (0..rows).flat_map(|row| graph.evaluate(&[root], |symbol| of(symbol)[row])).collect();
            assert_eq!(got, expected);
        }
        assert!(tape.evaluate(1, |_| None)[0].is_nan());
    }
}
