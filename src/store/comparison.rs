//! Runs in the folder of a comparison, and what a finished comparison or run says.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::error::StoreError;
use super::files::read_json;
use super::folder::{IDENTITY, MANIFEST, entries};
use super::identity::Identity;
use super::manifest::Manifest;
use super::results::Results;

/// The run folder of a scenario in a comparison's folder.
pub fn scenario_folder(comparison: &Path, name: &str) -> PathBuf {
    comparison.join(Results::Comparison.mark()).join(name)
}

/// The comparison that a run belongs to as one of its scenarios, if it does.
pub fn comparison_of(run: &Path) -> Option<PathBuf> {
    // The path as it stands on disk, so that `.` has a parent too.
    let run = run.canonicalize().ok()?;
    let folder = run.parent().filter(|folder| folder.ends_with(Results::Comparison.mark()))?.parent()?;
    folder.join(Results::Comparison.manifest()).is_file().then(|| folder.to_owned())
}

/// The run folders in a finished comparison, by name; none if it is no comparison.
///
/// # Errors
/// [`StoreError::Read`] if it cannot be read.
pub fn scenarios_of(path: &Path) -> Result<Vec<String>, StoreError> {
    if !path.join(Results::Comparison.manifest()).is_file() {
        return Ok(Vec::new());
    }
    let mut runs = entries(&path.join(Results::Comparison.mark()))?;
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
    let results = Results::Comparison;
    let manifest = comparison.join(results.manifest());
    if !manifest.is_file() {
        return Err(StoreError::NoResults { path: comparison.to_owned(), what: results.name() });
    }
    read_json(&manifest)
}

/// The manifest of a finished run; `None` if there is none.
///
/// # Errors
/// [`StoreError::Different`] if it is another run than the one asked for, and whatever hinders reading.
pub fn finished(run: &Path, identity: &Identity) -> Result<Option<Manifest>, StoreError> {
    if !run.join(MANIFEST).is_file() {
        return Ok(None);
    }
    let before: Identity = read_json(&run.join(IDENTITY))?;
    let differences = before.differences(identity);
    if !differences.is_empty() {
        return Err(StoreError::Different { path: run.to_owned(), differences });
    }
    read_json(&run.join(MANIFEST)).map(Some)
}

/// The manifest of a run, whatever it was made from.
///
/// # Errors
/// [`StoreError::NoResults`] if there is no run, [`StoreError::Unfinished`] if it was interrupted, and whatever
/// hinders reading.
pub fn manifest(run: &Path) -> Result<Manifest, StoreError> {
    let path = || run.to_owned();
    if run.join(MANIFEST).is_file() {
        read_json(&run.join(MANIFEST))
    } else if run.join(IDENTITY).is_file() {
        Err(StoreError::Unfinished { path: path() })
    } else {
        Err(StoreError::NoResults { path: path(), what: "run" })
    }
}
