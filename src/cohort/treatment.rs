//! Treatment in a checked cohort file: grades, dose-limiting toxicity, events, response, rules of dosing,
//! and what is asked of the outcomes.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Dose, Spanned, Ticks};

/// How laboratory values are graded.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Grades {
    /// Grading tables, resolved against the cohort file's folder, as they were read: in file order.
    pub tables: Vec<GradingTable>,
    /// Graded terms, in file order.
    pub terms: Vec<GradedTerm>,
    /// Windows in which the worst grade is looked for, besides the whole run: name and first and last
    /// time.
    pub windows: Vec<(String, [Ticks; 2])>,
}

/// A grading table: a file of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct GradingTable {
    /// The file.
    pub file: Spanned<PathBuf>,
    /// Its text, for places in it and for the run folder.
    pub source: std::sync::Arc<crate::diagnostic::Source>,
    /// `name`, as `CTCAE v4.03`.
    pub name: String,
    /// Its terms.
    pub terms: Vec<Term>,
}

/// A term of a grading table.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// Its key, lower_snake_case.
    pub name: String,
    /// Its title in the source.
    pub title: String,
    /// Unit of `x` in the conditions.
    pub unit: String,
    /// Upper limit of normal, `uln` in the conditions.
    pub uln: Option<f64>,
    /// Lower limit of normal, `lln` in the conditions.
    pub lln: Option<f64>,
    /// Condition of each grade, 1 first, over `x`, `baseline`, `uln` and `lln`: the grade is the highest
    /// whose condition holds. `None` for a grade that the term does not have. Places are in the table.
    pub conditions: Vec<Option<Spanned<String>>>,
}

/// A term that is graded in this cohort.
#[derive(Debug, Clone, PartialEq)]
pub struct GradedTerm {
    /// Name of the term in its table.
    pub name: Spanned<String>,
    /// Position of the table in [`Grades::tables`], and of the term in it.
    pub term: (usize, usize),
    /// The graded expression over the model's names.
    pub of: Spanned<String>,
    /// Its unit, if the model does not say it. It is converted to the table's.
    pub unit: Option<String>,
    /// Upper limit of normal in place of the table's.
    pub uln: Option<f64>,
    /// Lower limit of normal in place of the table's.
    pub lln: Option<f64>,
    /// Grades whose days are written: the time at that grade or above.
    pub days: Vec<u8>,
    /// Grades whose first onset is written.
    pub onset: Vec<u8>,
}

/// What is dose-limiting.
#[derive(Debug, Clone, PartialEq)]
pub struct Dlt {
    /// The last time that counts, from the first planned dose on.
    pub window: Ticks,
    /// Whether a dose-limiting toxicity ends treatment.
    pub stops_treatment: bool,
    /// Name of each cause, lower_snake_case, and the conditions of which any makes it.
    pub causes: Vec<(Spanned<String>, Vec<Spanned<String>>)>,
}

/// Something that happens to a patient at a time that chance decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its name, lower_snake_case.
    pub name: Spanned<String>,
    /// Meaning, for the output.
    pub description: Option<String>,
    /// When it happens.
    pub chance: Chance,
    /// What follows.
    pub then: Consequence,
    /// Whether it counts as progression of the tumour.
    pub progression: bool,
}

/// When an event happens.
#[derive(Debug, Clone, PartialEq)]
pub enum Chance {
    /// At the first visit where this cumulative hazard, an expression over the model's names, is at
    /// least -log(u).
    CumulativeHazard(Spanned<String>),
    /// At the first visit where `onset` holds, if `u < probability`.
    Once {
        /// Probability, an expression over covariates.
        probability: Spanned<String>,
        /// Condition.
        onset: Spanned<String>,
    },
}

/// What follows from an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// The patient leaves the trial, and treatment ends.
    Leave,
    /// Treatment ends.
    Stop,
    /// Nothing; it is written.
    Nothing,
}

/// Response of the tumour, RECIST 1.1.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// Sum of diameters, an expression over the model's names.
    pub of: Spanned<String>,
    /// Its unit, if the model does not say it. It is converted to mm.
    pub unit: Option<String>,
    /// The scans, sorted, after time 0.
    pub scans: Vec<Ticks>,
    /// Below this it is a complete response, mm.
    pub complete_below: f64,
    /// Decrease from baseline of a partial response, as a fraction.
    pub partial: f64,
    /// Increase from the smallest sum so far that is progression, as a fraction.
    pub progression: f64,
    /// The least increase that is progression, mm.
    pub progression_at_least: f64,
    /// The least time after which a response must be confirmed, if it must.
    pub confirmation: Option<Ticks>,
    /// Stable disease needs a scan at this time or later.
    pub stable_from: Ticks,
    /// The scan at which disease control is counted: the first at this time or later.
    pub control_at: Ticks,
}

/// A rule of dosing.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// What the ledger calls it: `name`, else its condition.
    pub label: String,
    /// Condition.
    pub when: Spanned<String>,
    /// The drug that it is about, by its position; all of them if there is none.
    pub drug: Option<usize>,
    /// First and last dose for which it is looked at, 1 the first.
    pub cycles: Option<[u32; 2]>,
    /// What the ledger shows; if none, the first value that the condition compares.
    pub shows: Option<Spanned<String>>,
    /// What it does.
    pub then: Action,
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Treatment ends.
    Stop {
        /// Whether it is looked at only when a dose is due.
        at_dose: bool,
    },
    /// The dose is left out.
    Skip {
        /// Whether it is made up for at the next time that is planned.
        made_up: bool,
    },
    /// A dose of the rule's drug is given, which is given on demand.
    Give,
    /// Doses are infused over this time from now on, more than 0.
    Infuse(Ticks),
    /// The dose waits.
    Hold {
        /// Until this holds; if none, until the condition no longer does, or of a delay until its time is over.
        until: Option<Spanned<String>>,
        /// The shortest wait: 0 but of a delay.
        at_least: Ticks,
        /// The longest wait, after which treatment ends.
        at_most: Ticks,
    },
    /// The dose changes.
    Change {
        /// By how much.
        by: By,
        /// The smallest or the largest dose.
        limit: Option<Spanned<Dose>>,
        /// Whether treatment ends where the change would go beyond the limit, or below the lowest level;
        /// else the dose stays there.
        beyond_stops: bool,
    },
}

/// By how much a dose changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum By {
    /// It is multiplied by this, above 0 and not 1.
    Times(f64),
    /// To the next lower level.
    Down,
    /// To the next higher level.
    Up,
}

/// Patients who are summarised apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Subgroup {
    /// Its name.
    pub name: Spanned<String>,
    /// A categorical covariate, or an expression over covariates that `cuts` divide.
    pub of: Spanned<String>,
    /// Where it is divided, increasing; empty for a categorical covariate.
    pub cuts: Vec<f64>,
}

/// An outcome against an exposure, by its quantiles.
#[derive(Debug, Clone, PartialEq)]
pub struct ExposureResponse {
    /// An endpoint.
    pub exposure: Spanned<String>,
    /// A column of the outcomes that is true or false.
    pub outcome: Spanned<String>,
    /// Groups of equal size.
    pub groups: u32,
}

/// What virtual dose escalations over a run take from the cohort file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Escalation {
    /// The dose that was thought to be active, in the unit of the first arm.
    pub active_dose: Option<Spanned<Dose>>,
    /// How patients come.
    pub accrual: Accrual,
}

/// How patients come to a trial.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Accrual {
    /// Patients a month, on average; the time between two is exponential (a Poisson process).
    pub patients_per_month: f64,
    /// What becomes of those who come while no place is open.
    pub when_full: WhenFull,
}

/// What becomes of patients who come while no place is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhenFull {
    /// They wait, and the first is treated as soon as a place opens.
    Wait,
    /// They are treated elsewhere.
    TurnedAway,
}

impl Default for Accrual {
    /// Two patients a month, who wait.
    fn default() -> Self {
        Self { patients_per_month: 2.0, when_full: WhenFull::Wait }
    }
}
