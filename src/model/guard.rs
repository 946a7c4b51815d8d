//! Zero over zero and the like, guarded as rxode2 does unless it is told not to: a divisor of 0 is taken to be the
//! distance between numbers near 1, and so is what a logarithm of 0 or less, or a negative power of 0, is of.

use super::errors::ModelNotice;
use super::graph::{Binary, Graph, Node, NodeId, Unary};
use super::{Model, Variable};
use crate::diagnostic::Notice;

/// What takes the place of 0.
const LEAST: f64 = f64::EPSILON;
/// The variable that is 1 where a guard acts.
const VARIABLE: &str = "zero_guard";

impl Model {
    /// The same model with its divisions, logarithms and powers guarded, and the name of a variable that is 1 where one of
    /// them acts.
    pub(crate) fn guarded(&self) -> (Self, String) {
        let mut needed = vec![false; self.graph.len()];
        for id in self.graph.reachable(&self.roots()) {
            needed[id.index()] = true;
        }
        let mut conditions = Vec::new();
        let mut position = 0;
        let mut model = self.rebuilt(|graph, node, map| {
            let is_needed = needed[position];
            position += 1;
            match guard(graph, node, map).filter(|_| is_needed) {
                Some((guarded, condition)) => {
                    conditions.push(condition);
                    guarded
                }
                None => graph.remake(node, |id| map[id.index()]),
            }
        });
        let none = model.graph.constant(0.0);
        let acts = conditions.iter().fold(none, |any, &one| model.graph.binary(Binary::Or, any, one));
        let mut name = VARIABLE.to_owned();
        while model.variables.iter().any(|variable| variable.name == name) {
            name.push('_');
        }
        model.variables.push(Variable {
            name: name.clone(),
            node: acts,
            unit: Some("1".into()),
            description: Some(
                "1 where a division by 0, a logarithm of 0 or a negative power of 0 is guarded".into(),
            ),
        });
        let notice = ModelNotice::Guarded { operations: conditions.len(), name: name.clone() };
        model.notices.push(Notice::note(&notice, None));
        (model, name)
    }

    /// Everything that has a name, and what states are made of.
    fn roots(&self) -> Vec<NodeId> {
        let of_states = self.states.iter().flat_map(|state| {
            let properties = [state.lag, state.rate, state.duration];
            [state.derivative, state.initial, state.bioavailability]
                .into_iter()
                .chain(properties.into_iter().flatten())
        });
        let variables = self.variables.iter().map(|variable| variable.node);
        of_states.chain(variables).chain(self.residuals.iter().map(|line| line.observed)).collect()
    }
}

/// An operation that keeps off 0, and where that matters; `None` if nothing can go wrong.
fn guard(graph: &mut Graph, node: Node, map: &[NodeId]) -> Option<(NodeId, NodeId)> {
    let [zero, least] = [0.0, LEAST].map(|number| graph.constant(number));
    let (condition, of) = match node {
        Node::Binary(Binary::Div, _, b) => (graph.binary(Binary::Equal, map[b.index()], zero), b),
        Node::Unary(Unary::Log | Unary::Log10 | Unary::Log2, x) => {
            (graph.binary(Binary::LessEqual, map[x.index()], zero), x)
        }
        Node::Binary(Binary::Pow, a, b) => {
            let is_zero = graph.binary(Binary::Equal, map[a.index()], zero);
            let is_negative = graph.binary(Binary::Less, map[b.index()], zero);
            (graph.binary(Binary::And, is_zero, is_negative), a)
        }
        _ => return None,
    };
    if graph.as_constant(condition) == Some(0.0) {
        return None;
    }
    let safe = graph.select(condition, least, map[of.index()]);
    Some((graph.remake(node, |id| if id == of { safe } else { map[id.index()] }), condition))
}
