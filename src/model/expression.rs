//! Expressions of cohort files: the same parser and the same graph as the model's equations. Their comparisons
//! allow for rounding, those of the equations do not.

use std::ops::Range;

use crate::diagnostic::{Place, Problems, Source};

use super::ast::{Expr, Kind};
use super::comparison;
use super::errors::{ExpressionError, Report};
use super::graph::{Binary, Graph, NodeId};
use super::parser;
use super::resolve::{Names, Resolver};

/// What an expression may use beyond the language's own functions.
pub trait Functions {
    /// The code of a categorical name, and its labels in the order of codes; `None` if it is a number.
    fn category(&mut self, graph: &mut Graph, name: &str) -> Option<(NodeId, Vec<String>)> {
        let _ = (graph, name);
        None
    }

    /// A call of a function that the language itself does not have: `None` if there is no such
    /// function, an error text if its arguments are wrong.
    fn call(
        &mut self,
        graph: &mut Graph,
        name: &str,
        arguments: &[NodeId],
    ) -> Option<Result<NodeId, String>> {
        let _ = (graph, name, arguments);
        None
    }

    /// A call of a function whose one argument is a bare name that need not be a value, as
    /// `grade(anaemia)`. It is asked before the argument is: `None` if there is no such function, an
    /// error text if it has nothing of that name.
    fn call_named(
        &mut self,
        graph: &mut Graph,
        name: &str,
        argument: &str,
    ) -> Option<Result<NodeId, String>> {
        let _ = (graph, name, argument);
        None
    }

    /// The functions that the language itself does not have, for suggestions.
    fn functions(&self) -> Vec<&'static str> {
        Vec::new()
    }
}

/// The names that an expression may use, and what else.
pub trait Scope: Functions {
    /// The node behind a name, `None` if it is unknown.
    fn name(&mut self, graph: &mut Graph, name: &str) -> Option<NodeId>;

    /// Every name it knows, for suggestions.
    fn known(&self) -> Vec<String>;

    /// Why a name that has a value elsewhere has none here; `None` if it has none anywhere.
    fn absent(&self, name: &str) -> Option<String> {
        let _ = name;
        None
    }
}

/// An expression that is one name or one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whole {
    /// A name.
    Name(String),
    /// The function of a call.
    Call(String),
}

/// What an expression is, if it is one name or one call.
pub(crate) fn whole(text: &str) -> Option<Whole> {
    let source = Source::new("", text);
    let mut report = Report::new(&source, 0..text.len());
    match parser::expression(text, &mut report).kind {
        Kind::Name(name) => Some(Whole::Name(name)),
        Kind::Call(function, _) => Some(Whole::Call(function)),
        _ => None,
    }
}

/// A condition, and what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    /// Not 0 where it holds.
    pub holds: NodeId,
    /// The first quantity that it compares, in the order of the text; itself if it compares nothing. Of
    /// the two sides of a comparison it is the one that is known later, else the left one.
    pub compares: NodeId,
}

/// Reads an expression and adds it to the graph.
///
/// `place` is where `text` stands, so that errors point into the cohort file. `time`, `t`, `pi`,
/// `TRUE` and `FALSE` mean the same everywhere; every other name is asked of the scope.
///
/// # Errors
/// Everything that is wrong with it: syntax, unknown names and functions, wrong number of arguments.
pub fn read(text: &str, place: &Place, graph: &mut Graph, scope: &mut dyn Scope) -> Result<NodeId, Problems> {
    let mut report = Report::new(&place.source, place.span.clone());
    let parsed = parser::expression(text, &mut report);
    let node = resolve(&parsed, graph, scope, &mut report);
    report.finish(node)
}

/// Reads an expression that is a condition, as [`read`] does.
///
/// # Errors
/// Everything that is wrong with it.
pub fn condition(
    text: &str,
    place: &Place,
    graph: &mut Graph,
    scope: &mut dyn Scope,
) -> Result<Condition, Problems> {
    let mut report = Report::new(&place.source, place.span.clone());
    let parsed = parser::expression(text, &mut report);
    let holds = resolve(&parsed, graph, scope, &mut report);
    if report.count() > 0 {
        return Err(report.into_problems());
    }
    let compares = parsed.first_comparison().map_or(holds, |[left, right]| {
        // A label stands for nothing by itself: what is compared with it is shown.
        let [left, right] = match (&left.kind, &right.kind) {
            (_, Kind::Text(_)) => [left, left],
            (Kind::Text(_), _) => [right, right],
            _ => [left, right],
        };
        // Equal expressions are one node, so nothing is added here.
        let [left, right] = [left, right].map(|side| match side.as_name() {
            Some(name) if let Some((code, _)) = scope.category(graph, name) => code,
            _ => resolve(side, graph, scope, &mut report),
        });
        if graph.stage(left) < graph.stage(right) { right } else { left }
    });
    report.finish(Condition { holds, compares })
}

fn resolve(parsed: &Expr, graph: &mut Graph, scope: &mut dyn Scope, report: &mut Report) -> NodeId {
    Resolver { graph, names: &mut InScope(scope), report }.expression(parsed)
}

struct InScope<'a>(&'a mut dyn Scope);

impl Names for InScope<'_> {
    type Error = ExpressionError;

    const LABELS: bool = true;

    fn name(&mut self, graph: &mut Graph, name: &str, _: &Range<usize>) -> Result<NodeId, ExpressionError> {
        let node = self.0.name(graph, name);
        node.ok_or_else(|| match self.0.absent(name) {
            Some(reason) => ExpressionError::Refused { name: name.into(), reason },
            None => ExpressionError::UnknownName { name: name.into(), known: self.0.known() },
        })
    }

    fn compare(&mut self, graph: &mut Graph, op: Binary, a: NodeId, b: NodeId) -> NodeId {
        comparison::compare(graph, op, a, b)
    }

    fn derivative(&mut self, _: &str) -> Option<Result<NodeId, ExpressionError>> {
        None
    }

    fn extra(&mut self) -> &mut dyn Functions {
        self.0
    }
}
