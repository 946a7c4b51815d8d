//! What an implicit method computes besides the derivatives.

use crate::engine::sparse_lu::Factorisation;
use crate::model::derivative::Jacobian;
use crate::model::graph::{Binary, Graph, Linear, NodeId, Symbol};

/// The linear systems `(s I - J) U = b` of an implicit method, as expressions of the graph.
#[derive(Debug)]
pub(crate) struct Implicit {
    /// The Jacobian of the derivatives.
    pub(crate) jacobian: Jacobian,
    /// What is computed once for each step.
    pub(crate) factorisation: Factorisation,
    /// The solution for the right-hand side `Linear::Right`.
    pub(crate) solve: Vec<NodeId>,
    /// The solution for the derivatives plus that right-hand side.
    pub(crate) stage: Vec<NodeId>,
}

impl Implicit {
    pub(super) fn new(graph: &mut Graph, derivatives: &[NodeId]) -> Self {
        let jacobian = Jacobian::new(graph, derivatives);
        let factorisation = Factorisation::new(graph, &jacobian);
        let states = 0..derivatives.len() as u32;
        let right: Vec<NodeId> = states.map(|i| graph.symbol(Symbol::Linear(Linear::Right(i)))).collect();
        let sums = derivatives.iter().zip(&right);
        let sums: Vec<NodeId> = sums.map(|(&d, &right)| graph.binary(Binary::Add, d, right)).collect();
        let solve = factorisation.solve(graph, &right);
        let stage = factorisation.solve(graph, &sums);
        Self { jacobian, factorisation, solve, stage }
    }

    /// What is computed at the start of a step, besides the derivatives: factors, growth, derivatives by
    /// time.
    pub(crate) fn linearised(&self) -> Vec<NodeId> {
        let Factorisation { kept, growth, .. } = &self.factorisation;
        let time = self.jacobian.time.iter().flatten();
        kept.iter().chain([growth]).chain(time).copied().collect()
    }

    /// Every expression that is computed.
    pub(crate) fn nodes(&self) -> Vec<NodeId> {
        [self.linearised(), self.solve.clone(), self.stage.clone()].concat()
    }
}
