//! A model with its fixed effects as numbers, so that everything that follows from them folds.

use std::collections::HashMap;

use super::graph::{Graph, Node, NodeId, Symbol};
use super::{Covariate, Model};

impl Model {
    /// The same model with `Symbol::Parameter(i)` replaced by `values[i]`.
    ///
    /// An exponent, say, that was a parameter is then a constant, and an engine may expand the
    /// power. Nothing else changes: the names and their order stay.
    pub fn with_parameters(&self, values: &[f64]) -> Self {
        self.replacing(|graph, i| graph.constant(values[i as usize]))
    }

    /// The same model with some of its fixed effects, by their positions, as covariates of these names
    /// behind its others: they may then differ between patients.
    pub fn with_covariates(&self, parameters: &[(usize, String)]) -> Self {
        let first = self.covariates.len();
        let mut model = self.replacing(|graph, i| {
            let position = parameters.iter().position(|(parameter, _)| *parameter == i as usize);
            graph.symbol(position.map_or(Symbol::Parameter(i), |k| Symbol::Covariate((first + k) as u32)))
        });
        model.covariates.extend(parameters.iter().map(|(i, name)| Covariate {
            name: name.clone(),
            description: self.parameters[*i].label.clone(),
            unit: None,
            span: 0..0,
        }));
        model
    }

    /// The same model with other nodes for `Symbol::Parameter(i)`.
    fn replacing(&self, parameter: impl Fn(&mut Graph, u32) -> NodeId) -> Self {
        let (graph, map) = replace_parameters(&self.graph, parameter);
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

/// The graph made anew with other nodes for parameters, and where each old node went.
fn replace_parameters(old: &Graph, parameter: impl Fn(&mut Graph, u32) -> NodeId) -> (Graph, Vec<NodeId>) {
    let mut graph = Graph::default();
    let mut map: Vec<NodeId> = Vec::with_capacity(old.len());
    for node in old.nodes() {
        let id = match node {
            Node::Symbol(Symbol::Parameter(i)) => parameter(&mut graph, i),
            _ => graph.remake(node, |id| map[id.index()]),
        };
        map.push(id);
    }
    (graph, map)
}

impl Graph {
    /// An expression with another one in the place of a symbol.
    pub(super) fn replace(&mut self, root: NodeId, symbol: Symbol, by: NodeId) -> NodeId {
        let mut made = HashMap::new();
        for id in self.reachable(&[root]) {
            let node = self.node(id);
            let new =
                if node == Node::Symbol(symbol) { by } else { self.remake(node, |operand| made[&operand]) };
            made.insert(id, new);
        }
        made[&root]
    }
}
