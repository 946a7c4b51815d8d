//! Runs in the folder of a comparison, and what a finished comparison says.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::error::StoreError;
use super::files::{entries, read_json};
use super::folder_kind::{FolderKind, SCENARIOS};
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
    folder.join(FolderKind::Comparison.manifest()).is_file().then(|| folder.to_owned())
}

/// The run folders in a finished comparison, by name; none if it is no comparison.
///
/// # Errors
/// [`StoreError::Read`] if it cannot be read.
pub fn scenarios_of(path: &Path) -> Result<Vec<String>, StoreError> {
    settle_for_reading(path)?;
    if !path.join(FolderKind::Comparison.manifest()).is_file() {
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
    let manifest = comparison.join(FolderKind::Comparison.manifest());
    if !manifest.is_file() {
        return Err(StoreError::NoResults {
            path: comparison.to_owned(),
            what: FolderKind::Comparison.name(),
        });
    }
    read_json(&manifest)
}
