//! What may be wrong with a file of a folder.

use std::fmt;

use super::set::{Set, part_file};

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// It is not there.
    Missing,
    /// It is a folder, a symbolic link or a device.
    NotAFile,
    /// It, or what is needed to judge it, cannot be read.
    Unreadable {
        /// What the system said.
        why: String,
    },
    /// It is another size than it had, and no whole file.
    Size {
        /// Bytes that it has.
        bytes: u64,
        /// Bytes that were written.
        written: u64,
    },
    /// It holds other bytes than were written: bits have flipped, or somebody has changed it.
    Changed,
    /// It has the bytes of another file of the folder.
    CopyOf {
        /// The other.
        file: String,
    },
    /// It is of another run.
    Foreign {
        /// What tells them apart, as `seed`.
        what: String,
        /// What it says of that.
        found: String,
        /// What this run is.
        expected: String,
    },
    /// Another program has written it.
    Rewritten {
        /// As that program calls itself.
        by: String,
    },
    /// It is none of the files that were written.
    Unlisted,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(f, "missing"),
            Self::NotAFile => write!(f, "not a file"),
            Self::Unreadable { why } => write!(f, "cannot be read: {why}"),
            Self::Size { bytes, written } if bytes < written => {
                write!(f, "truncated: {bytes} of {written} bytes")
            }
            Self::Size { bytes, written } => write!(f, "{bytes} bytes, and {written} were written"),
            Self::Changed => write!(f, "changed: other bytes than were written"),
            Self::CopyOf { file } => write!(f, "a copy of {file}"),
            Self::Foreign { what, found, expected } => {
                write!(f, "of another run: its {what} is {found}, not {expected}")
            }
            Self::Rewritten { by } => write!(f, "written by another program: {by}"),
            Self::Unlisted => write!(f, "not of this run"),
        }
    }
}

/// A file with something wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file, within its folder.
    pub file: String,
    /// What is wrong with it.
    pub wrong: Wrong,
}

impl Fault {
    /// Whether the file is called as that of a part.
    pub(super) fn is_of_part(&self, part: u64) -> bool {
        Set::ALL.iter().any(|set| part_file(set.name(), part) == self.file)
    }

    /// Whether the file is simply not of the folder.
    pub(super) fn is_stray(&self) -> bool {
        self.wrong == Wrong::Unlisted
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}", self.file, self.wrong)
    }
}
