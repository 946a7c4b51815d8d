//! What a report of virtual dose escalations is made of: their tables, and the run that they enrol from if it is there.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::super::facts::Facts as RunFacts;
use super::super::rows::{self, Row};
use crate::cohort::{ALL, Accrual};
use crate::diagnostic::Problems;
use crate::escalation::manifest::Decision;
use crate::store::{FileSummary, FolderKind, StoreError, Timing, finished_kind, finished_results};

/// Finished trials.
pub(in crate::report) struct Facts {
    path: PathBuf,
    pub(super) said: Said,
    /// The run that they enrol from, if it is where it was, or beside them.
    pub(super) run: Option<RunFacts>,
    /// Value and standard error by design, measure and dose, of the trial as a whole `all`.
    characteristics: HashMap<[String; 3], [f64; 2]>,
}

/// What `trial.json` says.
#[derive(Debug, Deserialize)]
pub(super) struct Said {
    pub(super) vpop: String,
    pub(super) created: String,
    pub(super) name: String,
    pub(super) run: Option<PathBuf>,
    pub(super) seed: u64,
    pub(super) replicates: u64,
    pub(super) doses: Vec<String>,
    pub(super) dose_unit: String,
    pub(super) toxicity: Vec<f64>,
    pub(super) active_dose: Option<f64>,
    pub(super) static_dose: Option<f64>,
    pub(super) accrual: Accrual,
    pub(super) designs: Vec<Design>,
    pub(super) notes: Vec<String>,
    pub(super) timings: Vec<Timing>,
    pub(super) files: Vec<FileSummary>,
}

/// A design.
#[derive(Debug, Deserialize)]
pub(super) struct Design {
    pub(super) name: String,
    pub(super) file: String,
    pub(super) sha256: String,
    pub(super) maximum: u32,
    #[serde(default)]
    pub(super) decisions: Vec<Decision>,
}

impl Facts {
    /// Reads finished trials; every byte of their files, and of those of their run, is looked at.
    pub(in crate::report) fn read(path: &Path) -> Result<Self, Problems> {
        let said: Said = finished_results(path, FolderKind::Trials)?;
        let file = path.join("operating_characteristics.parquet");
        let mut characteristics = HashMap::new();
        let names = ["design", "measure", "arm"];
        rows::each(&file, names, ["value", "standard_error"], |Row { labels, numbers }| {
            characteristics.insert(labels.map(String::from), numbers);
        })?;
        let run = run(path, &said)?;
        Ok(Self { path: path.into(), said, run, characteristics })
    }

    /// A characteristic of a design, at a dose or of the trial as a whole; NaN if there is none.
    pub(super) fn value(&self, design: &str, measure: &str, dose: Option<&str>) -> f64 {
        let key = [design, measure, dose.unwrap_or(ALL)].map(String::from);
        self.characteristics.get(&key).map_or(f64::NAN, |found| found[0])
    }

    /// Its Monte-Carlo standard error.
    pub(super) fn error(&self, design: &str, measure: &str, dose: Option<&str>) -> f64 {
        let key = [design, measure, dose.unwrap_or(ALL)].map(String::from);
        self.characteristics.get(&key).map_or(f64::NAN, |found| found[1])
    }

    /// Gives the rows of the first trials of each design to `each`: a row for each cohort of patients.
    pub(super) fn cohorts<const L: usize, const N: usize>(
        &self,
        first: u64,
        labels: [&str; L],
        numbers: [&str; N],
        mut each: impl FnMut(Row<'_, L, N>),
    ) -> Result<(), StoreError> {
        // A file for each design, with its trials in order; their number is the first of the numbers.
        for file in self.said.files.iter().filter(|file| file.set == "trials") {
            rows::each_while(&self.path.join(&file.file), labels, numbers, |row| {
                let is_wanted = row.numbers[0] < first as f64;
                if is_wanted {
                    each(row);
                }
                is_wanted
            })?;
        }
        Ok(())
    }
}

/// The run that the trials enrol from, if it is there and has their doses.
fn run(path: &Path, said: &Said) -> Result<Option<RunFacts>, Problems> {
    let Some(named) = &said.run else { return Ok(None) };
    let beside = named.file_name().map(|name| path.with_file_name(name));
    for place in [Some(named.clone()), beside].into_iter().flatten() {
        if !place.is_dir() || finished_kind(&place)? != Some(FolderKind::Run) {
            continue;
        }
        let run = RunFacts::read(&place)?;
        let is_it = run.manifest.name == said.name;
        if is_it && said.doses.iter().all(|dose| run.arms().contains(dose)) {
            return Ok(Some(run));
        }
    }
    Ok(None)
}
