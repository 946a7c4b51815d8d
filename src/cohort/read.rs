//! From text to the tables of `raw`, with everything that cannot be read.

mod deserializer;

use std::ops::Range;

use serde::de::DeserializeOwned;
use thiserror::Error;
use toml::de::{DeTable, DeValue};

use super::report::Report;
use crate::diagnostic::{Cause, did_you_mean};
use deserializer::Value;

/// Why a part of the file cannot be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// It is not TOML.
    #[error("not valid TOML: {message}")]
    Syntax {
        /// What the TOML reader says.
        message: String,
    },
    /// A key that the table does not have.
    #[error("unknown key `{key}`")]
    UnknownKey {
        /// The key.
        key: String,
        /// The keys of the table.
        known: Vec<String>,
    },
    /// A text that is none of the choices.
    #[error("`{found}` is not one of the choices here")]
    UnknownChoice {
        /// What was written.
        found: String,
        /// The choices.
        choices: Vec<String>,
    },
    /// A value of another type.
    #[error("found {found} where {expected} is expected")]
    WrongType {
        /// What was written.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// A character that no text shows.
    #[error("the text holds the control character U+{:04X}", u32::from(*character))]
    Control {
        /// The character.
        character: char,
    },
    /// A value that is wrong in another way.
    #[error("{message}")]
    Other {
        /// What the TOML reader says.
        message: String,
    },
}

impl Cause for ReadError {
    fn help(&self) -> Option<String> {
        let (name, list, title) = match self {
            Self::UnknownKey { key, known } => (key, known, "keys of this table"),
            Self::UnknownChoice { found, choices } => (found, choices, "choices"),
            Self::Control { .. } => return Some("leave it out".into()),
            Self::Syntax { .. } | Self::WrongType { .. } | Self::Other { .. } => return None,
        };
        let near = did_you_mean(name, list.iter().map(String::as_str));
        Some(near.unwrap_or_else(|| format!("{title}: {}", list.join(", "))))
    }
}

/// The tables of the text; `None` if it is not TOML at all.
pub(crate) fn tables<'a>(report: &mut Report<'a>) -> Option<toml::Spanned<DeTable<'a>>> {
    let source = report.source;
    let (table, errors) = DeTable::parse_recoverable(&source.text);
    for error in &errors {
        let message = error.message().into();
        report.add(&error.span().unwrap_or_default(), ReadError::Syntax { message });
    }
    controls(table.get_ref(), report);
    errors.is_empty().then_some(table)
}

/// Finds characters that would act on a terminal or stand in the name of a column.
fn controls(table: &DeTable<'_>, report: &mut Report) {
    for (key, value) in table {
        if let Some(character) = key.get_ref().chars().find(|c| c.is_control()) {
            report.add(&key.span(), ReadError::Control { character });
        }
        controls_of(value, report);
    }
}

fn controls_of(value: &toml::Spanned<DeValue<'_>>, report: &mut Report) {
    match value.get_ref() {
        DeValue::String(text) => {
            let acts = |c: &char| c.is_control() && !matches!(c, '\n' | '\t' | '\r');
            if let Some(character) = text.chars().find(acts) {
                report.add(&value.span(), ReadError::Control { character });
            }
        }
        DeValue::Array(list) => list.iter().for_each(|item| controls_of(item, report)),
        DeValue::Table(table) => controls(table, report),
        _ => {}
    }
}

/// Reads tables as what they should be.
///
/// Whatever cannot be read is reported and left out, so that the rest can be checked too.
pub(crate) fn read<T: DeserializeOwned>(table: toml::Spanned<DeTable<'_>>, report: &mut Report) -> Option<T> {
    let mut file = toml::Spanned::new(table.span(), DeValue::Table(table.into_inner()));
    loop {
        let error = match T::deserialize(Value(&file)) {
            Ok(file) => return Some(file),
            Err(error) => error,
        };
        let span = error.span.unwrap_or_default();
        report.add(&span, error.cause);
        report.incomplete = true;
        if !remove_within(file.get_mut(), &span) {
            return None;
        }
    }
}

/// Takes out the innermost entry whose key or value holds the span.
fn remove(table: &mut DeTable<'_>, span: &Range<usize>) -> bool {
    if table.iter_mut().any(|(_, value)| remove_within(value.get_mut(), span)) {
        return true;
    }
    let holds = |outer: Range<usize>| outer.start <= span.start && span.end <= outer.end;
    let found = table.iter().find(|(key, value)| holds(key.span()) || holds(value.span()));
    match found.map(|(key, _)| key.get_ref().to_string()) {
        Some(key) => table.remove(key.as_str()).is_some(),
        None => false,
    }
}

/// The same in the tables of a value: one, or an array of them.
fn remove_within(value: &mut DeValue<'_>, span: &Range<usize>) -> bool {
    match value {
        DeValue::Table(table) => remove(table, span),
        DeValue::Array(list) => list.iter_mut().any(|item| remove_within(item.get_mut(), span)),
        _ => false,
    }
}
