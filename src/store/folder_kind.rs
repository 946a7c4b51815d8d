//! What belongs to a folder of each kind: nothing else in it is ever replaced, moved or removed.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::error::StoreError;
use super::files::{final_name, read_json};
use super::identity::Identity;
use super::locked::{WORK, is_file, is_folder, names};
use super::manifest::Manifest;
use super::set::{Set, Summary, part_number};

pub(super) use crate::cohort::inputs::{INPUTS, RUN as IDENTITY};

/// The file with a line of JSON for each part.
pub(super) const RECORDS: &str = "parts.jsonl";
/// The folder of the runs of a comparison.
pub(super) const SCENARIOS: &str = "scenarios";

/// A kind of results, which have a folder to themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderKind {
    /// A run, of `vpop run`.
    Run,
    /// Of `vpop compare`.
    Comparison,
    /// Of `vpop trial`.
    Trials,
}

/// How much of a kind of results is in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Nothing,
    Finished,
    Unfinished,
    /// Something else.
    Other,
}

impl FolderKind {
    pub(super) const ALL: [Self; 3] = [Self::Run, Self::Comparison, Self::Trials];

    /// What it is called.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Comparison => "comparison",
            Self::Trials => "set of trials",
        }
    }

    /// The file that is written last: with it the folder is whole.
    pub(super) fn manifest(self) -> &'static str {
        match self {
            Self::Run => "manifest.json",
            Self::Comparison => "comparison.json",
            Self::Trials => "trial.json",
        }
    }

    /// Its tables of one file.
    fn tables(self) -> Vec<&'static str> {
        match self {
            Self::Run => Summary::ALL.map(Summary::name).into(),
            Self::Comparison => [
                "curves",
                "reference_tumour",
                "indices",
                "differences",
                "waterfall",
                "parameters",
                "replicates",
                "replicate_indices",
                "bands",
                "columns",
            ]
            .into(),
            Self::Trials => ["operating_characteristics", "evaluability", "columns"].into(),
        }
    }

    /// Its sets in parts, one folder each.
    fn sets(self) -> Vec<&'static str> {
        match self {
            Self::Run => Set::ALL.map(Set::name).into(),
            Self::Comparison => Vec::new(),
            Self::Trials => ["trials"].into(),
        }
    }

    /// The folder that tells an interrupted one from anything else.
    fn mark(self) -> &'static str {
        match self {
            Self::Run => INPUTS,
            Self::Comparison => SCENARIOS,
            Self::Trials => "trials",
        }
    }

    /// Whether a file at the top of a folder is one of its own.
    fn has_file(self, name: &str) -> bool {
        name == self.manifest()
            || (self == Self::Run && [IDENTITY, RECORDS].contains(&name))
            || name.strip_suffix(".parquet").is_some_and(|name| self.tables().contains(&name))
    }

    /// Whether a file of this path within the folder is a table or a part.
    pub(super) fn has(self, path: &str) -> bool {
        match path.split_once('/') {
            None => path.ends_with(".parquet") && self.has_file(path),
            Some((set, part)) => self.sets().contains(&set) && part_number(part).is_some(),
        }
    }

    /// What a folder holds of this kind.
    ///
    /// # Errors
    /// A symbolic link in place of a file of ours, a file that lists others than ours, whatever hinders reading.
    pub(super) fn content(self, folder: &Path) -> Result<Holds, StoreError> {
        let found = names(folder)?;
        let found: Vec<&str> = found.iter().map(String::as_str).filter(|name| *name != WORK).collect();
        let (whole, is_one) = match self {
            Self::Run => {
                let [identity, manifest] = [IDENTITY, self.manifest()].map(|name| folder.join(name));
                let has_identity = is_file(&identity)?
                    && (read_json::<Identity>(&identity).is_ok() || self.is_all(&found, INPUTS));
                let whole = is_file(&manifest)?;
                (whole, has_identity || whole && read_json::<Manifest>(&manifest).is_ok())
            }
            _ => {
                let whole = self.is_whole(folder, &found)?;
                let begun = is_folder(&folder.join(self.mark()))?
                    && (self.is_all(&found, self.mark()) || self == Self::Comparison && has_run(folder)?);
                (whole, whole || begun)
            }
        };
        Ok(match (is_one, whole) {
            (true, true) => Holds::Finished,
            (true, false) => Holds::Unfinished,
            (false, _) if found.iter().all(|name| self.is_temporary(name)) => Holds::Nothing,
            (false, _) => Holds::Other,
        })
    }

    /// Every file of this kind in a folder, temporary ones among them, relative to it: the manifest is the first, and
    /// what a run is known by, and lists its inputs, comes last.
    ///
    /// # Errors
    /// [`StoreError::Link`] at a symbolic link in place of one, and whatever hinders reading.
    pub(super) fn files(self, folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
        let mut files = pick(folder, "", |name| self.has_file(name))?;
        for set in self.sets() {
            files.extend(pick(folder, set, |name| part_number(name).is_some())?);
        }
        match self {
            Self::Run => {
                let identity = read_json::<Identity>(&folder.join(IDENTITY));
                let inputs = identity.map(|identity| identity.inputs).unwrap_or_default();
                files.extend(pick(folder, INPUTS, |name| inputs.iter().any(|input| input.file == name))?);
            }
            Self::Comparison => {
                let runs = names(&folder.join(SCENARIOS))?;
                for run in runs.iter().map(|name| Path::new(SCENARIOS).join(name)) {
                    if is_folder(&folder.join(&run))? {
                        files.extend(Self::Run.files(&folder.join(&run))?.iter().map(|file| run.join(file)));
                    }
                }
            }
            Self::Trials => {}
        }
        files.sort_by_key(|file| (file != Path::new(self.manifest()), file.ends_with(IDENTITY)));
        Ok(files)
    }

    /// Removes those of its folders that are empty.
    pub(super) fn remove_empty(self, folder: &Path) {
        if self == Self::Comparison {
            for run in names(&folder.join(SCENARIOS)).unwrap_or_default() {
                let run = folder.join(SCENARIOS).join(run);
                Self::Run.remove_empty(&run);
                let _ = fs::remove_dir(run);
            }
        }
        for within in self.sets().into_iter().chain([self.mark()]) {
            let _ = fs::remove_dir(folder.join(within));
        }
    }

    /// Whether there is the file that is written last, and it is one of ours.
    fn is_whole(self, folder: &Path, found: &[&str]) -> Result<bool, StoreError> {
        let manifest = folder.join(self.manifest());
        if !is_file(&manifest)? {
            return Ok(false);
        }
        let text = fs::read(&manifest).map_err(|cause| StoreError::read(&manifest, cause))?;
        let Ok(listed) = serde_json::from_slice::<Listed>(&text) else {
            return Ok(self.is_all(found, "columns.parquet"));
        };
        match listed.files.into_iter().find(|listed| !self.has(&listed.file)) {
            Some(foreign) => {
                Err(StoreError::Foreign { path: manifest, file: foreign.file, results: self.name() })
            }
            None => Ok(true),
        }
    }

    /// Whether these names at the top of a folder are all ours, and one of them is there that little else has.
    fn is_all(self, found: &[&str], telling: &str) -> bool {
        let is_ours = |name: &str| self.has_file(name) || self.sets().contains(&name) || name == self.mark();
        found.contains(&telling) && found.iter().all(|name| is_ours(final_name(name).unwrap_or(name)))
    }

    fn is_temporary(self, name: &str) -> bool {
        final_name(name).is_some_and(|name| self.has_file(name))
    }
}

/// Files of ours in a folder within another, and temporary ones.
fn pick(folder: &Path, within: &str, is_ours: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, StoreError> {
    let mut files = Vec::new();
    for name in names(&folder.join(within))? {
        let path = Path::new(within).join(&name);
        if is_ours(final_name(&name).unwrap_or(&name)) && is_file(&folder.join(&path))? {
            files.push(path);
        }
    }
    Ok(files)
}

/// Whether a comparison's folder holds a run.
fn has_run(folder: &Path) -> Result<bool, StoreError> {
    let scenarios = folder.join(SCENARIOS);
    let mut runs = names(&scenarios)?.into_iter().map(|name| scenarios.join(name).join(IDENTITY));
    Ok(runs.any(|identity| read_json::<Identity>(&identity).is_ok()))
}

/// What results list.
#[derive(Deserialize)]
struct Listed {
    files: Vec<ListedFile>,
}

/// A file that they list.
#[derive(Deserialize)]
struct ListedFile {
    file: String,
}
