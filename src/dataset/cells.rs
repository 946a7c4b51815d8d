//! The cells of a table: numbers, IDs and times, and what is wrong with them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::{CellError, CellPlace, Fault};
use crate::diagnostic::Problem;
use crate::table::{Cell, Row};

/// The largest number that is read: sums of its like are finite, in the numbers of a GPU too.
const MOST: f64 = 1e30;

/// What tells the place of a cell.
pub(super) struct Cells {
    file: Arc<PathBuf>,
    pub(super) counted_by: &'static str,
    /// Names of the columns that are read.
    names: Vec<String>,
}

impl Cells {
    pub(super) fn new(file: &Path, counted_by: &'static str, names: &[String]) -> Self {
        Self { file: Arc::new(file.to_owned()), counted_by, names: names.to_vec() }
    }

    pub(super) fn file(&self) -> PathBuf {
        (*self.file).clone()
    }

    /// Whose row it is.
    pub(super) fn id(&self, row: &Row<'_>, column: Option<usize>) -> Result<String, Problem> {
        match column.map_or(Cell::Missing, |column| row.cell(column)) {
            Cell::Missing => Err(self.wrong(row.number, column, Fault::Missing)),
            Cell::Number(number) if !number.is_finite() => {
                Err(self.wrong(row.number, column, Fault::NotFinite(number)))
            }
            Cell::Number(number) => Ok(number.to_string()),
            Cell::Text(text) => Ok(text.to_owned()),
        }
    }

    /// When it is, as the file has it, and no more than so much.
    pub(super) fn time(&self, row: &Row<'_>, column: Option<usize>, most: f64) -> Result<f64, Problem> {
        let time = self.needed(row, column, Fault::Missing)?;
        if time.abs() > most {
            return Err(self.wrong(row.number, column, Fault::TooLarge { value: time, most }));
        }
        Ok(time)
    }

    /// The number of a cell that has one.
    pub(super) fn needed(
        &self,
        row: &Row<'_>,
        column: Option<usize>,
        missing: Fault,
    ) -> Result<f64, Problem> {
        self.number(row, column)?.ok_or_else(|| self.wrong(row.number, column, missing))
    }

    /// The number of a cell; nothing where nothing stands.
    pub(super) fn number(&self, row: &Row<'_>, column: Option<usize>) -> Result<Option<f64>, Problem> {
        let Some(cell) = column.map(|column| row.cell(column)) else { return Ok(None) };
        let fault = match cell {
            Cell::Missing => return Ok(None),
            Cell::Number(number) if !number.is_finite() => Fault::NotFinite(number),
            Cell::Number(value) if value.abs() > MOST => Fault::TooLarge { value, most: MOST },
            Cell::Number(number) => return Ok(Some(number)),
            Cell::Text(text) if is_date_or_time(text) => Fault::DateTime(text.into()),
            Cell::Text(text) => Fault::Text(text.into()),
        };
        Err(self.wrong(row.number, column, fault))
    }

    /// What is wrong with a cell.
    pub(super) fn wrong(&self, row: u64, column: Option<usize>, fault: Fault) -> Problem {
        let column = column.map_or_else(String::new, |column| self.names[column].clone());
        let (file, counted_by) = (Arc::clone(&self.file), self.counted_by);
        Problem::new(CellError { place: CellPlace { file, counted_by, row, column }, fault })
    }
}

/// Whether a text is a date or a time of the day: digits with `:`, `/` or `-` between them.
fn is_date_or_time(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, ':' | '/' | '-' | '.' | ' ' | 'T' | 'Z' | '+');
    let begins = text.starts_with(|c: char| c.is_ascii_digit());
    begins && text.chars().all(is_part) && text[1..].contains([':', '/', '-'])
}
