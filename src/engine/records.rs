//! The records of a data set's patients, as engines take them: what each gets and when it is read, and the individual
//! values that hold at each record.

use std::ops::Range;
use std::sync::Arc;

use crate::dataset::{Interpolation, Subject};

/// The records of consecutive patients.
///
/// Individual values may change from record to record. Every set of them is a row of
/// [`Individuals::slots`](super::Individuals::slots); a patient's rows follow each other.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Records {
    /// How values go from one record to the next.
    pub(crate) interpolation: Interpolation,
    patients: Vec<PatientRecords>,
    /// Where each patient's rows begin, and behind the last where they end.
    first_rows: Vec<usize>,
    /// Where each patient's readings begin, and behind the last where they end.
    first_readings: Vec<usize>,
}

/// The records of one patient.
#[derive(Debug, Clone, PartialEq)]
pub struct PatientRecords {
    /// Whose they are.
    pub subject: Arc<Subject>,
    /// The row of each record, the patient's first being 0.
    pub rows: Vec<usize>,
}

impl Records {
    /// The records of some patients.
    pub(crate) fn new(interpolation: Interpolation, patients: Vec<PatientRecords>) -> Self {
        let sums = |count: fn(&PatientRecords) -> usize| {
            let mut sum = 0;
            let mut sums = vec![0];
            sums.extend(patients.iter().map(|patient| {
                sum += count(patient);
                sum
            }));
            sums
        };
        let first_rows = sums(PatientRecords::row_count);
        let first_readings = sums(PatientRecords::readings);
        Self { interpolation, patients, first_rows, first_readings }
    }

    /// The records of a patient.
    pub fn of(&self, patient: usize) -> &PatientRecords {
        &self.patients[patient]
    }

    /// The individual that each patient is.
    pub fn subjects(&self) -> impl Iterator<Item = &Subject> + Clone {
        self.patients.iter().map(|patient| &*patient.subject)
    }

    /// The rows of consecutive patients.
    pub fn rows(&self, patients: Range<usize>) -> Range<usize> {
        self.first_rows[patients.start]..self.first_rows[patients.end]
    }

    /// The readings of consecutive patients, among those of all: see [`Solution::trajectories`](super::Solution).
    pub fn readings(&self, patients: Range<usize>) -> Range<usize> {
        self.first_readings[patients.start]..self.first_readings[patients.end]
    }

    /// Those of some patients, by their positions.
    pub(crate) fn select(&self, patients: &[usize]) -> Self {
        Self::new(
            self.interpolation,
            patients.iter().map(|&patient| self.patients[patient].clone()).collect(),
        )
    }
}

impl PatientRecords {
    /// How many rows the patient has.
    fn row_count(&self) -> usize {
        self.rows.last().map_or(1, |last| last + 1)
    }

    /// How often the patient is read.
    fn readings(&self) -> usize {
        self.subject.records.iter().filter(|record| record.is_read()).count()
    }
}
