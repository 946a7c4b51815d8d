//! New results in the place of earlier ones, which stay until the new ones are whole.
//!
//! They are made in `.vpop/next`, and are whole with the file that is written last. Then the earlier ones are moved
//! to `.vpop/old`, `next` becomes `moving`, and its files are moved into the folder, the one that is written last at
//! the end. Whatever of this a killed process left undone is done by the next one that opens the folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::error::StoreError;
use super::files::sync_folder;
use super::folder_kind::{FolderKind, SCENARIOS};
use super::locked::{
    LockedFolder, WORK, files_within, is_file, is_folder, next, remove, remove_empty_within,
};

const MOVING: &str = "moving";
const OLD: &str = "old";

/// How often, and after how long each time, it is looked whether another process has done it.
const ATTEMPTS: usize = 100;
const PAUSE: Duration = Duration::from_millis(20);

/// Puts new results that are whole in the place of the earlier ones.
///
/// # Errors
/// Whatever the disk fails with; the next process goes on from there.
pub(super) fn settle(place: &LockedFolder) -> Result<(), StoreError> {
    let (folder, next) = (place.path(), place.next());
    let [moving, old] = [MOVING, OLD].map(|name| folder.join(WORK).join(name));
    if let Some(kind) = whole(&next)? {
        let with_runs = is_folder(&next.join(SCENARIOS))?;
        let mut earlier = kind.files(folder)?;
        earlier.retain(|file| with_runs || !file.starts_with(SCENARIOS));
        move_files(&earlier, folder, &old)?;
        kind.remove_empty(folder);
        rename(&next, &moving)?;
        sync_folder(&folder.join(WORK));
    }
    if is_folder(&moving)? {
        let mut files = files_within(&moving)?;
        files.sort_by_key(|file| FolderKind::ALL.iter().any(|kind| file == Path::new(kind.manifest())));
        move_files(&files, &moving, folder)?;
        sync_folder(folder);
        remove(&moving)?;
    }
    remove(&old)
}

/// Does what a killed process left undone, before a folder is read.
///
/// # Errors
/// [`StoreError::Busy`] if another process is at it, and whatever the disk fails with.
pub(super) fn settle_for_reading(folder: &Path) -> Result<(), StoreError> {
    for _ in 0..ATTEMPTS {
        if whole(&next(folder))?.is_none() && !is_folder(&folder.join(WORK).join(MOVING))? {
            return Ok(());
        }
        match LockedFolder::take(folder) {
            Err(StoreError::Busy { .. }) => thread::sleep(PAUSE),
            place => return settle(&place?),
        }
    }
    Err(StoreError::Busy { path: folder.to_owned() })
}

/// What new results are, if they are whole.
pub(super) fn whole(next: &Path) -> Result<Option<FolderKind>, StoreError> {
    is_folder(next)?;
    for kind in FolderKind::ALL {
        if is_file(&next.join(kind.manifest()))? {
            return Ok(Some(kind));
        }
    }
    Ok(None)
}

/// Moves files from one folder to another, and removes folders that are empty then.
fn move_files(files: &[PathBuf], from: &Path, to: &Path) -> Result<(), StoreError> {
    for file in files {
        let target = to.join(file);
        is_file(&target)?;
        if let Some(folder) = target.parent() {
            is_folder(folder)?;
            fs::create_dir_all(folder).map_err(|cause| StoreError::write(folder, cause))?;
        }
        rename(&from.join(file), &target)?;
    }
    remove_empty_within(from, files);
    Ok(())
}

fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::rename(from, to).map_err(|cause| StoreError::write(to, cause))
}
