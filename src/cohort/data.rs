//! A data set as the source of doses, times and covariates.

use std::ops::Range;
use std::path::PathBuf;

use super::Spanned;
use crate::unit::Unit;

/// A user's data set, and how it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct Data {
    /// CSV or Parquet file, resolved against the cohort file's folder.
    pub file: Spanned<PathBuf>,
    /// How often each of its individuals is simulated.
    pub replicates: u32,
    /// What covariates are between records.
    pub covariates: Interpolation,
    /// CSV or Parquet file with covariates at times of their own, resolved likewise.
    pub covariate_file: Option<Spanned<PathBuf>>,
    /// ID and TIME in it, if they are called otherwise: item and column.
    pub covariate_columns: Vec<(Spanned<String>, Spanned<String>)>,
    /// Items of the data set that are called otherwise in the file: item and column.
    pub columns: Vec<(Spanned<String>, Spanned<String>)>,
    /// Unit of times, intervals and durations, if it is not the model's.
    pub time_unit: Option<Spanned<Unit>>,
    /// Units of covariates, where they are not the model's.
    pub units: Vec<(Spanned<String>, Spanned<String>)>,
    /// Columns to keep beside those that the model needs.
    pub keep: Vec<Spanned<String>>,
    /// Random effects and individual parameters that the file gives; all that it has columns for if not said.
    pub given: Option<Vec<Spanned<String>>>,
    /// What is read of the model at observations; what the model measures if empty.
    pub of: Vec<Spanned<String>>,
    /// Where the table begins.
    pub span: Range<usize>,
}

/// What a covariate is between two records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Interpolation {
    /// That of the record before, from its time on (last observation carried forward).
    #[default]
    Forward,
    /// That of the record after, from the record before on, itself excluded (next observation carried backward).
    Backward,
    /// On the line between both.
    Linear,
}
