//! Runs in the folder of a comparison, and what a finished comparison or run says.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::error::StoreError;
use super::files::read_json;
use super::folder::{differences, entries};
use super::identity::Identity;
use super::kind::{IDENTITY, Results, SCENARIOS};
use super::manifest::Manifest;
use super::place::next;
use super::swap::settle_for_reading;

/// The run folder of a scenario in a comparison's folder.
pub fn scenario_folder(comparison: &Path, name: &str) -> PathBuf {
    comparison.join(SCENARIOS).join(name)
}

/// The comparison that a run belongs to as one of its scenarios, if it does.
pub fn comparison_of(run: &Path) -> Option<PathBuf> {
    // The path as it stands on disk, so that `.` has a parent too.
    let run = run.canonicalize().ok()?;
    let folder = run.parent().filter(|folder| folder.ends_with(SCENARIOS))?.parent()?;
    folder.join(Results::Comparison.manifest()).is_file().then(|| folder.to_owned())
}

/// The run folders in a finished comparison, by name; none if it is no comparison.
///
/// # Errors
/// [`StoreError::Read`] if it cannot be read.
pub fn scenarios_of(path: &Path) -> Result<Vec<String>, StoreError> {
    settle_for_reading(path)?;
    if !path.join(Results::Comparison.manifest()).is_file() {
        return Ok(Vec::new());
    }
    let mut runs = entries(&path.join(SCENARIOS))?;
    runs.sort();
    Ok(runs.iter().map(|run| run.display().to_string()).collect())
}

/// The static dose of a finished comparison, and its unit.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct StaticDose {
    /// The dose; none if it was not asked for, or not reached.
    pub static_dose: Option<f64>,
    /// Its unit.
    pub dose_unit: String,
}

/// The static dose that a finished comparison found.
///
/// # Errors
/// [`StoreError::NoResults`] if it is none, and whatever hinders reading.
pub fn static_dose(comparison: &Path) -> Result<StaticDose, StoreError> {
    settle_for_reading(comparison)?;
    let manifest = comparison.join(Results::Comparison.manifest());
    if !manifest.is_file() {
        return Err(StoreError::NoResults { path: comparison.to_owned(), what: Results::Comparison.name() });
    }
    read_json(&manifest)
}

/// The manifest of a finished run; `None` if there is none, or one that is to replace it was begun.
///
/// # Errors
/// [`StoreError::Different`] if it is another run than the one asked for, and whatever hinders reading.
pub fn finished(run: &Path, identity: &Identity) -> Result<Option<Manifest>, StoreError> {
    settle_for_reading(run)?;
    let manifest = run.join(Results::Run.manifest());
    let is_replaced = differences(&next(run), identity).is_ok_and(|differences| differences.is_empty());
    if is_replaced || !manifest.is_file() {
        return Ok(None);
    }
    let differences = differences(run, identity)?;
    if !differences.is_empty() {
        return Err(StoreError::Different { path: run.to_owned(), differences });
    }
    read_json(&manifest).map(Some)
}

/// The manifest of a run, whatever it was made from.
///
/// # Errors
/// [`StoreError::NoResults`] if there is no run, [`StoreError::Unfinished`] if it was interrupted, and whatever
/// hinders reading.
pub fn manifest(run: &Path) -> Result<Manifest, StoreError> {
    settle_for_reading(run)?;
    let path = || run.to_owned();
    let manifest = run.join(Results::Run.manifest());
    if manifest.is_file() {
        read_json(&manifest)
    } else if run.join(IDENTITY).is_file() {
        Err(StoreError::Unfinished { path: path() })
    } else {
        Err(StoreError::NoResults { path: path(), what: Results::Run.name() })
    }
}
