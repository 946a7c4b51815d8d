//! Quantities with units, written as text: `"21 day"`, `"0.2 mg/kg"`, `"50 mg/h"`.

use std::fmt;

use thiserror::Error;

use super::{AmountUnit, Dose, Per, Ticks};
use crate::diagnostic::Cause;

/// Units of time with their length in seconds, the longest first.
const TIME_UNITS: [(&str, u32); 5] =
    [("week", 604_800), ("day", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];

/// Units of an amount of drug.
const AMOUNT_UNITS: [AmountUnit; 9] = [
    AmountUnit::Gram,
    AmountUnit::Milligram,
    AmountUnit::Microgram,
    AmountUnit::Nanogram,
    AmountUnit::Mole,
    AmountUnit::Millimole,
    AmountUnit::Micromole,
    AmountUnit::Nanomole,
    AmountUnit::Picomole,
];

/// What is wrong with a quantity.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum QuantityError {
    /// It does not begin with a number.
    #[error("`{text}` does not begin with a number")]
    NoNumber {
        /// What was written.
        text: String,
        /// A quantity that would be right here.
        example: &'static str,
    },
    /// There is a number but no unit.
    #[error("`{text}` has no unit")]
    NoUnit {
        /// What was written.
        text: String,
        /// The units that are right here.
        accepted: String,
    },
    /// The unit is not one that is right here.
    #[error("`{unit}` is not a unit of {kind}")]
    WrongUnit {
        /// What was written.
        unit: String,
        /// What was expected: `time`, `dose`, `rate`.
        kind: &'static str,
        /// The unit that was perhaps meant.
        near: Option<&'static str>,
        /// The units that are right here.
        accepted: String,
    },
    /// It is below 0.
    #[error("`{text}` is negative")]
    Negative {
        /// What was written.
        text: String,
    },
    /// The number is too large for a computer number.
    #[error("`{text}` is not a finite number")]
    NotFinite {
        /// What was written.
        text: String,
    },
    /// Times are whole seconds.
    #[error("`{text}` is not a whole number of seconds")]
    NotWholeSeconds {
        /// What was written.
        text: String,
    },
    /// Times fit 32 bits.
    #[error("`{text}` is longer than 136 years, the longest time there is")]
    TooLong {
        /// What was written.
        text: String,
    },
}

impl Cause for QuantityError {
    fn help(&self) -> Option<String> {
        match self {
            Self::NoNumber { example, .. } => Some(format!("write a number and a unit, as in \"{example}\"")),
            Self::NoUnit { accepted, .. } => Some(format!("accepted units: {accepted}")),
            Self::WrongUnit { near, accepted, .. } => {
                let near = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
                Some(format!("{near}accepted units: {accepted}"))
            }
            Self::NotWholeSeconds { .. } => Some("times are kept in seconds; round it".into()),
            Self::Negative { .. } | Self::NotFinite { .. } | Self::TooLong { .. } => None,
        }
    }
}

/// Reads a time, as whole seconds.
pub(super) fn time(text: &str) -> Result<Ticks, QuantityError> {
    let accepted = || TIME_UNITS.map(|(name, _)| name).join(", ");
    let (number, unit) = split(text, "21 day", accepted)?;
    let seconds = seconds_in(unit).ok_or_else(|| QuantityError::WrongUnit {
        unit: unit.into(),
        kind: "time",
        near: near(unit, TIME_UNITS.map(|(name, _)| name)),
        accepted: accepted(),
    })?;
    let ticks = number * seconds;
    // A decimal fraction of a unit, as 0.1 day, is not exact in binary.
    if (ticks - ticks.round()).abs() > 1e-6 {
        return Err(QuantityError::NotWholeSeconds { text: text.into() });
    }
    if ticks.round() > f64::from(Ticks::MAX) {
        return Err(QuantityError::TooLong { text: text.into() });
    }
    Ok(ticks.round() as Ticks)
}

/// A time as text in the longest unit that leaves a whole number: the inverse of [`time`].
pub(crate) fn time_text(ticks: Ticks) -> String {
    // Weeks are left out: the field counts cycles and visits in days.
    let (name, seconds) = TIME_UNITS
        .into_iter()
        .skip(1)
        .find(|&(_, seconds)| ticks != 0 && ticks.is_multiple_of(seconds))
        .unwrap_or(("day", TIME_UNITS[1].1));
    format!("{} {name}", ticks / seconds)
}

/// Reads a dose: an amount, or an amount per kg or per m2.
pub(crate) fn dose(text: &str) -> Result<Dose, QuantityError> {
    let accepted = || format!("{}, each alone or with /kg or /m2", amount_names());
    let (amount, unit) = split(text, "0.2 mg/kg", accepted)?;
    let (name, per) = unit.split_once('/').map_or((unit, ""), |(name, per)| (name.trim(), per.trim()));
    let per = match per {
        "" if !unit.contains('/') => Some(Per::Patient),
        "kg" => Some(Per::Kilogram),
        "m2" => Some(Per::SquareMetre),
        _ => None,
    };
    match (AmountUnit::from_symbol(name), per) {
        (Some(unit), Some(per)) => Ok(Dose { text: text.trim().into(), amount, unit, per }),
        _ => Err(QuantityError::WrongUnit {
            unit: unit.into(),
            kind: "dose",
            near: near(name, AMOUNT_UNITS.map(AmountUnit::symbol)),
            accepted: accepted(),
        }),
    }
}

/// Reads an infusion rate: amount per hour, and the unit of the amount.
pub(super) fn rate(text: &str) -> Result<(f64, AmountUnit), QuantityError> {
    let accepted = || {
        let times = TIME_UNITS.map(|(name, _)| name).join(", ");
        format!("{}, each per {times}, as mg/h", amount_names())
    };
    let (number, unit) = split(text, "50 mg/h", accepted)?;
    let parts = unit
        .split_once('/')
        .and_then(|(amount, time)| Some((AmountUnit::from_symbol(amount.trim())?, seconds_in(time.trim())?)));
    match parts {
        Some((unit, seconds)) => Ok((number * 3_600.0 / seconds, unit)),
        None => Err(QuantityError::WrongUnit {
            unit: unit.into(),
            kind: "rate",
            near: None,
            accepted: accepted(),
        }),
    }
}

/// The unit that a longer or shorter word for it begins like: `days`, `hours`, `d`.
pub(super) fn near<const N: usize>(unit: &str, units: [&'static str; N]) -> Option<&'static str> {
    units.into_iter().find(|name| *name != unit && (unit.starts_with(name) || name.starts_with(unit)))
}

fn seconds_in(unit: &str) -> Option<f64> {
    TIME_UNITS.iter().find(|(name, _)| *name == unit).map(|&(_, seconds)| f64::from(seconds))
}

fn amount_names() -> String {
    AMOUNT_UNITS.map(AmountUnit::symbol).join(", ")
}

/// Splits a quantity into its number, finite and not negative, and its unit.
pub(super) fn split<'a>(
    text: &'a str,
    example: &'static str,
    accepted: impl Fn() -> String,
) -> Result<(f64, &'a str), QuantityError> {
    let (digits, unit) = text.trim().split_at(number_length(text.trim()));
    let number: f64 = digits.parse().map_err(|_| QuantityError::NoNumber { text: text.into(), example })?;
    let unit = unit.trim();
    if unit.is_empty() {
        Err(QuantityError::NoUnit { text: text.into(), accepted: accepted() })
    } else if number < 0.0 {
        Err(QuantityError::Negative { text: text.into() })
    } else if !number.is_finite() {
        Err(QuantityError::NotFinite { text: text.into() })
    } else {
        Ok((number, unit))
    }
}

/// Length of the number that a text begins with: sign, digits, fraction, exponent.
fn number_length(text: &str) -> usize {
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
    end
}

impl AmountUnit {
    /// The unit's symbol, as it is written in cohort files.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Gram => "g",
            Self::Milligram => "mg",
            Self::Microgram => "ug",
            Self::Nanogram => "ng",
            Self::Mole => "mol",
            Self::Millimole => "mmol",
            Self::Micromole => "umol",
            Self::Nanomole => "nmol",
            Self::Picomole => "pmol",
        }
    }

    /// The unit with this symbol.
    pub fn from_symbol(symbol: &str) -> Option<Self> {
        AMOUNT_UNITS.into_iter().find(|unit| unit.symbol() == symbol)
    }

    /// What an amount in this unit is multiplied by to be in another; `None` between mass and amount
    /// of substance.
    pub fn factor_to(self, other: Self) -> Option<f64> {
        (self.is_molar() == other.is_molar()).then(|| 10f64.powi(self.exponent() - other.exponent()))
    }

    fn is_molar(self) -> bool {
        self.symbol().ends_with("mol")
    }

    /// The power of ten of its prefix.
    fn exponent(self) -> i32 {
        match self {
            Self::Gram | Self::Mole => 0,
            Self::Milligram | Self::Millimole => -3,
            Self::Microgram | Self::Micromole => -6,
            Self::Nanogram | Self::Nanomole => -9,
            Self::Picomole => -12,
        }
    }
}

impl Dose {
    /// Its unit, as `mg/kg`.
    pub fn unit_text(&self) -> String {
        let per = match self.per {
            Per::Patient => "",
            Per::Kilogram => "/kg",
            Per::SquareMetre => "/m2",
        };
        format!("{}{per}", self.unit)
    }

    /// Its amount in the unit of another dose; `None` if they are of different kinds: mass and amount of
    /// substance, or of different body sizes.
    pub fn amount_in_unit_of(&self, other: &Self) -> Option<f64> {
        let factor = self.unit.factor_to(other.unit).filter(|_| self.per == other.per)?;
        Some(self.amount * factor)
    }
}

impl fmt::Display for AmountUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_are_whole_seconds() {
        // By hand: 21 x 86400; 90 x 60; 0.1 x 86400 is not exact in binary and still whole.
        assert_eq!(time("21 day"), Ok(1_814_400));
        assert_eq!(time("90 min"), Ok(5_400));
        assert_eq!(time("0.1 day"), Ok(8_640));
        assert_eq!(time(" 2week "), Ok(1_209_600));
        assert_eq!(time("1.5e0 h"), Ok(5_400));
        assert!(matches!(time("0.5 s"), Err(QuantityError::NotWholeSeconds { .. })));
        assert!(matches!(time("140000 day"), Err(QuantityError::TooLong { .. })));
        assert!(matches!(time("-1 day"), Err(QuantityError::Negative { .. })));
        assert!(matches!(time("1e999 day"), Err(QuantityError::NotFinite { .. })));
        assert!(matches!(time("day"), Err(QuantityError::NoNumber { .. })));
        assert!(matches!(time("21"), Err(QuantityError::NoUnit { .. })));
    }

    #[test]
    fn wrong_units_say_what_is_accepted() {
        let error = time("21 days").unwrap_err();
        assert_eq!(error.to_string(), "`days` is not a unit of time");
        assert_eq!(error.help().unwrap(), "did you mean `day`? accepted units: week, day, h, min, s");
        assert!(dose("3 mg/lb").unwrap_err().help().unwrap().contains("/kg or /m2"));
        assert!(dose("3 mg/").is_err());
    }

    #[test]
    fn rates_are_per_hour() {
        assert_eq!(rate("50 mg/h"), Ok((50.0, AmountUnit::Milligram)));
        assert_eq!(rate("2 umol/min"), Ok((120.0, AmountUnit::Micromole)));
        assert_eq!(rate("24 mg/day"), Ok((1.0, AmountUnit::Milligram)));
        assert!(rate("50 mg").is_err());
        assert!(rate("50 mg/kg").is_err());
    }

    proptest! {
        #[test]
        fn a_time_survives_writing_and_reading(ticks in any::<Ticks>()) {
            prop_assert_eq!(time(&time_text(ticks)), Ok(ticks));
        }

        #[test]
        fn a_dose_survives_writing_and_reading(
            amount in 0.0..1e300_f64,
            unit in prop::sample::select(AMOUNT_UNITS.to_vec()),
            (suffix, per) in prop::sample::select(vec![
                ("", Per::Patient), ("/kg", Per::Kilogram), ("/m2", Per::SquareMetre),
            ]),
            space in " {0,2}",
        ) {
            let text = format!("{amount:?}{space}{unit}{suffix}");
            prop_assert_eq!(dose(&text), Ok(Dose { text: text.clone(), amount, unit, per }));
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), start in "[-+.0-9eE]{0,6}") {
            let text = start + &text;
            let _ = (time(&text), dose(&text), rate(&text));
        }
    }
}
