//! What was read of patients, one reading after the other.

use std::path::Path;

use crate::cohort::columns;
use crate::diagnostic::Problems;
use crate::store;
use crate::table::{Table, Values};

use super::source::Source;

/// A patient in an arm at a time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    pub(super) patient: u64,
    /// Position of the arm.
    pub(super) arm: usize,
    /// In the model's unit.
    pub(super) time: f64,
    /// Of the columns that are taken; NaN is missing.
    pub(super) values: Vec<f64>,
}

/// Gives all readings to `each`, those of a batch of rows at a time, in the order of the run.
pub(super) fn readings(
    source: &Source,
    mut each: impl FnMut(Vec<Reading>) -> Result<(), Problems>,
) -> Result<(), Problems> {
    source.files(source.set)?.iter().try_for_each(|file| readings_of(source, file, &mut each))
}

/// Gives the readings of a file to `each`, those of a batch of rows at a time.
pub(super) fn readings_of(
    source: &Source,
    file: &Path,
    mut each: impl FnMut(Vec<Reading>) -> Result<(), Problems>,
) -> Result<(), Problems> {
    let is_data = source.job.sampler.data().is_some();
    let own = [columns::PATIENT, columns::TIME, columns::ARM];
    let own = if is_data { &own[..2] } else { &own[..] };
    let wanted: Vec<&str> = own.iter().copied().chain(source.names()).collect();
    let mut result = Ok(());
    store::scan_tables(file, &wanted, &mut |rows: &Table| {
        if result.is_ok() {
            result = each(of_rows(source, rows, own.len()));
        }
    })?;
    result
}

fn of_rows(source: &Source, rows: &Table, own: usize) -> Vec<Reading> {
    let numbers: Vec<Vec<f64>> = rows.columns.iter().map(|column| column.values.numbers()).collect();
    let arms = if own == 3 { arms(source, &rows.columns[2].values) } else { Vec::new() };
    let reading = |row: usize| Reading {
        patient: numbers[0][row] as u64,
        arm: arms.get(row).copied().unwrap_or(0),
        time: numbers[1][row],
        values: numbers[own..].iter().map(|column| column[row]).collect(),
    };
    (0..rows.rows()).map(reading).collect()
}

/// The position of the arm of each row.
pub(super) fn arms(source: &Source, values: &Values) -> Vec<usize> {
    let Values::Label { codes, labels } = values else { return Vec::new() };
    let known: Vec<usize> = labels
        .iter()
        .map(|label| source.manifest.arms.iter().position(|arm| arm == label).unwrap_or(0))
        .collect();
    codes.iter().map(|code| code.map_or(0, |code| known[code as usize])).collect()
}
