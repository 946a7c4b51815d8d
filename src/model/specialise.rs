//! A model with its fixed effects as numbers, so that everything that follows from them folds.

use super::Model;
use super::graph::{Graph, Node, NodeId, Symbol};

impl Model {
    /// The same model with `Symbol::Parameter(i)` replaced by `values[i]`.
    ///
    /// An exponent, say, that was a parameter is then a constant, and an engine may expand the
    /// power. Nothing else changes: the names and their order stay.
    pub fn with_parameters(&self, values: &[f64]) -> Self {
        let (graph, map) = replace_parameters(&self.graph, values);
        let new = |id: NodeId| map[id.index()];
        let mut model = Self { graph, ..self.clone() };
        for state in &mut model.states {
            for node in [&mut state.derivative, &mut state.initial, &mut state.bioavailability] {
                *node = new(*node);
            }
            for node in [&mut state.lag, &mut state.rate, &mut state.duration] {
                *node = node.map(new);
            }
        }
        for variable in &mut model.variables {
            variable.node = new(variable.node);
        }
        for residual in &mut model.residuals {
            residual.prediction = new(residual.prediction);
            residual.observed = new(residual.observed);
        }
        model
    }
}

/// The graph made anew with numbers for parameters, and where each old node went.
fn replace_parameters(old: &Graph, values: &[f64]) -> (Graph, Vec<NodeId>) {
    let mut graph = Graph::default();
    let mut map: Vec<NodeId> = Vec::with_capacity(old.len());
    for node in old.nodes() {
        let id = match node {
            Node::Symbol(Symbol::Parameter(i)) => graph.constant(values[i as usize]),
            _ => graph.remake(node, |id| map[id.index()]),
        };
        map.push(id);
    }
    (graph, map)
}
