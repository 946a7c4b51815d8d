//! Plain named columns: what is read from a user's CSV or Parquet file, and what is written.

mod columns;
mod csv;
mod file;
mod lazy;
mod limits;
mod parquet;
mod rows;
pub(crate) mod text;

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cohort::report::LONGEST_NAME;
use crate::diagnostic::{Cause, Problem};
use crate::file_kind::WrongKind;

pub(crate) use columns::Columns;
pub use file::{Kept, TableFile};
pub use lazy::{LazyColumn, LazyTable};
pub use rows::{Cell, Row, Rows, TableRows};

/// Columns of one length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// The columns, in order.
    pub columns: Vec<Column>,
}

/// One named column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Name, meaning and unit.
    pub meta: ColumnMeta,
    /// The values, one per row.
    pub values: Values,
}

impl Column {
    /// A column of labels, from the label of each row.
    pub fn labels<'a>(name: &str, meaning: &str, rows: impl IntoIterator<Item = &'a str>) -> Self {
        Self { meta: ColumnMeta::new(name, meaning, ""), values: Values::labels(rows) }
    }
}

/// What a column means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnMeta {
    /// Column name.
    pub name: String,
    /// One line for the reader.
    pub meaning: String,
    /// Unit, if the value has one: `day`, `mg/L`; `1` for a plain number.
    pub unit: String,
}

impl ColumnMeta {
    /// A column's name, meaning and unit.
    pub fn new(name: impl Into<String>, meaning: impl Into<String>, unit: impl Into<String>) -> Self {
        Self { name: name.into(), meaning: meaning.into(), unit: unit.into() }
    }
}

/// The values of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Numbers; NaN is missing.
    Number(Vec<f64>),
    /// Whole numbers; `None` is missing.
    Integer(Vec<Option<i64>>),
    /// Yes or no; `None` is missing.
    Flag(Vec<Option<bool>>),
    /// One of a few labels, by its position.
    Label {
        /// The label of each row; `None` is missing.
        codes: Vec<Option<u32>>,
        /// All labels, in order.
        labels: Arc<[String]>,
    },
}

impl Values {
    /// Labels from the label of each row, numbered in order of first use.
    pub fn labels<'a>(rows: impl IntoIterator<Item = &'a str>) -> Self {
        Self::labels_or_none(rows.into_iter().map(Some))
    }

    /// The same where a row may be without a label.
    pub(crate) fn labels_or_none<'a>(rows: impl Iterator<Item = Option<&'a str>>) -> Self {
        let mut labels: Vec<String> = Vec::new();
        let mut code_of = HashMap::new();
        // Neighbours often have the same.
        let mut last = None;
        let codes = rows
            .map(|row| {
                let row = row?;
                let code = match last {
                    Some((before, code)) if before == row => code,
                    _ => *code_of.entry(row).or_insert_with(|| {
                        labels.push(row.to_owned());
                        labels.len() as u32 - 1
                    }),
                };
                last = Some((row, code));
                Some(code)
            })
            .collect();
        Self::Label { codes, labels: labels.into() }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Number(v) => v.len(),
            Self::Integer(v) => v.len(),
            Self::Flag(v) => v.len(),
            Self::Label { codes, .. } => codes.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of a row: NaN for what is missing, 1 and 0 for yes and no, the position of a label.
    pub fn number(&self, row: usize) -> f64 {
        match self {
            Self::Number(v) => v[row],
            Self::Integer(v) => v[row].map_or(f64::NAN, |x| x as f64),
            Self::Flag(v) => v[row].map_or(f64::NAN, f64::from),
            Self::Label { codes, .. } => codes[row].map_or(f64::NAN, f64::from),
        }
    }

    /// As numbers: NaN for what is missing, 1 and 0 for yes and no, positions of labels.
    pub fn numbers(&self) -> Vec<f64> {
        match self {
            Self::Number(v) => v.clone(),
            Self::Integer(v) => v.iter().map(|x| x.map_or(f64::NAN, |x| x as f64)).collect(),
            Self::Flag(v) => v.iter().map(|x| x.map_or(f64::NAN, f64::from)).collect(),
            Self::Label { codes, .. } => codes.iter().map(|x| x.map_or(f64::NAN, f64::from)).collect(),
        }
    }

    /// Those of some rows.
    pub fn slice(&self, rows: Range<usize>) -> Self {
        match self {
            Self::Number(v) => Self::Number(v[rows].to_vec()),
            Self::Integer(v) => Self::Integer(v[rows].to_vec()),
            Self::Flag(v) => Self::Flag(v[rows].to_vec()),
            Self::Label { codes, labels } => {
                Self::Label { codes: codes[rows].to_vec(), labels: Arc::clone(labels) }
            }
        }
    }
}

impl Table {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |c| c.values.len())
    }

    /// A column by its name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.meta.name == name)
    }
}

/// Reads the columns of a user's table that are wanted by their names.
///
/// # Errors
/// As of [`TableFile::open`] and [`TableFile::columns`].
pub fn read(path: &Path, wanted: impl Fn(&str) -> bool) -> Result<Table, Problem> {
    TableFile::open(path)?.columns(wanted)
}

/// The names of the columns of a user's table, as they stand in it.
///
/// # Errors
/// As of [`TableFile::open`].
pub fn names(path: &Path) -> Result<Vec<String>, Problem> {
    Ok(TableFile::open(path)?.names().to_vec())
}

fn check_names(path: &Path, names: &[String], wanted: &dyn Fn(&str) -> bool) -> Result<(), TableError> {
    let file = || path.to_owned();
    let mut seen = HashSet::new();
    for (i, name) in names.iter().enumerate().filter(|(_, name)| wanted(name)) {
        if name.is_empty() {
            return Err(TableError::Unnamed { file: file(), column: i + 1 });
        }
        if name.chars().any(char::is_control) || name.chars().count() > LONGEST_NAME {
            return Err(TableError::Name { file: file(), column: i + 1 });
        }
        if !seen.insert(name) {
            return Err(TableError::Twice { file: file(), column: name.clone() });
        }
    }
    Ok(())
}

/// Why a user's table cannot be read. Rows count from 1, the header not included.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file cannot be opened or read.
    #[error("cannot read {}: {why}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// The system's or the format's own words.
        why: String,
    },
    /// The file name does not say what is in it.
    #[error("{} is neither .csv nor .parquet", file.display())]
    Ending {
        /// The file.
        file: PathBuf,
    },
    /// There is no data.
    #[error("{} has no rows", file.display())]
    Empty {
        /// The file.
        file: PathBuf,
    },
    /// There is more of something than can be held.
    #[error("{} has {found} {what}, and {most} can be read", file.display())]
    TooLarge {
        /// The file.
        file: PathBuf,
        /// What is too much.
        what: &'static str,
        /// How much there is.
        found: u64,
        /// How much there may be.
        most: u64,
    },
    /// The reader of the format gave up.
    #[error("{} is damaged: {why}", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// Its words.
        why: String,
    },
    /// It is plainly of another kind.
    #[error(transparent)]
    Kind(WrongKind),
    /// A row has more or fewer cells than the header, by lines of the file, the header being the first.
    #[error("{}, line {line}: {got} cells where the header has {expected}", file.display())]
    CellsOfLine {
        /// The file.
        file: PathBuf,
        /// The line.
        line: u64,
        /// Cells in this line.
        got: u64,
        /// Cells in the header.
        expected: u64,
    },
    /// Text that is not UTF-8, by lines of the file.
    #[error("{}, line {line}: the text is not UTF-8", file.display())]
    EncodingOfLine {
        /// The file.
        file: PathBuf,
        /// The line.
        line: u64,
    },
    /// A row has more or fewer cells than the header.
    #[error("{}, row {row}: {got} cells where the header has {expected}", file.display())]
    Cells {
        /// The file.
        file: PathBuf,
        /// The row.
        row: u64,
        /// Cells in this row.
        got: u64,
        /// Cells in the header.
        expected: u64,
    },
    /// Text that is not UTF-8.
    #[error("{}, row {row}: the text is not UTF-8", file.display())]
    Encoding {
        /// The file.
        file: PathBuf,
        /// The row; 0 is the header.
        row: u64,
    },
    /// A column has no name.
    #[error("{}: column {column} has no name", file.display())]
    Unnamed {
        /// The file.
        file: PathBuf,
        /// Its number, from 1.
        column: usize,
    },
    /// A name that no line of text could show.
    #[error("{}: the name of column {column} is too long, or holds control characters", file.display())]
    Name {
        /// The file.
        file: PathBuf,
        /// Its number, from 1.
        column: usize,
    },
    /// Two columns have one name.
    #[error("{}: column `{column}` is there twice", file.display())]
    Twice {
        /// The file.
        file: PathBuf,
        /// The name.
        column: String,
    },
    /// The cells are separated by something else than commas.
    #[error("{}: the header has no comma, but {found:?}", file.display())]
    Separator {
        /// The file.
        file: PathBuf,
        /// What probably separates them.
        found: char,
    },
    /// A whole number between two numbers of `f64`.
    #[error("{}: column `{column}`, row {row}: the whole number is too long to be kept exactly", file.display())]
    Inexact {
        /// The file.
        file: PathBuf,
        /// The column.
        column: String,
        /// The row.
        row: usize,
    },
    /// A Parquet column of a type that has no meaning here.
    #[error("{}: column `{column}` is of type {found}, which is neither numbers nor text", file.display())]
    Type {
        /// The file.
        file: PathBuf,
        /// The column.
        column: String,
        /// Its type.
        found: String,
    },
}

impl TableError {
    pub(crate) fn unreadable(path: &Path, cause: &std::io::Error) -> Self {
        Self::Unreadable { file: path.to_owned(), why: cause.to_string() }
    }
}

impl Cause for TableError {
    fn help(&self) -> Option<String> {
        let text = match self {
            Self::Kind(kind) => return kind.help(),
            Self::Unreadable { .. } => "the path is taken from the cohort file's folder",
            Self::TooLarge { .. } => "name the columns that are wanted, `columns = [...]`, or leave rows out",
            Self::Damaged { .. } => "write the file again with the program that it came from",
            Self::Ending { .. } => "give a comma-separated file with a header line, or a Parquet file",
            Self::Empty { .. } => "the first line is the header; each line after it is one row",
            Self::Cells { .. } | Self::CellsOfLine { .. } => "put quotes around text that contains a comma",
            Self::Encoding { .. } | Self::EncodingOfLine { .. } => "save the file as UTF-8",
            Self::Unnamed { .. } | Self::Twice { .. } => "give every column a name of its own",
            Self::Name { .. } => "give it a name of one line and 200 characters at most",
            Self::Separator { .. } => "save it with commas between the cells, and with points in numbers",
            Self::Inexact { .. } => "store identifiers as text, or name the columns that are wanted",
            Self::Type { found, .. } if is_of_time(found) => {
                "write times as numbers, as days since a reference day, or name the columns that are wanted"
            }
            Self::Type { .. } => "convert the column to numbers or text, or name the columns that are wanted",
        };
        Some(text.to_owned())
    }
}

/// Whether an Arrow type, as it is written, is one of dates, times or durations.
fn is_of_time(found: &str) -> bool {
    ["Date", "Time", "Duration", "Interval"].iter().any(|of_time| found.contains(of_time))
}
