//! Scenarios laid over their file, what is compared of them, and uncertainty of typical values.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use vpop::cohort::{
    Chance, Cohort, Compare, CovariateDistribution, StepOf, Taken, UncertainScale, load_scenario,
    parse_scenario, scenarios,
};
use vpop::diagnostic::{Problems, Source};
use vpop::plan::AccumulatorKind;

use super::{DAY, distribution, told};

/// A cohort with scenarios; what one of them replaces has other keys, or none.
const FILE: &str = r#"
name = "file"
model = "model.R"
patients = 100
description = "of the file"
[population.WT]
distribution = "lognormal"
median = 70
cv = 0.2
[population.AGE]
distribution = "normal"
mean = 58
sd = 11
[eligibility]
require = ["AGE > 20"]
max_attempts = 10
[parameters]
lcl = 1.5
[regimen]
arms = ["0.1 mg/kg", "0.2 mg/kg"]
into = ["central"]
every = "21 day"
cycles = 2
[[regimen.modify]]
when = "platelets < 75"
then = "stop"
[endpoints.nadir]
of = "platelets"
statistic = "time_below"
threshold = 50
[endpoints.cmax]
of = "Cc"
statistic = "max"
[events.new_lesion]
cumulative_hazard = "0.008 * day"
[events.withdrawal]
probability = 0.3
onset = "cornea > 1"

[scenarios.plain]
[scenarios.heavy]
description = "Heavier, and other doses"
patients = 50
random_effects = false
[scenarios.heavy.population.WT]
median = 90
[scenarios.heavy.population.AGE]
distribution = "fixed"
value = 60
[scenarios.heavy.parameters]
lcl = "lcl + log(2)"
lvc = 2.0
[scenarios.heavy.regimen]
arms = ["1 mg/kg"]
[scenarios.heavy.endpoints.nadir]
of = "platelets"
statistic = "min"
[scenarios.heavy.endpoints.added]
of = "Cc"
statistic = "auc"
[scenarios.heavy.events.withdrawal]
probability = 0.5
[scenarios.calm]
without = ["events", "regimen.modify", "eligibility.require"]
[scenarios.calm.response]
of = "sld"
every = "21 day"

[uncertainty]
replicates = 50
patients = 1_000
[uncertainty.parameters]
lec50_mk = { log_cv = 0.4 }
kint = { cv = 0.3 }
[compare]
base = "heavy"
scenarios = ["calm", "heavy"]
mtd = [0.30, 0.1667]
[compare.static]
scenario = "heavy"
endpoint = "added"
[compare.control]
scenario = "calm"
proportion = 0.20
[[compare.waterfall]]
scenario = "heavy"
label = "Heavier"
[[compare.waterfall]]
scenario = "calm"
[[compare.waterfall]]
dose = "200 ug/kg"
"#;

fn source() -> Arc<Source> {
    Source::new("cohort.toml", FILE)
}

fn read(name: Option<&str>) -> Result<Cohort, Problems> {
    parse_scenario(&source(), Path::new(""), name)
}

fn with(name: &str) -> Cohort {
    read(Some(name)).unwrap_or_else(|problems| panic!("{}", told(&problems)))
}

fn names_of_endpoints(cohort: &Cohort) -> Vec<&str> {
    cohort.endpoints.iter().map(|endpoint| endpoint.name.value.as_str()).collect()
}

#[test]
fn scenarios_are_listed_in_file_order() {
    let listed: Vec<_> =
        scenarios(&source()).unwrap().into_iter().map(|s| (s.name.value, s.description)).collect();
    let description = Some("Heavier, and other doses".to_owned());
    assert_eq!(listed, [("plain".into(), None), ("heavy".into(), description), ("calm".into(), None)]);
    assert_eq!(scenarios(&Source::new("cohort.toml", super::SMALLEST)).unwrap(), []);
}

#[test]
fn a_scenario_that_says_nothing_changes_nothing() {
    let file = read(None).unwrap_or_else(|problems| panic!("{}", told(&problems)));
    assert_eq!(file.scenario, None);
    let plain = with("plain");
    assert_eq!(plain.scenario.as_deref(), Some("plain"));
    assert_eq!(Cohort { scenario: None, ..plain }, file);
}

#[test]
fn tables_are_merged_and_all_else_is_replaced() {
    let heavy = with("heavy");
    assert_eq!((heavy.name.as_str(), heavy.patients, heavy.random_effects), ("file", 50, false));
    assert_eq!(heavy.description.as_deref(), Some("of the file"));
    let arms: Vec<_> = heavy.regimen.arms.iter().map(|arm| arm.label.value.as_str()).collect();
    assert_eq!((arms, heavy.regimen.times(None).len()), (vec!["1 mg/kg"], 2));
    let parameters: Vec<_> =
        heavy.parameters.iter().map(|(name, value)| (name.value.as_str(), value.value.as_str())).collect();
    assert_eq!(parameters, [("lcl", "lcl + log(2)"), ("lvc", "2.0")]);
    assert_eq!((heavy.regimen.modify.len(), heavy.eligibility.max_attempts), (1, 10));
    // The median alone is another; its log-sd is still that of a CV of 20 %.
    let CovariateDistribution::OfAll(weight) = distribution(&heavy, "WT") else { panic!("by class") };
    let (median, log_sd) = (weight.value(0.0), (weight.value(1.0) / weight.value(0.0)).ln());
    assert!((median - 90.0).abs() < 1e-12 && (log_sd * log_sd - 1.04_f64.ln()).abs() < 1e-14);
    let Chance::Once { probability, onset } = &heavy.events[1].chance else { panic!("not once") };
    assert_eq!((probability.value.as_str(), onset.value.as_str()), ("0.5", "cornea > 1"));
}

#[test]
fn a_table_of_another_kind_replaces_the_whole_table() {
    let heavy = with("heavy");
    let CovariateDistribution::OfAll(age) = distribution(&heavy, "AGE") else { panic!("by class") };
    assert_eq!((age.value(-3.0), age.value(3.0)), (60.0, 60.0));
    // In its old place: no threshold is left, which `min` does not take.
    assert_eq!(names_of_endpoints(&heavy), ["nadir", "cmax", "added"]);
    assert_eq!(heavy.endpoints[0].statistic.of, Taken::Values(AccumulatorKind::Min));
}

#[test]
fn what_is_left_out_is_gone() {
    let calm = with("calm");
    assert!(calm.events.is_empty() && calm.regimen.modify.is_empty() && calm.eligibility.require.is_empty());
    assert_eq!(calm.eligibility.max_attempts, 10);
    assert_eq!(calm.response.unwrap().scans, [21 * DAY, 42 * DAY]);
    assert!(with("plain").response.is_none());
}

#[test]
fn places_lie_in_the_text_as_it_was_written() {
    let heavy = with("heavy");
    assert_eq!(FILE[heavy.parameters[0].1.span.clone()], *"lcl + log(2)");
    assert_eq!(FILE[heavy.eligibility.require[0].span.clone()], *"AGE > 20");
    assert_eq!(FILE[heavy.regimen.arms[0].label.span.clone()], *"\"1 mg/kg\"");
}

#[test]
fn an_unknown_scenario_is_told_with_those_there_are() {
    let unknown = |name| told(&read(Some(name)).unwrap_err());
    assert_eq!(unknown("heavi"), "there is no scenario `heavi`\n    help: did you mean `heavy`?\n");
    assert_eq!(
        unknown("something else"),
        "there is no scenario `something else`\n    help: scenarios of the file: plain, heavy, calm\n"
    );
    let none = parse_scenario(&Source::new("cohort.toml", super::SMALLEST), Path::new(""), Some("heavy"));
    assert_eq!(
        told(&none.unwrap_err()),
        "there is no scenario `heavy`\n    help: add [scenarios.NAME] to the file\n"
    );
}

#[test]
fn a_model_of_a_scenario_must_be_there_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cohort.toml");
    fs::write(folder.path().join("model.R"), "").unwrap();
    fs::write(&path, super::SMALLEST.to_owned() + "[scenarios.other]\nmodel = \"other.R\"\n").unwrap();
    let problems = load_scenario(&path, None).unwrap_err();
    let [problem] = &problems.0[..] else { panic!("{problems}") };
    let missing = folder.path().join("other.R").display().to_string();
    assert_eq!(
        problem.cause.to_string(),
        format!("in scenario `other`: `model` names {missing}, which is not a file")
    );
    assert!(load_scenario(&path, Some("other")).is_err());
}

#[test]
fn uncertainty_is_read() {
    let uncertainty = with("plain").uncertainty.unwrap();
    assert_eq!((uncertainty.replicates, uncertainty.patients), (50, Some(1_000)));
    let [potency, internalisation] = &uncertainty.parameters[..] else { panic!("{uncertainty:?}") };
    assert_eq!((potency.name.value.as_str(), potency.scale), ("lec50_mk", UncertainScale::Exponential));
    assert_eq!(internalisation.scale, UncertainScale::Natural);
    // sqrt(log(1 + 0.4^2)) and sqrt(log(1 + 0.3^2)), by hand.
    assert!((potency.log_sd - 0.385_253_170_2).abs() < 1e-9, "{}", potency.log_sd);
    assert!((internalisation.log_sd - 0.293_560_379_2).abs() < 1e-9, "{}", internalisation.log_sd);
}

#[test]
fn comparisons_are_read() {
    let Compare { base, scenarios, mtd, static_dose, control, waterfall } = with("plain").compare.unwrap();
    assert_eq!(base.unwrap().value, "heavy");
    let run: Vec<_> = scenarios.into_iter().map(|name| name.value).collect();
    assert_eq!((run, mtd), (vec!["calm".to_owned(), "heavy".to_owned()], vec![0.30, 0.1667]));
    let still = static_dose.unwrap();
    assert_eq!((still.scenario.unwrap().value.as_str(), still.endpoint.value.as_str()), ("heavy", "added"));
    let control = control.unwrap();
    assert_eq!((control.scenario.unwrap().value.as_str(), control.proportion.value), ("calm", 0.2));
    let labels: Vec<_> = waterfall.iter().map(|step| step.label.as_str()).collect();
    assert_eq!(labels, ["Heavier", "calm", "200 ug/kg"]);
    let StepOf::Dose(dose) = &waterfall[2].of else { panic!("{waterfall:?}") };
    // In the unit of the first arm.
    assert!((dose.value.amount - 0.2).abs() < 1e-15 && dose.value.unit_text() == "mg/kg");
}

#[test]
fn a_comparison_runs_all_scenarios_and_reads_30_percent_unless_told() {
    let text = super::SMALLEST.to_owned() + "[scenarios.b]\n[scenarios.a]\n[compare]\n";
    let compare = super::read(&text).unwrap().compare.unwrap();
    let run: Vec<_> = compare.scenarios.iter().map(|name| name.value.as_str()).collect();
    assert_eq!((run, compare.base, compare.mtd), (vec!["b", "a"], None, vec![0.3]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a slip of the hand does to a file with scenarios, it is read or explained, and places lie in
    /// the text.
    #[test]
    fn no_slip_in_a_scenario_makes_it_panic(
        at in any::<prop::sample::Index>(),
        length in 0_usize..40,
        typed in prop_oneof!["[a-z0-9.\"=\\[\\]{},# \n-]{0,6}", any::<String>()],
    ) {
        let start = at.index(FILE.len());
        let end = (start + length).min(FILE.len());
        let text = FILE[..start].to_owned() + &typed + &FILE[end..];
        if let Err(problems) = super::read(&text) {
            prop_assert!(!problems.0.is_empty());
            for problem in &problems.0 {
                let place = problem.place.as_ref().unwrap();
                prop_assert!(text.get(place.span.clone()).is_some(), "{problem}");
            }
        }
    }

    /// What one scenario says of a key is what the file with that key says.
    #[test]
    fn a_scenario_is_the_file_with_its_keys(median in 1.0..200.0_f64, patients in 1..1000_u64) {
        let over = format!("\n[scenarios.x]\npatients = {patients}\n[scenarios.x.population.WT]\nmedian = {median:?}\n");
        let laid = Source::new("cohort.toml", FILE.to_owned() + &over);
        let laid = parse_scenario(&laid, Path::new(""), Some("x")).unwrap();
        let text = FILE.replacen("patients = 100", &format!("patients = {patients}"), 1);
        let text = text.replacen("median = 70", &format!("median = {median:?}"), 1);
        let direct = super::read(&text).unwrap();
        prop_assert_eq!(laid.patients, direct.patients);
        prop_assert_eq!(distribution(&laid, "WT"), distribution(&direct, "WT"));
    }
}
