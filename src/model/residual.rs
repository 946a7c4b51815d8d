//! Residual lines: `y ~ add(a) + prop(b)`, `y ~ lnorm(c)`, `y ~ pow(b, c) + boxCox(lambda)`.
//!
//! An observation is `h^-1(h(y) + sd z)` with a standard normal `z`: `h` is the scale of the error, the identity unless
//! the line says another.

use super::ast::{Argument, Expr, Infix, Kind};
use super::errors::{EquationError, Report};
use super::functions::{expit, logit};
use super::graph::{Binary, Graph, NodeId, Unary};

/// What an observation is made of; expressions in [`Line::numbers`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Term {
    /// `add(a)`: a standard deviation on the scale of the error.
    Additive,
    /// `prop(b)`: a fraction of the prediction.
    Proportional,
    /// `pow(b, c)`: a fraction of a power of the prediction.
    Power,
    /// `lnorm(a)`: a standard deviation on the logarithmic scale.
    LogNormal,
    /// `logitNorm(a)`, `logitNorm(a, low, high)`: one on the scale of the log odds between two limits.
    LogitNormal,
    /// `boxCox(lambda)`: the scale of the error.
    BoxCox,
    /// `yeoJohnson(lambda)`: the scale of the error.
    YeoJohnson,
    /// `combined1()`: standard deviations add.
    Combined1,
    /// `combined2()`: variances add, as they do if nothing is said.
    Combined2,
    /// `var()`: the numbers are variances.
    Variances,
}

impl Term {
    fn is_scale(self) -> bool {
        matches!(self, Self::LogNormal | Self::LogitNormal | Self::BoxCox | Self::YeoJohnson)
    }

    fn is_additive(self) -> bool {
        matches!(self, Self::Additive | Self::LogNormal | Self::LogitNormal)
    }

    /// Whether its first number is a relative error.
    pub(super) fn is_relative(self) -> bool {
        matches!(self, Self::Proportional | Self::LogNormal)
    }
}

/// Names of the terms, and how many numbers they take.
const TERMS: [(&str, Term, &[usize]); 17] = [
    ("add", Term::Additive, &[1]),
    ("norm", Term::Additive, &[1]),
    ("dnorm", Term::Additive, &[1]),
    ("prop", Term::Proportional, &[1]),
    ("pow", Term::Power, &[2]),
    ("lnorm", Term::LogNormal, &[1]),
    ("dlnorm", Term::LogNormal, &[1]),
    ("logn", Term::LogNormal, &[1]),
    ("dlogn", Term::LogNormal, &[1]),
    ("logitNorm", Term::LogitNormal, &[1, 3]),
    ("boxCox", Term::BoxCox, &[1]),
    ("yeoJohnson", Term::YeoJohnson, &[1]),
    ("combined1", Term::Combined1, &[0]),
    ("comb1", Term::Combined1, &[0]),
    ("combined2", Term::Combined2, &[0]),
    ("comb2", Term::Combined2, &[0]),
    ("var", Term::Variances, &[0]),
];

/// Distributions of nlmixr2 whose observations are not simulated.
const DISTRIBUTIONS: [&str; 32] = [
    "pois",
    "dpois",
    "binom",
    "dbinom",
    "bern",
    "dbern",
    "nbinom",
    "dnbinom",
    "nbinomMu",
    "dnbinomMu",
    "beta",
    "dbeta",
    "chisq",
    "dchisq",
    "exp",
    "dexp",
    "f",
    "df",
    "geom",
    "dgeom",
    "hyper",
    "dhyper",
    "unif",
    "dunif",
    "weibull",
    "dweibull",
    "gamma",
    "dgamma",
    "t",
    "dt",
    "cauchy",
    "dcauchy",
];

/// What a line says.
pub(super) enum Line<'a> {
    /// An error on some scale: its terms with their numbers.
    Error(Vec<(Term, Vec<&'a Expr>)>),
    /// A distribution that is not simulated: its name, and the expressions in it.
    Distribution(String, Vec<&'a Expr>),
}

/// Reads the right side of a line. What follows a `|` says which records of a data set it is for.
pub(super) fn line<'a>(right: &'a Expr, report: &mut Report) -> Line<'a> {
    if let Kind::Infix(Infix::Or, terms, _) = &right.kind {
        return line(terms, report);
    }
    let summands = summands(right);
    if let Some(distribution) = summands.iter().find_map(|term| distribution(term)) {
        let within = summands.iter().flat_map(|term| arguments(term)).map(|argument| &argument.value);
        return Line::Distribution(distribution, within.collect());
    }
    let mut found: Vec<(Term, Vec<&Expr>)> = Vec::new();
    for term in summands {
        let Some((kind, numbers)) = of_error(term) else {
            report.add(&term.span, EquationError::ResidualModel { found: described(term) });
            let within = arguments(term).iter().map(|argument| &argument.value);
            found.push((Term::Additive, within.collect()));
            continue;
        };
        let has = |wanted: fn(Term) -> bool| found.iter().any(|(earlier, _)| wanted(*earlier));
        let twice = found.iter().any(|(earlier, _)| *earlier == kind);
        let two_scales = kind.is_scale() && has(Term::is_scale);
        // These are additive themselves, on their scale.
        let two_additive = kind.is_additive() && has(Term::is_additive);
        if twice || two_scales || two_additive {
            report.add(&term.span, EquationError::ResidualCombination { found: described(term) });
        }
        found.push((kind, numbers));
    }
    Line::Error(found)
}

fn summands(right: &Expr) -> Vec<&Expr> {
    match &right.kind {
        Kind::Infix(Infix::Add, a, b) => [summands(a), summands(b)].concat(),
        _ => vec![right],
    }
}

fn arguments(term: &Expr) -> &[Argument] {
    match &term.kind {
        Kind::Call(_, arguments) => arguments,
        _ => &[],
    }
}

fn of_error(term: &Expr) -> Option<(Term, Vec<&Expr>)> {
    let Kind::Call(name, arguments) = &term.kind else { return None };
    let (_, kind, counts) = TERMS.iter().find(|(known, ..)| known == name)?;
    let is_right = counts.contains(&arguments.len()) && arguments.iter().all(|a| a.name.is_none());
    is_right.then(|| (*kind, arguments.iter().map(|argument| &argument.value).collect()))
}

/// The name of a distribution that is known and not simulated.
fn distribution(term: &Expr) -> Option<String> {
    let Kind::Call(name, _) = &term.kind else { return None };
    let is_known = DISTRIBUTIONS.contains(&name.as_str());
    match name.as_str() {
        _ if is_known => Some(name.clone()),
        // The probabilities of categories.
        "c" => Some("ordinal".into()),
        "probitNorm" | "ar" | "propT" | "powT" | "propF" | "powF" => Some(name.clone()),
        _ => None,
    }
}

fn described(term: &Expr) -> String {
    match &term.kind {
        Kind::Call(name, _) => format!("{name}(...)"),
        Kind::Name(name) => name.clone(),
        _ => "this expression".into(),
    }
}

/// The prediction with error. Parts of the error are independent, so that their variances add (nlmixr2's `combined2`),
/// `sd = sqrt(a^2 + (b prediction)^2)`, unless the line says `combined1()`: `sd = a + b prediction`.
pub(super) fn observed(
    graph: &mut Graph,
    prediction: NodeId,
    terms: &[(Term, Vec<NodeId>)],
    score: NodeId,
) -> NodeId {
    let has = |wanted: Term| terms.iter().any(|(term, _)| *term == wanted);
    let sd = deviation(graph, prediction, terms, has(Term::Variances), has(Term::Combined1));
    let error = graph.binary(Binary::Mul, sd, score);
    let scale = terms.iter().find(|(term, _)| term.is_scale());
    let Some((scale, numbers)) = scale else { return graph.binary(Binary::Add, prediction, error) };
    match (scale, numbers.as_slice()) {
        (Term::LogNormal, _) => {
            let factor = graph.unary(Unary::Exp, error);
            graph.binary(Binary::Mul, prediction, factor)
        }
        (Term::LogitNormal, [_, limits @ ..]) => {
            let [low, high] = match *limits {
                [low, high] => [low, high],
                _ => [0.0, 1.0].map(|number| graph.constant(number)),
            };
            let there = logit(graph, prediction, low, high);
            let there = graph.binary(Binary::Add, there, error);
            expit(graph, there, low, high)
        }
        (Term::BoxCox, &[lambda]) => {
            let there = box_cox(graph, prediction, lambda);
            let there = graph.binary(Binary::Add, there, error);
            from_box_cox(graph, there, lambda)
        }
        (Term::YeoJohnson, &[lambda]) => yeo_johnson(graph, prediction, lambda, error),
        _ => graph.binary(Binary::Add, prediction, error),
    }
}

/// The standard deviation on the scale of the error.
fn deviation(
    graph: &mut Graph,
    prediction: NodeId,
    terms: &[(Term, Vec<NodeId>)],
    are_variances: bool,
    add: bool,
) -> NodeId {
    let mut parts = Vec::new();
    for (term, numbers) in terms {
        let size = match *term {
            Term::Additive | Term::LogNormal | Term::LogitNormal => None,
            Term::Proportional => Some(prediction),
            Term::Power => numbers.get(1).map(|&exponent| graph.binary(Binary::Pow, prediction, exponent)),
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

/// An observation on the scale of Yeo and Johnson (2000): that of Box and Cox of `1 + |x|`, for negative `x` with
/// `2 - lambda` and the other sign.
fn yeo_johnson(graph: &mut Graph, x: NodeId, lambda: NodeId, error: NodeId) -> NodeId {
    let [zero, one, two] = [0.0, 1.0, 2.0].map(|number| graph.constant(number));
    let other = graph.binary(Binary::Sub, two, lambda);
    let of_size = |graph: &mut Graph, number: NodeId, lambda: NodeId| {
        let size = graph.unary(Unary::Abs, number);
        let base = graph.binary(Binary::Add, one, size);
        box_cox(graph, base, lambda)
    };
    let back = |graph: &mut Graph, number: NodeId, lambda: NodeId| {
        let size = graph.unary(Unary::Abs, number);
        let base = from_box_cox(graph, size, lambda);
        graph.binary(Binary::Sub, base, one)
    };
    let is_negative = graph.binary(Binary::Less, x, zero);
    let above = of_size(graph, x, lambda);
    let below = of_size(graph, x, other);
    let below = graph.unary(Unary::Negate, below);
    let there = graph.select(is_negative, below, above);
    let there = graph.binary(Binary::Add, there, error);
    let is_negative = graph.binary(Binary::Less, there, zero);
    let above = back(graph, there, lambda);
    let below = back(graph, there, other);
    let below = graph.unary(Unary::Negate, below);
    graph.select(is_negative, below, above)
}
