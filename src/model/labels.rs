//! Units of individual parameters, from the labels of the fixed effects they are made of.

use super::Parameter;
use super::ast::{Expr, Infix, Kind};

/// The unit of an assignment such as `cl <- exp(lcl + etalcl) * (WT/70)^0.75`: that of the label
/// of the one fixed effect that carries a unit. Nothing if another factor may carry one too:
/// only numbers, powers, ratios to a number and the fixed effects themselves are known not to.
pub(super) fn unit(right: &Expr, parameters: &[Parameter]) -> Option<String> {
    let mut labels = Vec::new();
    let understood = factors(right, parameters, &mut labels);
    let mut units = labels.into_iter().filter_map(trailing_unit);
    let unit = units.next().filter(|_| understood)?;
    units.next().is_none().then(|| unit.to_owned())
}

/// Collects the labels of the fixed effects in a product; false if a factor is not understood.
fn factors<'a>(expr: &Expr, parameters: &'a [Parameter], labels: &mut Vec<&'a str>) -> bool {
    match &expr.kind {
        Kind::Number(_) | Kind::Infix(Infix::Pow, ..) => true,
        Kind::Name(_) => fixed_effect(expr, parameters, labels),
        Kind::Infix(Infix::Mul, a, b) => factors(a, parameters, labels) && factors(b, parameters, labels),
        Kind::Infix(Infix::Div, a, b) if matches!(b.kind, Kind::Number(_)) => {
            factors(a, parameters, labels) || a.as_name().is_some()
        }
        Kind::Call(function, arguments) if function == "exp" || function == "expit" => {
            arguments.first().is_some_and(|argument| summands(&argument.value, parameters, labels))
        }
        _ => false,
    }
}

/// Collects the labels of the fixed effects in a sum; any other summand has no unit.
fn summands<'a>(expr: &Expr, parameters: &'a [Parameter], labels: &mut Vec<&'a str>) -> bool {
    if let Kind::Infix(Infix::Add, a, b) = &expr.kind {
        return summands(a, parameters, labels) && summands(b, parameters, labels);
    }
    fixed_effect(expr, parameters, labels);
    true
}

fn fixed_effect<'a>(expr: &Expr, parameters: &'a [Parameter], labels: &mut Vec<&'a str>) -> bool {
    let found = parameters.iter().find(|p| expr.as_name() == Some(p.name.as_str()));
    labels.extend(found.and_then(|p| p.label.as_deref()));
    found.is_some()
}

/// `L/day` of `Clearance (L/day)` and of `Clearance (CL, L/day)`; nothing for `(unitless)`.
fn trailing_unit(label: &str) -> Option<&str> {
    let inside = label.trim_end().strip_suffix(')')?;
    let (_, inside) = inside.rsplit_once(" (")?;
    let unit = inside.rsplit(", ").next()?.trim();
    (!matches!(unit, "unitless" | "fraction" | "-" | "1" | "")).then_some(unit)
}
