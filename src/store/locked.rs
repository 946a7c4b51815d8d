//! A folder that one process at a time writes into.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::error::StoreError;

/// The working folder in every folder of results: it holds the lock, and new results until they take the place of the
/// earlier ones.
pub(super) const WORK: &str = ".vpop";
const LOCK: &str = "lock";

/// How often a folder is tried that other processes make and remove at the same time.
const ATTEMPTS: usize = 100;

/// A folder that no other process writes into, until this is dropped. What is empty then and was made for it is
/// removed.
///
/// The lock is a file of its own, taken before anything in the folder is looked at. On a file system without
/// locks nothing is locked.
#[derive(Debug)]
pub(super) struct LockedFolder {
    path: PathBuf,
    /// Folders that were made, outermost first.
    made: Vec<PathBuf>,
    _lock: File,
}

impl LockedFolder {
    /// Takes a folder, which is made if it is not there.
    pub(super) fn take(path: &Path) -> Result<Self, StoreError> {
        let mut made = Vec::new();
        for _ in 0..ATTEMPTS {
            match take(path, &mut made) {
                Ok(Some(lock)) => return Ok(Self { path: path.to_owned(), made, _lock: lock }),
                Ok(None) => {}
                Err(error) => {
                    remove_if_empty(&made);
                    return Err(error);
                }
            }
        }
        Err(StoreError::Busy { path: path.to_owned() })
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What is to replace the results.
    pub(super) fn next(&self) -> PathBuf {
        next(&self.path)
    }
}

/// What is to replace the results in a folder.
pub(super) fn next(path: &Path) -> PathBuf {
    path.join(WORK).join("next")
}

impl Drop for LockedFolder {
    fn drop(&mut self) {
        // While it is locked: nobody else has this very file for a lock. Elsewhere than on Unix it could not be
        // told from another's, and stays.
        if cfg!(unix) {
            let _ = fs::remove_file(self.path.join(WORK).join(LOCK));
        }
        let _ = fs::remove_dir(self.path.join(WORK));
        remove_if_empty(&self.made);
    }
}

/// Makes and locks a folder; `None` if it was removed meanwhile.
fn take(path: &Path, made: &mut Vec<PathBuf>) -> Result<Option<File>, StoreError> {
    let work = path.join(WORK);
    let create = |cause| StoreError::Create { path: path.to_owned(), cause };
    is_folder(&work)?;
    match make(&work, made) {
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(None),
        done => done.map_err(create)?,
    }
    let name = work.join(LOCK);
    is_file(&name)?;
    let file = match OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&name) {
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(create)?,
    };
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => return Err(StoreError::Busy { path: path.to_owned() }),
        Ok(()) | Err(TryLockError::Error(_)) => {}
    }
    Ok(is_at(&file, &name).then_some(file))
}

/// Makes a folder with those above it, and notes which of them it made.
fn make(folder: &Path, made: &mut Vec<PathBuf>) -> io::Result<()> {
    let missing = folder.ancestors().take_while(|above| !above.as_os_str().is_empty() && !above.is_dir());
    let missing: Vec<&Path> = missing.collect();
    for folder in missing.into_iter().rev() {
        match fs::create_dir(folder) {
            Ok(()) => made.push(folder.to_owned()),
            // Another process was faster.
            Err(cause) if cause.kind() == ErrorKind::AlreadyExists && folder.is_dir() => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(())
}

/// Removes files in a folder, and folders within that are empty then.
pub(super) fn remove_files(folder: &Path, files: &[PathBuf]) -> Result<(), StoreError> {
    for file in files {
        let file = folder.join(file);
        fs::remove_file(&file).map_err(|cause| StoreError::write(&file, cause))?;
    }
    remove_empty_within(folder, files);
    Ok(())
}

/// Removes the folders of files, within another, that are empty.
pub(super) fn remove_empty_within(folder: &Path, files: &[PathBuf]) {
    let within = files.iter().flat_map(|file| file.ancestors().skip(1));
    for empty in within.filter(|within| !within.as_os_str().is_empty()) {
        let _ = fs::remove_dir(folder.join(empty));
    }
}

fn remove_if_empty(folders: &[PathBuf]) {
    for folder in folders.iter().rev() {
        let _ = fs::remove_dir(folder);
    }
}

/// Whether an open file is still the one of this name, and not one that its holder removed.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let (Ok(open), Ok(named)) = (file.metadata(), fs::symlink_metadata(path)) else { return false };
    (open.dev(), open.ino()) == (named.dev(), named.ino())
}

/// Whether an open file is still the one of this name: nobody removes it.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

/// Whether there is a file of this name.
///
/// # Errors
/// [`StoreError::Link`] if it is a symbolic link.
pub(super) fn is_file(path: &Path) -> Result<bool, StoreError> {
    Ok(kind_of(path)?.is_some_and(|kind| kind.is_file()))
}

/// Whether there is a folder of this name.
///
/// # Errors
/// [`StoreError::Link`] if it is a symbolic link.
pub(super) fn is_folder(path: &Path) -> Result<bool, StoreError> {
    Ok(kind_of(path)?.is_some_and(|kind| kind.is_dir()))
}

fn kind_of(path: &Path) -> Result<Option<fs::FileType>, StoreError> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => Err(StoreError::Link { path: path.to_owned() }),
        Ok(found) => Ok(Some(found.file_type())),
        Err(cause) if matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(cause) => Err(StoreError::read(path, cause)),
    }
}

/// Names in a folder, in order; none if it is not there.
///
/// # Errors
/// [`StoreError::Link`] if the folder is a symbolic link, and whatever hinders reading.
pub(super) fn names(folder: &Path) -> Result<Vec<String>, StoreError> {
    if !is_folder(folder)? {
        return Ok(Vec::new());
    }
    let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    let list = fs::read_dir(folder).and_then(|list| list.map(|entry| entry.map(name)).collect());
    let mut names: Vec<String> = list.map_err(|cause| StoreError::read(folder, cause))?;
    names.sort();
    Ok(names)
}

/// Every file in a folder and those within, relative to it.
///
/// # Errors
/// [`StoreError::Link`] at a symbolic link, and whatever hinders reading.
pub(super) fn files_within(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let mut files = Vec::new();
    for name in names(folder)? {
        if is_folder(&folder.join(&name))? {
            files.extend(
                files_within(&folder.join(&name))?.into_iter().map(|file| Path::new(&name).join(file)),
            );
        } else {
            files.push(name.into());
        }
    }
    Ok(files)
}

/// Removes a file or folder of ours with all that is in it; nothing if it is not there.
///
/// # Errors
/// [`StoreError::Link`] at a symbolic link, which is not removed, and [`StoreError::Write`].
pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    let removed = if is_folder(path)? {
        names(path)?.iter().try_for_each(|name| remove(&path.join(name)))?;
        fs::remove_dir(path)
    } else if is_file(path)? {
        fs::remove_file(path)
    } else {
        Ok(())
    };
    removed.map_err(|cause| StoreError::write(path, cause))
}
