//! Data files with several records of a patient, where a row should be a patient.

use std::collections::HashMap;

use super::error::PopulationError;
use crate::cohort::{self, RepeatedIds};
use crate::table::{Column, TableFile, Values};

/// Names of columns that say whose record a row is, in small letters and digits alone.
const IDS: [&str; 22] = [
    "id",
    "subjid",
    "usubjid",
    "subj",
    "subject",
    "subjectid",
    "subjectnumber",
    "patient",
    "patientid",
    "patientnumber",
    "patid",
    "pat",
    "pid",
    "ptid",
    "participant",
    "participantid",
    "patno",
    "ptno",
    "pt",
    "subjectno",
    "recordid",
    "mrn",
];

/// Whether a column says whose record a row is, by its name.
pub(super) fn is_id(name: &str) -> bool {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    IDS.contains(&letters.flat_map(char::to_lowercase).collect::<String>().as_str())
}

/// The rows of a table, from 0, that are patients: all of them, or the first of each that has several.
///
/// # Errors
/// Several rows of one patient of which the cohort file does not say what they are; no column that says
/// whose they are where it does.
pub(super) fn patients(
    source: &cohort::Rows,
    table: &TableFile,
    rows: usize,
) -> Result<Vec<usize>, PopulationError> {
    let file = &source.file.value;
    // A column of an odd type, that is not asked for, says nothing.
    let ids = table.columns(is_id).unwrap_or_default();
    let owners = ids.columns.iter().map(|column| (column, first_rows(column)));
    // Of study, site and subject, the finest.
    let finest = owners.max_by_key(|(_, first)| first.len());
    match (finest, source.repeated_ids) {
        (None, Some(_)) => Err(PopulationError::NoIds { file: file.clone() }),
        (Some((column, first)), None) if first.len() < rows => {
            let [row, again] = repeated(column, &first);
            let (column, id) = (column.meta.name.clone(), written(column, row));
            let patients = first.len();
            let rows_of_id = [row + 1, again + 1];
            Err(PopulationError::RepeatedIds { file: file.clone(), column, id, rows, patients, rows_of_id })
        }
        (Some((_, first)), Some(RepeatedIds::FirstRow)) => Ok(first),
        _ => Ok((0..rows).collect()),
    }
}

/// The first row of each value, in order.
fn first_rows(column: &Column) -> Vec<usize> {
    let mut first: HashMap<u64, usize> = HashMap::new();
    for (row, value) in column.values.numbers().iter().enumerate() {
        first.entry(value.to_bits()).or_insert(row);
    }
    let mut rows: Vec<usize> = first.into_values().collect();
    rows.sort_unstable();
    rows
}

/// The first row that repeats another, behind that one.
fn repeated(column: &Column, first: &[usize]) -> [usize; 2] {
    let values = column.values.numbers();
    let again = (0..values.len()).find(|row| first.binary_search(row).is_err()).unwrap_or(0);
    let row = values.iter().position(|value| value.to_bits() == values[again].to_bits());
    [row.unwrap_or(0), again]
}

fn written(column: &Column, row: usize) -> String {
    match &column.values {
        Values::Label { codes, labels } => {
            codes[row].map_or_else(String::new, |code| labels[code as usize].clone())
        }
        values => values.numbers()[row].to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_ids_by_their_names() {
        assert!(
            ["ID", "id", "SUBJID", "USUBJID", "Subject ID", "patient_id", "Patient", "#ID"]
                .into_iter()
                .all(is_id)
        );
        assert!(!["WT", "SEX", "IDS", "SITE", "DOSE"].into_iter().any(is_id));
    }
}
