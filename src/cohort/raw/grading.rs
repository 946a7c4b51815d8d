//! A grading table, as it is written: a file of its own.

use serde::Deserialize;

use super::super::spanned::{Entries, Spanned};
use super::{Number, Text};

/// A grading table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::cohort) struct GradingFile {
    /// What it is called, as `CTCAE v4.03`.
    pub(in crate::cohort) name: Option<Text>,
    /// Where it comes from, for the reader.
    #[expect(dead_code, reason = "the reader of the file is meant")]
    pub(in crate::cohort) source: Option<Text>,
    /// Its terms, named in lower_snake_case.
    pub(in crate::cohort) terms: Option<Entries<Spanned<GradingTerm>>>,
}

/// A term of a grading table. The grade is the highest whose condition holds.
///
/// Conditions are expressions over `x` (the graded value), `baseline` (its value before the first dose),
/// `uln` and `lln`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::cohort) struct GradingTerm {
    /// Its title in the source.
    pub(in crate::cohort) title: Option<Text>,
    /// Unit of `x`.
    pub(in crate::cohort) unit: Option<Text>,
    /// Upper limit of normal.
    pub(in crate::cohort) uln: Option<Number>,
    /// Lower limit of normal.
    pub(in crate::cohort) lln: Option<Number>,
    /// Condition of grade 1.
    pub(in crate::cohort) grade_1: Option<Text>,
    /// Condition of grade 2.
    pub(in crate::cohort) grade_2: Option<Text>,
    /// Condition of grade 3.
    pub(in crate::cohort) grade_3: Option<Text>,
    /// Condition of grade 4.
    pub(in crate::cohort) grade_4: Option<Text>,
}
