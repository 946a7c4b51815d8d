//! Treatment, as it is written: rules of dosing, grades, dose-limiting toxicity, events, response, and
//! what is asked of the outcomes.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::spanned::{Entries, Spanned};
use super::super::treatment::WhenFull;
use super::super::value::{Fraction, NumberOrText, Pair, TextOr, fraction};
use super::{Number, Text};

/// A rule that changes the doses, looked at at every visit (a stop), or when a dose is due (all others).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::cohort) struct ModifyTable {
    /// What the dose ledger calls it. Default: its condition.
    pub(in crate::cohort) name: Option<Text>,
    /// The drug that it is about, if there are several. Default: all of them, each by itself; of `"stop"` treatment as
    /// a whole.
    pub(in crate::cohort) drug: Option<Text>,
    /// Condition, as `"platelets < 75"`.
    #[schemars(required)]
    pub(in crate::cohort) when: Option<Text>,
    /// What it does: `"stop"` (treatment ends), `"skip"` (the dose is left out), `"hold"`, `"delay 7 day"` (the dose waits),
    /// `"reduce 25 %"`, `"reduce 1 level"`, `"escalate 25 %"`, `"escalate 1 level"` (this dose and all
    /// later ones), `"infuse over 2 h"` (likewise), `"give 5 mg of NAME"` (a dose of a drug that is given on demand, at each visit at which the condition
    /// holds).
    #[schemars(required)]
    pub(in crate::cohort) then: Option<Text>,
    /// First and last dose for which it is looked at, 1 the first. Default: every dose.
    pub(in crate::cohort) cycles: Option<Spanned<Pair<i64>>>,
    /// When it is looked at (stop). Default: `"visit"`.
    pub(in crate::cohort) at: Option<Spanned<MomentName>>,
    /// The dose waits until this holds (hold, delay). Default: until `when` no longer holds (hold), or
    /// only for the time of the delay.
    pub(in crate::cohort) until: Option<Text>,
    /// The longest wait, counted from when the dose was due; after it treatment ends (hold, delay).
    pub(in crate::cohort) at_most: Option<Text>,
    /// Whether the dose is made up for at the next time that is planned, and so are those after it (skip). Default: false,
    /// it is omitted.
    pub(in crate::cohort) made_up: Option<Spanned<bool>>,
    /// How many doses may be given (give).
    pub(in crate::cohort) doses: Option<Spanned<i64>>,
    /// The smallest dose (reduce).
    pub(in crate::cohort) floor: Option<Text>,
    /// The largest dose (escalate).
    pub(in crate::cohort) ceiling: Option<Text>,
    /// What happens where the dose would go beyond its limit (reduce, escalate). Default: `"stop"` for
    /// reduce, `"stay"` for escalate.
    pub(in crate::cohort) beyond: Option<Spanned<BeyondName>>,
    /// The expression whose value the dose ledger shows. Default: the first that `when` compares.
    pub(in crate::cohort) shows: Option<Text>,
}

/// When a rule is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::cohort) enum MomentName {
    /// At every visit.
    Visit,
    /// At visits at which a dose is due.
    Dose,
}

/// What happens where a dose would go beyond its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::cohort) enum BeyondName {
    /// Treatment ends.
    Stop,
    /// The dose stays at the limit.
    Stay,
}

/// How laboratory values are graded.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::cohort) struct GradesTable {
    /// Files with grading tables, relative to this file.
    #[schemars(required)]
    pub(in crate::cohort) tables: Option<Spanned<Vec<Text>>>,
    /// Windows in which the worst grade is looked for besides the whole run: name, first and last time.
    pub(in crate::cohort) windows: Option<Entries<Spanned<Pair<String>>>>,
    /// What is graded: for each term of the tables an expression in the unit of its table, or a table
    /// that says more.
    pub(in crate::cohort) terms: Option<Entries<Spanned<TextOr<TermTable>>>>,
}

/// What is graded by a term.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an expression or a table")]
pub(in crate::cohort) struct TermTable {
    /// Expression over the model's names. It is converted to the unit of the grading table.
    #[schemars(required)]
    pub(in crate::cohort) of: Option<Text>,
    /// Unit of the expression, if the model does not say it. Default: that of the grading table.
    pub(in crate::cohort) unit: Option<String>,
    /// Upper limit of normal in place of the table's.
    pub(in crate::cohort) uln: Option<Number>,
    /// Lower limit of normal in place of the table's.
    pub(in crate::cohort) lln: Option<Number>,
    /// Grades whose days are written: the time at that grade or above.
    pub(in crate::cohort) days: Option<Vec<Spanned<i64>>>,
    /// Grades whose first day is written: the first visit at that grade or above.
    pub(in crate::cohort) onset: Option<Vec<Spanned<i64>>>,
}

/// What is dose-limiting.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::cohort) struct DltTable {
    /// The last time that counts, from the first planned dose on.
    #[schemars(required)]
    pub(in crate::cohort) window: Option<Text>,
    /// Whether a dose-limiting toxicity ends treatment. Default: true.
    pub(in crate::cohort) stops_treatment: Option<bool>,
    /// For each cause, named in lower_snake_case, the conditions of which any makes it, as
    /// `["grade(thrombocytopenia) >= 4"]`.
    #[schemars(required)]
    pub(in crate::cohort) causes: Option<Spanned<Entries<Spanned<Vec<Text>>>>>,
}

/// Something that happens to a patient at a time that chance decides: `cumulative_hazard`, or
/// `probability` with `onset`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::cohort) struct EventTable {
    /// Meaning of the event, for the output.
    pub(in crate::cohort) description: Option<String>,
    /// Expression that never decreases: the event happens at the first visit at which it is at least
    /// -log(u), u uniform and the patient's own, as `"0.008 * day"`.
    pub(in crate::cohort) cumulative_hazard: Option<Text>,
    /// Probability, a number or an expression over covariates, that the event happens at `onset`. It is
    /// decided once for each patient.
    pub(in crate::cohort) probability: Option<Spanned<NumberOrText>>,
    /// Condition: the event happens at the first visit at which it holds.
    pub(in crate::cohort) onset: Option<Text>,
    /// What follows. Default: `"leave"`.
    pub(in crate::cohort) then: Option<Spanned<ConsequenceName>>,
    /// Whether it counts as progression of the tumour. Default: false.
    pub(in crate::cohort) progression: Option<bool>,
}

/// What follows from an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::cohort) enum ConsequenceName {
    /// The patient leaves the trial, and treatment ends.
    Leave,
    /// Treatment ends.
    Stop,
    /// Nothing; it is written.
    Nothing,
}

/// Response of the tumour, RECIST 1.1: limits that are not given are those of the guideline.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::cohort) struct ResponseTable {
    /// Sum of diameters, an expression over the model's names. It is converted to mm.
    #[schemars(required)]
    pub(in crate::cohort) of: Option<Text>,
    /// Unit of the sum, if the model does not say it. Default: mm.
    pub(in crate::cohort) unit: Option<String>,
    /// Times of the scans, in increasing order; the one before treatment is not among them.
    pub(in crate::cohort) scans: Option<Spanned<Vec<Text>>>,
    /// Time from one scan to the next, up to the end of the run, in place of `scans`.
    pub(in crate::cohort) every: Option<Text>,
    /// Below this it is a complete response, mm. Default: 1.
    pub(in crate::cohort) complete_below: Option<Number>,
    /// Decrease from baseline of a partial response, as a fraction. Default: 0.3.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    pub(in crate::cohort) partial: Option<Number>,
    /// Increase from the smallest sum so far that is progression, as a fraction. Default: 0.2.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    pub(in crate::cohort) progression: Option<Number>,
    /// The least increase that is progression, mm. Default: 5.
    pub(in crate::cohort) progression_at_least: Option<Number>,
    /// The least time after which a response must be confirmed. Default: it need not be.
    pub(in crate::cohort) confirmation: Option<Text>,
    /// Stable disease needs a scan at this time or later. Default: the first scan.
    pub(in crate::cohort) stable_from: Option<Text>,
    /// Disease control is counted at the first scan at this time or later. Default: the first scan.
    pub(in crate::cohort) control_at: Option<Text>,
}

/// Patients who are summarised apart.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an expression or a table")]
pub(in crate::cohort) struct SubgroupTable {
    /// A categorical covariate, or an expression over covariates.
    #[schemars(required)]
    pub(in crate::cohort) of: Option<Text>,
    /// Where the expression is divided, in increasing order.
    pub(in crate::cohort) cuts: Option<Spanned<Vec<Number>>>,
}

/// An outcome against an exposure, by groups of equal size.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::cohort) struct ExposureResponseTable {
    /// A column of the outcomes that is a number: an endpoint, a time, a dose intensity.
    #[schemars(required)]
    pub(in crate::cohort) exposure: Option<Text>,
    /// An outcome that is true or false: `"dlt"`, `"dlt_CAUSE"`, `"evaluable"`, `"response"` or
    /// `"disease_control"`.
    #[schemars(required)]
    pub(in crate::cohort) outcome: Option<Text>,
    /// Number of groups. Default: 4.
    pub(in crate::cohort) groups: Option<Spanned<i64>>,
}

/// Virtual dose escalations over the run, `vpop trial`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::cohort) struct EscalationTable {
    /// The dose that was thought to be active, as `"0.4 mg/kg"`: how often is a lower one declared?
    pub(in crate::cohort) active_dose: Option<Text>,
    /// Patients who come in a month, on average. Default: 2.
    pub(in crate::cohort) patients_per_month: Option<Number>,
    /// What becomes of those who come while no place is open. Default: `"wait"`.
    pub(in crate::cohort) when_full: Option<WhenFull>,
}
