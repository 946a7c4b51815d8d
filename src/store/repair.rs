//! What is taken over of a run that another process wrote.

use std::path::Path;

use super::error::StoreError;
use super::files::write_json;
use super::folder_kind::{FolderKind, IDENTITY};
use super::identity::Identity;
use super::locked::remove;
use super::manifest::FileSummary;
use super::records::Records;
use super::set::part_number;
use super::verify;

/// Checks that every recorded file is as it was written, and that there is no other.
///
/// # Errors
/// [`StoreError::Faults`], and whatever hinders reading.
pub(super) fn check(run: &Path, identity: &Identity, records: &Records) -> Result<(), StoreError> {
    let files: Vec<FileSummary> = records.files().cloned().collect();
    let mut faults = verify::files(run, &files, &|set| identity.provenance(set));
    // A part that was written and not recorded is written again.
    let own = identity.parts();
    let strays = verify::unlisted(run, &files)?.into_iter();
    faults.extend(strays.filter(|stray| !own.iter().any(|part| stray.is_of_part(part.number))));
    StoreError::none_or_faults(run, faults)
}

/// Makes of a damaged run one that was interrupted, of which what is whole is taken over. Files of the run that
/// are too many are removed; what somebody else put there stays.
pub(super) fn repair(run: &Path, identity: &Identity, records: &mut Records) -> Result<(), StoreError> {
    let files: Vec<FileSummary> = records.files().cloned().collect();
    for fault in verify::files(run, &files, &|set| identity.provenance(set)) {
        let name = fault.file.rsplit('/').next().unwrap_or_default();
        part_number(name).into_iter().for_each(|part| records.remove(part));
    }
    for fault in verify::unlisted(run, &files)? {
        let file = run.join(&fault.file);
        if verify::is_own(&file, &|set| identity.provenance(set)) {
            remove(&file)?;
        }
    }
    records.settle()?;
    write_json(&run.join(IDENTITY), identity)?;
    remove(&run.join(FolderKind::Run.manifest()))
}
