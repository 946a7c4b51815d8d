//! Files that are taken for what they are not: said at once, and not as the first mistake in them.

use std::fmt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::diagnostic::Cause;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
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

impl fmt::Display for Kind {
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
    pub found: Kind,
    /// What is wanted.
    pub expected: Kind,
}

impl Cause for WrongKind {
    fn help(&self) -> Option<String> {
        Some(
            match (self.expected, self.found) {
                (Kind::Model, _) => "name the model (an R file) with `model = \"...\"` in the cohort file",
                (Kind::Toml, Kind::Model) => "name a cohort file; `vpop model` shows a model",
                (Kind::Toml, Kind::Csv | Kind::Parquet) => {
                    "name a cohort file, which names the table with `file = \"...\"` in [population.rows]"
                }
                (Kind::Toml, _) => "name a cohort file (TOML)",
                (_, Kind::Archive) => "export the sheet as CSV",
                _ => "give a comma-separated file with a header line, or a Parquet file",
            }
            .to_owned(),
        )
    }
}

/// That a file is plainly of another kind than is wanted, from its first bytes and lines.
pub(crate) fn check(path: &Path, bytes: &[u8], expected: Kind) -> Result<(), WrongKind> {
    match looks_like(bytes) {
        Some(found) if found != expected => Err(WrongKind { path: path.to_owned(), found, expected }),
        _ => Ok(()),
    }
}

/// What the bytes are beyond doubt.
fn looks_like(bytes: &[u8]) -> Option<Kind> {
    match bytes {
        [b'P', b'A', b'R', b'1', ..] => return Some(Kind::Parquet),
        [b'P', b'K', 3, 4, ..] | [0x1f, 0x8b, ..] => return Some(Kind::Archive),
        _ => {}
    }
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (first, second) = (lines.next()?, lines.next());
    let is_assigned = first.contains('=') || first.contains("<-");
    let is_entry = |line: &str| line.split_once('=').is_some_and(|(key, _)| is_key(key));
    if text.contains("function(") && (text.contains("model({") || text.contains("ini({")) {
        Some(Kind::Model)
    } else if first.strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with('"')) {
        Some(Kind::Json)
    } else if (first.starts_with('[') || is_entry(first)) && !text.contains("function") {
        Some(Kind::Toml)
    } else if !is_assigned
        && separators(first) > 0
        && second.is_none_or(|s| separators(s) == separators(first))
    {
        Some(Kind::Csv)
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
        let cases: [(&[u8], Option<Kind>); 9] = [
            (b"PAR1\x15\x04", Some(Kind::Parquet)),
            (b"PK\x03\x04", Some(Kind::Archive)),
            (model.as_bytes(), Some(Kind::Model)),
            (b"ID,WT,AGE\n1,70,40\n", Some(Kind::Csv)),
            ("\u{feff}ID;WT\n1;70\n".as_bytes(), Some(Kind::Csv)),
            (b"# quickstart\nname = \"q\"\nmodel = \"m.R\"\n", Some(Kind::Toml)),
            (b"[population.WT]\n", Some(Kind::Toml)),
            (b"{ \"name\": 1 }", Some(Kind::Json)),
            (b"once upon a time", None),
        ];
        for (bytes, kind) in cases {
            assert_eq!(looks_like(bytes), kind, "{}", String::from_utf8_lossy(bytes));
        }
    }
}
