//! Comma-separated values with a header line.

use std::path::Path;

use csv::{ErrorKind, ReaderBuilder, StringRecord, Trim};

use super::{About, Column, TableError, Values};

/// The columns of a file; names are not checked here.
pub(super) fn read(path: &Path) -> Result<Vec<Column>, TableError> {
    let failed = |error, row| failure(path, error, row);
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_path(path).map_err(|e| failed(e, 0))?;
    let header = reader.headers().map_err(|e| failed(e, 0))?.clone();
    let rows: Vec<StringRecord> = reader
        .records()
        .zip(1..)
        .map(|(record, row)| record.map_err(|e| failed(e, row)))
        .collect::<Result<_, _>>()?;
    let column = |(i, name): (usize, &str)| {
        // Every record has as many cells as the header: the reader checks it.
        let cells = || rows.iter().map(move |row| row.get(i).unwrap_or_default());
        let numbers: Option<Vec<f64>> = cells().map(number).collect();
        Column {
            // Spreadsheets write a byte-order mark before the first name.
            about: About::new(name.trim_start_matches('\u{feff}'), "", ""),
            values: numbers.map_or_else(|| Values::labels(cells()), Values::Number),
        }
    };
    Ok(header.iter().enumerate().map(column).collect())
}

/// A cell as a number; NaN if it is missing.
fn number(cell: &str) -> Option<f64> {
    match cell {
        "" | "." | "NA" => Some(f64::NAN),
        _ => cell.parse().ok(),
    }
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
