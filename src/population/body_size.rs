//! Body surface area and body mass index.

use crate::model::graph::{Binary, Graph, NodeId, Unary};

/// Body surface area, m2, by Mosteller, N Engl J Med 1987;317:1098: `sqrt(WT HT / 3600)`.
///
/// `wt` in kg, `ht` in cm.
pub fn bsa_mosteller(graph: &mut Graph, wt: NodeId, ht: NodeId) -> NodeId {
    let product = graph.binary(Binary::Mul, wt, ht);
    let divisor = graph.constant(3600.0);
    let quotient = graph.binary(Binary::Div, product, divisor);
    graph.unary(Unary::Sqrt, quotient)
}

/// Body surface area, m2, by Du Bois and Du Bois, Arch Intern Med 1916;17:863-871:
/// `0.007184 WT^0.425 HT^0.725`.
///
/// `wt` in kg, `ht` in cm.
pub fn bsa_dubois(graph: &mut Graph, wt: NodeId, ht: NodeId) -> NodeId {
    let [factor, of_weight, of_height] = [0.007184, 0.425, 0.725].map(|x| graph.constant(x));
    let weight = graph.binary(Binary::Pow, wt, of_weight);
    let height = graph.binary(Binary::Pow, ht, of_height);
    let product = graph.binary(Binary::Mul, weight, height);
    graph.binary(Binary::Mul, factor, product)
}

/// Body mass index, kg/m2, by Quetelet: `WT / (HT / 100)^2`.
///
/// `wt` in kg, `ht` in cm.
pub fn bmi(graph: &mut Graph, wt: NodeId, ht: NodeId) -> NodeId {
    let hundred = graph.constant(100.0);
    let metres = graph.binary(Binary::Div, ht, hundred);
    let square = graph.binary(Binary::Mul, metres, metres);
    graph.binary(Binary::Div, wt, square)
}
