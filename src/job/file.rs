//! The text of a cohort file: from a path or from standard input, with what is set in it.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::set::{Patched, SetError};
use crate::cohort;
use crate::diagnostic::{Notice, Problems, Source};

/// Stands for standard input in place of a path.
const STANDARD_INPUT: &str = "-";
/// What its text is called, in errors and among the inputs of a run.
const CALLED: &str = "standard-input.toml";

/// The text of a cohort file as it is read, with keys set to other values.
///
/// A key is a path as in the file, `regimen.arms`; an element of a list is its number from 1, `regimen.modify.2.when`. A
/// value is written as in the file; what is no value of TOML is taken as a text. The changed text is what a run is made
/// from, and what its folder keeps.
#[derive(Debug)]
pub struct CohortFile {
    folder: PathBuf,
    patched: Patched,
}

impl CohortFile {
    /// Reads a file, or standard input for `-`, and sets keys of it: each as `KEY=VALUE`.
    ///
    /// # Errors
    /// The file cannot be read, or a key cannot be set in it.
    pub fn read(path: &Path, set: &[String]) -> Result<Self, Problems> {
        let source = if path == Path::new(STANDARD_INPUT) { standard_input()? } else { cohort::text(path)? };
        Self::of(&source, path.parent().unwrap_or(Path::new("")), set)
    }

    /// The same of a text that is read already, whose paths are relative to `folder`.
    ///
    /// # Errors
    /// A key cannot be set in it.
    pub fn of(source: &Arc<Source>, folder: &Path, set: &[String]) -> Result<Self, Problems> {
        Ok(Self { folder: folder.to_owned(), patched: Patched::new(source, set)? })
    }

    /// The text, changed.
    pub fn source(&self) -> &Arc<Source> {
        self.patched.source()
    }

    /// What paths in it are relative to.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What is wrong, each at its place in the file as it was read, or in what was set.
    pub fn problems(&self, mut found: Problems) -> Problems {
        for place in found.0.iter_mut().filter_map(|problem| problem.place.as_mut()) {
            self.patched.place(place);
        }
        found
    }

    /// The same of notices.
    pub(super) fn notices(&self, mut found: Vec<Notice>) -> Vec<Notice> {
        found
            .iter_mut()
            .filter_map(|notice| notice.place.as_mut())
            .for_each(|place| self.patched.place(place));
        found
    }
}

/// The text of standard input, which is read once.
fn standard_input() -> Result<Arc<Source>, SetError> {
    static READ: OnceLock<Result<Arc<Source>, String>> = OnceLock::new();
    let read = READ.get_or_init(|| {
        let mut text = String::new();
        match std::io::stdin().read_to_string(&mut text) {
            Ok(_) => Ok(Source::new(CALLED, text)),
            Err(error) => Err(error.to_string()),
        }
    });
    read.clone().map_err(|reason| SetError::StandardInput { reason })
}
