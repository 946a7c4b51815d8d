//! Conducts all trials of a question, writes them, and says what they come to.

use std::path::Path;
use std::time::SystemTime;

use serde::Serialize;

use super::characteristics::{Characteristic, Shares, Sum};
use super::conduct::Conducted;
use super::course::Candidates;
use super::evaluability::Evaluability;
use super::question::{Question, Source};
use super::settings::Planned;
use super::{Trials, tables};
use crate::clock::Clock;
use crate::cohort::Accrual;
use crate::diagnostic::Problems;
use crate::store::{Field, FileSummary, Results, ResultsFolder, StoreError, Timing, rfc3339_utc, sha256};

/// The set of trials, one row for each cohort.
const TRIALS: &str = "trials";

/// Trials in short: `trial.json`. What is missing is null.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finished {
    /// Version of this program.
    pub vpop: String,
    /// When they were finished, RFC 3339 in UTC.
    pub created: String,
    /// Name of the run, or `assumed probabilities`.
    pub name: String,
    /// Folder of the run.
    pub run: Option<String>,
    /// Seed of every draw.
    pub seed: u64,
    /// Trials of each design.
    pub replicates: u64,
    /// The doses, from the lowest.
    pub doses: Vec<String>,
    /// Unit of doses as numbers.
    pub dose_unit: String,
    /// Probability of dose-limiting toxicity at each dose, among evaluable patients.
    pub toxicity: Vec<f64>,
    /// The dose that was thought to be active, as a number.
    pub active_dose: Option<f64>,
    /// The dose at which the reference tumour stands still, as a number.
    pub static_dose: Option<f64>,
    /// How patients come.
    pub accrual: Accrual,
    /// The designs, in order.
    pub designs: Vec<DesignSummary>,
    /// What the reader should know.
    pub notes: Vec<String>,
    /// Wall-clock time by stage.
    pub timings: Vec<Timing>,
    /// Every Parquet file.
    pub files: Vec<FileSummary>,
}

/// A design and what it comes to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DesignSummary {
    /// Its name.
    pub name: String,
    /// Its file.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Patients of a trial, at most.
    pub maximum: u32,
    /// Operating characteristics.
    pub characteristics: Vec<Value>,
    /// The rule for the declared dose, of a design with one.
    pub rule: Option<Evaluability>,
    /// Shares by the number of evaluable patients that is asked for, of a design with that rule.
    pub evaluability: Vec<Share>,
}

/// An operating characteristic.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Value {
    /// What it is.
    pub measure: String,
    /// The dose; none of the trial as a whole.
    pub arm: Option<String>,
    /// Mean over trials.
    pub value: f64,
    /// Its Monte-Carlo standard error; none of what is no mean over trials.
    pub standard_error: f64,
    /// Unit of both.
    pub unit: &'static str,
}

/// A share of trials under an evaluability rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Share {
    /// Evaluable patients that are asked for.
    pub evaluable: u32,
    /// Patients with a second dose that are asked for.
    pub second_dose: u32,
    /// The dose; none where no dose is declared.
    pub arm: Option<String>,
    /// What of the dose: `declared`, or what it lacks to be acceptable.
    pub what: &'static str,
    /// Share of trials.
    pub value: f64,
    /// Its Monte-Carlo standard error.
    pub standard_error: f64,
}

/// Conducts all trials and writes what they come to; `progress` is told how many of how many are done.
///
/// # Errors
/// Everything that goes wrong on disk.
pub fn conduct(
    question: &Question,
    output: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Finished, Problems> {
    let clock = Clock::start();
    let mut folder = ResultsFolder::open(output, Results::Trials, question.provenance())?;
    let mut designs = Vec::new();
    for (number, planned) in (0..).zip(&question.designs) {
        let mut work = Work { question, planned, folder: &mut folder, clock: &clock };
        let done = number * question.replicates;
        let all = question.designs.len() as u64 * question.replicates;
        let mut told = |trials| progress(done + trials, all);
        designs.push(match &question.source {
            Source::Run(run, everybody) => match &planned.moderate {
                None => work.design(everybody, &mut told)?,
                moderate => work.design(&run.candidates(moderate.as_ref())?, &mut told)?,
            },
            Source::Assumed(assumed) => work.design(assumed, &mut told)?,
        });
    }
    folder.write("operating_characteristics", &tables::characteristics(question, &designs))?;
    if designs.iter().any(|design| !design.evaluability.is_empty()) {
        folder.write("evaluability", &tables::evaluability(question, &designs))?;
    }
    Ok(folder.finish(|files| finished(question, designs, clock, files))?)
}

/// The trials of one design.
struct Work<'a> {
    question: &'a Question,
    planned: &'a Planned,
    folder: &'a mut ResultsFolder,
    clock: &'a Clock,
}

impl Work<'_> {
    fn design<C: Candidates>(
        &mut self,
        candidates: &C,
        progress: &mut dyn FnMut(u64),
    ) -> Result<DesignSummary, StoreError> {
        let Self { question, planned, folder, clock } = self;
        let trials = Trials {
            candidates,
            doses: question.doses.count(),
            causes: question.yardsticks.causes.len(),
            accrual: question.accrual,
            seed: question.seed,
            replicates: question.replicates,
        };
        let rows = tables::Rows { question, design: &planned.name };
        let mut part = folder.part(TRIALS, &Field::of(&rows.table(0, &[])))?;
        let mut sum = Sum::new(&question.yardsticks);
        let mut shares: Vec<Shares> =
            planned.evaluability.iter().flat_map(|&rule| Shares::about(rule, trials.doses)).collect();
        trials.conduct(planned, |first, conducted: &[Conducted]| {
            for trial in conducted {
                sum.add(trial);
                shares.iter_mut().for_each(|shares| shares.add(trial));
            }
            clock.measure("write", || part.write(&rows.table(first, conducted)))?;
            progress(first + conducted.len() as u64);
            Ok(())
        })?;
        part.finish()?;
        Ok(summary(question, planned, &sum.characteristics(), &shares))
    }
}

impl Question {
    /// Key-value metadata of every table.
    fn provenance(&self) -> Vec<(String, String)> {
        [
            ("vpop.version", env!("CARGO_PKG_VERSION").to_owned()),
            ("vpop.run", self.name.clone()),
            ("vpop.seed", self.seed.to_string()),
            ("vpop.replicates", self.replicates.to_string()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into()
    }

    pub(super) fn label(&self, dose: Option<usize>) -> Option<String> {
        dose.map(|dose| self.doses.labels[dose].clone())
    }
}

fn summary(
    question: &Question,
    planned: &Planned,
    characteristics: &[Characteristic],
    shares: &[Shares],
) -> DesignSummary {
    let value = |found: &Characteristic| Value {
        measure: found.measure.clone(),
        arm: question.label(found.dose),
        value: found.estimate.value,
        standard_error: found.estimate.standard_error,
        unit: found.unit,
    };
    DesignSummary {
        name: planned.name.clone(),
        file: planned.source.name.clone(),
        sha256: sha256(planned.source.text.as_bytes()),
        maximum: planned.limits.patients,
        characteristics: characteristics.iter().map(value).collect(),
        rule: planned.evaluability,
        evaluability: shares.iter().flat_map(|shares| tables::shares(question, shares)).collect(),
    }
}

fn finished(
    question: &Question,
    designs: Vec<DesignSummary>,
    clock: Clock,
    files: Vec<FileSummary>,
) -> Finished {
    let run = match &question.source {
        Source::Run(run, _) => Some(run.path.display().to_string()),
        Source::Assumed(_) => None,
    };
    Finished {
        vpop: env!("CARGO_PKG_VERSION").into(),
        created: rfc3339_utc(SystemTime::now()),
        name: question.name.clone(),
        run,
        seed: question.seed,
        replicates: question.replicates,
        doses: question.doses.labels.clone(),
        dose_unit: question.doses.unit(),
        toxicity: question.yardsticks.toxicity.clone(),
        active_dose: question.yardsticks.active_dose,
        static_dose: question.yardsticks.static_dose,
        accrual: question.accrual,
        designs,
        notes: question.notes.clone(),
        timings: clock.finish(Vec::new()),
        files,
    }
}
