//! The folder of results that are made from runs, or beside them: tables, and sets in parts, whole once its
//! JSON file is written.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::columns::Field;
use super::error::StoreError;
use super::files::{read_json, write_json};
use super::folder::{entries, removed};
use super::manifest::FileSummary;
use super::part::{PartWriter, write_table};
use super::{read, tables};
use crate::table::Table;

/// What results are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Results {
    /// Of `vpop compare`.
    Comparison,
    /// Of `vpop trial`.
    Trials,
}

impl Results {
    /// What they are called.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Comparison => "comparison",
            Self::Trials => "set of trials",
        }
    }

    /// The file that is written last.
    pub(super) fn manifest(self) -> &'static str {
        match self {
            Self::Comparison => "comparison.json",
            Self::Trials => "trial.json",
        }
    }

    /// The folder in it that tells an interrupted one from anything else.
    pub(super) fn mark(self) -> &'static str {
        match self {
            Self::Comparison => "scenarios",
            Self::Trials => "trials",
        }
    }
}

/// A folder that results are written into.
#[derive(Debug)]
pub struct ResultsFolder {
    path: PathBuf,
    results: Results,
    /// Key-value metadata of every table.
    provenance: Vec<(String, String)>,
    /// The tables and sets so far: name and columns.
    tables: Vec<(String, Vec<Field>)>,
    /// Their files, within the folder, with what they belong to.
    files: Vec<(String, String)>,
}

impl ResultsFolder {
    /// Makes the folder, or opens that of earlier results, which stay whole until the first table is
    /// written.
    ///
    /// # Errors
    /// [`StoreError`] if the folder cannot be made, or holds a run or anything else.
    pub fn open(
        path: &Path,
        results: Results,
        provenance: Vec<(String, String)>,
    ) -> Result<Self, StoreError> {
        let path = path.to_owned();
        fs::create_dir_all(&path).map_err(|cause| StoreError::Create { path: path.clone(), cause })?;
        let is_known = path.join(results.mark()).is_dir() || path.join(results.manifest()).is_file();
        if !is_known && !entries(&path)?.is_empty() {
            return Err(StoreError::NotResults { path, results: results.name() });
        }
        Ok(Self { path, results, provenance, tables: Vec::new(), files: Vec::new() })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a table as `NAME.parquet`.
    ///
    /// # Errors
    /// [`StoreError::Write`] if the disk fails.
    pub fn write(&mut self, name: &str, table: &Table) -> Result<(), StoreError> {
        self.clear_once()?;
        let file = format!("{name}.parquet");
        write_table(self.path.join(&file), table, &self.provenance_of(name))?;
        self.add(name, file, &Field::of(table));
        Ok(())
    }

    /// Opens the next part of a set, `NAME/part-00000.parquet` the first, in place of all that the set held
    /// before.
    ///
    /// # Errors
    /// [`StoreError::Write`] if the disk fails.
    pub fn part(&mut self, name: &str, fields: &[Field]) -> Result<PartWriter, StoreError> {
        self.clear_once()?;
        let number = self.files.iter().filter(|(set, _)| set == name).count();
        let folder = self.path.join(name);
        if number == 0 {
            removed(&folder, |folder| fs::remove_dir_all(folder))?;
        }
        fs::create_dir_all(&folder).map_err(|cause| StoreError::write(&folder, cause))?;
        let file = format!("{name}/part-{number:05}.parquet");
        let writer = PartWriter::create(self.path.join(&file), fields, &self.provenance_of(name))?;
        self.add(name, file, fields);
        Ok(writer)
    }

    /// Ends the results: `columns.parquet`, then the JSON file with what `manifest` makes of the list of
    /// files.
    ///
    /// # Errors
    /// [`StoreError::Write`] if the disk fails.
    pub fn finish<M: Serialize>(
        mut self,
        manifest: impl FnOnce(Vec<FileSummary>) -> M,
    ) -> Result<M, StoreError> {
        let sets: Vec<(&str, &[Field])> = self.tables.iter().map(|(name, f)| (name.as_str(), &**f)).collect();
        let columns = tables::columns(&sets);
        self.write("columns", &columns)?;
        let summaries = self.files.iter().map(|(set, file)| self.summary(set, file));
        let manifest = manifest(summaries.collect::<Result<_, _>>()?);
        write_json(&self.path.join(self.results.manifest()), &manifest)?;
        Ok(manifest)
    }

    fn add(&mut self, name: &str, file: String, fields: &[Field]) {
        if !self.tables.iter().any(|(known, _)| known == name) {
            self.tables.push((name.to_owned(), fields.to_vec()));
        }
        self.files.push((name.to_owned(), file));
    }

    /// Removes what earlier results wrote, runs apart, before anything new is written.
    fn clear_once(&self) -> Result<(), StoreError> {
        let manifest = self.path.join(self.results.manifest());
        if !self.files.is_empty() || !manifest.is_file() {
            return Ok(());
        }
        let before: Listed = read_json(&manifest)?;
        let files = before.files.iter().map(|file| self.path.join(&file.file));
        [manifest].into_iter().chain(files).try_for_each(|file| removed(&file, |file| fs::remove_file(file)))
    }

    fn provenance_of(&self, name: &str) -> Vec<(String, String)> {
        let set = ("vpop.set".to_owned(), name.to_owned());
        self.provenance.iter().cloned().chain([set]).collect()
    }

    fn summary(&self, set: &str, file: &str) -> Result<FileSummary, StoreError> {
        let path = self.path.join(file);
        let bytes = fs::metadata(&path).map_err(|cause| StoreError::read(&path, cause))?.len();
        Ok(FileSummary { set: set.to_owned(), file: file.to_owned(), rows: read::rows(&path)?, bytes })
    }
}

/// What earlier results list.
#[derive(Deserialize)]
struct Listed {
    files: Vec<FileSummary>,
}
