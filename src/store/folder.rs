//! The run folder: made once the first patient has been solved and before any part is written, whole once its manifest is
//! written.

use std::fs;
use std::path::{Path, PathBuf};

use super::assemble::{Piece, assemble, stitch};
use super::columns::{Field, Packing};
use super::error::{Difference, StoreError};
use super::files::{entries, final_name, read_json, sync_folder, write_json};
use super::folder_kind::{FolderKind, Holds, IDENTITY, INPUTS};
use super::identity::{Identity, Input};
use super::kept::Keeps;
use super::locked::{LockedFolder, WORK, remove, remove_files};
use super::manifest::{FileSummary, Manifest};
use super::part::{PartWriter, write_table};
use super::parts::Part;
use super::records::Records;
use super::set::{Set, Summary, part_file, part_number};
use super::spool::Spool;
use super::swap::settle;
use super::{repair, verify};
use crate::outcome::distribution::{Endpoint, Grouping};
use crate::sync::apart;
use crate::table::Table;

/// What to do with a run that is already in the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Leave it alone: an error.
    Refuse,
    /// Start again (`--force`): the earlier one, finished or not, stays until the new one is finished.
    Replace,
    /// Go on with it if it is this very run, else replace it.
    ResumeOrReplace,
    /// Go on with an interrupted run (`--resume`); start one if there is none.
    Resume,
    /// The same, and make again what is damaged of it, finished or not (`--resume --repair`).
    Repair,
}

/// A run folder that this process may write into.
#[derive(Debug)]
pub struct RunFolder {
    /// The folder, which no other process writes into.
    place: LockedFolder,
    /// Where the run is written: the folder, or what is to replace the run that is there.
    path: PathBuf,
    identity: Identity,
    /// The parts that are finished.
    records: Records,
    /// The tables about the whole run that are written.
    summaries: Vec<FileSummary>,
    /// Whether this process began it.
    is_new: bool,
}

impl RunFolder {
    /// Makes the folder with `run.json` and `inputs/`, or opens an interrupted run.
    ///
    /// # Errors
    /// [`StoreError`] if the folder cannot be written, holds a run that `existing` does not allow to
    /// touch, holds anything else, or is in use. A failed call leaves what was there, and nothing else.
    pub fn create(
        path: &Path,
        existing: Existing,
        identity: Identity,
        inputs: &[Input],
    ) -> Result<Self, StoreError> {
        check_names(inputs)?;
        let place = LockedFolder::take(path)?;
        settle(&place)?;
        let holds = FolderKind::Run.content(path)?;
        // Nothing is done where a symbolic link stands for a file of ours.
        FolderKind::Run.files(path)?;
        let (path, next) = (path.to_owned(), place.next());
        let is_at_next = || differences(&next, &identity).is_ok_and(|differences| differences.is_empty());
        let repairs = matches!(existing, Existing::Repair | Existing::ResumeOrReplace);
        match (holds, existing) {
            (Holds::Other, _) => Err(StoreError::NotARun { path }),
            (Holds::Nothing, _) => Self::start(place, path, identity, inputs),
            (_, Existing::Replace) => Self::start(place, next, identity, inputs),
            (Holds::Finished, Existing::Refuse) => Err(StoreError::Finished { path }),
            (Holds::Unfinished, Existing::Refuse) => Err(StoreError::Unfinished { path }),
            _ if is_at_next() => Self::resume(place, next, identity, inputs, repairs),
            _ => match differences(&path, &identity) {
                Ok(same) if same.is_empty() && (repairs || holds == Holds::Unfinished) => {
                    Self::resume(place, path, identity, inputs, repairs)
                }
                Ok(same) if same.is_empty() => Err(StoreError::Finished { path }),
                _ if existing == Existing::ResumeOrReplace => Self::start(place, next, identity, inputs),
                Ok(differences) => Err(StoreError::Different { path, differences }),
                // What its parts say tells whether it is the same run.
                Err(StoreError::Damaged { .. } | StoreError::Read { .. }) if repairs => {
                    Self::resume(place, path, identity, inputs, repairs)
                }
                Err(error) => Err(error),
            },
        }
    }

    /// Where it is written.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether this process began it.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// What run it holds.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Whether a part is finished in all of these sets: the unit of resuming.
    pub fn has_part(&self, part: u64, sets: &[Set]) -> bool {
        self.records.has(part, sets)
    }

    /// Opens a part of a set for writing, over any earlier one.
    ///
    /// # Errors
    /// [`StoreError::Write`] if the file cannot be made.
    pub fn part(&self, set: Set, part: u64, fields: &[Field]) -> Result<PartWriter, StoreError> {
        let folder = self.path.join(set.name());
        fs::create_dir_all(&folder).map_err(|cause| StoreError::write(&folder, cause))?;
        let file = part_file(set.name(), part);
        let provenance = self.identity.provenance(set.name());
        PartWriter::create(&self.path, [set.name(), &file], fields, self.packing(set), &provenance)
    }

    /// Makes the file of a part in a set from those of shards; none if no shard has any of its rows.
    ///
    /// # Errors
    /// [`StoreError`] if they cannot be read, or the disk fails.
    pub fn assemble(
        &self,
        set: Set,
        part: &Part,
        pieces: &[Piece],
    ) -> Result<Option<FileSummary>, StoreError> {
        if !pieces.is_empty() {
            let folder = self.path.join(set.name());
            fs::create_dir_all(&folder).map_err(|cause| StoreError::write(&folder, cause))?;
        }
        let provenance = self.identity.provenance(set.name());
        assemble(&self.path, set, part, pieces, self.packing(set), &provenance)
    }

    /// A place for what is summarised of outcomes in some arms until the statistics are made.
    ///
    /// # Errors
    /// [`StoreError::Write`] if there can be none.
    pub fn spool(
        &self,
        arms: usize,
        endpoints: Vec<Endpoint>,
        groupings: Vec<Grouping>,
    ) -> Result<Spool, StoreError> {
        let (parts, columns) = (self.identity.parts(), (arms, endpoints, groupings));
        match self.identity.kept {
            Keeps::Rows => Spool::temporary(&self.path, &self.place.path().join(WORK), parts, columns),
            Keeps::Columns | Keeps::Statistics => {
                let provenance = self.identity.provenance(Set::Summarised.name());
                Ok(Spool::of_parts(&self.path, parts, columns, provenance))
            }
        }
    }

    /// Records a part as finished, with its files in each set.
    ///
    /// # Errors
    /// [`StoreError::Write`] if the disk fails.
    pub fn end_part(&mut self, part: u64, files: Vec<FileSummary>) -> Result<(), StoreError> {
        // What is recorded is there after a power cut, too.
        apart(&files, |file| sync_folder(&self.path.join(&file.set)));
        self.records.add(part, files)
    }

    /// Writes tables about the whole run, side by side.
    ///
    /// # Errors
    /// [`StoreError::Write`] if the disk fails.
    pub fn write_summaries(&mut self, tables: &[(Summary, &Table)]) -> Result<(), StoreError> {
        let write = |(summary, table): &(Summary, &Table)| {
            let provenance = self.identity.provenance_of_whole(summary.name());
            write_table(&self.path, summary.name(), table, &provenance)
        };
        // Collected before errors are looked at, so that the error does not depend on the threads.
        let written = apart(tables, write);
        self.summaries.extend(written.into_iter().collect::<Result<Vec<_>, _>>()?);
        Ok(())
    }

    /// Takes over a table about the whole run from another, whose rows are those of this run.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read, or the disk fails.
    pub fn take_summary(&mut self, summary: Summary, other: &Path) -> Result<(), StoreError> {
        let name = summary.name();
        let (from, file) = (summary.path(other), format!("{name}.parquet"));
        let provenance = self.identity.provenance_of_whole(name);
        self.summaries.push(stitch(&self.path, [name, &file], &[from], Packing::Small, &provenance)?);
        Ok(())
    }

    /// Every file of the finished run's tables, in order of sets and parts.
    pub fn files(&self) -> Vec<FileSummary> {
        let mut files = self.written();
        files.retain(|file| !self.identity.removed().iter().any(|set| set.name() == file.set));
        files
    }

    /// The same with those that are removed when it is finished.
    fn written(&self) -> Vec<FileSummary> {
        self.records.files().chain(&self.summaries).cloned().collect()
    }

    /// How the files of a set are packed: in a shard as in the whole run.
    fn packing(&self, set: Set) -> Packing {
        if self.identity.kept.removed().contains(&set) { Packing::Quick } else { Packing::Small }
    }

    /// Ends the run: removes the sets that it does not keep, writes its manifest, and puts it in the place of the one that it replaces.
    ///
    /// # Errors
    /// [`StoreError::Faults`] if a part is missing, or there is a file that is none of the run's;
    /// [`StoreError::Write`] if the disk fails. The run can then be resumed.
    pub fn finish(mut self, manifest: &Manifest) -> Result<(), StoreError> {
        let files = self.written();
        let mut faults = verify::incomplete(&self.identity, self.identity.kept.written(), &files);
        faults.extend(verify::unlisted(&self.path, &files)?);
        StoreError::none_or_faults(&self.path, faults)?;
        // Forgotten before they are removed: of a process that is killed meanwhile there are no files that are missed.
        self.records.forget(self.identity.removed());
        self.records.settle()?;
        self.identity.removed().iter().try_for_each(|set| remove(&self.path.join(set.name())))?;
        write_json(&self.path.join(FolderKind::Run.manifest()), manifest)?;
        sync_folder(&self.path);
        settle(&self.place)
    }

    /// Removes what was written of the run. What cannot be removed is left.
    pub fn discard(self) {
        let _ = FolderKind::Run.files(&self.path).and_then(|files| remove_files(&self.path, &files));
        FolderKind::Run.remove_empty(&self.path);
        if self.path == self.place.next() {
            let _ = remove(&self.path);
        }
    }

    fn start(
        place: LockedFolder,
        path: PathBuf,
        identity: Identity,
        inputs: &[Input],
    ) -> Result<Self, StoreError> {
        let records = Records::none(&path);
        let run = Self { place, path, identity, records, summaries: Vec::new(), is_new: true };
        let written = remove(&run.place.next()).and_then(|()| run.write_start(inputs));
        match written {
            Ok(()) => Ok(run),
            Err(error) => {
                let error = before_start(run.place.path(), error);
                run.discard();
                Err(error)
            }
        }
    }

    fn resume(
        place: LockedFolder,
        path: PathBuf,
        identity: Identity,
        inputs: &[Input],
        repairs: bool,
    ) -> Result<Self, StoreError> {
        FolderKind::Run.files(&path)?;
        let records = Records::taken_over(&path, &identity)?;
        let mut run = Self { place, path, identity, records, summaries: Vec::new(), is_new: false };
        run.remove_temporaries()?;
        if repairs {
            repair::repair(&run.path, &run.identity, &mut run.records)?;
        } else {
            repair::check(&run.path, &run.identity, &run.records)?;
        }
        // The run may have been killed before they were all there.
        write_inputs(&run.path, inputs)?;
        Ok(run)
    }

    fn write_start(&self, inputs: &[Input]) -> Result<(), StoreError> {
        fs::create_dir_all(&self.path).map_err(|cause| StoreError::write(&self.path, cause))?;
        self.remove_temporaries()?;
        // First, so that a folder with anything else in it is known as a run.
        write_json(&self.path.join(IDENTITY), &self.identity)?;
        write_inputs(&self.path, inputs)
    }

    /// Removes what a killed process left half-written.
    fn remove_temporaries(&self) -> Result<(), StoreError> {
        let name = |file: &Path| file.file_name().map(|name| name.to_string_lossy().into_owned());
        let mut files = FolderKind::Run.files(&self.path)?;
        files.retain(|file| name(file).is_some_and(|name| final_name(&name).is_some()));
        remove_files(&self.path, &files)
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
    let number = |path: &Path| part_number(path.file_name()?.to_str()?);
    let mut parts: Vec<(u64, PathBuf)> =
        entries(&folder)?.into_iter().filter_map(|path| Some((number(&path)?, path))).collect();
    // By number: names sort differently from part 100000 on.
    parts.sort();
    Ok(parts.into_iter().map(|(_, path)| path).collect())
}

/// A failed write before anything was run: there is nothing to resume.
fn before_start(path: &Path, error: StoreError) -> StoreError {
    match error {
        StoreError::Write { cause, .. } => StoreError::Create { path: path.to_owned(), cause },
        other => other,
    }
}

/// How the run in a folder differs from the one that is asked for now.
pub(super) fn differences(folder: &Path, now: &Identity) -> Result<Vec<Difference>, StoreError> {
    let before: Identity = read_json(&folder.join(IDENTITY))?;
    Ok(before.differences(now))
}

fn write_inputs(path: &Path, inputs: &[Input]) -> Result<(), StoreError> {
    let folder = path.join(INPUTS);
    fs::create_dir_all(&folder).map_err(|cause| StoreError::write(&folder, cause))?;
    // Collected before errors are looked at, so that the error does not depend on the threads.
    let written = apart(inputs, |input| input.content.write(&folder.join(&input.name)));
    written.into_iter().collect()
}

fn check_names(inputs: &[Input]) -> Result<(), StoreError> {
    let twice =
        inputs.iter().enumerate().find(|(i, input)| inputs[..*i].iter().any(|p| p.name == input.name));
    twice.map_or(Ok(()), |(_, input)| Err(StoreError::InputNames { name: input.name.clone() }))
}
