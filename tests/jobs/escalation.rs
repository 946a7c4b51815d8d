//! Virtual dose escalations over runs of shipped cohorts, through the program.

use std::path::{Path, PathBuf};

use crate::common::{assert_close, root, vpop};
use vpop::escalation::candidates::Candidates;
use vpop::escalation::run::Run;
use vpop::store::{Set, column_names, part_files, read_numbers};

/// Runs the program, which must do well, and gives back what it said.
fn done(arguments: &[&str]) -> String {
    let output = vpop(arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Status and message of what must fail.
fn refused(arguments: &[&str]) -> (Option<i32>, String) {
    let output = vpop(arguments);
    // As one line: the message is broken to the width of a terminal.
    let said = String::from_utf8_lossy(&output.stderr).replace(['\n', '│'], " ");
    (output.status.code(), said.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A run of the phase I cohort with so many patients.
fn run(folder: &Path, patients: u32) -> PathBuf {
    let run = folder.join("run");
    let cohort = root().join("cohorts/phase1.toml").display().to_string();
    done(&["run", &cohort, "--patients", &patients.to_string(), "--backend", "cpu", "-o", &text(&run)]);
    run
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

#[test]
fn trials_over_a_run() {
    let scratch = tempfile::tempdir().unwrap();
    let run = run(scratch.path(), 300);
    candidates_are_the_outcomes(&run);

    let [one, three] = ["one", "three"].map(|name| scratch.path().join(name));
    let told = done(&["trial", &text(&run), "--replicates", "400", "--threads", "1", "-o", &text(&one)]);
    assert!(told.contains("below active") && told.contains("active dose: 0.400 mg/kg"), "{told}");
    let json =
        done(&["trial", &text(&run), "--replicates", "400", "--threads", "3", "-o", &text(&three), "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    for file in json["files"].as_array().unwrap() {
        let file = file["file"].as_str().unwrap();
        let same = std::fs::read(one.join(file)).unwrap() == std::fs::read(three.join(file)).unwrap();
        assert!(same, "{file} depends on the number of threads");
    }
    characteristics_are_those_of_the_rows(&three, &json);

    // A second time into the same folder, with fewer designs: nothing of the first is left.
    let design = root().join("designs/boin.toml").display().to_string();
    let again = ["trial", &text(&run), "--replicates", "10", "--design", &design, "-o", &text(&three)];
    let refused = vpop(&again);
    assert_eq!(refused.status.code(), Some(2), "{}", String::from_utf8_lossy(&refused.stderr));
    done(&[&again[..], &["--force"]].concat());
    assert_eq!(std::fs::read_dir(three.join("trials")).unwrap().count(), 1);
    assert!(!three.join("evaluability.parquet").exists());

    // Without `-o`, beside the run.
    done(&["trial", &text(&run), "--replicates", "10", "--design", &design]);
    assert!(scratch.path().join("run-trial/trial.json").is_file());
}

/// What a trial knows of a patient is what stands in the outcomes, by the names of the columns.
fn candidates_are_the_outcomes(folder: &Path) {
    let run = Run::open(folder).unwrap();
    let candidates = run.candidates(None).unwrap();
    let outcomes = part_files(folder, Set::Outcomes).unwrap();
    let column = |name: &str| read_numbers(&outcomes, name, None).unwrap();
    let [dlt, dlt_day, evaluable] = ["dlt", "dlt_day", "evaluable"].map(column);
    let [left_day, doses_given, kidney] = ["left_day", "doses_given", "dlt_kidney"].map(column);
    assert_eq!(candidates.count(), 300);
    for (row, fate) in candidates.fates.iter().enumerate() {
        assert_eq!((fate.dlt, fate.evaluable), (dlt[row] == 1.0, evaluable[row] == 1.0));
        let expected = if fate.dlt {
            dlt_day[row]
        } else if fate.evaluable {
            21.0
        } else {
            left_day[row]
        };
        assert_eq!(fate.known_day, expected);
        assert_eq!(fate.second_dose, doses_given[row] >= 2.0);
        assert_eq!(fate.causes & 0b10 != 0, kidney[row] == 1.0);
    }
    let of_arm = |name: &str| read_numbers(&outcomes, name, Some("0.8 mg/kg")).unwrap();
    let [dlt, evaluable] = ["dlt", "evaluable"].map(of_arm);
    let toxic = dlt.iter().zip(&evaluable).filter(|(dlt, evaluable)| **dlt * **evaluable == 1.0).count();
    let expected = toxic as f64 / evaluable.iter().sum::<f64>();
    assert_close(candidates.toxicity()[3], expected, 1e-12, "toxicity");
}

/// Means over the rows of each design's trials are the operating characteristics.
fn characteristics_are_those_of_the_rows(folder: &Path, json: &serde_json::Value) {
    for (number, design) in json["designs"].as_array().unwrap().iter().enumerate() {
        let file = [folder.join(format!("trials/part-{number:05}.parquet"))];
        let column = |name: &str| read_numbers(&file, name, None).unwrap();
        let value = |measure: &str, arm: Option<&str>| {
            let found = design["characteristics"].as_array().unwrap().iter();
            let mut found = found.filter(|c| c["measure"] == measure && c["arm"].as_str() == arm);
            found.next().unwrap()["value"].as_f64().unwrap()
        };
        let [dose, treated, dlts] = ["dose", "treated", "dlts"].map(column);
        let mean = |of: &[f64], at: Option<f64>| {
            let rows = of.iter().zip(&dose).filter(|(_, dose)| at.is_none_or(|at| **dose == at));
            rows.map(|(x, _)| x).sum::<f64>() / 400.0
        };
        for (arm, amount) in [("0.2 mg/kg", 0.2), ("0.8 mg/kg", 0.8)] {
            assert_close(value("treated", Some(arm)), mean(&treated, Some(amount)), 1e-12, "treated");
            assert_close(value("dlts", Some(arm)), mean(&dlts, Some(amount)), 1e-12, "dlts");
        }
        assert_close(value("treated", None), mean(&treated, None), 1e-12, "treated");
        let declared: f64 =
            json["doses"].as_array().unwrap().iter().map(|arm| value("declared", arm.as_str())).sum();
        assert_close(declared + value("none_declared", None), 1.0, 1e-12, "declared or none");

        let [replicate, opened, complete] = ["replicate", "opened_day", "complete_day"].map(column);
        let maximum = design["maximum"].as_f64().unwrap();
        let mut patients = 0.0;
        for row in 0..replicate.len() {
            let is_next = row > 0 && replicate[row] == replicate[row - 1];
            patients = treated[row] + if is_next { patients } else { 0.0 };
            assert!(patients <= maximum && opened[row] <= complete[row]);
            assert!(!is_next || complete[row - 1] <= opened[row]);
        }
    }
}

#[test]
fn the_static_dose_comes_from_the_comparison() {
    let scratch = tempfile::tempdir().unwrap();
    let cohort = crate::compare::file(scratch.path());
    // Nobody can leave that trial, and every dose is given.
    let every_dose =
        std::fs::read_to_string(&cohort).unwrap().replace("[dlt]", "[dlt]\nstops_treatment = false");
    std::fs::write(&cohort, every_dose).unwrap();
    let [comparison, trial] = ["comparison", "trial"].map(|name| scratch.path().join(name));
    let found = done(&["compare", &text(&cohort), "--patients", "200", "-o", &text(&comparison), "--json"]);
    let found: serde_json::Value = serde_json::from_str(&found).unwrap();
    let run = comparison.join("scenarios/large");
    let (status, said) = refused(&["trial", &text(&comparison)]);
    assert!(status == Some(2) && said.contains("scenarios/large"), "{said}");
    let design = root().join("designs/three_plus_three.toml").display().to_string();
    let replicates = ["--replicates", "100", "--design", &design, "--json"];
    let json = done(&[&["trial", &text(&run), "-o", &text(&trial)], &replicates[..]].concat());
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_close(
        json["static_dose"].as_f64().unwrap(),
        found["static_dose"].as_f64().unwrap(),
        1e-12,
        "dose",
    );
    assert_eq!(json["dose_unit"], "mg");
    assert_eq!(json["active_dose"], serde_json::Value::Null);
    let columns = column_names(&part_files(&run, Set::Outcomes).unwrap()[0]).unwrap();
    assert!(!columns.iter().any(|column| column == "left_day" || column == "doses_given"));
    // Nor is anything graded.
    let told = done(&["trial", &text(&run), "--replicates", "20", "-o", &text(&trial), "--force"]);
    assert!(
        told.contains("by each of 8 designs") && told.contains("grades nothing in a window `c1`"),
        "{told}"
    );
    let titration = scratch.path().join("titration.toml");
    std::fs::write(&titration, "name = \"it\"\n[accelerated_titration]\nwindow = \"c2\"").unwrap();
    let (status, said) = refused(&["trial", &text(&run), "--design", &text(&titration)]);
    assert!(status == Some(2) && said.contains("looks for grades in window `c2`"), "{said}");
    let run = Run::open(&run).unwrap();
    assert_eq!(run.trial.planned_doses, 1);
    assert!(run.candidates(None).unwrap().fates.iter().all(|fate| !fate.second_dose));
}

#[test]
fn what_cannot_be_tried_is_said() {
    let scratch = tempfile::tempdir().unwrap();
    let run = run(scratch.path(), 25);
    let elsewhere = scratch.path().join("elsewhere");
    let none = text(&scratch.path().join("none"));
    let out = ["-o", &text(&elsewhere)];
    let [fixed, blrm] =
        ["fixed", "blrm"].map(|name| root().join(format!("designs/{name}.toml")).display().to_string());
    let cases: [(&[&str], &str); 10] = [
        (&["trial", &none], "holds no finished run"),
        (&["trial", &text(&run)], "may treat 30 patients, and the run has 25"),
        (&["trial", &text(&run), "--design", &fixed, "--comparison", &none], "holds no finished comparison"),
        (
            &["trial", &text(&run), "--design", &fixed, "--active-dose", "2 mg"],
            "of another kind than the doses of the trial, in mg/kg",
        ),
        (&["trial", "--scenario", "0.1,0.2"], "give assumed probabilities with `--true-dlt P,P`"),
        (&["trial", "--true-dlt", "0.1,1.2"], "1.2 is not a probability"),
        (&["trial", "--true-dlt", "0.1,0.2", "--doses", "10 mg"], "doses for"),
        (&["trial", "--true-dlt", "0.1,0.2", "--doses", "20 mg,10 mg"], "are not doses of one kind"),
        (&["trial", "--true-dlt", "0.1,0.2", "--design", &blrm], "[blrm] needs the doses themselves"),
        (&["trial", "--true-dlt", "0.1", "--active-dose", "2 mg"], "say what the doses are with `--doses`"),
    ];
    for (arguments, expected) in cases {
        let (status, said) = refused(&[arguments, &out[..]].concat());
        assert_eq!(status, Some(2), "{said}");
        assert!(said.contains(expected), "{said}\n--- {expected}");
        assert!(!elsewhere.exists(), "{arguments:?} left something behind");
    }
    let (status, said) = refused(&["trial", "--true-dlt", "0.1", "--doses", "1 mg", "-o", &text(&run)]);
    assert!(status == Some(2) && said.contains("is not a set of trials"), "{said}");
}

#[test]
fn levels_without_doses_leave_out_what_needs_them() {
    let scratch = tempfile::tempdir().unwrap();
    let out = text(&scratch.path().join("trial"));
    let told = done(&["trial", "--true-dlt", "0.1,0.3", "--replicates", "20", "-o", &out]);
    assert!(told.contains("by each of 7 designs") && told.contains("blrm.toml is left out"), "{told}");
}

#[test]
fn decision_tables_are_shown_and_written() {
    let scratch = tempfile::tempdir().unwrap();
    let [boin, crm] =
        ["boin", "crm"].map(|name| root().join(format!("designs/{name}.toml")).display().to_string());
    let told = done(&["trial", "--decision-table", "--design", &boin, "--design", &crm]);
    assert!(
        told.contains("\n3         E  S  D  DU") && told.contains("1/3 at level 1, 2/3 at level 1"),
        "{told}"
    );
    let file = text(&scratch.path().join("boin.csv"));
    done(&["trial", "--decision-table", "--design", &boin, "--csv", &file]);
    let written = std::fs::read_to_string(&file).unwrap();
    assert!(written.starts_with("patients,dlts,decision\n1,0,E\n1,1,D\n2,0,E\n"), "{written}");
    let (status, said) = refused(&["trial", "--decision-table", "--design", &crm, "--csv", &file]);
    assert!(status == Some(2) && said.contains("one design with a decision table can be written"), "{said}");
}
