//! Numbers as a person reads them.

/// Three significant digits, without an exponent where that is short.
pub(crate) fn number(value: f64) -> String {
    significant(value, 3)
}

/// So many significant digits, without an exponent where that is short.
pub(crate) fn significant(value: f64, digits: u8) -> String {
    let after_first = usize::from(digits) - 1;
    let magnitude = value.abs();
    if value.is_nan() {
        "-".into()
    } else if magnitude == 0.0 {
        "0".into()
    } else if !(1e-3..1e6).contains(&magnitude) {
        format!("{value:.after_first$e}")
    } else {
        let decimals = (i32::from(digits) - 1 - magnitude.log10().floor() as i32).max(0) as usize;
        format!("{value:.decimals$}")
    }
}

/// A whole number with its thousands apart.
pub(crate) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// A duration in seconds, minutes or hours.
pub(crate) fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 120.0 => format!("{s:.1} s"),
        s if s < 7200.0 => format!("{:.1} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

/// A size in kB, MB or GB.
pub(crate) fn bytes(size: u64) -> String {
    match size as f64 {
        s if s < 1e6 => format!("{:.0} kB", s / 1e3),
        s if s < 1e9 => format!("{:.1} MB", s / 1e6),
        s => format!("{:.2} GB", s / 1e9),
    }
}
