//! The run folder: made before anything is sampled, whole once its manifest is written.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::columns::Field;
use super::error::StoreError;
use super::files::{is_temporary, read_json, write_json, write_whole};
use super::identity::{Identity, Input};
use super::manifest::{FileSummary, Manifest};
use super::part::{PartWriter, write_table};
use super::{read, tables};
use crate::table::Table;

pub(super) const IDENTITY: &str = "run.json";
const INPUTS: &str = "inputs";
pub(super) const MANIFEST: &str = "manifest.json";

/// A file of one table about the whole run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Summary {
    /// Statistics of every endpoint in every arm and subgroup.
    Distributions,
    /// Outcomes by exposure.
    ExposureResponse,
    /// Meaning and unit of every column of every set, for tools that drop field metadata.
    Columns,
}

impl Summary {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Distributions, Self::ExposureResponse, Self::Columns];

    /// Its name; the file's ends with `.parquet`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Distributions => "distributions",
            Self::ExposureResponse => "exposure_response",
            Self::Columns => "columns",
        }
    }

    fn path(self, run: &Path) -> PathBuf {
        run.join(format!("{}.parquet", self.name()))
    }
}

/// A set that is written in parts, one folder each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// One row per patient.
    Patients,
    /// One row per patient and arm.
    Outcomes,
    /// One row per patient, arm and dose that came up.
    Doses,
    /// One row per patient, arm and time.
    Trajectories,
    /// One row per check, audited patient, arm and endpoint.
    Audit,
}

impl Set {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Patients, Self::Outcomes, Self::Doses, Self::Trajectories, Self::Audit];

    /// Name of its folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Patients => "patients",
            Self::Outcomes => "outcomes",
            Self::Doses => "doses",
            Self::Trajectories => "trajectories",
            Self::Audit => "audit",
        }
    }
}

/// What to do with a run that is already in the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Leave it alone: an error.
    Refuse,
    /// Remove it, finished or not, and start again (`--force`).
    Replace,
    /// Go on with an interrupted run (`--resume`); start one if there is none.
    Resume,
}

/// A run folder that this process may write into.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    identity: Identity,
    /// Keeps other processes out; released when dropped.
    _lock: File,
}

impl RunFolder {
    /// Makes the folder with `run.json` and `inputs/`, or opens an interrupted run.
    ///
    /// # Errors
    /// [`StoreError`] if the folder cannot be written, holds a run that `existing` does not allow to
    /// touch, holds anything else, or is in use. A folder made by a failed call is removed again.
    pub fn create(
        path: &Path,
        existing: Existing,
        identity: Identity,
        inputs: &[Input],
    ) -> Result<Self, StoreError> {
        check_names(inputs)?;
        let path = path.to_owned();
        match (Content::of(&path)?, existing) {
            (Content::Nothing, _) => Self::start(path, identity, inputs),
            (Content::Finished | Content::Unfinished, Existing::Replace) => {
                clear(&path).map_err(|error| before_start(&path, error))?;
                Self::start(path, identity, inputs)
            }
            (Content::Finished, _) => Err(StoreError::Finished { path }),
            (Content::Unfinished, Existing::Resume) => Self::resume(path, identity, inputs),
            (Content::Unfinished, Existing::Refuse) => Err(StoreError::Unfinished { path }),
            (Content::Other, _) => Err(StoreError::NotARun { path }),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What run it holds.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Whether a part is finished in all of these sets: the unit of resuming.
    pub fn has_part(&self, part: u64, sets: &[Set]) -> bool {
        sets.iter().all(|&set| self.part_path(set, part).is_file())
    }

    /// Opens a part of a set for writing, over any earlier one.
    ///
    /// # Errors
    /// [`StoreError::Write`] if the file cannot be made.
    pub fn part(&self, set: Set, part: u64, fields: &[Field]) -> Result<PartWriter, StoreError> {
        let folder = self.path.join(set.name());
        fs::create_dir_all(&folder).map_err(|cause| StoreError::write(&folder, cause))?;
        PartWriter::create(self.part_path(set, part), fields, &self.identity.provenance(set.name()))
    }

    /// Writes a table about the whole run.
    ///
    /// # Errors
    /// [`StoreError::Write`] if the disk fails.
    pub fn write_summary(&self, summary: Summary, table: &Table) -> Result<(), StoreError> {
        write_table(summary.path(&self.path), table, &self.identity.provenance(summary.name()))
    }

    /// Writes [`Summary::Columns`] from the fields of every set.
    ///
    /// # Errors
    /// [`StoreError::Write`] if the disk fails.
    pub fn write_columns(&self, sets: &[(&str, &[Field])]) -> Result<(), StoreError> {
        self.write_summary(Summary::Columns, &tables::columns(sets))
    }

    /// Every Parquet file of the run, in order of sets and parts.
    ///
    /// # Errors
    /// [`StoreError::Read`] or [`StoreError::Damaged`] for a file that cannot be opened.
    pub fn files(&self) -> Result<Vec<FileSummary>, StoreError> {
        let mut files = Vec::new();
        for set in Set::ALL {
            files.extend(part_files(&self.path, set)?.into_iter().map(|file| (set.name(), file)));
        }
        let summaries = Summary::ALL.map(|summary| (summary.name(), summary.path(&self.path)));
        files.extend(summaries.into_iter().filter(|(_, file)| file.is_file()));
        files.into_iter().map(|(set, file)| self.summary(set, &file)).collect()
    }

    /// Ends the run by writing its manifest.
    ///
    /// # Errors
    /// [`StoreError::Write`] if the disk fails; the run can then be resumed.
    pub fn finish(self, manifest: &Manifest) -> Result<(), StoreError> {
        write_json(&self.path.join(MANIFEST), manifest)
    }

    /// Removes a run that failed before any of its parts was finished, with its folder; one with
    /// finished parts is kept, to be resumed. What cannot be removed is left.
    pub fn discard(self) {
        let no_part =
            Set::ALL.iter().all(|&set| part_files(&self.path, set).is_ok_and(|files| files.is_empty()));
        if no_part {
            let path = self.path.clone();
            drop(self);
            let _ = clear(&path).map(|()| fs::remove_dir(&path));
        }
    }

    fn start(path: PathBuf, identity: Identity, inputs: &[Input]) -> Result<Self, StoreError> {
        let made = !path.exists();
        Self::populate(&path, identity, inputs).inspect_err(|_| {
            if made {
                let _ = fs::remove_dir_all(&path);
            }
        })
    }

    fn populate(path: &Path, identity: Identity, inputs: &[Input]) -> Result<Self, StoreError> {
        let write = || {
            fs::create_dir_all(path).map_err(|cause| StoreError::write(path, cause))?;
            // First, so that a folder with anything else in it is known as a run.
            write_json(&path.join(IDENTITY), &identity)?;
            write_inputs(path, inputs)
        };
        write().map_err(|error| before_start(path, error))?;
        let lock = lock(path)?;
        Ok(Self { path: path.to_owned(), identity, _lock: lock })
    }

    fn resume(path: PathBuf, identity: Identity, inputs: &[Input]) -> Result<Self, StoreError> {
        let before: Identity = read_json(&path.join(IDENTITY))?;
        let differences = before.differences(&identity);
        if !differences.is_empty() {
            return Err(StoreError::Different { path, differences });
        }
        let lock = lock(&path)?;
        remove_temporaries(&path)?;
        // The run may have been killed before they were all there.
        write_inputs(&path, inputs)?;
        Ok(Self { path, identity, _lock: lock })
    }

    fn part_path(&self, set: Set, part: u64) -> PathBuf {
        self.path.join(set.name()).join(format!("part-{part:05}.parquet"))
    }

    fn summary(&self, set: &str, file: &Path) -> Result<FileSummary, StoreError> {
        let bytes = fs::metadata(file).map_err(|cause| StoreError::read(file, cause))?.len();
        let relative = file.strip_prefix(&self.path).unwrap_or(file);
        // Slashes on every system, so that equal runs have equal manifests.
        let names: Vec<_> = relative.iter().map(|name| name.to_string_lossy()).collect();
        Ok(FileSummary { set: set.to_owned(), file: names.join("/"), rows: read::rows(file)?, bytes })
    }
}

/// The finished parts of a set in a run folder, in order.
///
/// # Errors
/// [`StoreError::Read`] if the set's folder cannot be read; a set that does not exist has no parts.
pub fn part_files(run: &Path, set: Set) -> Result<Vec<PathBuf>, StoreError> {
    let folder = run.join(set.name());
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut parts: Vec<(u64, PathBuf)> =
        entries(&folder)?.into_iter().filter_map(|path| Some((part_number(&path)?, path))).collect();
    // By number: names sort differently from part 100000 on.
    parts.sort();
    Ok(parts.into_iter().map(|(_, path)| path).collect())
}

fn part_number(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_prefix("part-")?.strip_suffix(".parquet")?.parse().ok()
}

/// What a folder holds before a run is made in it.
enum Content {
    Nothing,
    Finished,
    Unfinished,
    Other,
}

impl Content {
    fn of(path: &Path) -> Result<Self, StoreError> {
        if path.join(MANIFEST).is_file() {
            return Ok(Self::Finished);
        }
        if path.join(IDENTITY).is_file() {
            return Ok(Self::Unfinished);
        }
        match fs::read_dir(path) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(Self::Nothing),
            Err(cause) => Err(StoreError::Create { path: path.to_owned(), cause }),
            Ok(_) => {
                let empty = entries(path)?.iter().all(|entry| is_temporary(entry));
                Ok(if empty { Self::Nothing } else { Self::Other })
            }
        }
    }
}

/// A failed write before anything was run: there is nothing to resume.
fn before_start(path: &Path, error: StoreError) -> StoreError {
    match error {
        StoreError::Write { cause, .. } => StoreError::Create { path: path.to_owned(), cause },
        other => other,
    }
}

/// Removes what a run wrote, and nothing else. The manifest goes first: what is left after an
/// interruption is an unfinished run.
fn clear(path: &Path) -> Result<(), StoreError> {
    let _lock = path.join(IDENTITY).is_file().then(|| lock(path)).transpose()?;
    for file in [path.join(MANIFEST)].into_iter().chain(Summary::ALL.map(|summary| summary.path(path))) {
        removed(&file, |file| fs::remove_file(file))?;
    }
    for folder in Set::ALL.map(Set::name).into_iter().chain([INPUTS]) {
        removed(&path.join(folder), |folder| fs::remove_dir_all(folder))?;
    }
    remove_temporaries(path)?;
    removed(&path.join(IDENTITY), |file| fs::remove_file(file))
}

pub(super) fn removed(path: &Path, remove: impl Fn(&Path) -> io::Result<()>) -> Result<(), StoreError> {
    match remove(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(StoreError::write(path, cause)),
        _ => Ok(()),
    }
}

/// Removes what a killed process left half-written.
fn remove_temporaries(path: &Path) -> Result<(), StoreError> {
    let folders = Set::ALL.map(|set| path.join(set.name())).into_iter().filter(|folder| folder.exists());
    for folder in folders.chain([path.to_owned()]) {
        for entry in entries(&folder)?.iter().filter(|entry| is_temporary(entry)) {
            removed(entry, |file| fs::remove_file(file))?;
        }
    }
    Ok(())
}

/// Locks the run against other processes, until the file is dropped. On a file system without locks
/// nothing is locked.
fn lock(path: &Path) -> Result<File, StoreError> {
    let identity = path.join(IDENTITY);
    let file = File::open(&identity).map_err(|cause| StoreError::read(&identity, cause))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(StoreError::Busy { path: path.to_owned() }),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
    }
}

fn write_inputs(path: &Path, inputs: &[Input]) -> Result<(), StoreError> {
    let folder = path.join(INPUTS);
    fs::create_dir_all(&folder).map_err(|cause| StoreError::write(&folder, cause))?;
    inputs.iter().try_for_each(|input| write_whole(&folder.join(&input.name), &input.bytes))
}

fn check_names(inputs: &[Input]) -> Result<(), StoreError> {
    let twice =
        inputs.iter().enumerate().find(|(i, input)| inputs[..*i].iter().any(|p| p.name == input.name));
    twice.map_or(Ok(()), |(_, input)| Err(StoreError::InputNames { name: input.name.clone() }))
}

pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    fs::read_dir(folder)
        .and_then(|list| list.map(|entry| entry.map(|e| e.path())).collect())
        .map_err(|cause| StoreError::read(folder, cause))
}
