//! Who the patients are: drawn and computed covariates, correlations, rows of a file, eligibility.

use std::ops::Range;
use std::path::PathBuf;

use super::Spanned;
use super::distribution::CovariateDistribution;

/// How patients are drawn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Population {
    /// Drawn covariates, in file order.
    pub covariates: Vec<Drawn>,
    /// Computed covariates, in file order (any order of use): name and expression.
    pub derived: Vec<Derived>,
    /// Correlations of the Gaussian scores: pairs of covariate names.
    pub correlations: Vec<Correlation>,
    /// Rows taken from a user's file.
    pub rows: Option<Rows>,
}

/// A drawn covariate.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// Its name.
    pub name: Spanned<String>,
    /// Its distribution.
    pub distribution: CovariateDistribution,
    /// Unit, for the output.
    pub unit: Option<String>,
    /// Meaning, for the output.
    pub description: Option<String>,
    /// The patient is rejected and drawn again outside `[low, high]`.
    pub between: Option<Spanned<[f64; 2]>>,
}

/// A computed covariate.
#[derive(Debug, Clone, PartialEq)]
pub struct Derived {
    /// Its name.
    pub name: Spanned<String>,
    /// Expression over covariates.
    pub expression: Spanned<String>,
    /// Unit, for the output.
    pub unit: Option<String>,
    /// Meaning, for the output.
    pub description: Option<String>,
}

/// Correlation of the Gaussian scores of two covariates.
#[derive(Debug, Clone, PartialEq)]
pub struct Correlation {
    /// The pair.
    pub pair: [String; 2],
    /// Between -1 and 1.
    pub value: f64,
    /// Where it is written.
    pub span: Range<usize>,
}

/// Rows of a user's table as patients.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// CSV or Parquet file, resolved against the cohort file's folder.
    pub file: Spanned<PathBuf>,
    /// Columns to take; all numeric ones if empty.
    pub columns: Vec<Spanned<String>>,
    /// Units of columns, where they are not the model's.
    pub units: Vec<(Spanned<String>, Spanned<String>)>,
    /// Whether rows are drawn with replacement (true) or taken in order, one per patient.
    pub resample: bool,
    /// What rows are whose ID stands in others too; refused if not said.
    pub repeated_ids: Option<RepeatedIds>,
    /// Whether rows that are taken in order may be left over.
    pub unused_rows: bool,
}

/// What rows with one ID are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepeatedIds {
    /// One patient, by the first of them.
    FirstRow,
    /// Patients of their own.
    EveryRow,
}

/// Who may enter.
#[derive(Debug, Clone, PartialEq)]
pub struct Eligibility {
    /// Expressions that must all be true.
    pub require: Vec<Spanned<String>>,
    /// Draws per patient before the run stops with an error.
    pub max_attempts: u32,
}
