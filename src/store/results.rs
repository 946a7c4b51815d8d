//! The folder of results that are made from runs, or beside them: tables, and sets in parts, whole once its
//! JSON file is written.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::columns::{Field, Packing};
use super::error::StoreError;
use super::files::{sync_folder, write_json};
use super::folder_kind::{FolderKind, Holds, SCENARIOS};
use super::locked::{LockedFolder, names, remove};
use super::manifest::FileSummary;
use super::part::{PartWriter, write_table};
use super::set::part_file;
use super::swap::{settle, whole};
use super::tables;
use crate::table::Table;

/// A folder that results are written into. They are made beside earlier ones, and take their place once they are
/// whole; dropped before, nothing of them is left but runs of scenarios.
#[derive(Debug)]
pub struct ResultsFolder {
    /// The folder, which no other process writes into.
    place: LockedFolder,
    kind: FolderKind,
    /// Whether the runs of scenarios that are there are replaced, too.
    replaces: bool,
    /// Names of the scenarios whose runs are asked for.
    scenarios: Vec<String>,
    /// Key-value metadata of every table.
    provenance: Vec<(String, String)>,
    /// The tables and sets so far: name and columns.
    tables: Vec<(String, Vec<Field>)>,
    /// Their files that are whole.
    files: Vec<FileSummary>,
}

impl ResultsFolder {
    /// Makes the folder, or opens that of earlier results. Finished ones are replaced only if it is said.
    ///
    /// # Errors
    /// [`StoreError`] if the folder cannot be made, is in use, or holds finished results, a run or anything else.
    pub fn open(
        path: &Path,
        kind: FolderKind,
        replace: bool,
        provenance: Vec<(String, String)>,
    ) -> Result<Self, StoreError> {
        let place = LockedFolder::take(path)?;
        settle(&place)?;
        let holds = kind.content(path)?;
        // Nothing is done where a symbolic link stands for a file of ours.
        kind.files(path)?;
        let (path, results) = (path.to_owned(), kind.name());
        match holds {
            Holds::Other => return Err(StoreError::NotResults { path, results }),
            Holds::Finished if !replace => return Err(StoreError::FinishedResults { path, results }),
            _ => {}
        }
        let replaces = replace && holds != Holds::Nothing;
        let (scenarios, tables, files) = (Vec::new(), Vec::new(), Vec::new());
        let folder = Self { place, kind, replaces, scenarios, provenance, tables, files };
        if !replaces {
            remove(&folder.next())?;
        }
        folder.clear()?;
        fs::create_dir_all(folder.next()).map_err(|cause| StoreError::Create { path, cause })?;
        Ok(folder)
    }

    /// Whether runs that are there are replaced.
    pub fn replaces(&self) -> bool {
        self.replaces
    }

    /// The folder of the run of a scenario.
    pub fn scenario(&mut self, name: &str) -> PathBuf {
        self.scenarios.push(name.to_owned());
        let folder = if self.replaces { self.next() } else { self.place.path().to_owned() };
        folder.join(SCENARIOS).join(name)
    }

    /// Writes a table as `NAME.parquet`.
    ///
    /// # Errors
    /// [`StoreError::Write`] if the disk fails.
    pub fn write(&mut self, name: &str, table: &Table) -> Result<(), StoreError> {
        let written = write_table(&self.next(), name, table, &self.provenance_of(name))?;
        self.add(name, &written.file, &Field::of(table));
        self.files.push(written);
        Ok(())
    }

    /// Opens the next part of a set, `NAME/part-00000.parquet` the first. The one before must have been
    /// [ended](Self::end_part).
    ///
    /// # Errors
    /// [`StoreError::Write`] if the disk fails.
    pub fn part(&mut self, name: &str, fields: &[Field]) -> Result<PartWriter, StoreError> {
        let number = self.files.iter().filter(|file| file.set == name).count();
        let folder = self.next().join(name);
        fs::create_dir_all(&folder).map_err(|cause| StoreError::write(&folder, cause))?;
        let file = part_file(name, number as u64);
        let provenance = self.provenance_of(name);
        let writer = PartWriter::create(&self.next(), [name, &file], fields, Packing::Small, &provenance)?;
        self.add(name, &file, fields);
        Ok(writer)
    }

    /// Ends a part that was opened.
    ///
    /// # Errors
    /// [`StoreError::Write`] if the disk fails.
    pub fn end_part(&mut self, part: PartWriter) -> Result<(), StoreError> {
        self.files.push(part.finish()?);
        Ok(())
    }

    /// Ends the results: `columns.parquet`, then the JSON file with what `manifest` makes of the list of
    /// files; then they take the place of earlier ones.
    ///
    /// # Errors
    /// [`StoreError::Write`] if the disk fails.
    pub fn finish<M: Serialize>(
        mut self,
        manifest: impl FnOnce(Vec<FileSummary>) -> M,
    ) -> Result<M, StoreError> {
        let sets: Vec<(&str, &[Field])> = self.tables.iter().map(|(name, f)| (name.as_str(), &**f)).collect();
        let columns = tables::table_of_columns(&sets);
        self.write("columns", &columns)?;
        let manifest = manifest(std::mem::take(&mut self.files));
        self.remove_other_scenarios()?;
        let next = self.next();
        self.tables.iter().for_each(|(name, _)| sync_folder(&next.join(name)));
        write_json(&next.join(self.kind.manifest()), &manifest)?;
        sync_folder(&next);
        settle(&self.place)?;
        Ok(manifest)
    }

    /// Where the results are written.
    fn next(&self) -> PathBuf {
        self.place.next()
    }

    fn add(&mut self, name: &str, file: &str, fields: &[Field]) {
        debug_assert!(self.kind.has(file), "{file} is no file of a {}", self.kind.name());
        if !self.tables.iter().any(|(known, _)| known == name) {
            self.tables.push((name.to_owned(), fields.to_vec()));
        }
    }

    /// Removes what was written, runs of scenarios apart, which can be taken up again.
    fn clear(&self) -> Result<(), StoreError> {
        let next = self.next();
        let mut written = names(&next)?;
        written.retain(|name| name != SCENARIOS);
        written.iter().try_for_each(|name| remove(&next.join(name)))?;
        let _ = fs::remove_dir(&next);
        Ok(())
    }

    /// Removes the runs that an interrupted process made of scenarios that are not asked for now.
    fn remove_other_scenarios(&self) -> Result<(), StoreError> {
        let runs = self.next().join(SCENARIOS);
        let mut others = names(&runs)?;
        others.retain(|name| !self.scenarios.contains(name));
        others.iter().try_for_each(|name| remove(&runs.join(name)))
    }

    fn provenance_of(&self, name: &str) -> Vec<(String, String)> {
        let set = ("vpop.set".to_owned(), name.to_owned());
        self.provenance.iter().cloned().chain([set]).collect()
    }
}

impl Drop for ResultsFolder {
    fn drop(&mut self) {
        // What is whole takes its place when the folder is opened again, if the disk failed meanwhile.
        if !whole(&self.next()).is_ok_and(|whole| whole.is_some()) {
            let _ = self.clear();
        }
    }
}
