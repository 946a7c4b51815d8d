//! What stands at the top of the file, changed parameters, the solver, and the files it names.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::string::FromUtf8Error;
use std::sync::Arc;

use thiserror::Error;

use super::super::raw::{MethodName, Number, SolverTable, Text};
use super::super::report::{KeyError, Report};
use super::super::spanned::{Entries, Spanned};
use super::super::value::{Fraction, NumberOrText};
use super::super::{Cohort, Method, Solver};
use crate::cohort::inputs;
use crate::diagnostic::{Cause, Problem, Source};
use crate::file_kind::{self, FileKind, WrongKind};

/// The largest number of patients: their index is kept in 32 bits.
const MAX_PATIENTS: u32 = 4_000_000_000;
/// The tolerance, relative or in multiples of a state's scale, up to which results are promised: what may lie
/// between engines.
const LOOSE: f64 = 1e-3;
/// The relative tolerance from which on nothing is solved.
const NO_ACCURACY: f64 = 0.1;
/// The seed of files that name none.
const SEED: u64 = 1;

/// Why a file that was named cannot be used.
#[derive(Debug, Error)]
pub enum FileError {
    /// It cannot be opened or read.
    #[error("cannot read {path}: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// It is not UTF-8.
    #[error("{path} is not UTF-8 text: byte 0x{byte:02X} in line {line}")]
    NotUtf8 {
        /// The file.
        path: String,
        /// The first byte that is wrong.
        byte: u8,
        /// Its line, from 1.
        line: usize,
    },
    /// It is of another kind.
    #[error(transparent)]
    FileKind(#[from] WrongKind),
    /// The file behind a key is not there.
    #[error("`{key}` names {path}, which is not a file")]
    Missing {
        /// The key.
        key: &'static str,
        /// The path, resolved.
        path: String,
    },
}

impl FileError {
    /// The place of the first byte that is not UTF-8.
    fn not_utf8(path: &str, error: &FromUtf8Error) -> Self {
        let (before, after) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
        let line = before.iter().filter(|&&b| b == b'\n').count() + 1;
        Self::NotUtf8 { path: path.into(), byte: after.first().copied().unwrap_or(0), line }
    }
}

impl Cause for FileError {
    fn help(&self) -> Option<String> {
        match self {
            Self::Unreadable { .. } => None,
            Self::FileKind(kind) => kind.help(),
            Self::NotUtf8 { .. } => Some("save it as UTF-8".into()),
            Self::Missing { .. } => Some("paths are relative to the cohort file's folder".into()),
        }
    }
}

/// What can be wrong at the top of the file.
#[derive(Debug, Error)]
pub enum GeneralError {
    /// The name would not do for a folder.
    #[error("`{name}` cannot be the name of a folder")]
    Name {
        /// The name.
        name: String,
    },
    /// Two names of one folder where capitals and small letters are one.
    #[error("`{first}` and `{second}` differ only by case, and would share a folder on some systems")]
    OneFolder {
        /// The name.
        first: String,
        /// The other.
        second: String,
    },
    /// Not a number of patients.
    #[error("{found} patients: the number must lie between 1 and {MAX_PATIENTS}")]
    Patients {
        /// What was written.
        found: i64,
    },
    /// A relative tolerance at which nothing is solved.
    #[error("`rtol` is {value}: every step could be wrong by so much of its value")]
    NoAccuracy {
        /// What was written.
        value: f64,
    },
    /// Not a seed.
    #[error("the seed is {found}, and must be 0 or more")]
    Seed {
        /// What was written.
        found: i64,
    },
}

impl Cause for GeneralError {
    fn help(&self) -> Option<String> {
        match self {
            Self::Name { .. } => Some(
                "use at most 100 letters, digits, `-`, `_` and `.`, beginning with a letter or digit".into(),
            ),
            Self::NoAccuracy { .. } => Some(format!(
                "it must be below {NO_ACCURACY}, and results are only promised up to {LOOSE}; leave it out for 1e-6"
            )),
            Self::OneFolder { .. } => Some("choose another name for one of them".into()),
            Self::Patients { .. } | Self::Seed { .. } => None,
        }
    }
}

/// What should be known of the solver's settings.
#[derive(Debug, Error)]
pub enum SolverNotice {
    /// A tolerance at which results are not what is promised.
    #[error("`{key}` is {value}: nothing is promised of results where it is above {LOOSE}")]
    Loose {
        /// The key.
        key: &'static str,
        /// What was written.
        value: f64,
    },
}

impl Cause for SolverNotice {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Loose { .. } => "leave it out for 1e-6".into(),
        })
    }
}

pub(super) fn name(name: &Text, report: &mut Report) -> String {
    let begins = name.value.starts_with(|c: char| c.is_ascii_alphanumeric());
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !begins || !name.value.chars().all(allowed) || name.value.len() > 100 || name.value.ends_with('.') {
        report.add(&name.span, GeneralError::Name { name: name.value.clone() });
    }
    name.value.clone()
}

/// The names of scenarios, each of a folder of its own.
pub(super) fn scenario_names<'a>(names: impl Iterator<Item = &'a Text>, report: &mut Report) {
    let mut seen: HashMap<String, &str> = HashMap::new();
    for text in names {
        name(text, report);
        if let Some(first) = seen.insert(text.value.to_lowercase(), &text.value) {
            let cause = GeneralError::OneFolder { first: first.into(), second: text.value.clone() };
            report.add(&text.span, cause);
        }
    }
}

/// A file as text.
///
/// # Errors
/// It cannot be read, or is not UTF-8.
pub(crate) fn text(path: &Path) -> Result<Arc<Source>, FileError> {
    let name = path.display().to_string();
    if path.is_dir() {
        let (path, found, expected) = (path.to_owned(), FileKind::Folder, FileKind::Toml);
        return Err(WrongKind { path, found, expected }.into());
    }
    let bytes = std::fs::read(path)
        .map_err(|error| FileError::Unreadable { path: name.clone(), reason: error.kind().to_string() })?;
    file_kind::check(path, &bytes, FileKind::Toml)?;
    let text = String::from_utf8(bytes).map_err(|error| FileError::not_utf8(&name, &error))?;
    Ok(Source::new(name, text))
}

/// A path, resolved against the folder of the cohort file. That of the inputs of a run holds every file by its
/// name alone, wherever it came from.
pub(super) fn path(
    key: &'static str,
    text: &Text,
    folder: &Path,
    report: &mut Report,
) -> Option<Spanned<PathBuf>> {
    if text.value.is_empty() {
        report.add(&text.span, KeyError::Empty { key });
        return None;
    }
    let path = Path::new(&text.value);
    let name = path.file_name().filter(|_| inputs::is_of_run(folder));
    Some(Spanned { value: folder.join(name.map_or(path, Path::new)), span: text.span.clone() })
}

pub(super) fn patients(number: &Spanned<i64>, report: &mut Report) -> Option<u64> {
    if (1..=i64::from(MAX_PATIENTS)).contains(&number.value) {
        return Some(number.value.unsigned_abs());
    }
    report.add(&number.span, GeneralError::Patients { found: number.value });
    None
}

pub(super) fn seed(number: Option<&Spanned<i64>>, report: &mut Report) -> Option<u64> {
    let Some(number) = number else { return Some(SEED) };
    let seed = u64::try_from(number.value).ok();
    if seed.is_none() {
        report.add(&number.span, GeneralError::Seed { found: number.value });
    }
    seed
}

/// Changed fixed effects: name and expression.
pub(super) fn parameters(
    table: Option<&Entries<Spanned<NumberOrText>>>,
    report: &mut Report,
) -> Vec<(Text, Text)> {
    let mut parameters = Vec::new();
    for (name, value) in table.iter().flat_map(|table| &table.0) {
        report.name(name);
        parameters.extend(expression(&name.value, value, report).map(|value| (name.clone(), value)));
    }
    parameters
}

/// A number as the text of an expression, or the text itself.
pub(super) fn expression(key: &str, value: &Spanned<NumberOrText>, report: &mut Report) -> Option<Text> {
    let span = value.span.clone();
    match &value.value {
        NumberOrText::Text(text) => Some(report.unquoted(&Spanned { value: text.clone(), span })),
        NumberOrText::Number(number) => {
            let number = report.finite(key, &Spanned { value: *number, span: span.clone() })?;
            // The shortest text that reads back as the same number.
            Some(Spanned { value: format!("{number:?}"), span })
        }
    }
}

pub(super) fn solver(table: Option<&SolverTable>, report: &mut Report) -> Option<Solver> {
    let none = SolverTable::default();
    let table = table.unwrap_or(&none);
    let default = Solver::default();
    let rtol = table.rtol.as_ref().map_or(Some(default.rtol), |number| rtol(number, report));
    let atol = table.atol.as_ref().map_or(Some(default.atol), |number| {
        report.positive("atol", number).map(|value| loose("atol", number, value, report))
    });
    let max_steps = match &table.max_steps {
        Some(number) => report.count("max_steps", number, [1, u32::MAX]),
        None => Some(default.max_steps),
    };
    let max_step = match &table.max_step {
        Some(text) => super::schedule::interval("max_step", text, report).map(Some),
        None => Some(None),
    };
    let mut scale = Vec::new();
    for (name, number) in table.scale.iter().flat_map(|table| &table.0) {
        report.name(name);
        scale.extend(report.positive(&name.value, number).map(|number| (name.clone(), number)));
    }
    let method = table.method.as_ref().and_then(|name| {
        let value = match name.value {
            MethodName::Auto => return None,
            MethodName::Tsit5 => Method::Tsit5,
            MethodName::Rosenbrock => Method::Rosenbrock,
            MethodName::ClosedForm => Method::ClosedForm,
        };
        Some(Spanned { value, span: name.span.clone() })
    });
    Some(Solver {
        rtol: rtol?,
        atol: atol?,
        max_steps: max_steps?,
        max_step: max_step?,
        scale,
        method,
        guard_zero: table.guard_zero.unwrap_or(default.guard_zero),
    })
}

fn rtol(number: &Number, report: &mut Report) -> Option<f64> {
    let value = report.positive("rtol", number)?;
    if value >= NO_ACCURACY {
        report.add(&number.span, GeneralError::NoAccuracy { value });
        return None;
    }
    Some(loose("rtol", number, value, report))
}

/// Warns of a tolerance at which nothing is promised.
fn loose(key: &'static str, number: &Number, value: f64, report: &mut Report) -> f64 {
    if value > LOOSE {
        report.warn(&number.span, &SolverNotice::Loose { key, value });
    }
    value
}

/// A number between 0 and 1 as the text of an expression, or the text itself.
pub(super) fn probability(
    key: &'static str,
    value: &Spanned<NumberOrText>,
    report: &mut Report,
) -> Option<Text> {
    let number = match &value.value {
        NumberOrText::Number(number) => Some(*number),
        NumberOrText::Text(text) => Fraction::percent(text).map(Fraction::value),
    };
    let Some(number) = number else { return expression(key, value, report) };
    let number = Spanned { value: number, span: value.span.clone() };
    report.within(key, &number, [0.0, 1.0])?;
    expression(key, &number.map(NumberOrText::Number), report)
}

/// The files that the cohort names and that are not there.
pub(in crate::cohort) fn missing_files(cohort: &Cohort) -> Vec<Problem> {
    let rows = cohort.population.rows.as_ref().map(|rows| ("file", &rows.file));
    let data = cohort.data.as_ref().map(|data| ("file", &data.file));
    std::iter::once(("model", &cohort.model))
        .chain(rows)
        .chain(data)
        .filter(|(_, path)| !path.value.is_file())
        .map(|(key, path)| {
            let missing = FileError::Missing { key, path: path.value.display().to_string() };
            Problem::at(missing, cohort.place(&path.span))
        })
        .collect()
}
