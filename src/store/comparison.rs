//! The folder of a comparison: a run folder for each scenario, and tables made of all of them, whole once
//! `comparison.json` is written.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::columns::Field;
use super::error::StoreError;
use super::files::{read_json, write_json};
use super::folder::{IDENTITY, MANIFEST, entries, removed};
use super::identity::Identity;
use super::manifest::{FileSummary, Manifest};
use super::part::write_table;
use super::{read, tables};
use crate::table::Table;

const SCENARIOS: &str = "scenarios";
const COMPARISON: &str = "comparison.json";

/// A folder that a comparison is written into.
#[derive(Debug)]
pub struct ComparisonFolder {
    path: PathBuf,
    /// Key-value metadata of every table.
    provenance: Vec<(String, String)>,
    /// The tables so far: name and columns.
    tables: Vec<(String, Vec<Field>)>,
}

impl ComparisonFolder {
    /// Makes the folder, or opens that of an earlier comparison, which stays whole until the first table is
    /// written.
    ///
    /// # Errors
    /// [`StoreError`] if the folder cannot be made, or holds a run or anything else.
    pub fn open(path: &Path, provenance: Vec<(String, String)>) -> Result<Self, StoreError> {
        let path = path.to_owned();
        fs::create_dir_all(&path).map_err(|cause| StoreError::Create { path: path.clone(), cause })?;
        let is_comparison = path.join(SCENARIOS).is_dir() || path.join(COMPARISON).is_file();
        if !is_comparison && !entries(&path)?.is_empty() {
            return Err(StoreError::NotAComparison { path });
        }
        Ok(Self { path, provenance, tables: Vec::new() })
    }

    /// The run folder of a scenario.
    pub fn scenario(&self, name: &str) -> PathBuf {
        scenario_folder(&self.path, name)
    }

    /// Writes a table as `NAME.parquet`.
    ///
    /// # Errors
    /// [`StoreError::Write`] if the disk fails.
    pub fn write(&mut self, name: &str, table: &Table) -> Result<(), StoreError> {
        if self.tables.is_empty() {
            self.clear()?;
        }
        self.write_file(name, table)?;
        self.tables.push((name.to_owned(), Field::of(table)));
        Ok(())
    }

    /// Ends the comparison: `columns.parquet`, then `comparison.json` with what `manifest` makes of the
    /// list of files.
    ///
    /// # Errors
    /// [`StoreError::Write`] if the disk fails.
    pub fn finish<M: Serialize>(self, manifest: impl FnOnce(Vec<FileSummary>) -> M) -> Result<M, StoreError> {
        let sets: Vec<(&str, &[Field])> = self.tables.iter().map(|(name, f)| (name.as_str(), &**f)).collect();
        self.write_file("columns", &tables::columns(&sets))?;
        let names = sets.iter().map(|(name, _)| *name).chain(["columns"]);
        let manifest = manifest(names.map(|name| self.summary(name)).collect::<Result<_, _>>()?);
        write_json(&self.path.join(COMPARISON), &manifest)?;
        Ok(manifest)
    }

    /// Removes what an earlier comparison wrote, its scenarios apart.
    fn clear(&self) -> Result<(), StoreError> {
        let manifest = self.path.join(COMPARISON);
        if !manifest.is_file() {
            return Ok(());
        }
        let before: Listed = read_json(&manifest)?;
        let files = before.files.iter().map(|file| self.file(&file.set));
        [manifest].into_iter().chain(files).try_for_each(|file| removed(&file, |file| fs::remove_file(file)))
    }

    fn write_file(&self, name: &str, table: &Table) -> Result<(), StoreError> {
        let set = [("vpop.set".to_owned(), name.to_owned())];
        write_table(self.file(name), table, &[self.provenance.as_slice(), &set].concat())
    }

    fn summary(&self, name: &str) -> Result<FileSummary, StoreError> {
        let file = self.file(name);
        let bytes = fs::metadata(&file).map_err(|cause| StoreError::read(&file, cause))?.len();
        let rows = read::rows(&file)?;
        Ok(FileSummary { set: name.to_owned(), file: format!("{name}.parquet"), rows, bytes })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}.parquet"))
    }
}

/// What an earlier comparison lists.
#[derive(Deserialize)]
struct Listed {
    files: Vec<FileSummary>,
}

/// The run folder of a scenario in a comparison's folder.
pub fn scenario_folder(comparison: &Path, name: &str) -> PathBuf {
    comparison.join(SCENARIOS).join(name)
}

/// The manifest of a finished run; `None` if there is none.
///
/// # Errors
/// [`StoreError::Different`] if it is another run than the one asked for, and whatever hinders reading.
pub fn finished(run: &Path, identity: &Identity) -> Result<Option<Manifest>, StoreError> {
    if !run.join(MANIFEST).is_file() {
        return Ok(None);
    }
    let before: Identity = read_json(&run.join(IDENTITY))?;
    let differences = before.differences(identity);
    if !differences.is_empty() {
        return Err(StoreError::Different { path: run.to_owned(), differences });
    }
    read_json(&run.join(MANIFEST)).map(Some)
}
