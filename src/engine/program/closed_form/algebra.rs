//! Expressions that are written down in code.

use crate::model::graph::{Binary, Graph, NodeId, Unary};

/// Makes expressions of a graph.
pub(super) struct Algebra<'a>(pub(super) &'a mut Graph);

impl Algebra<'_> {
    pub(super) fn number(&mut self, value: f64) -> NodeId {
        self.0.constant(value)
    }

    pub(super) fn is_zero(&self, a: NodeId) -> bool {
        self.0.as_constant(a) == Some(0.0)
    }

    pub(super) fn add(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.0.binary(Binary::Add, a, b)
    }

    pub(super) fn sub(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.0.binary(Binary::Sub, a, b)
    }

    pub(super) fn mul(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.0.binary(Binary::Mul, a, b)
    }

    pub(super) fn div(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.0.binary(Binary::Div, a, b)
    }

    /// `a` times a number.
    pub(super) fn times(&mut self, a: NodeId, factor: f64) -> NodeId {
        let factor = self.number(factor);
        self.mul(a, factor)
    }

    pub(super) fn square(&mut self, a: NodeId) -> NodeId {
        self.mul(a, a)
    }

    pub(super) fn unary(&mut self, op: Unary, a: NodeId) -> NodeId {
        self.0.unary(op, a)
    }

    pub(super) fn min(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.0.binary(Binary::Min, a, b)
    }

    pub(super) fn max(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.0.binary(Binary::Max, a, b)
    }

    /// `then` where `a < b`, else `otherwise`.
    pub(super) fn if_less(&mut self, a: NodeId, b: NodeId, then: NodeId, otherwise: NodeId) -> NodeId {
        let when = self.0.binary(Binary::Less, a, b);
        self.0.select(when, then, otherwise)
    }

    /// `a` where that is not below `-least`, 0 where it is between that and 0, else not a number.
    pub(super) fn nonnegative(&mut self, a: NodeId, least: NodeId) -> NodeId {
        let [zero, nothing] = [0.0, f64::NAN].map(|value| self.number(value));
        let least = self.unary(Unary::Negate, least);
        let most = self.max(a, zero);
        self.if_less(a, least, nothing, most)
    }

    pub(super) fn sum(&mut self, terms: impl IntoIterator<Item = NodeId>) -> NodeId {
        let zero = self.number(0.0);
        terms.into_iter().fold(zero, |sum, term| self.add(sum, term))
    }
}
