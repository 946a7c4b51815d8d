//! What must not panic whatever the bytes: a function for each kind of file that comes from outside.
//!
//! `fuzz/` gives them to libFuzzer, and `main.rs` beside this file a few thousand mutations of a corpus.

use std::fmt::Display;
use std::fs;
use std::path::Path;

use vpop::dataset::{Dataset, Dose};
use vpop::diagnostic::Source;
use vpop::escalation::doses::Doses;
use vpop::job::Job;
use vpop::store::Manifest;
use vpop::unit::Unit;
use vpop::{cohort, escalation, model, table};

/// A model for every cohort: what is wrong with a cohort file should not hide behind its model.
const MODEL: &str = include_str!("../../../models/one_compartment_infusion.R");
/// A model for every data set.
const DATA_MODEL: &str = include_str!("../../faults/datasets/model.R");
/// Bytes of a cohort file that is also checked against a model, which takes longer.
const SHORT: usize = 2_000;

/// A model file.
pub(crate) fn model(bytes: &[u8]) {
    let source = Source::new("fuzz.R", String::from_utf8_lossy(bytes));
    said(model::parse(&source));
}

/// A cohort file, alone and with a model.
pub(crate) fn cohort(bytes: &[u8]) {
    let source = Source::new("fuzz.toml", String::from_utf8_lossy(bytes));
    let parsed = said(cohort::parse(&source, Path::new("cohorts")));
    if parsed.is_some_and(|cohort| bytes.len() < SHORT && cohort.visits.times.len() < SHORT) {
        said(Job::from_texts(&source, &Source::new("fuzz.R", MODEL)));
    }
}

/// A design file.
pub(crate) fn design(bytes: &[u8]) {
    let source = Source::new("fuzz.toml", String::from_utf8_lossy(bytes));
    said(escalation::settings::parse(&source, &Doses::levels(5)));
}

/// The text of a unit.
pub(crate) fn units(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let unit = Unit::parse(&text);
    let again = Unit::known(&text).map(|known| known.to(&unit));
    let _ = (unit.dimension(), unit.times(&unit).per(&unit).to_the(3).to(&unit), again, unit.to_string());
}

/// A user's table: Parquet if it begins so, else CSV.
pub(crate) fn tables(bytes: &[u8]) {
    let ending = if bytes.starts_with(b"PAR1") { "parquet" } else { "csv" };
    let file = std::env::temp_dir().join(format!("vpop-fuzz-{}.{ending}", std::process::id()));
    if fs::write(&file, bytes).is_ok() {
        let _ = table::read(&file, |_| true);
        let _ = fs::remove_file(&file);
    }
}

/// A data set, by a model with covariates and correlated random effects: what is read makes sense.
pub(crate) fn dataset(bytes: &[u8]) {
    let file = std::env::temp_dir().join(format!("vpop-fuzz-data-{}.csv", std::process::id()));
    let text = format!("name = \"f\"\nmodel = \"m.R\"\n[data]\nfile = '{}'\n", file.display());
    let cohort = cohort::parse(&Source::new("fuzz.toml", text), Path::new(""));
    let model = model::parse(&Source::new("m.R", DATA_MODEL));
    let (Ok(cohort), Ok(model), Ok(())) = (cohort, model, fs::write(&file, bytes)) else { return };
    let opened = said(Dataset::open(&cohort, &model)).flatten();
    let _ = fs::remove_file(&file);
    let Some(data) = opened else { return };
    for subject in data.subjects(0..data.individuals()).into_iter().flatten() {
        assert!(subject.records.windows(2).all(|pair| pair[0].time <= pair[1].time));
        for record in &subject.records {
            assert!(record.time.is_finite() && record.values.iter().all(|value| value.is_finite()));
            let is_right = |dose: &Dose| dose.amount >= 0.0 && dose.interval >= 0.0 && dose.state < 2;
            assert!(record.dose().is_none_or(is_right));
        }
    }
}

/// The manifest of a run.
pub(crate) fn manifest(bytes: &[u8]) {
    if let Ok(manifest) = serde_json::from_slice::<Manifest>(bytes) {
        let _ = (manifest.failed(), serde_json::to_vec(&manifest));
    }
}

/// What was read, once what is wrong with it can be said.
fn said<T, E: Display>(result: Result<T, E>) -> Option<T> {
    result.map_err(|problems| problems.to_string()).ok()
}
