//! A model with its fixed effects as numbers, so that everything that follows from them folds.

use super::graph::{Binary, Graph, Node, NodeId, Symbol};
use super::{Covariate, Model};
use crate::hash::HashMap;

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
            ..Covariate::default()
        }));
        model
    }

    /// The same model with some of its covariates, by their positions, on a line over time in its equations: they go on
    /// from their value with a slope since a time. Slopes, in the order of `changing`, and then that time are covariates
    /// behind its others. Initial values and what doses enter by take the value as it is.
    pub fn with_lines(&self, changing: &[usize]) -> Self {
        let first = self.covariates.len();
        let mut model = self.clone();
        let graph = &mut model.graph;
        let [time, since] = [Symbol::Time, Symbol::Covariate((first + changing.len()) as u32)]
            .map(|symbol| graph.symbol(symbol));
        let passed = graph.binary(Binary::Sub, time, since);
        let line = |graph: &mut Graph, covariate: NodeId, position: usize| {
            let slope = graph.symbol(Symbol::Covariate((first + position) as u32));
            let change = graph.binary(Binary::Mul, slope, passed);
            graph.binary(Binary::Add, covariate, change)
        };
        let mut map: Vec<NodeId> = Vec::with_capacity(self.graph.len());
        for node in self.graph.nodes() {
            let position = match node {
                Node::Symbol(Symbol::Covariate(i)) => changing.iter().position(|&of| of == i as usize),
                _ => None,
            };
            let same = graph.remake(node, |operand| map[operand.index()]);
            map.push(position.map_or(same, |position| line(graph, same, position)));
        }
        let new = |id: NodeId| map[id.index()];
        model.states.iter_mut().for_each(|state| state.derivative = new(state.derivative));
        model.variables.iter_mut().for_each(|variable| variable.node = new(variable.node));
        for residual in &mut model.residuals {
            residual.prediction = residual.prediction.map(new);
            residual.observed = new(residual.observed);
        }
        let slopes = changing.iter().map(|&i| format!("slope of {}", self.covariates[i].name));
        let names = slopes.chain(["time of the record".into()]);
        model.covariates.extend(names.map(|name| Covariate { name, ..Covariate::default() }));
        model
    }

    /// The same model with other nodes for `Symbol::Parameter(i)`.
    fn replacing(&self, parameter: impl Fn(&mut Graph, u32) -> NodeId) -> Self {
        self.rebuilt(|graph, node, map| match node {
            Node::Symbol(Symbol::Parameter(i)) => parameter(graph, i),
            _ => graph.remake(node, |id| map[id.index()]),
        })
    }

    /// The same model with each node made anew, from what has become of those before it.
    pub(super) fn rebuilt(&self, mut make: impl FnMut(&mut Graph, Node, &[NodeId]) -> NodeId) -> Self {
        let mut graph = Graph::default();
        let mut map: Vec<NodeId> = Vec::with_capacity(self.graph.len());
        for node in self.graph.nodes() {
            let id = make(&mut graph, node, &map);
            map.push(id);
        }
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
            residual.prediction = residual.prediction.map(new);
            residual.observed = new(residual.observed);
        }
        model
    }
}

impl Graph {
    /// An expression with another one in the place of a symbol.
    pub(super) fn replace(&mut self, root: NodeId, symbol: Symbol, by: NodeId) -> NodeId {
        let mut made = HashMap::default();
        for id in self.reachable(&[root]) {
            let node = self.node(id);
            let new =
                if node == Node::Symbol(symbol) { by } else { self.remake(node, |operand| made[&operand]) };
            made.insert(id, new);
        }
        made[&root]
    }
}
