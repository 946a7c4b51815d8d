//! Units of individual parameters, from the labels of the fixed effects they are made of.

use super::Parameter;
use super::ast::{Expr, Infix, Kind};

/// The unit of an assignment such as `cl <- exp(lcl + etalcl) * (WT/70)^0.75`: that of the label
/// of the one fixed effect that carries a unit. Only factors count whose unit is the product's:
/// a fixed effect itself, and the argument of `exp` or `expit`.
pub(super) fn unit(right: &Expr, parameters: &[Parameter]) -> Option<String> {
    let mut names = Vec::new();
    carriers(right, &mut names);
    let labels =
        parameters.iter().filter(|p| names.contains(&p.name.as_str())).filter_map(|p| p.label.as_ref());
    let mut units = labels.filter_map(|label| trailing_unit(label));
    let unit = units.next()?;
    units.next().is_none().then(|| unit.to_owned())
}

/// Names that give a product its unit.
fn carriers<'a>(expr: &'a Expr, names: &mut Vec<&'a str>) {
    match &expr.kind {
        Kind::Name(name) => names.push(name),
        Kind::Infix(Infix::Mul, a, b) => {
            carriers(a, names);
            carriers(b, names);
        }
        Kind::Infix(Infix::Div, a, _) => carriers(a, names),
        Kind::Call(function, arguments) if function == "exp" || function == "expit" => {
            arguments.iter().take(1).for_each(|argument| summands(&argument.value, names));
        }
        _ => {}
    }
}

fn summands<'a>(expr: &'a Expr, names: &mut Vec<&'a str>) {
    match &expr.kind {
        Kind::Name(name) => names.push(name),
        Kind::Infix(Infix::Add, a, b) => {
            summands(a, names);
            summands(b, names);
        }
        _ => {}
    }
}

/// `L/day` of `Clearance (L/day)` and of `Clearance (CL, L/day)`; nothing for `(unitless)`.
fn trailing_unit(label: &str) -> Option<&str> {
    let inside = label.trim_end().strip_suffix(')')?;
    let (_, inside) = inside.rsplit_once(" (")?;
    let unit = inside.rsplit(", ").next()?.trim();
    (!matches!(unit, "unitless" | "fraction" | "-" | "1" | "")).then_some(unit)
}
