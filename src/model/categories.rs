//! Categorical covariates in expressions: they are compared by their labels, not by their codes.

use super::ast::{Expr, Infix, Kind};
use super::errors::ExpressionError;
use super::graph::NodeId;
use super::resolve::{Names, Resolver, operation};

impl<N: Names> Resolver<'_, N> {
    /// `name == "label"` or `name != "label"`, either side first; `None` if neither side is text, or if there are
    /// no labels where the expression is written.
    pub(super) fn labelled(&mut self, operator: Infix, left: &Expr, right: &Expr) -> Option<NodeId> {
        let (of, text, label) = match (&left.kind, &right.kind) {
            _ if !N::LABELS || !operator.compares() => return None,
            (_, Kind::Text(label)) => (left, right, label),
            (Kind::Text(label), _) => (right, left, label),
            _ => return None,
        };
        let Some(name) = of.as_name() else {
            return Some(self.fail(&text.span, ExpressionError::NotCategorical { label: label.clone() }));
        };
        let Some((node, labels)) = self.names.extra().category(self.graph, name) else {
            let before = self.report.count();
            let node = self.expression(of);
            if self.report.count() == before {
                self.report.add(&text.span, ExpressionError::NotCategorical { label: label.clone() });
            }
            return Some(node);
        };
        let (name, label) = (name.to_owned(), label.clone());
        let Some(code) = labels.iter().position(|known| *known == label) else {
            return Some(self.fail(&text.span, ExpressionError::UnknownLabel { name, label, labels }));
        };
        match operation(operator).filter(|_| matches!(operator, Infix::Equal | Infix::NotEqual)) {
            Some(operation) => {
                let code = self.graph.constant(code as f64);
                Some(operation.apply(self.graph, node, code))
            }
            None => Some(self.fail(&text.span, ExpressionError::NoOrder { name, label })),
        }
    }

    /// Refuses a category's code where it would be taken for a label: a number in the place of labels that are
    /// other numbers.
    pub(super) fn refuse_code(&mut self, name: &str, expr: &Expr) {
        if !N::LABELS {
            return;
        }
        let Some((_, labels)) = self.names.extra().category(self.graph, name) else { return };
        let numbers: Option<Vec<f64>> = labels.iter().map(|label| label.trim().parse().ok()).collect();
        let is_code = |(code, number): (usize, f64)| number == code as f64;
        if numbers.is_some_and(|numbers| !numbers.into_iter().enumerate().all(is_code)) {
            self.report.add(&expr.span, ExpressionError::CodeForLabel { name: name.into(), labels });
        }
    }

    /// Refuses the comparison of a category with a number that is no code of it.
    pub(super) fn refuse_no_code(&mut self, operator: Infix, left: &Expr, right: &Expr) {
        let (of, number) = match (&left.kind, &right.kind) {
            _ if !N::LABELS || !matches!(operator, Infix::Equal | Infix::NotEqual) => return,
            (_, Kind::Number(number)) => (left, *number),
            (Kind::Number(number), _) => (right, *number),
            _ => return,
        };
        let Some(name) = of.as_name() else { return };
        let Some((_, labels)) = self.names.extra().category(self.graph, name) else { return };
        if !(0..labels.len()).any(|code| code as f64 == number) {
            self.report.add(&of.span, ExpressionError::NoSuchCode { name: name.into(), number, labels });
        }
    }
}
