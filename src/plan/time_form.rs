//! Expressions that are polynomials of time between the times at which they jump.

use crate::model::graph::{Binary, Graph, NodeId, Unary};

/// The shortest common period that is looked for, as a share of the shortest of several.
const SHORTEST: f64 = 1e-3;
/// What is rounding, as a share of it.
const ROUNDING: f64 = 1e-9;

/// `by_power[0] + by_power[1] t + by_power[2] t^2`, and a sum of numbers that are multiples of the steps as far as
/// anyone knows, and jump from one to the next. Everything is known once per patient.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Form {
    by_power: [NodeId; 3],
    steps: Vec<NodeId>,
}

/// Times at `first` and every `every` before and after it; once if `every` is the constant 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Times {
    pub(super) first: NodeId,
    pub(super) every: NodeId,
}

impl Form {
    /// What is known once per patient.
    pub(super) fn constant(graph: &mut Graph, value: NodeId) -> Self {
        let zero = graph.constant(0.0);
        Self { by_power: [value, zero, zero], steps: Vec::new() }
    }

    /// Time itself.
    pub(super) fn time(graph: &mut Graph) -> Self {
        let (zero, one) = (graph.constant(0.0), graph.constant(1.0));
        Self { by_power: [zero, one, zero], steps: Vec::new() }
    }

    /// A whole number that jumps.
    pub(super) fn whole(graph: &mut Graph) -> Self {
        let (zero, one) = (graph.constant(0.0), graph.constant(1.0));
        Self { by_power: [zero; 3], steps: vec![one] }
    }

    /// Highest power of time.
    pub(super) fn degree(&self, graph: &Graph) -> usize {
        (1..3).rev().find(|&power| graph.as_constant(self.by_power[power]) != Some(0.0)).unwrap_or(0)
    }

    /// The value, if it is known once per patient.
    pub(super) fn as_constant(&self, graph: &Graph) -> Option<NodeId> {
        (self.degree(graph) == 0 && self.steps.is_empty()).then_some(self.by_power[0])
    }

    /// `op` is addition or subtraction.
    pub(super) fn joined(&self, graph: &mut Graph, op: Binary, other: &Self) -> Self {
        let by_power = [0, 1, 2].map(|i| graph.binary(op, self.by_power[i], other.by_power[i]));
        Self { by_power, steps: self.steps.iter().chain(&other.steps).copied().collect() }
    }

    /// `op` is multiplication or division by what is known once per patient.
    pub(super) fn scaled(&self, graph: &mut Graph, op: Binary, by: NodeId) -> Self {
        // 0 stays what it is, also divided by what is not known here: it says which powers there are.
        let mut scale =
            |node| if graph.as_constant(node) == Some(0.0) { node } else { graph.binary(op, node, by) };
        Self {
            by_power: self.by_power.map(&mut scale),
            steps: self.steps.iter().copied().map(scale).collect(),
        }
    }

    /// The product, if it is such a form.
    pub(super) fn times(&self, graph: &mut Graph, other: &Self) -> Option<Self> {
        if let Some(by) = other.as_constant(graph) {
            return Some(self.scaled(graph, Binary::Mul, by));
        }
        if let Some(by) = self.as_constant(graph) {
            return Some(other.scaled(graph, Binary::Mul, by));
        }
        let linear = |form: &Self| form.degree(graph) == 1 && form.steps.is_empty();
        if !(linear(self) && linear(other)) {
            return None;
        }
        let mut of = |i: usize, j: usize| graph.binary(Binary::Mul, self.by_power[i], other.by_power[j]);
        let (constant, mixed, square) = (of(0, 0), [of(0, 1), of(1, 0)], of(1, 1));
        let mixed = graph.binary(Binary::Add, mixed[0], mixed[1]);
        Some(Self { by_power: [constant, mixed, square], steps: Vec::new() })
    }

    /// Times that hold those at which it is 0, but for where it jumps; none if they are not known.
    pub(super) fn zeros(&self, graph: &mut Graph) -> Option<Vec<Times>> {
        match self.degree(graph) {
            0 => Some(Vec::new()),
            1 => Some(vec![self.crossings(graph, &self.steps)?]),
            _ if self.steps.is_empty() => Some(self.roots(graph).into()),
            _ => None,
        }
    }

    /// Times that hold those at which it becomes another whole number, but for where it jumps; none if they are not
    /// known.
    pub(super) fn whole_numbers(&self, graph: &mut Graph) -> Option<Vec<Times>> {
        match self.degree(graph) {
            0 => Some(Vec::new()),
            1 => {
                let one = graph.constant(1.0);
                let steps: Vec<NodeId> = self.steps.iter().copied().chain([one]).collect();
                Some(vec![self.crossings(graph, &steps)?])
            }
            _ => None,
        }
    }

    /// Where a function that is even about something has its middle: the zero, or the extreme of a parabola.
    pub(super) fn middle(&self, graph: &mut Graph) -> Option<Times> {
        match self.degree(graph) {
            0 => None,
            1 => self.crossings(graph, &self.steps),
            _ => {
                let two = graph.constant(2.0);
                let slope = graph.binary(Binary::Mul, two, self.by_power[2]);
                Some(Times { first: zero(graph, self.by_power[1], slope), every: graph.constant(0.0) })
            }
        }
    }

    /// Where a linear one is a sum of multiples of the steps.
    fn crossings(&self, graph: &mut Graph, steps: &[NodeId]) -> Option<Times> {
        let [constant, slope, _] = self.by_power;
        let mut periods = Vec::with_capacity(steps.len());
        for &step in steps {
            let period = graph.binary(Binary::Div, step, slope);
            periods.push(graph.unary(Unary::Abs, period));
        }
        Some(Times { first: zero(graph, constant, slope), every: common(graph, &periods)? })
    }

    fn roots(&self, graph: &mut Graph) -> [Times; 2] {
        let [c, b, a] = self.by_power;
        let (four, two) = (graph.constant(4.0), graph.constant(2.0));
        let [squared, product] = [[b, b], [a, c]].map(|[x, y]| graph.binary(Binary::Mul, x, y));
        let product = graph.binary(Binary::Mul, four, product);
        let under = graph.binary(Binary::Sub, squared, product);
        // Without roots this is not a number, and no time.
        let root = graph.unary(Unary::Sqrt, under);
        let slope = graph.binary(Binary::Mul, two, a);
        [Binary::Add, Binary::Sub].map(|op| {
            let constant = graph.binary(op, b, root);
            Times { first: zero(graph, constant, slope), every: graph.constant(0.0) }
        })
    }
}

/// Where `constant + slope t` is 0.
fn zero(graph: &mut Graph, constant: NodeId, slope: NodeId) -> NodeId {
    let minus = graph.unary(Unary::Negate, constant);
    graph.binary(Binary::Div, minus, slope)
}

/// The largest period of which all are multiples; 0 if there is none, nothing if it is not known.
fn common(graph: &mut Graph, periods: &[NodeId]) -> Option<NodeId> {
    match periods {
        [] => Some(graph.constant(0.0)),
        [one] => Some(*one),
        several => {
            let numbers: Option<Vec<f64>> = several.iter().map(|&period| graph.as_constant(period)).collect();
            let numbers = numbers?;
            let smallest = numbers.iter().copied().fold(f64::INFINITY, f64::min);
            let divisor = numbers.into_iter().reduce(|a, b| divisor(a, b, ROUNDING * smallest))?;
            (divisor > SHORTEST * smallest).then(|| graph.constant(divisor))
        }
    }
}

/// The largest common divisor of two numbers, as far as rounding lets one tell.
fn divisor(mut a: f64, mut b: f64, least: f64) -> f64 {
    while b > least {
        let rest = (a - (a / b).round() * b).abs();
        (a, b) = (b, rest);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_periods() {
        for (a, b, expected) in [(24.0, 168.0, 24.0), (1.5, 1.0, 0.5), (0.3, 0.1, 0.1), (7.0, 7.0, 7.0)] {
            assert!((divisor(a, b, 1e-9) - expected).abs() < 1e-12, "{a} {b}");
        }
        let mut graph = Graph::default();
        let [a, b] = [1.0, std::f64::consts::SQRT_2].map(|period| graph.constant(period));
        assert_eq!(common(&mut graph, &[a, b]), None);
    }
}
