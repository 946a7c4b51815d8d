//! The gamma function, its logarithm and what is made of them.

use std::f64::consts::PI;

use super::{Binary, Graph, NodeId, Unary, polynomial};

/// How far arguments are moved up before the asymptotic series.
const SHIFT: u32 = 10;

/// Stirling's series of the logarithm beyond `(x - 1/2) log(x) - x + log(2 pi) / 2`, in `1 / x^2` after a factor `1 / x`:
/// `B_2k / (2k (2k - 1))`.
const STIRLING: [f64; 8] = [
    1.0 / 12.0,
    -1.0 / 360.0,
    1.0 / 1260.0,
    -1.0 / 1680.0,
    1.0 / 1188.0,
    -691.0 / 360_360.0,
    1.0 / 156.0,
    -3617.0 / 122_400.0,
];
/// That of its derivative beyond `log(x) - 1 / (2 x)`, in `1 / x^2` after a factor `1 / x^2`: `-B_2k / 2k`.
const DIGAMMA: [f64; 8] = [
    -1.0 / 12.0,
    1.0 / 120.0,
    -1.0 / 252.0,
    1.0 / 240.0,
    -1.0 / 132.0,
    691.0 / 32_760.0,
    -1.0 / 12.0,
    3617.0 / 8_160.0,
];
/// That of its second derivative beyond `1 / x + 1 / (2 x^2)`, in `1 / x^2` after a factor `1 / x^3`: `B_2k`.
const TRIGAMMA: [f64; 8] = [
    1.0 / 6.0,
    -1.0 / 30.0,
    1.0 / 42.0,
    -1.0 / 30.0,
    5.0 / 66.0,
    -691.0 / 2_730.0,
    7.0 / 6.0,
    -3617.0 / 510.0,
];
/// `log(2 pi) / 2`
const HALF_LOG_TAU: f64 = 0.918_938_533_204_672_8;

/// The argument moved up, and each value on the way.
fn moved(graph: &mut Graph, x: NodeId) -> (NodeId, Vec<NodeId>) {
    let by = |graph: &mut Graph, number: u32| {
        let number = graph.constant(f64::from(number));
        graph.binary(Binary::Add, x, number)
    };
    let steps = (0..SHIFT).map(|number| by(graph, number)).collect();
    (by(graph, SHIFT), steps)
}

/// A series in `1 / y^2`, and `1 / y`.
fn series(graph: &mut Graph, coefficients: &[f64], y: NodeId) -> (NodeId, NodeId) {
    let one = graph.constant(1.0);
    let reciprocal = graph.binary(Binary::Div, one, y);
    let square = graph.binary(Binary::Mul, reciprocal, reciprocal);
    (polynomial(graph, coefficients, square), reciprocal)
}

/// `log(gamma(x))` for `x > 0`.
fn of_positive(graph: &mut Graph, x: NodeId) -> NodeId {
    let [half, constant] = [0.5, HALF_LOG_TAU].map(|number| graph.constant(number));
    let (y, steps) = moved(graph, x);
    let (series, reciprocal) = series(graph, &STIRLING, y);
    let rest = graph.binary(Binary::Mul, series, reciprocal);
    let log = graph.unary(Unary::Log, y);
    let power = graph.binary(Binary::Sub, y, half);
    let main = graph.binary(Binary::Mul, power, log);
    let main = graph.binary(Binary::Sub, main, y);
    let main = graph.binary(Binary::Add, main, constant);
    let main = graph.binary(Binary::Add, main, rest);
    // Two products: one would overflow in f32 from 1e4 on.
    let middle = steps.len() / 2;
    [&steps[..middle], &steps[middle..]].into_iter().fold(main, |sum, factors| {
        let product = product(graph, factors);
        let log = graph.unary(Unary::Log, product);
        graph.binary(Binary::Sub, sum, log)
    })
}

fn product(graph: &mut Graph, factors: &[NodeId]) -> NodeId {
    let one = graph.constant(1.0);
    factors.iter().fold(one, |product, &factor| graph.binary(Binary::Mul, product, factor))
}

/// Whether `x` is below 1/2, `x` on the upper side by `1 - x`, and `pi x`.
struct Reflected {
    is_low: NodeId,
    upper: NodeId,
    turned: NodeId,
}

fn reflected(graph: &mut Graph, x: NodeId) -> Reflected {
    let [half, one, pi] = [0.5, 1.0, PI].map(|number| graph.constant(number));
    let is_low = graph.binary(Binary::Less, x, half);
    let other = graph.binary(Binary::Sub, one, x);
    let upper = graph.select(is_low, other, x);
    let turned = graph.binary(Binary::Mul, pi, x);
    Reflected { is_low, upper, turned }
}

/// The gamma function; below 1/2 by `pi / (sin(pi x) gamma(1 - x))`.
pub(super) fn gamma(graph: &mut Graph, x: NodeId) -> NodeId {
    let pi = graph.constant(PI);
    let Reflected { is_low, upper, turned } = reflected(graph, x);
    let log = of_positive(graph, upper);
    let value = graph.unary(Unary::Exp, log);
    let sine = graph.unary(Unary::Sin, turned);
    let below = graph.binary(Binary::Mul, sine, value);
    let other = graph.binary(Binary::Div, pi, below);
    graph.select(is_low, other, value)
}

/// The logarithm of its size.
pub(super) fn log_gamma(graph: &mut Graph, x: NodeId) -> NodeId {
    let pi = graph.constant(PI);
    let Reflected { is_low, upper, turned } = reflected(graph, x);
    let value = of_positive(graph, upper);
    let sine = graph.unary(Unary::Sin, turned);
    let size = graph.unary(Unary::Abs, sine);
    let ratio = graph.binary(Binary::Div, pi, size);
    let log = graph.unary(Unary::Log, ratio);
    let other = graph.binary(Binary::Sub, log, value);
    graph.select(is_low, other, value)
}

/// The derivative of `log_gamma`; below 1/2 by `digamma(1 - x) - pi / tan(pi x)`.
pub(super) fn digamma(graph: &mut Graph, x: NodeId) -> NodeId {
    let [half, one, pi] = [0.5, 1.0, PI].map(|number| graph.constant(number));
    let Reflected { is_low, upper, turned } = reflected(graph, x);
    let (y, steps) = moved(graph, upper);
    let (series, reciprocal) = series(graph, &DIGAMMA, y);
    let log = graph.unary(Unary::Log, y);
    let first = graph.binary(Binary::Mul, half, reciprocal);
    let main = graph.binary(Binary::Sub, log, first);
    let square = graph.binary(Binary::Mul, reciprocal, reciprocal);
    let rest = graph.binary(Binary::Mul, series, square);
    let main = graph.binary(Binary::Add, main, rest);
    let value = steps.into_iter().fold(main, |sum, step| {
        let part = graph.binary(Binary::Div, one, step);
        graph.binary(Binary::Sub, sum, part)
    });
    let tangent = super::tangent(graph, turned);
    let part = graph.binary(Binary::Div, pi, tangent);
    let other = graph.binary(Binary::Sub, value, part);
    graph.select(is_low, other, value)
}

/// The derivative of `digamma`; below 1/2 by `(pi / sin(pi x))^2 - trigamma(1 - x)`.
pub(super) fn trigamma(graph: &mut Graph, x: NodeId) -> NodeId {
    let [half, one, pi] = [0.5, 1.0, PI].map(|number| graph.constant(number));
    let Reflected { is_low, upper, turned } = reflected(graph, x);
    let (y, steps) = moved(graph, upper);
    let (series, reciprocal) = series(graph, &TRIGAMMA, y);
    let square = graph.binary(Binary::Mul, reciprocal, reciprocal);
    let second = graph.binary(Binary::Mul, half, square);
    let main = graph.binary(Binary::Add, reciprocal, second);
    let cube = graph.binary(Binary::Mul, square, reciprocal);
    let rest = graph.binary(Binary::Mul, series, cube);
    let main = graph.binary(Binary::Add, main, rest);
    let value = steps.into_iter().fold(main, |sum, step| {
        let square = graph.binary(Binary::Mul, step, step);
        let part = graph.binary(Binary::Div, one, square);
        graph.binary(Binary::Add, sum, part)
    });
    let sine = graph.unary(Unary::Sin, turned);
    let ratio = graph.binary(Binary::Div, pi, sine);
    let square = graph.binary(Binary::Mul, ratio, ratio);
    let other = graph.binary(Binary::Sub, square, value);
    graph.select(is_low, other, value)
}

fn one_more(graph: &mut Graph, x: NodeId) -> NodeId {
    let one = graph.constant(1.0);
    graph.binary(Binary::Add, x, one)
}

/// `gamma(x + 1)`
pub(super) fn factorial(graph: &mut Graph, x: NodeId) -> NodeId {
    let more = one_more(graph, x);
    gamma(graph, more)
}

/// `lgamma(x + 1)`
pub(super) fn log_factorial(graph: &mut Graph, x: NodeId) -> NodeId {
    let more = one_more(graph, x);
    log_gamma(graph, more)
}

/// `lgamma(a) + lgamma(b) - lgamma(a + b)`
pub(super) fn log_beta(graph: &mut Graph, a: NodeId, b: NodeId) -> NodeId {
    let sum = graph.binary(Binary::Add, a, b);
    let [a, b, sum] = [a, b, sum].map(|x| log_gamma(graph, x));
    let product = graph.binary(Binary::Add, a, b);
    graph.binary(Binary::Sub, product, sum)
}

/// `gamma(a) gamma(b) / gamma(a + b)`, for positive arguments.
pub(super) fn beta(graph: &mut Graph, a: NodeId, b: NodeId) -> NodeId {
    let log = log_beta(graph, a, b);
    graph.unary(Unary::Exp, log)
}

/// `lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)`
pub(super) fn log_choose(graph: &mut Graph, n: NodeId, k: NodeId) -> NodeId {
    let rest = graph.binary(Binary::Sub, n, k);
    let [n, k, rest] = [n, k, rest].map(|x| log_factorial(graph, x));
    let difference = graph.binary(Binary::Sub, n, k);
    graph.binary(Binary::Sub, difference, rest)
}

/// So many ways to choose `k` of `n`.
pub(super) fn choose(graph: &mut Graph, n: NodeId, k: NodeId) -> NodeId {
    let log = log_choose(graph, n, k);
    graph.unary(Unary::Exp, log)
}
