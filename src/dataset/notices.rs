//! What a user should know of a data set.

use std::path::Path;

use thiserror::Error;

use super::find::{Columns, Values};
use super::items::Item;
use super::second::Second;
use crate::diagnostic::{Cause, Notice, Place};
use crate::model::Model;

/// The most names that are listed.
const MOST_NAMES: usize = 12;

/// Something to know of a data set.
#[derive(Debug, Error)]
pub enum DatasetNotice {
    /// Columns that nothing reads.
    #[error("nothing reads {} of {file}", names(columns))]
    Unread {
        /// Their names.
        columns: Vec<String>,
        /// The file.
        file: String,
    },
    /// Values that replace what would be drawn or computed.
    #[error("{file} gives {}: not drawn, and not computed by the model", names(columns))]
    Given {
        /// Their names.
        columns: Vec<String>,
        /// The file.
        file: String,
    },
    /// Individuals of a second table that are no patients.
    #[error("{count} IDs of {file} are not in the data set")]
    OtherIds {
        /// How many.
        count: usize,
        /// The file.
        file: String,
    },
    /// Doses whose compartment is not said.
    #[error("{file} has no column CMT: doses go into {state}, the model's first state")]
    FirstState {
        /// The file.
        file: String,
        /// The state.
        state: String,
    },
    /// Events whose kind is not said.
    #[error(
        "{file} has no column EVID: records with an amount, a rate or another item of doses give one, others observe"
    )]
    DerivedEvents {
        /// The file.
        file: String,
    },
}

impl Cause for DatasetNotice {
    fn help(&self) -> Option<String> {
        match self {
            Self::Unread { .. } => Some(
                "covariates are taken by the model's names; others are kept by `keep = [...]` in [data]"
                    .into(),
            ),
            Self::Given { .. } => Some("say which are meant by `given = [...]` in [data]".into()),
            Self::FirstState { .. } | Self::DerivedEvents { .. } | Self::OtherIds { .. } => None,
        }
    }
}

fn names(all: &[String]) -> String {
    let more = all.len().saturating_sub(MOST_NAMES);
    let names = all[..all.len() - more].join(", ");
    if more == 0 { names } else { format!("{names} and {more} more") }
}

pub(super) fn notices(
    file: &Path,
    columns: &Columns,
    second: Option<&Second>,
    model: &Model,
    place: &Place,
) -> Vec<Notice> {
    let name_of =
        |file: &Path| file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let name = || name_of(file);
    let mut found = Vec::new();
    let effects = columns.effects.iter().map(|&(_, column)| columns.taken.names[column].clone());
    let others = columns.covariates.iter().filter(|c| c.of != Values::Covariate).map(|c| c.name.clone());
    let given: Vec<String> = effects.chain(others).collect();
    if !given.is_empty() {
        found.push(DatasetNotice::Given { columns: given, file: name() });
    }
    if columns.item(Item::Evid).is_none() {
        found.push(DatasetNotice::DerivedEvents { file: name() });
    }
    if let (None, [first, _, ..]) = (columns.item(Item::Cmt), model.states.as_slice()) {
        found.push(DatasetNotice::FirstState { file: name(), state: first.name.clone() });
    }
    if !columns.unread.is_empty() {
        found.push(DatasetNotice::Unread { columns: columns.unread.clone(), file: name() });
    }
    if let Some((second, of_second)) = second.zip(columns.second.as_ref()) {
        let file = name_of(&second.file());
        if !of_second.unread.is_empty() {
            found.push(DatasetNotice::Unread { columns: of_second.unread.clone(), file: file.clone() });
        }
        if second.unused() > 0 {
            found.push(DatasetNotice::OtherIds { count: second.unused(), file });
        }
    }
    found.iter().map(|notice| Notice::note(notice, Some(place.clone()))).collect()
}
