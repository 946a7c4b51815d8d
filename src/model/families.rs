//! Observations by distributions, as `y ~ pois(lambda)`: the names and parameters of R, which rxode2 takes over.
//!
//! An observation is the value of the distribution at a standard normal score, which belongs to patient and time: it
//! is the same on every engine, and grows with the score.

use super::functions::phi;
use super::graph::{Binary, Graph, NodeId, Unary};
use crate::probability::Law;

/// A family of distributions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Its mean.
    Poisson,
    /// Number of trials, probability.
    Binomial,
    /// Probability.
    Bernoulli,
    /// Size, probability: failures before so many successes.
    NegativeBinomial,
    /// Size, mean.
    NegativeBinomialByMean,
    /// Probability: failures before the first success.
    Geometric,
    /// Two shapes.
    Beta,
    /// Degrees of freedom.
    ChiSquared,
    /// Rate, 1 if not given.
    Exponential,
    /// Two degrees of freedom.
    F,
    /// Shape; rate, 1 if not given.
    Gamma,
    /// The smallest, 0 if not given; the largest, 1 if not given.
    Uniform,
    /// Shape; scale, 1 if not given.
    Weibull,
}

/// Names, and how many parameters they take. Each has a second name, with a `d` before it.
const FAMILIES: [(&str, Family, &[usize]); 13] = [
    ("pois", Family::Poisson, &[1]),
    ("binom", Family::Binomial, &[2]),
    ("bern", Family::Bernoulli, &[1]),
    ("nbinom", Family::NegativeBinomial, &[2]),
    ("nbinomMu", Family::NegativeBinomialByMean, &[2]),
    ("geom", Family::Geometric, &[1]),
    ("beta", Family::Beta, &[2]),
    ("chisq", Family::ChiSquared, &[1]),
    ("exp", Family::Exponential, &[0, 1]),
    ("f", Family::F, &[2]),
    ("gamma", Family::Gamma, &[1, 2]),
    ("unif", Family::Uniform, &[0, 1, 2]),
    ("weibull", Family::Weibull, &[1, 2]),
];

impl Family {
    /// The family of a name, with the numbers of parameters that it takes.
    pub(super) fn find(name: &str) -> Option<(Self, &'static [usize])> {
        let is_it = |known: &str| name == known || name.strip_prefix('d') == Some(known);
        FAMILIES.iter().find(|(known, ..)| is_it(known)).map(|(_, family, counts)| (*family, *counts))
    }

    /// The observation of a score.
    pub(super) fn observed(self, graph: &mut Graph, numbers: &[NodeId], score: NodeId) -> NodeId {
        let [zero, one, two] = [0.0, 1.0, 2.0].map(|number| graph.constant(number));
        let number = |i: usize, otherwise: NodeId| numbers.get(i).copied().unwrap_or(otherwise);
        let [a, b] = [number(0, one), number(1, one)];
        match self {
            Self::Poisson => graph.quantile(Law::Poisson, score, [a, zero]),
            Self::Binomial => graph.quantile(Law::Binomial, score, [a, b]),
            Self::Bernoulli => graph.quantile(Law::Bernoulli, score, [a, zero]),
            Self::NegativeBinomial => {
                let failures = failures(graph, b);
                let mean = graph.binary(Binary::Mul, a, failures);
                graph.quantile(Law::NegativeBinomial, score, [a, mean])
            }
            Self::NegativeBinomialByMean => graph.quantile(Law::NegativeBinomial, score, [a, b]),
            Self::Geometric => {
                let mean = failures(graph, a);
                graph.quantile(Law::NegativeBinomial, score, [one, mean])
            }
            Self::Beta => graph.quantile(Law::Beta, score, [a, b]),
            Self::ChiSquared => {
                let shape = graph.binary(Binary::Div, a, two);
                let value = graph.quantile(Law::Gamma, score, [shape, zero]);
                graph.binary(Binary::Mul, two, value)
            }
            Self::Exponential => {
                let value = exponential(graph, score);
                graph.binary(Binary::Div, value, a)
            }
            Self::F => f(graph, score, [a, b]),
            Self::Gamma => {
                let value = graph.quantile(Law::Gamma, score, [a, zero]);
                graph.binary(Binary::Div, value, b)
            }
            Self::Uniform => {
                let low = number(0, zero);
                let width = graph.binary(Binary::Sub, b, low);
                let share = phi(graph, score);
                let above = graph.binary(Binary::Mul, width, share);
                graph.binary(Binary::Add, low, above)
            }
            Self::Weibull => {
                let value = exponential(graph, score);
                let exponent = graph.binary(Binary::Div, one, a);
                let power = graph.binary(Binary::Pow, value, exponent);
                graph.binary(Binary::Mul, b, power)
            }
        }
    }
}

/// The mean number of failures before a success of this probability.
fn failures(graph: &mut Graph, probability: NodeId) -> NodeId {
    let one = graph.constant(1.0);
    let other = graph.binary(Binary::Sub, one, probability);
    graph.binary(Binary::Div, other, probability)
}

/// The exponential distribution of rate 1: minus the logarithm of the probability above, in the lower half by that
/// below.
fn exponential(graph: &mut Graph, score: NodeId) -> NodeId {
    let zero = graph.constant(0.0);
    let minus = graph.unary(Unary::Negate, score);
    let [below, above] = [score, minus].map(|score| phi(graph, score));
    let less = graph.unary(Unary::Negate, below);
    let low = graph.unary(Unary::Log1p, less);
    let high = graph.unary(Unary::Log, above);
    let is_low = graph.binary(Binary::Less, score, zero);
    let log = graph.select(is_low, low, high);
    graph.unary(Unary::Negate, log)
}

/// By the beta distribution of `x = d1 f / (d1 f + d2)`, and that of `1 - x`.
fn f(graph: &mut Graph, score: NodeId, [d1, d2]: [NodeId; 2]) -> NodeId {
    let two = graph.constant(2.0);
    let minus = graph.unary(Unary::Negate, score);
    let [a, b] = [d1, d2].map(|degrees| graph.binary(Binary::Div, degrees, two));
    let x = graph.quantile(Law::Beta, score, [a, b]);
    let y = graph.quantile(Law::Beta, minus, [b, a]);
    let odds = graph.binary(Binary::Div, x, y);
    let ratio = graph.binary(Binary::Div, d2, d1);
    graph.binary(Binary::Mul, ratio, odds)
}

/// The category of a score: that of the first probability where the score is lowest, and the last one, of what the
/// probabilities leave, where it is highest. Categories are `levels`, one more than there are probabilities.
pub(super) fn ordinal(
    graph: &mut Graph,
    probabilities: &[NodeId],
    levels: &[NodeId],
    score: NodeId,
) -> NodeId {
    let [zero, one, nothing] = [0.0, 1.0, f64::NAN].map(|number| graph.constant(number));
    let mut value = levels.first().copied().unwrap_or(one);
    let mut up_to_it = zero;
    for (&probability, level) in probabilities.iter().zip(levels.windows(2)) {
        up_to_it = graph.binary(Binary::Add, up_to_it, probability);
        let beyond = graph.binary(Binary::Sub, one, up_to_it);
        let is_beyond = graph.quantile(Law::Bernoulli, score, [beyond, zero]);
        let step = graph.binary(Binary::Sub, level[1], level[0]);
        let step = graph.binary(Binary::Mul, is_beyond, step);
        let sum = graph.binary(Binary::Add, value, step);
        let is_negative = graph.binary(Binary::Less, probability, zero);
        value = graph.select(is_negative, nothing, sum);
    }
    value
}
