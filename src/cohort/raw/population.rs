//! How patients are drawn, as it is written.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::super::distribution::CovariateTable;
use super::super::spanned::{Entries, Spanned};
use super::super::value::{CorrelatedPair, Fraction, TextOr};
use super::Text;

/// How patients are drawn. Every other key is the name of a covariate.
#[derive(Debug, Default, JsonSchema)]
pub(in crate::cohort) struct PopulationTable {
    /// Covariates computed from others: an expression, or a table with `expression`, `unit` and
    /// `description`. May use `ckd_epi_2021_creatinine`, `ckd_epi_2021_egfr`, `cockcroft_gault`,
    /// `bsa_mosteller`, `bsa_dubois`, `bmi`.
    pub(in crate::cohort) derived: Option<Entries<Spanned<TextOr<DerivedTable>>>>,
    /// Correlations of the covariates' Gaussian scores (a Gaussian copula).
    pub(in crate::cohort) correlation: Option<Spanned<CorrelationTable>>,
    /// Covariates taken from the rows of a user's file.
    pub(in crate::cohort) rows: Option<Spanned<RowsTable>>,
    /// A drawn covariate.
    #[schemars(flatten)]
    pub(in crate::cohort) covariates: Entries<Spanned<CovariateTable>>,
}

impl<'de> Deserialize<'de> for PopulationTable {
    // By hand, as the derived reader of a flattened table loses the places of its values.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Table;

        impl<'de> Visitor<'de> for Table {
            type Value = PopulationTable;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut table = PopulationTable::default();
                let mut covariates = Vec::new();
                while let Some(key) = map.next_key::<Text>()? {
                    match key.value.as_str() {
                        "derived" => table.derived = Some(map.next_value()?),
                        "correlation" => table.correlation = Some(map.next_value()?),
                        "rows" => table.rows = Some(map.next_value()?),
                        _ => covariates.push((key, map.next_value()?)),
                    }
                }
                table.covariates = Entries::in_file_order(covariates);
                Ok(table)
            }
        }

        deserializer.deserialize_map(Table)
    }
}

/// A covariate computed from others.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an expression or a table")]
pub(in crate::cohort) struct DerivedTable {
    /// Expression over covariates, drawn or derived.
    #[schemars(required)]
    pub(in crate::cohort) expression: Option<Text>,
    /// Unit in which it is computed. The model gets it in its own unit.
    pub(in crate::cohort) unit: Option<String>,
    /// Meaning of the covariate, for the output.
    pub(in crate::cohort) description: Option<String>,
}

/// Correlations of Gaussian scores: a matrix, single pairs, or both.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::cohort) struct CorrelationTable {
    /// Covariates in the order of the matrix.
    pub(in crate::cohort) names: Option<Spanned<Vec<Text>>>,
    /// The matrix by rows, 1 on the diagonal: the lower triangle, or all of it.
    pub(in crate::cohort) matrix: Option<Spanned<Vec<MatrixRow>>>,
    /// Single pairs, as `["AGE", "EGFR", -0.55]`.
    pub(in crate::cohort) pairs: Option<Vec<Spanned<CorrelatedPair>>>,
}

/// A row of a matrix of correlations.
pub(in crate::cohort) type MatrixRow = Spanned<Vec<Spanned<Fraction>>>;

/// Covariates taken from the rows of a user's file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::cohort) struct RowsTable {
    /// CSV or Parquet file, relative to this file.
    #[schemars(required)]
    pub(in crate::cohort) file: Option<Text>,
    /// Columns to take. Default: every numeric column.
    pub(in crate::cohort) columns: Option<Vec<Text>>,
    /// Units of columns that are not in the model's, as `WT = "lb"`.
    pub(in crate::cohort) units: Option<Entries<Text>>,
    /// true: a row is drawn for each patient, with replacement. false: patient k is row k.
    /// Default: true.
    pub(in crate::cohort) resample: Option<bool>,
    /// What the rows are of which several have the same ID (a column called ID, SUBJID, USUBJID, patient or
    /// the like). Default: such a file is refused.
    pub(in crate::cohort) repeated_ids: Option<RepeatedIdsName>,
    /// Whether the rows behind that of the last patient may stay unused, where `resample` is false.
    /// Default: false, and a file with more rows than `patients` is refused.
    pub(in crate::cohort) unused_rows: Option<bool>,
}

/// What rows with one ID are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::cohort) enum RepeatedIdsName {
    /// One patient, by the first of them.
    FirstRow,
    /// Patients of their own.
    EveryRow,
}
