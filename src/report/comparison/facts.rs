//! What a report of a comparison is made of: its tables, and the runs of its scenarios.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::super::facts::Facts as RunFacts;
use super::super::rows::{self, Row};
use crate::cohort::columns::{DISEASE_CONTROL, DLT, RESPONSE};
use crate::diagnostic::Problems;
use crate::store::{
    self, FileSummary, FolderKind, InputHash, StoreError, Timing, finished_results, scenario_folder,
};

/// Outcomes that are drawn, if there are such; else the first few.
const DRAWN: [&str; 3] = [DLT, RESPONSE, DISEASE_CONTROL];

/// A finished comparison.
pub(in crate::report) struct Facts {
    pub(super) path: PathBuf,
    pub(super) said: Said,
    /// The runs, in order of the scenarios.
    pub(super) runs: Vec<RunFacts>,
}

/// What `comparison.json` says.
#[derive(Debug, Deserialize)]
pub(super) struct Said {
    pub(super) vpop: String,
    pub(super) created: String,
    pub(super) name: String,
    pub(super) seed: u64,
    pub(super) inputs: Vec<InputHash>,
    pub(super) scenarios: Vec<Scenario>,
    pub(super) base: String,
    pub(super) dose_unit: String,
    pub(super) static_dose: Option<f64>,
    pub(super) mtd: Vec<f64>,
    pub(super) timings: Vec<Timing>,
    pub(super) files: Vec<FileSummary>,
}

/// A scenario.
#[derive(Debug, Deserialize)]
pub(super) struct Scenario {
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) patients: u64,
    pub(super) failed: u64,
    pub(super) has_failed: bool,
}

impl Facts {
    /// Reads a finished comparison; every byte of its files and of its runs is looked at.
    pub(in crate::report) fn read(path: &Path) -> Result<Self, Problems> {
        let said: Said = finished_results(path, FolderKind::Comparison)?;
        let run = |scenario: &Scenario| RunFacts::read(&scenario_folder(path, &scenario.name));
        let runs = said.scenarios.iter().map(run).collect::<Result<_, _>>()?;
        Ok(Self { path: path.into(), said, runs })
    }

    /// The run of a scenario.
    pub(super) fn run(&self, scenario: &str) -> Option<&RunFacts> {
        let position = self.said.scenarios.iter().position(|known| known.name == scenario)?;
        self.runs.get(position)
    }

    /// Gives rows of a table to `each`: some of its labels and numbers. A table that is not there has none.
    pub(super) fn rows<const L: usize, const N: usize>(
        &self,
        table: &str,
        labels: [&str; L],
        numbers: [&str; N],
        each: impl FnMut(Row<'_, L, N>),
    ) -> Result<(), StoreError> {
        let file = self.path.join(format!("{table}.parquet"));
        if self.said.files.iter().all(|known| known.set != table) {
            return Ok(());
        }
        rows::each(&file, labels, numbers, each)
    }

    /// Names of the columns of a table.
    pub(super) fn columns(&self, table: &str) -> Result<Vec<String>, StoreError> {
        store::column_names(&self.path.join(format!("{table}.parquet")))
    }

    /// How a reader calls an outcome: what it means, where that is known.
    pub(super) fn called(&self, outcome: &str) -> String {
        let meaning = match outcome {
            DLT => Some("a dose-limiting toxicity".to_owned()),
            RESPONSE => Some("a response of the tumour".into()),
            DISEASE_CONTROL => Some("disease control".into()),
            _ => None,
        };
        meaning.unwrap_or_else(|| format!("`{outcome}`"))
    }
}

/// Those of the outcomes that are drawn; all of them are in the tables.
pub(super) fn drawn(outcomes: &[String]) -> Vec<&str> {
    let known: Vec<&str> =
        DRAWN.into_iter().filter(|name| outcomes.iter().any(|outcome| outcome == name)).collect();
    if known.is_empty() { outcomes.iter().take(DRAWN.len()).map(String::as_str).collect() } else { known }
}
