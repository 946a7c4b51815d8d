//! The first of some patients on their way to the disk.

use std::ops::Range;
use std::time::Instant;

use super::super::footprint::{self, Footprint};
use super::super::pipeline::{Pipeline, Solved};
use super::super::summaries;
use crate::diagnostic::Problems;
use crate::engine::Solution;
use crate::outcome::{audit, rows};
use crate::store::{Set, Size, StoreError};
use crate::table::Table;

/// Patients that are tried at most, in how many arms, and values of their time courses; at least some patients, as far
/// as there are so many.
const MOST_PATIENTS: u64 = 256;
const MOST_ITEMS: u64 = 2_048;
const MOST_VALUES: u64 = 4 << 20;
const LEAST_PATIENTS: u64 = 4;
/// Patients that are audited.
const AUDITED: usize = 4;

/// Patients of whom all or none are followed, and what became of the first of them.
pub(super) struct Stratum {
    /// How many there are.
    pub(super) patients: u64,
    /// How many were tried.
    pub(super) tried: u64,
    /// Candidates that were drawn for these, and patient-arms of these that could not be solved.
    pub(super) drawn: i64,
    pub(super) failed: usize,
    /// Wall-clock time of solving and writing these, s, and of auditing one patient.
    pub(super) seconds: f64,
    pub(super) audit_seconds: f64,
    pub(super) footprint: Footprint,
    pub(super) sets: Vec<Written>,
    /// The table of distributions over those who were tried.
    pub(super) distributions: Table,
}

/// What patients add to a set.
pub(super) struct Written {
    pub(super) set: Set,
    /// Rows of each patient: of each in an audit.
    pub(super) rows: f64,
    pub(super) size: Size,
    /// Bytes of a row in memory.
    pub(super) row: f64,
    pub(super) columns: usize,
}

impl Stratum {
    /// Tries the first of a range of patients.
    pub(super) fn new(pipeline: &Pipeline<'_>, all: Range<u64>) -> Result<Self, Problems> {
        let plan = &pipeline.job.plan;
        let patients = all.end - all.start;
        let tried = (MOST_ITEMS / plan.arms.len().max(1) as u64).clamp(LEAST_PATIENTS, MOST_PATIENTS);
        let values = (plan.arms.len() * plan.observation_times.len() * plan.trajectories.len()) as u64;
        let tried = tried.min((MOST_VALUES / values.max(1)).max(1)).min(patients);

        let started = Instant::now();
        let solved = pipeline.solve(all.start..all.start + tried, Solution::default())?;
        let tables = pipeline.tables(&solved);
        let Solved { patients: drawn, individuals, solution, .. } = &solved;
        let solving = started.elapsed().as_secs_f64();

        let started = Instant::now();
        let mut sets = tables
            .iter()
            .filter(|(set, _)| set.is_table())
            .map(|(set, table)| Written::of(*set, table, tried))
            .collect::<Result<Vec<_>, _>>()?;
        // Half of the rows were written twice, all columns one after the other.
        let threads = rayon::current_num_threads() as f64;
        let writing = started.elapsed().as_secs_f64() / (1.5 * threads);

        let started = Instant::now();
        let audited = AUDITED.min(tried as usize);
        let compared = pipeline.audit.compare_first(audited, drawn.first, individuals, solution)?;
        let audit_seconds = started.elapsed().as_secs_f64() / audited as f64;
        let table = audit::table(plan, drawn.first, &compared);
        sets.push(Written::of(Set::Audit, &table, audited as u64)?);

        Ok(Self {
            patients,
            tried,
            drawn: drawn.attempts.iter().map(|&n| i64::from(n)).sum(),
            failed: rows::failed(plan, solution),
            seconds: solving + writing,
            audit_seconds,
            footprint: Footprint::of(&solved, &tables).of_records(pipeline.job, individuals),
            sets,
            distributions: summaries::of_tables(pipeline.job, &tables),
        })
    }

    /// How many times as many there are as were tried.
    pub(super) fn share(&self) -> f64 {
        self.patients as f64 / self.tried as f64
    }
}

impl Written {
    fn of(set: Set, table: &Table, patients: u64) -> Result<Self, StoreError> {
        Ok(Self {
            set,
            rows: table.rows() as f64 / patients as f64,
            size: Size::of(table)?,
            row: footprint::row(table),
            columns: table.columns.len(),
        })
    }
}
