//! The cohort file as it is written: one type per table, nothing checked but the types of values.
//!
//! The doc comments are what an editor shows: they become the descriptions of the JSON schema.
//! Every key is optional here, so that what is missing is reported together with all else.

mod compare;
mod data;
mod dosing;
mod grading;
mod population;
mod treatment;

use schemars::JsonSchema;
use serde::Deserialize;

use super::choice::Choice;
use super::spanned::{Entries, Spanned};
use super::statistic::StatisticKind;
use super::value::{Fraction, NumberOrText, Pair, TextOr, fraction};

pub(super) use compare::{CompareTable, ScenarioTable, SpreadTable, UncertaintyTable, WaterfallTable};
pub(super) use data::{DataTable, InterpolationName};
pub(super) use dosing::{ArmTable, DoseTable, DrugTable, MissedTable, RoundTable, TierTable};
pub(super) use grading::{GradingFile, GradingTerm};
pub(super) use population::{CorrelationTable, DerivedTable, PopulationTable, RepeatedIdsName, RowsTable};
pub(super) use treatment::{
    BeyondName, ConsequenceName, DltTable, EscalationTable, EventTable, ExposureResponseTable, GradesTable,
    ModifyTable, MomentName, ResponseTable, SubgroupTable, TermTable,
};

/// A text of the file, with its place.
pub(super) type Text = Spanned<String>;
/// A number of the file, with its place.
pub(super) type Number = Spanned<f64>;

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
    /// Number of virtual patients, 1 to 4_000_000_000. Needed unless there is a data set.
    pub(super) patients: Option<Spanned<i64>>,
    /// Seed of every random draw, 0 or more. Default: 1.
    pub(super) seed: Option<Spanned<i64>>,
    /// Whether patients have the model's random effects; without them each is the typical patient of
    /// its covariates. Default: true.
    pub(super) random_effects: Option<bool>,
    /// How patients are drawn: a table for each covariate, `derived`, `correlation`, `rows`.
    pub(super) population: Option<PopulationTable>,
    /// Who may enter.
    pub(super) eligibility: Option<EligibilityTable>,
    /// Changed fixed effects of the model, by their name in its `ini` block: a number, or an
    /// expression over the file's own values, as `"lcl + log(1.5)"`.
    pub(super) parameters: Option<Entries<Spanned<NumberOrText>>>,
    /// A data set as the source of doses, observation times and covariates, in place of `patients`, `regimen` and
    /// `visits`.
    pub(super) data: Option<Spanned<DataTable>>,
    /// What is given, and when; with `[[arms]]` its rules alone. Needed unless there is a data set.
    pub(super) regimen: Option<Spanned<RegimenTable>>,
    /// Drugs, by name: what all doses of one have in common.
    pub(super) drugs: Option<Entries<Spanned<DrugTable>>>,
    /// Arms with doses of their own, in place of `regimen.arms`.
    pub(super) arms: Option<Spanned<Vec<Spanned<ArmTable>>>>,
    /// When patients are seen, and when the run ends.
    pub(super) visits: Option<Spanned<VisitsTable>>,
    /// What is measured: one column of the outcomes for each table, named in lower_snake_case.
    pub(super) endpoints: Option<Entries<Spanned<EndpointTable>>>,
    /// How laboratory values are graded.
    pub(super) grades: Option<Spanned<GradesTable>>,
    /// What is dose-limiting.
    pub(super) dlt: Option<Spanned<DltTable>>,
    /// What may happen to a patient by chance: a table for each event, named in lower_snake_case. At a
    /// visit the first is looked at first.
    pub(super) events: Option<Entries<Spanned<EventTable>>>,
    /// Response of the tumour, RECIST 1.1.
    pub(super) response: Option<Spanned<ResponseTable>>,
    /// Patients who are summarised apart: for each subgroup a categorical covariate, or a table with an
    /// expression and where it is divided.
    pub(super) subgroups: Option<Entries<Spanned<TextOr<SubgroupTable>>>>,
    /// Outcomes against exposures, by groups of equal size.
    pub(super) exposure_response: Option<Vec<Spanned<ExposureResponseTable>>>,
    /// Tolerances and limits of the integration.
    pub(super) solver: Option<SolverTable>,
    /// What is kept of the patients, and what is written besides their outcomes.
    pub(super) output: Option<OutputTable>,
    /// Partial cohort files, each laid over this file: their tables are merged with this file's, all else
    /// is replaced.
    pub(super) scenarios: Option<Entries<Spanned<ScenarioTable>>>,
    /// Typical values drawn anew for each replicate.
    pub(super) uncertainty: Option<Spanned<UncertaintyTable>>,
    /// What is compared between the scenarios.
    pub(super) compare: Option<Spanned<CompareTable>>,
    /// Virtual dose escalations over the run.
    pub(super) trial: Option<EscalationTable>,
}

/// Who may enter: candidates are drawn until one is eligible.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct EligibilityTable {
    /// Expressions over covariates that must all be true, as `"PLT0 >= 100"`.
    pub(super) require: Option<Vec<Text>>,
    /// Candidates drawn for one patient before the run stops with an error. Default: 1000.
    pub(super) max_attempts: Option<Spanned<i64>>,
}

/// What is given, and when.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct RegimenTable {
    /// One dose per arm: an amount (`"252 mg"`, `"350 umol"`) or an amount per body weight
    /// (`"0.2 mg/kg"`, covariate WT) or surface (`"100 mg/m2"`, covariate BSA); or a sentence that says
    /// more, as `"0.4 mg/kg over 1 h q3w x 6"`.
    pub(super) arms: Option<Spanned<Vec<Text>>>,
    /// States of the model that receive the dose; each receives amount x its `f(state)`.
    pub(super) into: Option<Spanned<Vec<Text>>>,
    /// How long each dose takes (`"1 h"`; `"0 h"` or `"bolus"`: at once), or `"model"`: by the
    /// model's `dur(state)` or `rate(state)`. Default: `"bolus"`.
    pub(super) infusion: Option<Text>,
    /// Infusion rate, as `"50 mg/h"`, in place of `infusion`.
    pub(super) rate: Option<Text>,
    /// What `f(state)` acts on where an infusion is given by its rate: on the `amount`, so that the rate stays and a
    /// smaller amount takes less time, as bioavailability does; or on the `rate`, so that the time stays, as a
    /// conversion of units does. Default: as the state's unit in `compartmentData` says; `amount` if it says none.
    pub(super) bioavailability: Option<Spanned<BioavailabilityName>>,
    /// Time from one dose to the next, with `cycles`. Without it there is one dose, at time 0.
    pub(super) every: Option<Text>,
    /// Number of doses, `every` apart.
    pub(super) cycles: Option<Spanned<i64>>,
    /// Times of the doses, in increasing order, in place of `every` and `cycles`.
    pub(super) times: Option<Spanned<Vec<Text>>>,
    /// Another dose for the first doses.
    pub(super) loading: Option<Spanned<LoadingTable>>,
    /// Molecular weight of the drug, as `"150 kDa"` or `"450 g/mol"`, if doses are in units of mass and the
    /// model takes amounts of substance, or the other way.
    pub(super) molecular_weight: Option<Text>,
    /// Doses that patients miss by chance.
    pub(super) missed: Option<Spanned<MissedTable>>,
    /// Whether the doses have been given for so long before time 0 that patients begin at their steady state.
    pub(super) steady_state: Option<Spanned<bool>>,
    /// Dose levels in increasing order, for rules that go up or down a level. Default: the arms' doses
    /// but for 0.
    pub(super) levels: Option<Spanned<Vec<Text>>>,
    /// Rules that change the doses, looked at in file order.
    pub(super) modify: Option<Vec<Spanned<ModifyTable>>>,
}

/// Another dose for the first doses: `dose` or `factor`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct LoadingTable {
    /// How many doses, from the first. Default: 1.
    pub(super) doses: Option<Spanned<i64>>,
    /// The dose in every arm, as `"8 mg/kg"`.
    pub(super) dose: Option<Text>,
    /// The dose as a multiple of the arm's own.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    pub(super) factor: Option<Number>,
}

/// When patients are seen, and when the run ends.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct VisitsTable {
    /// Visits at 0 and every so often, up to the end. Default: `"1 day"`.
    pub(super) every: Option<Text>,
    /// Times of the visits, in increasing order, in place of `every`; time 0 is always one.
    pub(super) times: Option<Spanned<Vec<Text>>>,
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
    pub(super) statistic: Option<Spanned<Choice<StatisticKind>>>,
    /// The time (value, change, percent_change).
    pub(super) at: Option<Text>,
    /// A number or an expression (time_, longest_, first_ below and above).
    pub(super) threshold: Option<Spanned<NumberOrText>>,
    /// First and last time looked at, both included. Default: the whole run.
    pub(super) window: Option<Spanned<Pair<String>>>,
    /// Where it is read. Default: `"visits"`, which must be said of a statistic over time if what it reads
    /// follows doses and no visit lies between one dose and the next.
    pub(super) on: Option<Spanned<ReadOnName>>,
    /// Whether it goes on after the patient has left the trial. Default: `"end"` where it is read at visits;
    /// what is read continuously always goes on.
    pub(super) after_leaving: Option<Spanned<AfterLeavingName>>,
    /// Whether the model's residual error is added. Default: `"prediction"`.
    pub(super) observe: Option<Spanned<ObserveName>>,
    /// Unit of the expression, if the model does not say it.
    pub(super) unit: Option<String>,
    /// Meaning of the endpoint, for the output.
    pub(super) description: Option<String>,
    /// Size, above 0, below which a difference between two solutions counts less (of a threshold: of what
    /// is compared with it, in its unit). Default: a hundredth of what the value is made of over its course.
    pub(super) scale: Option<Number>,
}

/// Where an endpoint is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ReadOnName {
    /// At visits: what the clinic sees.
    Visits,
    /// The curve between them: extremes and crossings located, areas integrated.
    Continuous,
}

/// What becomes of what is read of a patient who has left the trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum AfterLeavingName {
    /// It ends with the visit at which the patient leaves: what the clinic sees.
    End,
    /// It goes on over the whole simulated course.
    Follow,
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

/// What the bioavailability acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum BioavailabilityName {
    /// The rate stays.
    Amount,
    /// The time stays.
    Rate,
}

/// The names of methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum MethodName {
    /// Decided before the run, from the model and its population.
    Auto,
    /// The explicit Runge-Kutta pair 5(4) of Tsitouras.
    Tsit5,
    /// The Rosenbrock pair 5(4) of Steinebach, for stiff equations.
    Rosenbrock,
    /// No integration: the solution in closed form of linear equations, as those of `linCmt()`.
    ClosedForm,
}

/// Tolerances and limits of the integration.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct SolverTable {
    /// Method: explicit (`tsit5`), for stiff equations (`rosenbrock`), the solution in closed form of linear ones
    /// (`closed_form`), or the one that suits them (`auto`). Default: `auto`.
    pub(super) method: Option<Spanned<MethodName>>,
    /// Relative tolerance, above 0 and below 0.1; nothing is promised above 1e-3. Default: 1e-6.
    pub(super) rtol: Option<Number>,
    /// Absolute tolerance in multiples of each state's scale, above 0; nothing is promised above 1e-3.
    /// Default: 1e-6.
    pub(super) atol: Option<Number>,
    /// Steps tried per patient and arm before it is given up. Default: 100_000.
    pub(super) max_steps: Option<Spanned<i64>>,
    /// The largest step, as `6 h`. Default: where the equations change smoothly with time, the shortest time between
    /// visits; else none. Steps end at the times with which the equations compare time in any case.
    pub(super) max_step: Option<Text>,
    /// Whether divisions by 0, logarithms of 0 or less and negative powers of 0 are of 2.2e-16 instead, as in rxode2; the
    /// variable `zero_guard` is 1 where one is, and so is the endpoint `zero_guard`, which is added, of whom one was in.
    /// Default: false, and a patient who needs one fails.
    pub(super) guard_zero: Option<bool>,
    /// Typical size of a state, above 0, in place of the model file's.
    pub(super) scale: Option<Entries<Number>>,
}

/// What is kept of the patients, and what is written besides their outcomes.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct OutputTable {
    /// Whether rows of patients are kept: `patients`, `outcomes`, `doses`, `observations`. Without them a run holds its
    /// distributions, and time courses if they are asked for. Default: true.
    pub(super) outcomes: Option<bool>,
    /// The columns of the outcomes that are kept, beside those that say whose they are and how they were solved. The
    /// distributions are of all. Default: every column.
    pub(super) columns: Option<Spanned<Vec<Text>>>,
    /// Time courses.
    pub(super) trajectories: Option<Spanned<TrajectoriesTable>>,
    /// Whether the dose ledger is written: one row for each dose. Default: where doses may differ from
    /// those planned.
    pub(super) doses: Option<bool>,
}

/// Time courses of the first patients.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct TrajectoriesTable {
    /// How many patients, from the first; all of them if there are fewer.
    #[schemars(required)]
    pub(super) patients: Option<Spanned<i64>>,
    /// Time between rows, from 0 to the end of the run. Default: the visits.
    pub(super) every: Option<Text>,
    /// Names of the model, or expressions, as `grade(proteinuria)` or `days_since_dose`.
    #[schemars(required)]
    pub(super) of: Option<Spanned<Vec<Text>>>,
    /// Whether they go on after the patient has left the trial. Default: `"end"`; what comes later is null.
    pub(super) after_leaving: Option<AfterLeavingName>,
    /// `"with_error"`: each name with a residual line has a second column, NAME_sim, with residual error as it would be
    /// observed. Default: `"prediction"`.
    pub(super) observe: Option<ObserveName>,
}
