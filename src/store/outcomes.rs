//! The outcomes of a run read back by their columns of patients and arms, whatever the order of the rows.

use std::ops::Range;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;

use super::error::StoreError;
use super::parts::{Part, patients};
use super::read::{Footer, Matches, STATUS_OK, labels, numbers, positions};
use super::set::{Set, part_file};
use crate::cohort::ExposureResponse;
use crate::cohort::columns::{ARM, PATIENT, STATUS};
use crate::outcome::distribution::{self, Block, Endpoint, EndpointKind, FAILED, Grouping, Sample, Source};
use crate::outcome::exposure_response;
use crate::table::Table;

/// The outcomes of a run: every patient once in every arm.
#[derive(Debug)]
pub struct Outcomes {
    run: PathBuf,
    arms: Vec<String>,
    parts: Vec<Part>,
    columns: Vec<String>,
}

impl Outcomes {
    /// Opens the parts of a run with these arms. Patients are numbered from 0 in order of the parts.
    ///
    /// # Errors
    /// [`StoreError`] if a file cannot be read, or does not hold every patient of its part once in every arm.
    pub fn open(run: &Path, arms: &[String], parts: &[Part]) -> Result<Self, StoreError> {
        let mut outcomes =
            Self { run: run.into(), arms: arms.to_vec(), parts: parts.to_vec(), columns: Vec::new() };
        for part in parts {
            let rows = Rows::open(run, Set::Outcomes, part, arms)?;
            if outcomes.columns.is_empty() {
                outcomes.columns = rows.footer.columns().map(String::from).collect();
            }
        }
        Ok(outcomes)
    }

    /// How many patients there are.
    pub fn patients(&self) -> usize {
        patients(&self.parts) as usize
    }

    /// Names of the columns.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(String::as_str)
    }

    /// A column of numbers, integers or flags (1 and 0), `[patient][arm]`; NaN is missing. Patients who did
    /// not reach the end are in it.
    ///
    /// # Errors
    /// [`StoreError`] if a file cannot be read, lacks the column, or holds labels in it.
    pub fn column(&self, name: &str) -> Result<Vec<f64>, StoreError> {
        let mut column = Vec::with_capacity(self.patients() * self.arms.len());
        for rows in self.blocks() {
            let rows = rows?;
            column.extend(rows.numbers(name)?);
        }
        Ok(column)
    }

    /// An endpoint in each arm, `[arm][patient]`.
    ///
    /// # Errors
    /// [`StoreError`] if a file cannot be read or lacks a column.
    pub fn samples(&self, endpoint: &Endpoint) -> Result<Vec<Sample>, StoreError> {
        let mut samples = vec![Sample::default(); self.arms.len()];
        for rows in self.blocks() {
            let rows = rows?;
            let values = rows.column(endpoint)?;
            let among = match &endpoint.kind {
                EndpointKind::FlagAmong(name) => rows.numbers(name)?,
                _ => Vec::new(),
            };
            for (arm, sample) in samples.iter_mut().enumerate() {
                sample.values.extend(rows.of_arm(arm, &values));
                sample.finished.extend(rows.of_arm(arm, &rows.finished));
                sample.among.extend(rows.of_arm(arm, &among).map(|flag| flag == 1.0));
            }
        }
        Ok(samples)
    }

    /// The distributions of endpoints in each arm, in a memory that does not grow with the patients.
    ///
    /// # Errors
    /// [`StoreError`] if a file cannot be read or lacks a column.
    pub fn distributions(&self, endpoints: &[Endpoint], groupings: &[Grouping]) -> Result<Table, StoreError> {
        distribution::distributions(&self.arms, endpoints, groupings, self)
    }

    /// Outcomes against exposures, in a memory that does not grow with the patients.
    ///
    /// # Errors
    /// [`StoreError`] if a file cannot be read or lacks a column.
    pub fn exposure_response(
        &self,
        endpoints: &[Endpoint],
        entries: &[ExposureResponse],
    ) -> Result<Table, StoreError> {
        exposure_response::exposure_response(entries, &self.arms, endpoints, self)
    }
}

impl Source for Outcomes {
    type Block<'a> = Rows;
    type Error = StoreError;

    fn patients(&self) -> usize {
        self.patients()
    }

    fn blocks(&self) -> impl Iterator<Item = Result<Rows, StoreError>> {
        self.parts.iter().map(|part| Rows::open(&self.run, Set::Outcomes, part, &self.arms))
    }
}

/// The rows of a part, and the place of each, `[patient][arm]`.
#[derive(Debug)]
pub struct Rows {
    run: PathBuf,
    part: Part,
    footer: Footer,
    /// Arms of a patient; 1 for the patients themselves.
    width: usize,
    /// The place of each row, unless they are in order.
    places: Option<Vec<u32>>,
    /// Whether the patient reached the end, by place.
    finished: Vec<bool>,
}

impl Rows {
    /// Opens a part of the outcomes, or of the patients if there are no arms.
    fn open(run: &Path, set: Set, part: &Part, arms: &[String]) -> Result<Self, StoreError> {
        let footer = Footer::read(run.join(part_file(set.name(), part.number)))?;
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
        let is_in_order = places.iter().zip(0..).all(|(&place, row)| place == row);
        let places = (!is_in_order).then_some(places);
        Ok(Self { run: run.into(), part: part.clone(), footer, width, places, finished })
    }

    /// What `read` makes of a column, by place; `missing` where there is no row.
    fn ordered<T: Copy>(
        &self,
        column: &str,
        missing: T,
        read: impl Fn(&RecordBatch) -> Result<Vec<T>, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.finished.len();
        let mut values = Vec::with_capacity(rows);
        self.footer.scan(&[column], |batch| {
            values.extend(read(batch)?);
            Ok(())
        })?;
        values.resize(rows, missing);
        let Some(places) = &self.places else { return Ok(values) };
        let mut ordered = vec![missing; rows];
        places.iter().zip(values).for_each(|(&place, value)| ordered[place as usize] = value);
        Ok(ordered)
    }
}

impl Rows {
    /// A column of numbers, `[patient][arm]`.
    fn numbers(&self, name: &str) -> Result<Vec<f64>, StoreError> {
        self.ordered(name, f64::NAN, |batch| numbers(&self.footer.file, batch, name))
    }

    /// The column of an endpoint as numbers, positions of labels, `[patient][arm]`.
    fn column(&self, endpoint: &Endpoint) -> Result<Vec<f64>, StoreError> {
        self.ordered(&endpoint.meta.name, f64::NAN, |batch| values(&self.footer.file, batch, endpoint))
    }

    /// What is there of an arm, of all by place.
    fn of_arm<T: Copy>(&self, arm: usize, all: &[T]) -> impl Iterator<Item = T> {
        all.chunks_exact(self.width).map(move |of_patient| of_patient[arm])
    }
}

impl Block for Rows {
    type Error = StoreError;

    fn patients(&self) -> usize {
        self.part.count() as usize
    }

    fn levels(&self, grouping: &Grouping) -> Result<Vec<u32>, StoreError> {
        let patients = Self::open(&self.run, Set::Patients, &self.part, &[])?;
        let none = grouping.levels.len() as u32;
        patients.ordered(&grouping.column, none, |batch| {
            let found = positions(&patients.footer.file, batch, &grouping.column, &grouping.levels)?;
            Ok(found.into_iter().map(|level| level.map_or(none, |level| level as u32)).collect())
        })
    }

    fn values(&self, endpoint: &Endpoint, arms: Range<usize>) -> Result<Vec<f64>, StoreError> {
        let mut values = self.column(endpoint)?;
        let failed = self.finished.iter().zip(&mut values).filter(|(finished, _)| !**finished);
        failed.for_each(|(_, value)| *value = FAILED);
        Ok(of_arms(values, self.width, arms))
    }
}

/// What is there of some arms, of `[patient][arm]` of so many.
pub(super) fn of_arms<T: Copy>(all: Vec<T>, width: usize, arms: Range<usize>) -> Vec<T> {
    if arms.len() == width {
        return all;
    }
    all.chunks_exact(width).flat_map(|of_patient| &of_patient[arms.clone()]).copied().collect()
}

/// The place of a patient and arm in a part; `None` if it is not of it.
fn place(patient: f64, arm: Option<usize>, part: &Part, arms: usize) -> Option<usize> {
    let first = part.patients.start as f64;
    let is_own = patient >= first && patient < part.patients.end as f64;
    arm.filter(|_| is_own).map(|arm| (patient - first) as usize * arms + arm)
}

/// A column as numbers: positions of labels, NaN for what is missing.
fn values(file: &Path, batch: &RecordBatch, endpoint: &Endpoint) -> Result<Vec<f64>, StoreError> {
    let name = &endpoint.meta.name;
    let EndpointKind::Label(levels) = &endpoint.kind else { return numbers(file, batch, name) };
    let found = positions(file, batch, name, levels)?;
    Ok(found.into_iter().map(|level| level.map_or(f64::NAN, |level| level as f64)).collect())
}
