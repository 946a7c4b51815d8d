//! What is observed of a prediction: `h^-1(h(y) + sd z)`.

use super::Term;
use crate::model::functions::{expit, logit, phi, probit};
use crate::model::graph::{Binary, Graph, NodeId, Unary};
use crate::probability::Law;

/// The prediction with error. Parts of the error are independent, so that their variances add (nlmixr2's `combined2`),
/// `sd = sqrt(a^2 + (b prediction)^2)`, unless the line says `combined1()`: `sd = a + b prediction`.
pub(in crate::model) fn observed(
    graph: &mut Graph,
    prediction: NodeId,
    terms: &[(Term, Vec<NodeId>)],
    score: NodeId,
) -> NodeId {
    let scale = Scale::of(graph, terms);
    let there = scale.there(graph, prediction);
    let sd = deviation(graph, prediction, there, terms);
    let score = shaped(graph, terms, score);
    let error = graph.binary(Binary::Mul, sd, score);
    // Without the detour by the logarithm of the prediction.
    if scale == Scale::Logarithm {
        let factor = graph.unary(Unary::Exp, error);
        return graph.binary(Binary::Mul, prediction, factor);
    }
    let there = graph.binary(Binary::Add, there, error);
    scale.back(graph, there)
}

/// The scores of an error: standard normal ones, unless the line says otherwise.
fn shaped(graph: &mut Graph, terms: &[(Term, Vec<NodeId>)], score: NodeId) -> NodeId {
    let zero = graph.constant(0.0);
    match terms.iter().find(|(term, _)| term.is_shape()) {
        Some((Term::Student, numbers)) => {
            let nu = numbers.first().copied().unwrap_or(zero);
            graph.quantile(Law::Student, score, [nu, zero])
        }
        // Student's t with one degree of freedom.
        Some((Term::Cauchy, _)) => {
            let one = graph.constant(1.0);
            graph.quantile(Law::Student, score, [one, zero])
        }
        _ => score,
    }
}

/// The scale on which errors are added.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Scale {
    Identity,
    Logarithm,
    Logit(NodeId, NodeId),
    Probit(NodeId, NodeId),
    BoxCox(NodeId),
    YeoJohnson(NodeId),
}

impl Scale {
    fn of(graph: &mut Graph, terms: &[(Term, Vec<NodeId>)]) -> Self {
        let Some((term, numbers)) = terms.iter().find(|(term, _)| term.is_scale()) else {
            return Self::Identity;
        };
        let [low, high] = match *numbers.as_slice() {
            [_, low, high] => [low, high],
            _ => [0.0, 1.0].map(|number| graph.constant(number)),
        };
        match (term, numbers.first()) {
            (Term::LogNormal, _) => Self::Logarithm,
            (Term::LogitNormal, _) => Self::Logit(low, high),
            (Term::ProbitNormal, _) => Self::Probit(low, high),
            (Term::BoxCox, Some(&lambda)) => Self::BoxCox(lambda),
            (Term::YeoJohnson, Some(&lambda)) => Self::YeoJohnson(lambda),
            _ => Self::Identity,
        }
    }

    fn there(self, graph: &mut Graph, x: NodeId) -> NodeId {
        match self {
            Self::Identity => x,
            Self::Logarithm => graph.unary(Unary::Log, x),
            Self::Logit(low, high) => logit(graph, x, low, high),
            Self::Probit(low, high) => {
                let above = graph.binary(Binary::Sub, x, low);
                let width = graph.binary(Binary::Sub, high, low);
                let share = graph.binary(Binary::Div, above, width);
                probit(graph, share)
            }
            Self::BoxCox(lambda) => box_cox(graph, x, lambda),
            Self::YeoJohnson(lambda) => yeo_johnson(graph, x, lambda),
        }
    }

    fn back(self, graph: &mut Graph, z: NodeId) -> NodeId {
        match self {
            Self::Identity => z,
            Self::Logarithm => graph.unary(Unary::Exp, z),
            Self::Logit(low, high) => expit(graph, z, low, high),
            Self::Probit(low, high) => {
                let share = phi(graph, z);
                let width = graph.binary(Binary::Sub, high, low);
                let above = graph.binary(Binary::Mul, width, share);
                graph.binary(Binary::Add, low, above)
            }
            Self::BoxCox(lambda) => from_box_cox(graph, z, lambda),
            Self::YeoJohnson(lambda) => from_yeo_johnson(graph, z, lambda),
        }
    }
}

/// The standard deviation on the scale of the error.
fn deviation(graph: &mut Graph, prediction: NodeId, there: NodeId, terms: &[(Term, Vec<NodeId>)]) -> NodeId {
    let has = |wanted: Term| terms.iter().any(|(term, _)| *term == wanted);
    let (are_variances, add) = (has(Term::Variances), has(Term::Combined1));
    let mut parts = Vec::new();
    for (term, numbers) in terms {
        let power =
            |graph: &mut Graph, of: Option<&NodeId>| Some(graph.binary(Binary::Pow, *of?, *numbers.get(1)?));
        let size = match *term {
            _ if term.is_additive() => None,
            Term::Proportional => Some(prediction),
            Term::ProportionalThere => Some(there),
            Term::ProportionalTo => numbers.get(1).copied(),
            Term::Power => power(graph, Some(&prediction)),
            Term::PowerThere => power(graph, Some(&there)),
            Term::PowerTo => power(graph, numbers.get(2)),
            _ => continue,
        };
        let Some(&number) = numbers.first() else { continue };
        let sd = if are_variances { graph.unary(Unary::Sqrt, number) } else { number };
        parts.push(size.map_or(sd, |size| graph.binary(Binary::Mul, sd, size)));
    }
    let zero = graph.constant(0.0);
    match *parts.as_slice() {
        [one] => one,
        _ if add => parts.iter().fold(zero, |sum, &part| graph.binary(Binary::Add, sum, part)),
        _ => {
            let variance = parts.iter().fold(zero, |sum, &part| {
                let square = graph.binary(Binary::Mul, part, part);
                graph.binary(Binary::Add, sum, square)
            });
            graph.unary(Unary::Sqrt, variance)
        }
    }
}

/// `(x^lambda - 1) / lambda`, or `log(x)` where that is 0.
fn box_cox(graph: &mut Graph, x: NodeId, lambda: NodeId) -> NodeId {
    let one = graph.constant(1.0);
    let power = graph.binary(Binary::Pow, x, lambda);
    let above = graph.binary(Binary::Sub, power, one);
    let quotient = graph.binary(Binary::Div, above, lambda);
    let log = graph.unary(Unary::Log, x);
    graph.select(lambda, quotient, log)
}

/// `(1 + lambda z)^(1 / lambda)`, or `exp(z)` where that is 0.
fn from_box_cox(graph: &mut Graph, z: NodeId, lambda: NodeId) -> NodeId {
    let one = graph.constant(1.0);
    let product = graph.binary(Binary::Mul, lambda, z);
    let base = graph.binary(Binary::Add, one, product);
    let exponent = graph.binary(Binary::Div, one, lambda);
    let power = graph.binary(Binary::Pow, base, exponent);
    let e = graph.unary(Unary::Exp, z);
    graph.select(lambda, power, e)
}

/// On the scale of Yeo and Johnson (2000): that of Box and Cox of `1 + |x|`, for negative `x` with `2 - lambda` and the
/// other sign.
fn yeo_johnson(graph: &mut Graph, x: NodeId, lambda: NodeId) -> NodeId {
    by_sign(graph, x, lambda, |graph, size, lambda| {
        let one = graph.constant(1.0);
        let base = graph.binary(Binary::Add, one, size);
        box_cox(graph, base, lambda)
    })
}

/// From there.
fn from_yeo_johnson(graph: &mut Graph, z: NodeId, lambda: NodeId) -> NodeId {
    by_sign(graph, z, lambda, |graph, size, lambda| {
        let one = graph.constant(1.0);
        let base = from_box_cox(graph, size, lambda);
        graph.binary(Binary::Sub, base, one)
    })
}

/// What is made of the size of a number with `lambda`, or of that of a negative one with `2 - lambda` and the other sign.
fn by_sign(
    graph: &mut Graph,
    x: NodeId,
    lambda: NodeId,
    of: impl Fn(&mut Graph, NodeId, NodeId) -> NodeId,
) -> NodeId {
    let [zero, two] = [0.0, 2.0].map(|number| graph.constant(number));
    let other = graph.binary(Binary::Sub, two, lambda);
    let size = graph.unary(Unary::Abs, x);
    let is_negative = graph.binary(Binary::Less, x, zero);
    let above = of(graph, size, lambda);
    let below = of(graph, size, other);
    let below = graph.unary(Unary::Negate, below);
    graph.select(is_negative, below, above)
}
