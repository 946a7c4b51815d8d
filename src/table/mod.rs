//! Plain named columns: what is read from a user's CSV or Parquet file, and what is written.

use std::collections::HashMap;
use std::sync::Arc;

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
    pub about: About,
    /// The values, one per row.
    pub values: Values,
}

/// What a column means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Column name.
    pub name: String,
    /// One line for the reader.
    pub meaning: String,
    /// Unit, if the value has one: `day`, `mg/L`; `1` for a plain number.
    pub unit: String,
}

impl About {
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
    /// Yes or no.
    Flag(Vec<bool>),
    /// One of a few labels, by its position.
    Label {
        /// The label of each row.
        codes: Vec<u32>,
        /// All labels, in order.
        labels: Arc<[String]>,
    },
}

impl Values {
    /// Labels from the label of each row, numbered in order of first use.
    pub fn labels<'a>(rows: impl IntoIterator<Item = &'a str>) -> Self {
        let mut labels: Vec<String> = Vec::new();
        let mut code_of = HashMap::new();
        let codes = rows
            .into_iter()
            .map(|row| {
                *code_of.entry(row).or_insert_with(|| {
                    labels.push(row.to_owned());
                    labels.len() as u32 - 1
                })
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
}

impl Table {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |c| c.values.len())
    }

    /// A column by its name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.about.name == name)
    }
}
