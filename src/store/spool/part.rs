//! The summarised columns of one part while they are written, and the file in which they are.

use std::fs::{self, File};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rayon::prelude::*;

use super::header::Header;
use super::layout::Layout;
use super::values::{bytes_of, encoded_of, is_small};
use crate::cohort::columns::STATUS;
use crate::engine::Status;
use crate::outcome::distribution::Grouping;
use crate::store::columns::BATCH_ROWS;
use crate::store::error::StoreError;
use crate::store::files::{create_temporary, name_whole};
use crate::store::hashed::Content;
use crate::store::manifest::FileSummary;
use crate::store::parts::Part;
use crate::store::positioned::write_all_at;
use crate::store::set::{Set, part_file};
use crate::sync::lock;
use crate::table::{LazyColumn, LazyTable, Values};

/// A part of a spool.
#[derive(Debug)]
pub struct SpoolPart {
    pub(super) layout: Arc<Layout>,
    pub(super) part: Part,
    /// Its file, or the folder of the run if it has none of its own.
    pub(super) path: PathBuf,
    backing: Backing,
    /// Where the first column begins.
    base: u64,
    /// Patients of whom every column is there.
    seen: AtomicU64,
}

/// Where the columns of a part are.
#[derive(Debug)]
enum Backing {
    /// In a file that nobody else sees, beside those of other parts.
    Shared(Arc<File>),
    /// In a file of its own, which is one of the run's.
    Own(Mutex<Option<BeingWritten>>),
}

/// A file under a temporary name.
#[derive(Debug)]
struct BeingWritten {
    file: Arc<File>,
    temporary: PathBuf,
}

/// Consecutive patients on their way into a part.
#[derive(Debug)]
pub struct Spooling<'a> {
    part: &'a SpoolPart,
    file: Arc<File>,
    /// Which, from the first of the part.
    patients: Range<u64>,
    /// Who did not reach the end, `[patient][arm]`.
    failed: Vec<bool>,
    /// Bytes of each column so far.
    written: Vec<AtomicU64>,
    /// What went wrong first.
    error: Mutex<Option<StoreError>>,
}

impl SpoolPart {
    /// In a file for several parts, from a place in it on.
    pub(super) fn shared(
        layout: &Arc<Layout>,
        part: &Part,
        (run, file): (&Path, &Arc<File>),
        base: u64,
    ) -> Self {
        Self::at(layout, part, run.to_owned(), Backing::Shared(Arc::clone(file)), base)
    }

    /// In a new file of a run.
    ///
    /// # Errors
    /// [`StoreError::Write`] if it cannot be made.
    pub(super) fn create(
        layout: &Arc<Layout>,
        part: &Part,
        path: PathBuf,
        provenance: &[(String, String)],
    ) -> Result<Self, StoreError> {
        let folder = path.parent().unwrap_or(&path);
        fs::create_dir_all(folder).map_err(|cause| StoreError::write(folder, cause))?;
        let (file, temporary) = create_temporary(&path)?;
        let file = Arc::new(file);
        let header = Header::new(layout, part, provenance).bytes();
        let begun = header.and_then(|header| write_all_at(&file, &header, 0).map(|()| header.len() as u64));
        let being_written = BeingWritten { file, temporary: temporary.clone() };
        let mut created = Self::at(layout, part, path, Backing::Own(Mutex::new(Some(being_written))), 0);
        created.base = begun.map_err(|cause| StoreError::write(&temporary, cause))?;
        Ok(created)
    }

    /// In a file of a run that is there.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read or holds others.
    pub(super) fn open(layout: &Arc<Layout>, part: &Part, path: PathBuf) -> Result<Self, StoreError> {
        let (header, base) = Header::read(&path)?;
        let is_own =
            header == Header { provenance: header.provenance.clone(), ..Header::new(layout, part, &[]) };
        if !is_own {
            return Err(StoreError::damaged(&path, "it does not hold the summarised columns of its part"));
        }
        let mut opened = Self::at(layout, part, path, Backing::Own(Mutex::default()), base);
        opened.seen = part.count().into();
        Ok(opened)
    }

    fn at(layout: &Arc<Layout>, part: &Part, path: PathBuf, backing: Backing, base: u64) -> Self {
        let (layout, part) = (Arc::clone(layout), part.clone());
        Self { layout, part, path, backing, base, seen: AtomicU64::new(0) }
    }

    /// Whether all of its patients are there.
    pub(super) fn is_complete(&self) -> bool {
        self.seen.load(Ordering::Relaxed) == self.part.count()
    }

    /// Begins to add consecutive patients, from this one on: their subgroups, and who reached the end, from the tables
    /// that say it. The columns of the outcomes are [seen](Spooling::of) while they are written, or [taken](Spooling::take).
    ///
    /// # Errors
    /// [`StoreError::NoColumn`] if a table lacks a column.
    pub fn adding(
        &self,
        first: u64,
        patients: &LazyTable<'_>,
        outcomes: &LazyTable<'_>,
    ) -> Result<Spooling<'_>, StoreError> {
        let adding = self.adding_of(first, patients.rows as u64, failed(outcomes)?)?;
        for (column, grouping) in (self.layout.endpoints.len()..).zip(&self.layout.groupings) {
            adding.write(column, 0, &bytes_of(levels(patients, grouping)?));
        }
        Ok(adding)
    }

    /// The same of so many patients, of whom some did not reach the end; nothing of them is there yet.
    pub(super) fn adding_of(
        &self,
        first: u64,
        patients: u64,
        failed: Vec<bool>,
    ) -> Result<Spooling<'_>, StoreError> {
        let first = first - self.part.patients.start;
        Ok(Spooling {
            part: self,
            file: self.file()?,
            patients: first..first + patients,
            failed,
            written: (0..self.layout.columns()).map(|_| AtomicU64::new(0)).collect(),
            error: Mutex::default(),
        })
    }

    /// The file, open.
    ///
    /// # Errors
    /// [`StoreError::Read`] if it cannot be opened.
    pub(super) fn file(&self) -> Result<Arc<File>, StoreError> {
        let path = &self.path;
        match &self.backing {
            Backing::Shared(file) => Ok(Arc::clone(file)),
            Backing::Own(being_written) => match &*lock(being_written) {
                Some(BeingWritten { file, .. }) => Ok(Arc::clone(file)),
                None => File::open(path).map(Arc::new).map_err(|cause| StoreError::read(path, cause)),
            },
        }
    }

    /// Ends a part of whom all patients are there: its file, if it has one of its own.
    ///
    /// # Errors
    /// [`StoreError`] if the disk fails, or patients are missing; the file then does not exist.
    pub fn finish(&self) -> Result<Option<FileSummary>, StoreError> {
        let Backing::Own(being_written) = &self.backing else { return Ok(None) };
        let open = |written: &BeingWritten| (Arc::clone(&written.file), written.temporary.clone());
        let Some((file, temporary)) = lock(being_written).as_ref().map(open) else { return Ok(None) };
        if !self.is_complete() {
            return Err(StoreError::damaged(&self.path, "not all of its patients are there"));
        }
        let content = name_whole(&file, &temporary, &self.path);
        // Until it has its name, it is read as it is written.
        lock(being_written).take();
        let Content { bytes, blake3 } = content?;
        let set = Set::Summarised.name();
        Ok(Some(FileSummary {
            set: set.to_owned(),
            file: part_file(set, self.part.number),
            rows: self.part.count() * self.layout.arms as u64,
            bytes,
            blake3,
        }))
    }

    /// Where some of its patients are in a column.
    pub(super) fn place(&self, column: usize, patients: Range<u64>) -> Range<u64> {
        let Range { start, end } = self.layout.place(column, patients, self.part.count());
        self.base + start..self.base + end
    }
}

impl Drop for SpoolPart {
    fn drop(&mut self) {
        if let Backing::Own(being_written) = &self.backing
            && let Some(BeingWritten { temporary, .. }) = lock(being_written).take()
        {
            // What cannot be removed is removed when the run is resumed.
            let _ = fs::remove_file(temporary);
        }
    }
}

impl Spooling<'_> {
    /// What sees the columns of a table with outcomes: the position of each, which rows, and their values.
    pub fn of(&self, table: &LazyTable<'_>) -> impl Fn(usize, Range<usize>, &Values) + Sync {
        let layout = &self.part.layout;
        let of_column = |column: &LazyColumn<'_>| layout.endpoint(&column.meta.name);
        let of_columns: Vec<Option<usize>> = table.columns.iter().map(of_column).collect();
        move |column, rows, values| {
            if let Some(column) = of_columns[column] {
                let endpoint = &layout.endpoints[column];
                let before = layout.width(column) / layout.arms as u64 * rows.start as u64;
                self.write(column, before, &encoded_of(values, &self.failed[rows], is_small(endpoint)));
            }
        }
    }

    /// Takes the columns of a table with outcomes that nobody else wants.
    pub fn take(&self, table: &LazyTable<'_>) {
        let see = self.of(table);
        table.columns.par_iter().enumerate().for_each(|(position, column)| {
            for from in (0..table.rows).step_by(BATCH_ROWS) {
                let rows = from..table.rows.min(from + BATCH_ROWS);
                see(position, rows.clone(), &column.values(rows));
            }
        });
    }

    /// That all of the patients are there.
    ///
    /// # Errors
    /// [`StoreError::Write`] if the disk failed; [`StoreError::NoColumn`] if a column was not seen of every patient.
    pub fn end(self) -> Result<(), StoreError> {
        let Self { part, patients, written, error, .. } = self;
        if let Some(error) = lock(&error).take() {
            return Err(error);
        }
        let count = patients.end - patients.start;
        let lacking = |(column, written): (usize, &AtomicU64)| {
            written.load(Ordering::Relaxed) != count * part.layout.width(column)
        };
        if let Some(lacking) = written.iter().enumerate().position(lacking) {
            let column = part.layout.names().nth(lacking).unwrap_or_default().to_owned();
            return Err(StoreError::NoColumn { path: part.path.clone(), column });
        }
        part.seen.fetch_add(count, Ordering::Relaxed);
        Ok(())
    }

    /// Writes bytes of a column, behind so many of these patients'. What goes wrong is said at the end.
    pub(super) fn write(&self, column: usize, before: u64, bytes: &[u8]) {
        let place = self.part.place(column, self.patients.clone());
        match write_all_at(&self.file, bytes, place.start + before) {
            Ok(()) => {
                self.written[column].fetch_add(bytes.len() as u64, Ordering::Relaxed);
            }
            Err(cause) => {
                lock(&self.error).get_or_insert_with(|| StoreError::write(&self.part.path, cause));
            }
        }
    }
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

fn no_column(name: &str) -> StoreError {
    StoreError::NoColumn { path: PathBuf::new(), column: name.to_owned() }
}
