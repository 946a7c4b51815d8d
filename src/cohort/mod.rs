//! The cohort file, checked: nothing in a [`Cohort`] is left to decide.
//!
//! Expressions stay text here: they are read by the model language's own parser, where their
//! names are known (`population` for covariates and eligibility, `plan` for endpoints).

mod amount;
mod choice;
pub mod columns;
mod compare;
mod data;
pub mod distribution;
mod dosing_action;
mod endpoint;
pub(crate) mod inputs;
mod output;
mod population;
pub(crate) mod quantity;
mod raw;
pub(crate) mod read;
mod regimen;
pub(crate) mod report;
mod scenario;
mod schema;
mod sentence;
mod solver;
mod spanned;
mod statistic;
mod treatment;
mod understood;
mod validate;
pub(crate) mod value;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::{Notice, Place, Problems, Source};
use crate::unit::SECONDS_PER_DAY;

pub use amount::{Amount, AmountOf, BodySize, RoundTo, Rounding, Tier};
pub use compare::{
    Compare, ControlDose, StaticDose, Step, StepOf, UncertainParameter, UncertainScale, Uncertainty,
    whole_percent,
};
pub use data::{Data, Interpolation};
pub use distribution::{CovariateDistribution, Distribution, DistributionError};
pub use dosing_action::DosingActionError;
pub use endpoint::{END_OF_RECORDS, Endpoint, ReadOn, Trajectories};
pub use output::Output;
pub use population::{Correlation, Derived, Drawn, Eligibility, Population, RepeatedIds, Rows};
pub use quantity::QuantityError;
pub use read::ReadError;
pub use regimen::{
    Arm, Bioavailability, Course, Dose, Drug, Infusion, Missed, OnDemand, Per, Period, Regimen, Visits,
};
pub use report::KeyError;
pub(crate) use scenario::{Examined, add_new, examine};
pub use scenario::{Scenario, ScenarioError, load_scenario, parse_scenario, scenarios, within};
pub use schema::schema;
pub use sentence::SentenceError;
pub(crate) use sentence::dose_of_label;
pub use solver::{Method, Solver};
pub use spanned::Spanned;
pub use statistic::{AtTime, Side, Statistic, StatisticKey, StatisticKind, StatisticUnit, Taken};
pub use treatment::{
    Accrual, Action, By, Chance, Consequence, Dlt, Escalation, Event, ExposureResponse, GradedTerm, Grades,
    GradingTable, Response, Rule, Subgroup, Term, WhenFull,
};
pub(crate) use validate::text;
pub use validate::{
    ColumnError, CompareTableError, CorrelationError, CovariateError, DataError, DltError, DosingError,
    EndpointError, EventError, FileError, GeneralError, GradesError, ModifyError, ResponseError,
    ScheduleError, SolverNotice, SummaryError,
};

/// Whole seconds since the first planned dose.
pub type Ticks = u32;

/// Ticks in a day.
pub const TICKS_PER_DAY: f64 = SECONDS_PER_DAY as f64;

/// The number of patients of a cohort whose data set has not been read: as many as that makes.
pub const ALL_OF_DATA: u64 = u64::MAX;

/// What stands for all patients, or all arms, among subgroups and arms.
pub const ALL: &str = "all";

/// A checked cohort file.
#[derive(Debug, Clone, PartialEq)]
pub struct Cohort {
    /// The file it came from.
    pub source: Arc<Source>,
    /// The scenario that is laid over it, if any.
    pub scenario: Option<String>,
    /// `name`: also the default name of the run folder.
    pub name: String,
    /// `description`
    pub description: Option<String>,
    /// The model file, resolved against the cohort file's folder.
    pub model: Spanned<PathBuf>,
    /// Number of virtual patients.
    pub patients: u64,
    /// Seed of every draw.
    pub seed: u64,
    /// Whether patients have the model's random effects; else each effect is 0.
    pub random_effects: bool,
    /// How patients are drawn.
    pub population: Population,
    /// Who may enter.
    pub eligibility: Eligibility,
    /// Changed model parameters: name and expression over the file's own values.
    pub parameters: Vec<(Spanned<String>, Spanned<String>)>,
    /// The data set that gives doses, times and covariates, if there is one: then neither regimen nor visits are the
    /// file's.
    pub data: Option<Data>,
    /// What is given, when.
    pub regimen: Regimen,
    /// When patients are seen.
    pub visits: Visits,
    /// What is measured.
    pub endpoints: Vec<Endpoint>,
    /// Tolerances and limits.
    pub solver: Solver,
    /// Time courses to write.
    pub trajectories: Option<Trajectories>,
    /// How laboratory values are graded.
    pub grades: Grades,
    /// What is dose-limiting.
    pub dlt: Option<Dlt>,
    /// What may happen by chance, in file order: the first is looked at first.
    pub events: Vec<Event>,
    /// Response of the tumour.
    pub response: Option<Response>,
    /// Patients who are summarised apart.
    pub subgroups: Vec<Subgroup>,
    /// Outcomes against exposures.
    pub exposure_response: Vec<ExposureResponse>,
    /// Whether the dose ledger is written; if not said, where doses may differ from those planned.
    pub write_doses: Option<bool>,
    /// What of the patients' rows is kept.
    pub output: Output,
    /// Typical values drawn anew for each replicate.
    pub uncertainty: Option<Uncertainty>,
    /// What is compared between the file's scenarios.
    pub compare: Option<Compare>,
    /// What virtual dose escalations over a run take from it.
    pub escalation: Escalation,
    /// What a user should know of it.
    pub notices: Vec<Notice>,
}

/// Reads and checks a cohort file with each of its scenarios, and that the files it names are there.
///
/// # Errors
/// Everything that is wrong with it, each with its place.
pub fn load(path: &Path) -> Result<Cohort, Problems> {
    load_scenario(path, None)
}

/// Checks the text of a cohort file with each of its scenarios; paths in it are relative to `folder`.
///
/// # Errors
/// Everything that is wrong with it, each with its place: in file order, then scenario by scenario. If a
/// key cannot be read, the checks that would need it are left for the next time.
pub fn parse(source: &Arc<Source>, folder: &Path) -> Result<Cohort, Problems> {
    parse_scenario(source, folder, None)
}

impl Cohort {
    /// A place in the cohort file.
    pub fn place(&self, span: &Range<usize>) -> Place {
        Place::new(&self.source, span.clone())
    }

    /// A drawn covariate.
    pub(crate) fn covariate(&self, name: &str) -> Option<&Drawn> {
        self.population.covariates.iter().find(|covariate| covariate.name.value == name)
    }
}
