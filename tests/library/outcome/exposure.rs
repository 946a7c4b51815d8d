//! Outcomes against exposures.

use super::*;
use std::path::Path;
use vpop::cohort::{self, ExposureResponse, Spanned};
use vpop::diagnostic::Source;
use vpop::outcome::distribution::{Endpoint as Summarised, EndpointKind as Kind, InMemory, Sample};
use vpop::outcome::exposure_response::{check, exposure_response};
use vpop::table::ColumnMeta;

fn entry(exposure: &str, outcome: &str, groups: u32) -> ExposureResponse {
    let at = |name: &str| Spanned { value: name.into(), span: 0..4 };
    ExposureResponse { exposure: at(exposure), outcome: at(outcome), groups }
}

fn outcomes() -> Vec<Summarised> {
    [
        ("cmax", "mg/L", Kind::Number),
        ("dlt", "", Kind::FlagAmong("evaluable".into())),
        ("evaluable", "", Kind::Flag),
        ("best_response", "", Kind::Label(["NE"].map(String::from).into())),
    ]
    .map(|(name, unit, kind)| Summarised { meta: ColumnMeta::new(name, "", unit), kind })
    .into()
}

/// Two arms of six patients. In the first one failed and one has no exposure; equal exposures stay together.
fn sample(arm: &str, endpoint: &Summarised) -> Sample {
    let values = match (arm, endpoint.meta.name.as_str()) {
        ("0.1", "cmax") => [4.0, 1.0, NONE, 2.0, NONE, 3.0],
        ("0.1", _) => [1.0, 0.0, NONE, 0.0, 1.0, 0.0],
        (_, "cmax") => [5.0, 5.0, 5.0, 5.0, 9.0, 8.0],
        (_, _) => [1.0, 0.0, 1.0, 1.0, 1.0, 0.0],
    };
    let finished = [true, true, arm != "0.1", true, true, true].to_vec();
    Sample { values: values.to_vec(), finished, among: Vec::new() }
}

fn table_of(arms: &[&str], groups: u32) -> Table {
    let sample = |endpoint: &Summarised, arm: usize| sample(arms[arm], endpoint);
    let source = InMemory { patients: 6, levels: |_: &_| Vec::new(), sample };
    let names: Vec<String> = arms.iter().copied().map(String::from).collect();
    let Ok(table) = exposure_response(&[entry("cmax", "dlt", groups)], &names, &outcomes(), &source);
    table
}

#[test]
fn groups_by_hand() {
    let table = table_of(&["0.1", "0.2"], 2);
    let arms = labels(&table, "arm");
    assert_eq!(arms, [Some("all"), Some("all"), Some("0.1"), Some("0.1"), Some("0.2"), Some("0.2")]);
    assert_numbers(&numbers(&table, "group"), &[1.0, 2.0, 1.0, 2.0, 1.0, 2.0], "group");
    // All: 1 2 3 4 5 5 5 5 8 9, median 5; the first arm: 1 2 3 4, median 2.5; the second: 5 5 5 5 8 9.
    assert_numbers(&numbers(&table, "exposure_low"), &[1.0, 8.0, 1.0, 3.0, 5.0, 8.0], "low");
    assert_numbers(&numbers(&table, "exposure_median"), &[4.5, 8.5, 1.5, 3.5, 5.0, 8.5], "median");
    assert_numbers(&numbers(&table, "exposure_high"), &[5.0, 9.0, 2.0, 4.0, 5.0, 9.0], "high");
    assert_numbers(&numbers(&table, "n"), &[8.0, 2.0, 2.0, 2.0, 4.0, 2.0], "n");
    assert_numbers(&numbers(&table, "events"), &[4.0, 1.0, 0.0, 1.0, 3.0, 1.0], "events");
    assert_numbers(&numbers(&table, "proportion"), &[0.5, 0.5, 0.0, 0.5, 0.75, 0.5], "proportion");
    // 3 of 4. Exact: P(at least 3 of 4) = 4 p^3 - 3 p^4 is 0.025 at the lower end, and P(at most 3) = 1 - p^4 is
    // 0.025 at the upper. Wilson: the formula of the interval, z = 1.959963984540054.
    let close = |name: &str, expected: f64| {
        let found = numbers(&table, name)[4];
        assert!((found - expected).abs() < 1e-9, "{name}: {found}");
    };
    close("exact_low", 0.194_120_449_683);
    close("exact_high", 0.975_f64.powf(0.25));
    close("wilson_low", 0.300_641_842_582);
    close("wilson_high", 0.954_412_739_190);
    assert_eq!(labels(&table, "unit"), [Some("mg/L"); 6]);
}

#[test]
fn a_group_may_be_empty() {
    let table = table_of(&["0.2"], 4);
    // Quartiles of 5 5 5 5 8 9: 5, 5, 7.25.
    assert_numbers(&numbers(&table, "n"), &[4.0, 0.0, 0.0, 2.0, 4.0, 0.0, 0.0, 2.0], "n");
    assert!(numbers(&table, "proportion")[1].is_nan() && numbers(&table, "exposure_low")[1].is_nan());
}

/// 60 exposures and 40 that are the greatest: tertiles are 33 and 100, and nobody is above.
#[test]
fn the_last_group_may_be_empty() {
    let exposures: Vec<f64> = (0..60).map(f64::from).chain([100.0; 40]).collect();
    let sample = |endpoint: &Summarised, _: usize| {
        let values = if endpoint.meta.name == "cmax" { exposures.clone() } else { vec![1.0; 100] };
        Sample { values, finished: vec![true; 100], among: Vec::new() }
    };
    let source = InMemory { patients: 100, levels: |_: &_| Vec::new(), sample };
    let Ok(table) = exposure_response(&[entry("cmax", "dlt", 3)], &["0.1".to_owned()], &outcomes(), &source);
    assert_numbers(&numbers(&table, "n")[..3], &[34.0, 66.0, 0.0], "n");
    assert_numbers(&numbers(&table, "exposure_low")[..2], &[0.0, 34.0], "low");
    assert_numbers(&numbers(&table, "exposure_median")[..2], &[16.5, 100.0], "median");
    assert_numbers(&numbers(&table, "exposure_high")[..2], &[33.0, 100.0], "high");
    assert!(numbers(&table, "exposure_median")[2].is_nan());
}

#[test]
fn what_the_outcomes_do_not_have() {
    let text = "name = \"test\"\nmodel = \"m.R\"\npatients = 1\nseed = 1\n[regimen]\narms = [\"1 mg\"]\n\
                into = [\"x\"]\n[visits]\nuntil = \"1 day\"\n";
    let mut cohort = cohort::parse(&Source::new("cohort.toml", text), Path::new("")).unwrap();
    let messages = |entry| {
        cohort.exposure_response = vec![entry];
        let problems = check(&cohort, &outcomes());
        problems.iter().map(|p| (p.to_string(), p.cause.help().unwrap_or_default())).collect::<Vec<_>>()
    };
    let mut messages = messages;
    assert_eq!(messages(entry("cmax", "dlt", 4)), []);
    let told = |message: &str, help: &str| (format!("cohort.toml:1:1: {message}"), help.to_owned());
    assert_eq!(
        messages(entry("cmaks", "best_response", 4)),
        [
            told("the outcomes have no column `cmaks`", "did you mean `cmax`?"),
            told("`best_response` is not true or false", "these are: dlt, evaluable"),
        ]
    );
    assert_eq!(
        messages(entry("best_response", "dlt", 4)),
        [told(
            "`best_response` is not a number, so it is no exposure",
            "name an endpoint that is measured, as a peak or an area"
        )]
    );
}
