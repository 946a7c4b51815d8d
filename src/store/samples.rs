//! Outcomes read back for what is said about all patients: one column of one arm at a time.

use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;

use super::error::StoreError;
use super::read::{ARM, Matches, STATUS, STATUS_OK, labels, numbers, positions, scan};
use crate::cohort::ExposureResponse;
use crate::outcome::distribution::{self, Endpoint, EndpointKind, Grouping, Sample};
use crate::outcome::exposure_response;
use crate::table::Table;

/// The distributions of endpoints in each arm, from the parts of the `outcomes` set in order. One
/// endpoint of one arm is in memory at a time.
///
/// # Errors
/// [`StoreError`] if a file cannot be read or lacks a column.
pub fn distributions(
    outcomes: &[PathBuf],
    arms: &[String],
    endpoints: &[Endpoint],
    groupings: &[Grouping],
) -> Result<Table, StoreError> {
    let read = |arm: &str, endpoint: &Endpoint| read_sample(outcomes, endpoint, arm);
    distribution::distributions(arms, endpoints, groupings, read)
}

/// Outcomes against exposures, from the parts of the `outcomes` set in order. One pair of columns is in
/// memory at a time.
///
/// # Errors
/// [`StoreError`] if a file cannot be read or lacks a column.
pub fn exposure_response(
    outcomes: &[PathBuf],
    arms: &[String],
    endpoints: &[Endpoint],
    entries: &[ExposureResponse],
) -> Result<Table, StoreError> {
    let read = |arm: &str, endpoint: &Endpoint| read_sample(outcomes, endpoint, arm);
    exposure_response::exposure_response(entries, arms, endpoints, read)
}

/// How a column of labels divides the patients, from the parts of the `patients` set in order.
///
/// # Errors
/// [`StoreError`] if a file cannot be read, lacks the column, or holds other labels in it.
pub fn grouping(
    patients: &[PathBuf],
    name: &str,
    column: &str,
    levels: &[String],
) -> Result<Grouping, StoreError> {
    let mut of_patient = Vec::new();
    for file in patients {
        scan(file, &[column], |batch| {
            let found = positions(file, batch, column, levels)?;
            of_patient.extend(found.into_iter().map(|level| level.unwrap_or(levels.len()) as u32));
            Ok(())
        })?;
    }
    Ok(Grouping { name: name.to_owned(), levels: levels.to_vec(), of_patient })
}

/// An endpoint of one arm.
fn read_sample(files: &[PathBuf], endpoint: &Endpoint, arm: &str) -> Result<Sample, StoreError> {
    let among = match &endpoint.kind {
        EndpointKind::FlagAmong(other) => Some(other.as_str()),
        _ => None,
    };
    let columns: Vec<&str> = [ARM, STATUS, &endpoint.about.name].into_iter().chain(among).collect();
    let mut sample = Sample::default();
    for file in files {
        scan(file, &columns, |batch| {
            let in_arm = Matches::new(labels(file, batch, ARM)?, arm);
            let ok = Matches::new(labels(file, batch, STATUS)?, STATUS_OK);
            let rows: Vec<usize> = (0..batch.num_rows()).filter(|&row| in_arm.at(row)).collect();
            let values = values(file, batch, endpoint)?;
            sample.values.extend(rows.iter().map(|&row| values[row]));
            sample.finished.extend(rows.iter().map(|&row| ok.at(row)));
            if let Some(among) = among {
                let among = numbers(file, batch, among)?;
                sample.among.extend(rows.iter().map(|&row| among[row] == 1.0));
            }
            Ok(())
        })?;
    }
    Ok(sample)
}

/// A column as numbers: positions of labels, NaN for what is missing.
fn values(file: &Path, batch: &RecordBatch, endpoint: &Endpoint) -> Result<Vec<f64>, StoreError> {
    let name = &endpoint.about.name;
    let EndpointKind::Label(levels) = &endpoint.kind else { return numbers(file, batch, name) };
    let found = positions(file, batch, name, levels)?;
    Ok(found.into_iter().map(|level| level.map_or(f64::NAN, |level| level as f64)).collect())
}
