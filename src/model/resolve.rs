//! Names resolved: expressions of the syntax tree become nodes of the graph, the same for models and cohort files.

use std::f64::consts::PI;
use std::ops::Range;

use super::ast::{Argument, Expr, Infix, Kind, Prefix};
use super::errors::{ExpressionError, Report};
use super::expression::Functions;
use super::functions;
use super::graph::{Binary, Graph, NodeId, Symbol, Unary};
use super::unsupported;
use crate::diagnostic::Cause;

/// What names stand for where an expression is written.
pub(super) trait Names {
    /// Why a name has no value.
    type Error: Cause;

    /// Whether names may have labels.
    const LABELS: bool = false;

    /// The value of a name.
    fn name(&mut self, graph: &mut Graph, name: &str, span: &Range<usize>) -> Result<NodeId, Self::Error>;

    /// What comparing two values, by `Less` or `LessEqual`, means where the expression is written.
    fn compare(&mut self, graph: &mut Graph, op: Binary, a: NodeId, b: NodeId) -> NodeId {
        graph.binary(op, a, b)
    }

    /// The value of `d/dt(state)` when it is read; `None` if derivatives cannot be read here.
    fn derivative(&mut self, state: &str) -> Option<Result<NodeId, Self::Error>>;

    /// What there is beyond the language's own functions.
    fn extra(&mut self) -> &mut dyn Functions;
}

/// Puts expressions into a graph, their names resolved; what is wrong goes to the report.
pub(super) struct Resolver<'a, N> {
    /// Where nodes go.
    pub(super) graph: &'a mut Graph,
    /// What names stand for.
    pub(super) names: &'a mut N,
    /// Where problems go.
    pub(super) report: &'a mut Report,
}

impl<N: Names> Resolver<'_, N> {
    /// The node of an expression. After a problem it is a NaN, so that the rest is still checked;
    /// a graph with problems is never handed out.
    pub(super) fn expression(&mut self, expr: &Expr) -> NodeId {
        match &expr.kind {
            Kind::Number(value) => self.graph.constant(*value),
            Kind::Name(name) => {
                self.refuse_code(name, expr);
                self.name(name, &expr.span)
            }
            Kind::Prefix(prefix, operand) => {
                let operand = self.expression(operand);
                match prefix {
                    Prefix::Plus => operand,
                    Prefix::Minus => self.graph.unary(Unary::Negate, operand),
                    Prefix::Not => self.graph.unary(Unary::Not, operand),
                }
            }
            Kind::Infix(Infix::Div, ..) if expr.as_derivative().is_some() => self.derivative(expr),
            Kind::Infix(operator @ (Infix::Remainder | Infix::Quotient), left, right) => {
                let (left, right) = (self.expression(left), self.expression(right));
                divided(self.graph, *operator, left, right)
            }
            Kind::Infix(operator, left, right) => match operation(*operator) {
                Some(operation) => {
                    if let Some(node) = self.labelled(*operator, left, right) {
                        return node;
                    }
                    self.refuse_no_code(*operator, left, right);
                    let (left, right) = (self.expression(left), self.expression(right));
                    self.operate(&operation, left, right)
                }
                None => self.not_a_number(
                    expr,
                    "an assignment or formula",
                    "to compare, write `==`; to assign, use a line of its own",
                ),
            },
            Kind::Call(name, arguments) => self.call(name, arguments, &expr.span),
            Kind::Text(_) if N::LABELS => {
                self.not_a_number(expr, "text", "compare a categorical covariate with it, by `==` or `!=`")
            }
            Kind::Text(_) => {
                self.not_a_number(expr, "text", "compare with a number; categories are coded as numbers")
            }
            Kind::If { .. } => {
                self.not_a_number(expr, "`if`", "as a value, write `ifelse(condition, then, otherwise)`")
            }
            Kind::Block(_) => self.not_a_number(expr, "a block", "write its last expression alone"),
            Kind::Function(_) => self.not_a_number(expr, "a function", "write its expression out"),
            Kind::Invalid => self.poison(),
        }
    }

    fn operate(&mut self, operation: &Operation, left: NodeId, right: NodeId) -> NodeId {
        match operation.op {
            op @ (Binary::Less | Binary::LessEqual) => {
                let (a, b) = operation.sides(left, right);
                self.names.compare(self.graph, op, a, b)
            }
            _ => operation.apply(self.graph, left, right),
        }
    }

    fn poison(&mut self) -> NodeId {
        self.graph.constant(f64::NAN)
    }

    pub(super) fn fail(&mut self, span: &Range<usize>, error: impl Cause) -> NodeId {
        self.report.add(span, error);
        self.poison()
    }

    fn not_a_number(&mut self, expr: &Expr, found: &'static str, instead: &'static str) -> NodeId {
        self.fail(&expr.span, ExpressionError::NotANumber { found, instead })
    }

    fn name(&mut self, name: &str, span: &Range<usize>) -> NodeId {
        match name {
            "TRUE" => self.graph.constant(1.0),
            "FALSE" => self.graph.constant(0.0),
            "pi" => self.graph.constant(PI),
            "time" | "t" => self.graph.symbol(Symbol::Time),
            "Inf" | "NaN" | "NA" | "NA_real_" | "NA_integer_" | "NULL" => self.fail(
                span,
                ExpressionError::NotANumber {
                    found: "a missing or infinite value",
                    instead: "write a finite number, or `ifelse` to treat the case apart",
                },
            ),
            _ => match self.names.name(self.graph, name, span) {
                Ok(node) => node,
                Err(error) => self.fail(span, error),
            },
        }
    }

    fn derivative(&mut self, expr: &Expr) -> NodeId {
        match expr.as_derivative().and_then(|state| self.names.derivative(state)) {
            Some(Ok(node)) => node,
            Some(Err(error)) => self.fail(&expr.span, error),
            None => self.unknown_function("dt", &expr.span),
        }
    }

    fn call(&mut self, name: &str, arguments: &[Argument], span: &Range<usize>) -> NodeId {
        if let Some(instead) = unsupported::function(name) {
            // What is in it is used all the same.
            for argument in arguments {
                self.expression(&argument.value);
            }
            return self.fail(span, ExpressionError::UnsupportedFunction { name: name.into(), instead });
        }
        for argument in arguments {
            if let Some(name) = &argument.name {
                self.report.add(&argument.value.span, ExpressionError::NamedArgument { name: name.clone() });
            }
        }
        let refused = |reason| ExpressionError::Refused { name: name.into(), reason };
        let result = self.call_named(name, arguments).map(|called| called.map_err(refused)).or_else(|| {
            let values: Vec<NodeId> = arguments.iter().map(|a| self.expression(&a.value)).collect();
            functions::value(self.graph, name, &values)
                .or_else(|| Some(self.names.extra().call(self.graph, name, &values)?.map_err(refused)))
        });
        match result {
            Some(Ok(node)) => node,
            Some(Err(error)) => self.fail(span, error),
            None => self.unknown_function(name, span),
        }
    }

    fn call_named(&mut self, name: &str, arguments: &[Argument]) -> Option<Result<NodeId, String>> {
        match arguments {
            [argument] => self.names.extra().call_named(self.graph, name, argument.value.as_name()?),
            _ => None,
        }
    }

    fn unknown_function(&mut self, name: &str, span: &Range<usize>) -> NodeId {
        let own = self.names.extra().functions();
        self.fail(span, ExpressionError::UnknownFunction { name: name.into(), own })
    }
}

/// How an operator is made of graph operations.
pub(super) struct Operation {
    op: Binary,
    swapped: bool,
    negated: bool,
}

impl Operation {
    pub(super) fn apply(&self, graph: &mut Graph, left: NodeId, right: NodeId) -> NodeId {
        let (a, b) = self.sides(left, right);
        let node = graph.binary(self.op, a, b);
        if self.negated { graph.unary(Unary::Not, node) } else { node }
    }

    fn sides(&self, left: NodeId, right: NodeId) -> (NodeId, NodeId) {
        if self.swapped { (right, left) } else { (left, right) }
    }
}

/// `a %/% b`, the largest whole number not above `a / b`; or `a %% b`, what that leaves.
fn divided(graph: &mut Graph, operator: Infix, a: NodeId, b: NodeId) -> NodeId {
    let ratio = graph.binary(Binary::Div, a, b);
    let quotient = graph.unary(Unary::Floor, ratio);
    if operator == Infix::Quotient {
        return quotient;
    }
    let whole = graph.binary(Binary::Mul, b, quotient);
    graph.binary(Binary::Sub, a, whole)
}

/// `None` for operators that make no value, or take more than one operation.
pub(super) fn operation(operator: Infix) -> Option<Operation> {
    let (op, swapped, negated) = match operator {
        Infix::Equals | Infix::Assign | Infix::Tilde | Infix::Remainder | Infix::Quotient => return None,
        Infix::Or => (Binary::Or, false, false),
        Infix::And => (Binary::And, false, false),
        Infix::Less => (Binary::Less, false, false),
        Infix::LessEqual => (Binary::LessEqual, false, false),
        Infix::Greater => (Binary::Less, true, false),
        Infix::GreaterEqual => (Binary::LessEqual, true, false),
        Infix::Equal => (Binary::Equal, false, false),
        Infix::NotEqual => (Binary::Equal, false, true),
        Infix::Add => (Binary::Add, false, false),
        Infix::Sub => (Binary::Sub, false, false),
        Infix::Mul => (Binary::Mul, false, false),
        Infix::Div => (Binary::Div, false, false),
        Infix::Pow => (Binary::Pow, false, false),
    };
    Some(Operation { op, swapped, negated })
}
