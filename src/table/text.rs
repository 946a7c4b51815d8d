//! Cells of text as numbers, as yes or no, or as labels.

use super::{Cell, Values};

/// What stands for nothing, in small letters.
const MISSING: [&str; 7] = ["", ".", "na", "n/a", "#n/a", "nan", "null"];

/// A column of text: numbers if every cell is one or is missing, 1 and 0 if every cell is `true` or `false`,
/// else labels.
pub(super) fn values<'a>(cells: impl Iterator<Item = &'a str> + Clone) -> Values {
    let cells = cells.map(str::trim).map(|cell| (!is_missing(cell)).then_some(cell));
    let all = |read: fn(&str) -> Option<f64>| {
        let numbers = cells.clone().map(|cell| cell.map_or(Some(f64::NAN), read));
        numbers.collect::<Option<Vec<f64>>>()
    };
    all(number).or_else(|| all(flag)).map_or_else(|| Values::labels_or_none(cells.clone()), Values::Number)
}

/// A cell of text by itself.
pub(super) fn cell(text: &str) -> Cell<'_> {
    let text = text.trim();
    match number(text) {
        Some(number) if !number.is_nan() => Cell::Number(number),
        _ if is_missing(text) => Cell::Missing,
        _ => Cell::Text(text),
    }
}

/// A cell as a number. A whole number that `f64` cannot hold, as a long identifier, is none.
pub(crate) fn number(cell: &str) -> Option<f64> {
    let value: f64 = cell.parse().ok()?;
    let is_held = cell.parse::<i128>().map_or(true, |whole| value as i128 == whole);
    is_held.then_some(value)
}

fn flag(cell: &str) -> Option<f64> {
    match cell.to_ascii_lowercase().as_str() {
        "true" => Some(1.0),
        "false" => Some(0.0),
        _ => None,
    }
}

fn is_missing(cell: &str) -> bool {
    MISSING.contains(&cell.to_lowercase().as_str())
}

#[cfg(test)]
#[expect(clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn numbers_flags_and_labels() {
        let of = |cells: &'static str| values(cells.split('|'));
        let Values::Number(numbers) = of("70|NA| 8e1 |-.5|") else { panic!("not numbers") };
        assert_eq!(numbers[2..4], [80.0, -0.5]);
        assert!(numbers[1].is_nan() && numbers[4].is_nan());
        let Values::Number(flags) = of("TRUE|False|") else { panic!("not numbers") };
        assert_eq!(flags[..2], [1.0, 0.0]);
        let Values::Label { codes, labels } = of("70|7O|null|70") else { panic!("not labels") };
        assert_eq!(
            (&codes[..], &labels[..]),
            (&[Some(0), Some(1), None, Some(0)][..], &["70", "7O"].map(String::from)[..])
        );
        assert!(matches!(of("TRUE|1"), Values::Label { .. }));
    }

    /// 2^53 + 1 lies between two numbers of f64.
    #[test]
    fn whole_numbers_are_held_exactly() {
        assert_eq!(number("9007199254740992"), Some(9_007_199_254_740_992.0));
        assert_eq!(number("9007199254740993"), None);
        assert_eq!(number("-9007199254740993"), None);
        assert_eq!(number("123456789.123456789123"), Some(123_456_789.123_456_79));
    }
}
