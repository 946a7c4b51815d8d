//! The value of a covariate that a model's equations refer to.

use crate::model::Model;
use crate::model::graph::{Binary, Graph, Node, NodeId, Symbol, Unary};

/// The number that a covariate, or what is made of it alone, is divided by or compared with by a difference: 70 of
/// `WT / 70`, 44.6 of `alb_ref - ALB`, 1 of `AGE * 12 / 12`, 99.35 of `min(CRCL, 150) / 99.35`.
pub(super) fn reference(model: &Model, name: &str) -> Option<f64> {
    let position = model.covariates.iter().position(|covariate| covariate.name == name)?;
    let values: Vec<f64> = model.parameters.iter().map(|parameter| parameter.value).collect();
    let model = model.with_parameters(&values);
    let graph = &model.graph;
    let is_of_it = of_one(graph, Symbol::Covariate(position as u32));
    graph.nodes().find_map(|node| {
        let Node::Binary(op @ (Binary::Div | Binary::Sub), a, b) = node else { return None };
        let is_reversed = op == Binary::Sub && is_of_it[b.index()];
        let (of_it, with) = if is_reversed { (b, a) } else { (a, b) };
        let number = graph.as_constant(with).filter(|_| is_of_it[of_it.index()])?;
        let is_one = |number: f64| (number.log10() - number.log10().round()).abs() < 1e-9;
        // A power of ten converts units; what is taken from 1 or 100 is what a share leaves.
        let converts = match op {
            Binary::Sub => (is_reversed && is_one(number)) || number == 1.0,
            _ => is_one(number),
        };
        let value = (number > 0.0 && !converts).then(|| solution(graph, of_it, number))?;
        value.filter(|value| value.is_finite() && *value > 0.0)
    })
}

/// Whether the logarithm of a covariate is taken, which is 0 at 1.
pub(super) fn is_in_logarithm(model: &Model, name: &str) -> bool {
    let position = model.covariates.iter().position(|covariate| covariate.name == name);
    let symbol = position.map(|position| Symbol::Covariate(position as u32));
    model.graph.nodes().any(|node| match node {
        Node::Unary(Unary::Log | Unary::Log10 | Unary::Log2, of) => {
            model.graph.as_symbol(of) == symbol && symbol.is_some()
        }
        _ => false,
    })
}

/// Whether each node depends on one symbol, and on nothing else.
fn of_one(graph: &Graph, symbol: Symbol) -> Vec<bool> {
    #[derive(Clone, Copy, PartialEq)]
    enum Of {
        Nothing,
        It,
        Others,
    }
    let mut kinds: Vec<Of> = Vec::with_capacity(graph.len());
    for (node, id) in graph.nodes().zip(graph.ids()) {
        let operands: Vec<Of> = graph.operands(id).map(|operand| kinds[operand.index()]).collect();
        kinds.push(match node {
            Node::Constant(_) => Of::Nothing,
            Node::Symbol(found) if found == symbol => Of::It,
            Node::Symbol(_) => Of::Others,
            _ if operands.contains(&Of::Others) => Of::Others,
            _ if operands.contains(&Of::It) => Of::It,
            _ => Of::Nothing,
        });
    }
    kinds.into_iter().map(|kind| kind == Of::It).collect()
}

/// The value of the one symbol that makes a node a number, if it is the number itself or goes with it.
fn solution(graph: &Graph, node: NodeId, number: f64) -> Option<f64> {
    let at = |value: f64| graph.evaluate(&[node], |_| value)[0];
    let is_right = |value: &f64| (at(*value) - number).abs() <= 1e-9 * number;
    [number, number / at(1.0)].into_iter().find(is_right)
}
