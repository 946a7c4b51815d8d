//! The manifest: what a finished run was made from, by what, and how it went. Dates and timings of a
//! run stand here and nowhere else.

use serde::{Deserialize, Serialize};

use super::identity::InputHash;
use super::parts::Shard;
use super::totals::{Screening, Totals};
use crate::cohort::Accrual;
use crate::diagnostic::{Notice, Place};
use crate::engine::audit::Check;
use crate::outcome::audit;

/// Contents of `manifest.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this program.
    pub vpop: String,
    /// When the run was finished, RFC 3339 in UTC.
    pub created: String,
    /// Name of the run, from the cohort file.
    pub name: String,
    /// Scenario of the cohort file, if it is one.
    pub scenario: Option<String>,
    /// Seed of every draw.
    pub seed: u64,
    /// Patients in this run.
    pub patients: u64,
    /// The arms, in order.
    pub arms: Vec<String>,
    /// Which part of the cohort this run is, if it is not all of it.
    pub shard: Option<Shard>,
    /// The files it was made from.
    pub inputs: Vec<InputHash>,
    /// The model.
    pub model: ModelSummary,
    /// What solved it.
    pub engine: EngineSummary,
    /// How closely it was solved.
    pub solver: SolverSummary,
    /// How the patients' integrations ended, and how much work they were.
    pub outcomes: Totals,
    /// How the patients were found.
    pub screening: Screening,
    /// What virtual dose escalations take from it, if toxicities are dose-limiting in it.
    #[serde(default)]
    pub trial: Option<TrialSummary>,
    /// What was said of its files before it began: warnings and notes.
    #[serde(default)]
    pub notices: Vec<NoticeSummary>,
    /// Endpoints of a state or a variable that are 0 in every patient of every arm with a dose.
    #[serde(default)]
    pub always_zero: Vec<String>,
    /// How some of the patients compare with what a closer integration makes of them, and, if the engine is not
    /// the CPU in f64, with that.
    pub audit: Vec<audit::Summary>,
    /// Wall-clock time by stage, in order, of the process that finished the run; summed over the
    /// threads that work at one stage, so that together they may exceed the total.
    pub timings: Vec<Timing>,
    /// Every file of tables, and of a shard those that only this program reads.
    pub files: Vec<FileSummary>,
}

impl Manifest {
    /// Whether something failed: a patient could not be solved, or the run is further from a reference
    /// than is promised.
    pub fn failed(&self) -> bool {
        self.outcomes.all.failed() > 0 || self.audit.iter().any(|audit| !audit.holds)
    }

    /// What a check of the run found, if it was made.
    pub fn checked(&self, check: Check) -> Option<&audit::Summary> {
        self.audit.iter().find(|audit| audit.check == check)
    }
}

/// What the model file says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelSummary {
    /// Name of the model function.
    pub name: String,
    /// Its `description`.
    pub description: Option<String>,
    /// Its `reference`.
    pub reference: Option<String>,
}

/// What virtual dose escalations over the run take from its cohort file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrialSummary {
    /// End of the window for dose-limiting toxicity, days after the first dose.
    pub dlt_window_days: f64,
    /// Causes of dose-limiting toxicity.
    pub dlt_causes: Vec<String>,
    /// Unit of times in the outcomes, in days.
    pub time_unit_days: f64,
    /// Doses that are planned: what every patient receives, where the outcomes do not say it.
    pub planned_doses: usize,
    /// The dose that was thought to be active.
    pub active_dose: Option<String>,
    /// How patients come.
    pub accrual: Accrual,
}

/// A warning or a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeSummary {
    /// `warning` or `note`.
    pub weight: String,
    /// What it is.
    pub message: String,
    /// What can be done about it.
    pub help: Option<String>,
    /// The file that it is in.
    pub file: Option<String>,
    /// Line in the file, from 1.
    pub line: Option<usize>,
    /// Column in the line, from 1, in characters.
    pub column: Option<usize>,
}

impl From<&Notice> for NoticeSummary {
    fn from(notice: &Notice) -> Self {
        let place = notice.place.as_ref();
        let (line, column) = place.map(Place::line_column).unzip();
        Self {
            weight: notice.weight.name().into(),
            message: notice.message.clone(),
            help: notice.help.clone(),
            file: place.map(|place| place.source.name.clone()),
            line,
            column,
        }
    }
}

/// What solved the equations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineSummary {
    /// As `cpu avx2`.
    pub name: String,
    /// Instruction set of what was computed on the CPU, as `avx2`.
    pub level: String,
    /// Threads of the CPU.
    pub threads: usize,
    /// What went wrong with a device and was made good, in the process that finished the run.
    pub events: Vec<String>,
}

/// How closely the equations were solved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SolverSummary {
    /// `tsit5` or `rosenbrock`.
    pub method: String,
    /// Why it is this one.
    pub reason: String,
    /// Steps tried by an explicit method after which a patient in an arm was solved by `rosenbrock` instead; none if the
    /// method had to do.
    #[serde(default)]
    pub switch_after: Option<u32>,
    /// Patient-arms that were.
    #[serde(default)]
    pub switched: u64,
    /// Relative tolerance.
    pub rtol: f64,
    /// Absolute tolerance, in multiples of each state's scale.
    pub atol: f64,
    /// Steps tried per patient and arm before it is given up.
    pub max_steps: u32,
    /// The largest step, in the model's unit of time; none if any will do.
    pub max_step: Option<f64>,
}

/// Wall-clock time of one stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// As `sample`, `solve`, `write`, `distributions`, `total`; `wait` is of solvers for the disk.
    pub stage: String,
    /// Seconds.
    pub seconds: f64,
}

impl Timing {
    /// Seconds of the whole, from the stages of a manifest.
    pub fn total(timings: &[Self]) -> f64 {
        timings.iter().find(|timing| timing.stage == Self::TOTAL).map_or(f64::NAN, |timing| timing.seconds)
    }

    /// The stage that is the whole.
    pub(crate) const TOTAL: &'static str = "total";
}

/// One file of the run: a table, or a part of one, in Parquet as a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSummary {
    /// The set it belongs to.
    pub set: String,
    /// Path within the run folder.
    pub file: String,
    /// Rows.
    pub rows: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// BLAKE3 of its bytes, in hexadecimal digits.
    pub blake3: String,
}
