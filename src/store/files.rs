//! Small files: written whole or not at all, hashed, dated.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::StoreError;
use super::hashed::Content;
use crate::digest::sha256_of;
use crate::unit::SECONDS_PER_DAY;

/// Makes a file that did not exist, `.NAME.0.tmp` beside the one that it is to become, or the next number that is
/// free: hidden from the globs that open a set.
pub(super) fn create_temporary(path: &Path) -> Result<(File, PathBuf), StoreError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut number = 0_u64;
    loop {
        let temporary = path.with_file_name(format!(".{name}.{number}.tmp"));
        match File::create_new(&temporary) {
            Err(cause) if cause.kind() == ErrorKind::AlreadyExists => number += 1,
            made => {
                return made
                    .map(|file| (file, temporary.clone()))
                    .map_err(|cause| StoreError::write(&temporary, cause));
            }
        }
    }
}

/// What a temporary file was to become, by its name; `None` of any other file.
pub(super) fn final_name(name: &str) -> Option<&str> {
    let (name, number) = name.strip_prefix('.')?.strip_suffix(".tmp")?.rsplit_once('.')?;
    number.parse::<u64>().is_ok().then_some(name)
}

/// Puts a temporary file on disk and gives it its name: what it holds. If that fails, it is removed.
pub(super) fn name_whole(file: &File, temporary: &Path, path: &Path) -> Result<Content, StoreError> {
    let end = || -> io::Result<Content> {
        file.sync_all()?;
        let content = Content::read(File::open(temporary)?)?;
        fs::rename(temporary, path).map(|()| content)
    };
    end().map_err(|cause| {
        let _ = fs::remove_file(temporary);
        StoreError::write(path, cause)
    })
}

/// Writes a file under a temporary name and renames it: it is there whole or not at all.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let (mut file, temporary) = create_temporary(path)?;
    let mut write = || -> io::Result<()> {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    write().map_err(|cause| {
        let _ = fs::remove_file(&temporary);
        StoreError::write(path, cause)
    })
}

/// Copies a file under a temporary name and renames it, if its bytes have this SHA-256.
pub(super) fn copy_whole(from: &Path, to: &Path, sha256: &str) -> Result<(), StoreError> {
    let source = File::open(from).map_err(|cause| StoreError::read(from, cause))?;
    let (mut file, temporary) = create_temporary(to)?;
    let mut copied = Copied { source, copy: &mut file };
    let copied = sha256_of(&mut copied);
    let is_whole = copied.as_ref().is_ok_and(|hash| hash == sha256);
    let written = copied.and_then(|_| file.sync_all());
    let finished = if is_whole { written.and_then(|()| fs::rename(&temporary, to)) } else { written };
    if is_whole && finished.is_ok() {
        return Ok(());
    }
    let _ = fs::remove_file(&temporary);
    match finished {
        Ok(()) => Err(StoreError::damaged(from, "its bytes are no longer those that were read")),
        Err(cause) => Err(StoreError::write(to, cause)),
    }
}

/// A file whose bytes are written to another while they are read.
struct Copied<'a> {
    source: File,
    copy: &'a mut File,
}

impl Read for Copied<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.copy.write_all(&buffer[..read])?;
        Ok(read)
    }
}

/// Writes a file, in the place of an earlier one only if that is to be replaced.
///
/// # Errors
/// [`StoreError::Exists`] if there is one that is not, and [`StoreError::Write`] if the disk fails.
pub fn write_file(path: &Path, bytes: &[u8], replace: bool) -> Result<(), StoreError> {
    if !replace && fs::symlink_metadata(path).is_ok() {
        return Err(StoreError::Exists { path: path.to_owned() });
    }
    write_whole(path, bytes)
}

/// Sees to it that the names in a folder are on the disk, where the system can.
pub(super) fn sync_folder(folder: &Path) {
    if cfg!(unix) {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}

/// Paths of what lies in a folder, in no order.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    fs::read_dir(folder)
        .and_then(|list| list.map(|entry| entry.map(|e| e.path())).collect())
        .map_err(|cause| StoreError::read(folder, cause))
}

/// Begins the last entry of a JSON file: the hash of all that stands before it.
const SEAL: &str = ",\n  \"blake3_of_all_above\": \"";
const END_OF_SEAL: &str = "\"\n}\n";

/// Writes an object as indented JSON, with the hash of its text as the last entry.
pub(super) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), StoreError> {
    let text = serde_json::to_string_pretty(value).map_err(|error| StoreError::write(path, error.into()))?;
    let entries = text.strip_suffix("\n}").unwrap_or(&text);
    let seal = Content::of(entries.as_bytes()).blake3;
    write_whole(path, format!("{entries}{SEAL}{seal}{END_OF_SEAL}").as_bytes())
}

/// Reads an object from JSON that [`write_json`] wrote and nobody has changed.
pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, StoreError> {
    let bytes = fs::read(path).map_err(|cause| StoreError::read(path, cause))?;
    let text = str::from_utf8(&bytes).map_err(|error| StoreError::damaged(path, error))?;
    let sealed = text.strip_suffix(END_OF_SEAL).and_then(|text| text.rsplit_once(SEAL));
    match sealed {
        Some((entries, seal)) if Content::of(entries.as_bytes()).blake3 == seal => {}
        Some(_) => return Err(StoreError::damaged(path, "it is not what was written: its hash is another")),
        None => return Err(StoreError::damaged(path, "it does not end with its hash")),
    }
    serde_json::from_str(text).map_err(|error| StoreError::damaged(path, error))
}

/// The date and time as RFC 3339 in UTC, to the second: `2026-03-01T09:30:00Z`. Times before 1970
/// are written as 1970.
///
/// The civil date from the number of days: H. Hinnant, "chrono-compatible low-level date
/// algorithms" (2021), `civil_from_days`, for days from 1970 on.
pub fn rfc3339_utc(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (days, of_day) = (seconds / u64::from(SECONDS_PER_DAY), seconds % u64::from(SECONDS_PER_DAY));

    // Days since 0000-03-01, so that a leap day is the last of its year; eras are 400 years.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = 400 * era + year_of_era + u64::from(month <= 2);

    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Expected values: GNU date 9.1, `date -u -d @N +%FT%TZ`.
    #[test]
    fn dates_are_those_of_the_calendar() {
        let cases = [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (1_798_761_599, "2026-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(rfc3339_utc(UNIX_EPOCH + Duration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn json_is_what_was_written_or_an_error() -> Result<(), StoreError> {
        let place = std::env::temp_dir().join(format!("vpop-sealed-{}.json", std::process::id()));
        let value = serde_json::json!({ "seed": 7, "nested": { "list": [1, 2, { "empty": {} }] } });
        write_json(&place, &value)?;
        let written = fs::read(&place).map_err(|cause| StoreError::read(&place, cause))?;
        let read: serde_json::Value = read_json(&place)?;
        assert_eq!((&read["seed"], &read["nested"]), (&value["seed"], &value["nested"]));
        for bit in 0..8 * written.len() {
            let mut flipped = written.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            fs::write(&place, flipped).map_err(|cause| StoreError::write(&place, cause))?;
            let read = read_json::<serde_json::Value>(&place);
            assert!(matches!(read, Err(StoreError::Damaged { .. })), "bit {bit}: {read:?}");
        }
        fs::remove_file(&place).map_err(|cause| StoreError::write(&place, cause))
    }

    #[test]
    fn temporary_files_are_known_by_their_names() {
        assert_eq!(final_name(".part-00003.parquet.0.tmp"), Some("part-00003.parquet"));
        for other in ["part-00003.parquet", ".part-00003.parquet.tmp", ".0.tmp", ".mine.tmp"] {
            assert_eq!(final_name(other), None);
        }
    }
}
