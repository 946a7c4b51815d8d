//! A user's table as patients.

use std::path::PathBuf;

use tempfile::TempDir;
use vpop::population::Sampler;
use vpop::table::Values;

use super::helper::{NORMAL, at, cohort, derived, drawing, mean, model, rows};

fn file(name: &str, text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

const TABLE: &str = "ID,WT,SEXF,SITE\n1,50,1,north\n2,60,1,south\n3,70,0,north\n4,80,0,west\n";

/// A drawn row is drawn whole; each comes as often as the others.
#[test]
fn rows_are_drawn_jointly() {
    let (_folder, path) = file("p.csv", TABLE);
    let mut cohort = drawing([("AGE", NORMAL)]);
    cohort.population.rows = Some(rows(path, &[], true));
    cohort.population.derived = vec![derived("HALF", "WT / 2")];
    let sampler = Sampler::new(&cohort, &model(&["WT", "AGE"])).unwrap();
    assert_eq!(sampler.names(), ["ID", "WT", "SEXF", "AGE", "HALF"]);
    let patients = sampler.sample(0..20_000).unwrap();
    let (id, wt) = (patients.numbers("ID"), patients.numbers("WT"));
    assert_eq!(patients.covariates[0], wt);
    let half = patients.numbers("HALF");
    for (i, &id) in id.iter().enumerate() {
        assert_eq!((wt[i], half[i]), (40.0 + 10.0 * id, 20.0 + 5.0 * id));
    }
    for row in 1..=4 {
        let count = id.iter().filter(|&&id| id == f64::from(row)).count() as f64;
        // 4 standard errors of a binomial proportion of 1/4.
        assert!((count - 5000.0).abs() < 4.0 * (20_000.0 * 0.1875_f64).sqrt(), "{row}: {count}");
    }
    assert!(mean(&patients.numbers("AGE")).abs() < 4.0 / 20_000_f64.sqrt());
}

#[test]
fn each_row_is_one_patient() {
    let (_folder, path) = file("p.csv", TABLE);
    let mut cohort = cohort();
    cohort.patients = 4;
    cohort.population.rows = Some(rows(path, &["SITE", "WT"], false));
    let sampler = Sampler::new(&cohort, &model(&["WT"])).unwrap();
    assert_eq!(sampler.names(), ["WT"], "text is no number");
    let patients = sampler.sample(1..4).unwrap();
    assert_eq!(patients.covariates, [[60.0, 70.0, 80.0]]);
    let Values::Label { codes, labels } = &patients.columns[0].values else { panic!("not labels") };
    assert_eq!(
        (&codes[..], &labels[..]),
        (&[Some(1), Some(0), Some(2)][..], &["north", "south", "west"].map(String::from)[..])
    );
    let about = &patients.columns[1].about;
    assert_eq!((&about.name[..], &about.meaning[..], &about.unit[..]), ("WT", "WT of the model", "kg"));
    let problem = sampler.sample(2..6).unwrap_err();
    assert!(problem.to_string().ends_with("has 4 rows"), "{problem}");
}

/// A patient that is not eligible is another row.
#[test]
fn rejected_rows_are_drawn_again() {
    let (_folder, path) = file("p.csv", TABLE);
    let mut cohort = cohort();
    cohort.population.rows = Some(rows(path, &["WT"], true));
    cohort.eligibility.require = vec![at("WT >= 70".into())];
    let patients = Sampler::new(&cohort, &model(&[])).unwrap().sample(0..1000).unwrap();
    assert!(patients.numbers("WT").iter().all(|&wt| wt >= 70.0));
    assert!(patients.attempts.iter().any(|&attempts| attempts > 1));
}

fn problems(text: &str, columns: &[&str], resample: bool, needs: &[&str]) -> Vec<String> {
    let (folder, path) = file("p.csv", text);
    let mut cohort = drawing([("AGE", NORMAL)]);
    cohort.patients = 3;
    cohort.population.rows = Some(rows(path, columns, resample));
    let problems = Sampler::new(&cohort, &model(needs)).unwrap_err();
    let folder = format!("{}/", folder.path().display());
    problems.0.iter().map(|problem| problem.to_string().replace(&folder, "")).collect()
}

#[test]
fn tables_that_do_not_serve() {
    let in_order = |text, columns: &[&str], needs: &[&str]| problems(text, columns, false, needs);
    assert_eq!(in_order("WT\n1\n2\n", &[], &[]), ["cohort.toml:2:1: 3 patients but p.csv has 2 rows"]);
    assert_eq!(
        in_order("WT,HT\n1,1\n2,NA\n3,1\n4,1\n", &["HT"], &["WT"]),
        [
            "cohort.toml:2:6: column `HT` of p.csv: row 2 has no value",
            "cohort.toml:1:10: covariate `WT` of the model m is not in the cohort"
        ]
    );
}

#[test]
fn a_missing_value_counts_wherever_a_row_may_be_drawn() {
    let found = problems("WT\n1\n2\n3\n.\n", &[], true, &[]);
    assert_eq!(found, ["cohort.toml:2:1: column `WT` of p.csv: row 4 has no value"]);
}

#[test]
fn text_where_a_number_is_needed() {
    let found = problems("WT,AGE\n1,30\n7O,40\n3,50\n", &[], false, &["WT"]);
    assert_eq!(
        found,
        [
            "cohort.toml:1:1: covariate `AGE` is given twice",
            "cohort.toml:1:10: column `WT` of p.csv holds text: `7O` in row 2"
        ]
    );
}

#[test]
fn columns_that_are_not_there() {
    let found = problems("WT,HT\n1,30\n2,40\n3,50\n", &["WGT", "HT"], false, &[]);
    assert_eq!(found, ["cohort.toml:2:6: p.csv has no column `WGT`"]);
}
