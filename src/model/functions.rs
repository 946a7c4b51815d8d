//! The functions of the language. What engines lack is composed of what they have, so that one definition serves all of
//! them, and derivatives follow.

mod gamma;
mod normal;

use std::f64::consts::{FRAC_PI_2, PI};

use super::errors::ExpressionError;
use super::graph::{Binary, Graph, NodeId, Unary};

/// How a function makes its value.
#[derive(Clone, Copy)]
enum Function {
    /// An operation of the graph.
    Operation(Unary),
    One(fn(&mut Graph, NodeId) -> NodeId),
    Two(fn(&mut Graph, NodeId, NodeId) -> NodeId),
    Three(fn(&mut Graph, NodeId, NodeId, NodeId) -> NodeId),
    /// Of one or more arguments, two by two.
    Fold(Binary),
    /// Of a value and, if wanted, the limits `low, high` instead of 0 to 1.
    Bounded(fn(&mut Graph, NodeId, NodeId, NodeId) -> NodeId),
    /// A distribution's probability up to a value and, if wanted, with a location and a scale instead of 0 and 1.
    Probability(fn(&mut Graph, NodeId) -> NodeId),
    /// A distribution's quantile of a probability, with the same.
    Quantile(fn(&mut Graph, NodeId) -> NodeId),
}

use Function::{Bounded, Fold, One, Operation, Probability, Quantile, Three, Two};

/// The functions by their names.
const FUNCTIONS: &[(&str, Function)] = &[
    ("exp", Operation(Unary::Exp)),
    ("log", Operation(Unary::Log)),
    ("log10", Operation(Unary::Log10)),
    ("log2", Operation(Unary::Log2)),
    ("log1p", Operation(Unary::Log1p)),
    ("expm1", Operation(Unary::Expm1)),
    ("sqrt", Operation(Unary::Sqrt)),
    ("abs", Operation(Unary::Abs)),
    ("min", Fold(Binary::Min)),
    ("max", Fold(Binary::Max)),
    ("sum", Fold(Binary::Add)),
    ("prod", Fold(Binary::Mul)),
    ("pow", Two(|graph, a, b| graph.binary(Binary::Pow, a, b))),
    ("floor", Operation(Unary::Floor)),
    ("ceiling", Operation(Unary::Ceil)),
    ("round", One(rounded)),
    ("trunc", One(truncated)),
    ("sign", One(sign)),
    ("sin", Operation(Unary::Sin)),
    ("cos", Operation(Unary::Cos)),
    ("tan", One(tangent)),
    ("asin", One(arc_sine)),
    ("acos", One(arc_cosine)),
    ("atan", Operation(Unary::Atan)),
    ("atan2", Two(arc_tangent_of_two)),
    ("sinh", One(sinh)),
    ("cosh", One(cosh)),
    ("tanh", Operation(Unary::Tanh)),
    ("asinh", One(asinh)),
    ("acosh", One(acosh)),
    ("atanh", One(atanh)),
    ("expit", Bounded(expit)),
    ("logit", Bounded(logit)),
    ("gamma", One(gamma::gamma)),
    ("lgamma", One(gamma::log_gamma)),
    ("digamma", One(gamma::digamma)),
    ("trigamma", One(gamma::trigamma)),
    ("factorial", One(gamma::factorial)),
    ("lfactorial", One(gamma::log_factorial)),
    ("beta", Two(gamma::beta)),
    ("lbeta", Two(gamma::log_beta)),
    ("choose", Two(gamma::choose)),
    ("lchoose", Two(gamma::log_choose)),
    ("erf", One(normal::erf)),
    ("erfc", One(normal::erfc)),
    ("phi", One(normal::phi)),
    ("pnorm", Probability(normal::phi)),
    ("qnorm", Quantile(normal::probit)),
    ("plogis", Probability(|graph, x| within_one(graph, expit, x))),
    ("qlogis", Quantile(|graph, p| within_one(graph, logit, p))),
    ("probit", One(normal::probit)),
    ("ifelse", Three(|graph, when, then, otherwise| graph.select(when, then, otherwise))),
];

/// Other names of them, in R or rxode2.
const ALIASES: &[(&str, &str)] = &[
    ("ceil", "ceiling"),
    ("fabs", "abs"),
    ("R_pow", "pow"),
    ("R_pow_di", "pow"),
    ("Rx_pow", "pow"),
    ("Rx_pow_di", "pow"),
    ("ftrunc", "trunc"),
    ("gammafn", "gamma"),
    ("lgammafn", "lgamma"),
    ("lgamma1p", "lfactorial"),
    ("probitInv", "phi"),
];

/// Their names.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|(name, _)| *name)
}

/// Whether there is a function of this name.
pub(super) fn is_function(name: &str) -> bool {
    find(name).is_some()
}

fn find(name: &str) -> Option<Function> {
    let name = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, name)| *name);
    FUNCTIONS.iter().find(|(known, _)| *known == name).map(|(_, function)| *function)
}

/// The value of a function; `None` if there is none of that name.
pub(super) fn value(
    graph: &mut Graph,
    name: &str,
    values: &[NodeId],
) -> Option<Result<NodeId, ExpressionError>> {
    let function = find(name)?;
    // First, so that the order of nodes does not depend on which function is called.
    let [zero, one] = [0.0, 1.0].map(|number| graph.constant(number));
    let found = match (function, values) {
        (Operation(op), &[x]) => Ok(graph.unary(op, x)),
        (One(of), &[x]) => Ok(of(graph, x)),
        (Two(of), &[a, b]) => Ok(of(graph, a, b)),
        (Three(of), &[a, b, c]) => Ok(of(graph, a, b, c)),
        (Fold(op), [first, rest @ ..]) => Ok(rest.iter().fold(*first, |sum, &x| graph.binary(op, sum, x))),
        (Bounded(of), &[x]) => Ok(of(graph, x, zero, one)),
        (Bounded(of), &[x, low, high]) => Ok(of(graph, x, low, high)),
        (Probability(of) | Quantile(of), &[x]) => Ok(of(graph, x)),
        (Probability(of), &[x, location, scale]) => {
            let difference = graph.binary(Binary::Sub, x, location);
            let score = graph.binary(Binary::Div, difference, scale);
            Ok(of(graph, score))
        }
        (Quantile(of), &[p, location, scale]) => {
            let score = of(graph, p);
            let difference = graph.binary(Binary::Mul, scale, score);
            Ok(graph.binary(Binary::Add, location, difference))
        }
        (Operation(_) | One(_), _) => Err("one argument"),
        (Two(_), _) => Err("two arguments"),
        (Three(_), _) => Err("three arguments"),
        (Fold(_), _) => Err("at least one argument"),
        (Bounded(_), _) => Err("one argument, or a value with its lower and upper limit"),
        (Probability(_) | Quantile(_), _) => {
            Err("one argument, or a value with a location (mean) and a scale (standard deviation)")
        }
    };
    Some(found.map_err(|expected| ExpressionError::Arguments {
        name: name.into(),
        expected: expected.into(),
        found: values.len(),
    }))
}

/// The nearest whole number; halves away from 0, as in C.
fn rounded(graph: &mut Graph, x: NodeId) -> NodeId {
    let half = graph.constant(0.5);
    let size = graph.unary(Unary::Abs, x);
    let sum = graph.binary(Binary::Add, size, half);
    let whole = graph.unary(Unary::Floor, sum);
    signed(graph, x, whole)
}

/// The whole part.
fn truncated(graph: &mut Graph, x: NodeId) -> NodeId {
    let size = graph.unary(Unary::Abs, x);
    let whole = graph.unary(Unary::Floor, size);
    signed(graph, x, whole)
}

/// -1, 0 or 1.
fn sign(graph: &mut Graph, x: NodeId) -> NodeId {
    let zero = graph.constant(0.0);
    let above = graph.binary(Binary::Less, zero, x);
    let below = graph.binary(Binary::Less, x, zero);
    graph.binary(Binary::Sub, above, below)
}

/// A size with the sign of `x`.
fn signed(graph: &mut Graph, x: NodeId, size: NodeId) -> NodeId {
    let zero = graph.constant(0.0);
    let is_negative = graph.binary(Binary::Less, x, zero);
    let minus = graph.unary(Unary::Negate, size);
    graph.select(is_negative, minus, size)
}

fn tangent(graph: &mut Graph, x: NodeId) -> NodeId {
    let [sine, cosine] = [Unary::Sin, Unary::Cos].map(|op| graph.unary(op, x));
    graph.binary(Binary::Div, sine, cosine)
}

/// `1 - x` and `1 + x`.
fn beside_one(graph: &mut Graph, x: NodeId) -> [NodeId; 2] {
    let one = graph.constant(1.0);
    [Binary::Sub, Binary::Add].map(|op| graph.binary(op, one, x))
}

/// `2 atan(x / (1 + sqrt((1 - x) (1 + x))))`
fn arc_sine(graph: &mut Graph, x: NodeId) -> NodeId {
    let [one, two] = [1.0, 2.0].map(|number| graph.constant(number));
    let [less, more] = beside_one(graph, x);
    let product = graph.binary(Binary::Mul, less, more);
    let root = graph.unary(Unary::Sqrt, product);
    let below = graph.binary(Binary::Add, one, root);
    let ratio = graph.binary(Binary::Div, x, below);
    let angle = graph.unary(Unary::Atan, ratio);
    graph.binary(Binary::Mul, two, angle)
}

/// `2 atan(sqrt((1 - |x|) / (1 + |x|)))`, or pi less it where `x` is negative.
fn arc_cosine(graph: &mut Graph, x: NodeId) -> NodeId {
    let [zero, two, half_turn] = [0.0, 2.0, PI].map(|number| graph.constant(number));
    let size = graph.unary(Unary::Abs, x);
    let [less, more] = beside_one(graph, size);
    let ratio = graph.binary(Binary::Div, less, more);
    let root = graph.unary(Unary::Sqrt, ratio);
    let angle = graph.unary(Unary::Atan, root);
    let angle = graph.binary(Binary::Mul, two, angle);
    let is_negative = graph.binary(Binary::Less, x, zero);
    let other = graph.binary(Binary::Sub, half_turn, angle);
    graph.select(is_negative, other, angle)
}

/// The angle of the point `(x, y)`, by the ratio that is at most 1; 0 at the origin.
fn arc_tangent_of_two(graph: &mut Graph, y: NodeId, x: NodeId) -> NodeId {
    let [zero, one, quarter, half_turn] = [0.0, 1.0, FRAC_PI_2, PI].map(|number| graph.constant(number));
    let [of_x, of_y] = [x, y].map(|id| graph.unary(Unary::Abs, id));
    let is_steep = graph.binary(Binary::Less, of_x, of_y);
    let above = graph.select(is_steep, of_x, of_y);
    let below = graph.select(is_steep, of_y, of_x);
    let below = graph.select(below, below, one);
    let ratio = graph.binary(Binary::Div, above, below);
    let angle = graph.unary(Unary::Atan, ratio);
    let other = graph.binary(Binary::Sub, quarter, angle);
    let angle = graph.select(is_steep, other, angle);
    let is_left = graph.binary(Binary::Less, x, zero);
    let other = graph.binary(Binary::Sub, half_turn, angle);
    let angle = graph.select(is_left, other, angle);
    signed(graph, y, angle)
}

/// Half the difference of `e^x - 1` and `e^-x - 1`.
fn sinh(graph: &mut Graph, x: NodeId) -> NodeId {
    let half = graph.constant(0.5);
    let minus = graph.unary(Unary::Negate, x);
    let [up, down] = [x, minus].map(|id| graph.unary(Unary::Expm1, id));
    let difference = graph.binary(Binary::Sub, up, down);
    graph.binary(Binary::Mul, half, difference)
}

fn cosh(graph: &mut Graph, x: NodeId) -> NodeId {
    let half = graph.constant(0.5);
    let minus = graph.unary(Unary::Negate, x);
    let [up, down] = [x, minus].map(|id| graph.unary(Unary::Exp, id));
    let sum = graph.binary(Binary::Add, up, down);
    graph.binary(Binary::Mul, half, sum)
}

/// `log(1 + |x| + x^2 / (1 + sqrt(1 + x^2)))`
fn asinh(graph: &mut Graph, x: NodeId) -> NodeId {
    let one = graph.constant(1.0);
    let size = graph.unary(Unary::Abs, x);
    let square = graph.binary(Binary::Mul, x, x);
    let sum = graph.binary(Binary::Add, one, square);
    let root = graph.unary(Unary::Sqrt, sum);
    let below = graph.binary(Binary::Add, one, root);
    let rest = graph.binary(Binary::Div, square, below);
    let argument = graph.binary(Binary::Add, size, rest);
    let value = graph.unary(Unary::Log1p, argument);
    signed(graph, x, value)
}

/// With `t = x - 1`: `log(1 + t + sqrt(t (t + 2)))`.
fn acosh(graph: &mut Graph, x: NodeId) -> NodeId {
    let [one, two] = [1.0, 2.0].map(|number| graph.constant(number));
    let t = graph.binary(Binary::Sub, x, one);
    let more = graph.binary(Binary::Add, t, two);
    let product = graph.binary(Binary::Mul, t, more);
    let root = graph.unary(Unary::Sqrt, product);
    let argument = graph.binary(Binary::Add, t, root);
    graph.unary(Unary::Log1p, argument)
}

/// `log(1 + 2 x / (1 - x)) / 2`
fn atanh(graph: &mut Graph, x: NodeId) -> NodeId {
    let [half, two] = [0.5, 2.0].map(|number| graph.constant(number));
    let [less, _] = beside_one(graph, x);
    let double = graph.binary(Binary::Mul, two, x);
    let argument = graph.binary(Binary::Div, double, less);
    let log = graph.unary(Unary::Log1p, argument);
    graph.binary(Binary::Mul, half, log)
}

/// `low + (high - low) / (1 + exp(-x))`, of an exponential that is at most 1: where x is negative it stands above
/// the fraction line.
pub(super) fn expit(graph: &mut Graph, x: NodeId, low: NodeId, high: NodeId) -> NodeId {
    let (zero, one) = (graph.constant(0.0), graph.constant(1.0));
    let size = graph.unary(Unary::Abs, x);
    let minus = graph.unary(Unary::Negate, size);
    let e = graph.unary(Unary::Exp, minus);
    let is_negative = graph.binary(Binary::Less, x, zero);
    let share = graph.select(is_negative, e, one);
    let width = graph.binary(Binary::Sub, high, low);
    let above = graph.binary(Binary::Mul, width, share);
    let below = graph.binary(Binary::Add, one, e);
    let above = graph.binary(Binary::Div, above, below);
    graph.binary(Binary::Add, low, above)
}

/// `log((x - low) / (high - x))`
pub(super) fn logit(graph: &mut Graph, x: NodeId, low: NodeId, high: NodeId) -> NodeId {
    let above = graph.binary(Binary::Sub, x, low);
    let below = graph.binary(Binary::Sub, high, x);
    let odds = graph.binary(Binary::Div, above, below);
    graph.unary(Unary::Log, odds)
}

/// A function of a value and its limits, within 0 to 1.
fn within_one(graph: &mut Graph, of: fn(&mut Graph, NodeId, NodeId, NodeId) -> NodeId, x: NodeId) -> NodeId {
    let [zero, one] = [0.0, 1.0].map(|number| graph.constant(number));
    of(graph, x, zero, one)
}

/// The standard normal distribution.
pub(super) fn phi(graph: &mut Graph, x: NodeId) -> NodeId {
    normal::phi(graph, x)
}

/// Its quantile.
pub(super) fn probit(graph: &mut Graph, p: NodeId) -> NodeId {
    normal::probit(graph, p)
}

/// `lgamma(x + 1)`
pub(super) fn log_factorial(graph: &mut Graph, x: NodeId) -> NodeId {
    gamma::log_factorial(graph, x)
}

/// A polynomial, lowest power first.
fn polynomial(graph: &mut Graph, coefficients: &[f64], x: NodeId) -> NodeId {
    let zero = graph.constant(0.0);
    coefficients.iter().rev().fold(zero, |sum, &coefficient| {
        let product = graph.binary(Binary::Mul, sum, x);
        let coefficient = graph.constant(coefficient);
        graph.binary(Binary::Add, product, coefficient)
    })
}

#[cfg(test)]
#[expect(clippy::approx_constant, reason = "values of another program, as it prints them")]
mod tests;
