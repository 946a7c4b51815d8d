//! Finished runs, taken over once their files are known to be those that were written.

use std::path::Path;

use super::error::StoreError;
use super::fault::{Fault, Wrong};
use super::files::read_json;
use super::folder::differences;
use super::folder_kind::{FolderKind, IDENTITY, INPUTS, RECORDS};
use super::identity::{Identity, InputHash};
use super::locked::next;
use super::manifest::{FileSummary, Manifest};
use super::parts::Shard;
use super::records::Records;
use super::set::Set;
use super::swap::settle_for_reading;
use super::verify;
use crate::digest::sha256;

/// A finished run.
#[derive(Debug, Clone)]
pub struct FinishedRun {
    /// What run it is.
    pub identity: Identity,
    /// What was written last.
    pub manifest: Manifest,
}

impl FinishedRun {
    /// Opens a run, whatever it was made from, and looks at every byte of its files: of these sets, or of
    /// everything if none is named.
    ///
    /// # Errors
    /// [`StoreError::NoResults`] if there is no run, [`StoreError::Unfinished`] if it was interrupted,
    /// [`StoreError::Damaged`] and [`StoreError::Faults`] if it is not what was written.
    pub fn open(run: &Path, sets: &[Set]) -> Result<Self, StoreError> {
        settle_for_reading(run)?;
        let path = || run.to_owned();
        let manifest = run.join(FolderKind::Run.manifest());
        match (manifest.is_file(), run.join(IDENTITY).is_file()) {
            (true, _) => {}
            (false, true) => return Err(StoreError::Unfinished { path: path() }),
            (false, false) => {
                return Err(StoreError::NoResults { path: path(), what: FolderKind::Run.name() });
            }
        }
        let (identity, manifest) = (read_json(&run.join(IDENTITY))?, read_json(&manifest)?);
        let run_found = Self { identity, manifest };
        StoreError::none_or_faults(run, run_found.faults(run, sets)?)?;
        Ok(run_found)
    }

    /// What is wrong with its files.
    pub(super) fn faults(&self, run: &Path, sets: &[Set]) -> Result<Vec<Fault>, StoreError> {
        let Self { identity, manifest } = self;
        let is_asked = |set: &str| sets.is_empty() || sets.iter().any(|asked| asked.name() == set);
        let listed: Vec<FileSummary> =
            manifest.files.iter().filter(|file| is_asked(&file.set)).cloned().collect();
        let mut faults: Vec<Fault> = of_another(identity, manifest).into_iter().collect();
        let removed = identity.removed();
        let written = identity.kept.written().iter().copied();
        let there: Vec<Set> = written.filter(|set| !removed.contains(set)).collect();
        faults.extend(verify::incomplete(identity, &there, &manifest.files));
        faults.extend(verify::files(run, &listed, &|set| identity.provenance(set)));
        faults.extend(verify::unlisted(run, &manifest.files)?);
        if sets.is_empty() {
            faults.extend(inputs(run, identity));
            let records = Records::of_files(run, &manifest.files).lines()?;
            let wrong = verify::bytes(&run.join(RECORDS), |bytes| bytes == records);
            faults.extend(wrong.map(|wrong| Fault { file: RECORDS.to_owned(), wrong }));
        }
        Ok(faults)
    }
}

/// The manifest of a finished run; `None` if there is none, or one that is to replace it was begun.
///
/// # Errors
/// [`StoreError::Different`] if it is another run than the one asked for, and those of [`FinishedRun::open`].
pub fn finished(run: &Path, identity: &Identity) -> Result<Option<Manifest>, StoreError> {
    settle_for_reading(run)?;
    let is_replaced = differences(&next(run), identity).is_ok_and(|differences| differences.is_empty());
    if is_replaced || !run.join(FolderKind::Run.manifest()).is_file() {
        return Ok(None);
    }
    let differences = differences(run, identity)?;
    if !differences.is_empty() {
        return Err(StoreError::Different { path: run.to_owned(), differences });
    }
    FinishedRun::open(run, &[]).map(|found| Some(found.manifest))
}

/// What is wrong with the copies of the files that a run was made from.
pub(super) fn inputs(run: &Path, identity: &Identity) -> Vec<Fault> {
    let fault = |input: &InputHash| {
        let file = format!("{INPUTS}/{}", input.file);
        let wrong = verify::bytes(&run.join(&file), |bytes| sha256(bytes) == input.sha256)?;
        Some(Fault { file, wrong })
    };
    identity.inputs.iter().filter_map(fault).collect()
}

/// The fault of a manifest that belongs to another run than its folder.
fn of_another(identity: &Identity, manifest: &Manifest) -> Option<Fault> {
    let shard = |shard: Option<Shard>| shard.map_or("all".to_owned(), |shard| shard.to_string());
    let scenario = |scenario: &Option<String>| scenario.clone().unwrap_or_else(|| "none".to_owned());
    let hashes = |inputs: &[InputHash]| {
        inputs.iter().map(|input| input.sha256.as_str()).collect::<Vec<_>>().join(", ")
    };
    let pairs = [
        ("run", manifest.name.clone(), identity.name.clone()),
        ("seed", manifest.seed.to_string(), identity.seed.to_string()),
        ("shard", shard(manifest.shard), shard(identity.shard)),
        ("scenario", scenario(&manifest.scenario), scenario(&identity.scenario)),
        ("inputs", hashes(&manifest.inputs), hashes(&identity.inputs)),
    ];
    let differs = pairs.into_iter().find(|(_, found, expected)| found != expected);
    differs.map(|(what, found, expected)| Fault {
        file: FolderKind::Run.manifest().to_owned(),
        wrong: Wrong::Foreign { what: what.to_owned(), found, expected },
    })
}
