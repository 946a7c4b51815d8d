//! A data set, as it is written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::spanned::{Entries, Spanned};
use super::Text;

/// A data set as the source of doses, observation times and covariates, in NONMEM's columns: in place of `patients`,
/// `regimen` and `visits`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::cohort) struct DataTable {
    /// CSV or Parquet file, relative to this file. Its columns ID, TIME, AMT, RATE, DUR, EVID, CMT, II, ADDL, SS, MDV,
    /// DV and OCC are known by their names in any case.
    #[schemars(required)]
    pub(in crate::cohort) file: Option<Text>,
    /// How often each individual is simulated, each time with random effects of its own. Default: 1.
    pub(in crate::cohort) replicates: Option<Spanned<i64>>,
    /// What covariates are between two records. Default: `"locf"`.
    pub(in crate::cohort) covariates: Option<InterpolationName>,
    /// CSV or Parquet file with covariates at times of their own, relative to this file: ID, TIME, and the covariates that
    /// the first file does not have.
    pub(in crate::cohort) covariate_file: Option<Text>,
    /// ID and TIME of that file, if they are called otherwise, as `time = "DAY"`.
    pub(in crate::cohort) covariate_columns: Option<Entries<Text>>,
    /// Columns that are called otherwise, as `time = "TAFD"`.
    pub(in crate::cohort) columns: Option<Entries<Text>>,
    /// Unit of TIME (of both files), II and DUR, and of RATE's time. Default: the model's.
    pub(in crate::cohort) time_unit: Option<Text>,
    /// Units of covariates that are not in the model's, as `WT = "lb"`.
    pub(in crate::cohort) units: Option<Entries<Text>>,
    /// Columns with numbers to keep beside the model's covariates: written to `patients/`, and known to expressions.
    pub(in crate::cohort) keep: Option<Vec<Text>>,
    /// Columns with random effects or individual parameters, which are then neither drawn nor computed. Default: all
    /// that are called as one of the model's.
    pub(in crate::cohort) given: Option<Vec<Text>>,
    /// What is read of the model at each observation: names of the model, or expressions. Default: what the model
    /// measures.
    pub(in crate::cohort) of: Option<Spanned<Vec<Text>>>,
}

/// What covariates are between two records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::cohort) enum InterpolationName {
    /// Those of the record before (last observation carried forward).
    Locf,
    /// Those of the record after (next observation carried backward), as NONMEM has it.
    Nocb,
    /// On the line between both.
    Linear,
}
