//! Residual-error lines: `y ~ add(a) + prop(b)`, `y ~ lnorm(c)`.

use super::ast::{Expr, Infix, Kind};
use super::errors::{EquationError, Report};
use super::graph::{Binary, Graph, NodeId, Unary};

/// The error models; the argument is a standard deviation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ErrorModel {
    /// On the scale of the prediction.
    Additive,
    /// A fraction of the prediction.
    Proportional,
    /// On the logarithmic scale.
    LogNormal,
}

/// The terms of the right side with their standard deviations.
pub(super) fn terms<'a>(right: &'a Expr, report: &mut Report) -> Vec<(ErrorModel, &'a Expr)> {
    let mut found: Vec<(ErrorModel, &Expr)> = Vec::new();
    for term in summands(right) {
        let Some((model, sd)) = error_model(term) else {
            report.add(&term.span, EquationError::ResidualModel { found: described(term) });
            continue;
        };
        let twice = found.iter().any(|(earlier, _)| *earlier == model);
        let on_two_scales = !found.is_empty()
            && (model == ErrorModel::LogNormal || found.iter().any(|(m, _)| *m == ErrorModel::LogNormal));
        if twice || on_two_scales {
            report.add(&term.span, EquationError::ResidualCombination { found: described(term) });
        }
        found.push((model, sd));
    }
    found
}

fn summands(right: &Expr) -> Vec<&Expr> {
    match &right.kind {
        Kind::Infix(Infix::Add, a, b) => [summands(a), summands(b)].concat(),
        _ => vec![right],
    }
}

fn error_model(term: &Expr) -> Option<(ErrorModel, &Expr)> {
    let Kind::Call(name, arguments) = &term.kind else { return None };
    let [argument] = arguments.as_slice() else { return None };
    let model = match name.as_str() {
        "add" => ErrorModel::Additive,
        "prop" => ErrorModel::Proportional,
        "lnorm" => ErrorModel::LogNormal,
        _ => return None,
    };
    argument.name.is_none().then_some((model, &argument.value))
}

fn described(term: &Expr) -> String {
    match &term.kind {
        Kind::Call(name, _) => format!("{name}(...)"),
        Kind::Name(name) => name.clone(),
        _ => "this expression".into(),
    }
}

/// The prediction with error. Additive and proportional parts are independent, so that their
/// variances add (nlmixr2's `combined2`): `sd = sqrt(a^2 + (b prediction)^2)`.
pub(super) fn observed(
    graph: &mut Graph,
    prediction: NodeId,
    terms: &[(ErrorModel, NodeId)],
    score: NodeId,
) -> NodeId {
    if let [(ErrorModel::LogNormal, sd)] = *terms {
        let log_error = graph.binary(Binary::Mul, sd, score);
        let factor = graph.unary(Unary::Exp, log_error);
        return graph.binary(Binary::Mul, prediction, factor);
    }
    let parts: Vec<NodeId> = terms
        .iter()
        .map(|&(model, sd)| match model {
            ErrorModel::Proportional => graph.binary(Binary::Mul, sd, prediction),
            _ => sd,
        })
        .collect();
    let sd = match *parts.as_slice() {
        [one] => one,
        _ => {
            let zero = graph.constant(0.0);
            let variance = parts.iter().fold(zero, |sum, &part| {
                let square = graph.binary(Binary::Mul, part, part);
                graph.binary(Binary::Add, sum, square)
            });
            graph.unary(Unary::Sqrt, variance)
        }
    };
    let error = graph.binary(Binary::Mul, sd, score);
    graph.binary(Binary::Add, prediction, error)
}
