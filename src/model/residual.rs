//! Residual lines: `y ~ add(a) + prop(b)`, `y ~ lnorm(c)`, `y ~ pow(b, c) + boxCox(lambda)`.
//!
//! An observation is `h^-1(h(y) + sd z)` with a standard normal `z`: `h` is the scale of the error, the identity unless
//! the line says another.

use std::borrow::Cow;

use super::ast::{Argument, Expr, Infix, Kind};
use super::errors::{EquationError, Report};
use super::families::Family;

mod observed;

pub(super) use observed::observed;

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
    /// `probitNorm(a)`, `probitNorm(a, low, high)`: one on the scale of normal scores between two limits.
    ProbitNormal,
    /// `yeoJohnson(lambda)`: the scale of the error.
    YeoJohnson,
    /// `propT(b)`: a fraction of the prediction on the scale of the error.
    ProportionalThere,
    /// `powT(b, c)`: a fraction of its power.
    PowerThere,
    /// `propF(b, f)`: a fraction of another value.
    ProportionalTo,
    /// `powF(b, c, f)`: a fraction of a power of it.
    PowerTo,
    /// `t(nu)`: scores of Student's t.
    Student,
    /// `cauchy()`: those of a Cauchy distribution.
    Cauchy,
    /// `combined1()`: standard deviations add.
    Combined1,
    /// `combined2()`: variances add, as they do if nothing is said.
    Combined2,
    /// `var()`: the numbers are variances.
    Variances,
}

impl Term {
    fn is_scale(self) -> bool {
        matches!(
            self,
            Self::LogNormal | Self::LogitNormal | Self::ProbitNormal | Self::BoxCox | Self::YeoJohnson
        )
    }

    fn is_additive(self) -> bool {
        matches!(self, Self::Additive | Self::LogNormal | Self::LogitNormal | Self::ProbitNormal)
    }

    /// Whether it says how large the error is.
    fn has_size(self) -> bool {
        use Term::{BoxCox, Cauchy, Combined1, Combined2, Student, Variances, YeoJohnson};
        !matches!(self, BoxCox | YeoJohnson | Combined1 | Combined2 | Variances | Student | Cauchy)
    }

    /// Whether it says the shape of scores.
    fn is_shape(self) -> bool {
        matches!(self, Self::Student | Self::Cauchy)
    }

    /// Whether its first number is a relative error.
    pub(super) fn is_relative(self) -> bool {
        matches!(self, Self::Proportional | Self::ProportionalThere | Self::ProportionalTo | Self::LogNormal)
    }
}

/// Names of the terms, and how many numbers they take.
const TERMS: [(&str, Term, &[usize]); 28] = [
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
    ("probitNorm", Term::ProbitNormal, &[1, 3]),
    ("boxCox", Term::BoxCox, &[1]),
    ("tbs", Term::BoxCox, &[1]),
    ("yeoJohnson", Term::YeoJohnson, &[1]),
    ("tbsYj", Term::YeoJohnson, &[1]),
    ("propT", Term::ProportionalThere, &[1]),
    ("powT", Term::PowerThere, &[2]),
    ("propF", Term::ProportionalTo, &[2]),
    ("powF", Term::PowerTo, &[3]),
    ("t", Term::Student, &[1]),
    ("dt", Term::Student, &[1]),
    ("cauchy", Term::Cauchy, &[0]),
    ("dcauchy", Term::Cauchy, &[0]),
    ("combined1", Term::Combined1, &[0]),
    ("comb1", Term::Combined1, &[0]),
    ("combined2", Term::Combined2, &[0]),
    ("comb2", Term::Combined2, &[0]),
    ("var", Term::Variances, &[0]),
];

/// What a line says.
pub(super) enum Line<'a> {
    /// An error on some scale: its terms with their numbers.
    Error(Vec<(Term, Vec<&'a Expr>)>),
    /// A distribution with its parameters.
    Family(Family, Vec<&'a Expr>),
    /// Categories with their probabilities, the last one has what these leave.
    Ordinal {
        /// One for each category but the last.
        probabilities: Vec<Cow<'a, Expr>>,
        /// The numbers of all categories; 1, 2 and so on if there are none.
        levels: Vec<&'a Expr>,
    },
    /// What is not simulated: its name, and the expressions in it.
    Unsimulated(String, Vec<&'a Expr>),
}

/// Reads the right side of a line. What follows a `|` says which records of a data set it is for.
pub(super) fn line<'a>(right: &'a Expr, report: &mut Report) -> Line<'a> {
    if let Kind::Infix(Infix::Or, terms, _) = &right.kind {
        return line(terms, report);
    }
    let summands = summands(right);
    if let Some(line) = whole(right) {
        return line;
    }
    if let Some(name) = summands.iter().find_map(|term| unsimulated(term)) {
        let within = summands.iter().flat_map(|term| arguments(term)).map(|argument| &argument.value);
        return Line::Unsimulated(name, within.collect());
    }
    let mut found: Vec<(Term, Vec<&Expr>)> = Vec::new();
    for &term in summands.iter().filter(|term| !is_usual(term)) {
        let Some((kind, numbers)) = of_error(term) else {
            report.add(&term.span, refusal(term));
            let within = arguments(term).iter().map(|argument| &argument.value);
            found.push((Term::Additive, within.collect()));
            continue;
        };
        let has = |wanted: fn(Term) -> bool| found.iter().any(|(earlier, _)| wanted(*earlier));
        let twice = found.iter().any(|(earlier, _)| *earlier == kind);
        let two_scales = kind.is_scale() && has(Term::is_scale);
        // These are additive themselves, on their scale.
        let two_additive = kind.is_additive() && has(Term::is_additive);
        let two_shapes = kind.is_shape() && has(Term::is_shape);
        if twice || two_scales || two_additive || two_shapes {
            report.add(&term.span, EquationError::ResidualCombination { found: described(term) });
        }
        found.push((kind, numbers));
    }
    if !found.iter().any(|(term, _)| term.has_size()) {
        report.add(&right.span, EquationError::ResidualSize { found: described(summands[0]) });
    }
    Line::Error(found)
}

/// A line that is one distribution.
fn whole(right: &Expr) -> Option<Line<'_>> {
    let Kind::Call(name, arguments) = &right.kind else { return None };
    if name == "c" {
        return ordinal(arguments);
    }
    let (family, counts) = Family::find(name)?;
    let is_right = counts.contains(&arguments.len()) && arguments.iter().all(|a| a.name.is_none());
    is_right.then(|| Line::Family(family, arguments.iter().map(|argument| &argument.value).collect()))
}

/// `c(p1, p2)`, or `c(p1 = 0, p2 = 1, 2)` with the number of each category.
fn ordinal(arguments: &[Argument]) -> Option<Line<'_>> {
    let (last, named) = arguments.split_last()?;
    if arguments.iter().all(|argument| argument.name.is_none()) {
        let probabilities = arguments.iter().map(|argument| Cow::Borrowed(&argument.value)).collect();
        return Some(Line::Ordinal { probabilities, levels: Vec::new() });
    }
    let probability = |argument: &Argument| {
        let name = Kind::Name(argument.name.clone()?);
        Some(Cow::Owned(Expr::new(name, argument.value.span.clone())))
    };
    let probabilities = named.iter().map(probability).collect::<Option<_>>()?;
    let levels = arguments.iter().map(|argument| &argument.value).collect();
    last.name.is_none().then_some(Line::Ordinal { probabilities, levels })
}

/// `norm()` and `dnorm()`: what errors are by themselves.
fn is_usual(term: &Expr) -> bool {
    matches!(&term.kind, Kind::Call(name, arguments) if matches!(name.as_str(), "norm" | "dnorm") && arguments.is_empty())
}

/// Why a term cannot be read.
fn refusal(term: &Expr) -> EquationError {
    let found = described(term);
    match &term.kind {
        Kind::Call(name, _) if name == "c" => EquationError::ResidualCategories,
        Kind::Call(name, arguments) => match Family::find(name) {
            Some((_, counts)) if !counts.contains(&arguments.len()) => {
                let counts: Vec<String> = counts.iter().map(usize::to_string).collect();
                EquationError::FamilyArguments { found, takes: counts.join(" or "), given: arguments.len() }
            }
            Some(_) => EquationError::ResidualCombination { found },
            None => EquationError::ResidualModel { found },
        },
        _ => EquationError::ResidualModel { found },
    }
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

/// The name of what is known and not simulated.
fn unsimulated(term: &Expr) -> Option<String> {
    let Kind::Call(name, _) = &term.kind else { return None };
    matches!(name.as_str(), "ar" | "hyper" | "dhyper").then(|| name.clone())
}

fn described(term: &Expr) -> String {
    match &term.kind {
        Kind::Call(name, _) => format!("{name}(...)"),
        Kind::Name(name) => name.clone(),
        _ => "this expression".into(),
    }
}
