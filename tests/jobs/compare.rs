//! Scenarios side by side, on a cohort whose curves are known: nothing is eliminated, so one day after a
//! bolus of D the concentration is D / V with log V normal, and it is dose-limiting above 1 mg/L.

use crate::strict::zip_equal;
use std::path::Path;

use crate::common::{assert_close, root, vpop};
use vpop::compare::manifest::Comparison;
use vpop::compare::measure::Measure;
use vpop::compare::spec::ComparisonSpec;
use vpop::compare::{Settings, compare};
use vpop::diagnostic::Problems;
use vpop::engine::cpu::Isa;
use vpop::engine::selection::{Backend, Selection, select};
use vpop::job::Changes;
use vpop::stop::Stop;
use vpop::store::{Set, part_files, read_numbers, scenario_folder};

const PATIENTS: u64 = 2_000;

/// Two volumes, the reference tumour that stands still at 1.5 mg/L, an uncertain volume.
pub(crate) fn file(folder: &Path) -> std::path::PathBuf {
    let arms: Vec<String> = (1..=40).map(|i| format!("\"{:.1} mg\"", 0.2 * f64::from(i))).collect();
    let model = root().join("models/one_compartment_infusion.R");
    let text = format!(
        r#"
name = "volumes"
model = {model:?}
patients = {PATIENTS}
seed = 7
[population.WT]
distribution = "lognormal"
median = 70
cv = 0.2
[parameters]
lcl = -30
[regimen]
arms = [{arms}]
into = ["central"]
infusion = "0 h"
times = ["0 day"]
[visits]
every = "1 day"
until = "1 day"
[dlt]
window = "1 day"
[dlt.causes]
high = ["Cc > 1"]
[endpoints.concentration]
of = "Cc"
statistic = "value"
at = "1 day"

[scenarios.small]
parameters.lvc = "lvc - log(2)"
[scenarios.large]
description = "The volume of the model"
[scenarios.tumour]
patients = 1
random_effects = false
[scenarios.tumour.endpoints.growth]
of = "1.5 - Cc"
statistic = "value"
at = "1 day"

[compare]
base = "large"
scenarios = ["small", "large"]
mtd = [0.3, 0.5]
static = {{ scenario = "tumour", endpoint = "growth" }}
[[compare.waterfall]]
scenario = "large"
[[compare.waterfall]]
scenario = "small"
label = "half the volume"
[[compare.waterfall]]
dose = "900 ug"
label = "declared"

[uncertainty]
replicates = 5
patients = 400
[uncertainty.parameters]
lvc = {{ log_cv = 0.15 }}
"#,
        model = model.display().to_string(),
        arms = arms.join(", "),
    );
    let file = folder.join("volumes.toml");
    std::fs::write(&file, text).unwrap();
    file
}

fn compared(file: &Path, output: &Path, changes: &Changes, replace: bool) -> Result<Comparison, Problems> {
    answered(&ComparisonSpec::load(file, changes, &[])?, output, replace)
}

fn answered(spec: &ComparisonSpec, output: &Path, replace: bool) -> Result<Comparison, Problems> {
    let isa = Isa::detect();
    let selection = Selection { backend: Backend::Cpu, ..Selection::default() };
    let settings = Settings { output: output.to_owned(), replace, isa, stop: Stop::default() };
    compare(spec, &settings, &mut |plan| Ok(select(plan, isa, &selection)?), &mut |_, _, _| {})
}

fn value(comparison: &Comparison, scenario: &str, measure: Measure) -> f64 {
    comparison.index(scenario, measure).unwrap().value
}

/// Median V is 3.6 L with a CV of 20 %; a standard normal number is below -0.5244 in 30 % of cases. The
/// standard error of the dose is 0.6 %, from 2000 patients.
#[test]
fn doses_indices_and_differences_are_those_of_the_closed_form() {
    let scratch = tempfile::tempdir().unwrap();
    let output = scratch.path().join("comparison");
    let comparison = compared(&file(scratch.path()), &output, &Changes::default(), false).unwrap();

    let log_sd = (1.0 + 0.2_f64.powi(2)).ln().sqrt();
    let mtd = 3.6 * (-0.524_401 * log_sd).exp();
    assert_close(value(&comparison, "large", Measure::Mtd(0.3)), mtd, 0.02, "mtd_30");
    assert_close(value(&comparison, "large", Measure::Mtd(0.5)), 3.6, 0.02, "mtd_50");
    assert_close(value(&comparison, "small", Measure::Mtd(0.3)), mtd / 2.0, 0.02, "half the volume");
    // 1.5 - D / 3.6 is 0 at 5.4: linear in the dose, as the interpolation.
    assert_close(comparison.static_dose, 5.4, 1e-6, "static dose");
    let index = comparison.index("large", Measure::Index(0.3)).unwrap();
    assert_close(index.value, mtd / 5.4, 0.02, "index");
    assert!(index.low < index.value && index.value < index.high);

    let [large, small, declared] = &comparison.waterfall[..] else { panic!("three steps") };
    assert_eq!((large.label.as_str(), small.label.as_str()), ("large", "half the volume"));
    assert_close(small.factor, 0.5, 0.02, "half the volume halves the index");
    assert_close(declared.index, 0.9 / 5.4, 1e-6, "0.9 mg over 5.4 mg");

    // Who has it at a volume has it at half of it.
    let dlt = comparison.differences.iter().filter(|difference| difference.outcome == "dlt");
    let dlt: Vec<_> = dlt.collect();
    assert_eq!(dlt.len(), 40, "one per arm");
    assert!(dlt.iter().all(|d| d.paired.pairs == PATIENTS && d.paired.discordant.unwrap()[1] == 0));
    let at = dlt.iter().find(|difference| difference.arm == "3.6 mg").unwrap();
    assert!((at.paired.mean - 0.5).abs() < 0.04, "half of the patients: {}", at.paired.mean);

    let names: Vec<&str> = comparison.files.iter().map(|file| file.set.as_str()).collect();
    let uncertain = ["parameters", "replicates", "replicate_indices", "bands"];
    let expected = ["curves", "reference_tumour", "indices", "differences", "waterfall"];
    assert_eq!(names, [&expected[..], &uncertain[..], &["columns"]].concat());
}

#[test]
fn patients_are_the_same_in_every_scenario() {
    let scratch = tempfile::tempdir().unwrap();
    let output = scratch.path().join("comparison");
    compared(&file(scratch.path()), &output, &Changes::default(), false).unwrap();
    let column = |scenario: &str, name: &str| {
        let files = part_files(&scenario_folder(&output, scenario), Set::Patients).unwrap();
        read_numbers(&files, name, None).unwrap()
    };
    let weights = column("large", "WT");
    assert_eq!(weights.len(), PATIENTS as usize);
    assert_eq!(weights, column("small", "WT"));
    let volumes = column("large", "vc").into_iter().zip(column("small", "vc"));
    for (large, small) in volumes {
        assert_close(small, large / 2.0, 1e-12, "volume");
    }
    assert_eq!(column("tumour", "WT").len(), 1);
}

/// Of the same patients, a volume that is larger by a factor needs doses that are larger by it.
#[test]
fn replicates_move_the_same_patients() {
    let scratch = tempfile::tempdir().unwrap();
    let output = scratch.path().join("comparison");
    let comparison = compared(&file(scratch.path()), &output, &Changes::default(), false).unwrap();
    let numbers = |table: &str, column: &str| {
        read_numbers(&[output.join(format!("{table}.parquet"))], column, None).unwrap()
    };
    // Rows are scenarios, and replicates within: the reference tumour is drawn first.
    let (typical, drawn) = (numbers("parameters", "typical"), numbers("parameters", "value"));
    assert_eq!(drawn.len(), 3 * 5);
    let factors = |scenario: usize| -> Vec<f64> {
        (0..5).map(|i| (drawn[5 * scenario + i] - typical[5 * scenario + i]).exp()).collect()
    };
    assert_close(typical[0], 3.6_f64.ln(), 1e-12, "typical");
    for (a, b) in zip_equal(factors(1), factors(2)) {
        assert_close(a, b, 1e-12, "the same draws in every scenario");
    }
    // Measures of a scenario, three each: two doses and the index.
    let found = numbers("replicate_indices", "value");
    let centre = comparison.bands.iter().find(|b| b.scenario == "large" && b.quantity == "mtd_30").unwrap();
    assert_eq!((centre.replicates, centre.reached), (5, 5));
    for (replicate, factor) in factors(0).into_iter().enumerate() {
        let large = &found[5 * 3..];
        assert_close(large[3 * replicate], centre.centre * factor, 0.02, "mtd_30 of a replicate");
        // The static dose moves as much, so the index does not.
        assert_close(large[3 * replicate + 2], centre.centre / 5.4, 0.02, "index of a replicate");
    }
}

#[test]
fn a_run_that_is_there_is_taken_if_it_is_the_one() {
    let scratch = tempfile::tempdir().unwrap();
    let (file, output) = (file(scratch.path()), scratch.path().join("comparison"));
    let few = Changes { patients: Some(200), ..Changes::default() };
    let first = compared(&file, &output, &few, false).unwrap();
    assert!(first.scenarios.iter().all(|scenario| !scenario.reused));
    assert_eq!(first.scenarios.iter().map(|s| s.patients).collect::<Vec<_>>(), [200, 200, 1]);
    let tables = || {
        let names = first.files.iter().map(|file| output.join(&file.file));
        names.map(|file| std::fs::read(file).unwrap()).collect::<Vec<_>>()
    };
    let before = tables();
    let refused = compared(&file, &output, &few, false).unwrap_err();
    assert!(refused.to_string().contains("already holds a finished comparison"), "{refused}");
    // An interrupted comparison of which every run is finished.
    std::fs::remove_file(output.join("comparison.json")).unwrap();
    let second = compared(&file, &output, &few, false).unwrap();
    assert!(second.scenarios.iter().all(|scenario| scenario.reused));
    assert_eq!(second.indices.len(), first.indices.len());
    assert_eq!(before, tables(), "the same bytes");

    let other = Changes { seed: Some(8), ..few };
    std::fs::remove_file(output.join("comparison.json")).unwrap();
    let refused = compared(&file, &output, &other, false).unwrap_err();
    assert!(refused.to_string().contains("seed was 7 and is now 8"), "{refused}");
    assert_eq!(before, tables(), "what was there stays");
    let replaced = compared(&file, &output, &other, true).unwrap();
    assert_eq!((replaced.seed, replaced.scenarios[0].reused), (8, false));
}

/// Maximum tolerated doses (P(DLT) 30 % and 1/6) and index of an independent implementation, 10,000 patients
/// each. Of 400 patients the standard error is about 6 %.
#[test]
fn the_translation_is_the_documented_one() {
    let changes = Changes { patients: Some(400), ..Changes::default() };
    let mut spec = ComparisonSpec::load(&root().join("cohorts/translation.toml"), &changes, &[]).unwrap();
    spec.uncertainty = None;
    let scratch = tempfile::tempdir().unwrap();
    let comparison = answered(&spec, &scratch.path().join("comparison"), false).unwrap();
    assert_close(comparison.static_dose, 0.42, 0.01, "static dose");
    for (scenario, mtd_30, mtd_17, index) in [
        ("preclinical_style", 1.47, 1.17, 3.50),
        ("patients_monkey", 1.01, 0.74, 2.40),
        ("healthy_human", 0.80, 0.62, 1.91),
        ("human_marrow", 0.78, 0.60, 1.86),
        ("human_kidney", 0.74, 0.56, 1.76),
        ("human_cornea", 0.78, 0.61, 1.86),
        ("patients_human", 0.65, 0.50, 1.54),
    ] {
        let [low, high] = [spec.levels.mtd[0], spec.levels.mtd[1]];
        assert_close(value(&comparison, scenario, Measure::Mtd(low)), mtd_30, 0.15, scenario);
        assert_close(value(&comparison, scenario, Measure::Mtd(high)), mtd_17, 0.15, scenario);
        assert_close(value(&comparison, scenario, Measure::Index(low)), index, 0.15, scenario);
    }
    let steps: Vec<f64> = comparison.waterfall.iter().map(|step| step.index).collect();
    assert_eq!(steps.len(), 4);
    assert!(steps.is_sorted_by(|a, b| a > b), "{steps:?}");
    assert_close(steps[3], 0.2 / 0.42, 0.01, "declared");
    let control = comparison.index("patients_human", Measure::DoseControl(0.2)).unwrap();
    assert_eq!((control.standing, control.highest_dose_tried), ("not reached", 3.0));
}

#[test]
fn the_command_answers_and_refuses() {
    let scratch = tempfile::tempdir().unwrap();
    let file = file(scratch.path()).display().to_string();
    let output = scratch.path().join("comparison").display().to_string();
    let arguments = ["compare", &file, "-o", &output, "--backend", "cpu", "--patients", "100"];
    let told = vpop(&[&arguments[..], &["--scenarios", "small"]].concat());
    let text = String::from_utf8_lossy(&told.stdout);
    assert!(told.status.success() && text.contains("static dose 5.40 mg"), "{text}");
    assert!(text.contains("half the volume") && text.contains("mtd_30 over static_dose"), "{text}");

    let json = vpop(&[&arguments[..], &["--json", "--force"]].concat());
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((json["base"].as_str(), json["waterfall"][0]["change"].is_null()), (Some("large"), true));

    let refused = |arguments: &[&str], because: &str| {
        let told = vpop(arguments);
        let said = String::from_utf8_lossy(&told.stderr);
        assert_eq!(told.status.code(), Some(2), "{said}");
        assert!(said.contains(because), "{said}");
    };
    refused(&[&arguments[..], &["--scenarios", "smal"]].concat(), "did you mean `small`?");
    let quickstart = root().join("cohorts/quickstart.toml").display().to_string();
    refused(&["compare", &quickstart], "has no scenarios to compare");
    let run = scenario_folder(Path::new(&output), "small").display().to_string();
    refused(&["compare", &file, "-o", &run, "--backend", "cpu"], "is not a comparison");
}

#[test]
fn one_scenario_alone() {
    let scratch = tempfile::tempdir().unwrap();
    let file = file(scratch.path()).display().to_string();
    let output = scratch.path().join("run");
    let at = output.display().to_string();
    let arguments = ["run", &file, "-o", &at, "--backend", "cpu", "--patients", "10", "--json"];
    let told = vpop(&[&arguments[..], &["--scenario", "small"]].concat());
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let manifest: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(manifest["scenario"], "small");
    let check = vpop(&["check", &file, "--scenario", "tumour", "--json"]);
    let check: serde_json::Value = serde_json::from_slice(&check.stdout).unwrap();
    assert_eq!(check["patients"], 1);
}

/// A scenario with an error that only the model shows.
#[test]
fn check_reads_every_scenario() {
    let scratch = tempfile::tempdir().unwrap();
    let file = file(scratch.path());
    let check = |more: &str| {
        let text = std::fs::read_to_string(&file).unwrap() + more;
        let path = scratch.path().join("checked.toml");
        std::fs::write(&path, text).unwrap();
        let told = vpop(&["check", &path.display().to_string()]);
        (told.status.code(), String::from_utf8_lossy(&told.stderr).into_owned())
    };
    assert_eq!(check("").0, Some(0));
    let (status, said) = check("[scenarios.wrong]\ndlt.causes.high = [\"nosuch > 1\"]\n");
    assert_eq!(status, Some(2));
    assert!(said.contains("in scenario `wrong`") && said.contains("`nosuch` is not defined"), "{said}");
    // lcl is -30 here: a logarithm.
    let (status, said) = check("lcl = { cv = 0.3 }\n");
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("`lcl` is -30") && said.contains("log_cv"), "{said}");
}

/// A cohort in mg with scenarios in ug; disease control is looked for in a scenario of its own.
fn units(folder: &Path, more: &str) -> std::path::PathBuf {
    let model = root().join("models/one_compartment_infusion.R");
    let text = format!(
        r#"
name = "units"
model = {model:?}
patients = 50
[population.WT]
distribution = "fixed"
value = 70
[regimen]
arms = ["0 mg", "5 mg", "10 mg"]
into = ["central"]
infusion = "1 h"
times = ["0 day"]
[visits]
until = "14 day"
[dlt]
window = "7 day"
causes = {{ high = ["Cc > 2"] }}
[response]
of = "20 - Cc"
scans = ["7 day"]
[endpoints.growth]
of = "Cc - 100"
statistic = "max"
[scenarios.a]
regimen.arms = ["0 ug", "5000 ug", "10000 ug"]
[scenarios.b]
regimen.arms = ["0 ug", "5000 ug", "10000 ug"]
{more}
"#,
        model = model.display().to_string()
    );
    let file = folder.join("units.toml");
    std::fs::write(&file, text).unwrap();
    file
}

#[test]
fn a_declared_dose_is_in_the_unit_of_what_is_compared() {
    let scratch = tempfile::tempdir().unwrap();
    let compare = "[compare]\nbase = \"a\"\nscenarios = [\"a\"]\ncontrol = { scenario = \"b\", proportion = 0.2 }\n\
                   [[compare.waterfall]]\ndose = \"5 mg\"\n";
    let file = units(scratch.path(), compare);
    let comparison = compared(&file, &scratch.path().join("comparison"), &Changes::default(), false).unwrap();
    assert_eq!((comparison.dose_unit.as_str(), comparison.waterfall[0].mtd[0]), ("ug", 5000.0));
    let names: Vec<&str> = comparison.scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    let control = |scenario| comparison.index(scenario, Measure::DoseControl(0.2)).is_some();
    assert_eq!((control("a"), control("b")), (false, true));
}

/// Nobody has a toxicity, and the tumour shrinks without drug: the index is above all that could be seen, and
/// both are told.
#[test]
fn what_is_not_reached_is_told() {
    let scratch = tempfile::tempdir().unwrap();
    let compare = "[compare]\nbase = \"a\"\nscenarios = [\"a\"]\nmtd = [0.9]\n\
                   static = { scenario = \"b\", endpoint = \"growth\" }\n";
    let file = units(scratch.path(), compare).display().to_string();
    let output = scratch.path().join("comparison").display().to_string();
    let told = vpop(&["compare", &file, "-o", &output, "--backend", "cpu"]);
    let text = String::from_utf8_lossy(&told.stdout);
    assert!(text.contains("static dose below the lowest dose"), "{text}");
    assert!(text.contains("mtd_90 over static_dose"), "{text}");
}

/// Uncertainty of an exposure, of a file without scenarios. Without variability the concentration after a bolus of D
/// is D / V in every patient, so it moves as 1 / V does.
#[test]
fn bands_of_an_exposure() {
    let scratch = tempfile::tempdir().unwrap();
    let model = root().join("models/one_compartment_infusion.R").display().to_string();
    let text = format!(
        r#"
name = "exposure"
model = {model:?}
patients = 40
random_effects = false
[population.WT]
distribution = "fixed"
value = 70
[parameters]
lcl = -30
[regimen]
arms = ["1 mg", "3 mg"]
into = ["central"]
infusion = "0 h"
[visits]
until = "2 day"
[endpoints.concentration]
of = "Cc"
statistic = "value"
at = "1 day"
[endpoints.high]
of = "Cc"
statistic = "first_above"
threshold = 0.5
on = "visits"
[uncertainty]
replicates = 9
patients = 20
parameters = {{ lvc = {{ log_cv = "30 %" }} }}
"#
    );
    let file = scratch.path().join("exposure.toml");
    std::fs::write(&file, text).unwrap();
    let output = scratch.path().join("comparison");
    compared(&file, &output, &Changes::default(), false).unwrap();

    let numbers = |table: &str, column: &str| {
        read_numbers(&[output.join(format!("{table}.parquet"))], column, None).unwrap()
    };
    let volumes: Vec<f64> = numbers("parameters", "value").into_iter().map(f64::exp).collect();
    let mut bands = numbers("bands", "p50").into_iter();
    let mut middle: Vec<f64> = volumes.iter().map(|volume| 1.0 / volume).collect();
    middle.sort_by(f64::total_cmp);
    // Mean, geometric mean and three quantiles in each arm, all the same where patients do not differ.
    for dose in [1.0, 3.0] {
        for _ in 0..5 {
            assert_close(bands.next().unwrap(), dose * middle[4], 1e-5, "the middle of nine replicates");
        }
    }
    let estimates = numbers("bands", "estimate");
    assert_close(estimates[0], 1.0 / 3.6, 1e-5, "where nothing is uncertain");
    // At 3 mg everybody is above 0.5 mg/L at the first visit after the dose, at 1 mg nobody.
    let proportions: Vec<f64> = estimates[10..].iter().step_by(6).copied().collect();
    assert_eq!(proportions, [0.0, 1.0]);
    let values = numbers("replicates", "value");
    assert_close(values[0], 1.0 / volumes[0], 1e-5, "the mean in the first replicate");
    assert_eq!(numbers("replicates", "n")[0], 20.0);
}
