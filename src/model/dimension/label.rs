//! Units in labels.

use crate::unit::Unit;

/// Words before the number of what a label cites.
const CITED: [&str; 17] = [
    "eq",
    "eqn",
    "eqs",
    "eqns",
    "equation",
    "equations",
    "fig",
    "figs",
    "figure",
    "table",
    "tables",
    "section",
    "sec",
    "ref",
    "page",
    "appendix",
    "supplement",
];

/// `L/day` of `Clearance (L/day)`, `Clearance (CL, L/day)`, `Clearance (L/day; fixed)` and `Clearance (L/day); Table 2`:
/// what stands in the parenthesis at the end, or before a remark, if each word of it is a known unit. Body sizes that it
/// is per are left out.
pub(in crate::model) fn unit(label: &str) -> Option<Unit> {
    let before = before_remark(label).and_then(of_end);
    before.or_else(|| of_end(label)).map(|unit| unit.without_body_size())
}

/// The label up to the first parenthesis behind which a remark begins.
fn before_remark(label: &str) -> Option<&str> {
    let mut depth = 0;
    let closing = label.char_indices().find(|&(at, letter)| {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        letter == ')' && depth == 0 && label[at + 1..].trim_start().starts_with([';', ',', '.', ':', '['])
    })?;
    Some(&label[..=closing.0])
}

/// The unit in the last parenthesis that cites nothing, if nothing stands behind it.
fn of_end(label: &str) -> Option<Unit> {
    let inside = label.trim_end().strip_suffix(')')?;
    let mut depth = 1;
    let open = inside.char_indices().rev().find(|(_, letter)| {
        depth += i32::from(*letter == ')') - i32::from(*letter == '(');
        depth == 0
    })?;
    let (before, inside) = (&inside[..open.0], &inside[open.0 + 1..]);
    if is_citation(inside) {
        return of_end(before);
    }
    let parts: Vec<&str> = inside.split("; ").flat_map(|part| part.split(", ")).collect();
    let units = parts.iter().rev().filter_map(|part| Unit::leading(part));
    // `24 h` of `mg/L, 24 h` is no unit.
    units.into_iter().find(|unit| parts.len() == 1 || unit.number() == 1.0)
}

/// Whether a text is `Eq. 3`, `Table S2` or the like.
fn is_citation(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let first = words.next().unwrap_or_default().trim_end_matches('.').to_lowercase();
    let has_number = words.next().is_some_and(|word| word.contains(|c: char| c.is_ascii_digit()));
    CITED.contains(&first.as_str()) && has_number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_unit_at_the_end_is_one() {
        let unit = |label| unit(label).map(|unit| unit.to_string());
        for (label, right) in [
            ("Clearance (L/day)", Some("L/day")),
            ("Clearance (CL, L/day)", Some("L/day")),
            ("Association with the target (1/(nM day))", Some("1/(nM day)")),
            ("Exponent (unitless)", Some("1")),
            ("Volume (L); Table 2", Some("L")),
            ("Volume (L), estimated", Some("L")),
            ("Volume (L; fixed at 5)", Some("L")),
            ("Volume (L, FIXED)", Some("L")),
            ("Volume (L = dm3)", Some("L")),
            ("Volume (L) (Table 2)", Some("L")),
            ("Potency (uM); of the source", Some("uM")),
            ("Share (unitless, 0-1)", Some("1")),
            ("Clearance (L/h/70 kg)", Some("L/h")),
            ("Volume (L per 1.8 m^2)", Some("L")),
            ("Filtration (mL/min/1.73 m2)", Some("mL/min/1.73 m2")),
            ("Exponent (Eq 3)", None),
            ("Exponent (Fig. 2)", None),
            ("Exponent (Section 3.1)", None),
            ("Baseline (log10 copies/mL)", None),
            ("Absorption rate (1/h) in adults (reference)", None),
            ("Clearance (typical value)", None),
            ("Clearance, L/day", None),
            ("Clearance (L/day", None),
            ("()", None),
            ("Clearance", None),
        ] {
            assert_eq!(unit(label).as_deref(), right, "{label}");
        }
    }
}
