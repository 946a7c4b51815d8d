//! The copies of a cohort file, and of the files that it names, in the folder of a run.

use std::path::Path;

/// The folder of the copies in a run's: every file by its name alone.
pub(crate) const INPUTS: &str = "inputs";
/// The file by which the folder of a run is known.
pub(crate) const RUN: &str = "run.json";

/// Whether a folder is that of a run's copies.
pub(super) fn is_of_run(folder: &Path) -> bool {
    folder.ends_with(INPUTS) && folder.parent().is_some_and(|run| run.join(RUN).is_file())
}
