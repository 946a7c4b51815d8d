//! Quantities with units, written as text: `"21 day"`, `"0.2 mg/kg"`, `"50 mg/h"`.

use thiserror::Error;

use super::{Dose, Per, Ticks};
use crate::diagnostic::{Cause, did_you_mean};
use crate::unit::{AMOUNT_WORDS, Base, Conversion, SECONDS_PER_DAY, TIME_WORDS, Unit, split_number};

/// Units in which times are written, with their length in seconds, the longest first. Weeks are left out: the
/// field counts cycles and visits in days.
const WRITTEN_TIMES: [(&str, Ticks); 4] = [("day", SECONDS_PER_DAY), ("h", 3_600), ("min", 60), ("s", 1)];

/// Seconds in an hour.
const SECONDS_PER_HOUR: f64 = 3_600.0;

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
        near: Option<String>,
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
                let near = near.as_ref().map_or(String::new(), |near| format!("{near} "));
                Some(format!("{near}accepted units: {accepted}"))
            }
            Self::NotWholeSeconds { .. } => Some("times are kept in seconds; round it".into()),
            Self::Negative { .. } | Self::NotFinite { .. } | Self::TooLong { .. } => None,
        }
    }
}

/// Reads a time, as whole seconds.
pub(super) fn time(text: &str) -> Result<Ticks, QuantityError> {
    let accepted = || TIME_WORDS.join(", ");
    let (number, unit) = split(text, "21 day", accepted)?;
    let seconds = seconds_in(unit).ok_or_else(|| QuantityError::WrongUnit {
        unit: unit.into(),
        kind: "time",
        near: did_you_mean(unit, TIME_WORDS),
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
    let (name, seconds) = WRITTEN_TIMES
        .into_iter()
        .find(|&(_, seconds)| ticks != 0 && ticks.is_multiple_of(seconds))
        .unwrap_or(WRITTEN_TIMES[0]);
    format!("{} {name}", ticks / seconds)
}

/// Reads a dose: an amount, or an amount per kg or per m2; a number alone is in no unit, and thereby in that of a model
/// whose dosing unit is no amount.
pub(crate) fn dose(text: &str) -> Result<Dose, QuantityError> {
    let alone = text.trim().parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
    if let Some(amount) = alone {
        return Ok(Dose { text: text.trim().into(), amount, unit: Unit::one(), per: Per::Patient });
    }
    let accepted = || format!("{}, each alone or with /kg or /m2", AMOUNT_WORDS.join(", "));
    let (amount, unit) = split(text, "0.2 mg/kg", accepted)?;
    match amount_per(&Unit::parse(unit)) {
        Some((unit, per)) => Ok(Dose { text: text.trim().into(), amount, unit, per }),
        None => Err(QuantityError::WrongUnit {
            unit: unit.into(),
            kind: "dose",
            near: near_amount(unit),
            accepted: accepted(),
        }),
    }
}

/// The unit of an amount that was perhaps meant, if it is the amount that is wrong.
fn near_amount(unit: &str) -> Option<String> {
    let amount = unit.split('/').next()?.trim();
    did_you_mean(amount, AMOUNT_WORDS).filter(|_| Unit::known(amount).is_none())
}

/// The unit of the amount in that of a dose, and what the amount is for.
pub(crate) fn amount_per(unit: &Unit) -> Option<(Unit, Per)> {
    let mut amount = None;
    let mut per = Per::Patient;
    for (word, exponent) in unit.words() {
        match (word, exponent) {
            ("kg", -1) => per = Per::Kilogram,
            ("m", -2) => per = Per::SquareMetre,
            (word, 1) => amount = amount.xor(Some(Unit::known(word)?)),
            _ => return None,
        }
    }
    let amount = amount.filter(Unit::is_of_drug)?;
    (unit.number() == 1.0 && unit.words().count() == 1 + usize::from(per != Per::Patient))
        .then_some((amount, per))
}

/// Reads an infusion rate: amount per hour, and the unit of the amount.
pub(super) fn rate(text: &str) -> Result<(f64, Unit), QuantityError> {
    let accepted = || format!("{}, each per {}, as mg/h", AMOUNT_WORDS.join(", "), TIME_WORDS.join(", "));
    let (number, unit) = split(text, "50 mg/h", accepted)?;
    let read = Unit::parse(unit);
    let amount = read.words().find(|(_, exponent)| *exponent == 1).and_then(|(word, _)| Unit::known(word));
    let per_hour = amount.filter(Unit::is_of_drug).and_then(|amount| {
        let per_second = read.to(&amount.per(&Unit::known("s")?))?;
        let Conversion { times, over } = per_second;
        Some((number * (SECONDS_PER_HOUR * times) / over, amount))
    });
    per_hour.ok_or_else(|| QuantityError::WrongUnit {
        unit: unit.into(),
        kind: "rate",
        near: None,
        accepted: accepted(),
    })
}

/// Reads a molecular weight: grams per mole.
pub(super) fn molecular_weight(text: &str) -> Result<f64, QuantityError> {
    let accepted = || "g/mol, kDa, Da".to_owned();
    let (number, unit) = split(text, "150 kDa", accepted)?;
    let conversion = Unit::parse(unit).to(&Unit::parse("g/mol")).filter(|_| number > 0.0);
    conversion.map(|conversion| conversion.apply(number)).ok_or_else(|| QuantityError::WrongUnit {
        unit: unit.into(),
        kind: "molecular weight",
        near: None,
        accepted: accepted(),
    })
}

fn seconds_in(unit: &str) -> Option<f64> {
    let is_word = |unit: &Unit| unit.words().count() == 1 && unit.number() == 1.0;
    let unit = Unit::known(unit).filter(|unit| is_word(unit) && unit.is_a(&Base::Time))?;
    Some(unit.dimension().number())
}

/// Splits a quantity into its number, finite and not negative, and its unit.
pub(super) fn split<'a>(
    text: &'a str,
    example: &'static str,
    accepted: impl Fn() -> String,
) -> Result<(f64, &'a str), QuantityError> {
    let (digits, unit) = split_number(text.trim());
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

impl Dose {
    /// Its unit, as `mg/kg`; nothing of a number alone.
    pub fn unit_text(&self) -> String {
        if self.unit == Unit::one() {
            return String::new();
        }
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
        let conversion = self.unit.to(&other.unit).filter(|_| self.per == other.per)?;
        Some(conversion.apply(self.amount))
    }

    /// Whether two doses are one, whatever the units they are written in.
    pub fn is(&self, other: &Self) -> bool {
        let own = self.amount_in_unit_of(other);
        own.is_some_and(|own| (own - other.amount).abs() <= 1e-12 * own.max(other.amount))
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
    fn a_number_alone_is_a_dose_in_no_unit() {
        let alone = Dose { text: "2.5".into(), amount: 2.5, unit: Unit::one(), per: Per::Patient };
        assert_eq!(dose(" 2.5 "), Ok(alone.clone()));
        assert_eq!(alone.unit_text(), "");
        assert_eq!(alone.amount_in_unit_of(&dose("1 mg").unwrap()), None);
        for text in ["-1", "inf", "NaN", "1e999"] {
            assert!(dose(text).is_err(), "{text}");
        }
    }

    #[test]
    fn words_for_units_are_those_of_the_model_file() {
        let day = SECONDS_PER_DAY;
        for (text, ticks) in [
            ("24 hours", day),
            ("3 weeks", 21 * day),
            ("1 month", 2_629_800),
            ("1 year", 31_557_600),
            ("2 d", 2 * day),
            ("90 mins", 5_400),
            ("36 hr", 129_600),
            ("10 sec", 10),
        ] {
            assert_eq!(time(text), Ok(ticks), "{text}");
        }
        let unit = |text: &str| dose(text).unwrap().unit_text();
        assert_eq!(["3 mcg", "3 \u{b5}g", "3 \u{3bc}g", "3 micrograms"].map(unit), ["ug"; 4]);
        assert_eq!(["3 mg/m^2", "3 mg/m\u{b2}", "3 mg per m2"].map(unit), ["mg/m2"; 3]);
        assert_eq!(
            ["3 mcg/kg", "3 IU/kg", "2 U", "1e6 cells/kg"].map(unit),
            ["ug/kg", "IU/kg", "IU", "cells/kg"]
        );
    }

    #[test]
    fn wrong_units_say_what_is_accepted() {
        let error = time("21 dya").unwrap_err();
        assert_eq!(error.to_string(), "`dya` is not a unit of time");
        assert_eq!(
            error.help().unwrap(),
            "did you mean `day`? accepted units: s, min, h, day, week, month, year"
        );
        assert!(dose("3 mg/lb").unwrap_err().help().unwrap().contains("/kg or /m2"));
        for text in
            ["3 mg/", "3 mg/kg/m2", "3 mg/kg2", "3 kg", "3 L", "3 /kg", "3 mg mg", "3 mg/L", "3 1e3 mg"]
        {
            assert!(dose(text).is_err(), "{text}");
        }
        for text in ["3 24 h", "3 1/h", "3 h2", "3 %", "3 mg"] {
            assert!(time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rates_are_per_hour() {
        let rate = |text| rate(text).map(|(number, unit)| (number, unit.to_string())).ok();
        assert_eq!(rate("50 mg/h"), Some((50.0, "mg".into())));
        assert_eq!(rate("2 umol/min"), Some((120.0, "umol".into())));
        assert_eq!(rate("24 mg/day"), Some((1.0, "mg".into())));
        assert_eq!(rate("24 mcg per 24 hours"), Some((1.0, "ug".into())));
        assert_eq!(rate("480 mg/24h"), Some((20.0, "mg".into())));
        for text in ["50 mg", "50 mg/kg", "50 mg/kg/h", "50 h/mg", "50 L/h"] {
            assert_eq!(rate(text), None, "{text}");
        }
    }

    #[test]
    fn molecular_weights_are_in_grams_per_mole() {
        assert_eq!(molecular_weight("150 kDa"), Ok(150_000.0));
        assert_eq!(molecular_weight("450.5 g/mol"), Ok(450.5));
        assert!(molecular_weight("150 kg").is_err() && molecular_weight("0 kDa").is_err());
    }

    #[test]
    fn doses_are_compared_to_the_last_digit() {
        let [first, second, third] = ["300 mg", "0.3 g", "300000 ug"].map(|text| dose(text).unwrap());
        assert_eq!(second.amount_in_unit_of(&first), Some(300.0));
        assert_eq!(third.amount_in_unit_of(&first), Some(300.0));
        assert_eq!(dose("1 nmol").unwrap().amount_in_unit_of(&first), None);
    }

    proptest! {
        #[test]
        fn a_time_survives_writing_and_reading(ticks in any::<Ticks>()) {
            prop_assert_eq!(time(&time_text(ticks)), Ok(ticks));
        }

        #[test]
        fn a_dose_survives_writing_and_reading(
            amount in 0.0..1e300_f64,
            word in prop::sample::select(AMOUNT_WORDS.to_vec()),
            (suffix, per) in prop::sample::select(vec![
                ("", Per::Patient), ("/kg", Per::Kilogram), ("/m2", Per::SquareMetre),
            ]),
            space in " {0,2}",
        ) {
            let text = format!("{amount:?}{space}{word}{suffix}");
            let unit = Unit::parse(word);
            prop_assert_eq!(dose(&text), Ok(Dose { text: text.clone(), amount, unit, per }));
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), start in "[-+.0-9eE]{0,6}") {
            let text = start + &text;
            let _ = (time(&text), dose(&text), rate(&text));
        }
    }
}
