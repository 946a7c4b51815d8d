//! Comma-separated values with a header line.

use std::path::Path;

use bytes::{Buf, Bytes};
use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord, Trim, Writer};

use super::limits::check_size;
use super::{Column, ColumnMeta, TableError, text};

/// The columns that are wanted, as they are named in the file.
pub(super) fn read(
    path: &Path,
    bytes: Bytes,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<Column>, TableError> {
    let (names, mut reader) = open(path, bytes)?;
    let found: Vec<usize> = positions(&names, wanted);
    let mut columns = vec![Cells::default(); found.len()];
    let mut record = StringRecord::new();
    for row in 1.. {
        if !reader.read_record(&mut record).map_err(|error| failure(path, error, row))? {
            break;
        }
        check_size(path, row, found.len())?;
        // Every record has as many cells as the header: the reader checks it.
        for (cells, &position) in columns.iter_mut().zip(&found) {
            cells.push(record.get(position).unwrap_or_default());
        }
    }
    let column = |(cells, position): (Cells, usize)| Column {
        meta: ColumnMeta::new(&names[position], "", ""),
        values: text::values(cells.iter()),
    };
    Ok(columns.into_iter().zip(found).map(column).collect())
}

/// A file with the columns that are wanted.
pub(super) fn extract(
    path: &Path,
    bytes: Bytes,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<u8>, TableError> {
    let (names, mut reader) = open(path, bytes)?;
    let found = positions(&names, wanted);
    let mut writer = Writer::from_writer(Vec::new());
    let mut write =
        |record: &[&str], row| writer.write_record(record).map_err(|error| failure(path, error, row));
    write(&found.iter().map(|&position| names[position].as_str()).collect::<Vec<_>>(), 0)?;
    for (record, row) in reader.records().zip(1..) {
        let record = record.map_err(|error| failure(path, error, row))?;
        let cells: Vec<&str> =
            found.iter().map(|&position| record.get(position).unwrap_or_default()).collect();
        write(&cells, row)?;
    }
    writer
        .into_inner()
        .map_err(|error| TableError::Unreadable { file: path.to_owned(), why: error.to_string() })
}

/// The names of the columns.
pub(super) fn names(path: &Path, bytes: Bytes) -> Result<Vec<String>, TableError> {
    Ok(open(path, bytes)?.0)
}

fn positions(names: &[String], wanted: &dyn Fn(&str) -> bool) -> Vec<usize> {
    names.iter().enumerate().filter(|(_, name)| wanted(name)).map(|(position, _)| position).collect()
}

/// The cells of a column, one after the other.
#[derive(Clone, Default)]
struct Cells {
    text: String,
    ends: Vec<usize>,
}

impl Cells {
    fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }

    fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.text[start..end])
    }
}

fn open(path: &Path, bytes: Bytes) -> Result<(Vec<String>, Reader<bytes::buf::Reader<Bytes>>), TableError> {
    let failed = |error| failure(path, error, 0);
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(bytes.reader());
    let header = reader.headers().map_err(failed)?;
    Ok((header_names(path, header)?, reader))
}

/// The names in a header.
pub(super) fn header_names(path: &Path, header: &StringRecord) -> Result<Vec<String>, TableError> {
    // Spreadsheets write a byte-order mark before the first name.
    let names: Vec<String> = header.iter().map(|name| name.trim_start_matches('\u{feff}').into()).collect();
    if let [one] = &names[..]
        && let Some(found) = one.chars().find(|c| matches!(c, ';' | '\t' | '|'))
    {
        return Err(TableError::Separator { file: path.to_owned(), found });
    }
    Ok(names)
}

fn failure(path: &Path, error: csv::Error, row: u64) -> TableError {
    let file = path.to_owned();
    match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            TableError::Cells { file, row, got: *len, expected: *expected_len }
        }
        ErrorKind::Utf8 { .. } => TableError::Encoding { file, row },
        _ => TableError::Unreadable { file, why: error.to_string() },
    }
}
