//! A folder of vpop, file by file: what `vpop check` shows of it.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::error::StoreError;
use super::fault::{Fault, Wrong};
use super::files::read_json;
use super::finished::{FinishedRun, inputs};
use super::folder_kind::{FolderKind, IDENTITY};
use super::identity::Identity;
use super::manifest::FileSummary;
use super::records::Records;
use super::swap::settle_for_reading;
use super::verify;

/// What a folder holds.
#[derive(Debug, Clone)]
pub struct Examined {
    /// The folder.
    pub path: PathBuf,
    /// `run`, `comparison` or `set of trials`.
    pub what: &'static str,
    /// Whether it is finished; an interrupted run can be resumed.
    pub is_finished: bool,
    /// The files that were written into it, as far as that is known.
    pub files: Vec<FileSummary>,
    /// What is wrong with files.
    pub faults: Vec<Fault>,
}

/// Looks at every file of a folder with a run, a comparison or trials; of a comparison with its runs.
///
/// # Errors
/// [`StoreError::NoResults`] if the folder holds none, and whatever hinders reading it.
pub fn examine(path: &Path) -> Result<Vec<Examined>, StoreError> {
    settle_for_reading(path)?;
    if path.join(FolderKind::Run.manifest()).is_file() || path.join(IDENTITY).is_file() {
        return Ok(vec![run(path)?]);
    }
    let mut found = Vec::new();
    for results in [FolderKind::Comparison, FolderKind::Trials] {
        if path.join(results.manifest()).is_file() {
            found.push(of_results(path, results)?);
        }
    }
    for scenario in super::comparison::scenarios_of(path)? {
        let scenario = Path::new(&scenario);
        if scenario.join(IDENTITY).is_file() {
            found.push(run(scenario)?);
        }
    }
    if found.is_empty() {
        return Err(StoreError::NoResults {
            path: path.to_owned(),
            what: "run, comparison or set of trials",
        });
    }
    Ok(found)
}

fn run(path: &Path) -> Result<Examined, StoreError> {
    let manifest = FolderKind::Run.manifest();
    let is_finished = path.join(manifest).is_file();
    let mut faults = Vec::new();
    let identity: Option<Identity> = sealed(path, IDENTITY, &mut faults)?;
    let manifest = if is_finished { sealed(path, manifest, &mut faults)? } else { None };
    let files = match (identity, manifest) {
        (Some(identity), Some(manifest)) => {
            let finished = FinishedRun { identity, manifest };
            faults.extend(finished.faults(path, &[])?);
            finished.manifest.files
        }
        (Some(identity), None) => {
            let records = Records::read(path)?;
            let files: Vec<FileSummary> = records.files().cloned().collect();
            faults.extend(verify::files(path, &files, &|set| identity.provenance(set)));
            faults.extend(inputs(path, &identity));
            files
        }
        (None, _) => Records::read(path)?.files().cloned().collect(),
    };
    Ok(Examined { path: path.to_owned(), what: FolderKind::Run.name(), is_finished, files, faults })
}

pub(super) fn of_results(path: &Path, results: FolderKind) -> Result<Examined, StoreError> {
    let mut faults = Vec::new();
    let listed: Option<Listed> = sealed(path, results.manifest(), &mut faults)?;
    let files = listed.map_or_else(Vec::new, |listed| listed.files);
    faults.extend(verify::files(path, &files, &|set| vec![("vpop.set".to_owned(), set.to_owned())]));
    Ok(Examined { path: path.to_owned(), what: results.name(), is_finished: true, files, faults })
}

/// What earlier results list.
#[derive(Deserialize)]
struct Listed {
    files: Vec<FileSummary>,
}

/// A JSON file, or that it is damaged.
fn sealed<T: serde::de::DeserializeOwned>(
    folder: &Path,
    file: &str,
    faults: &mut Vec<Fault>,
) -> Result<Option<T>, StoreError> {
    let wrong = match read_json(&folder.join(file)) {
        Ok(value) => return Ok(Some(value)),
        Err(StoreError::Damaged { .. }) => Wrong::Changed,
        Err(StoreError::Read { .. }) if !folder.join(file).exists() => Wrong::Missing,
        Err(error) => return Err(error),
    };
    faults.push(Fault { file: file.to_owned(), wrong });
    Ok(None)
}
