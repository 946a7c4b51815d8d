//! One Parquet file: written under a temporary name, and renamed when it is whole.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::columns::{Field, Packing, inconsistent, mismatch, writer_properties};
use super::error::StoreError;
use super::files::create_temporary;
use super::hashed::Content;
use super::manifest::FileSummary;
use super::row_groups::{RowGroups, Seen};
use crate::table::{LazyTable, Table};

/// Writes one part of a set.
///
/// Holds at most one row group in memory. Equal rows give equal bytes, however they are cut into
/// tables. Dropped before [`finish`](Self::finish), it leaves nothing behind.
pub struct PartWriter {
    /// The set, the file within the folder, and the rows so far; the rest is known at its end.
    summary: FileSummary,
    path: PathBuf,
    temporary: PathBuf,
    fields: Vec<Field>,
    /// `None` once finished.
    writer: Option<RowGroups<File>>,
}

impl PartWriter {
    /// Opens the temporary file beside a file of a set, which is named within a folder.
    pub(super) fn create(
        folder: &Path,
        [set, within]: [&str; 2],
        fields: &[Field],
        packing: Packing,
        provenance: &[(String, String)],
    ) -> Result<Self, StoreError> {
        let path = folder.join(within);
        if let Some(name) = repeated(fields) {
            let reason = format!("there are two columns `{name}`");
            return Err(StoreError::Columns { path, reason });
        }
        let (file, temporary) = create_temporary(&path)?;
        let properties = writer_properties(fields, packing, provenance);
        let writer = RowGroups::new(file, fields, properties)
            .map_err(|error| StoreError::parquet_write(&temporary, error))?;
        let summary = FileSummary {
            set: set.to_owned(),
            file: within.to_owned(),
            rows: 0,
            bytes: 0,
            blake3: String::new(),
        };
        Ok(Self { summary, path, temporary, fields: fields.to_vec(), writer: Some(writer) })
    }

    /// Adds the rows of a table with the columns that the part was opened with.
    ///
    /// # Errors
    /// [`StoreError::Columns`] if its columns are others, [`StoreError::Write`] if the disk fails.
    pub fn write(&mut self, table: &Table) -> Result<(), StoreError> {
        match inconsistent(table) {
            Some(reason) => Err(StoreError::Columns { path: self.path.clone(), reason }),
            None => self.write_lazy(&LazyTable::of(table), &|_, _, _| {}),
        }
    }

    /// The same of rows that are made while they are written, and shown meanwhile.
    ///
    /// # Errors
    /// As of [`write`](Self::write).
    pub fn write_lazy(&mut self, table: &LazyTable<'_>, seen: &Seen<'_>) -> Result<(), StoreError> {
        if let Some(reason) = mismatch(&self.fields, table) {
            return Err(StoreError::Columns { path: self.path.clone(), reason });
        }
        self.summary.rows += table.rows as u64;
        let Some(writer) = &mut self.writer else { return Ok(()) };
        writer
            .write(table, 0..table.rows, seen)
            .map_err(|error| StoreError::parquet_write(&self.temporary, error))
    }

    /// Ends the file and gives it its name.
    ///
    /// # Errors
    /// [`StoreError::Write`] if the disk fails; the part then does not exist.
    pub fn finish(mut self) -> Result<FileSummary, StoreError> {
        let mut summary = self.summary.clone();
        let Some(writer) = self.writer.take() else { return Ok(summary) };
        let ended = self.end(writer).inspect_err(|_| remove(&self.temporary))?;
        (summary.bytes, summary.blake3) = (ended.bytes, ended.blake3);
        Ok(summary)
    }

    fn end(&self, mut writer: RowGroups<File>) -> Result<Content, StoreError> {
        let file = writer.finish().map_err(|error| StoreError::parquet_write(&self.temporary, error))?;
        // Renamed before its bytes are on disk, a part could be found empty after a power cut.
        file.inner().sync_all().map_err(|cause| StoreError::write(&self.temporary, cause))?;
        fs::rename(&self.temporary, &self.path).map_err(|cause| StoreError::write(&self.path, cause))?;
        Ok(file.content())
    }
}

impl Drop for PartWriter {
    fn drop(&mut self) {
        if self.writer.take().is_some() {
            remove(&self.temporary);
        }
    }
}

/// A name that two columns have, in whatever case.
fn repeated(fields: &[Field]) -> Option<&str> {
    let mut seen = HashSet::new();
    let mut names = fields.iter().map(|field| field.meta.name.as_str());
    names.find(|name| !seen.insert(name.to_lowercase()))
}

/// Writes a table as a file of its own.
pub(super) fn write_table(
    folder: &Path,
    name: &str,
    table: &Table,
    provenance: &[(String, String)],
) -> Result<FileSummary, StoreError> {
    let file = format!("{name}.parquet");
    let fields = Field::of(table);
    let mut writer = PartWriter::create(folder, [name, &file], &fields, Packing::Small, provenance)?;
    writer.write(table)?;
    writer.finish()
}

/// Removes a temporary file. What cannot be removed is removed when the run is resumed.
fn remove(temporary: &Path) {
    let _ = fs::remove_file(temporary);
}
