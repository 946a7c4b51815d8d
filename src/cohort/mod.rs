//! The cohort file, checked: nothing in a [`Cohort`] is left to decide.
//!
//! Expressions stay text here: they are read by the model language's own parser, where their
//! names are known (`population` for covariates and eligibility, `plan` for endpoints).

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use crate::diagnostic::{Place, Source};

/// A value with its place in the cohort file.
#[derive(Debug, Clone, PartialEq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Bytes in the cohort file. For an expression: the text inside the quotes.
    pub span: Range<usize>,
}

/// Whole seconds since the first planned dose.
pub type Ticks = u32;

/// Seconds in a day.
pub const TICKS_PER_DAY: f64 = 86_400.0;

/// A checked cohort file.
#[derive(Debug, Clone, PartialEq)]
pub struct Cohort {
    /// The file it came from.
    pub source: Arc<Source>,
    /// `name`: also the default name of the run folder.
    pub name: String,
    /// `description`
    pub description: Option<String>,
    /// The model file, resolved against the cohort file's folder.
    pub model: Located<PathBuf>,
    /// Number of virtual patients.
    pub patients: u64,
    /// Seed of every draw.
    pub seed: u64,
    /// How patients are drawn.
    pub population: Population,
    /// Who may enter.
    pub eligibility: Eligibility,
    /// Changed model parameters: name and expression over the file's own values.
    pub parameters: Vec<(Located<String>, Located<String>)>,
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
}

impl Cohort {
    /// A place in the cohort file.
    pub fn place(&self, span: &Range<usize>) -> Place {
        Place::new(&self.source, span.clone())
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
    pub name: Located<String>,
    /// Its distribution.
    pub distribution: Distribution,
    /// Unit, for the output.
    pub unit: Option<String>,
    /// Meaning, for the output.
    pub description: Option<String>,
    /// The patient is rejected and drawn again outside `[low, high]`.
    pub between: Option<Located<[f64; 2]>>,
}

/// A computed covariate.
#[derive(Debug, Clone, PartialEq)]
pub struct Derived {
    /// Its name.
    pub name: Located<String>,
    /// Expression over covariates.
    pub expression: Located<String>,
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
    pub file: Located<PathBuf>,
    /// Columns to take; all numeric ones if empty.
    pub columns: Vec<Located<String>>,
    /// Whether rows are drawn with replacement (true) or taken in order, one per patient.
    pub resample: bool,
}

/// A distribution of one covariate.
#[derive(Debug, Clone, PartialEq)]
pub enum Distribution {
    /// The same for everyone.
    Fixed(f64),
    /// Mean and standard deviation.
    Normal { mean: f64, sd: f64, truncate: Option<[f64; 2]> },
    /// Log-mean and log-sd. A CV is turned by `log_sd = sqrt(log(1 + cv^2))`.
    LogNormal { log_mean: f64, log_sd: f64, truncate: Option<[f64; 2]>, rounded: bool },
    /// Between two numbers.
    Uniform { low: f64, high: f64 },
    /// Its logarithm is uniform.
    LogUniform { low: f64, high: f64 },
    /// Shape parameters, scaled to `[low, high]`.
    Beta { alpha: f64, beta: f64, low: f64, high: f64 },
    /// Shape and scale.
    Gamma { shape: f64, scale: f64, truncate: Option<[f64; 2]> },
    /// Mean.
    Poisson { mean: f64 },
    /// 1 with probability `p`, else 0.
    Bernoulli { p: f64 },
    /// Labels with probabilities that sum to 1; its value in expressions is the position.
    Categorical { labels: Vec<String>, probabilities: Vec<f64> },
    /// The distribution depends on a categorical or Bernoulli covariate (labels `0` and `1`).
    ByClass { by: Located<String>, of: Vec<(String, Distribution)> },
}

/// Who may enter.
#[derive(Debug, Clone, PartialEq)]
pub struct Eligibility {
    /// Expressions that must all be true.
    pub require: Vec<Located<String>>,
    /// Draws per patient before the run stops with an error.
    pub max_attempts: u32,
}

/// What is given, when.
#[derive(Debug, Clone, PartialEq)]
pub struct Regimen {
    /// One per arm.
    pub arms: Vec<Located<Dose>>,
    /// States that receive the dose.
    pub into: Vec<Located<String>>,
    /// How it enters.
    pub infusion: Located<Infusion>,
    /// When, relative to the first dose; sorted, starts at 0 unless times were given.
    pub times: Vec<Ticks>,
    /// Another dose for the first doses.
    pub loading: Option<Loading>,
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
    Dose(Located<Dose>),
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
    /// Unit of the amount.
    pub unit: AmountUnit,
    /// What it is multiplied by.
    pub per: Per,
}

/// Unit of an amount of drug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmountUnit {
    /// g
    Gram,
    /// mg
    Milligram,
    /// ug
    Microgram,
    /// ng
    Nanogram,
    /// mol
    Mole,
    /// mmol
    Millimole,
    /// umol
    Micromole,
    /// nmol
    Nanomole,
    /// pmol
    Picomole,
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

/// How a dose enters its states.
#[derive(Debug, Clone, PartialEq)]
pub enum Infusion {
    /// At once.
    Bolus,
    /// Over this long.
    Duration(Ticks),
    /// At this rate: amount per hour.
    Rate { amount_per_hour: f64, unit: AmountUnit },
    /// By the model's `dur(state)` or `rate(state)`.
    Model,
}

/// When patients are seen.
#[derive(Debug, Clone, PartialEq)]
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
    pub name: Located<String>,
    /// Expression over the model's names.
    pub of: Located<String>,
    /// What is taken of it.
    pub statistic: Statistic,
    /// First and last time looked at.
    pub window: [Ticks; 2],
    /// Where it is read.
    pub on: ReadOn,
    /// Whether residual error is added.
    pub with_error: bool,
    /// Unit of the expression, if the model does not say it.
    pub unit: Option<String>,
    /// Meaning, for the output.
    pub description: Option<String>,
    /// Size below which a difference between engines does not count.
    pub scale: Option<f64>,
}

/// What is taken of an expression over time.
#[derive(Debug, Clone, PartialEq)]
pub enum Statistic {
    /// Smallest value.
    Min,
    /// Largest value.
    Max,
    /// When it was smallest (the first time).
    TimeOfMin,
    /// When it was largest (the first time).
    TimeOfMax,
    /// Value at a time.
    Value(Ticks),
    /// Value at a time less the value before the first dose.
    Change(Ticks),
    /// The same in percent of the value before the first dose.
    PercentChange(Ticks),
    /// Area under the curve.
    Auc,
    /// Total time below a threshold expression.
    TimeBelow(Located<String>),
    /// Total time above.
    TimeAbove(Located<String>),
    /// Longest unbroken time below.
    LongestBelow(Located<String>),
    /// Longest unbroken time above.
    LongestAbove(Located<String>),
    /// First time below; null if never.
    FirstBelow(Located<String>),
    /// First time above; null if never.
    FirstAbove(Located<String>),
}

/// Where an endpoint is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadOn {
    /// At visits: what the clinic sees.
    Visits,
    /// Also between: infusion starts and ends for extremes, an integral for areas.
    Continuous,
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
    /// Typical size of a state, over the model file's.
    pub scale: Vec<(Located<String>, f64)>,
}

/// Time courses to write.
#[derive(Debug, Clone, PartialEq)]
pub struct Trajectories {
    /// The first so many patients.
    pub patients: u64,
    /// Times, sorted.
    pub times: Vec<Ticks>,
    /// Names of the model.
    pub of: Vec<Located<String>>,
}
