//! What trials were made from and what they come to in short: `trial.json`.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::characteristics::{Characteristic, Estimate, Shares};
use super::design::decision_table::{DecisionTable, Move};
use super::evaluability::{Evaluability, Shortfall};
use super::question::{Question, Source};
use super::settings::Planned;
use crate::clock::Clock;
use crate::cohort::Accrual;
use crate::digest::sha256;
use crate::store::{FileSummary, Timing, rfc3339_utc};

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
    /// What it decides by counts at a dose, of a design with such a table.
    pub decisions: Vec<Decision>,
    /// Operating characteristics.
    pub characteristics: Vec<Value>,
    /// The rule for the declared dose, of a design with one.
    pub rule: Option<Evaluability>,
    /// Shares by the number of evaluable patients that is asked for, of a design with that rule.
    pub evaluability: Vec<Share>,
}

/// A decision by counts at a dose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Evaluable patients at the dose.
    pub patients: u32,
    /// Of them, with a dose-limiting toxicity.
    pub dlts: u32,
    /// `E` escalate, `S` stay, `D` de-escalate, `DU` de-escalate and close the dose.
    pub decision: String,
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

pub(super) fn summary(
    question: &Question,
    planned: &Planned,
    characteristics: &[Characteristic],
    shares: &[Shares],
) -> DesignSummary {
    let value = |found: &Characteristic| Value {
        measure: found.measure.clone(),
        arm: label(question, found.dose),
        value: found.estimate.value,
        standard_error: found.estimate.standard_error,
        unit: found.unit,
    };
    DesignSummary {
        name: planned.name.clone(),
        file: planned.source.name.clone(),
        sha256: sha256(planned.source.text.as_bytes()),
        maximum: planned.limits.patients,
        decisions: decisions(planned),
        characteristics: characteristics.iter().map(value).collect(),
        rule: planned.evaluability,
        evaluability: shares.iter().flat_map(|shares| self::shares(question, shares)).collect(),
    }
}

/// The decision table of a design; empty if it has none.
fn decisions(planned: &Planned) -> Vec<Decision> {
    let rows = planned.table.iter().flat_map(DecisionTable::rows);
    let decision = |(patients, dlts, decided): (u32, u32, Move)| Decision {
        patients,
        dlts,
        decision: decided.code().into(),
    };
    rows.map(decision).collect()
}

pub(super) fn finished(
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
        toxicity: question.reference_doses.toxicity.clone(),
        active_dose: question.reference_doses.active_dose,
        static_dose: question.reference_doses.static_dose,
        accrual: question.accrual,
        designs,
        notes: question.notes.clone(),
        timings: clock.finish(Vec::new()),
        files,
    }
}

/// The shares of one rule.
fn shares(question: &Question, shares: &Shares) -> Vec<Share> {
    let of = |dose, what, estimate: Estimate| Share {
        evaluable: shares.rule.evaluable,
        second_dose: shares.rule.second_dose,
        arm: label(question, dose),
        what,
        value: estimate.value,
        standard_error: estimate.standard_error,
    };
    let mut all = vec![of(None, "declared", shares.none())];
    for dose in 0..question.doses.count() {
        all.push(of(Some(dose), "declared", shares.declared(dose)));
        all.extend(
            Shortfall::ALL.map(|shortfall| of(Some(dose), shortfall.name(), shares.lacking(dose, shortfall))),
        );
    }
    all
}

fn label(question: &Question, dose: Option<usize>) -> Option<String> {
    dose.map(|dose| question.doses.labels[dose].clone())
}
