//! One Parquet file: written under a temporary name, and renamed when it is whole.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::columns::{BATCH_ROWS, Buffer, Field, mismatch, writer_properties};
use super::error::StoreError;
use super::files::create_temporary;
use super::row_groups::RowGroups;
use crate::table::Table;

/// Writes one part of a set.
///
/// Holds at most one row group in memory. Equal rows give equal bytes, however they are cut into
/// tables. Dropped before [`finish`](Self::finish), it leaves nothing behind.
pub struct PartWriter {
    path: PathBuf,
    temporary: PathBuf,
    fields: Vec<Field>,
    buffer: Buffer,
    /// `None` once finished.
    writer: Option<RowGroups>,
}

impl PartWriter {
    /// Opens the temporary file beside `path`.
    pub(super) fn create(
        path: PathBuf,
        fields: &[Field],
        provenance: &[(String, String)],
    ) -> Result<Self, StoreError> {
        if let Some(name) = repeated(fields) {
            let reason = format!("there are two columns `{name}`");
            return Err(StoreError::Columns { path, reason });
        }
        let (file, temporary) = create_temporary(&path)?;
        let buffer = Buffer::new(fields);
        let properties = writer_properties(fields, provenance);
        let writer = RowGroups::new(file, buffer.schema(), properties)
            .map_err(|error| StoreError::parquet_write(&temporary, error))?;
        Ok(Self { path, temporary, fields: fields.to_vec(), buffer, writer: Some(writer) })
    }

    /// Adds the rows of a table with the columns that the part was opened with.
    ///
    /// # Errors
    /// [`StoreError::Columns`] if its columns are others, [`StoreError::Write`] if the disk fails.
    pub fn write(&mut self, table: &Table) -> Result<(), StoreError> {
        if let Some(reason) = mismatch(&self.fields, table) {
            return Err(StoreError::Columns { path: self.path.clone(), reason });
        }
        let mut from = 0;
        while from < table.rows() {
            let to = table.rows().min(from + BATCH_ROWS - self.buffer.rows());
            self.buffer.extend(table, from..to);
            from = to;
            if self.buffer.rows() == BATCH_ROWS {
                self.write_buffered()?;
            }
        }
        Ok(())
    }

    /// Ends the file and gives it its name.
    ///
    /// # Errors
    /// [`StoreError::Write`] if the disk fails; the part then does not exist.
    pub fn finish(mut self) -> Result<(), StoreError> {
        self.write_buffered()?;
        let Some(writer) = self.writer.take() else { return Ok(()) };
        let ended = self.end(writer);
        if ended.is_err() {
            remove(&self.temporary);
        }
        ended
    }

    fn end(&self, mut writer: RowGroups) -> Result<(), StoreError> {
        let file = writer.finish().map_err(|error| StoreError::parquet_write(&self.temporary, error))?;
        // Renamed before its bytes are on disk, a part could be found empty after a power cut.
        file.sync_all().map_err(|cause| StoreError::write(&self.temporary, cause))?;
        fs::rename(&self.temporary, &self.path).map_err(|cause| StoreError::write(&self.path, cause))
    }

    fn write_buffered(&mut self) -> Result<(), StoreError> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let batch = self
            .buffer
            .take()
            .map_err(|error| StoreError::Columns { path: self.path.clone(), reason: error.to_string() })?;
        writer.write(&batch).map_err(|error| StoreError::parquet_write(&self.temporary, error))
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
    let mut names = fields.iter().map(|field| field.about.name.as_str());
    names.find(|name| !seen.insert(name.to_lowercase()))
}

/// Writes a table as a file of its own.
pub(super) fn write_table(
    path: PathBuf,
    table: &Table,
    provenance: &[(String, String)],
) -> Result<(), StoreError> {
    let mut writer = PartWriter::create(path, &Field::of(table), provenance)?;
    writer.write(table)?;
    writer.finish()
}

/// Removes a temporary file. What cannot be removed is removed when the run is resumed.
fn remove(temporary: &Path) {
    let _ = fs::remove_file(temporary);
}
