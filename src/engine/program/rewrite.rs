//! Expressions rewritten for fast evaluation.
//!
//! Division by what is known once per patient becomes multiplication with its reciprocal (one
//! rounding more), and powers with small fixed exponents become products and roots. Both are done
//! only where an expression is evaluated at every step.

use crate::hash::HashMap;
use crate::model::graph::{Binary, Graph, Node, NodeId, Stage, Symbol, Unary};

/// Integer powers up to this are products; beyond, `e^(n log x)` is as accurate.
const LARGEST_PRODUCT: f64 = 64.0;

/// Which nodes depend on the patient, the time or the state: not on fixed effects alone.
pub(crate) fn varies(graph: &Graph, roots: &[NodeId]) -> HashMap<NodeId, bool> {
    let mut varies = HashMap::default();
    for id in graph.reachable(roots) {
        let here = match graph.node(id) {
            Node::Constant(_) | Node::Symbol(Symbol::Parameter(_)) => false,
            Node::Symbol(_) => true,
            _ => graph.operands(id).any(|operand| varies[&operand]),
        };
        varies.insert(id, here);
    }
    varies
}

/// Builds `roots` of `source` again in `target`, rewritten; `leaf` gives the nodes that stand for
/// what is known already, and is asked first. `built` keeps where each node went, also between calls.
pub(crate) fn rebuild(
    source: &Graph,
    roots: &[NodeId],
    target: &mut Graph,
    built: &mut HashMap<NodeId, NodeId>,
    leaf: impl Fn(&mut Graph, NodeId) -> Option<NodeId>,
) -> Vec<NodeId> {
    let mut open: Vec<NodeId> = roots.to_vec();
    while let Some(&id) = open.last() {
        if built.contains_key(&id) {
            open.pop();
            continue;
        }
        if let Some(known) = leaf(target, id) {
            built.insert(id, known);
            open.pop();
            continue;
        }
        let before = open.len();
        open.extend(source.operands(id).filter(|operand| !built.contains_key(operand)));
        if open.len() == before {
            let node = match source.node(id) {
                Node::Binary(op, a, b) => binary(target, op, built[&a], built[&b]),
                node => target.remake(node, |operand| built[&operand]),
            };
            built.insert(id, node);
            open.pop();
        }
    }
    roots.iter().map(|root| built[root]).collect()
}

fn binary(graph: &mut Graph, op: Binary, a: NodeId, b: NodeId) -> NodeId {
    if graph.stage(a).max(graph.stage(b)) == Stage::Dynamic {
        match op {
            Binary::Div if graph.stage(b) < Stage::Dynamic => {
                let one = graph.constant(1.0);
                let reciprocal = graph.binary(Binary::Div, one, b);
                return graph.binary(Binary::Mul, a, reciprocal);
            }
            Binary::Pow => {
                if let Some(exponent) = graph.as_constant(b)
                    && let Some(product) = product(graph, a, exponent)
                {
                    return product;
                }
            }
            _ => {}
        }
    }
    graph.binary(op, a, b)
}

/// `x^e` as products and a square root, if `e` is a small multiple of one half.
fn product(graph: &mut Graph, x: NodeId, exponent: f64) -> Option<NodeId> {
    let size = exponent.abs();
    if size > LARGEST_PRODUCT || (2.0 * size).fract() != 0.0 {
        return None;
    }
    let mut whole = size.trunc() as u32;
    let mut result = (size.fract() != 0.0).then(|| graph.unary(Unary::Sqrt, x));
    let mut square = x;
    while whole > 0 {
        if whole & 1 == 1 {
            result = Some(result.map_or(square, |r| graph.binary(Binary::Mul, r, square)));
        }
        whole >>= 1;
        if whole > 0 {
            square = graph.binary(Binary::Mul, square, square);
        }
    }
    let result = result.unwrap_or_else(|| graph.constant(1.0));
    if exponent > 0.0 {
        return Some(result);
    }
    let one = graph.constant(1.0);
    Some(graph.binary(Binary::Div, one, result))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(exponent: f64, x: f64) -> f64 {
        let (mut source, mut target) = (Graph::default(), Graph::default());
        let state = source.symbol(Symbol::State(0));
        let e = source.constant(exponent);
        let root = source.binary(Binary::Pow, state, e);
        let roots = rebuild(&source, &[root], &mut target, &mut HashMap::default(), |_, _| None);
        assert!(
            !target
                .reachable(&roots)
                .iter()
                .any(|&id| matches!(target.node(id), Node::Binary(Binary::Pow, ..)))
        );
        target.evaluate(&roots, |_| x)[0]
    }

    #[test]
    fn small_powers_become_products() {
        for exponent in [2.0, 3.0, 7.0, 20.0, 64.0, 1.5, 2.5, -2.0, -0.5, -1.5] {
            for x in [0.3, 1.0, 1.7] {
                let expected = f64::powf(x, exponent);
                let error = (rewritten(exponent, x) / expected - 1.0).abs();
                assert!(error < 64.0 * f64::EPSILON, "{x}^{exponent}: {error}");
            }
        }
        assert_eq!(rewritten(3.0, -2.0), -8.0);
        assert_eq!(rewritten(2.0, 0.0), 0.0);
        assert!(rewritten(1.5, -2.0).is_nan());
    }

    #[test]
    fn division_by_an_individual_value_is_hoisted() {
        let (mut source, mut target) = (Graph::default(), Graph::default());
        let state = source.symbol(Symbol::State(0));
        let volume = source.symbol(Symbol::Covariate(0));
        let root = source.binary(Binary::Div, state, volume);
        let roots = rebuild(&source, &[root], &mut target, &mut HashMap::default(), |_, _| None);
        let Node::Binary(Binary::Mul, a, b) = target.node(roots[0]) else { unreachable!("not a product") };
        assert_eq!(target.stage(a).min(target.stage(b)), Stage::Patient);
    }
}
