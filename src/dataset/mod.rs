//! A user's data set: individuals with their own doses, times and covariates, in NONMEM's columns.
//!
//! A first pass checks every record and keeps it in a temporary file; what is solved is read back from there, so that
//! memory does not grow with the number of records.

mod cells;
mod error;
mod event;
mod find;
mod ids;
mod items;
mod merge;
mod notices;
mod read;
mod record;
mod second;
mod spool;
mod written;

use std::fs::File;
use std::io;
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
use read::{MOST_SECONDS, OverTime, Read, Reader, not_kept};
use second::{Second, SecondReader};

/// What the column of replicates means.
pub(crate) const REPLICATE_MEANING: &str = "which simulation of the individual this is, from 0";

/// A data set that was checked.
#[derive(Debug)]
pub struct Dataset {
    file: DataFile,
    /// The second table.
    second: Option<DataFile>,
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

/// A file as it was when it was read.
#[derive(Debug, Clone)]
pub struct DataFile {
    /// Where it is.
    pub path: PathBuf,
    /// How many bytes it had.
    pub bytes: u64,
    /// Their SHA-256.
    pub sha256: String,
}

impl DataFile {
    fn read(path: &Path) -> Result<Self, Problem> {
        let hashed = File::open(path).and_then(|opened| Ok((opened.metadata()?.len(), sha256_of(opened)?)));
        let (bytes, sha256) = hashed.map_err(|cause| Problem::new(TableError::unreadable(path, &cause)))?;
        Ok(Self { path: path.to_owned(), bytes, sha256 })
    }
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
        let table = TableRows::open(&data.file.value)?;
        let counted_by = table.counted_by();
        let second = data.covariate_file.as_ref().map(|file| {
            TableRows::open(&file.value)
                .map_err(|problem| Problem { place: Some(cohort.place(&file.span)), ..problem })
        });
        let second = second.transpose()?;
        let mut problems = Vec::new();
        let of_second = second.as_ref().map(TableRows::names);
        let columns = Columns::find(table.names(), of_second, cohort, data, model, &mut problems);
        Problems::none_or(problems, ())?;
        let unit = Unit::parse(&model.metadata.time_unit);
        let to_model_time = data.time_unit.as_ref().and_then(|own| own.value.to(&unit));
        let seconds = data.time_unit.as_ref().map_or(&unit, |own| &own.value).dimension().number();
        let times = (to_model_time.unwrap_or(Conversion::NONE), MOST_SECONDS / seconds);
        let file = DataFile::read(&data.file.value)?;
        let mut over_time = OverTime { interpolation: data.covariates, second: None };
        let second = match second {
            Some(table) => {
                let (file, read) = Self::second(table, data, &columns, times)?;
                over_time.second = read;
                file
            }
            None => None,
        };
        let mut rows = table.rows(columns.taken.wanted.clone())?;
        let reader = Reader::new(&file.path, counted_by, &columns, model, times, &mut over_time);
        let read = reader.read(&mut rows)?;
        let notices = notices::notices(&file.path, &columns, over_time.second.as_ref(), model, place);
        let dataset = Self {
            file,
            second,
            counted_by,
            interpolation: data.covariates,
            replicates: data.replicates,
            columns,
            read,
            labels: None,
            notices,
        };
        let labels = if dataset.read.has_whole_ids { None } else { Some(dataset.ids()?.into()) };
        Ok(Self { labels, ..dataset })
    }

    /// Reads the second table.
    fn second(
        table: TableRows,
        data: &Data,
        columns: &Columns,
        (to_model_time, most_time): (Conversion, f64),
    ) -> Result<(Option<DataFile>, Option<Second>), Problems> {
        let (Some(of_second), Some(path)) = (&columns.second, &data.covariate_file) else {
            return Ok((None, None));
        };
        let (file, counted_by) = (DataFile::read(&path.value)?, table.counted_by());
        let mut rows = table.rows(of_second.taken.wanted.clone())?;
        let columns = (columns, of_second);
        let reader = SecondReader::new(&path.value, counted_by, columns, to_model_time, most_time);
        Ok((Some(file), Some(reader.read(&mut rows)?)))
    }

    /// The file.
    pub fn file(&self) -> &DataFile {
        &self.file
    }

    /// The second table, if there is one.
    pub fn second_file(&self) -> Option<&DataFile> {
        self.second.as_ref()
    }

    /// How many individuals there are.
    pub fn individuals(&self) -> usize {
        self.read.spool.subjects()
    }

    /// The individuals' IDs, in the order of the file.
    ///
    /// # Errors
    /// The temporary file cannot be read.
    pub fn ids(&self) -> Result<Vec<String>, Problem> {
        let mut ids = Vec::with_capacity(self.individuals());
        let read = self.read.spool.each(|subject| ids.push(subject.id.clone()));
        read.map_err(|error| not_kept(&error))?;
        Ok(ids)
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
        self.individuals() as u64 * u64::from(self.replicates)
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

    /// What covariates are at the first records of some individuals, as the files have them, and of all at the least and
    /// at the most.
    pub(crate) fn some_first(&self) -> impl Iterator<Item = (&str, &[f64])> {
        self.covariates().zip(self.read.some_first.iter().map(Vec::as_slice))
    }

    /// The ID of an individual in whom a covariate changes from record to record.
    pub fn changes_in(&self, covariate: &str) -> Option<&str> {
        let position = self.covariates().position(|name| name == covariate)?;
        self.read.changing[position].as_deref()
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

    /// Where a random effect, by its position among the model's, is among those that individuals are given.
    pub(crate) fn given_effect(&self, effect: usize) -> Option<usize> {
        self.columns.effects.iter().position(|&(given, _)| given == effect)
    }

    /// The column of IDs of some individuals, each with its position: whole numbers, or labels.
    pub(crate) fn id_column<'a>(&self, individuals: impl Iterator<Item = (usize, &'a Subject)>) -> Column {
        let values = match &self.labels {
            None => Values::Integer(individuals.map(|(_, subject)| subject.id.parse().ok()).collect()),
            Some(labels) => {
                let codes = individuals.map(|(individual, _)| Some(individual as u32)).collect();
                Values::Label { codes, labels: Arc::clone(labels) }
            }
        };
        Column { meta: ColumnMeta::new(columns::ID, "ID of the individual in the data set", ""), values }
    }

    /// Who consecutive patients are.
    pub(crate) fn columns_of<'a>(
        &self,
        first: u64,
        subjects: impl Iterator<Item = &'a Subject> + Clone,
    ) -> [Column; 2] {
        let patients = || (first..).zip(subjects.clone()).map(|(patient, of)| (self.of_patient(patient), of));
        let id = self.id_column(patients().map(|((individual, _), of)| (individual, of)));
        let replicate = patients().map(|((_, replicate), _)| Some(i64::from(replicate))).collect();
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
        read.map_err(|error: io::Error| DatasetError::not_kept(&error))
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
