//! Residual lines of the `model` block: what is observed of a name.

use super::super::ast::{Expr, Kind};
use super::super::errors::{EquationError, ModelNotice};
use super::super::families;
use super::super::graph::{NodeId, Symbol};
use super::super::residual::{self, Line, Term};
use super::super::{Parameter, Residual, Unsimulated};
use super::Equations;

/// The largest standard deviation of a relative error that is taken as one, unless it stands in `fix`.
const MOST_RELATIVE: f64 = 2.0;

impl Equations<'_> {
    /// Reads `left ~ right`.
    pub(super) fn residual(&mut self, statement: &Expr, left: &Expr, right: &Expr) {
        if self.conditional {
            return self.report.add(&statement.span, EquationError::ConditionalResidual);
        }
        let Some(name) = left.as_name() else {
            return match likelihood_of(left) {
                Some(name) => self.unsimulated(statement, name, "ll".into(), &[right]),
                None => self.report.add(&left.span, EquationError::ResidualLeft),
            };
        };
        match residual::line(right, self.report) {
            Line::Error(terms) => self.error(name, left, terms),
            Line::Family(family, numbers) => {
                let numbers: Vec<NodeId> = numbers.into_iter().map(|number| self.value(number)).collect();
                self.observed(name, left, |of, score| family.observed(&mut of.graph, &numbers, score));
            }
            Line::Ordinal { probabilities, levels } => {
                let probabilities: Vec<NodeId> = probabilities.iter().map(|p| self.value(p)).collect();
                let levels: Vec<NodeId> = if levels.is_empty() {
                    (0..=probabilities.len()).map(|i| self.graph.constant((i + 1) as f64)).collect()
                } else {
                    levels.into_iter().map(|level| self.value(level)).collect()
                };
                self.observed(name, left, |of, score| {
                    families::ordinal(&mut of.graph, &probabilities, &levels, score)
                });
            }
            Line::Unsimulated(distribution, within) => {
                self.unsimulated(statement, name, distribution, &within);
            }
        }
    }

    /// An error about a prediction.
    fn error(&mut self, name: &str, left: &Expr, terms: Vec<(Term, Vec<&Expr>)>) {
        for (term, numbers) in &terms {
            let Some(sd) = numbers.first().filter(|_| term.is_relative()) else { continue };
            let parameter = sd.as_name().and_then(|name| self.parameters.iter().find(|p| p.name == name));
            if let Some(Parameter { name, value, fixed: false, .. }) = parameter
                && *value > MOST_RELATIVE
            {
                self.report.add(&sd.span, EquationError::LargeResidual { name: name.clone(), value: *value });
            }
        }
        let of_terms = terms.into_iter().map(|(term, numbers)| {
            (term, numbers.into_iter().map(|number| self.value(number)).collect::<Vec<_>>())
        });
        let terms: Vec<_> = of_terms.collect();
        let predicted = self.names.predicted();
        if !predicted.iter().any(|p| p == name) {
            let error = EquationError::ResidualName { name: name.into(), known: predicted };
            return self.report.add(&left.span, error);
        }
        let prediction = self.value(left);
        self.observed(name, left, |of, score| residual::observed(&mut of.graph, prediction, &terms, score));
    }

    /// Adds a line: the observation of a score. What follows a distribution need not have a value of its own.
    fn observed(&mut self, name: &str, left: &Expr, of_score: impl FnOnce(&mut Self, NodeId) -> NodeId) {
        if self.residuals.iter().any(|r| r.name == name) {
            return self.report.add(&left.span, EquationError::SecondResidual { name: name.into() });
        }
        let predicted = self.names.predicted();
        let has_value = predicted.iter().any(|p| p == name);
        if !has_value && self.names.taken(name).is_some() {
            let error = EquationError::ResidualName { name: name.into(), known: predicted };
            return self.report.add(&left.span, error);
        }
        let prediction = has_value.then(|| self.value(left));
        let score = self.graph.symbol(Symbol::Residual(self.residuals.len() as u32));
        let observed = of_score(self, score);
        self.residuals.push(Residual { name: name.into(), prediction, observed });
    }

    /// A line whose observations are not simulated.
    fn unsimulated(&mut self, statement: &Expr, name: &str, distribution: String, within: &[&Expr]) {
        for expr in within {
            self.value(expr);
        }
        let notice = ModelNotice::Unsimulated { name: name.into(), distribution: distribution.clone() };
        self.report.note(&statement.span, &notice);
        self.unsimulated.push(Unsimulated { name: name.into(), distribution });
    }
}

/// The name of `ll(name)`.
fn likelihood_of(left: &Expr) -> Option<&str> {
    match &left.kind {
        Kind::Call(function, arguments) if function == "ll" => arguments.first()?.value.as_name(),
        _ => None,
    }
}
