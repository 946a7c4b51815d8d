//! Symbolic differentiation: derivatives are expressions of the same graph.
//!
//! Equal expressions are one node, so a derivative shares with the function it comes from whatever they
//! have in common: that of `exp(x)` is the node itself.
//!
//! Where a function has no derivative, one of those beside it is taken: that of the side chosen at a
//! tie of `min` and `max`, 0 at the jumps of comparisons, `floor` and `ceil`, and 0 instead of an
//! infinite slope where the base of a power or a root is 0.

use std::collections::HashMap;
use std::f64::consts::{LN_2, LN_10};

use super::graph::{Binary, Graph, Node, NodeId, Symbol, Unary};

/// Derivatives with respect to one symbol.
#[derive(Debug)]
pub struct Derivatives {
    by: Symbol,
    known: HashMap<NodeId, NodeId>,
}

impl Derivatives {
    /// With respect to `by`.
    pub fn new(by: Symbol) -> Self {
        Self { by, known: HashMap::new() }
    }

    /// The derivative of `root`: the constant 0 where it does not depend on the symbol.
    pub fn of(&mut self, graph: &mut Graph, root: NodeId) -> NodeId {
        let mut open = vec![root];
        while let Some(&id) = open.last() {
            if self.known.contains_key(&id) {
                open.pop();
                continue;
            }
            let before = open.len();
            open.extend(graph.operands(id).filter(|operand| !self.known.contains_key(operand)));
            if open.len() == before {
                let derivative = self.node(graph, id);
                self.known.insert(id, derivative);
                open.pop();
            }
        }
        self.known[&root]
    }

    /// The derivative of a node whose operands' derivatives are known.
    fn node(&self, graph: &mut Graph, id: NodeId) -> NodeId {
        let d = |id: NodeId| self.known[&id];
        let zero = graph.constant(0.0);
        match graph.node(id) {
            Node::Constant(_) => zero,
            Node::Symbol(symbol) => graph.constant(f64::from(u8::from(symbol == self.by))),
            _ if graph.operands(id).all(|operand| d(operand) == zero) => zero,
            Node::Unary(op, a) => unary(graph, op, [id, a], d(a)),
            Node::Binary(op, a, b) => binary(graph, op, [id, a, b], [d(a), d(b)]),
            Node::Select { when, then, otherwise } => graph.select(when, d(then), d(otherwise)),
        }
    }
}

/// The derivative of `f = op(a)`.
fn unary(graph: &mut Graph, op: Unary, [f, a]: [NodeId; 2], da: NodeId) -> NodeId {
    let (zero, one) = (graph.constant(0.0), graph.constant(1.0));
    let slope = match op {
        Unary::Negate => return graph.unary(Unary::Negate, da),
        Unary::Abs => {
            let negative = graph.binary(Binary::Less, a, zero);
            let minus = graph.unary(Unary::Negate, da);
            return graph.select(negative, minus, da);
        }
        Unary::Sqrt => {
            let half = graph.constant(0.5);
            let slope = graph.binary(Binary::Div, half, f);
            graph.select(f, slope, zero)
        }
        Unary::Exp => f,
        Unary::Log => graph.binary(Binary::Div, one, a),
        Unary::Log10 | Unary::Log2 => {
            let base = graph.constant(if op == Unary::Log10 { LN_10 } else { LN_2 });
            let product = graph.binary(Binary::Mul, base, a);
            graph.binary(Binary::Div, one, product)
        }
        Unary::Expm1 => graph.binary(Binary::Add, f, one),
        Unary::Log1p => {
            let sum = graph.binary(Binary::Add, one, a);
            graph.binary(Binary::Div, one, sum)
        }
        Unary::Tanh => {
            let square = graph.binary(Binary::Mul, f, f);
            graph.binary(Binary::Sub, one, square)
        }
        Unary::Floor | Unary::Ceil | Unary::Not => zero,
    };
    graph.binary(Binary::Mul, slope, da)
}

/// The derivative of `f = op(a, b)`.
fn binary(graph: &mut Graph, op: Binary, [f, a, b]: [NodeId; 3], [da, db]: [NodeId; 2]) -> NodeId {
    match op {
        Binary::Add | Binary::Sub => graph.binary(op, da, db),
        Binary::Mul => {
            let left = graph.binary(Binary::Mul, da, b);
            let right = graph.binary(Binary::Mul, a, db);
            graph.binary(Binary::Add, left, right)
        }
        Binary::Div => {
            // (da - f db) / b: of many derivatives of one quotient, only the first divides.
            let one = graph.constant(1.0);
            let reciprocal = graph.binary(Binary::Div, one, b);
            let product = graph.binary(Binary::Mul, f, db);
            let difference = graph.binary(Binary::Sub, da, product);
            graph.binary(Binary::Mul, difference, reciprocal)
        }
        Binary::Pow => power(graph, [f, a, b], [da, db]),
        Binary::Min | Binary::Max => {
            // By what was taken and not by what is smaller: a side that is not a number is never taken.
            let first = graph.binary(Binary::Equal, f, a);
            graph.select(first, da, db)
        }
        Binary::Less | Binary::LessEqual | Binary::Equal | Binary::And | Binary::Or => graph.constant(0.0),
    }
}

/// The derivative of `f = a^b`: `b a^(b - 1) da + f log(a) db`, 0 where `a` is 0 and that is infinite.
fn power(graph: &mut Graph, [f, a, b]: [NodeId; 3], [da, db]: [NodeId; 2]) -> NodeId {
    let (zero, one) = (graph.constant(0.0), graph.constant(1.0));
    let mut sum = zero;
    if da != zero {
        let less = graph.binary(Binary::Sub, b, one);
        let power = graph.binary(Binary::Pow, a, less);
        let slope = graph.binary(Binary::Mul, b, power);
        let finite = graph.as_constant(b).is_some_and(|exponent| exponent >= 1.0);
        let slope = if finite { slope } else { graph.select(a, slope, zero) };
        sum = graph.binary(Binary::Mul, slope, da);
    }
    if db != zero {
        let log = graph.unary(Unary::Log, a);
        let slope = graph.binary(Binary::Mul, f, log);
        let slope = graph.select(a, slope, zero);
        let term = graph.binary(Binary::Mul, slope, db);
        sum = graph.binary(Binary::Add, sum, term);
    }
    sum
}

/// The derivatives of a right-hand side by its states and by time, where they are not 0.
#[derive(Debug, Clone, Default)]
pub struct Jacobian {
    /// Entries of each row, as column and expression, by increasing column.
    pub rows: Vec<Vec<(usize, NodeId)>>,
    /// The derivative of each row by time, if it has one.
    pub time: Vec<Option<NodeId>>,
}

impl Jacobian {
    /// Differentiates `derivatives`, one for each of the states `Symbol::State(0..)`.
    pub fn new(graph: &mut Graph, derivatives: &[NodeId]) -> Self {
        let zero = graph.constant(0.0);
        let mut rows = vec![Vec::new(); derivatives.len()];
        for column in 0..derivatives.len() {
            let mut by_state = Derivatives::new(Symbol::State(column as u32));
            for (row, &derivative) in rows.iter_mut().zip(derivatives) {
                let entry = by_state.of(graph, derivative);
                if entry != zero {
                    row.push((column, entry));
                }
            }
        }
        let mut by_time = Derivatives::new(Symbol::Time);
        let time = derivatives.iter().map(|&row| Some(by_time.of(graph, row)).filter(|&d| d != zero));
        let time = time.collect();
        Self { rows, time }
    }

    /// Number of entries that are not 0.
    pub fn entries(&self) -> usize {
        self.rows.iter().map(Vec::len).sum()
    }

    /// Every expression, row by row, then those of time.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.rows.iter().flatten().map(|&(_, node)| node).chain(self.time.iter().flatten().copied())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POINT: [f64; 3] = [0.7, 1.3, 2.9];

    fn value(graph: &Graph, root: NodeId, point: [f64; 3]) -> f64 {
        let symbol = |symbol| match symbol {
            Symbol::State(i) => point[i as usize],
            _ => point[2],
        };
        graph.evaluate(&[root], symbol)[0]
    }

    /// Central difference by the first argument, extrapolated once (Richardson).
    fn difference(graph: &Graph, root: NodeId) -> f64 {
        let slope = |h: f64| {
            let at = |x: f64| value(graph, root, [x, POINT[1], POINT[2]]);
            (at(POINT[0] + h) - at(POINT[0] - h)) / (2.0 * h)
        };
        let h = 1e-3;
        (4.0 * slope(h / 2.0) - slope(h)) / 3.0
    }

    const UNARY: [Unary; 13] = [
        Unary::Negate,
        Unary::Abs,
        Unary::Sqrt,
        Unary::Exp,
        Unary::Log,
        Unary::Log10,
        Unary::Log2,
        Unary::Expm1,
        Unary::Log1p,
        Unary::Tanh,
        Unary::Floor,
        Unary::Ceil,
        Unary::Not,
    ];
    const BINARY: [Binary; 12] = [
        Binary::Add,
        Binary::Sub,
        Binary::Mul,
        Binary::Div,
        Binary::Pow,
        Binary::Min,
        Binary::Max,
        Binary::Less,
        Binary::LessEqual,
        Binary::Equal,
        Binary::And,
        Binary::Or,
    ];

    /// An expression built by a list of choices: each makes a node of the last ones.
    fn built(graph: &mut Graph, choices: &[(u8, u8, u8)]) -> NodeId {
        let mut nodes = vec![
            graph.symbol(Symbol::State(0)),
            graph.symbol(Symbol::State(1)),
            graph.symbol(Symbol::Time),
            graph.constant(1.7),
        ];
        for &(kind, i, j) in choices {
            let pick = |i: u8| nodes[nodes.len() - 1 - usize::from(i) % nodes.len()];
            let (a, b, kind) = (pick(i), pick(j), usize::from(kind));
            nodes.push(match kind % 26 {
                k @ 0..13 => graph.unary(UNARY[k], a),
                k @ 13..25 => graph.binary(BINARY[k - 13], a, b),
                _ => {
                    let when = graph.binary(Binary::Less, a, b);
                    graph.select(when, b, a)
                }
            });
        }
        *nodes.last().unwrap_or(&nodes[0])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn like_central_differences(choices in prop::collection::vec(any::<(u8, u8, u8)>(), 1..12)) {
            let mut graph = Graph::default();
            let root = built(&mut graph, &choices);
            let symbolic = Derivatives::new(Symbol::State(0)).of(&mut graph, root);
            let got = value(&graph, symbolic, POINT);
            // Smooth here, and neither huge nor cancelling: else a difference says nothing.
            let here = value(&graph, root, POINT);
            let smooth = [-1e-3, -5e-4, 5e-4, 1e-3].into_iter().all(|h| {
                let point = [POINT[0] + h, POINT[1], POINT[2]];
                let (f, d) = (value(&graph, root, point), value(&graph, symbolic, point));
                let steady = (d - got).abs() <= 0.02 * (got.abs() + 1e-6);
                // No jump between here and there.
                let joined = (f - here - got * h).abs() <= 0.02 * (got * h).abs() + 1e-9;
                here.abs() < 1e3 && steady && joined
            });
            if smooth {
                let expected = difference(&graph, root);
                prop_assert!((got - expected).abs() <= 1e-6 * got.abs().max(1.0), "{got}, {expected}");
            }
        }
    }

    fn derivative_of(build: impl Fn(&mut Graph, NodeId, NodeId) -> NodeId, point: [f64; 3]) -> f64 {
        let mut graph = Graph::default();
        let (x, y) = (graph.symbol(Symbol::State(0)), graph.symbol(Symbol::State(1)));
        let root = build(&mut graph, x, y);
        let derivative = Derivatives::new(Symbol::State(0)).of(&mut graph, root);
        value(&graph, derivative, point)
    }

    #[test]
    fn functions_of_one_argument_by_hand() {
        let a = POINT[0];
        let cases = [
            (Unary::Negate, -1.0),
            (Unary::Abs, 1.0),
            (Unary::Sqrt, 0.5 / a.sqrt()),
            (Unary::Exp, a.exp()),
            (Unary::Log, 1.0 / a),
            (Unary::Log10, 1.0 / (a * LN_10)),
            (Unary::Log2, 1.0 / (a * LN_2)),
            (Unary::Expm1, a.exp()),
            (Unary::Log1p, 1.0 / (1.0 + a)),
            (Unary::Tanh, 1.0 - a.tanh().powi(2)),
            (Unary::Floor, 0.0),
            (Unary::Ceil, 0.0),
            (Unary::Not, 0.0),
        ];
        for (op, expected) in cases {
            let got = derivative_of(|graph, x, _| graph.unary(op, x), POINT);
            assert!((got - expected).abs() < 1e-14, "{op:?}: {got}, {expected}");
        }
    }

    #[test]
    fn functions_of_two_arguments_by_hand() {
        let [a, b, _] = POINT;
        let cases = [
            (Binary::Add, 1.0, 1.0),
            (Binary::Sub, 1.0, -1.0),
            (Binary::Mul, b, b),
            (Binary::Div, 1.0 / b, -b / (a * a)),
            (Binary::Pow, b * a.powf(b - 1.0), b.powf(a) * b.ln()),
            (Binary::Min, 1.0, 1.0),
            (Binary::Max, 0.0, 0.0),
            (Binary::Less, 0.0, 0.0),
            (Binary::LessEqual, 0.0, 0.0),
            (Binary::Equal, 0.0, 0.0),
            (Binary::And, 0.0, 0.0),
            (Binary::Or, 0.0, 0.0),
        ];
        for (op, left, right) in cases {
            let got = derivative_of(|graph, x, y| graph.binary(op, x, y), POINT);
            assert!((got - left).abs() < 1e-14, "{op:?}, left: {got}, {left}");
            let got = derivative_of(|graph, x, y| graph.binary(op, y, x), POINT);
            assert!((got - right).abs() < 1e-14, "{op:?}, right: {got}, {right}");
        }
        let both = derivative_of(|graph, x, _| graph.binary(Binary::Pow, x, x), POINT);
        assert!((both - a.powf(a) * (1.0 + a.ln())).abs() < 1e-14, "{both}");
    }

    #[test]
    fn slopes_at_a_base_of_nothing_are_finite() {
        let at = [0.0, 0.8, 1.0];
        let power = derivative_of(|graph, x, y| graph.binary(Binary::Pow, x, y), at);
        let root = derivative_of(|graph, x, _| graph.unary(Unary::Sqrt, x), at);
        let effect = derivative_of(
            |graph, x, y| {
                let zero = graph.constant(0.0);
                let positive = graph.binary(Binary::Max, x, zero);
                graph.binary(Binary::Pow, positive, y)
            },
            at,
        );
        assert_eq!([power, root, effect], [0.0; 3]);
    }

    #[test]
    fn a_side_that_is_not_a_number_has_no_part() {
        for op in [Binary::Min, Binary::Max] {
            for swapped in [false, true] {
                let slope = derivative_of(
                    |graph, x, y| {
                        let nothing = graph.unary(Unary::Sqrt, y);
                        let (a, b) = if swapped { (nothing, x) } else { (x, nothing) };
                        graph.binary(op, a, b)
                    },
                    [0.7, -1.0, 0.0],
                );
                assert_eq!(slope, 1.0, "{op:?}");
            }
        }
    }

    #[test]
    fn a_jacobian_lists_what_is_not_zero() {
        let mut graph = Graph::default();
        let (x, y) = (graph.symbol(Symbol::State(0)), graph.symbol(Symbol::State(1)));
        let time = graph.symbol(Symbol::Time);
        let product = graph.binary(Binary::Mul, x, y);
        let driven = graph.binary(Binary::Mul, time, time);
        let jacobian = Jacobian::new(&mut graph, &[product, driven, x]);
        let one = graph.constant(1.0);
        assert_eq!(jacobian.rows, [vec![(0, y), (1, x)], vec![], vec![(0, one)]]);
        assert_eq!(jacobian.entries(), 3);
        assert!(jacobian.time[0].is_none() && jacobian.time[2].is_none());
        assert_eq!(value(&graph, jacobian.time[1].unwrap_or(x), POINT), 2.0 * POINT[2]);
    }
}
