//! What is summarised of the outcomes, column by column, on its way from the engine to the statistics: in memory while it
//! is little, and else in temporary files, so that no part is read back from Parquet that this process has written.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;
use tempfile::SpooledTempFile;

use super::error::StoreError;
use super::outcomes::{Outcomes, of_arms};
use super::parts::Part;
use crate::cohort::columns::STATUS;
use crate::engine::Status;
use crate::outcome::distribution::{Block, Endpoint, EndpointKind, FAILED, Grouping, Source};
use crate::sync::lock;
use crate::table::{LazyColumn, LazyTable, Values};

/// Bytes that are kept in memory before there are files.
const IN_MEMORY: usize = 32 << 20;
/// Files at most: columns take turns in them.
const FILES: usize = 64;
/// Patients that are read back at a time: what is read of a column stays near the processor.
const BLOCK_PATIENTS: usize = 4_096;

/// The bytes that stand for those without a value, and for those who did not reach the end, where values are small whole
/// numbers: flags, grades, labels.
const SMALL: [u8; 2] = [u8::MAX - 1, u8::MAX];

/// The summarised columns of patients, in any order of batches.
#[derive(Debug)]
pub struct Spool {
    /// Where the files are.
    folder: PathBuf,
    arms: usize,
    endpoints: Vec<Endpoint>,
    groupings: Vec<Grouping>,
    files: Vec<Mutex<SpooledTempFile>>,
    /// By their first patient.
    batches: BTreeMap<u64, Batch>,
}

/// Consecutive patients.
#[derive(Debug)]
struct Batch {
    patients: usize,
    /// Where each column of the outcomes is in its file, and behind them each of levels.
    columns: Vec<Pieces>,
}

/// Where bytes of a column are in its file, in order: what is appended to one without a break is one piece.
#[derive(Debug, Default)]
struct Pieces(Vec<Piece>);

#[derive(Debug)]
struct Piece {
    start: u64,
    bytes: usize,
}

/// Some patients of a batch in a spool.
#[derive(Debug, Clone)]
pub struct Spooled<'a> {
    spool: &'a Spool,
    batch: &'a Batch,
    /// Which, from the first of the batch.
    patients: Range<usize>,
}

/// Patients on their way into a spool.
#[derive(Debug)]
pub struct Spooling<'a> {
    spool: &'a Spool,
    patients: usize,
    /// Who did not reach the end, `[patient][arm]`.
    failed: Vec<bool>,
    columns: Vec<Mutex<Pieces>>,
    /// What went wrong first.
    error: Mutex<Option<StoreError>>,
}

/// Patients whose columns are in the files of a spool.
#[derive(Debug)]
pub struct Added(Batch);

impl Spool {
    /// Of a run in a folder, in which its files are while it is there: nobody sees them.
    pub fn new(folder: &Path, arms: usize, endpoints: Vec<Endpoint>, groupings: Vec<Grouping>) -> Self {
        let files = FILES.min(endpoints.len() + groupings.len());
        let file = |_| Mutex::new(SpooledTempFile::new_in(IN_MEMORY / FILES, folder));
        let files = (0..files).map(file).collect();
        Self { folder: folder.to_owned(), arms, endpoints, groupings, files, batches: BTreeMap::new() }
    }

    /// Begins to add consecutive patients: their subgroups, and who reached the end, from the tables that say it. The
    /// columns of the outcomes are [seen](Spooling::of) while they are written.
    ///
    /// # Errors
    /// [`StoreError::NoColumn`] if a table lacks a column.
    pub fn adding(
        &self,
        patients: &LazyTable<'_>,
        outcomes: &LazyTable<'_>,
    ) -> Result<Spooling<'_>, StoreError> {
        let adding = self.adding_of(patients.rows, failed(outcomes)?);
        for (column, grouping) in (self.endpoints.len()..).zip(&self.groupings) {
            adding.append(column, &bytes_of(levels(patients, grouping)?));
        }
        Ok(adding)
    }

    /// Adds the patients from this one on, once all of their columns were seen.
    pub fn add(&mut self, first: u64, added: Added) {
        self.batches.insert(first, added.0);
    }

    fn adding_of(&self, patients: usize, failed: Vec<bool>) -> Spooling<'_> {
        let columns = (0..self.endpoints.len() + self.groupings.len()).map(|_| Mutex::default()).collect();
        Spooling { spool: self, patients, failed, columns, error: Mutex::default() }
    }

    /// Adds the parts of a run that are not there yet, from its files.
    ///
    /// # Errors
    /// [`StoreError`] if a file cannot be read, or does not hold every patient of its part once in every arm.
    pub fn complete(&mut self, run: &Path, arms: &[String], parts: &[Part]) -> Result<(), StoreError> {
        let missing: Vec<Part> = parts.iter().filter(|part| !self.holds(part)).cloned().collect();
        let outcomes = Outcomes::open(run, arms, &missing)?;
        for (part, block) in missing.iter().zip(outcomes.blocks()) {
            // What is there of a part that was not finished.
            self.batches.retain(|first, _| !part.patients.contains(first));
            self.add_block(part.patients.start, &block?)?;
        }
        Ok(())
    }

    /// Whether all patients of a part are there.
    fn holds(&self, part: &Part) -> bool {
        let batches = self.batches.range(part.patients.clone());
        batches.map(|(_, batch)| batch.patients as u64).sum::<u64>() == part.count()
    }

    fn add_block(&mut self, first: u64, block: &impl Block<Error = StoreError>) -> Result<(), StoreError> {
        // Their values say who did not reach the end.
        let adding = self.adding_of(block.patients(), Vec::new());
        self.endpoints.par_iter().enumerate().try_for_each(|(column, endpoint)| {
            let values = block.values(endpoint, 0..self.arms)?;
            adding.append(column, &encoded(values.into_iter(), is_small(endpoint)));
            Ok(())
        })?;
        for (column, grouping) in (self.endpoints.len()..).zip(&self.groupings) {
            adding.append(column, &bytes_of(block.levels(grouping)?));
        }
        let added = adding.end()?;
        self.add(first, added);
        Ok(())
    }

    fn file(&self, column: usize) -> MutexGuard<'_, SpooledTempFile> {
        lock(&self.files[column % self.files.len()])
    }

    /// Bytes of a column in a batch.
    fn read(&self, batch: &Batch, column: usize, bytes: Range<usize>) -> Result<Vec<u8>, StoreError> {
        let mut read = vec![0; bytes.len()];
        let mut file = self.file(column);
        let mut into = &mut read[..];
        let mut before = 0;
        for Piece { start, bytes: length } in &batch.columns[column].0 {
            let (from, to) = (bytes.start.max(before), bytes.end.min(before + length));
            if from < to {
                let (these, others) = into.split_at_mut(to - from);
                let there = file.seek(SeekFrom::Start(start + (from - before) as u64));
                let there = there.and_then(|_| file.read_exact(these));
                there.map_err(|cause| StoreError::read(&self.folder, cause))?;
                into = others;
            }
            before += length;
        }
        Ok(read)
    }
}

impl Spooling<'_> {
    /// What sees the columns of a table with outcomes: the position of each, which rows, and their values, of all rows
    /// in order.
    pub fn of(&self, table: &LazyTable<'_>) -> impl Fn(usize, Range<usize>, &Values) + Sync {
        let endpoints = &self.spool.endpoints;
        let of_column =
            |column: &LazyColumn<'_>| endpoints.iter().position(|known| known.meta.name == column.meta.name);
        let of_columns: Vec<Option<usize>> = table.columns.iter().map(of_column).collect();
        move |column, rows, values| {
            if let Some(column) = of_columns[column] {
                let failed = &self.failed[rows];
                self.append(column, &encoded_of(values, failed, is_small(&endpoints[column])));
            }
        }
    }

    /// What was added.
    ///
    /// # Errors
    /// [`StoreError::Write`] if the disk failed; [`StoreError::NoColumn`] if a column was not seen of every patient.
    pub fn end(self) -> Result<Added, StoreError> {
        let Self { spool, patients, columns, error, .. } = self;
        if let Some(error) = into_inner(error) {
            return Err(error);
        }
        let columns: Vec<Pieces> = columns.into_iter().map(into_inner).collect();
        let (of_endpoints, of_levels) = columns.split_at(spool.endpoints.len());
        for (endpoint, pieces) in spool.endpoints.iter().zip(of_endpoints) {
            if pieces.bytes() != patients * spool.bytes_of_patient(endpoint) {
                return Err(spool.lacks(&endpoint.meta.name));
            }
        }
        for (grouping, pieces) in spool.groupings.iter().zip(of_levels) {
            if pieces.bytes() != patients * size_of::<u32>() {
                return Err(spool.lacks(&grouping.column));
            }
        }
        Ok(Added(Batch { patients, columns }))
    }

    /// Appends bytes to a column. What goes wrong is said at the end.
    fn append(&self, column: usize, bytes: &[u8]) {
        let mut file = self.spool.file(column);
        let written = file.seek(SeekFrom::End(0)).and_then(|start| file.write_all(bytes).map(|()| start));
        match written {
            Ok(start) => lock(&self.columns[column]).add(Piece { start, bytes: bytes.len() }),
            Err(cause) => {
                let error = || StoreError::write(&self.spool.folder, cause);
                lock(&self.error).get_or_insert_with(error);
            }
        }
    }
}

impl Pieces {
    fn bytes(&self) -> usize {
        self.0.iter().map(|piece| piece.bytes).sum()
    }

    fn add(&mut self, piece: Piece) {
        match self.0.last_mut() {
            Some(last) if last.start + last.bytes as u64 == piece.start => last.bytes += piece.bytes,
            _ => self.0.push(piece),
        }
    }
}

impl Source for Spool {
    type Block<'a> = Spooled<'a>;
    type Error = StoreError;

    fn patients(&self) -> usize {
        self.batches.values().map(|batch| batch.patients).sum()
    }

    fn blocks(&self) -> impl Iterator<Item = Result<Spooled<'_>, StoreError>> {
        self.batches.values().flat_map(move |batch| {
            let starts = (0..batch.patients).step_by(BLOCK_PATIENTS);
            let patients = starts.map(|first| first..batch.patients.min(first + BLOCK_PATIENTS));
            patients.map(move |patients| Ok(Spooled { spool: self, batch, patients }))
        })
    }
}

impl Block for Spooled<'_> {
    type Error = StoreError;

    fn patients(&self) -> usize {
        self.patients.len()
    }

    fn levels(&self, grouping: &Grouping) -> Result<Vec<u32>, StoreError> {
        let Self { spool, batch, patients } = self;
        let position = spool.groupings.iter().position(|known| known == grouping);
        let column = spool.endpoints.len() + position.ok_or_else(|| spool.lacks(&grouping.column))?;
        let bytes = spool.read(batch, column, 4 * patients.start..4 * patients.end)?;
        Ok(bytes.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect())
    }

    fn values(&self, endpoint: &Endpoint, arms: Range<usize>) -> Result<Vec<f64>, StoreError> {
        let Self { spool, batch, patients } = self;
        let position = spool.endpoints.iter().position(|known| known.meta.name == endpoint.meta.name);
        let column = position.ok_or_else(|| spool.lacks(&endpoint.meta.name))?;
        let endpoint = &spool.endpoints[column];
        let of_patient = spool.bytes_of_patient(endpoint);
        let bytes = of_patient * patients.start..of_patient * patients.end;
        let values = decoded(&spool.read(batch, column, bytes)?, is_small(endpoint));
        Ok(of_arms(values, spool.arms, arms))
    }
}

impl Spool {
    /// Bytes of a column with the values of a patient in every arm.
    fn bytes_of_patient(&self, endpoint: &Endpoint) -> usize {
        self.arms * if is_small(endpoint) { 1 } else { size_of::<f64>() }
    }

    fn lacks(&self, column: &str) -> StoreError {
        StoreError::NoColumn { path: self.folder.clone(), column: column.to_owned() }
    }
}

/// Whether the values of an endpoint are few whole numbers, for which a byte is enough.
fn is_small(endpoint: &Endpoint) -> bool {
    match &endpoint.kind {
        EndpointKind::Number | EndpointKind::FirstTime => false,
        EndpointKind::Flag | EndpointKind::FlagAmong(_) | EndpointKind::Grade => true,
        EndpointKind::Label(labels) => labels.len() < SMALL[0].into(),
    }
}

/// The values of some rows, of which some are of those who did not reach the end.
fn encoded_of(values: &Values, failed: &[bool], is_small: bool) -> Vec<u8> {
    let known = |(value, &failed): (f64, &bool)| if failed { FAILED } else { value };
    let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
    match values {
        Values::Number(values) => encoded(values.iter().copied().zip(failed).map(known), is_small),
        Values::Integer(values) => {
            let numbers = values.iter().map(|value| number(value.map(|value| value as f64)));
            encoded(numbers.zip(failed).map(known), is_small)
        }
        Values::Flag(values) => {
            let numbers = values.iter().map(|value| number(value.map(f64::from)));
            encoded(numbers.zip(failed).map(known), is_small)
        }
        Values::Label { codes, .. } => {
            let numbers = codes.iter().map(|code| number(code.map(f64::from)));
            encoded(numbers.zip(failed).map(known), is_small)
        }
    }
}

fn encoded(values: impl ExactSizeIterator<Item = f64>, is_small: bool) -> Vec<u8> {
    if !is_small {
        let mut bytes = vec![0; 8 * values.len()];
        let chunks = bytes.as_chunks_mut().0.iter_mut();
        chunks.zip(values).for_each(|(bytes, value)| *bytes = value.to_le_bytes());
        return bytes;
    }
    let byte = |value: f64| match value.is_nan() {
        true => SMALL[usize::from(value.to_bits() == FAILED.to_bits())],
        // From the highest grade on no difference is made.
        false => (value as u8).min(SMALL[0] - 1),
    };
    values.map(byte).collect()
}

fn bytes_of(levels: Vec<u32>) -> Vec<u8> {
    levels.into_iter().flat_map(u32::to_le_bytes).collect()
}

fn decoded(bytes: &[u8], is_small: bool) -> Vec<f64> {
    if !is_small {
        return bytes.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
    }
    let [missing, failed] = SMALL;
    let value = |&byte: &u8| match byte {
        _ if byte == missing => f64::NAN,
        _ if byte == failed => FAILED,
        small => f64::from(small),
    };
    bytes.iter().map(value).collect()
}

/// Who did not reach the end.
fn failed(outcomes: &LazyTable<'_>) -> Result<Vec<bool>, StoreError> {
    match outcomes.column(STATUS).map(|status| status.values(0..outcomes.rows)) {
        Some(Values::Label { codes, .. }) => {
            Ok(codes.into_iter().map(|code| code != Some(Status::Ok as u32)).collect())
        }
        _ => Err(no_column(STATUS)),
    }
}

/// The position of each patient's level; past the last if there is none.
fn levels(patients: &LazyTable<'_>, grouping: &Grouping) -> Result<Vec<u32>, StoreError> {
    let none = grouping.levels.len() as u32;
    match patients.column(&grouping.column).map(|column| column.values(0..patients.rows)) {
        Some(Values::Label { codes, .. }) => Ok(codes.into_iter().map(|code| code.unwrap_or(none)).collect()),
        _ => Err(no_column(&grouping.column)),
    }
}

fn into_inner<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn no_column(name: &str) -> StoreError {
    StoreError::NoColumn { path: PathBuf::new(), column: name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::distribution::Endpoint;
    use crate::table::ColumnMeta;

    /// More columns than files, of two batches, the later patients first, seen in windows of which some are cut.
    #[test]
    fn what_is_seen_is_read_back() -> Result<(), StoreError> {
        let (arms, columns) = (2, FILES + 3);
        let meta = |name: String| ColumnMeta::new(name, "", "");
        let kind = |column| if column % 3 == 0 { EndpointKind::Grade } else { EndpointKind::Number };
        let endpoint = |column| Endpoint { meta: meta(format!("column_{column}")), kind: kind(column) };
        let endpoints: Vec<Endpoint> = (0..columns).map(endpoint).collect();
        let mut spool = Spool::new(&std::env::temp_dir(), arms, endpoints.clone(), Vec::new());
        let value = |first: usize, column: usize, row: usize| ((first + column + row) % 5) as f64;
        let status_of = |row: usize| if row % 7 == 3 { 1 } else { Status::Ok as u32 };
        for (first, patients) in [(100, BLOCK_PATIENTS + 1), (0, 100)] {
            let number = |(column, of): (usize, &Endpoint)| {
                LazyColumn::numbers(of.meta.clone(), move |row| value(first, column, row))
            };
            let labels = ["ok".to_owned(), "failed".to_owned()].into();
            let status = LazyColumn::labels(meta(STATUS.into()), labels, move |row| Some(status_of(row)));
            let of_endpoints = endpoints.iter().enumerate().map(number);
            let outcomes =
                LazyTable { rows: arms * patients, columns: of_endpoints.chain([status]).collect() };
            let adding = spool.adding(&LazyTable { rows: patients, columns: Vec::new() }, &outcomes)?;
            let seen = adding.of(&outcomes);
            for window in [0..10, 10..outcomes.rows] {
                let columns = outcomes.columns.iter().enumerate();
                columns.for_each(|(i, column)| seen(i, window.clone(), &column.values(window.clone())));
            }
            drop(seen);
            let added = adding.end()?;
            spool.add(first as u64, added);
        }
        for (column, endpoint) in endpoints.iter().enumerate() {
            let read =
                spool.blocks().map(|block| block?.values(endpoint, 1..2)).collect::<Result<Vec<_>, _>>()?;
            let expected = [(0, 100), (100, BLOCK_PATIENTS + 1)].into_iter().flat_map(|(first, patients)| {
                let rows = (0..patients).map(move |patient| arms * patient + 1);
                rows.map(move |row| if status_of(row) == 0 { value(first, column, row) } else { FAILED })
            });
            let bits = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect::<Vec<_>>();
            assert_eq!(bits(read.concat()), bits(expected.collect()), "column {column}");
        }
        Ok(())
    }
}
