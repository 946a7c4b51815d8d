//! Variances of random effects that nobody means: percentages where the square of a fraction belongs.

use super::Model;
use super::errors::{IniError, Report};
use super::graph::{Binary, Graph, Node, NodeId, Symbol, Unary};
use super::ini::Large;

/// The largest variance of a logarithm that is taken as one, unless it stands in `fix`: one patient in six is then
/// beyond 20 times the typical value, or a twentieth of it.
pub(super) const MOST: f64 = 9.0;

/// Refuses large variances of effects that are exponentiated, or added to 1 as a fraction, if they are whole numbers, as
/// percentages are; estimates of published models have digits, and are warned of. What is added to a value of the model
/// has the square of its unit, and may be large.
pub(super) fn check(model: &Model, large: &[Large], report: &mut Report) {
    for Large { effect, value, span } in large {
        if is_relative(&model.graph, *effect)
            && let Some(name) = model.effect_names().nth(*effect)
        {
            let cause = IniError::LargeVariance { name: name.into(), value: *value };
            if value.fract() == 0.0 {
                report.add(span, cause);
            } else {
                report.warn(span, &cause);
            }
        }
    }
}

/// Whether an effect is part of a logarithm, or a fraction of 1. Log odds may vary as much as they like: `expit` takes
/// the exponential of a size.
fn is_relative(graph: &Graph, effect: usize) -> bool {
    let is_effect = |node| matches!(node, Node::Symbol(Symbol::Effect(i)) if i as usize == effect);
    // What the effect is a summand of.
    let mut sums = vec![false; graph.len()];
    for (index, node) in graph.nodes().enumerate() {
        let sum = |id: NodeId| sums[id.index()];
        let is_one = |id: NodeId| graph.as_constant(id) == Some(1.0);
        let is_own = |id: NodeId| is_effect(graph.node(id));
        sums[index] = match node {
            Node::Unary(Unary::Exp, a) if sum(a) => return true,
            Node::Unary(Unary::Abs, _) => false,
            Node::Binary(Binary::Add, a, b) if (is_own(a) && is_one(b)) || (is_one(a) && is_own(b)) => {
                return true;
            }
            Node::Unary(Unary::Negate, a) => sum(a),
            Node::Binary(Binary::Add | Binary::Sub, a, b) => sum(a) || sum(b),
            node => is_effect(node),
        };
    }
    false
}
