//! Units in labels.

use crate::unit::Unit;

/// `L/day` of `Clearance (L/day)` and of `Clearance (CL, L/day)`: what stands in the parenthesis at the end, if
/// each word of it is a known unit.
pub(in crate::model) fn unit(label: &str) -> Option<Unit> {
    let inside = label.trim_end().strip_suffix(')')?;
    let mut depth = 1;
    let open = inside.char_indices().rev().find(|(_, letter)| {
        depth += i32::from(*letter == ')') - i32::from(*letter == '(');
        depth == 0
    })?;
    let inside = &inside[open.0 + 1..];
    let unit = inside.rsplit(", ").next().filter(|unit| !unit.trim().is_empty())?;
    Unit::known(unit)
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
