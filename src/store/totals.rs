//! Patients and arms, counted from the parts of a run: how they ended, what they took, how they were found.

use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::read::{Matches, STATUS_OK, dictionary, label, labels, numbers, scan};
use crate::cohort::columns::{
    ARM, ATTEMPTS, METHOD, NOT_FINITE, NOT_FINITE_DAY, PATIENT, REJECTED, SOLVED_BY, STATUS, STEPS,
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
    /// Counts more of what may have been there before.
    fn add(totals: &mut Vec<Self>, more: Self) {
        match totals.iter_mut().find(|total| total.what == more.what) {
            Some(total) => {
                total.count += more.count;
                total.first = total.first.into_iter().chain(more.first).reduce(f64::min);
            }
            None => totals.push(more),
        }
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

    fn add(&mut self, alike: &Alike) {
        let Alike { status, processor, patients, steps, rejected, .. } = alike;
        self.patients += patients;
        match self.status.iter_mut().find(|s| s.status == *status) {
            Some(found) => found.count += patients,
            None => self.status.push(StatusCount { status: status.clone(), count: *patients }),
        }
        match self.solved_by.iter_mut().find(|s| s.processor == *processor) {
            Some(found) => found.count += patients,
            None => self.solved_by.push(ProcessorCount { processor: processor.clone(), count: *patients }),
        }
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
    // Files side by side, and then in order, so that what occurs first comes first.
    let counted = outcomes.par_iter().map(|file| Counted::of(file)).collect::<Vec<_>>();
    for counted in counted {
        let Counted { alike, not_finite } = counted?;
        for alike in alike {
            let of_arm = totals.arms.iter_mut().find(|totals| totals.arm == alike.arm);
            of_arm.into_iter().chain([&mut totals.all]).for_each(|totals| totals.add(&alike));
        }
        not_finite.into_iter().for_each(|total| NotFiniteTotal::add(&mut totals.not_finite, total));
    }
    totals.not_finite.sort_by_key(|total| std::cmp::Reverse(total.count));
    Ok(totals)
}

/// Patient-arms of one arm that ended in the same way and were solved by the same processor.
struct Alike {
    arm: String,
    status: String,
    processor: String,
    patients: u64,
    steps: u64,
    rejected: u64,
}

/// The patient-arms of a file.
#[derive(Default)]
struct Counted {
    /// In order of first occurrence.
    alike: Vec<Alike>,
    not_finite: Vec<NotFiniteTotal>,
}

impl Counted {
    fn of(file: &Path) -> Result<Self, StoreError> {
        let mut counted = Self::default();
        scan(file, &[ARM, STATUS, SOLVED_BY, STEPS, REJECTED], |batch| counted.add(file, batch))?;
        // Else there is nothing to read.
        if counted.alike.iter().any(|alike| alike.status != STATUS_OK) {
            let columns = [PATIENT, ARM, NOT_FINITE, NOT_FINITE_DAY];
            scan(file, &columns, |batch| counted.add_not_finite(file, batch))?;
        }
        Ok(counted)
    }

    fn add_not_finite(&mut self, file: &Path, batch: &RecordBatch) -> Result<(), StoreError> {
        let arm = labels(file, batch, ARM)?;
        let (not_finite, times) =
            (dictionary(file, batch, NOT_FINITE)?, numbers(file, batch, NOT_FINITE_DAY)?);
        let patients = numbers(file, batch, PATIENT)?;
        let keys = not_finite.keys().iter().enumerate();
        for (row, key) in keys.filter_map(|(row, key)| Some((row, key?))) {
            let one = NotFiniteTotal {
                what: not_finite.values().as_string::<i32>().value(key as usize).to_owned(),
                count: 1,
                first: Some(times[row]).filter(|time| !time.is_nan()),
                patient: patients[row] as u64,
                arm: label(arm, row).to_owned(),
                operation: None,
            };
            NotFiniteTotal::add(&mut self.not_finite, one);
        }
        Ok(())
    }

    fn add(&mut self, file: &Path, batch: &RecordBatch) -> Result<(), StoreError> {
        let (arm, status) = (labels(file, batch, ARM)?, labels(file, batch, STATUS)?);
        let solved_by = labels(file, batch, SOLVED_BY)?;
        let (steps, rejected) = (numbers(file, batch, STEPS)?, numbers(file, batch, REJECTED)?);
        let [statuses, processors] = [status, solved_by].map(|column| column.values().len());
        // Where those with the same three labels are counted: labels are compared once, not in every row.
        let mut places = vec![None; arm.values().len() * statuses * processors];
        for row in 0..batch.num_rows() {
            let [arm_key, status_key, processor_key] =
                [arm, status, solved_by].map(|column| column.keys().value(row) as usize);
            let place = &mut places[(arm_key * statuses + status_key) * processors + processor_key];
            let labels = || [label(arm, row), label(status, row), label(solved_by, row)];
            let place = *place.get_or_insert_with(|| self.place(labels()));
            let alike = &mut self.alike[place];
            alike.patients += 1;
            alike.steps += steps[row] as u64;
            alike.rejected += rejected[row] as u64;
        }
        Ok(())
    }

    /// Where those with these labels are counted.
    fn place(&mut self, [arm, status, processor]: [&str; 3]) -> usize {
        let is_such = |a: &Alike| a.arm == arm && a.status == status && a.processor == processor;
        self.alike.iter().position(is_such).unwrap_or_else(|| {
            let [arm, status, processor] = [arm, status, processor].map(str::to_owned);
            self.alike.push(Alike { arm, status, processor, patients: 0, steps: 0, rejected: 0 });
            self.alike.len() - 1
        })
    }
}

/// How many patient-arms were solved by a method, or tried by it last, from the parts of the `outcomes` set of a run that
/// says so.
///
/// # Errors
/// [`StoreError`] if a file cannot be read or lacks the column.
pub fn by_method(outcomes: &[PathBuf], method: &str) -> Result<u64, StoreError> {
    let of_file = |file: &PathBuf| {
        let mut count = 0;
        scan(file, &[METHOD], |batch| {
            let methods = labels(file, batch, METHOD)?;
            let is_method = Matches::new(methods, method);
            count += (0..batch.num_rows()).filter(|&row| is_method.at(row)).count() as u64;
            Ok(())
        })?;
        Ok(count)
    };
    outcomes.par_iter().map(of_file).sum()
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
