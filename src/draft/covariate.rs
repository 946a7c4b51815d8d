//! Values for covariates that a cohort file begins with.

use crate::model::{Covariate, Model};
use crate::unit::Unit;

use super::notes;
use super::reference::{is_in_logarithm, reference};

/// Usual values of adults: names that covariates begin with, value, its unit.
const USUAL: [(&str, f64, &str); 16] = [
    ("WT", 70.0, "kg"),
    ("BW", 70.0, "kg"),
    ("LBM", 52.0, "kg"),
    ("FFM", 52.0, "kg"),
    ("AGE", 45.0, "year"),
    ("BSA", 1.8, "m2"),
    ("HT", 170.0, "cm"),
    ("BMI", 25.0, "kg/m2"),
    ("CRCL", 100.0, "mL/min"),
    ("EGFR", 90.0, "mL/min/1.73 m2"),
    ("GFR", 90.0, "mL/min/1.73 m2"),
    ("ALB", 42.0, "g/L"),
    ("CREAT", 0.9, "mg/dL"),
    ("ALT", 20.0, "U/L"),
    ("AST", 20.0, "U/L"),
    ("HCT", 42.0, "%"),
];
/// What stands in the unit of a covariate that is coded by 0 and 1, or counted.
const CODED: [&str; 4] = ["binary", "indicator", "categor", "0/1"];
/// How the values of [`USUAL`] were come by.
const OF_ADULTS: &str = "usual of adults";
/// The weight below which an age goes with it, kg.
const CHILD: f64 = 50.0;

/// A value, and how it was come by.
pub(super) struct Guess {
    pub(super) value: f64,
    pub(super) how: String,
}

/// A value for each covariate of a model.
pub(super) fn guesses(model: &Model) -> Vec<Guess> {
    let mut guesses: Vec<Guess> =
        model.covariates.iter().map(|covariate| guessed(model, covariate)).collect();
    let position = |names: &[&str]| {
        model.covariates.iter().position(|c| names.iter().any(|name| c.name.eq_ignore_ascii_case(name)))
    };
    let unit_of = |i: usize| Unit::leading(model.covariates[i].unit.as_deref().unwrap_or_default());
    if let (Some(weight), Some(age)) = (position(&["WT", "BW"]), position(&["AGE"]))
        && guesses[age].how == OF_ADULTS
        && guesses[weight].how != OF_ADULTS
    {
        let in_unit = |from: Unit, into: Option<Unit>| from.to(&into.unwrap_or_else(|| from.clone()));
        let kilograms = unit_of(weight).and_then(|unit| unit.to(&Unit::parse("kg")));
        let kilograms =
            kilograms.map_or(guesses[weight].value, |conversion| conversion.apply(guesses[weight].value));
        if let (Some(years), Some(conversion)) =
            (age_of_child(kilograms), in_unit(Unit::parse("year"), unit_of(age)))
        {
            let name = &model.covariates[weight].name;
            guesses[age] = Guess {
                value: rounded(conversion.apply(years)),
                how: format!("a child's that goes with `{name}`"),
            };
        }
    }
    guesses
}

/// To three digits.
fn rounded(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value)
}

/// The age in years at which children have a weight, kg: the inverse of the formulas of Advanced Paediatric Life
/// Support, 5th edition (2011): months / 2 + 4 up to a year, 2 years + 8 up to five, 3 years + 7 up to twelve.
fn age_of_child(kilograms: f64) -> Option<f64> {
    match kilograms {
        weight if weight <= 4.0 => Some(0.0),
        weight if weight < 10.0 => Some((weight - 4.0) / 6.0),
        weight if weight < 18.0 => Some((weight - 8.0) / 2.0),
        weight if weight < CHILD => Some((weight - 7.0) / 3.0),
        _ => None,
    }
}

fn guessed(model: &Model, covariate: &Covariate) -> Guess {
    let guess = |value: f64, how: &str| Guess { value, how: how.into() };
    let text = covariate.unit.as_deref().unwrap_or_default();
    if let Some(value) = covariate.reference_category.as_deref().and_then(notes::leading_number) {
        return guess(value, "the model's reference category");
    }
    if CODED.iter().any(|word| text.to_lowercase().contains(word)) {
        return guess(0.0, "it is coded by numbers; 0 is usually what the model refers to");
    }
    if let Some(value) = reference(model, &covariate.name) {
        return guess(value, "the value that the model refers to");
    }
    let unit = Unit::leading(text);
    let said = [&covariate.notes, &covariate.description].into_iter().flatten();
    if let Some((value, words)) = said.into_iter().find_map(|text| notes::typical(text, unit.as_ref())) {
        return Guess { value, how: format!("the model file says: {words}") };
    }
    let upper = covariate.name.to_uppercase();
    if let Some((_, value, of)) = USUAL.iter().find(|(name, ..)| upper.starts_with(name)) {
        let conversion = unit.and_then(|unit| Unit::parse(of).to(&unit));
        return guess(conversion.map_or(*value, |conversion| conversion.apply(*value)), OF_ADULTS);
    }
    match upper.as_str() {
        "OCC" | "OCCASION" | "VISIT" | "PERIOD" => guess(1.0, "the first"),
        _ if upper.starts_with("SEX") || upper.starts_with("RACE") || upper.starts_with("STUDY") => {
            guess(0.0, "it seems to be coded by numbers")
        }
        _ if is_in_logarithm(model, &covariate.name) => {
            guess(10.0, "nothing is known of it, but that its logarithm is taken")
        }
        _ => guess(1.0, "nothing is known of it"),
    }
}
