//! Whether the files of a folder are those that were written into it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::error::StoreError;
use super::fault::{Fault, Wrong};
use super::files::entries;
use super::hashed::Content;
use super::identity::Identity;
use super::manifest::FileSummary;
use super::read::Footer;
use super::set::{COLUMNS, Set, part_file, part_number};
use super::spool::Header;
use crate::caught::caught;

/// Key-value metadata of the files of a set.
pub(super) type Provenance<'a> = dyn Fn(&str) -> Vec<(String, String)> + Sync + 'a;

/// What is wrong with files of a folder: every byte of them is read.
pub(super) fn files(folder: &Path, listed: &[FileSummary], provenance: &Provenance<'_>) -> Vec<Fault> {
    let fault = |file: &FileSummary| {
        let wrong = wrong_with(folder, file, listed, provenance)?;
        Some(Fault { file: file.file.clone(), wrong })
    };
    listed.par_iter().filter_map(fault).collect()
}

/// Files in the folders of a run's sets that the run did not write. Hidden files, which no reader of a set takes, are
/// left out.
pub(super) fn unlisted(run: &Path, listed: &[FileSummary]) -> Result<Vec<Fault>, StoreError> {
    let mut faults = Vec::new();
    for set in Set::ALL {
        let folder = run.join(set.name());
        let mut found = if folder.is_dir() { entries(&folder)? } else { Vec::new() };
        found.sort();
        for path in found {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let file = format!("{}/{name}", set.name());
            if !name.starts_with(['.', '_']) && !listed.iter().any(|listed| listed.file == file) {
                let wrong = File::open(&path).and_then(Content::read).ok().and_then(|c| copy(&c, listed));
                faults.push(Fault { file, wrong: wrong.unwrap_or(Wrong::Unlisted) });
            }
        }
    }
    Ok(faults)
}

/// The files that a run lacks: every part must be in these sets.
pub(super) fn incomplete(identity: &Identity, sets: &[Set], listed: &[FileSummary]) -> Vec<Fault> {
    let parts = identity.parts();
    let files = sets.iter().flat_map(|set| parts.iter().map(move |part| part_file(set.name(), part.number)));
    let missing = files.filter(|file| !listed.iter().any(|listed| listed.file == *file));
    missing.map(|file| Fault { file, wrong: Wrong::Missing }).collect()
}

/// Whether a file is of a set of the run with this metadata, and may be removed from its folder, as it can be
/// made again.
pub(super) fn is_own(path: &Path, provenance: &Provenance<'_>) -> bool {
    let set = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let of_part = part_number(&name).is_some() && regular(path).unwrap_or(false);
    of_part && matches!(foreign(path.to_owned(), &provenance(&set)), Ok(None))
}

/// What is wrong with bytes that should be those of a file in memory.
pub(super) fn bytes(path: &Path, is_right: impl Fn(&[u8]) -> bool) -> Option<Wrong> {
    match fs::read(path) {
        Ok(bytes) if is_right(&bytes) => None,
        Ok(_) => Some(Wrong::Changed),
        Err(cause) => Some(not_read(&cause)),
    }
}

fn wrong_with(
    folder: &Path,
    listed: &FileSummary,
    all: &[FileSummary],
    provenance: &Provenance<'_>,
) -> Option<Wrong> {
    let path = folder.join(&listed.file);
    let content = match regular(&path).and_then(|is| is.then(|| File::open(&path)).transpose()) {
        Err(cause) => return Some(not_read(&cause)),
        Ok(None) => return Some(Wrong::NotAFile),
        Ok(Some(file)) => match Content::read(file) {
            Err(cause) => return Some(not_read(&cause)),
            Ok(content) => content,
        },
    };
    let is_right = content.blake3 == listed.blake3 && content.bytes == listed.bytes;
    if !is_right && let Some(copy) = copy(&content, all) {
        return Some(copy);
    }
    let of_footer = foreign(path, &provenance(&listed.set));
    match of_footer {
        Ok(None) if is_right => None,
        Ok(Some(foreign)) => Some(foreign),
        Ok(None) => Some(Wrong::Changed),
        Err(_) if content.bytes == listed.bytes => Some(Wrong::Changed),
        Err(_) => Some(Wrong::Size { bytes: content.bytes, written: listed.bytes }),
    }
}

fn regular(path: &Path) -> io::Result<bool> {
    fs::symlink_metadata(path).map(|metadata| metadata.is_file())
}

fn not_read(cause: &io::Error) -> Wrong {
    match cause.kind() {
        io::ErrorKind::NotFound => Wrong::Missing,
        _ => Wrong::Unreadable { why: cause.to_string() },
    }
}

fn copy(content: &Content, all: &[FileSummary]) -> Option<Wrong> {
    let original = all.iter().find(|other| other.blake3 == content.blake3)?;
    Some(Wrong::CopyOf { file: original.file.clone() })
}

/// Whose a file is, if it is not of the run with this metadata. Damaged files may make the reader of Parquet panic.
fn foreign(path: PathBuf, expected: &[(String, String)]) -> Result<Option<Wrong>, StoreError> {
    let damaged = path.clone();
    let said = caught(|| Said::of(path)).map_err(|why| StoreError::damaged(&damaged, why))??;
    let Said { provenance: found, by } = said;
    if !found.iter().any(|(key, _)| key.starts_with("vpop.")) {
        return Ok(Some(Wrong::Rewritten { by: by.unwrap_or_else(|| "unknown".to_owned()) }));
    }
    let differs = expected.iter().find_map(|(key, expected)| {
        let value = found.iter().find(|(found, _)| found == key).map(|(_, value)| value.clone());
        (value.as_ref() != Some(expected)).then(|| Wrong::Foreign {
            what: key.trim_start_matches("vpop.").to_owned(),
            found: value.unwrap_or_else(|| "absent".to_owned()),
            expected: expected.clone(),
        })
    });
    Ok(differs)
}

/// What a file says of itself.
struct Said {
    provenance: Vec<(String, String)>,
    /// The program that wrote it, if it names one.
    by: Option<String>,
}

impl Said {
    fn of(path: PathBuf) -> Result<Self, StoreError> {
        if path.extension().is_some_and(|ending| ending == COLUMNS) {
            let (header, _) = Header::read(&path)?;
            return Ok(Self { provenance: header.provenance, by: None });
        }
        let footer = Footer::read(path)?;
        Ok(Self { provenance: footer.provenance(), by: footer.created_by().map(str::to_owned) })
    }
}
