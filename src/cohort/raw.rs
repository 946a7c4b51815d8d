//! The cohort file as it is written: one type per table, nothing checked but the types of values.
//!
//! The doc comments are what an editor shows: they become the descriptions of the JSON schema.
//! Every key is optional here, so that what is missing is reported together with all else.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::located::{Entries, Located};
use super::value::{CorrelatedPair, NumberOrText, Pair};

/// A text of the file, with its place.
pub(super) type Text = Located<String>;
/// A number of the file, with its place.
pub(super) type Number = Located<f64>;

/// A virtual trial: who the patients are, what they are given, when they are seen, what is measured.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
#[schemars(title = "vpop cohort file")]
pub(super) struct CohortFile {
    /// Name of the cohort, and of the folder its run is written to: letters, digits, `-`, `_`, `.`.
    #[schemars(required)]
    pub(super) name: Option<Text>,
    /// What this cohort is, for the reader.
    pub(super) description: Option<String>,
    /// The model file, relative to this file.
    #[schemars(required)]
    pub(super) model: Option<Text>,
    /// Number of virtual patients, 1 to 4_000_000_000.
    #[schemars(required)]
    pub(super) patients: Option<Located<i64>>,
    /// Seed of every random draw, 0 or more. Default: 1.
    pub(super) seed: Option<Located<i64>>,
    /// How patients are drawn: a table for each covariate, `derived`, `correlation`, `rows`.
    pub(super) population: Option<PopulationTable>,
    /// Who may enter.
    pub(super) eligibility: Option<EligibilityTable>,
    /// Changed fixed effects of the model, by their name in its `ini` block: a number, or an
    /// expression over the file's own values, as `"lcl + log(1.5)"`.
    pub(super) parameters: Option<Entries<Located<NumberOrText>>>,
    /// What is given, and when.
    #[schemars(required)]
    pub(super) regimen: Option<Located<RegimenTable>>,
    /// When patients are seen, and when the run ends.
    pub(super) visits: Option<Located<VisitsTable>>,
    /// What is measured: one column of the outcomes for each table, named in lower_snake_case.
    pub(super) endpoints: Option<Entries<Located<EndpointTable>>>,
    /// Tolerances and limits of the integration.
    pub(super) solver: Option<SolverTable>,
    /// What is written besides patients and outcomes.
    pub(super) output: Option<OutputTable>,
}

/// How patients are drawn. Every other key is the name of a covariate.
#[derive(Debug, Default, JsonSchema)]
pub(super) struct PopulationTable {
    /// Covariates computed from others: an expression, or a table with `expression`, `unit` and
    /// `description`. May use `ckd_epi_2021_creatinine`, `ckd_epi_2021_egfr`, `cockcroft_gault`,
    /// `bsa_mosteller`, `bsa_dubois`, `bmi`.
    pub(super) derived: Option<Entries<Located<DerivedEntry>>>,
    /// Correlations of the covariates' Gaussian scores (a Gaussian copula).
    pub(super) correlation: Option<Located<CorrelationTable>>,
    /// Covariates taken from the rows of a user's file.
    pub(super) rows: Option<Located<RowsTable>>,
    /// A drawn covariate.
    #[schemars(flatten)]
    pub(super) covariates: Entries<Located<CovariateTable>>,
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

/// The distribution of a covariate. Which keys it takes depends on `distribution`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct CovariateTable {
    /// The kind of distribution.
    #[schemars(required)]
    pub(super) distribution: Option<Located<DistributionName>>,
    /// Unit of the covariate, for the output.
    pub(super) unit: Option<Text>,
    /// Meaning of the covariate, for the output.
    pub(super) description: Option<Text>,
    /// `[low, high]`: a patient outside is rejected as a whole and drawn again.
    pub(super) between: Option<Located<Pair<f64>>>,
    /// `[low, high]`: the distribution itself is cut off there (normal, lognormal, gamma).
    pub(super) truncate: Option<Located<Pair<f64>>>,
    /// Mean (normal, poisson).
    pub(super) mean: Option<Number>,
    /// Standard deviation, above 0 (normal).
    pub(super) sd: Option<Number>,
    /// Median, above 0 (lognormal).
    pub(super) median: Option<Number>,
    /// Coefficient of variation of the covariate itself, 0.3 for 30 % (lognormal).
    pub(super) cv: Option<Number>,
    /// Mean of the logarithm, in place of `median` (lognormal).
    pub(super) log_mean: Option<Number>,
    /// Standard deviation of the logarithm, in place of `cv` (lognormal).
    pub(super) log_sd: Option<Number>,
    /// Whether the value is rounded to a whole number (lognormal). Default: false.
    pub(super) rounded: Option<Located<bool>>,
    /// Lower end (uniform, loguniform, beta). Default for beta: 0.
    pub(super) low: Option<Number>,
    /// Upper end (uniform, loguniform, beta). Default for beta: 1.
    pub(super) high: Option<Number>,
    /// First shape parameter (beta).
    pub(super) alpha: Option<Number>,
    /// Second shape parameter (beta).
    pub(super) beta: Option<Number>,
    /// Shape parameter (gamma).
    pub(super) shape: Option<Number>,
    /// Scale parameter: the mean is shape x scale (gamma).
    pub(super) scale: Option<Number>,
    /// Probability of 1 (bernoulli).
    pub(super) p: Option<Number>,
    /// Probability of each label, summing to 1 (categorical). In expressions the covariate is
    /// the position of its label, from 0.
    pub(super) probabilities: Option<Located<Entries<Number>>>,
    /// The value (fixed).
    pub(super) value: Option<Number>,
    /// The categorical or bernoulli covariate that decides (by_class).
    pub(super) by: Option<Text>,
    /// The distribution for each label of that covariate; `0` and `1` if it is a bernoulli (by_class).
    pub(super) of: Option<Located<Entries<Located<CovariateTable>>>>,
}

/// The kinds of distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum DistributionName {
    /// `mean` and `sd`.
    Normal,
    /// `median` or `log_mean`, with `cv` or `log_sd`.
    Lognormal,
    /// Between `low` and `high`.
    Uniform,
    /// The logarithm is uniform between those of `low` and `high`.
    Loguniform,
    /// `alpha` and `beta`, stretched to `low` and `high`.
    Beta,
    /// `shape` and `scale`.
    Gamma,
    /// Counts with this `mean`.
    Poisson,
    /// 1 with probability `p`, else 0.
    Bernoulli,
    /// One of several labels with their `probabilities`.
    Categorical,
    /// The same `value` for everyone.
    Fixed,
    /// Another distribution for each label of the covariate named `by`.
    ByClass,
}

/// A covariate computed from others: the expression alone, or with unit and description.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub(super) enum DerivedEntry {
    /// The expression.
    Text(String),
    /// The expression, with unit and description.
    Table(DerivedTable),
}

/// A covariate computed from others.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an expression or a table")]
pub(super) struct DerivedTable {
    /// Expression over covariates, drawn or derived.
    #[schemars(required)]
    pub(super) expression: Option<Text>,
    /// Unit of the covariate, for the output.
    pub(super) unit: Option<String>,
    /// Meaning of the covariate, for the output.
    pub(super) description: Option<String>,
}

impl<'de> Deserialize<'de> for DerivedEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrTable;

        impl<'de> Visitor<'de> for TextOrTable {
            type Value = DerivedEntry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an expression or a table")
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(DerivedEntry::Text(text.into()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                DerivedTable::deserialize(MapAccessDeserializer::new(map)).map(DerivedEntry::Table)
            }
        }

        deserializer.deserialize_any(TextOrTable)
    }
}

/// Correlations of Gaussian scores: a matrix, single pairs, or both.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct CorrelationTable {
    /// Covariates in the order of the matrix.
    pub(super) names: Option<Located<Vec<Text>>>,
    /// The matrix by rows, 1 on the diagonal: the lower triangle, or all of it.
    pub(super) matrix: Option<Located<Vec<Located<Vec<Number>>>>>,
    /// Single pairs, as `["AGE", "EGFR", -0.55]`.
    pub(super) pairs: Option<Vec<Located<CorrelatedPair>>>,
}

/// Covariates taken from the rows of a user's file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct RowsTable {
    /// CSV or Parquet file, relative to this file.
    #[schemars(required)]
    pub(super) file: Option<Text>,
    /// Columns to take. Default: every numeric column.
    pub(super) columns: Option<Vec<Text>>,
    /// true: a row is drawn for each patient, with replacement. false: patient k is row k.
    /// Default: true.
    pub(super) resample: Option<bool>,
}

/// Who may enter: candidates are drawn until one is eligible.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct EligibilityTable {
    /// Expressions over covariates that must all be true, as `"PLT0 >= 100"`.
    pub(super) require: Option<Vec<Text>>,
    /// Candidates drawn for one patient before the run stops with an error. Default: 1000.
    pub(super) max_attempts: Option<Located<i64>>,
}

/// What is given, and when.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct RegimenTable {
    /// One dose per arm: an amount (`"252 mg"`, `"350 umol"`) or an amount per body weight
    /// (`"0.2 mg/kg"`, covariate WT) or surface (`"100 mg/m2"`, covariate BSA).
    #[schemars(required)]
    pub(super) arms: Option<Located<Vec<Text>>>,
    /// States of the model that receive the dose; each receives amount x its `f(state)`.
    #[schemars(required)]
    pub(super) into: Option<Located<Vec<Text>>>,
    /// How long each dose takes (`"1 h"`; `"0 h"` or `"bolus"`: at once), or `"model"`: by the
    /// model's `dur(state)` or `rate(state)`. Default: `"bolus"`.
    pub(super) infusion: Option<Text>,
    /// Infusion rate, as `"50 mg/h"`, in place of `infusion`.
    pub(super) rate: Option<Text>,
    /// Time from one dose to the next, with `cycles`. Without it there is one dose, at time 0.
    pub(super) every: Option<Text>,
    /// Number of doses, `every` apart.
    pub(super) cycles: Option<Located<i64>>,
    /// Times of the doses, in increasing order, in place of `every` and `cycles`.
    pub(super) times: Option<Located<Vec<Text>>>,
    /// Another dose for the first doses.
    pub(super) loading: Option<Located<LoadingTable>>,
}

/// Another dose for the first doses: `dose` or `factor`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct LoadingTable {
    /// How many doses, from the first. Default: 1.
    pub(super) doses: Option<Located<i64>>,
    /// The dose in every arm, as `"8 mg/kg"`.
    pub(super) dose: Option<Text>,
    /// The dose as a multiple of the arm's own.
    pub(super) factor: Option<Number>,
}

/// When patients are seen, and when the run ends.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct VisitsTable {
    /// Visits at 0 and every so often, up to the end. Default: `"1 day"`.
    pub(super) every: Option<Text>,
    /// Times of the visits, in increasing order, in place of `every`; time 0 is always one.
    pub(super) times: Option<Located<Vec<Text>>>,
    /// End of the run. Default: the end of the last cycle or the last of `times`, whichever is later.
    pub(super) until: Option<Text>,
}

/// One number per patient and arm.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct EndpointTable {
    /// Expression over the model's names and the covariates, as `"platelets"`.
    #[schemars(required)]
    pub(super) of: Option<Text>,
    /// What is taken of it over time.
    #[schemars(required)]
    pub(super) statistic: Option<Located<StatisticName>>,
    /// The time (value, change, percent_change).
    pub(super) at: Option<Text>,
    /// A number or an expression (time_, longest_, first_ below and above).
    pub(super) threshold: Option<Located<NumberOrText>>,
    /// First and last time looked at, both included. Default: the whole run.
    pub(super) window: Option<Located<Pair<String>>>,
    /// Where it is read. Default: `"visits"`.
    pub(super) on: Option<Located<ReadOnName>>,
    /// Whether the model's residual error is added. Default: `"prediction"`.
    pub(super) observe: Option<Located<ObserveName>>,
    /// Unit of the expression, if the model does not say it.
    pub(super) unit: Option<String>,
    /// Meaning of the endpoint, for the output.
    pub(super) description: Option<String>,
    /// Size, above 0, below which a difference between engines does not count (of a threshold: of what
    /// is compared with it, in its unit).
    pub(super) scale: Option<Number>,
}

/// What is taken of an expression over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum StatisticName {
    /// Smallest value.
    Min,
    /// Largest value.
    Max,
    /// First time of the smallest value.
    TimeOfMin,
    /// First time of the largest value.
    TimeOfMax,
    /// Value at the time `at`.
    Value,
    /// Value at the time `at` less the value before the first dose.
    Change,
    /// The change in percent of the value before the first dose.
    PercentChange,
    /// Area under the curve.
    Auc,
    /// Total time below `threshold`.
    TimeBelow,
    /// Total time above `threshold`.
    TimeAbove,
    /// Longest unbroken time below `threshold`.
    LongestBelow,
    /// Longest unbroken time above `threshold`.
    LongestAbove,
    /// First time below `threshold`; null if never.
    FirstBelow,
    /// First time above `threshold`; null if never.
    FirstAbove,
}

/// Where an endpoint is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ReadOnName {
    /// At visits: what the clinic sees.
    Visits,
    /// Also between them: infusion starts and ends for extremes, an integral for areas.
    Continuous,
}

/// Whether residual error is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ObserveName {
    /// The model's prediction.
    Prediction,
    /// The prediction with the model's residual error, drawn anew at each visit.
    WithError,
}

/// Tolerances and limits of the integration.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct SolverTable {
    /// Relative tolerance, between 0 and 1. Default: 1e-6.
    pub(super) rtol: Option<Number>,
    /// Absolute tolerance in multiples of each state's scale, above 0. Default: 1e-6.
    pub(super) atol: Option<Number>,
    /// Steps tried per patient and arm before it is given up. Default: 100_000.
    pub(super) max_steps: Option<Located<i64>>,
    /// Typical size of a state, above 0, in place of the model file's.
    pub(super) scale: Option<Entries<Number>>,
}

/// What is written besides patients and outcomes.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct OutputTable {
    /// Time courses.
    pub(super) trajectories: Option<Located<TrajectoriesTable>>,
}

/// Time courses of the first patients.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct TrajectoriesTable {
    /// How many patients, from the first; all of them if there are fewer.
    #[schemars(required)]
    pub(super) patients: Option<Located<i64>>,
    /// Time between rows, from 0 to the end of the run. Default: the visits.
    pub(super) every: Option<Text>,
    /// Names of the model: states and assigned variables.
    #[schemars(required)]
    pub(super) of: Option<Located<Vec<Text>>>,
}
