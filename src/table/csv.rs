//! Comma-separated values with a header line.

use std::fs::File;
use std::path::Path;

use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord, Trim};

use super::{About, Column, TableError, text};

/// The columns that are wanted, as they are named in the file.
pub(super) fn read(path: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<Column>, TableError> {
    let failed = |error, row| failure(path, error, row);
    let (names, mut reader) = open(path)?;
    let rows: Vec<StringRecord> = reader
        .records()
        .zip(1..)
        .map(|(record, row)| record.map_err(|e| failed(e, row)))
        .collect::<Result<_, _>>()?;
    let column = |(i, name): (usize, &String)| {
        // Every record has as many cells as the header: the reader checks it.
        let cells = rows.iter().map(|row| row.get(i).unwrap_or_default());
        Column { about: About::new(name, "", ""), values: text::values(cells) }
    };
    Ok(names.iter().enumerate().filter(|(_, name)| wanted(name)).map(column).collect())
}

/// The names of the columns.
pub(super) fn names(path: &Path) -> Result<Vec<String>, TableError> {
    Ok(open(path)?.0)
}

fn open(path: &Path) -> Result<(Vec<String>, Reader<File>), TableError> {
    let failed = |error| failure(path, error, 0);
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_path(path).map_err(failed)?;
    let header = reader.headers().map_err(failed)?;
    // Spreadsheets write a byte-order mark before the first name.
    let names: Vec<String> = header.iter().map(|name| name.trim_start_matches('\u{feff}').into()).collect();
    if let [one] = &names[..]
        && let Some(found) = one.chars().find(|c| matches!(c, ';' | '\t' | '|'))
    {
        return Err(TableError::Separator { file: path.to_owned(), found });
    }
    Ok((names, reader))
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
