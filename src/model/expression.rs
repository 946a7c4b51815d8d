//! Expressions of cohort files: the same parser and the same graph as the model's equations.

use std::ops::Range;

use crate::diagnostic::{Place, Problems};

use super::errors::{ExpressionError, Report};
use super::graph::{Graph, NodeId};
use super::lower::{Lower, Names};
use super::parser;

/// The names and functions that an expression may use beyond the language's own.
pub trait Scope {
    /// The node behind a name, `None` if it is unknown.
    fn name(&mut self, graph: &mut Graph, name: &str) -> Option<NodeId>;

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

    /// Every name it knows, for suggestions.
    fn known(&self) -> Vec<String>;
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
    let mut lower = Lower { graph, names: &mut InScope(scope), report: &mut report };
    let node = lower.expression(&parsed);
    report.finish(node)
}

struct InScope<'a>(&'a mut dyn Scope);

impl Names for InScope<'_> {
    type Error = ExpressionError;

    fn name(&mut self, graph: &mut Graph, name: &str, _: &Range<usize>) -> Result<NodeId, ExpressionError> {
        let node = self.0.name(graph, name);
        node.ok_or_else(|| ExpressionError::UnknownName { name: name.into(), known: self.0.known() })
    }

    fn derivative(&mut self, _: &str) -> Option<Result<NodeId, ExpressionError>> {
        None
    }

    fn call(&mut self, graph: &mut Graph, name: &str, values: &[NodeId]) -> Option<Result<NodeId, String>> {
        self.0.call(graph, name, values)
    }
}
