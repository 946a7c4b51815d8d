//! Symbolic differentiation: derivatives are expressions of the same graph.
//!
//! Equal expressions are one node, so a derivative shares with the function it comes from whatever they
//! have in common: that of `exp(x)` is the node itself.
//!
//! Where a function has no derivative, one of those beside it is taken: that of the side chosen at a
//! tie of `min` and `max`, 0 at the jumps of comparisons, `floor` and `ceil`, and 0 instead of an
//! infinite slope where the base of a power or a root is 0.
//!
//! Where a function is finite, so is its derivative: `exp(-x)` that has overflowed inside `1 / (1 + exp(-x))`
//! has an infinite slope, but leaves a function that is 0 and stays 0. What has overflowed within
//! has no part; that is asked for only where something within may overflow.

use std::f64::consts::{LN_2, LN_10};

use super::graph::{Binary, Graph, Node, NodeId, Symbol, Unary};
use crate::hash::HashMap;

/// Derivatives with respect to one symbol.
#[derive(Debug)]
pub struct Derivatives {
    by: Symbol,
    known: HashMap<NodeId, Known>,
}

/// What is known of an expression.
#[derive(Debug, Clone, Copy)]
struct Known {
    derivative: NodeId,
    /// Whether it may become infinite as the symbol moves, by more than the size of numbers: it has an
    /// exponential, a logarithm, a power or a quotient within.
    may_overflow: bool,
}

/// An operand and its derivative.
#[derive(Clone, Copy)]
struct Operand {
    node: NodeId,
    known: Known,
}

impl Derivatives {
    /// With respect to `by`.
    pub fn new(by: Symbol) -> Self {
        Self { by, known: HashMap::default() }
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
        self.known[&root].derivative
    }

    /// The derivative of a node whose operands' derivatives are known.
    fn node(&self, graph: &mut Graph, id: NodeId) -> Known {
        let d = |id: NodeId| self.known[&id].derivative;
        let operand = |node: NodeId| Operand { node, known: self.known[&node] };
        let zero = graph.constant(0.0);
        let derivative = match graph.node(id) {
            Node::Constant(_) => zero,
            Node::Symbol(symbol) => graph.constant(f64::from(u8::from(symbol == self.by))),
            _ if graph.operands(id).all(|operand| d(operand) == zero) => zero,
            Node::Unary(op, a) => unary(graph, op, id, operand(a)),
            Node::Binary(op, a, b) => binary(graph, op, id, [operand(a), operand(b)]),
            Node::Select { when, then, otherwise } => graph.select(when, d(then), d(otherwise)),
            // Observations are in no equation.
            Node::Quantile { .. } => graph.constant(f64::NAN),
        };
        let overflows = match graph.node(id) {
            Node::Unary(op, _) => {
                use Unary::{Exp, Expm1, Log, Log1p, Log2, Log10};
                matches!(op, Exp | Expm1 | Log | Log10 | Log2 | Log1p)
            }
            Node::Binary(op, ..) => matches!(op, Binary::Div | Binary::Pow),
            _ => false,
        };
        let within = |operand: NodeId| self.known[&operand].may_overflow;
        let may_overflow = derivative != zero && (overflows || graph.operands(id).any(within));
        Known { derivative, may_overflow }
    }
}

/// `slope * inner`, without what has overflowed within: the slope is 0 there, if the function is finite.
fn chained(graph: &mut Graph, slope: NodeId, inner: Known) -> NodeId {
    let Known { derivative, may_overflow } = inner;
    if !may_overflow || graph.as_constant(slope).is_some() {
        return graph.binary(Binary::Mul, slope, derivative);
    }
    // By the size of what is within, and not by whether the slope is 0: drivers take an exponential or its
    // reciprocal for positive, though they overflow. In f32 the limit becomes the largest number, or infinity.
    let [zero, largest] = [0.0, f64::MAX].map(|number| graph.constant(number));
    let size = graph.unary(Unary::Abs, derivative);
    let is_finite = graph.binary(Binary::Less, size, largest);
    let inner = graph.select(is_finite, derivative, zero);
    graph.binary(Binary::Mul, slope, inner)
}

/// The derivative of `f = op(a)`.
fn unary(graph: &mut Graph, op: Unary, f: NodeId, a: Operand) -> NodeId {
    let (zero, one) = (graph.constant(0.0), graph.constant(1.0));
    let da = a.known.derivative;
    let slope = match op {
        Unary::Negate => return graph.unary(Unary::Negate, da),
        Unary::Abs => {
            let negative = graph.binary(Binary::Less, a.node, zero);
            let minus = graph.unary(Unary::Negate, da);
            return graph.select(negative, minus, da);
        }
        Unary::Sqrt => {
            let half = graph.constant(0.5);
            let slope = graph.binary(Binary::Div, half, f);
            graph.select(f, slope, zero)
        }
        Unary::Exp => f,
        Unary::Log => graph.binary(Binary::Div, one, a.node),
        Unary::Log10 | Unary::Log2 => {
            let base = graph.constant(if op == Unary::Log10 { LN_10 } else { LN_2 });
            let product = graph.binary(Binary::Mul, base, a.node);
            graph.binary(Binary::Div, one, product)
        }
        Unary::Expm1 => graph.binary(Binary::Add, f, one),
        Unary::Log1p => {
            let sum = graph.binary(Binary::Add, one, a.node);
            graph.binary(Binary::Div, one, sum)
        }
        Unary::Tanh => {
            let square = graph.binary(Binary::Mul, f, f);
            graph.binary(Binary::Sub, one, square)
        }
        Unary::Sin => graph.unary(Unary::Cos, a.node),
        Unary::Cos => {
            let sine = graph.unary(Unary::Sin, a.node);
            graph.unary(Unary::Negate, sine)
        }
        Unary::Atan => {
            let square = graph.binary(Binary::Mul, a.node, a.node);
            let sum = graph.binary(Binary::Add, one, square);
            graph.binary(Binary::Div, one, sum)
        }
        Unary::Floor | Unary::Ceil | Unary::Not => return zero,
    };
    chained(graph, slope, a.known)
}

/// The derivative of `f = op(a, b)`.
fn binary(graph: &mut Graph, op: Binary, f: NodeId, [a, b]: [Operand; 2]) -> NodeId {
    let [da, db] = [a, b].map(|operand| operand.known.derivative);
    match op {
        Binary::Add | Binary::Sub => graph.binary(op, da, db),
        Binary::Mul => {
            let left = graph.binary(Binary::Mul, da, b.node);
            let right = graph.binary(Binary::Mul, a.node, db);
            graph.binary(Binary::Add, left, right)
        }
        Binary::Div => {
            // (da - f db) / b: of many derivatives of one quotient, only the first divides.
            let one = graph.constant(1.0);
            let reciprocal = graph.binary(Binary::Div, one, b.node);
            let product = chained(graph, f, b.known);
            let difference = graph.binary(Binary::Sub, da, product);
            graph.binary(Binary::Mul, difference, reciprocal)
        }
        Binary::Pow => power(graph, f, [a, b]),
        Binary::Min | Binary::Max => {
            // By what was taken, as equal sides share the first one's.
            let first = graph.binary(Binary::Equal, f, a.node);
            graph.select(first, da, db)
        }
        Binary::Less | Binary::LessEqual | Binary::Equal | Binary::And | Binary::Or => graph.constant(0.0),
    }
}

/// The derivative of `f = a^b`: `b a^(b - 1) da + f log(a) db`, 0 where `a` is 0 and that is infinite.
fn power(graph: &mut Graph, f: NodeId, [a, b]: [Operand; 2]) -> NodeId {
    let (zero, one) = (graph.constant(0.0), graph.constant(1.0));
    let mut sum = zero;
    if a.known.derivative != zero {
        let less = graph.binary(Binary::Sub, b.node, one);
        let power = graph.binary(Binary::Pow, a.node, less);
        let slope = graph.binary(Binary::Mul, b.node, power);
        let finite = graph.as_constant(b.node).is_some_and(|exponent| exponent >= 1.0);
        let slope = if finite { slope } else { graph.select(a.node, slope, zero) };
        sum = chained(graph, slope, a.known);
    }
    if b.known.derivative != zero {
        let log = graph.unary(Unary::Log, a.node);
        let slope = graph.binary(Binary::Mul, f, log);
        let slope = graph.select(a.node, slope, zero);
        let slope = if a.known.may_overflow || b.known.may_overflow {
            // Of an infinite base, too, if the power is 0.
            graph.select(f, slope, zero)
        } else {
            slope
        };
        let term = chained(graph, slope, b.known);
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

    const UNARY: [Unary; 16] = [
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
        Unary::Sin,
        Unary::Cos,
        Unary::Atan,
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
            nodes.push(match kind % 29 {
                k @ 0..16 => graph.unary(UNARY[k], a),
                k @ 16..28 => graph.binary(BINARY[k - 16], a, b),
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

    /// Where functions within overflow, vanish or are steep.
    const FAR: [f64; 10] = [-800.0, -400.0, -90.0, -3.0, -0.3, 0.3, 3.0, 90.0, 400.0, 800.0];

    /// Values of an expression before, at and after a point; none if it is not smooth there, or too large for
    /// differences.
    fn around(graph: &Graph, root: NodeId, x: f64, h: f64) -> Option<[f64; 3]> {
        let at = [x - h, x, x + h].map(|x| value(graph, root, [x, POINT[1], POINT[2]]));
        let [left, right] = [at[1] - at[0], at[2] - at[1]];
        let is_smooth = (right - left).abs() <= 0.02 * left.abs().max(right.abs());
        (at.iter().all(|value| value.abs() < 1e100) && is_smooth).then_some(at)
    }

    /// Whether differences say something else than the derivative by definition: of steps, which far out are as
    /// small as rounding, of powers by an infinite exponent or, where that changes, of what is not positive, and of
    /// infinite constants; and of numbers so small that the reciprocal is infinite.
    fn is_special(graph: &Graph, root: NodeId, point: [f64; 3]) -> bool {
        graph.reachable(&[root]).into_iter().any(|id| match graph.node(id) {
            Node::Unary(..) | Node::Binary(..) if value(graph, id, point).is_subnormal() => true,
            Node::Unary(op, _) => matches!(op, Unary::Floor | Unary::Ceil),
            Node::Binary(Binary::Pow, base, exponent) if graph.as_constant(exponent).is_none() => {
                let [base, exponent] = [base, exponent].map(|node| value(graph, node, point));
                base.is_nan() || base <= 0.0 || !exponent.is_finite()
            }
            Node::Constant(bits) => !f64::from_bits(bits).is_finite(),
            _ => false,
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn finite_wherever_the_function_is(choices in prop::collection::vec(any::<(u8, u8, u8)>(), 1..12)) {
            const H: f64 = 1e-4;
            let mut graph = Graph::default();
            let root = built(&mut graph, &choices);
            let symbolic = Derivatives::new(Symbol::State(0)).of(&mut graph, root);
            for x in FAR {
                let point = [x, POINT[1], POINT[2]];
                let Some([before, here, after]) = around(&graph, root, x, H) else { continue };
                if is_special(&graph, root, point) {
                    continue;
                }
                let got = value(&graph, symbolic, point);
                prop_assert!(got.is_finite(), "{got} where the function is {here}");
                let expected = (after - before) / (2.0 * H);
                // Below it, differences are made of rounding.
                let rounding = 1e-15 * here.abs() / H;
                prop_assert!((got - expected).abs() <= 0.02 * expected.abs() + 100.0 * rounding + 1e-9, "{got}, {expected} at {x}");
            }
        }
    }

    /// Functions that users write, far out: all are flat there.
    #[test]
    fn what_has_overflowed_within_is_flat() {
        let slope =
            |build: fn(&mut Graph, NodeId, NodeId) -> NodeId, x: f64| derivative_of(build, [x, 1.0, 0.0]);
        let sigmoid = |graph: &mut Graph, x: NodeId, one: NodeId| {
            let minus = graph.unary(Unary::Negate, x);
            let e = graph.unary(Unary::Exp, minus);
            let below = graph.binary(Binary::Add, one, e);
            graph.binary(Binary::Div, one, below)
        };
        let gompertz = |graph: &mut Graph, x: NodeId, _: NodeId| {
            let e = graph.unary(Unary::Exp, x);
            let minus = graph.unary(Unary::Negate, e);
            graph.unary(Unary::Exp, minus)
        };
        let saturated = |graph: &mut Graph, x: NodeId, _: NodeId| {
            let e = graph.unary(Unary::Exp, x);
            graph.unary(Unary::Tanh, e)
        };
        // 1 / (1 + (1 / x)^4)
        let hill = |graph: &mut Graph, x: NodeId, one: NodeId| {
            let ratio = graph.binary(Binary::Div, one, x);
            let four = graph.constant(4.0);
            let power = graph.binary(Binary::Pow, ratio, four);
            let below = graph.binary(Binary::Add, one, power);
            graph.binary(Binary::Div, one, below)
        };
        assert_eq!(slope(sigmoid, -800.0), 0.0);
        assert!((slope(sigmoid, -400.0) / (-400.0_f64).exp() - 1.0).abs() < 1e-14);
        assert_eq!(slope(gompertz, 800.0), 0.0);
        assert_eq!(slope(saturated, 800.0), 0.0);
        assert_eq!([slope(hill, 0.0), slope(hill, 1e-200)], [0.0; 2]);
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
            (Unary::Sin, a.cos()),
            (Unary::Cos, -a.sin()),
            (Unary::Atan, 1.0 / (1.0 + a * a)),
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
