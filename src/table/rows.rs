//! A user's table row by row, in memory that does not grow with it.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord, Trim};

use super::limits::MOST_COLUMNS;
use super::parquet::Batches;
use super::{Column, TableError, Values, check_names, csv as csv_table, file, parquet, text};
use crate::caught::caught;
use crate::diagnostic::Problem;
use crate::file_kind::{self, FileKind};

/// Bytes at the beginning of a file by which its kind is known.
const BEGINNING: u64 = 4096;

/// A table whose columns are known and whose rows are still to come.
#[derive(Debug)]
pub struct TableRows {
    path: PathBuf,
    names: Vec<String>,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Csv(Box<Reader<BufReader<File>>>),
    Parquet(File),
}

/// A cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// An empty cell, `.`, `NA`, `N/A`, `NaN` or `null`.
    Missing,
    /// A number.
    Number(f64),
    /// Other text.
    Text(&'a str),
}

/// The rows of some columns, one after the other.
pub struct Rows {
    path: PathBuf,
    wanted: Vec<usize>,
    rows: Reading,
}

enum Reading {
    Csv { reader: Box<Reader<BufReader<File>>>, record: StringRecord, columns: usize },
    Parquet { batches: Box<Batches>, batch: Vec<Column>, at: usize, read: u64 },
}

/// One row of the columns that are wanted.
pub struct Row<'a> {
    /// Line in a CSV file, the header being the first; row of a Parquet file, from 1.
    pub number: u64,
    rows: &'a Rows,
}

impl TableRows {
    /// Opens a file: CSV with a header line, or Parquet, by the file name's ending.
    ///
    /// # Errors
    /// A file that cannot be read, is of another kind, or has too many columns.
    pub fn open(path: &Path) -> Result<Self, Problem> {
        Self::open_as_is(path).map_err(Problem::new)
    }

    fn open_as_is(path: &Path) -> Result<Self, TableError> {
        let unreadable = |cause: std::io::Error| TableError::unreadable(path, &cause);
        let is_parquet = file::is_parquet(path)?;
        let mut opened = File::open(path).map_err(unreadable)?;
        let mut beginning = Vec::new();
        opened.by_ref().take(BEGINNING).read_to_end(&mut beginning).map_err(unreadable)?;
        opened.rewind().map_err(unreadable)?;
        let expected = if is_parquet { FileKind::Parquet } else { FileKind::Csv };
        file_kind::check(path, &beginning, expected).map_err(TableError::Kind)?;
        let (names, source) = if is_parquet {
            let names = answer(path, || parquet::names_of(path, &opened))?;
            (names, Source::Parquet(opened))
        } else {
            let mut reader =
                ReaderBuilder::new().trim(Trim::All).flexible(true).from_reader(BufReader::new(opened));
            let header = reader.headers().map_err(|error| failure(path, error, 0))?;
            (csv_table::header_names(path, header)?, Source::Csv(Box::new(reader)))
        };
        if names.is_empty() {
            return Err(TableError::Empty { file: path.to_owned() });
        }
        if names.len() > MOST_COLUMNS {
            let (file, found) = (path.to_owned(), names.len() as u64);
            return Err(TableError::TooLarge { file, what: "columns", found, most: MOST_COLUMNS as u64 });
        }
        Ok(Self { path: path.to_owned(), names, source })
    }

    /// The names of the columns, as they stand in it.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// What rows are numbered by: `line` or `row`.
    pub fn counted_by(&self) -> &'static str {
        match self.source {
            Source::Csv(_) => "line",
            Source::Parquet(_) => "row",
        }
    }

    /// The rows of the columns at these positions.
    ///
    /// # Errors
    /// A column without a proper name or with the name of another, or of a type that is neither numbers nor text.
    pub fn rows(self, wanted: Vec<usize>) -> Result<Rows, Problem> {
        let Self { path, names, source } = self;
        let is_wanted = |name: &str| wanted.iter().any(|&column| names[column] == name);
        check_names(&path, &names, &is_wanted).map_err(Problem::new)?;
        let rows = match source {
            Source::Csv(reader) => Reading::Csv { reader, record: StringRecord::new(), columns: names.len() },
            Source::Parquet(opened) => {
                let batches =
                    answer(&path, || Batches::open(&path, opened, &wanted)).map_err(Problem::new)?;
                Reading::Parquet { batches: Box::new(batches), batch: Vec::new(), at: 0, read: 0 }
            }
        };
        Ok(Rows { path, wanted, rows })
    }
}

impl Rows {
    /// The next row, if there is one.
    ///
    /// # Errors
    /// What cannot be read, and a row with more or fewer cells than the header.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, Problem> {
        let path = &self.path;
        let number = match &mut self.rows {
            Reading::Csv { reader, record, columns } => {
                let is_row = reader.read_record(record);
                let line = record.position().map_or(0, csv::Position::line);
                if !is_row.map_err(|error| Problem::new(failure(path, error, line)))? {
                    return Ok(None);
                }
                let (got, expected) = (record.len() as u64, *columns as u64);
                if got != expected {
                    let file = path.clone();
                    return Err(Problem::new(TableError::CellsOfLine { file, line, got, expected }));
                }
                line
            }
            Reading::Parquet { batches, batch, at, read } => {
                *at += 1;
                while *at >= batch.first().map_or(0, |column| column.values.len()) {
                    let next = answer(path, || batches.next_batch(path, *read)).map_err(Problem::new)?;
                    let Some(next) = next else { return Ok(None) };
                    (*batch, *at) = (next, 0);
                }
                *read += 1;
                *read
            }
        };
        Ok(Some(Row { number, rows: self }))
    }
}

impl Row<'_> {
    /// The cell of a column, by its position among those that are wanted.
    pub fn cell(&self, wanted: usize) -> Cell<'_> {
        match &self.rows.rows {
            Reading::Csv { record, .. } => {
                text::cell(record.get(self.rows.wanted[wanted]).unwrap_or_default())
            }
            Reading::Parquet { batch, at, .. } => match &batch[wanted].values {
                Values::Label { codes, labels } => {
                    codes[*at].map_or(Cell::Missing, |code| text::cell(&labels[code as usize]))
                }
                values => {
                    Some(values.number(*at)).filter(|x| !x.is_nan()).map_or(Cell::Missing, Cell::Number)
                }
            },
        }
    }
}

/// What a reader makes of a file; one that panics has an answer, too.
fn answer<T>(path: &Path, read: impl FnOnce() -> Result<T, TableError>) -> Result<T, TableError> {
    caught(read).unwrap_or_else(|why| Err(TableError::Damaged { file: path.to_owned(), why }))
}

fn failure(path: &Path, error: csv::Error, line: u64) -> TableError {
    let file = path.to_owned();
    match error.kind() {
        ErrorKind::Utf8 { .. } => TableError::EncodingOfLine { file, line },
        _ => TableError::Unreadable { file, why: error.to_string() },
    }
}
