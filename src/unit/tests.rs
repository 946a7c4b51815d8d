//! Units by hand, and by what must hold for all of them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use proptest::prelude::*;

use super::*;

/// What a number in one unit is in another.
fn converted(number: f64, from: &str, into: &str) -> Option<f64> {
    Some(Unit::known(from)?.to(&Unit::known(into)?)?.apply(number))
}

#[test]
fn one_unit_in_many_spellings() {
    for spellings in [
        &[
            "mL/min/1.73 m2",
            "mL/min/1.73m2",
            "mL/min/1.73 m^2",
            "mL/min/1.73m\u{b2}",
            "ml/min/(1.73 m**2)",
            "mL per min per 1.73 m2",
        ][..],
        &[
            "10^9/L",
            "1e9/L",
            "x10^9/L",
            "\u{d7}10^9/L",
            "x 10^9/L",
            "10\u{2079}/L",
            "1E9/l",
            "10*9/L",
            "10**9/L",
            "10^3/uL",
            "1e6/mL",
            "1e3/mm3",
        ],
        &["ug", "mcg", "\u{b5}g", "\u{3bc}g", "microgram", "micrograms"],
        &["g/24 h", "g/24h", "g/day", "g/d", "g/(24 hours)"],
        &["kg/m^2", "kg/m2", "kg/m\u{b2}", "kg m-2", "kg\u{b7}m^-2", "kg m\u{207b}\u{b2}"],
        &["1/day", "/day", "day^-1", "d-1", "1/d", "per day", "day\u{207b}\u{b9}"],
        &["h", "hr", "hrs", "hour", "hours", "Hours", "HR"],
        &["nM", "nmol/L", "pmol/mL", "nmole/litre", "umol/m3"],
        &["1", "", "unitless", "-", "(none)", "fraction", "g/g", "mg/mg", "dimensionless"],
        &["U/L", "IU/L", "mIU/mL"],
        &["mg*h/L", "mg\u{b7}h/L", "mg h/L", "mg.h/L", "mg-h/L", "ug*h/mL"],
        &["1/(nM day)", "1/nM/day", "L/nmol/day", "L/(nmol*day)"],
        &["kg", "Kg", "KG", "kilogram"],
        &["kDa", "kg/mol", "mg/umol"],
    ] {
        let first = Unit::known(spellings[0]).unwrap();
        for other in spellings {
            let other = Unit::known(other).unwrap_or_else(|| panic!("`{other}` is not known"));
            let conversion =
                first.to(&other).unwrap_or_else(|| panic!("{first} is not of the kind of {other}"));
            assert!((conversion.apply(1.0) - 1.0).abs() < 1e-12, "{first} and {other}: {conversion:?}");
        }
    }
}

#[test]
fn numbers_are_converted() {
    // By definition: the pound of 1959, the inch, decimal prefixes, the Julian year.
    for (number, from, into, right) in [
        (150.0, "lb", "kg", 68.038_855_5),
        (70.0, "in", "cm", 177.8),
        (1.75, "m", "cm", 175.0),
        (300_000.0, "ug", "mg", 300.0),
        (0.2, "g", "mg", 200.0),
        (80.0, "g/L", "g/dL", 8.0),
        (25.0, "%", "1", 0.25),
        (1.0, "mL/min", "L/day", 1.44),
        (75_000.0, "1/uL", "1e9/L", 75.0),
        (24.0, "month", "year", 2.0),
        (1.0, "month", "day", 30.4375),
        (1_000.0, "mg/g", "g/g", 1.0),
        (173.0, "mL/min/1.73 m2", "mL/min/m2", 100.0),
    ] {
        let found = converted(number, from, into).unwrap();
        assert!((found - right).abs() <= 1e-13 * right, "{number} {from} is {found} {into}");
    }
    assert_eq!(converted(300_000.0, "ug", "mg"), Some(300.0), "to the last digit");
}

#[test]
fn other_kinds_are_not_converted() {
    for (one, other) in [
        ("mL/min", "mL/min/1.73 m2"),
        ("mg", "nmol"),
        ("cells/uL", "receptors/uL"),
        ("IU", "mg"),
        ("kg", "cm"),
        ("h", "L"),
    ] {
        assert_eq!(converted(1.0, one, other), None, "{one} and {other}");
    }
}

#[test]
fn what_is_not_known_is_a_unit_of_its_own() {
    for text in
        ["reference", "points", "mg/L day", "CL, L/day", "see notes; kg", "mg/spoon", "0 to 10", "2 x 3"]
    {
        let unit = Unit::parse(text);
        assert!(!unit.is_known(), "{text}");
        assert_eq!(unit.to(&unit), Some(Conversion::NONE), "{text}");
    }
}

#[test]
fn analytes_convert_by_their_molar_mass() {
    // 113.12 g/mol: 1 mg/dL of creatinine is 88.4 umol/L.
    let molar_mass = molar_mass("SCR").unwrap();
    let [mass, amount] = ["mg/dL", "umol/L"].map(|text| Unit::known(text).unwrap());
    let found = amount.to_by_molar_mass(&mass, molar_mass).unwrap().apply(88.4);
    assert!((found - 1.0).abs() < 1e-4, "{found}");
    let back = mass.to_by_molar_mass(&amount, molar_mass).unwrap().apply(1.0);
    assert!((back - 88.4017).abs() < 1e-4, "{back}");
    assert_eq!(super::molar_mass("albumin_creatinine_ratio"), None);
    assert_eq!(super::molar_mass("WT"), None);
}

#[test]
fn units_are_written_as_people_read_them() {
    for (text, written) in [
        ("mL/min/1.73 m2", "mL/min/1.73 m2"),
        ("1/(nM day)", "1/(nM day)"),
        ("x10^9/L", "1e9/L"),
        ("mcg/mL", "ug/mL"),
        ("kg m-2", "kg/m2"),
        ("fraction", "1"),
        ("mg/L/h", "mg/L/h"),
    ] {
        assert_eq!(Unit::parse(text).to_string(), written);
    }
}

const WORDS: [&str; 12] = ["mg", "\u{b5}g", "kg", "nmol", "L", "dL", "m", "cm", "h", "day", "IU", "cells"];

fn any_unit() -> impl Strategy<Value = String> {
    let factor = (prop::sample::select(WORDS.to_vec()), 1..4_i32);
    prop::collection::vec((factor, any::<bool>()), 1..5).prop_map(|factors| {
        factors.iter().fold("1".to_owned(), |text, ((word, exponent), below)| {
            format!("{text}{}{word}^{exponent}", if *below { "/" } else { "*" })
        })
    })
}

proptest! {
    #[test]
    fn a_unit_survives_writing_and_reading(text in any_unit()) {
        let unit = Unit::known(&text).unwrap();
        let again = Unit::known(&unit.to_string());
        prop_assert!(again.is_some(), "{unit} is not read");
        let factor = again.unwrap().to(&unit).unwrap().apply(1.0);
        prop_assert!((factor - 1.0).abs() < 1e-9, "{unit}");
    }

    #[test]
    fn there_and_back_is_nothing(text in any_unit(), number in 1e-3..1e3_f64) {
        let unit = Unit::known(&text).unwrap();
        let bases = unit.times(&Unit::known("lb").unwrap()).per(&Unit::known("kg").unwrap());
        let there = unit.to(&bases).unwrap();
        let back = there.inverse().apply(there.apply(number));
        prop_assert!((back - number).abs() <= 1e-12 * number);
    }

    #[test]
    fn a_unit_per_itself_is_none(text in any_unit()) {
        let unit = Unit::known(&text).unwrap();
        prop_assert_eq!(unit.per(&unit).dimension().bases, vec![]);
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>(), start in "[-+.0-9eE/*^(]{0,6}") {
        let text = start + &text;
        let _ = (Unit::parse(&text).to_string(), number_and_unit(&text), molar_mass(&text));
    }
}

#[test]
fn a_unit_before_a_remark() {
    for (text, right) in [
        ("L", Some("L")),
        ("L/L (volume fraction)", Some("1")),
        ("1/(nM day); fixed", Some("1/(nM day)")),
        ("ng/L (text)", Some("ng/L")),
        ("L = dm3", Some("L")),
        ("mmol/L, fasting", Some("mmol/L")),
        ("copies/mL (log10)", None),
        ("patients", None),
        ("(text)", None),
        ("", None),
    ] {
        assert_eq!(Unit::leading(text).map(|unit| unit.to_string()).as_deref(), right, "{text}");
    }
}

#[test]
fn a_body_size_is_no_dimension() {
    for (text, right) in [
        ("L/h/70 kg", "L/h"),
        ("L per 1.8 m^2", "L"),
        ("L/h/kg", "L/h/kg"),
        ("mL/min/1.73 m2", "mL/min/1.73 m2"),
        ("mg/24 h", "mg/24 h"),
    ] {
        assert_eq!(Unit::parse(text).without_body_size(), Unit::parse(right), "{text}");
    }
}
