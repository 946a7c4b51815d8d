//! Files that are taken for what they are not: said at once, and not as the first mistake in them.

use std::fmt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::diagnostic::Cause;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A cohort, grading or design file.
    Toml,
    /// A model file.
    Model,
    /// A table of comma-separated values.
    Csv,
    /// A Parquet table.
    Parquet,
    /// An archive, as a spreadsheet is one.
    Archive,
    /// JSON.
    Json,
    /// A folder.
    Folder,
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Toml => "a TOML file, as cohort files are",
            Self::Model => "a model file",
            Self::Csv => "a table of comma-separated values",
            Self::Parquet => "a Parquet table",
            Self::Archive => "an archive, as spreadsheets are",
            Self::Json => "a JSON file",
            Self::Folder => "a folder",
        })
    }
}

/// A file of another kind than is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{} is {found}, not {expected}", path.display())]
pub struct WrongKind {
    /// The file.
    pub path: PathBuf,
    /// What it is.
    pub found: FileKind,
    /// What is wanted.
    pub expected: FileKind,
}

impl Cause for WrongKind {
    fn help(&self) -> Option<String> {
        Some(
            match (self.expected, self.found) {
                (FileKind::Model, _) => {
                    "name the model (an R file) with `model = \"...\"` in the cohort file"
                }
                (FileKind::Toml, FileKind::Model) => {
                    "name a cohort file, or a data set behind the model; `vpop model` shows a model"
                }
                (FileKind::Toml, FileKind::Csv | FileKind::Parquet) => {
                    "name a cohort file, which names the table with `file = \"...\"` in [population.rows] or [data]; or \
                     a model before it: `vpop run MODEL DATA`"
                }
                (FileKind::Toml, _) => "name a cohort file (TOML)",
                (_, FileKind::Archive) => "export the sheet as CSV",
                _ => "give a comma-separated file with a header line, or a Parquet file",
            }
            .to_owned(),
        )
    }
}

/// That a file is plainly of another kind than is wanted, from its first bytes and lines.
pub(crate) fn check(path: &Path, bytes: &[u8], expected: FileKind) -> Result<(), WrongKind> {
    match looks_like(bytes) {
        Some(found) if found != expected => Err(WrongKind { path: path.to_owned(), found, expected }),
        _ => Ok(()),
    }
}

/// What the bytes are beyond doubt.
fn looks_like(bytes: &[u8]) -> Option<FileKind> {
    match bytes {
        [b'P', b'A', b'R', b'1', ..] => return Some(FileKind::Parquet),
        [b'P', b'K', 3, 4, ..] | [0x1f, 0x8b, ..] => return Some(FileKind::Archive),
        _ => {}
    }
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (first, second) = (lines.next()?, lines.next());
    let is_assigned = first.contains('=') || first.contains("<-");
    let is_entry = |line: &str| line.split_once('=').is_some_and(|(key, _)| is_key(key));
    if text.contains("function(") && (text.contains("model({") || text.contains("ini({")) {
        Some(FileKind::Model)
    } else if first.strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with('"')) {
        Some(FileKind::Json)
    } else if (first.starts_with('[') || is_entry(first)) && !text.contains("function") {
        Some(FileKind::Toml)
    } else if !is_assigned
        && separators(first) > 0
        && second.is_none_or(|s| separators(s) == separators(first))
    {
        Some(FileKind::Csv)
    } else {
        None
    }
}

/// What may separate cells; none in what is code.
fn separators(line: &str) -> usize {
    let is_code = line.contains(['(', '{', '[']);
    if is_code { 0 } else { line.matches([',', ';', '\t']).count() }
}

/// Whether a text is the key of a TOML entry.
fn is_key(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.\"'".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_by_their_first_lines() {
        let model = "# a model\none <- function() {\n  ini({ k <- 1 })\n  model({ d/dt(x) <- -k })\n}\n";
        let cases: [(&[u8], Option<FileKind>); 9] = [
            (b"PAR1\x15\x04", Some(FileKind::Parquet)),
            (b"PK\x03\x04", Some(FileKind::Archive)),
            (model.as_bytes(), Some(FileKind::Model)),
            (b"ID,WT,AGE\n1,70,40\n", Some(FileKind::Csv)),
            ("\u{feff}ID;WT\n1;70\n".as_bytes(), Some(FileKind::Csv)),
            (b"# quickstart\nname = \"q\"\nmodel = \"m.R\"\n", Some(FileKind::Toml)),
            (b"[population.WT]\n", Some(FileKind::Toml)),
            (b"{ \"name\": 1 }", Some(FileKind::Json)),
            (b"once upon a time", None),
        ];
        for (bytes, kind) in cases {
            assert_eq!(looks_like(bytes), kind, "{}", String::from_utf8_lossy(bytes));
        }
    }
}
