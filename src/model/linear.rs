//! `linCmt()`: linear compartments, written out as equations of their states.
//!
//! Which compartments there are follows from the names that the model gives its parameters, as in rxode2: clearances and
//! volumes, rate constants, or the exponents and coefficients of the solution.

use std::ops::Range;

use super::ast::{Argument, Expr, Infix, Kind};
use super::errors::{EquationError, Report};
use super::parser;

/// The call.
const CALL: &str = "linCmt";

/// The statements with each `linCmt()` written out; `None` if there is none.
pub(super) fn expand(statements: &[Expr], named: &[String], report: &mut Report) -> Option<Vec<Expr>> {
    let first = statements.iter().find_map(find)?;
    let wanted: Vec<String> = match &first.kind {
        Kind::Call(_, arguments) if !arguments.is_empty() => {
            arguments.iter().filter_map(|argument| argument.value.as_name().map(str::to_owned)).collect()
        }
        _ => named.to_vec(),
    };
    let compartments = match Compartments::of(&Named(&wanted)) {
        Ok(compartments) => compartments,
        Err(missing) => {
            report.add(&first.span, EquationError::LinearParameters { missing });
            return None;
        }
    };
    let is_taken = |name: &str| named.iter().any(|known| known == name);
    let of_residual = if is_taken("Cc") { CALL } else { "Cc" };
    let mut expanded = Vec::new();
    let mut is_written = false;
    for statement in statements {
        let Some(call) = find(statement) else {
            expanded.push(statement.clone());
            continue;
        };
        if !is_written {
            expanded.extend(written(&compartments.equations(), &call.span, report));
            is_written = true;
        }
        let concentration = compartments.concentration();
        match &statement.kind {
            Kind::Infix(Infix::Tilde, left, right) if is_call(left) => {
                let line = format!("{of_residual} <- {concentration}");
                expanded.extend(written(&line, &left.span, report));
                let name = Expr::new(Kind::Name(of_residual.into()), left.span.clone());
                let kind = Kind::Infix(Infix::Tilde, Box::new(name), right.clone());
                expanded.push(Expr::new(kind, statement.span.clone()));
            }
            _ => {
                let value = written(&concentration, &call.span, report).pop();
                expanded.push(value.map_or_else(|| statement.clone(), |value| replaced(statement, &value)));
            }
        }
    }
    Some(expanded)
}

/// Statements of a text, all at one place of the file.
fn written(text: &str, span: &Range<usize>, report: &mut Report) -> Vec<Expr> {
    let statements = parser::statements(text, report);
    statements.into_iter().map(|statement| statement.moved_to(span)).collect()
}

fn is_call(expr: &Expr) -> bool {
    matches!(&expr.kind, Kind::Call(name, _) if name == CALL)
}

/// The first call within an expression or statement.
fn find(expr: &Expr) -> Option<&Expr> {
    if is_call(expr) {
        return Some(expr);
    }
    expr.parts().into_iter().find_map(find)
}

/// A statement with another expression in the place of each call.
fn replaced(expr: &Expr, value: &Expr) -> Expr {
    if is_call(expr) {
        return value.clone();
    }
    let inner = |part: &Expr| replaced(part, value);
    let boxed = |part: &Expr| Box::new(inner(part));
    let kind = match &expr.kind {
        Kind::Prefix(prefix, a) => Kind::Prefix(*prefix, boxed(a)),
        Kind::Infix(operator, a, b) => Kind::Infix(*operator, boxed(a), boxed(b)),
        Kind::Call(name, arguments) => {
            let argument = |a: &Argument| Argument { name: a.name.clone(), value: inner(&a.value) };
            Kind::Call(name.clone(), arguments.iter().map(argument).collect())
        }
        Kind::Block(statements) => Kind::Block(statements.iter().map(inner).collect()),
        Kind::If { when, then, otherwise } => {
            Kind::If { when: boxed(when), then: boxed(then), otherwise: otherwise.as_deref().map(boxed) }
        }
        other => other.clone(),
    };
    Expr::new(kind, expr.span.clone())
}

/// The names that parameters may have.
struct Named<'a>(&'a [String]);

impl Named<'_> {
    /// The name as the model spells it, whatever its case.
    fn find(&self, name: &str) -> Option<String> {
        let exact = self.0.iter().find(|known| *known == name);
        exact.or_else(|| self.0.iter().find(|known| known.eq_ignore_ascii_case(name))).cloned()
    }

    /// A name in a text, and another that differs from it by case alone.
    fn also(&self, text: &str) -> Option<[String; 2]> {
        let names = text.split(|c: char| !(c.is_alphanumeric() || "._".contains(c)));
        names.filter(|name| self.0.iter().any(|known| known == name)).find_map(|name| {
            let other = self.0.iter().find(|known| *known != name && known.eq_ignore_ascii_case(name));
            other.map(|other| [name.to_owned(), other.clone()])
        })
    }

    /// The first of several spellings that the model has.
    fn any(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.find(name))
    }
}

/// Linear compartments: expressions of their parameters.
struct Compartments {
    /// Rate of absorption, if there is a depot.
    ka: Option<String>,
    volume: String,
    /// Rate of elimination.
    k: String,
    /// Rates from the central compartment to each peripheral one, and back.
    peripheral: Vec<[String; 2]>,
}

impl Compartments {
    /// What the names make of the compartments.
    ///
    /// # Errors
    /// What is missing.
    fn of(named: &Named<'_>) -> Result<Self, String> {
        let ka = named.find("ka");
        let exponents: Vec<String> = ["alpha", "beta", "gamma"].iter().map_while(|n| named.find(n)).collect();
        let by_volumes = named.find("cl").is_some();
        let found = if by_volumes {
            by_clearances(named)?
        } else if exponents.is_empty() {
            by_rates(named)?
        } else {
            by_exponents(named, &exponents)?
        };
        let found = Self { ka, ..found };
        match named.also(&found.equations()) {
            Some([name, other]) => Err(format!("which of `{name}` and `{other}` is meant")),
            None => Ok(found),
        }
    }

    fn concentration(&self) -> String {
        format!("central / ({})", self.volume)
    }

    /// The equations, a line each.
    fn equations(&self) -> String {
        let mut lines = Vec::new();
        let mut central = format!("-({}) * central", self.k);
        if let Some(ka) = &self.ka {
            lines.push(format!("d/dt(depot) <- -({ka}) * depot"));
            central = format!("({ka}) * depot {central}");
        }
        let rest = self.peripheral.iter().zip(1..).map(|([out, back], i)| {
            central += &format!(" - ({out}) * central + ({back}) * peripheral{i}");
            format!("d/dt(peripheral{i}) <- ({out}) * central - ({back}) * peripheral{i}")
        });
        let rest: Vec<String> = rest.collect();
        lines.push(format!("d/dt(central) <- {central}"));
        [lines, rest].concat().join("\n")
    }
}

/// `cl` and volumes: the central one is the first of them, and each clearance between compartments has the next.
fn by_clearances(named: &Named<'_>) -> Result<Compartments, String> {
    const CENTRAL: [&str; 6] = ["v", "vc", "v1", "v2", "v3", "v4"];
    let position = CENTRAL.iter().position(|name| named.find(name).is_some());
    let position = position.ok_or("a volume, `v` or `vc`")?;
    let volume = named.find(CENTRAL[position]).unwrap_or_default();
    // Volumes behind a numbered central one are numbered on.
    let first = if position < 2 { 2 } else { position };
    let numbered = (first..=4).filter_map(|number| named.find(&format!("v{number}")));
    let mut volumes: Vec<String> = named.any(&["vp", "vp1", "vt"]).into_iter().collect();
    volumes.extend(named.any(&["vp2", "vt2"]));
    volumes.extend(numbered);
    if let Some(steady) = named.find("vss") {
        volumes.insert(0, format!("({steady} - {volume})"));
    }
    let mut clearances: Vec<String> = named.any(&["q", "cld", "cld1"]).into_iter().collect();
    clearances.extend((1..=4).filter_map(|number| named.find(&format!("q{number}"))));
    clearances.extend(named.find("cld2"));
    if clearances.len() > volumes.len() {
        return Err(format!("a volume for `{}`, as `vp`", clearances[volumes.len()]));
    }
    let cl = named.find("cl").unwrap_or_default();
    let peripheral = clearances.iter().zip(&volumes).take(2);
    let peripheral = peripheral.map(|(q, vp)| [format!("{q} / {volume}"), format!("{q} / {vp}")]).collect();
    Ok(Compartments { ka: None, k: format!("{cl} / {volume}"), peripheral, volume })
}

/// Rate constants: of elimination, and between compartments, which are numbered from 1, or from 2 behind a depot.
fn by_rates(named: &Named<'_>) -> Result<Compartments, String> {
    let k = named
        .any(&["k", "kel", "ke", "k10", "k20"])
        .ok_or("`cl`, or a rate constant of elimination `kel`")?;
    let volume = named.any(&["v", "vc", "v1", "v2"]).ok_or("a volume, `v` or `vc`")?;
    let mut peripheral = Vec::new();
    for (out, back) in [("k12", "k21"), ("k13", "k31"), ("k23", "k32"), ("k24", "k42")] {
        if let Some(out_name) = named.find(out) {
            let back = named.find(back).ok_or_else(|| format!("`{back}` beside `{out}`"))?;
            peripheral.push([out_name, back]);
        }
    }
    peripheral.truncate(2);
    Ok(Compartments { ka: None, k, peripheral, volume })
}

/// Exponents, with the coefficients of `A e^(-alpha t) + B e^(-beta t) + ...` after a dose of 1, or with a volume and
/// the rates back.
fn by_exponents(named: &Named<'_>, exponents: &[String]) -> Result<Compartments, String> {
    let coefficients: Vec<String> = ["a", "b", "c"].iter().map_while(|name| named.find(name)).collect();
    let volume = named.any(&["v", "vc", "v1", "v2"]);
    match (exponents, coefficients.as_slice(), volume) {
        ([alpha], [a], _) => Ok(one(alpha, &format!("1 / {a}"))),
        ([alpha], [], Some(volume)) => Ok(one(alpha, &volume)),
        ([alpha, beta], [a, b], _) => Ok(two(
            alpha,
            beta,
            &format!("({a} * {beta} + {b} * {alpha}) / ({a} + {b})"),
            &format!("1 / ({a} + {b})"),
        )),
        ([alpha, beta], [], Some(volume)) => {
            let back = match (named.find("k21"), named.find("aob")) {
                (Some(back), _) => back,
                (None, Some(ratio)) => format!("({ratio} * {beta} + {alpha}) / ({ratio} + 1)"),
                (None, None) => return Err("`k21` or `aob` beside `alpha` and `beta`".into()),
            };
            Ok(two(alpha, beta, &back, &volume))
        }
        ([alpha, beta, gamma], [a, b, c], _) => {
            let sum = format!("({a} + {b} + {c})");
            // The rates back are the roots of x^2 - p x + q: the zeros of the transform of the solution.
            let p = format!(
                "(({a} * ({beta} + {gamma}) + {b} * ({alpha} + {gamma}) + {c} * ({alpha} + {beta})) / {sum})"
            );
            let q = format!(
                "(({a} * {beta} * {gamma} + {b} * {alpha} * {gamma} + {c} * {alpha} * {beta}) / {sum})"
            );
            let root = format!("sqrt({p}^2 - 4 * {q})");
            let back = [format!("(({p} + {root}) / 2)"), format!("(({p} - {root}) / 2)")];
            Ok(three([alpha, beta, gamma], back, &format!("1 / {sum}")))
        }
        ([alpha, beta, gamma], [], Some(volume)) => match (named.find("k21"), named.find("k31")) {
            (Some(first), Some(second)) => Ok(three([alpha, beta, gamma], [first, second], &volume)),
            _ => Err("`k21` and `k31` beside `alpha`, `beta` and `gamma`".into()),
        },
        _ => Err("as many coefficients, `A`, `B`, `C`, as exponents, or a volume".into()),
    }
}

fn one(alpha: &str, volume: &str) -> Compartments {
    Compartments { ka: None, volume: volume.into(), k: alpha.into(), peripheral: Vec::new() }
}

/// By `k21`: the product of the exponents is `k21 k10`, their sum that of all rates.
fn two(alpha: &str, beta: &str, back: &str, volume: &str) -> Compartments {
    let k = format!("({alpha} * {beta} / ({back}))");
    let out = format!("({alpha} + {beta} - ({back}) - {k})");
    Compartments { ka: None, volume: volume.into(), k, peripheral: vec![[out, format!("({back})")]] }
}

/// By `k21` and `k31`: sums and products of the exponents are those of the characteristic polynomial.
fn three([a, b, c]: [&String; 3], [back1, back2]: [String; 2], volume: &str) -> Compartments {
    let k = format!("({a} * {b} * {c} / ({back1} * {back2}))");
    let pairs = format!("({a} * {b} + {a} * {c} + {b} * {c})");
    let sum = format!("({a} + {b} + {c})");
    let out1 = format!("(({pairs} - {back1} * {sum} - {k} * {back2} + {back1}^2) / ({back2} - {back1}))");
    let out2 = format!("({sum} - {k} - {out1} - {back1} - {back2})");
    let peripheral = vec![[out1, back1], [out2, back2]];
    Compartments { ka: None, volume: volume.into(), k, peripheral }
}
