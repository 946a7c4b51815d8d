//! Patients and arms, counted from the parts of a run: how they ended, what they took, how they were found.

use std::path::PathBuf;

use arrow_array::cast::AsArray;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::read::{STATUS_OK, dictionary, label, labels, numbers, scan};
use crate::cohort::columns::{
    ARM, ATTEMPTS, NOT_FINITE, NOT_FINITE_DAY, PATIENT, REJECTED, SOLVED_BY, STATUS, STEPS,
};

/// Patients by how they ended, and the steps that they took: of all arms and of each.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// All arms together.
    pub all: ArmTotals,
    /// Each arm, in order.
    pub arms: Vec<ArmTotals>,
    /// What was not finite in patients who failed for that, the most frequent first.
    #[serde(default)]
    pub not_finite: Vec<NotFiniteTotal>,
}

/// Something that was not finite in some patients.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NotFiniteTotal {
    /// A name of the model, or where the cohort file asks for it.
    pub what: String,
    /// Patient-arms.
    pub count: u64,
    /// When it was first, in the unit of times in the outcomes, if that is known.
    pub first: Option<f64>,
    /// The first patient in whom it was.
    #[serde(default)]
    pub patient: u64,
    /// The arm in which it was so.
    #[serde(default)]
    pub arm: String,
    /// In which operation it ceased to be finite there, as a model would write it, where that can be told.
    #[serde(default)]
    pub operation: Option<String>,
}

impl NotFiniteTotal {
    /// Counts one more, seen at a time; NaN if that is not known.
    pub(super) fn add(totals: &mut Vec<Self>, what: &str, time: f64, (patient, arm): (u64, &str)) {
        let position = totals.iter().position(|total| total.what == what).unwrap_or_else(|| {
            let (what, arm) = (what.to_owned(), arm.to_owned());
            totals.push(Self { what, count: 0, first: None, patient, arm, operation: None });
            totals.len() - 1
        });
        let total = &mut totals[position];
        total.count += 1;
        total.first = total.first.into_iter().chain((!time.is_nan()).then_some(time)).reduce(f64::min);
    }
}

/// Patients of an arm by how they ended, and the steps that they took.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ArmTotals {
    /// Label of the arm; `all` for all together.
    pub arm: String,
    /// Patient-arms.
    pub patients: u64,
    /// Patient-arms by status, every status that occurs; `ok` always.
    pub status: Vec<StatusCount>,
    /// Patient-arms by what solved them, everything that occurs.
    pub solved_by: Vec<ProcessorCount>,
    /// Accepted steps.
    pub steps: u64,
    /// Rejected steps.
    pub rejected: u64,
    /// Accepted steps per patient-arm.
    pub mean_steps: f64,
}

/// How many patient-arms ended in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusCount {
    /// `ok`, `max_steps`, `step_too_small`, `non_finite`, `bad_dose` or `no_steady_state`.
    pub status: String,
    /// Patient-arms.
    pub count: u64,
}

/// How many patient-arms one kind of processor solved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessorCount {
    /// `cpu` or `gpu`.
    pub processor: String,
    /// Patient-arms.
    pub count: u64,
}

impl ArmTotals {
    fn new(arm: &str) -> Self {
        let status = vec![StatusCount { status: STATUS_OK.to_owned(), count: 0 }];
        Self { arm: arm.to_owned(), status, ..Self::default() }
    }

    fn add(&mut self, status: &str, processor: &str) {
        self.patients += 1;
        match self.status.iter_mut().find(|s| s.status == status) {
            Some(found) => found.count += 1,
            None => self.status.push(StatusCount { status: status.to_owned(), count: 1 }),
        }
        match self.solved_by.iter_mut().find(|s| s.processor == processor) {
            Some(found) => found.count += 1,
            None => self.solved_by.push(ProcessorCount { processor: processor.to_owned(), count: 1 }),
        }
    }

    fn add_steps(&mut self, steps: u64, rejected: u64) {
        self.steps += steps;
        self.rejected += rejected;
        self.mean_steps = self.steps as f64 / self.patients as f64;
    }

    /// Patient-arms that did not reach the end.
    pub fn failed(&self) -> u64 {
        self.status.iter().filter(|s| s.status != STATUS_OK).map(|s| s.count).sum()
    }
}

/// Draws that it took to find the patients.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Screening {
    /// Candidates drawn.
    pub drawn: u64,
    /// Candidates kept: the patients.
    pub kept: u64,
    /// Fraction of the candidates that was screened out.
    pub screened_out: f64,
}

impl Screening {
    /// The fraction from the counts; 0 if nothing was drawn.
    pub fn new(drawn: u64, kept: u64) -> Self {
        let screened_out = if drawn == 0 { 0.0 } else { (drawn - kept.min(drawn)) as f64 / drawn as f64 };
        Self { drawn, kept, screened_out }
    }
}

/// How patients ended and how many steps they took, from the parts of the `outcomes` set: those of
/// an earlier, interrupted process included.
///
/// # Errors
/// [`StoreError`] if a file cannot be read or lacks a column.
pub fn totals(outcomes: &[PathBuf], arms: &[String]) -> Result<Totals, StoreError> {
    let mut totals = Totals {
        all: ArmTotals::new("all"),
        arms: arms.iter().map(|arm| ArmTotals::new(arm)).collect(),
        not_finite: Vec::new(),
    };
    for file in outcomes {
        scan(
            file,
            &[PATIENT, ARM, STATUS, NOT_FINITE, NOT_FINITE_DAY, SOLVED_BY, STEPS, REJECTED],
            |batch| {
                let (arm, status) = (labels(file, batch, ARM)?, labels(file, batch, STATUS)?);
                let solved_by = labels(file, batch, SOLVED_BY)?;
                let (not_finite, times) =
                    (dictionary(file, batch, NOT_FINITE)?, numbers(file, batch, NOT_FINITE_DAY)?);
                let patients = numbers(file, batch, PATIENT)?;
                for (row, key) in
                    not_finite.keys().iter().enumerate().filter_map(|(row, key)| Some((row, key?)))
                {
                    let what = not_finite.values().as_string::<i32>().value(key as usize);
                    let whose = (patients[row] as u64, label(arm, row));
                    NotFiniteTotal::add(&mut totals.not_finite, what, times[row], whose);
                }
                let (steps, rejected) = (numbers(file, batch, STEPS)?, numbers(file, batch, REJECTED)?);
                for row in 0..batch.num_rows() {
                    let name = label(arm, row);
                    let of_arm = totals.arms.iter_mut().find(|totals| totals.arm == name);
                    for totals in of_arm.into_iter().chain([&mut totals.all]) {
                        totals.add(label(status, row), label(solved_by, row));
                        totals.add_steps(steps[row] as u64, rejected[row] as u64);
                    }
                }
                Ok(())
            },
        )?;
    }
    totals.not_finite.sort_by_key(|total| std::cmp::Reverse(total.count));
    Ok(totals)
}

/// How many candidates it took to find the patients, from the parts of the `patients` set.
///
/// # Errors
/// [`StoreError`] if a file cannot be read or lacks a column.
pub fn screening(patients: &[PathBuf]) -> Result<Screening, StoreError> {
    let (mut drawn, mut kept) = (0, 0);
    for file in patients {
        scan(file, &[ATTEMPTS], |batch| {
            let attempts = numbers(file, batch, ATTEMPTS)?;
            drawn += attempts.iter().sum::<f64>() as u64;
            kept += attempts.len() as u64;
            Ok(())
        })?;
    }
    Ok(Screening::new(drawn, kept))
}
