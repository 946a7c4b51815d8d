//! The design file as it is written: nothing checked but the types of values.
//!
//! The doc comments are what an editor shows: they become the descriptions of the JSON schema.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::cohort::Spanned;
use crate::cohort::value::{Fraction, Pair, fraction, fraction_list, fraction_pair};

pub(super) type Text = Spanned<String>;
pub(super) type Number = Spanned<f64>;
pub(super) type Whole = Spanned<i64>;

/// A dose-escalation design: its name, its patients, and one table with the settings of its kind.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
#[schemars(title = "vpop design file")]
pub(super) struct DesignFile {
    /// What the design is called in tables and results.
    #[schemars(required)]
    pub(super) name: Option<Text>,
    /// What it is, for the reader.
    #[expect(dead_code, reason = "said to the reader of the file")]
    pub(super) description: Option<String>,
    /// The first dose, as the run or `--doses` calls it. Default: the lowest.
    pub(super) start: Option<Text>,
    /// How many patients.
    pub(super) patients: Option<Spanned<PatientsTable>>,
    /// 3+3.
    pub(super) three_plus_three: Option<Spanned<ThreePlusThreeTable>>,
    /// Accelerated titration, then 3+3.
    pub(super) accelerated_titration: Option<Spanned<AcceleratedTitrationTable>>,
    /// BOIN.
    pub(super) boin: Option<Spanned<BoinTable>>,
    /// mTPI-2; the keyboard design decides alike.
    pub(super) mtpi2: Option<Spanned<Mtpi2Table>>,
    /// Continual reassessment method.
    pub(super) crm: Option<Spanned<CrmTable>>,
    /// Bayesian logistic regression model with overdose control.
    pub(super) blrm: Option<Spanned<BlrmTable>>,
    /// Cohorts in sequence, and an evaluability rule.
    pub(super) fixed: Option<Spanned<FixedTable>>,
    /// A decision table.
    pub(super) table: Option<Spanned<TableTable>>,
}

/// How many patients.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct PatientsTable {
    /// In a cohort. Default: 3; of a fixed design 4. Not of 3+3 and accelerated titration.
    pub(super) cohort: Option<Whole>,
    /// In all, those who are replaced included. Default: 30; of a fixed design 20.
    pub(super) maximum: Option<Whole>,
    /// The trial ends when the next dose has so many evaluable patients already; of BOIN, mTPI-2 and decision
    /// tables, when the present dose has and the decision is to stay, or it cannot move (`n.earlystop` of the R
    /// package BOIN). Default: it does not.
    pub(super) at_dose: Option<Whole>,
    /// Of a cohort, how many who turn out not to be evaluable are replaced. Default: all; of a fixed design 1.
    pub(super) replaced: Option<Whole>,
}

/// 3+3.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct ThreePlusThreeTable {
    /// Whether a dose reached from above is treated up to six patients before it is declared. Default: false.
    pub(super) de_escalate: Option<bool>,
}

/// Accelerated titration, then 3+3.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct AcceleratedTitrationTable {
    /// Patients with a moderate toxicity that end the acceleration; one with a dose-limiting toxicity does.
    /// Default: 2.
    pub(super) moderate: Option<Whole>,
    /// A moderate toxicity is a term of the run's [grades] at least of this grade, worse than before the first
    /// dose. Default: 2.
    pub(super) grade: Option<Whole>,
    /// The window of [grades] in which it is looked for. Default: `"c1"`, if the run has it.
    pub(super) window: Option<Text>,
    /// As of `three_plus_three`. Default: true.
    pub(super) de_escalate: Option<bool>,
}

/// When a dose is closed, with all above it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct EliminateTable {
    /// Its toxicity is above the target with a probability above this, after a uniform prior. Default: 0.95.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    pub(super) probability: Option<Number>,
    /// Evaluable patients, at least. Default: 3.
    pub(super) patients: Option<Whole>,
}

/// BOIN.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct BoinTable {
    /// Target probability of toxicity. Default: 0.3.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    pub(super) target: Option<Number>,
    /// The highest probability that is too low. Default: 0.6 of the target.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    pub(super) too_low: Option<Number>,
    /// The lowest probability that is too high. Default: 1.4 of the target.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    pub(super) too_high: Option<Number>,
    /// When a dose is closed.
    pub(super) eliminate: Option<EliminateTable>,
    /// The trial also ends if the lowest dose is above the target with a probability above that of `eliminate`
    /// less this. Default: it does not.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    pub(super) extra_safe: Option<Number>,
}

/// mTPI-2.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct Mtpi2Table {
    /// Target probability of toxicity. Default: 0.3.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    pub(super) target: Option<Number>,
    /// The interval about the target that is good enough. Default: 0.05 to both sides.
    #[serde(default, deserialize_with = "fraction_pair")]
    #[schemars(with = "Option<[Fraction; 2]>")]
    pub(super) interval: Option<Spanned<Pair<f64>>>,
    /// When a dose is closed.
    pub(super) eliminate: Option<EliminateTable>,
}

/// Continual reassessment method.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct CrmTable {
    /// Target probability of toxicity. Default: 0.3.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    pub(super) target: Option<Number>,
    /// How toxicity rises with the dose. Default: `"power"`.
    pub(super) model: Option<CurveName>,
    /// Intercept of the logistic model. Default: 3.
    pub(super) intercept: Option<Number>,
    /// Prior guess of toxicity at each dose, rising. Default: by the indifference interval.
    #[serde(default, deserialize_with = "fraction_list")]
    #[schemars(with = "Option<Vec<Fraction>>")]
    pub(super) skeleton: Option<Spanned<Vec<Number>>>,
    /// Half the width of the indifference interval. Default: 0.05.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    pub(super) half_width: Option<Number>,
    /// The dose that is the target's before anything is seen, 1 the lowest. Default: the one in the middle.
    pub(super) prior_level: Option<Whole>,
    /// Prior variance of the parameter. Default: 1.34.
    pub(super) variance: Option<Number>,
    /// The trial ends if toxicity of the lowest dose is above the target with a probability above this.
    /// Default: 0.95; 1 never.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    pub(super) stop_above: Option<Number>,
}

/// How toxicity rises with the dose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum CurveName {
    /// The prior guess to the power of `exp(b)`.
    Power,
    /// Logistic, with a fixed intercept and the slope `exp(b)`.
    Logistic,
}

/// Bayesian logistic regression model with overdose control.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct BlrmTable {
    /// The reference dose, at which the log odds of toxicity are `a`. Default: the dose in the middle.
    pub(super) reference: Option<Text>,
    /// Prior means of `a` and of `b`, the logarithm of the slope. Default: `[-0.7, 0.0]`.
    pub(super) mean: Option<Spanned<Pair<f64>>>,
    /// Their standard deviations. Default: `[2.0, 1.0]`.
    pub(super) sd: Option<Spanned<Pair<f64>>>,
    /// Their correlation. Default: 0.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    pub(super) correlation: Option<Number>,
    /// Toxicity that is wanted. Default: `[0.16, 0.33]`.
    #[serde(default, deserialize_with = "fraction_pair")]
    #[schemars(with = "Option<[Fraction; 2]>")]
    pub(super) interval: Option<Spanned<Pair<f64>>>,
    /// No dose is given whose toxicity is above the interval with at least this probability. Default: 0.25.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    pub(super) overdose: Option<Number>,
    /// The largest increase of the dose over the highest given so far, in percent. Default: no limit but the
    /// next dose.
    pub(super) largest_increase: Option<Number>,
    /// When a dose is known well enough to end the trial. Default: never.
    pub(super) precise: Option<PreciseTable>,
}

/// When a dose is known well enough.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct PreciseTable {
    /// Evaluable patients at it, at least. Default: 6.
    pub(super) patients: Option<Whole>,
    /// Probability that its toxicity is the wanted one, at least. Default: 0.5.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    pub(super) probability: Option<Number>,
}

/// Cohorts in sequence, one at each dose.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct FixedTable {
    /// The observed rate of dose-limiting toxicity from which on no higher dose is opened. Default: none.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    pub(super) stop_at: Option<Number>,
    /// Evaluable patients at the dose that is declared, at least. Default: 3.
    pub(super) evaluable: Option<Whole>,
    /// Whether patients with a second dose are asked for. Default: true.
    pub(super) require_cycle_2: Option<bool>,
    /// Patients with a second dose, at least. Default: 2.
    pub(super) second_dose: Option<Whole>,
    /// The observed rate of dose-limiting toxicity must be below it. Default: 1/3.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    pub(super) rate_below: Option<Number>,
}

/// A decision table.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct TableTable {
    /// CSV file with the columns `patients`, `dlts` and `decision` (E, S, D, DU), relative to this file.
    pub(super) file: Option<Text>,
    /// In place of `file`: for each number of evaluable patients the decisions after 0, 1, ... toxicities, as
    /// `3 = ["E", "S", "D", "DU"]`. After a number that is not there, the dose stays.
    pub(super) decisions: Option<Spanned<std::collections::BTreeMap<String, Spanned<Vec<Text>>>>>,
    /// Probability of toxicity that the declared dose is nearest to. Default: 0.3.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    pub(super) target: Option<Number>,
}
