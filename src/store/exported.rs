//! A table for other programs: one file, CSV or Parquet by its ending, written some rows at a time.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use csv::Writer;

use super::columns::{Field, Packing, inconsistent, mismatch};
use super::error::StoreError;
use super::files::create_temporary;
use super::part::PartWriter;
use crate::table::{LazyTable, Table, Values};

/// What stands in a CSV file where there is no value.
const MISSING: &str = ".";

/// A file whose rows are still to come; nothing is at its place until it is finished.
pub enum TableWriter {
    /// Comma-separated values with a header.
    Csv(Box<CsvWriter>),
    /// Parquet, with meanings and units in its field metadata.
    Parquet(Box<PartWriter>),
}

/// A CSV file on its way.
pub struct CsvWriter {
    path: PathBuf,
    temporary: PathBuf,
    fields: Vec<Field>,
    writer: Option<Writer<BufWriter<File>>>,
}

impl TableWriter {
    /// Begins a file with these columns.
    ///
    /// # Errors
    /// [`StoreError::Exists`] if there is one that is not to be replaced, [`StoreError::ExportEnding`] if its name does not
    /// say what it is to be, [`StoreError::Write`] if it cannot be made.
    pub fn create(path: &Path, fields: &[Field], replace: bool) -> Result<Self, StoreError> {
        if !replace && fs::symlink_metadata(path).is_ok() {
            return Err(StoreError::Exists { path: path.to_owned() });
        }
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("csv") => CsvWriter::create(path, fields).map(|writer| Self::Csv(Box::new(writer))),
            Some("parquet") => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let folder = folder.unwrap_or(Path::new("."));
                PartWriter::create(folder, ["export", &name], fields, Packing::Small, &[])
                    .map(|writer| Self::Parquet(Box::new(writer)))
            }
            _ => Err(StoreError::ExportEnding { path: path.to_owned() }),
        }
    }

    /// Adds the rows of a table with the columns that the file was begun with.
    ///
    /// # Errors
    /// [`StoreError::Columns`] if its columns are others, [`StoreError::Write`] if the disk fails.
    pub fn write(&mut self, table: &Table) -> Result<(), StoreError> {
        match self {
            Self::Csv(writer) => writer.write(table),
            Self::Parquet(writer) => writer.write(table),
        }
    }

    /// Ends the file and gives it its name.
    ///
    /// # Errors
    /// [`StoreError::Write`] if the disk fails; there is no file then.
    pub fn finish(self) -> Result<(), StoreError> {
        match self {
            Self::Csv(writer) => (*writer).finish(),
            Self::Parquet(writer) => (*writer).finish().map(|_| ()),
        }
    }
}

impl CsvWriter {
    fn create(path: &Path, fields: &[Field]) -> Result<Self, StoreError> {
        let (file, temporary) = create_temporary(path)?;
        let mut writer = Writer::from_writer(BufWriter::new(file));
        let header = writer.write_record(fields.iter().map(|field| field.meta.name.as_str()));
        header.map_err(|error| StoreError::write(&temporary, error.into()))?;
        Ok(Self { path: path.to_owned(), temporary, fields: fields.to_vec(), writer: Some(writer) })
    }

    fn write(&mut self, table: &Table) -> Result<(), StoreError> {
        let misfit = || mismatch(&self.fields, &LazyTable::of(table));
        if let Some(reason) = inconsistent(table).or_else(misfit) {
            return Err(StoreError::Columns { path: self.path.clone(), reason });
        }
        let Some(writer) = &mut self.writer else { return Ok(()) };
        for row in 0..table.rows() {
            let cells = table.columns.iter().map(|column| cell(&column.values, row));
            writer.write_record(cells).map_err(|error| StoreError::write(&self.temporary, error.into()))?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(), StoreError> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        let end = || {
            let file = writer.into_inner().map_err(|error| error.into_error())?;
            let file = file.into_inner().map_err(|error| error.into_error())?;
            file.sync_all()?;
            fs::rename(&self.temporary, &self.path)
        };
        end().map_err(|cause| {
            let _ = fs::remove_file(&self.temporary);
            StoreError::write(&self.path, cause)
        })
    }
}

impl Drop for CsvWriter {
    fn drop(&mut self) {
        if self.writer.take().is_some() {
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// A value as text: the shortest that reads back as the same number.
fn cell(values: &Values, row: usize) -> String {
    let text = match values {
        Values::Number(v) => (!v[row].is_nan()).then(|| v[row].to_string()),
        Values::Integer(v) => v[row].map(|x| x.to_string()),
        Values::Flag(v) => v[row].map(|x| u8::from(x).to_string()),
        Values::Label { codes, labels } => codes[row].map(|code| labels[code as usize].clone()),
    };
    text.unwrap_or_else(|| MISSING.into())
}
