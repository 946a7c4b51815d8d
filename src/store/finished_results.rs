//! Finished results of any kind: what a folder holds, and what they say of themselves.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::StoreError;
use super::examine::of_results;
use super::files::{entries, read_json};
use super::folder_kind::{FolderKind, IDENTITY, SCENARIOS};
use super::swap::settle_for_reading;

/// The kind of the finished results in a folder; `None` if there are none.
///
/// # Errors
/// [`StoreError`] if the folder cannot be read.
pub fn finished_kind(folder: &Path) -> Result<Option<FolderKind>, StoreError> {
    settle_for_reading(folder)?;
    Ok(FolderKind::ALL.into_iter().find(|kind| folder.join(kind.manifest()).is_file()))
}

/// What a finished comparison, or finished trials, say of themselves. Every byte of their own files is looked at; of a
/// comparison, the runs of its scenarios are not.
///
/// # Errors
/// [`StoreError::NoResults`] if there are none, and [`StoreError::Damaged`] and [`StoreError::Faults`] if they are not
/// what was written.
pub fn finished_results<T: DeserializeOwned>(folder: &Path, kind: FolderKind) -> Result<T, StoreError> {
    settle_for_reading(folder)?;
    let manifest = folder.join(kind.manifest());
    if !manifest.is_file() {
        return Err(StoreError::NoResults { path: folder.to_owned(), what: kind.name() });
    }
    StoreError::none_or_faults(folder, of_results(folder, kind)?.faults)?;
    read_json(&manifest)
}

/// Results in a folder, in a line. What is not known of them is `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// Their folder.
    pub path: PathBuf,
    /// `run`, `comparison` or `set of trials`.
    pub what: &'static str,
    /// What they say of themselves; none of what is not finished, or damaged.
    pub said: Option<Said>,
    /// Whether they are finished.
    pub is_finished: bool,
}

/// What results of any kind say of themselves.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Said {
    /// Version of the program that wrote them.
    pub vpop: String,
    /// When they were finished, RFC 3339 in UTC.
    pub created: String,
    /// The cohort, or what the trials are of.
    pub name: String,
    /// Scenario of the cohort file, if the run is one.
    #[serde(default)]
    pub scenario: Option<String>,
    /// Patients of a run.
    #[serde(default)]
    pub patients: Option<u64>,
    /// Arms of a run.
    #[serde(default)]
    pub arms: Vec<String>,
    /// Scenarios of a comparison.
    #[serde(default)]
    pub scenarios: Vec<Named>,
    /// Designs of trials.
    #[serde(default)]
    pub designs: Vec<Named>,
    /// Trials of each design.
    #[serde(default)]
    pub replicates: Option<u64>,
    /// Seed of every draw.
    pub seed: u64,
}

/// A scenario or a design.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Named {
    /// Its name.
    pub name: String,
}

/// The results in a folder: those that it is itself, or those that lie in it, by name.
///
/// # Errors
/// [`StoreError`] if the folder cannot be read.
pub fn list(folder: &Path) -> Result<Vec<Listing>, StoreError> {
    if let Some(own) = listing(folder)? {
        return Ok(vec![own]);
    }
    let mut paths = entries(folder)?;
    paths.sort();
    let found = paths.iter().filter(|path| path.is_dir()).map(|path| listing(path));
    found.filter_map(Result::transpose).collect()
}

/// What a folder holds; `None` if it holds no results.
fn listing(folder: &Path) -> Result<Option<Listing>, StoreError> {
    let found = finished_kind(folder)?;
    let begun = || {
        let is_run = folder.join(IDENTITY).is_file();
        let is_comparison = folder.join(SCENARIOS).is_dir();
        is_run.then_some(FolderKind::Run).or(is_comparison.then_some(FolderKind::Comparison))
    };
    let Some(kind) = found.or_else(begun) else { return Ok(None) };
    let said = found.and_then(|kind| read_json(&folder.join(kind.manifest())).ok());
    Ok(Some(Listing { path: folder.to_owned(), what: kind.name(), said, is_finished: found.is_some() }))
}
