//! A user's table as patients.

use std::path::PathBuf;

use tempfile::TempDir;
use vpop::cohort::{RepeatedIds, Rows};
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
    let meta = &patients.columns[1].meta;
    assert_eq!((&meta.name[..], &meta.meaning[..], &meta.unit[..]), ("WT", "WT of the model", "kg"));
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
        in_order("WT,HT\n1,1\n2,NA\n3,1\n", &["HT"], &["WT"]),
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

/// Each of two patients with three records, the second with the first row's weight corrected later.
const RECORDS: &str = "ID,DAY,WT\n1,0,50\n1,7,51\n2,0,60\n1,14,52\n2,7,61\n2,14,62\n";

#[test]
fn records_are_no_patients() {
    for resample in [false, true] {
        let found = problems(RECORDS, &["WT"], resample, &[]);
        assert_eq!(found, ["cohort.toml:2:1: p.csv has 6 rows of 2 patients: `ID` is `1` in rows 1 and 2"]);
    }
    let text = "WT,usubjid\n50,S-01\n60,S-02\n50,S-01\n";
    let found = problems(text, &["WT"], true, &[]);
    assert_eq!(
        found,
        ["cohort.toml:2:1: p.csv has 3 rows of 2 patients: `usubjid` is `S-01` in rows 1 and 3"]
    );
}

/// Subjects are numbered within their sites, but one column tells them apart.
#[test]
fn the_finest_ids_count() {
    let (_folder, path) = file("p.csv", "USUBJID,SUBJID,WT\nA-1,1,50\nA-2,2,60\nB-1,1,70\n");
    let mut cohort = cohort();
    cohort.population.rows = Some(rows(path, &["WT"], true));
    assert!(Sampler::new(&cohort, &model(&[])).is_ok());
}

#[test]
fn the_file_may_say_what_records_are() {
    let (_folder, path) = file("p.csv", RECORDS);
    let weights = |repeated_ids, patients| {
        let mut cohort = cohort();
        cohort.patients = patients;
        let asked = rows(path.clone(), &["WT"], false);
        cohort.population.rows = Some(Rows { repeated_ids: Some(repeated_ids), ..asked });
        Sampler::new(&cohort, &model(&[])).unwrap().sample(0..patients).unwrap().numbers("WT")
    };
    assert_eq!(weights(RepeatedIds::FirstRow, 2), [50.0, 60.0]);
    assert_eq!(weights(RepeatedIds::EveryRow, 6), [50.0, 51.0, 60.0, 52.0, 61.0, 62.0]);
}

#[test]
fn the_row_of_the_file_is_named_where_some_are_left_out() {
    let (_folder, path) = file("p.csv", "ID,WT\n1,50\n1,51\n2,.\n");
    let mut cohort = cohort();
    cohort.patients = 2;
    let asked = rows(path, &["WT"], false);
    cohort.population.rows = Some(Rows { repeated_ids: Some(RepeatedIds::FirstRow), ..asked });
    let found = Sampler::new(&cohort, &model(&[])).unwrap_err().to_string();
    assert!(found.ends_with("p.csv: row 3 has no value"), "{found}");
}

#[test]
fn rows_in_order_are_not_left_over() {
    let text = "WT\n1\n2\n3\n4\n5\n";
    let found = problems(text, &[], false, &[]);
    assert_eq!(found, ["cohort.toml:2:1: 3 patients but p.csv has 5 rows: 2 would not be used"]);
    let (_folder, path) = file("p.csv", text);
    let mut cohort = cohort();
    cohort.patients = 3;
    cohort.population.rows = Some(Rows { unused_rows: true, ..rows(path, &[], false) });
    let patients = Sampler::new(&cohort, &model(&[])).unwrap().sample(0..3).unwrap();
    assert_eq!(patients.numbers("WT"), [1.0, 2.0, 3.0]);
}

#[test]
fn numbers_among_text_and_infinities() {
    let of = |text: &str, columns: &[&str]| problems(text, columns, true, &[]);
    assert_eq!(
        of("WT,HT\n70,1\n7O,2\n", &[]),
        ["cohort.toml:2:1: column `WT` of p.csv holds numbers, and `7O` in row 2"]
    );
    assert_eq!(of("SITE\nnorth\nsouth\n", &[]), ["cohort.toml:2:1: no column of p.csv holds numbers"]);
    assert_eq!(of("WT\n70\ninf\n", &[]), ["cohort.toml:2:1: column `WT` of p.csv: row 2 is inf"]);
    assert_eq!(
        of("SITE\nnorth\n\"\"\n", &["SITE"]),
        ["cohort.toml:2:6: column `SITE` of p.csv: row 2 has no value"]
    );
    // A stage of a tumour is named, and so taken as the label that it is.
    let (_folder, path) = file("p.csv", "STAGE\n2\n3A\n");
    let mut cohort = cohort();
    cohort.population.rows = Some(rows(path, &["STAGE"], true));
    let patients = Sampler::new(&cohort, &model(&[])).unwrap().sample(0..5).unwrap();
    assert!(matches!(&patients.columns[0].values, Values::Label { labels, .. } if labels[..] == ["2", "3A"]));
}
