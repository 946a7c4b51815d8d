//! Errors of a model file as a whole.

use std::path::PathBuf;

use thiserror::Error;

use crate::diagnostic::Cause;

/// The file cannot be read, or is not one model function.
#[derive(Debug, Error)]
pub enum FileError {
    /// It cannot be opened or read.
    #[error("cannot read the model file {path}: {reason}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// It is not text.
    #[error("the model file {path} is not UTF-8 text: line {line} has other bytes", path = path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The first line with bytes that are not UTF-8.
        line: usize,
    },
    /// No model function in it.
    #[error("there is no model function in this file")]
    NoFunction,
    /// More than one model function in it.
    #[error("a second model function, `{name}`, begins here")]
    SecondFunction {
        /// Its name.
        name: String,
    },
    /// `ini` or `model` is not there.
    #[error("the model function has no `{block}` block")]
    MissingBlock {
        /// `ini` or `model`.
        block: &'static str,
    },
    /// `ini` or `model` is there twice.
    #[error("a second `{block}` block")]
    SecondBlock {
        /// `ini` or `model`.
        block: &'static str,
    },
    /// More statements than anybody writes.
    #[error("the `{block}` block has {found} statements; a model may have {most}")]
    TooLong {
        /// `ini` or `model`.
        block: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// `ini(...)` without braces, or with other arguments.
    #[error("`{block}` must hold one block in braces")]
    BlockForm {
        /// `ini` or `model`.
        block: &'static str,
    },
}

impl Cause for FileError {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Unreadable { .. } => "check the path and the permissions".into(),
            Self::NotUtf8 { .. } => {
                "save it as UTF-8; accented letters of another encoding are the usual cause".into()
            }
            Self::NoFunction => {
                "write `name <- function() { ini({ ... }); model({ ... }) }`, with metadata before `ini`"
                    .into()
            }
            Self::SecondFunction { .. } => "put each model into a file of its own".into(),
            Self::MissingBlock { block } | Self::BlockForm { block } => format!("write `{block}({{ ... }})`"),
            Self::TooLong { .. } => "split the model, or leave out what it does not need".into(),
            Self::SecondBlock { .. } => "put everything into one block".into(),
        })
    }
}
