//! When expressions of time are equal: polynomials by their zeros, others by taking apart what they are made of, as
//! long as each part can be turned round.

use crate::model::graph::{Binary, Graph, Node, NodeId, Stage, Unary};

use super::landings::{Walk, all};
use super::time_form::{Form, Times};

impl Walk<'_> {
    /// Times that hold those at which two expressions are equal; none if they are not known.
    pub(super) fn meetings(&mut self, a: NodeId, b: NodeId) -> Option<Vec<Times>> {
        if let (Some(of_a), Some(of_b)) = (self.forms(a), self.forms(b)) {
            let pairs = of_a.iter().flat_map(|a| of_b.iter().map(move |b| (a, b)));
            return all(pairs.map(|(a, b)| a.joined(self.graph, Binary::Sub, b).zeros(self.graph)));
        }
        match [a, b].map(|id| self.is_known(id)) {
            [_, true] => self.reaches(a, b),
            [true, _] => self.reaches(b, a),
            _ => None,
        }
    }

    /// Whether an expression is known once per patient.
    fn is_known(&self, id: NodeId) -> bool {
        self.graph.stage(id) < Stage::Dynamic
    }

    /// Times that hold those at which an expression is, or jumps over, what is known once per patient.
    fn reaches(&mut self, id: NodeId, value: NodeId) -> Option<Vec<Times>> {
        if let Some(forms) = self.forms(id) {
            let value = Form::constant(self.graph, value);
            return all(forms
                .iter()
                .map(|form| form.joined(self.graph, Binary::Sub, &value).zeros(self.graph)));
        }
        match self.graph.node(id) {
            Node::Unary(op, a) => {
                let values = arguments(self.graph, op, value)?;
                all(values.into_iter().map(|value| self.reaches(a, value)))
            }
            Node::Binary(op, a, b) if self.is_known(b) => {
                let values = left(self.graph, op, value, b)?;
                all(values.into_iter().map(|value| self.reaches(a, value)))
            }
            Node::Binary(op, a, b) if self.is_known(a) => {
                let values = right(self.graph, op, value, a)?;
                all(values.into_iter().map(|value| self.reaches(b, value)))
            }
            _ => None,
        }
    }
}

/// The arguments at which a function has a value.
fn arguments(graph: &mut Graph, op: Unary, value: NodeId) -> Option<Vec<NodeId>> {
    let power = |graph: &mut Graph, base: f64| {
        let base = graph.constant(base);
        graph.binary(Binary::Pow, base, value)
    };
    Some(match op {
        Unary::Negate => vec![graph.unary(Unary::Negate, value)],
        Unary::Abs => vec![value, graph.unary(Unary::Negate, value)],
        Unary::Sqrt => vec![graph.binary(Binary::Mul, value, value)],
        Unary::Exp => vec![graph.unary(Unary::Log, value)],
        Unary::Log => vec![graph.unary(Unary::Exp, value)],
        Unary::Log10 => vec![power(graph, 10.0)],
        Unary::Log2 => vec![power(graph, 2.0)],
        Unary::Expm1 => vec![graph.unary(Unary::Log1p, value)],
        Unary::Log1p => vec![graph.unary(Unary::Expm1, value)],
        Unary::Tanh => {
            // Half the logarithm of (1 + value) / (1 - value).
            let (one, half) = (graph.constant(1.0), graph.constant(0.5));
            let [sum, difference] = [Binary::Add, Binary::Sub].map(|op| graph.binary(op, one, value));
            let ratio = graph.binary(Binary::Div, sum, difference);
            let log = graph.unary(Unary::Log, ratio);
            vec![graph.binary(Binary::Mul, half, log)]
        }
        // Sines and cosines have a value again and again.
        Unary::Sin | Unary::Cos | Unary::Atan | Unary::Floor | Unary::Ceil | Unary::Not => return None,
    })
}

/// What `a` may be where `a op b` is, or jumps over, a value.
fn left(graph: &mut Graph, op: Binary, value: NodeId, b: NodeId) -> Option<Vec<NodeId>> {
    Some(match op {
        Binary::Add => vec![graph.binary(Binary::Sub, value, b)],
        Binary::Sub => vec![graph.binary(Binary::Add, value, b)],
        Binary::Mul => vec![graph.binary(Binary::Div, value, b)],
        Binary::Div => vec![graph.binary(Binary::Mul, value, b)],
        Binary::Pow => {
            // Both roots of an even power, and the pole of a negative one.
            let (one, zero) = (graph.constant(1.0), graph.constant(0.0));
            let exponent = graph.binary(Binary::Div, one, b);
            let size = graph.unary(Unary::Abs, value);
            let root = graph.binary(Binary::Pow, size, exponent);
            vec![root, graph.unary(Unary::Negate, root), zero]
        }
        _ => return None,
    })
}

/// What `b` may be where `a op b` is, or jumps over, a value.
fn right(graph: &mut Graph, op: Binary, value: NodeId, a: NodeId) -> Option<Vec<NodeId>> {
    Some(match op {
        Binary::Add => vec![graph.binary(Binary::Sub, value, a)],
        Binary::Sub => vec![graph.binary(Binary::Sub, a, value)],
        Binary::Mul => vec![graph.binary(Binary::Div, value, a)],
        // And the pole.
        Binary::Div => vec![graph.binary(Binary::Div, a, value), graph.constant(0.0)],
        Binary::Pow => {
            let [value, base] = [value, a].map(|id| graph.unary(Unary::Log, id));
            vec![graph.binary(Binary::Div, value, base)]
        }
        _ => return None,
    })
}
