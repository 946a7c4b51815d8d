//! Expressions as sums of states times what is known once per patient.

use std::collections::BTreeMap;

use crate::hash::HashMap;
use crate::model::graph::{Binary, Graph, Node, NodeId, Stage, Symbol, Unary};

use super::algebra::Algebra;

/// `sum of terms[j] x_j + rest`
#[derive(Debug, Clone, Default)]
pub(super) struct Affine {
    /// Factors of states, and of what follows them in the numbering of states; none is the constant 0.
    pub(super) terms: BTreeMap<usize, NodeId>,
    /// What no state has a part in.
    pub(super) rest: Option<NodeId>,
}

/// Each expression as such a sum; the position of the first that is none.
pub(super) fn affine(graph: &mut Graph, roots: &[NodeId]) -> Result<Vec<Affine>, usize> {
    let mut known = HashMap::default();
    let each = roots.iter().enumerate().map(|(position, root)| {
        for id in graph.reachable(&[*root]) {
            if !known.contains_key(&id) {
                let mut found = of_node(graph, id, &known).ok_or(position)?;
                found.terms.retain(|_, term| graph.as_constant(*term) != Some(0.0));
                known.insert(id, found);
            }
        }
        Ok(known[root].clone())
    });
    each.collect()
}

/// A node whose operands are known.
fn of_node(graph: &mut Graph, id: NodeId, known: &HashMap<NodeId, Affine>) -> Option<Affine> {
    if graph.stage(id) < Stage::Dynamic {
        return Some(Affine { rest: Some(id), ..Affine::default() });
    }
    let mut algebra = Algebra(graph);
    match algebra.0.node(id) {
        Node::Symbol(Symbol::State(i)) => {
            let one = algebra.number(1.0);
            Some(Affine { terms: [(i as usize, one)].into(), rest: None })
        }
        Node::Unary(Unary::Negate, a) => Some(each(&known[&a], |a| algebra.unary(Unary::Negate, a))),
        Node::Binary(Binary::Add, a, b) => Some(both(&known[&a], &known[&b], |a, b| algebra.add(a, b), None)),
        Node::Binary(Binary::Sub, a, b) => {
            let zero = algebra.number(0.0);
            Some(both(&known[&a], &known[&b], |a, b| algebra.sub(a, b), Some(zero)))
        }
        Node::Binary(Binary::Mul, a, b) => {
            let (of, by) = if known[&a].terms.is_empty() { (b, a) } else { (a, b) };
            let by = known[&by].constant()?;
            Some(each(&known[&of], |of| algebra.mul(of, by)))
        }
        Node::Binary(Binary::Div, a, b) => {
            let by = known[&b].constant()?;
            Some(each(&known[&a], |a| algebra.div(a, by)))
        }
        Node::Select { when, then, otherwise } => {
            let when = known[&when].constant()?;
            let zero = algebra.number(0.0);
            let chosen = |a, b| algebra.0.select(when, a, b);
            Some(both(&known[&then], &known[&otherwise], chosen, Some(zero)))
        }
        _ => None,
    }
}

impl Affine {
    /// The whole of it, if no state has a part in it.
    fn constant(&self) -> Option<NodeId> {
        self.rest.filter(|_| self.terms.is_empty())
    }
}

fn each(of: &Affine, mut change: impl FnMut(NodeId) -> NodeId) -> Affine {
    Affine { terms: of.terms.iter().map(|(&i, &a)| (i, change(a))).collect(), rest: of.rest.map(&mut change) }
}

/// Joins the parts of two; what one lacks is `nothing`, or without it the other's as it is.
fn both(
    a: &Affine,
    b: &Affine,
    mut join: impl FnMut(NodeId, NodeId) -> NodeId,
    nothing: Option<NodeId>,
) -> Affine {
    let mut joined = |a: Option<NodeId>, b: Option<NodeId>| match (a.or(nothing), b.or(nothing)) {
        (Some(a), Some(b)) => Some(join(a, b)),
        (one, other) => one.or(other),
    };
    let mut terms = BTreeMap::new();
    for &i in a.terms.keys().chain(b.terms.keys()) {
        terms.extend(joined(a.terms.get(&i).copied(), b.terms.get(&i).copied()).map(|term| (i, term)));
    }
    let rest = if a.rest.is_some() || b.rest.is_some() { joined(a.rest, b.rest) } else { None };
    Affine { terms, rest }
}
