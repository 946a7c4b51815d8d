//! What is summarised of the outcomes, column by column, on its way from the engine to the statistics: in memory while it
//! is little, and else in temporary files, so that no part is read back from Parquet that this process has written.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rayon::prelude::*;
use tempfile::SpooledTempFile;

use super::error::StoreError;
use super::outcomes::{Outcomes, of_arms};
use super::parts::Part;
use crate::cohort::columns::STATUS;
use crate::engine::Status;
use crate::outcome::distribution::{Block, Endpoint, EndpointKind, FAILED, Grouping, Source};
use crate::sync::lock;
use crate::table::{Table, Values};

/// Bytes that are kept in memory before there are files.
const IN_MEMORY: usize = 32 << 20;
/// Files at most: columns take turns in them.
const FILES: usize = 64;

/// Bytes of what is a small whole number: of a flag, a grade, a label, a level; and what stands for those without one,
/// and for those who did not reach the end.
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
    /// Where each column of the outcomes begins in its file, and behind them each of levels.
    starts: Vec<u64>,
}

/// Patients of a spool.
#[derive(Debug, Clone, Copy)]
pub struct Spooled<'a> {
    spool: &'a Spool,
    batch: &'a Batch,
}

/// The rows that a batch adds to a run.
#[derive(Debug, Clone, Copy)]
pub struct BatchRows<'a> {
    /// Of the patients.
    pub patients: &'a Table,
    /// Tables with the outcomes, of which one has each column.
    pub outcomes: &'a [&'a Table],
}

impl Spool {
    /// Of a run in a folder, in which its files are while it is there: nobody sees them.
    pub fn new(folder: &Path, arms: usize, endpoints: Vec<Endpoint>, groupings: Vec<Grouping>) -> Self {
        let files = FILES.min(endpoints.len() + groupings.len());
        let file = |_| Mutex::new(SpooledTempFile::new_in(IN_MEMORY / FILES, folder));
        let files = (0..files).map(file).collect();
        Self { folder: folder.to_owned(), arms, endpoints, groupings, files, batches: BTreeMap::new() }
    }

    /// Adds the patients of a batch.
    ///
    /// # Errors
    /// [`StoreError::Write`] if the disk fails.
    pub fn add(&mut self, first: u64, rows: &BatchRows<'_>) -> Result<(), StoreError> {
        self.add_block(first, rows.patients.rows(), rows)
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
            self.add_block(part.patients.start, part.count() as usize, &block?)?;
        }
        Ok(())
    }

    /// Whether all patients of a part are there.
    fn holds(&self, part: &Part) -> bool {
        let batches = self.batches.range(part.patients.clone());
        batches.map(|(_, batch)| batch.patients as u64).sum::<u64>() == part.count()
    }

    fn add_block<B>(&mut self, first: u64, patients: usize, block: &B) -> Result<(), StoreError>
    where
        B: Block<Error = StoreError>,
    {
        let of_endpoint = |(column, endpoint): (usize, &Endpoint)| {
            let values = block.values(endpoint, 0..self.arms)?;
            self.append(column, &encoded(&values, is_small(endpoint)))
        };
        let of_grouping = |(column, grouping): (usize, &Grouping)| {
            let levels = block.levels(grouping)?;
            let bytes: Vec<u8> = levels.into_iter().flat_map(u32::to_le_bytes).collect();
            self.append(self.endpoints.len() + column, &bytes)
        };
        let starts = self.endpoints.par_iter().enumerate().map(of_endpoint);
        let levels = self.groupings.par_iter().enumerate().map(of_grouping);
        let starts = starts.chain(levels).collect::<Result<_, StoreError>>()?;
        self.batches.insert(first, Batch { patients, starts });
        Ok(())
    }

    /// Writes bytes of a column; where they begin.
    fn append(&self, column: usize, bytes: &[u8]) -> Result<u64, StoreError> {
        let mut file = lock(&self.files[column % self.files.len()]);
        let start = file.seek(SeekFrom::End(0)).and_then(|start| file.write_all(bytes).map(|()| start));
        start.map_err(|cause| StoreError::write(&self.folder, cause))
    }

    fn read(&self, column: usize, start: u64, bytes: usize) -> Result<Vec<u8>, StoreError> {
        let mut read = vec![0; bytes];
        let mut file = lock(&self.files[column % self.files.len()]);
        let whole = file.seek(SeekFrom::Start(start)).and_then(|_| file.read_exact(&mut read));
        whole.map_err(|cause| StoreError::read(&self.folder, cause)).map(|()| read)
    }
}

impl Source for Spool {
    type Block<'a> = Spooled<'a>;
    type Error = StoreError;

    fn patients(&self) -> usize {
        self.batches.values().map(|batch| batch.patients).sum()
    }

    fn blocks(&self) -> impl Iterator<Item = Result<Spooled<'_>, StoreError>> {
        self.batches.values().map(|batch| Ok(Spooled { spool: self, batch }))
    }
}

impl Block for Spooled<'_> {
    type Error = StoreError;

    fn levels(&self, grouping: &Grouping) -> Result<Vec<u32>, StoreError> {
        let Self { spool, batch } = self;
        let position = spool.groupings.iter().position(|known| known == grouping);
        let column = spool.endpoints.len() + position.ok_or_else(|| spool.lacks(&grouping.column))?;
        let bytes = spool.read(column, batch.starts[column], 4 * batch.patients)?;
        Ok(bytes.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect())
    }

    fn values(&self, endpoint: &Endpoint, arms: Range<usize>) -> Result<Vec<f64>, StoreError> {
        let Self { spool, batch } = self;
        let position = spool.endpoints.iter().position(|known| known.meta.name == endpoint.meta.name);
        let column = position.ok_or_else(|| spool.lacks(&endpoint.meta.name))?;
        let is_small = is_small(&spool.endpoints[column]);
        let bytes = batch.patients * spool.arms * if is_small { 1 } else { 8 };
        let values = decoded(&spool.read(column, batch.starts[column], bytes)?, is_small);
        Ok(of_arms(values, spool.arms, arms))
    }
}

impl Spool {
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

fn encoded(values: &[f64], is_small: bool) -> Vec<u8> {
    if !is_small {
        let mut bytes = vec![0; 8 * values.len()];
        let chunks = bytes.as_chunks_mut().0.iter_mut();
        chunks.zip(values).for_each(|(bytes, value)| *bytes = value.to_le_bytes());
        return bytes;
    }
    let byte = |value: &f64| match value.is_nan() {
        true => SMALL[usize::from(value.to_bits() == FAILED.to_bits())],
        // From the highest grade on no difference is made.
        false => (*value as u8).min(SMALL[0] - 1),
    };
    values.iter().map(byte).collect()
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

impl Block for BatchRows<'_> {
    type Error = StoreError;

    fn levels(&self, grouping: &Grouping) -> Result<Vec<u32>, StoreError> {
        let none = grouping.levels.len() as u32;
        match self.patients.column(&grouping.column).map(|column| &column.values) {
            Some(Values::Label { codes, .. }) => Ok(codes.iter().map(|code| code.unwrap_or(none)).collect()),
            _ => Err(no_column(&grouping.column)),
        }
    }

    fn values(&self, endpoint: &Endpoint, _: Range<usize>) -> Result<Vec<f64>, StoreError> {
        let column = |name: &str| {
            let column = self.outcomes.iter().find_map(|table| table.column(name));
            column.map(|column| &column.values).ok_or_else(|| no_column(name))
        };
        let mut values = column(&endpoint.meta.name)?.numbers();
        if let Values::Label { codes, .. } = column(STATUS)? {
            let failed = codes.iter().zip(&mut values).filter(|(code, _)| **code != Some(Status::Ok as u32));
            failed.for_each(|(_, value)| *value = FAILED);
        }
        Ok(values)
    }
}

fn no_column(name: &str) -> StoreError {
    StoreError::NoColumn { path: PathBuf::new(), column: name.to_owned() }
}
