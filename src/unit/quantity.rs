//! A number with a unit after it.

use super::Unit;

/// Splits a text behind the number that it begins with: sign, digits, fraction, exponent.
pub fn split_number(text: &str) -> (&str, &str) {
    let bytes = text.as_bytes();
    let sign = |at: usize| usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
    let digits = |at: usize| bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = sign(0);
    end += digits(end);
    if bytes.get(end) == Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let exponent = end + 1 + sign(end + 1);
        if exponent < bytes.len() && digits(exponent) > 0 {
            end = exponent + digits(exponent);
        }
    }
    text.split_at(end)
}

/// A number and the unit after it, as `75 1e9/L`, `10 mg/L`, `5 %`; `None` if the text is something else.
pub fn number_and_unit(text: &str) -> Option<(f64, Unit)> {
    let (number, rest) = split_number(text.trim());
    let rest = rest.trim_start();
    // `100 / x` and `2 * x` are expressions.
    let begins = rest.starts_with(|c: char| !matches!(c, '/' | '*' | '+' | '-' | '^' | '(' | '.'));
    Some((number.parse().ok()?, Unit::known(rest).filter(|_| begins)?))
}
