//! A user's data set: individuals with their own doses, times and covariates, in NONMEM's columns.
//!
//! A first pass checks every record and keeps it in a temporary file; what is solved is read back from there, so that
//! memory does not grow with the number of records.

mod error;
mod event;
mod find;
mod items;
mod notices;
mod read;
mod record;
mod spool;
mod written;

use std::env;
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use crate::cohort::Interpolation;
pub use error::{CellError, CellPlace, DatasetError, Fault};
pub use items::Item;
pub use notices::DatasetNotice;
pub use record::{Dose, Event, Input, Record, SteadyState, Subject};

use crate::cohort::{Cohort, Data, columns};
use crate::diagnostic::{Notice, Place, Problem, Problems};
use crate::digest::sha256_of;
use crate::model::Model;
use crate::table::{Column, ColumnMeta, TableError, TableRows, Values};
use crate::unit::{Conversion, Unit};
use find::Columns;
use read::{Read, Reader};

/// What the column of replicates means.
pub(crate) const REPLICATE_MEANING: &str = "which simulation of the individual this is, from 0";

/// A data set that was checked.
#[derive(Debug)]
pub struct Dataset {
    file: PathBuf,
    bytes: u64,
    sha256: String,
    counted_by: &'static str,
    /// What covariates are between records.
    pub interpolation: Interpolation,
    /// How often each individual is simulated.
    pub replicates: u32,
    columns: Columns,
    read: Read,
    /// The IDs, if they are not all whole numbers.
    labels: Option<Arc<[String]>>,
    /// What a user should know of it.
    pub notices: Vec<Notice>,
}

impl Dataset {
    /// Reads and checks the data set of a cohort, if it has one.
    ///
    /// # Errors
    /// Everything that is wrong with it, up to the twentieth faulty record.
    pub fn open(cohort: &Cohort, model: &Model) -> Result<Option<Arc<Self>>, Problems> {
        let Some(data) = &cohort.data else { return Ok(None) };
        let place = cohort.place(&data.file.span);
        let located = |problem: Problem| Problem { place: Some(place.clone()), ..problem };
        Self::read(cohort, data, model, &place).map(|dataset| Some(Arc::new(dataset))).map_err(
            |Problems(found)| {
                let with_place = |problem: Problem| match &problem.place {
                    None => located(problem),
                    Some(_) => problem,
                };
                Problems(found.into_iter().map(with_place).collect())
            },
        )
    }

    fn read(cohort: &Cohort, data: &Data, model: &Model, place: &Place) -> Result<Self, Problems> {
        let file = data.file.value.clone();
        let table = TableRows::open(&file)?;
        let counted_by = table.counted_by();
        let mut problems = Vec::new();
        let columns = Columns::find(table.names(), cohort, data, model, &mut problems);
        let unit = Unit::parse(&model.metadata.time_unit);
        let to_model_time = data.time_unit.as_ref().and_then(|own| own.value.to(&unit));
        let seconds = data.time_unit.as_ref().map_or(&unit, |own| &own.value).dimension().number();
        Problems::none_or(problems, ())?;
        let hashed = File::open(&file).and_then(|opened| Ok((opened.metadata()?.len(), sha256_of(opened)?)));
        let (bytes, sha256) = hashed.map_err(|cause| Problem::new(TableError::unreadable(&file, &cause)))?;
        let mut rows = table.rows(columns.wanted.clone())?;
        let conversion = to_model_time.unwrap_or(Conversion::NONE);
        let reader = Reader::new(file.clone(), counted_by, &columns, model, conversion, seconds);
        let read = reader.read(&mut rows)?;
        let notices = notices::notices(&file, &columns, model, place);
        let is_whole = |id: &String| id.parse::<i64>().is_ok();
        let labels = (!read.ids.iter().all(is_whole)).then(|| read.ids.as_slice().into());
        Ok(Self {
            file,
            bytes,
            sha256,
            counted_by,
            interpolation: data.covariates,
            replicates: data.replicates,
            columns,
            read,
            labels,
            notices,
        })
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// How many bytes the file had when it was read, and their SHA-256.
    pub fn bytes_and_sha256(&self) -> (u64, &str) {
        (self.bytes, &self.sha256)
    }

    /// The individuals' IDs, in the order of the file.
    pub fn ids(&self) -> &[String] {
        &self.read.ids
    }

    /// Whether the file has a column of an item.
    pub fn has(&self, item: Item) -> bool {
        self.columns.item(item).is_some()
    }

    /// What the column of a record's rows means.
    pub(crate) fn row_meaning(&self) -> &'static str {
        match self.counted_by {
            "line" => "line of the record in the data set, its header being the first",
            _ => "row of the record in the data set, from 1",
        }
    }

    /// States that its doses go into, by their positions in the model.
    pub fn dosed(&self) -> impl Iterator<Item = usize> {
        self.read.dosed.iter().copied()
    }

    /// Whether some of its doses enter at a rate that it says.
    pub fn has_rates(&self) -> bool {
        self.read.rates
    }

    /// How many records it has.
    pub fn records(&self) -> u64 {
        self.read.records
    }

    /// Patients that it makes: each individual as often as it is simulated.
    pub fn patients(&self) -> u64 {
        self.ids().len() as u64 * u64::from(self.replicates)
    }

    /// The individual that a patient is, and which of its replicates, from 0.
    pub fn of_patient(&self, patient: u64) -> (usize, u32) {
        let replicates = u64::from(self.replicates);
        ((patient / replicates) as usize, (patient % replicates) as u32)
    }

    /// The shortest and the longest time of any record, model time.
    pub fn times(&self) -> [f64; 2] {
        self.read.times
    }

    /// The longest time from the first record of an individual to another, model time.
    pub fn longest(&self) -> f64 {
        self.read.longest
    }

    /// Names of the covariates of a record, in the order of its values.
    pub fn covariates(&self) -> impl Iterator<Item = &str> {
        self.columns.covariates.iter().map(|covariate| covariate.name.as_str())
    }

    /// The covariates at the first record of each individual, as the file has them.
    pub(crate) fn first_values(&self) -> impl Iterator<Item = (&str, &[f64])> {
        self.covariates().zip(self.read.first.iter().map(Vec::as_slice))
    }

    /// The ID of an individual in whom a covariate changes from record to record.
    pub fn changes_in(&self, covariate: &str) -> Option<&str> {
        let position = self.covariates().position(|name| name == covariate)?;
        self.read.changing[position].map(|individual| self.read.ids[individual].as_str())
    }

    /// Individual parameters that the file gives in the place of what the model computes.
    pub(crate) fn given_parameters(&self) -> Vec<String> {
        let given =
            self.columns.covariates.iter().filter(|covariate| covariate.of == find::Values::Parameter);
        given.map(|covariate| covariate.name.clone()).collect()
    }

    /// Whether a column holds random effects of occasions.
    pub(crate) fn is_effect_of_occasions(&self, name: &str) -> bool {
        let mut columns = self.columns.covariates.iter();
        columns.any(|column| column.name == name && column.of == find::Values::Effect)
    }

    /// A random effect on an occasion of an individual, by its position among the model's, if the file gives it.
    pub(crate) fn effect_on(&self, effect: usize, subject: &Subject, occasion: i64) -> Option<f64> {
        let &(_, value) = self.columns.of_occasions.iter().find(|&&(given, _)| given == effect)?;
        let record = subject.records.iter().find(|record| record.occasion == Some(occasion))?;
        Some(record.values[value])
    }

    /// A random effect of each individual, by its position among the model's, if the file gives it.
    pub(crate) fn effect(&self, effect: usize) -> Option<&[f64]> {
        let position = self.columns.effects.iter().position(|&(given, _)| given == effect)?;
        Some(&self.read.effects[position])
    }

    /// The column of IDs of some individuals: whole numbers, or labels.
    pub(crate) fn id_column(&self, individuals: impl Iterator<Item = usize>) -> Column {
        let values = match &self.labels {
            None => {
                let number = |individual: usize| self.read.ids[individual].parse().ok();
                Values::Integer(individuals.map(number).collect())
            }
            Some(labels) => {
                let codes = individuals.map(|individual| Some(individual as u32)).collect();
                Values::Label { codes, labels: Arc::clone(labels) }
            }
        };
        Column { meta: ColumnMeta::new(columns::ID, "ID of the individual in the data set", ""), values }
    }

    /// Who consecutive patients are.
    pub(crate) fn columns_of(&self, patients: Range<u64>) -> [Column; 2] {
        let id = self.id_column(patients.clone().map(|patient| self.of_patient(patient).0));
        let replicate = patients.map(|patient| Some(i64::from(self.of_patient(patient).1))).collect();
        let meta = ColumnMeta::new(columns::REPLICATE, REPLICATE_MEANING, "");
        [id, Column { meta, values: Values::Integer(replicate) }]
    }

    /// Some of the individuals, by their positions.
    ///
    /// # Errors
    /// The temporary file cannot be read.
    pub fn subjects(&self, range: Range<usize>) -> Result<Vec<Arc<Subject>>, DatasetError> {
        let end = range.end.min(self.read.spool.subjects());
        let read = self.read.spool.read(range.start.min(end)..end);
        read.map_err(|error| DatasetError::NotKept { folder: env::temp_dir(), why: error.to_string() })
    }

    /// The individuals that consecutive patients are, one for each of these.
    ///
    /// # Errors
    /// The temporary file cannot be read.
    pub fn of_patients(&self, patients: Range<u64>) -> Result<Vec<Arc<Subject>>, DatasetError> {
        if patients.is_empty() {
            return Ok(Vec::new());
        }
        let (first, _) = self.of_patient(patients.start);
        let (last, _) = self.of_patient(patients.end - 1);
        let subjects = self.subjects(first..last + 1)?;
        Ok(patients.filter_map(|patient| subjects.get(self.of_patient(patient).0 - first).cloned()).collect())
    }
}
