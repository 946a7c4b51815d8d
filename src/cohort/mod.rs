//! The cohort file, checked: nothing in a [`Cohort`] is left to decide.
//!
//! Expressions stay text here: they are read by the model language's own parser, where their
//! names are known (`population` for covariates and eligibility, `plan` for endpoints).

mod choice;
pub mod columns;
mod compare;
mod dosing_action;
pub(crate) mod inputs;
pub(crate) mod quantity;
mod raw;
pub(crate) mod read;
pub(crate) mod report;
mod scenario;
mod schema;
mod spanned;
mod statistic;
mod treatment;
mod validate;
pub(crate) mod value;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::{Notice, Place, Problems, Source};
use crate::unit::{Conversion, SECONDS_PER_DAY, Unit};

pub use compare::{
    Compare, ControlDose, StaticDose, Step, StepOf, UncertainParameter, UncertainScale, Uncertainty,
    whole_percent,
};
pub use dosing_action::DosingActionError;
pub use quantity::QuantityError;
pub use read::ReadError;
pub use report::KeyError;
pub(crate) use scenario::{Examined, add_new, examine};
pub use scenario::{Scenario, ScenarioError, load_scenario, parse_scenario, scenarios, within};
pub use schema::schema;
pub use spanned::Spanned;
pub use statistic::{AtTime, Side, Statistic, StatisticKey, StatisticKind, StatisticUnit, Taken};
pub use treatment::{
    Accrual, Action, By, Chance, Consequence, Dlt, Escalation, Event, ExposureResponse, GradedTerm, Grades,
    GradingTable, Response, Rule, Subgroup, Term, WhenFull,
};
pub(crate) use validate::text;
pub use validate::{
    ColumnError, CompareError, CorrelationError, DistributionError, DltError, EndpointError, EventError,
    FileError, GeneralError, GradesError, ModifyError, PopulationError, ResponseError, ScheduleError,
    SolverNotice, SummaryError,
};

/// Whole seconds since the first planned dose.
pub type Ticks = u32;

/// Ticks in a day.
pub const TICKS_PER_DAY: f64 = SECONDS_PER_DAY as f64;

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
    pub distribution: Distribution,
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

/// A distribution of one covariate.
#[derive(Debug, Clone, PartialEq)]
pub enum Distribution {
    /// The same for everyone.
    Fixed(f64),
    /// Normal.
    Normal {
        /// Mean, before truncation.
        mean: f64,
        /// Standard deviation, before truncation; above 0.
        sd: f64,
        /// Bounds the distribution is cut off at.
        truncate: Option<[f64; 2]>,
    },
    /// Its logarithm is normal.
    LogNormal {
        /// Mean of the logarithm: the logarithm of the median.
        log_mean: f64,
        /// Standard deviation of the logarithm, above 0; from a CV by `sqrt(log(1 + cv^2))`.
        log_sd: f64,
        /// Bounds the distribution is cut off at.
        truncate: Option<[f64; 2]>,
        /// Whether the value is then rounded to a whole number.
        rounded: bool,
    },
    /// Equally likely anywhere between two numbers.
    Uniform {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// Its logarithm is uniform.
    LogUniform {
        /// Lower end, above 0.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// Beta, stretched from `[0, 1]` to `[low, high]`.
    Beta {
        /// First shape parameter, above 0.
        alpha: f64,
        /// Second shape parameter, above 0.
        beta: f64,
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// Gamma, with mean shape x scale before truncation.
    Gamma {
        /// Shape parameter, above 0.
        shape: f64,
        /// Scale parameter, above 0.
        scale: f64,
        /// Bounds the distribution is cut off at.
        truncate: Option<[f64; 2]>,
    },
    /// Counts.
    Poisson {
        /// Mean, above 0.
        mean: f64,
    },
    /// 1 with probability `p`, else 0.
    Bernoulli {
        /// Between 0 and 1.
        p: f64,
    },
    /// One of several labels; its value in expressions is the position, from 0.
    Categorical {
        /// The labels, in file order.
        labels: Vec<String>,
        /// Their probabilities, which sum to 1 within 1e-9.
        probabilities: Vec<f64>,
    },
    /// Another distribution for each class of patients. Mixtures are not nested.
    ByClass {
        /// A drawn categorical covariate, or a Bernoulli one (labels `0` and `1`).
        by: Spanned<String>,
        /// Label and distribution, one for each label, in the order of the labels.
        of: Vec<(String, Distribution)>,
    },
}

/// Who may enter.
#[derive(Debug, Clone, PartialEq)]
pub struct Eligibility {
    /// Expressions that must all be true.
    pub require: Vec<Spanned<String>>,
    /// Draws per patient before the run stops with an error.
    pub max_attempts: u32,
}

/// What is given, when.
#[derive(Debug, Clone, PartialEq)]
pub struct Regimen {
    /// One per arm.
    pub arms: Vec<Spanned<Dose>>,
    /// States that receive the dose.
    pub into: Vec<Spanned<String>>,
    /// How it enters.
    pub infusion: Spanned<Infusion>,
    /// What `f(state)` acts on where it enters by its rate, if the file says it.
    pub bioavailability: Option<Spanned<Bioavailability>>,
    /// When, relative to the first dose; sorted, starts at 0 unless times were given.
    pub times: Vec<Ticks>,
    /// Another dose for the first doses.
    pub loading: Option<Loading>,
    /// Mass of a mole of the drug, g, by which masses and amounts of substance convert.
    pub molecular_weight: Option<f64>,
    /// Dose levels, increasing, in the arms' unit.
    pub levels: Vec<Spanned<Dose>>,
    /// Rules that change the doses, in file order.
    pub modify: Vec<Rule>,
}

impl Regimen {
    /// How an amount of drug in one unit becomes one in another; `None` if they are of two kinds.
    pub(crate) fn conversion(&self, from: &Unit, into: &Unit) -> Option<Conversion> {
        from.to(into).or_else(|| from.to_by_molar_mass(into, self.molecular_weight?))
    }
}

/// A larger or smaller dose at the start.
#[derive(Debug, Clone, PartialEq)]
pub struct Loading {
    /// How many doses, from the first.
    pub doses: u32,
    /// What they are.
    pub amount: LoadingAmount,
}

/// The amount of a loading dose.
#[derive(Debug, Clone, PartialEq)]
pub enum LoadingAmount {
    /// This dose in every arm.
    Dose(Spanned<Dose>),
    /// The arm's dose times this.
    Factor(f64),
}

/// An amount of drug.
#[derive(Debug, Clone, PartialEq)]
pub struct Dose {
    /// As the user wrote it: the arm's label.
    pub text: String,
    /// Amount, in `unit`, per `per`; not negative.
    pub amount: f64,
    /// Unit of the amount: of mass, of amount of substance, or a counted one.
    pub unit: Unit,
    /// What it is multiplied by.
    pub per: Per,
}

/// What a dose is scaled by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// The patient.
    Patient,
    /// Body weight: covariate `WT`, kg.
    Kilogram,
    /// Body surface area: covariate `BSA`, m2.
    SquareMetre,
}

impl Per {
    /// The covariate that the amount is multiplied by.
    pub fn covariate(self) -> Option<&'static str> {
        match self {
            Self::Patient => None,
            Self::Kilogram => Some("WT"),
            Self::SquareMetre => Some("BSA"),
        }
    }
}

/// How a dose enters its states.
#[derive(Debug, Clone, PartialEq)]
pub enum Infusion {
    /// At once.
    Bolus,
    /// Over this long.
    Duration(Ticks),
    /// At this rate: amount per hour.
    Rate {
        /// Amount per hour, above 0.
        amount_per_hour: f64,
        /// Unit of the amount.
        unit: Unit,
    },
    /// By the model's `dur(state)` or `rate(state)`.
    Model,
}

/// What the factor `f(state)` of an infusion that is given by its rate acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bioavailability {
    /// The amount: the rate stays.
    Amount,
    /// The rate: the time stays.
    Rate,
}

impl Regimen {
    /// That of a file in which it cannot be read.
    fn nothing() -> Self {
        Self {
            arms: Vec::new(),
            into: Vec::new(),
            infusion: Spanned { value: Infusion::Bolus, span: 0..0 },
            bioavailability: None,
            times: Vec::new(),
            loading: None,
            molecular_weight: None,
            levels: Vec::new(),
            modify: Vec::new(),
        }
    }
}

/// When patients are seen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Visits {
    /// The visits' times, sorted, 0 first.
    pub times: Vec<Ticks>,
    /// The end of the simulation.
    pub until: Ticks,
}

/// One number per patient and arm.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// Column name, lower_snake_case.
    pub name: Spanned<String>,
    /// Expression over the model's names.
    pub of: Spanned<String>,
    /// What is taken of it.
    pub statistic: Statistic,
    /// First and last time looked at.
    pub window: [Ticks; 2],
    /// Where it is read.
    pub on: ReadOn,
    /// Whether the file says where, or leaves it to the default.
    pub is_on_said: bool,
    /// Whether it goes on after the patient has left the trial.
    pub follows: bool,
    /// Whether residual error is added.
    pub with_error: bool,
    /// Unit of the expression, if the model does not say it.
    pub unit: Option<String>,
    /// Meaning, for the output.
    pub description: Option<String>,
    /// Size below which a difference between two solutions counts less (of a threshold: of what
    /// is compared with it, in its unit).
    pub scale: Option<f64>,
}

/// Where an endpoint is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadOn {
    /// At visits: what the clinic sees.
    Visits,
    /// The curve between visits: extremes and crossings located, areas integrated.
    Continuous,
    /// At the scans of the tumour.
    Scans,
}

/// A method of integration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Method {
    /// The explicit Runge-Kutta pair 5(4) of Tsitouras.
    #[default]
    Tsit5,
    /// The Rosenbrock pair 5(4) of Steinebach, Rodas5P, for stiff equations.
    Rosenbrock,
}

impl Method {
    /// As it is written in cohort files and manifests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tsit5 => "tsit5",
            Self::Rosenbrock => "rosenbrock",
        }
    }
}

/// Tolerances and limits.
#[derive(Debug, Clone, PartialEq)]
pub struct Solver {
    /// Relative tolerance.
    pub rtol: f64,
    /// Absolute tolerance, in multiples of each state's scale.
    pub atol: f64,
    /// Steps tried per patient and arm before it is given up as `max_steps`.
    pub max_steps: u32,
    /// The largest step, if it is not left to the run.
    pub max_step: Option<Ticks>,
    /// Typical size of a state, over the model file's.
    pub scale: Vec<(Spanned<String>, f64)>,
    /// The method, if it is not left to the run.
    pub method: Option<Method>,
}

impl Default for Solver {
    /// What holds where a cohort file says nothing.
    fn default() -> Self {
        Self { rtol: 1e-6, atol: 1e-6, max_steps: 100_000, max_step: None, scale: Vec::new(), method: None }
    }
}

/// Time courses to write.
#[derive(Debug, Clone, PartialEq)]
pub struct Trajectories {
    /// The first so many patients.
    pub patients: u64,
    /// Times, sorted.
    pub times: Vec<Ticks>,
    /// Names of the model.
    pub of: Vec<Spanned<String>>,
    /// Whether they go on after the patient has left the trial.
    pub follows: bool,
}
