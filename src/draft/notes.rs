//! Values in what a model file says of a covariate.

use crate::unit::{Unit, split_number};

/// Words before a typical value, the best first.
const TYPICAL: [&str; 5] = ["median", "mean", "typical value", "reference value", "average"];
/// The most letters between such a word and its value: "median of the cohort (approximately 7.7".
const BETWEEN: usize = 30;
/// What between them says that the number is another: of a table, or of how many.
const OTHERS: [&str; 8] = ["table", "fig", "eq", "section", "range", "n =", "n=", "ref"];

/// The number that a text begins with: 1 of `1 (patients)`, 100 of `100% (untreated)`.
pub(super) fn leading_number(text: &str) -> Option<f64> {
    let (number, rest) = split_number(text.trim());
    let is_alone = !rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '/'));
    number.parse().ok().filter(|number: &f64| number.is_finite() && is_alone)
}

/// The typical value that a text says, in the covariate's unit, and the words that say it.
pub(super) fn typical(text: &str, unit: Option<&Unit>) -> Option<(f64, String)> {
    let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let lower = plain.to_ascii_lowercase();
    TYPICAL.iter().find_map(|word| {
        lower.match_indices(word).find_map(|(at, _)| {
            let after = at + word.len();
            let rest = &plain[after..];
            let start = rest.find(|c: char| c.is_ascii_digit())?;
            let between = &lower[after..after + start];
            let is_near = between.chars().count() <= BETWEEN
                && !between.contains([';', '.'])
                && !OTHERS.iter().any(|other| between.contains(other))
                && between.chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '-');
            let (digits, behind) = split_number(&rest[start..]);
            let number: f64 = digits.parse().ok().filter(|_| is_near)?;
            let value = in_unit(number, behind, unit)?;
            let end = plain.len() - behind.len();
            Some((value, plain[at..end].to_owned()))
        })
    })
}

/// A number with what stands behind it, in a unit; `None` if that is of another kind.
fn in_unit(number: f64, behind: &str, unit: Option<&Unit>) -> Option<f64> {
    let behind = behind.trim_start();
    let word = behind.split([' ', ',', ';', ')']).next().unwrap_or_default().trim_end_matches('.');
    match (Unit::known(word).filter(|_| !word.is_empty()), unit) {
        (Some(given), Some(unit)) => given.to(unit).map(|conversion| conversion.apply(number)),
        _ => Some(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_text_begins_with() {
        for (text, number) in [
            ("1 (patients)", Some(1.0)),
            ("100% (untreated)", Some(100.0)),
            ("0", Some(0.0)),
            ("0.5: half", Some(0.5)),
            ("2nd line", None),
            ("male", None),
            ("", None),
        ] {
            assert_eq!(leading_number(text), number, "{text}");
        }
    }

    #[test]
    fn what_is_typical() {
        let unit = Unit::parse("mm");
        let value = |text: &str| typical(text, Some(&unit)).map(|(value, _)| value);
        for (text, number) in [
            ("median 59.5 mm", Some(59.5)),
            ("Baseline: mean 70.2 mm, median 59.5 mm, range 10-331 mm (Table 2)", Some(59.5)),
            ("the cohort median (approximately 7.67 mm of it)", Some(7.67)),
            ("Median of 5.1 cm in adults", Some(51.0)),
            ("mean: 12", Some(12.0)),
            ("Reference value 13 mm", Some(13.0)),
            ("median (Table 3) of 20", None),
            ("median 20 kg", None),
            ("median of all. 20 patients had", None),
            ("20 mm", None),
        ] {
            assert_eq!(value(text), number, "{text}");
        }
        assert_eq!(typical("The median 59.5 mm", None), Some((59.5, "median 59.5".into())),);
    }
}
