//! The outcomes of a run read back by their columns of patients and arms, whatever the order of the rows.

use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;

use super::error::StoreError;
use super::folder::Set;
use super::parts::{Part, patients};
use super::read::{Footer, Matches, STATUS_OK, labels, numbers, positions};
use super::records::part_file;
use crate::cohort::ExposureResponse;
use crate::cohort::columns::{ARM, PATIENT, STATUS};
use crate::outcome::distribution::{self, Endpoint, EndpointKind, Grouping, Sample};
use crate::outcome::exposure_response;
use crate::table::Table;

/// The outcomes of a run: every patient once in every arm.
#[derive(Debug)]
pub struct Outcomes {
    arms: Vec<String>,
    patients: usize,
    parts: Vec<Rows>,
    /// Whether the patient reached the end, `[patient][arm]`.
    finished: Vec<bool>,
}

impl Outcomes {
    /// Opens the parts of a run with these arms. Patients are numbered from 0 in order of the parts.
    ///
    /// # Errors
    /// [`StoreError`] if a file cannot be read, or does not hold every patient of its part once in every arm.
    pub fn open(run: &Path, arms: &[String], parts: &[Part]) -> Result<Self, StoreError> {
        let patients = patients(parts) as usize;
        let mut outcomes = Self { arms: arms.to_vec(), patients, parts: Vec::new(), finished: Vec::new() };
        for part in parts {
            let path = run.join(part_file(Set::Outcomes.name(), part.number));
            let (rows, finished) = Rows::open(path, part, arms, outcomes.finished.len())?;
            outcomes.parts.push(rows);
            outcomes.finished.extend(finished);
        }
        Ok(outcomes)
    }

    /// How many patients there are.
    pub fn patients(&self) -> usize {
        self.patients
    }

    /// Names of the columns.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().take(1).flat_map(|part| part.footer.columns())
    }

    /// A column of numbers, integers or flags (1 and 0), `[patient][arm]`; NaN is missing. Patients who did
    /// not reach the end are in it.
    ///
    /// # Errors
    /// [`StoreError`] if a file cannot be read, lacks the column, or holds labels in it.
    pub fn column(&self, name: &str) -> Result<Vec<f64>, StoreError> {
        let mut column = vec![f64::NAN; self.finished.len()];
        for part in &self.parts {
            part.scan(&[name], |batch, places| {
                let values = numbers(&part.footer.file, batch, name)?;
                places.zip(values).for_each(|(place, value)| column[place] = value);
                Ok(())
            })?;
        }
        Ok(column)
    }

    /// An endpoint in each arm, `[arm][patient]`.
    ///
    /// # Errors
    /// [`StoreError`] if a file cannot be read or lacks a column.
    pub fn samples(&self, endpoint: &Endpoint) -> Result<Vec<Sample>, StoreError> {
        self.arms.iter().map(|arm| self.sample(arm, endpoint)).collect()
    }

    /// The distributions of endpoints in each arm. One endpoint of one arm is in memory at a time.
    ///
    /// # Errors
    /// [`StoreError`] if a file cannot be read or lacks a column.
    pub fn distributions(&self, endpoints: &[Endpoint], groupings: &[Grouping]) -> Result<Table, StoreError> {
        let sample = |arm: &str, endpoint: &Endpoint| self.sample(arm, endpoint);
        distribution::distributions(&self.arms, endpoints, groupings, sample)
    }

    /// Outcomes against exposures. One pair of columns is in memory at a time.
    ///
    /// # Errors
    /// [`StoreError`] if a file cannot be read or lacks a column.
    pub fn exposure_response(
        &self,
        endpoints: &[Endpoint],
        entries: &[ExposureResponse],
    ) -> Result<Table, StoreError> {
        let sample = |arm: &str, endpoint: &Endpoint| self.sample(arm, endpoint);
        exposure_response::exposure_response(entries, &self.arms, endpoints, sample)
    }

    /// An endpoint of one arm, by patient; of an arm that there is not, nothing.
    fn sample(&self, arm: &str, endpoint: &Endpoint) -> Result<Sample, StoreError> {
        let arms = self.arms.len();
        let Some(arm) = self.arms.iter().position(|known| known == arm) else { return Ok(Sample::default()) };
        let among = match &endpoint.kind {
            EndpointKind::FlagAmong(other) => Some(other.as_str()),
            _ => None,
        };
        let columns: Vec<&str> = [endpoint.about.name.as_str()].into_iter().chain(among).collect();
        let mut sample = Sample {
            values: vec![f64::NAN; self.patients],
            finished: self.finished.iter().skip(arm).step_by(arms).copied().collect(),
            among: among.map_or_else(Vec::new, |_| vec![false; self.patients]),
        };
        for part in &self.parts {
            part.scan(&columns, |batch, places| {
                let file = &part.footer.file;
                let values = values(file, batch, endpoint)?;
                let among = among.map(|among| numbers(file, batch, among)).transpose()?;
                for (row, place) in places.enumerate().filter(|(_, place)| place % arms == arm) {
                    sample.values[place / arms] = values[row];
                    if let Some(among) = &among {
                        sample.among[place / arms] = among[row] == 1.0;
                    }
                }
                Ok(())
            })?;
        }
        Ok(sample)
    }
}

/// How a column of labels divides the patients, from the parts of the `patients` set; by patient, as in
/// [`Outcomes`].
///
/// # Errors
/// [`StoreError`] if a file cannot be read, lacks the column, holds other labels in it, or does not hold every
/// patient of its part once.
pub fn grouping(
    run: &Path,
    parts: &[Part],
    name: &str,
    column: &str,
    levels: &[String],
) -> Result<Grouping, StoreError> {
    let mut of_patient = Vec::new();
    for part in parts {
        let path = run.join(part_file(Set::Patients.name(), part.number));
        let (rows, _) = Rows::open(path, part, &[], of_patient.len())?;
        of_patient.resize(of_patient.len() + part.count() as usize, levels.len() as u32);
        rows.scan(&[column], |batch, places| {
            let found = positions(&rows.footer.file, batch, column, levels)?;
            for (place, level) in places.zip(found) {
                of_patient[place] = level.unwrap_or(levels.len()) as u32;
            }
            Ok(())
        })?;
    }
    Ok(Grouping { name: name.to_owned(), levels: levels.to_vec(), of_patient })
}

/// The rows of a part, and the place of each, `[patient][arm]`, among those of the run.
#[derive(Debug)]
struct Rows {
    footer: Footer,
    /// Place of its first patient.
    first: usize,
    /// The place of each row from there, if they are in another order.
    places: Option<Vec<u32>>,
}

impl Rows {
    /// Opens a part of the outcomes, or of the patients if there are no arms, and tells which rows are of
    /// patients who reached the end, by place.
    fn open(
        path: PathBuf,
        part: &Part,
        arms: &[String],
        first: usize,
    ) -> Result<(Self, Vec<bool>), StoreError> {
        let footer = Footer::read(path)?;
        let file = &footer.file;
        let width = arms.len().max(1);
        let count = part.count() as usize * width;
        let mut places: Vec<u32> = Vec::with_capacity(count);
        let mut seen = vec![false; count];
        let mut finished = vec![false; count];
        let columns: &[&str] = if arms.is_empty() { &[PATIENT] } else { &[PATIENT, ARM, STATUS] };
        footer.scan(columns, |batch| {
            let patients = numbers(file, batch, PATIENT)?;
            let of_arms = (!arms.is_empty()).then(|| positions(file, batch, ARM, arms)).transpose()?;
            let status = (!arms.is_empty()).then(|| labels(file, batch, STATUS)).transpose()?;
            let ok = status.map(|status| Matches::new(status, STATUS_OK));
            for (row, &patient) in patients.iter().enumerate() {
                let arm = of_arms.as_ref().map_or(Some(0), |of_arms| of_arms[row]);
                let place = place(patient, arm, part, width).ok_or_else(|| {
                    StoreError::damaged(file, format!("patient {patient} is none of this part"))
                })?;
                if std::mem::replace(&mut seen[place], true) {
                    let of_arm =
                        arms.get(place % width).map_or(String::new(), |arm| format!(" in arm {arm}"));
                    return Err(StoreError::damaged(
                        file,
                        format!("patient {patient} is there twice{of_arm}"),
                    ));
                }
                finished[place] = ok.as_ref().is_some_and(|ok| ok.at(row));
                places.push(place as u32);
            }
            Ok(())
        })?;
        if places.len() < count {
            let reason = format!("{count} rows were written, and {} are there", places.len());
            return Err(StoreError::damaged(file, reason));
        }
        let in_order = places.iter().enumerate().all(|(row, &place)| row == place as usize);
        Ok((Self { footer, first, places: (!in_order).then_some(places) }, finished))
    }

    /// Gives columns to `each`, batch by batch, with the places of the rows.
    fn scan(
        &self,
        columns: &[&str],
        mut each: impl FnMut(&RecordBatch, &mut dyn Iterator<Item = usize>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut row = 0;
        self.footer.scan(columns, |batch| {
            let rows = row..row + batch.num_rows();
            row = rows.end;
            let place = |row: usize| self.places.as_ref().map_or(row, |places| places[row] as usize);
            each(batch, &mut rows.map(|row| self.first + place(row)))
        })
    }
}

/// The place of a patient and arm in a part; `None` if it is not of it.
fn place(patient: f64, arm: Option<usize>, part: &Part, arms: usize) -> Option<usize> {
    let first = part.patients.start as f64;
    let is_own = patient >= first && patient < part.patients.end as f64;
    arm.filter(|_| is_own).map(|arm| (patient - first) as usize * arms + arm)
}

/// A column as numbers: positions of labels, NaN for what is missing.
fn values(file: &Path, batch: &RecordBatch, endpoint: &Endpoint) -> Result<Vec<f64>, StoreError> {
    let name = &endpoint.about.name;
    let EndpointKind::Label(levels) = &endpoint.kind else { return numbers(file, batch, name) };
    let found = positions(file, batch, name, levels)?;
    Ok(found.into_iter().map(|level| level.map_or(f64::NAN, |level| level as f64)).collect())
}
