//! What can go wrong on disk, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use parquet::errors::ParquetError;

use super::fault::Fault;
use crate::diagnostic::Cause;

/// A run folder or one of its files could not be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The run folder cannot be made, or nothing can be written into it.
    #[error("cannot write a run into `{}`: {cause}", path.display())]
    Create {
        /// The run folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The folder holds a run with its manifest.
    #[error("`{}` already holds a finished run", path.display())]
    Finished {
        /// The run folder.
        path: PathBuf,
    },
    /// The folder holds a run without its manifest.
    #[error("`{}` holds a run that was interrupted", path.display())]
    Unfinished {
        /// The run folder.
        path: PathBuf,
    },
    /// The folder holds finished results of other than a run.
    #[error("`{}` already holds a finished {results}", path.display())]
    FinishedResults {
        /// The folder.
        path: PathBuf,
        /// What they are.
        results: &'static str,
    },
    /// There is a file that was to be written.
    #[error("`{}` already exists", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A table for other programs in a file of neither kind.
    #[error("`{}` is neither .csv nor .parquet", path.display())]
    ExportEnding {
        /// The file.
        path: PathBuf,
    },
    /// A file lists others than results of its kind.
    #[error("`{}` lists `{file}`, which is no file of a {results}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it lists.
        file: String,
        /// What it should be of.
        results: &'static str,
    },
    /// A symbolic link in place of a file or folder of ours.
    #[error("`{}` is a symbolic link", path.display())]
    Link {
        /// The link.
        path: PathBuf,
    },
    /// The folder holds something else.
    #[error("`{}` is not empty, and what it holds is not a run", path.display())]
    NotARun {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds a run or something else, and other results are to be written into it.
    #[error("`{}` is not empty, and what it holds is not a {results}", path.display())]
    NotResults {
        /// The folder.
        path: PathBuf,
        /// What is to be written.
        results: &'static str,
    },
    /// There is nothing to read.
    #[error("`{}` holds no finished {what}", path.display())]
    NoResults {
        /// The folder.
        path: PathBuf,
        /// What is looked for.
        what: &'static str,
    },
    /// The run that is there was made from other inputs.
    #[error("the run in `{}` was made from other inputs: {}", path.display(), listed(differences))]
    Different {
        /// The run folder.
        path: PathBuf,
        /// Every input that differs.
        differences: Vec<Difference>,
    },
    /// Another process is writing the run.
    #[error("another process is writing into `{}`", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// Two input files have one name.
    #[error("two input files are called `{name}`")]
    InputNames {
        /// The name.
        name: String,
    },
    /// A file could not be written, for instance because the disk is full.
    #[error("cannot write `{}`: {cause}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A file could not be read.
    #[error("cannot read `{}`: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A file of the run is not what this program writes.
    #[error("`{}` is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Files of a run, or of results, are not those that were written.
    #[error("`{}` is damaged: {}", path.display(), listed_faults(faults))]
    Faults {
        /// The folder.
        path: PathBuf,
        /// What is wrong with each; never empty.
        faults: Vec<Fault>,
    },
    /// A file of the run has no column of this name.
    #[error("`{}` has no column `{column}`", path.display())]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
    },
    /// What a finished run does not keep of its patients.
    #[error("the run in `{}` does not keep {what}", path.display())]
    NotKept {
        /// The run folder.
        path: PathBuf,
        /// What is asked for.
        what: String,
    },
    /// A table does not have the columns that its file was opened with.
    #[error("a table for `{}` does not fit its columns: {reason}", path.display())]
    Columns {
        /// The file.
        path: PathBuf,
        /// How it differs.
        reason: String,
    },
}

/// One input that is not what the interrupted run was started with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What differs, as `seed`.
    pub what: String,
    /// What the run was started with.
    pub then: String,
    /// What was asked for now.
    pub now: String,
}

impl Cause for StoreError {
    fn is_of_input(&self) -> bool {
        match self {
            Self::Write { .. } | Self::Columns { .. } | Self::Faults { .. } => false,
            Self::Create { cause, .. } | Self::Read { cause, .. } => is_of_path(cause),
            _ => true,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Create { cause, .. } if disk_is_full(cause) => {
                "the disk is full: make room, or give another folder with `-o`; nothing was run".to_owned()
            }
            Self::Create { .. } => {
                "give another folder with `-o`, or make this one writable; nothing was run".to_owned()
            }
            Self::Finished { .. } => {
                "give another folder with `-o`, or replace the run with `--force`".to_owned()
            }
            Self::Unfinished { .. } => {
                "finish it with `--resume`, or start it again with `--force`".to_owned()
            }
            Self::NotARun { .. } => {
                "give another folder with `-o`; files that are not a run's are never replaced".to_owned()
            }
            Self::FinishedResults { .. } => {
                "give another folder with `-o`, or replace what is there with `--force`".to_owned()
            }
            Self::Exists { .. } => "name another file, or replace it with `--force`".to_owned(),
            Self::ExportEnding { .. } => "name a file that ends with `.csv` or `.parquet`".to_owned(),
            Self::Foreign { .. } => {
                "give another folder with `-o`: what is not ours is never replaced".to_owned()
            }
            Self::Link { .. } => {
                "give another folder with `-o`, or put a file or folder in its place: links in \
                                  a folder of results are neither followed nor removed"
                    .to_owned()
            }
            Self::NotResults { .. } => "give another folder with `-o`".to_owned(),
            Self::NoResults { .. } => "give the folder that was named as written to".to_owned(),
            Self::Different { .. } => "give the same inputs to go on with this run, start it again with \
                                       `--force`, or give another folder with `-o`"
                .to_owned(),
            Self::Busy { .. } => {
                "wait until it has ended or stop it, or give another folder with `-o`".to_owned()
            }
            Self::InputNames { .. } => "rename one of them: a run keeps its inputs in one folder".to_owned(),
            Self::Write { cause, .. } if disk_is_full(cause) => {
                "the disk is full: make room and go on with `--resume`; finished parts are kept".to_owned()
            }
            Self::Write { .. } => {
                "mend what the system reports and go on with `--resume`; finished parts are kept".to_owned()
            }
            Self::Read { .. } => "check that the file is there and may be read".to_owned(),
            Self::Damaged { .. } | Self::NoColumn { .. } => {
                "the file was changed after it was written, or is of another version: make it again with \
                 `--resume --repair`, or start the run again with `--force`"
                    .to_owned()
            }
            Self::NotKept { .. } => {
                "run it again without `--no-outcomes`, and without `outcomes = false` and \
                                     `columns` in [output]"
                    .to_owned()
            }
            Self::Faults { faults, .. } if faults.iter().all(Fault::is_stray) => {
                "move what is not of this run out of its folder".to_owned()
            }
            Self::Faults { .. } => "make what is damaged again: the command that wrote it, with `--resume \
                                    --repair`; move files that are not of this run out of its folder"
                .to_owned(),
            Self::Columns { .. } => return None,
        })
    }
}

impl StoreError {
    /// Nothing, or what is wrong with the files of a folder.
    pub(super) fn none_or_faults(path: &Path, faults: Vec<Fault>) -> Result<(), Self> {
        if faults.is_empty() { Ok(()) } else { Err(Self::Faults { path: path.to_owned(), faults }) }
    }

    pub(super) fn write(path: &Path, cause: io::Error) -> Self {
        Self::Write { path: path.to_owned(), cause }
    }

    pub(crate) fn read(path: &Path, cause: io::Error) -> Self {
        Self::Read { path: path.to_owned(), cause }
    }

    pub(super) fn damaged(path: &Path, reason: impl ToString) -> Self {
        Self::Damaged { path: path.to_owned(), reason: reason.to_string() }
    }

    /// The system's error inside a failed Parquet write, if there is one: a full disk is told apart
    /// from a table that cannot be written.
    pub(super) fn parquet_write(path: &Path, error: ParquetError) -> Self {
        match error {
            ParquetError::External(inner) => match inner.downcast::<io::Error>() {
                Ok(cause) => Self::write(path, *cause),
                Err(other) => Self::write(path, io::Error::other(other)),
            },
            other => Self::write(path, io::Error::other(other)),
        }
    }

    /// A failed Parquet read: the system's error, or a damaged file.
    pub(super) fn parquet_read(path: &Path, error: ParquetError) -> Self {
        match error {
            ParquetError::External(inner) => match inner.downcast::<io::Error>() {
                Ok(cause) => Self::read(path, *cause),
                Err(other) => Self::damaged(path, other),
            },
            other => Self::damaged(path, other),
        }
    }
}

/// Whether what is given as a path is at fault, and not the disk.
fn is_of_path(cause: &io::Error) -> bool {
    matches!(
        cause.kind(),
        io::ErrorKind::NotFound
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::AlreadyExists
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::IsADirectory
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::InvalidFilename
            | io::ErrorKind::InvalidInput
    )
}

fn disk_is_full(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// Faults that a message names; the others are counted.
const FAULTS_SHOWN: usize = 20;

fn listed_faults(faults: &[Fault]) -> String {
    let shown: Vec<String> = faults.iter().take(FAULTS_SHOWN).map(Fault::to_string).collect();
    match faults.len().saturating_sub(FAULTS_SHOWN) {
        0 => shown.join("; "),
        more => format!("{}; and {more} more", shown.join("; ")),
    }
}

fn listed(differences: &[Difference]) -> String {
    let one = |d: &Difference| format!("{} was {} and is now {}", d.what, d.then, d.now);
    differences.iter().map(one).collect::<Vec<_>>().join("; ")
}
