//! A user's file with a table: read once, whatever is taken from it.

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::limits::{MOST_BYTES, MOST_COLUMNS};
use super::{Column, Table, TableError, check_names, csv, parquet};
use crate::caught::caught;
use crate::diagnostic::Problem;
use crate::digest::sha256;
use crate::file_kind::{self, FileKind};

/// A table in memory, as its file holds it.
#[derive(Debug, Clone)]
pub struct TableFile {
    path: PathBuf,
    bytes: Bytes,
    format: Format,
    names: Vec<String>,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    Parquet,
}

/// What of a file is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// A file with the columns that are used.
    pub bytes: Vec<u8>,
    /// SHA-256 of the file that they are from, if that has others.
    pub taken_from_sha256: Option<String>,
}

impl TableFile {
    /// Reads a file: CSV with a header line, or Parquet, by the file name's ending.
    ///
    /// # Errors
    /// A file that cannot be read, is of another kind, or is too large.
    pub fn open(path: &Path) -> Result<Self, Problem> {
        let format = format(path).map_err(Problem::new)?;
        let bytes = read(path).map_err(Problem::new)?;
        let expected = match format {
            Format::Csv => FileKind::Csv,
            Format::Parquet => FileKind::Parquet,
        };
        file_kind::check(path, &bytes, expected).map_err(Problem::new)?;
        let mut file = Self { path: path.to_owned(), bytes, format, names: Vec::new() };
        file.names = file.answer(|path, bytes| match format {
            Format::Csv => csv::names(path, bytes),
            Format::Parquet => parquet::names(path, bytes),
        })?;
        if file.names.len() > MOST_COLUMNS {
            let (file, found) = (file.path, file.names.len() as u64);
            let cause = TableError::TooLarge { file, what: "columns", found, most: MOST_COLUMNS as u64 };
            return Err(Problem::new(cause));
        }
        Ok(file)
    }

    /// The names of the columns, as they stand in it.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The columns that are wanted by their names.
    ///
    /// Numbers of any kind, also those that are stored as text, and yes or no as 1 and 0, become
    /// [`Values::Number`](super::Values::Number) with NaN for what is missing: an empty cell, `.`, `NA`, `N/A`,
    /// `NaN` or `null`. Other text becomes [`Values::Label`](super::Values::Label), in order of first appearance.
    ///
    /// # Errors
    /// Rows of unequal length, no rows, too many; among the columns that are wanted, one without a proper name
    /// or with the name of another, a type that is neither numbers nor text, a whole number that `f64` cannot
    /// hold.
    pub fn columns(&self, wanted: impl Fn(&str) -> bool) -> Result<Table, Problem> {
        check_names(&self.path, &self.names, &wanted).map_err(Problem::new)?;
        if !self.names.is_empty() && !self.names.iter().any(|name| wanted(name)) {
            return Ok(Table::default());
        }
        let columns: Vec<Column> = self.answer(|path, bytes| match self.format {
            Format::Csv => csv::read(path, bytes, &wanted),
            Format::Parquet => parquet::read(path, bytes, &wanted),
        })?;
        let table = Table { columns };
        if table.rows() == 0 {
            return Err(Problem::new(TableError::Empty { file: self.path.clone() }));
        }
        Ok(table)
    }

    /// The file with those of its columns that are wanted.
    ///
    /// # Errors
    /// As of [`columns`](Self::columns).
    pub fn keep(&self, wanted: impl Fn(&str) -> bool) -> Result<Kept, Problem> {
        if self.names.iter().all(|name| wanted(name)) {
            return Ok(Kept { bytes: self.bytes.to_vec(), taken_from_sha256: None });
        }
        let bytes = self.answer(|path, bytes| match self.format {
            Format::Csv => csv::extract(path, bytes, &wanted),
            Format::Parquet => parquet::extract(path, bytes, &wanted),
        })?;
        Ok(Kept { bytes, taken_from_sha256: Some(sha256(&self.bytes)) })
    }

    /// What a reader makes of the bytes; one that panics has an answer, too.
    fn answer<T>(&self, read: impl FnOnce(&Path, Bytes) -> Result<T, TableError>) -> Result<T, Problem> {
        let damaged = |why| TableError::Damaged { file: self.path.clone(), why };
        let result = caught(|| read(&self.path, self.bytes.clone()));
        result.unwrap_or_else(|why| Err(damaged(why))).map_err(Problem::new)
    }
}

/// Whether a file is Parquet, by its name, and not CSV.
pub(super) fn is_parquet(path: &Path) -> Result<bool, TableError> {
    format(path).map(|format| format == Format::Parquet)
}

fn format(path: &Path) -> Result<Format, TableError> {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("csv") => Ok(Format::Csv),
        Some("parquet") => Ok(Format::Parquet),
        _ => Err(TableError::Ending { file: path.to_owned() }),
    }
}

fn read(path: &Path) -> Result<Bytes, TableError> {
    let unreadable =
        |cause: std::io::Error| TableError::Unreadable { file: path.to_owned(), why: cause.to_string() };
    let found = fs::metadata(path).map_err(unreadable)?.len();
    if found > MOST_BYTES {
        let file = path.to_owned();
        return Err(TableError::TooLarge { file, what: "bytes", found, most: MOST_BYTES });
    }
    Ok(fs::read(path).map_err(unreadable)?.into())
}
