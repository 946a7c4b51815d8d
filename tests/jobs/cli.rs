//! The program itself: what it says of faulty files, and that it leaves nothing behind.

use std::path::Path;
use std::process::Output;

use crate::common::{files, root, vpop};

/// Bad input: status 2, something said, no panic, no run folder.
fn assert_refused(output: &Output, folder: &Path, what: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{what}: {said}");
    assert!(!said.is_empty() && !said.contains("panicked"), "{what}: {said}");
    assert!(!folder.exists(), "{what} left {}", folder.display());
}

#[test]
fn faulty_cohorts_and_models_leave_nothing_behind() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("run");
    let cohorts = files("tests/faults/cohorts", "toml");
    assert!(cohorts.len() >= 30, "{}", cohorts.len());
    for cohort in cohorts {
        let path = cohort.display().to_string();
        assert_refused(&vpop(&["run", &path, "-o", &folder.display().to_string()]), &folder, &path);
    }
    for model in files("tests/faults/models", "R") {
        let cohort = scratch.path().join("cohort.toml");
        let text = format!(
            "name = \"x\"\nmodel = {:?}\npatients = 1\n[regimen]\narms = [\"1 mg\"]\ninto = [\"central\"]\nevery = \"1 day\"\ncycles = 1\n[endpoints.e]\nof = \"central\"\nstatistic = \"max\"\n",
            model.display().to_string()
        );
        std::fs::write(&cohort, text).unwrap();
        let run = vpop(&["run", &cohort.display().to_string(), "-o", &folder.display().to_string()]);
        assert_refused(&run, &folder, &model.display().to_string());
    }
}

#[test]
fn an_eligibility_that_nobody_meets_is_said_before_anything_is_written() {
    let scratch = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(root().join("cohorts/phase1.toml")).unwrap();
    let models = root().join("models").display().to_string();
    let tables = root().join("cohorts/tables/").display().to_string();
    let text = text.replace("../models", &models).replace("tables/", &tables);
    let text = text.replace("UPCR0 < 1.0", "UPCR0 < 0");
    let cohort = scratch.path().join("cohort.toml");
    std::fs::write(&cohort, text).unwrap();
    let folder = scratch.path().join("run");
    let run = vpop(&["run", &cohort.display().to_string(), "-o", &folder.display().to_string()]);
    assert_refused(&run, &folder, "nobody eligible");
    assert!(String::from_utf8_lossy(&run.stderr).contains("UPCR0 < 0"));
}

#[test]
fn an_output_that_cannot_be_written_is_said() {
    let quickstart = root().join("cohorts/quickstart.toml").display().to_string();
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("file");
    std::fs::write(&file, "not a folder").unwrap();
    let folder = file.join("run");
    assert_refused(
        &vpop(&["run", &quickstart, "-o", &folder.display().to_string()]),
        &folder,
        "below a file",
    );
}

#[test]
fn runs_are_the_same_bytes_whatever_the_threads() {
    let phase1 = root().join("cohorts/phase1.toml").display().to_string();
    let scratch = tempfile::tempdir().unwrap();
    let bytes = |threads: &str| {
        let folder = scratch.path().join(threads);
        let name = folder.display().to_string();
        let run = vpop(&["run", &phase1, "--patients", "300", "-o", &name, "--threads", threads]);
        assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
        let parts =
            ["patients", "outcomes", "trajectories"].map(|set| folder.join(set).join("part-00000.parquet"));
        let files = parts
            .into_iter()
            .chain(["distributions", "columns"].map(|f| folder.join(f).with_extension("parquet")));
        files.map(|file| std::fs::read(file).unwrap()).collect::<Vec<_>>()
    };
    assert!(bytes("1") == bytes("2"));
}

#[test]
fn a_finished_run_is_kept_unless_forced() {
    let quickstart = root().join("cohorts/quickstart.toml").display().to_string();
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("run").display().to_string();
    let run = |extra: &[&str]| {
        let arguments = [&["run", &quickstart, "--patients", "20", "-o", &folder], extra].concat();
        vpop(&arguments).status.code()
    };
    assert_eq!(
        [run(&[]), run(&[]), run(&["--resume"]), run(&["--force"])],
        [Some(0), Some(2), Some(0), Some(0)]
    );
}

#[test]
fn the_schema_is_the_committed_one() {
    let committed = std::fs::read(root().join("cohorts/schema.json")).unwrap();
    assert!(vpop(&["schema"]).stdout == committed);
}

#[test]
fn every_shipped_cohort_and_model_checks() {
    for cohort in files("cohorts", "toml") {
        let check = vpop(&["check", &cohort.display().to_string()]);
        assert_eq!(check.status.code(), Some(0), "{}", String::from_utf8_lossy(&check.stderr));
    }
    for model in files("models", "R") {
        assert_eq!(vpop(&["model", &model.display().to_string()]).status.code(), Some(0));
    }
}

/// A cohort of the quickstart's model in a folder of its own.
fn written(folder: &Path, text: &str) -> String {
    let file = folder.join("cohort.toml");
    let model = root().join("models/tdm1_lu_2014.R").display().to_string();
    std::fs::write(&file, text.replace("MODEL", &format!("{model:?}"))).unwrap();
    file.display().to_string()
}

/// The end of the run is missing, two expressions are wrong, and so is what is uncertain.
#[test]
fn check_says_everything_at_once() {
    let scratch = tempfile::tempdir().unwrap();
    let cohort = written(
        scratch.path(),
        r#"
name = "faulty"
model = MODEL
patients = 10
[population.WT]
distribution = "fixed"
value = 70
[eligibility]
require = ["WEIGHT > 40"]
[regimen]
arms = ["3.6 mg/kg"]
into = ["central"]
infusion = "90 min"
[endpoints.cmax]
of = "Ccc"
statistic = "max"
on = "continuous"
[output.trajectories]
patients = 2
of = ["centrall"]
[uncertainty]
replicates = 3
parameters = { nonsense = { cv = 0.3 } }
[scenarios.other]
parameters.misspelt = 1
"#,
    );
    let check = vpop(&["check", &cohort, "--json"]);
    assert_eq!(check.status.code(), Some(2));
    let said = String::from_utf8_lossy(&check.stdout);
    for part in ["when the run ends", "`WEIGHT`", "`Ccc`", "`centrall`", "`nonsense`", "`misspelt`"] {
        assert_eq!(said.matches(part).count(), 1, "{part} in {said}");
    }
}

/// A loose tolerance, a covariate that nothing uses: said by check, and kept by the run.
#[test]
fn warnings_and_notes_are_said_and_kept() {
    let scratch = tempfile::tempdir().unwrap();
    let text = r#"
name = "noted"
model = MODEL
patients = 4
[population.WT]
distribution = "fixed"
value = 70
[population.HT]
distribution = "fixed"
value = 170
[regimen]
arms = ["3.6 mg/kg"]
into = ["central"]
infusion = "90 min"
[visits]
until = "21 day"
[endpoints.cmax]
of = "Cc"
statistic = "max"
on = "continuous"
[solver]
rtol = 0.01
"#;
    let cohort = written(scratch.path(), text);
    let told = |value: &serde_json::Value| -> Vec<String> {
        let of = |notice: &serde_json::Value, key: &str| notice[key].as_str().unwrap().to_owned();
        let notices = value["notices"].as_array().unwrap().iter();
        notices.map(|notice| format!("{}: {}", of(notice, "weight"), of(notice, "message"))).collect()
    };
    let expected = [
        "warning: `rtol` is 0.01: nothing is promised of results where it is above 0.001",
        "note: nothing uses HT",
    ];
    let check: serde_json::Value =
        serde_json::from_slice(&vpop(&["check", &cohort, "--json"]).stdout).unwrap();
    assert_eq!(told(&check), expected);
    let plain = vpop(&["check", &cohort]);
    assert_eq!(plain.status.code(), Some(0));
    let said = String::from_utf8_lossy(&plain.stderr);
    assert!(said.contains("nothing uses HT") && said.contains("nothing is promised"), "{said}");

    let folder = scratch.path().join("run");
    let run = vpop(&["run", &cohort, "--backend", "cpu", "-o", &folder.display().to_string()]);
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(said.contains("nothing is promised") && !said.contains("nothing uses"), "{said}");
    let manifest = std::fs::read(folder.join("manifest.json")).unwrap();
    assert_eq!(told(&serde_json::from_slice(&manifest).unwrap()), expected);
}

/// Whole runs at the edges of what can be asked: no drug at all, one visit, very many arms, a rule at time 0.
#[test]
fn runs_at_the_edges_are_whole() {
    let scratch = tempfile::tempdir().unwrap();
    let arms = |of: &dyn Fn(u32) -> String, n| (1..=n).map(of).collect::<Vec<_>>().join(", ");
    let many = arms(&|i| format!("\"{i} mg\""), 300);
    let cases = [
        ("nothing", "\"0 mg\"", "", "until = \"21 day\""),
        ("one_visit", "\"0 mg/kg\", \"3.6 mg/kg\"", "", "times = [\"21 day\"]"),
        ("first_visit", "\"100 mg\"", "", "times = [\"0 day\"]\nuntil = \"1 day\""),
        ("many_arms", &many, "", "until = \"2 day\""),
        (
            "stopped",
            "\"100 mg\"",
            "[[regimen.modify]]\nwhen = \"Cc < 1\"\nthen = \"stop\"",
            "until = \"2 day\"",
        ),
    ];
    for (name, arms, rule, visits) in cases {
        let text = format!(
            r#"
name = "{name}"
model = MODEL
patients = 1
[population.WT]
distribution = "fixed"
value = 70
[regimen]
arms = [{arms}]
into = ["central"]
infusion = "90 min"
{rule}
[visits]
{visits}
[endpoints.cmax]
of = "Cc"
statistic = "max"
on = "continuous"
[endpoints.seen]
of = "Cc"
statistic = "max"
on = "visits"
[output.trajectories]
patients = 1
of = ["Cc"]
"#
        );
        let cohort = written(scratch.path(), &text);
        assert_eq!(vpop(&["check", &cohort]).status.code(), Some(0), "{name}");
        let folder = scratch.path().join(name);
        let run = vpop(&["run", &cohort, "--backend", "cpu", "-o", &folder.display().to_string()]);
        let said = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(0), "{name}: {said}");
        let column = |name: &str| {
            let files = vpop::store::part_files(&folder, vpop::store::Set::Outcomes).unwrap();
            vpop::store::read_numbers(&files, name, None).unwrap()
        };
        let (largest, seen) = (column("cmax"), column("seen"));
        match name {
            "nothing" | "stopped" => assert_eq!(largest, [0.0], "{name}"),
            "one_visit" => {
                assert!(largest[0] == 0.0 && largest[1] > 50.0 && seen[1] < largest[1], "{largest:?}")
            }
            // A window is read at its ends too.
            "first_visit" => assert!(largest[0] > 10.0 && seen[0] < largest[0], "{largest:?} {seen:?}"),
            _ => {
                assert_eq!(largest.len(), 300);
                let per_mg = largest[0];
                assert!(
                    largest.iter().zip(1..).all(|(c, i)| (c / (per_mg * f64::from(i)) - 1.0).abs() < 1e-4)
                );
            }
        }
    }
}
