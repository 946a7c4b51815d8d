//! Outcomes read back for what is said about all patients: one column of one arm at a time.

use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;

use super::error::StoreError;
use super::read::{Footer, Matches, STATUS_OK, labels, numbers, positions, scan};
use crate::cohort::ExposureResponse;
use crate::cohort::columns::{ARM, STATUS};
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
    let mut reader = Reader::open(outcomes)?;
    distribution::distributions(arms, endpoints, groupings, |arm, endpoint| reader.sample(arm, endpoint))
}

/// One endpoint in each arm, from the parts of the `outcomes` set in order, `[arm][patient]`.
///
/// # Errors
/// [`StoreError`] if a file cannot be read or lacks a column.
pub fn samples(outcomes: &[PathBuf], arms: &[&str], endpoint: &Endpoint) -> Result<Vec<Sample>, StoreError> {
    let mut reader = Reader::open(outcomes)?;
    arms.iter().map(|arm| reader.sample(arm, endpoint)).collect()
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
    let mut reader = Reader::open(outcomes)?;
    exposure_response::exposure_response(entries, arms, endpoints, |arm, e| reader.sample(arm, e))
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

/// Reads one column of one arm after another.
struct Reader<'a> {
    parts: Vec<Footer<'a>>,
    /// The arm that was read last.
    arm: String,
    /// Of each row in order, whether its patient reached the end; none in other arms.
    finished: Vec<Option<bool>>,
}

impl<'a> Reader<'a> {
    fn open(outcomes: &'a [PathBuf]) -> Result<Self, StoreError> {
        let parts = outcomes.iter().map(|file| Footer::read(file)).collect::<Result<_, _>>()?;
        Ok(Self { parts, arm: String::new(), finished: Vec::new() })
    }

    /// An endpoint of one arm.
    fn sample(&mut self, arm: &str, endpoint: &Endpoint) -> Result<Sample, StoreError> {
        if self.arm != arm {
            self.turn_to(arm)?;
        }
        let among = match &endpoint.kind {
            EndpointKind::FlagAmong(other) => Some(other.as_str()),
            _ => None,
        };
        let columns: Vec<&str> = [endpoint.about.name.as_str()].into_iter().chain(among).collect();
        let mut sample = Sample::default();
        let mut rows = self.finished.iter();
        for part in &self.parts {
            part.scan(&columns, |batch| {
                let values = values(part.file, batch, endpoint)?;
                let among = among.map(|among| numbers(part.file, batch, among)).transpose()?;
                for (row, finished) in rows.by_ref().take(batch.num_rows()).enumerate() {
                    let Some(finished) = finished else { continue };
                    sample.values.push(values[row]);
                    sample.finished.push(*finished);
                    sample.among.extend(among.as_ref().map(|among| among[row] == 1.0));
                }
                Ok(())
            })?;
        }
        Ok(sample)
    }

    /// Finds the rows of an arm.
    fn turn_to(&mut self, arm: &str) -> Result<(), StoreError> {
        self.finished.clear();
        for part in &self.parts {
            part.scan(&[ARM, STATUS], |batch| {
                let in_arm = Matches::new(labels(part.file, batch, ARM)?, arm);
                let ok = Matches::new(labels(part.file, batch, STATUS)?, STATUS_OK);
                let row = |row| in_arm.at(row).then(|| ok.at(row));
                self.finished.extend((0..batch.num_rows()).map(row));
                Ok(())
            })?;
        }
        arm.clone_into(&mut self.arm);
        Ok(())
    }
}

/// A column as numbers: positions of labels, NaN for what is missing.
fn values(file: &Path, batch: &RecordBatch, endpoint: &Endpoint) -> Result<Vec<f64>, StoreError> {
    let name = &endpoint.about.name;
    let EndpointKind::Label(levels) = &endpoint.kind else { return numbers(file, batch, name) };
    let found = positions(file, batch, name, levels)?;
    Ok(found.into_iter().map(|level| level.map_or(f64::NAN, |level| level as f64)).collect())
}
