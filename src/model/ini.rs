//! The `ini` block: fixed effects with their bounds and labels, random effects with their
//! covariance.

use std::ops::Range;

use super::ast::{Argument, Expr, Infix, Kind, Prefix};
use super::covariance;
use super::errors::{ExpressionError, IniError, ModelNotice, Report};
use super::expression::Functions;
use super::graph::{Graph, NodeId};
use super::metadata::as_text;
use super::resolve::{Names, Resolver};
use super::variances::MOST;
use super::{OmegaBlock, Parameter, omega};

/// Names with a meaning of their own, in R, in rxode2, or here.
pub(super) const RESERVED: &[&str] = &[
    "t",
    "time",
    "pi",
    "TRUE",
    "FALSE",
    "NULL",
    "NA",
    "NA_real_",
    "NA_integer_",
    "NA_character_",
    "Inf",
    "NaN",
    "newind",
    "NEWIND",
];

/// What the `ini` block defines.
#[derive(Default)]
pub(super) struct Ini {
    /// Fixed effects in file order.
    pub(super) parameters: Vec<Parameter>,
    /// Where each is named.
    pub(super) parameter_spans: Vec<Range<usize>>,
    /// Random effects by block.
    pub(super) omega: Vec<OmegaBlock>,
    /// Where each random effect is named, through the blocks.
    pub(super) effect_spans: Vec<Range<usize>>,
    /// Variances that are hardly those of logarithms.
    pub(super) large: Vec<Large>,
}

/// A variance above [`MOST`], outside `fix`.
pub(super) struct Large {
    /// Number of the random effect, through the blocks.
    pub(super) effect: usize,
    /// The variance.
    pub(super) value: f64,
    /// Where it is written.
    pub(super) span: Range<usize>,
}

impl Ini {
    fn knows(&self, name: &str) -> bool {
        self.parameters.iter().any(|p| p.name == name)
            || self.omega.iter().any(|block| block.names.iter().any(|n| n == name))
    }
}

/// Reads the statements of the block. `fix` around a variance says that it is meant, however large: in a
/// simulation variances do not move anyway.
pub(super) fn read(statements: &[Expr], report: &mut Report) -> Ini {
    let mut reader = Reader { ini: Ini::default(), labelled: Labelled::Nothing, report };
    for statement in statements {
        reader.statement(statement);
    }
    reader.ini
}

/// What a `label` would belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Labelled {
    Nothing,
    Parameter,
}

struct Reader<'a> {
    ini: Ini,
    labelled: Labelled,
    report: &'a mut Report,
}

impl Reader<'_> {
    fn statement(&mut self, statement: &Expr) {
        match &statement.kind {
            Kind::Invalid => self.labelled = Labelled::Nothing,
            Kind::Infix(Infix::Assign | Infix::Equals, left, right) => match left.as_name() {
                Some(name) => self.parameter(name, &left.span, right),
                None => self.report.add(&statement.span, IniError::NotAParameter),
            },
            Kind::Infix(Infix::Tilde, left, right) => self.effects(left, right),
            Kind::Call(name, arguments) if name == "label" => self.label(arguments),
            // How estimates are shown.
            Kind::Call(name, _) if name == "backTransform" => {}
            _ => self.report.add(&statement.span, IniError::NotAParameter),
        }
    }

    /// Whether a name is free; reported if not.
    fn is_free(&mut self, name: &str, span: &Range<usize>) -> bool {
        if RESERVED.contains(&name) {
            self.report.add(span, IniError::Reserved { name: name.into() });
            return false;
        }
        if self.ini.knows(name) {
            self.report.add(span, IniError::Duplicate { name: name.into() });
            return false;
        }
        true
    }

    fn parameter(&mut self, name: &str, span: &Range<usize>, value: &Expr) {
        self.labelled = Labelled::Parameter;
        let free = self.is_free(name, span);
        let (numbers, fixed) = self.numbers(value);
        let (lower, estimate, upper) = match *numbers.as_slice() {
            [estimate] => (f64::NEG_INFINITY, estimate, f64::INFINITY),
            [lower, estimate] => (lower, estimate, f64::INFINITY),
            [lower, estimate, upper] => (lower, estimate, upper),
            _ => {
                self.report.add(&value.span, IniError::BoundsCount { found: numbers.len() });
                (f64::NEG_INFINITY, f64::NAN, f64::INFINITY)
            }
        };
        if estimate.is_infinite() {
            self.report.add(&value.span, IniError::NotFinite { value: estimate });
        } else if estimate < lower || estimate > upper {
            let error = IniError::OutOfBounds { name: name.into(), value: estimate, lower, upper };
            self.report.add(&value.span, error);
        }
        if free {
            let parameter =
                Parameter { name: name.into(), value: estimate, lower, upper, fixed, label: None };
            self.ini.parameters.push(parameter);
            self.ini.parameter_spans.push(span.clone());
        }
    }

    /// A label belongs to the parameter before it; random effects have none here.
    fn label(&mut self, arguments: &[Argument]) {
        let text = arguments.first().and_then(|argument| as_text(&argument.value));
        if let (Labelled::Parameter, Some(parameter)) = (self.labelled, self.ini.parameters.last_mut()) {
            parameter.label = text;
        }
    }

    fn effects(&mut self, left: &Expr, right: &Expr) {
        self.labelled = Labelled::Nothing;
        let mut names = Vec::new();
        if !effect_names(left, &mut names) {
            return self.report.add(&left.span, IniError::EffectNames);
        }
        let (right, occasion) = covariance::level(right).unwrap_or_else(|error| {
            self.report.add(&right.span, error);
            (right, None)
        });
        if let Some(column) = occasion {
            let effects = names.iter().map(|(name, _)| (*name).to_owned()).collect();
            self.report.note(&left.span, &ModelNotice::Occasions { effects, column: column.into() });
        }
        let (covariance, fixed) = self.covariance(right, names.len());
        let mut block = OmegaBlock { names: Vec::new(), occasion: occasion.map(str::to_owned), covariance };
        let first = self.ini.effect_spans.len();
        for (name, span) in names {
            self.is_free(name, span);
            if block.names.iter().any(|n| n == name) {
                self.report.add(span, IniError::Duplicate { name: name.into() });
            }
            block.names.push(name.into());
            self.ini.effect_spans.push(span.clone());
        }
        if let Err(error) = omega::check(&block) {
            self.report.add(&right.span, error);
        } else if !fixed {
            let variance = |i: usize| block.covariance[i * (i + 3) / 2];
            let large = (0..block.names.len()).filter(|&i| variance(i) > MOST);
            let span = &right.span;
            self.ini.large.extend(large.map(|i| Large {
                effect: first + i,
                value: variance(i),
                span: span.clone(),
            }));
        }
        self.ini.omega.push(block);
    }

    /// The covariance of `n` effects, and whether `fix` is in it; not a number once something was reported.
    fn covariance(&mut self, right: &Expr, n: usize) -> (Vec<f64>, bool) {
        let (within, form) = covariance::form(right);
        let (numbers, fixed) = self.numbers_of(&within);
        (form.covariance(numbers, n), fixed || form.fixed)
    }

    /// The numbers of `x`, `c(x, y)`, `fix(...)`, and whether `fix` is in it.
    fn numbers(&mut self, expr: &Expr) -> (Vec<f64>, bool) {
        let arguments = match &expr.kind {
            Kind::Call(name, arguments) if matches!(name.as_str(), "c" | "fix" | "fixed") => arguments,
            _ => return (vec![self.number(expr)], false),
        };
        for argument in arguments {
            if let Some(name) = &argument.name {
                let name = name.clone();
                self.report.add(&argument.value.span, ExpressionError::NamedArgument { name });
            }
        }
        let within: Vec<&Expr> = arguments.iter().map(|argument| &argument.value).collect();
        let (numbers, fixed) = self.numbers_of(&within);
        (numbers, fixed || !matches!(&expr.kind, Kind::Call(name, _) if name == "c"))
    }

    /// The numbers of some expressions in order; the bare word `fix` among them is none.
    fn numbers_of(&mut self, within: &[&Expr]) -> (Vec<f64>, bool) {
        let (mut numbers, mut fixed) = (Vec::new(), false);
        for &expr in within {
            if matches!(expr.as_name(), Some("fix" | "fixed" | "FIX" | "FIXED")) {
                fixed = true;
                continue;
            }
            let (inner, inner_fixed) = self.numbers(expr);
            numbers.extend(inner);
            fixed |= inner_fixed;
        }
        (numbers, fixed)
    }

    /// The value of an expression of numbers; NaN once reported. Infinite only as a bare bound.
    fn number(&mut self, expr: &Expr) -> f64 {
        if let Some(infinite) = infinity(expr) {
            return infinite;
        }
        let before = self.report.count();
        let mut graph = Graph::default();
        let node = Resolver { graph: &mut graph, names: &mut NoNames, report: self.report }.expression(expr);
        let value = graph.as_constant(node).unwrap_or(f64::NAN);
        if !value.is_finite() && self.report.count() == before {
            self.report.add(&expr.span, IniError::NotFinite { value });
            return f64::NAN;
        }
        value
    }
}

/// The names of `a + b + c`; false if something else is in it.
fn effect_names<'a>(left: &'a Expr, names: &mut Vec<(&'a str, &'a Range<usize>)>) -> bool {
    match &left.kind {
        Kind::Name(name) => {
            names.push((name, &left.span));
            true
        }
        Kind::Infix(Infix::Add, a, b) => effect_names(a, names) && effect_names(b, names),
        _ => false,
    }
}

fn infinity(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        Kind::Name(name) if name == "Inf" => Some(f64::INFINITY),
        Kind::Prefix(Prefix::Minus, inner) => infinity(inner).map(|x| -x),
        _ => None,
    }
}

/// In `ini` there are only numbers.
struct NoNames;

impl Names for NoNames {
    type Error = ExpressionError;

    fn name(&mut self, _: &mut Graph, name: &str, _: &Range<usize>) -> Result<NodeId, ExpressionError> {
        Err(ExpressionError::UnknownName { name: name.into(), known: Vec::new() })
    }

    fn derivative(&mut self, _: &str) -> Option<Result<NodeId, ExpressionError>> {
        None
    }

    fn extra(&mut self) -> &mut dyn Functions {
        self
    }
}

impl Functions for NoNames {}
