//! Which parts of a run are finished: a line for each, written once its files are on disk. A part without a line counts
//! as missing, so that one is taken over only whole, and by the hashes of its files.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::files::{read_json, write_whole};
use super::folder_kind::{FolderKind, RECORDS};
use super::identity::Identity;
use super::manifest::{FileSummary, Manifest};
use super::set::{Set, part_file, part_number};

/// The files of one part.
#[derive(Serialize, Deserialize)]
struct Record {
    part: u64,
    files: Vec<FileSummary>,
}

/// The finished parts of a run.
#[derive(Debug)]
pub(super) struct Records {
    path: PathBuf,
    parts: BTreeMap<u64, Vec<FileSummary>>,
}

impl Records {
    /// Of a run of which nothing is finished.
    pub(super) fn none(run: &Path) -> Self {
        Self { path: run.join(RECORDS), parts: BTreeMap::new() }
    }

    /// As they are on disk. A line that is no record, as the last after a power cut, stands for nothing.
    pub(super) fn read(run: &Path) -> Result<Self, StoreError> {
        let mut records = Self::none(run);
        let bytes = match fs::read(&records.path) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(records),
            read => read.map_err(|cause| StoreError::read(&records.path, cause))?,
        };
        let lines = bytes.split(|&byte| byte == b'\n');
        let read = lines.filter_map(|line| serde_json::from_slice::<Record>(line).ok());
        records.parts.extend(read.filter(Record::is_own).map(|record| (record.part, record.files)));
        Ok(records)
    }

    /// Those of a run that this process did not write: the list of its manifest, which has a hash of its own, or
    /// its records; of parts that the run has, and no other.
    pub(super) fn taken_over(run: &Path, identity: &Identity) -> Result<Self, StoreError> {
        let mut records = Self::read(run)?;
        if let Ok(manifest) = read_json::<Manifest>(&run.join(FolderKind::Run.manifest())) {
            records.parts.extend(Self::of_files(run, &manifest.files).parts);
        }
        let own = identity.parts();
        records.parts.retain(|number, _| own.iter().any(|part| part.number == *number));
        Ok(records)
    }

    /// From the list of a manifest.
    pub(super) fn of_files(run: &Path, files: &[FileSummary]) -> Self {
        let mut records = Self::none(run);
        for file in files {
            let number = file.file.rsplit('/').next().and_then(part_number);
            if let Some(part) = number.filter(|&part| is_of_part(file, part)) {
                records.parts.entry(part).or_default().push(file.clone());
            }
        }
        records
    }

    /// Adds a part whose files are on disk.
    pub(super) fn add(&mut self, part: u64, mut files: Vec<FileSummary>) -> Result<(), StoreError> {
        // In whatever order they were begun, the record is the same.
        files.sort_by_key(|file| Set::ALL.iter().position(|set| set.name() == file.set));
        let write = || {
            let mut file = OpenOptions::new().create(true).append(true).open(&self.path)?;
            file.write_all(&line(part, &files)?)?;
            file.sync_all()
        };
        write().map_err(|cause| StoreError::write(&self.path, cause))?;
        self.parts.insert(part, files);
        Ok(())
    }

    /// Forgets a part.
    pub(super) fn remove(&mut self, part: u64) {
        self.parts.remove(&part);
    }

    /// Forgets the files of sets.
    pub(super) fn forget(&mut self, sets: &[Set]) {
        let is_of_them = |file: &FileSummary| sets.iter().any(|set| set.name() == file.set);
        self.parts.values_mut().for_each(|files| files.retain(|file| !is_of_them(file)));
        self.parts.retain(|_, files| !files.is_empty());
    }

    /// Writes all of them anew, in order of parts.
    pub(super) fn settle(&self) -> Result<(), StoreError> {
        write_whole(&self.path, &self.lines()?)
    }

    /// The text of the file.
    pub(super) fn lines(&self) -> Result<Vec<u8>, StoreError> {
        let lines = self.parts.iter().map(|(&part, files)| line(part, files));
        let lines: Vec<Vec<u8>> =
            lines.collect::<io::Result<_>>().map_err(|cause| StoreError::write(&self.path, cause))?;
        Ok(lines.concat())
    }

    /// Whether a part has a file in each of these sets.
    pub(super) fn has(&self, part: u64, sets: &[Set]) -> bool {
        let of_part = self.parts.get(&part);
        of_part.is_some_and(|files| sets.iter().all(|set| files.iter().any(|file| file.set == set.name())))
    }

    /// Every file, in order of sets and parts.
    pub(super) fn files(&self) -> impl Iterator<Item = &FileSummary> {
        let of_set = |set: Set| self.parts.values().flatten().filter(move |file| file.set == set.name());
        Set::ALL.into_iter().flat_map(of_set)
    }
}

impl Record {
    /// Whether the files are those of its part.
    fn is_own(&self) -> bool {
        self.files.iter().all(|file| is_of_part(file, self.part))
    }
}

fn line(part: u64, files: &[FileSummary]) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(&Record { part, files: files.to_vec() })?;
    line.push(b'\n');
    Ok(line)
}

fn is_of_part(file: &FileSummary, part: u64) -> bool {
    Set::ALL.iter().any(|set| set.name() == file.set && file.file == part_file(file.set.as_str(), part))
}
