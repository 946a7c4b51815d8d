//! What patients take in memory on their way to the disk, and how many of them make a batch.

use crate::engine::{Decision, DoseRecord, Endings, Individuals, NotFinite, Processor, Solution, Status};
use crate::job::Job;
use crate::outcome::doses;
use crate::store::Set;
use crate::table::{Table, Values};

use super::pipeline::Solved;
use super::writer::Rows;

/// What a batch may take: memory stays flat however many arms, endpoints or times a run has. A batch of the shipped
/// cohorts takes a few tens of it.
const MOST_BYTES: f64 = (256 << 20) as f64;

/// Bytes that a patient takes. Of its rows only few are there at a time, while they are written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Footprint {
    /// Covariates, individual values, and what the engine makes of them.
    pub(super) solved: f64,
    /// What its time course is of it.
    trajectory: f64,
}

impl Footprint {
    /// That of patients who were solved, of whom all or none are followed.
    pub(super) fn of(solved: &Solved, rows: &Rows) -> Self {
        let Solved { patients, individuals, solution, .. } = solved;
        let count = individuals.count.max(1) as f64;
        let of_patients = numbers(&patients.covariates) + numbers(&patients.effects);
        let of_individuals = numbers(&individuals.slots) + 8.0 * individuals.residuals.len() as f64;
        let of_covariates = patients.columns.iter().map(|column| width(&column.values)).sum::<f64>() * count;
        // These are made all at once.
        let observed = rows.iter().filter(|(set, _)| *set == Set::Observations);
        let observed: f64 = observed.map(|(_, table)| table.rows() as f64 * row(table)).sum();
        let with_doses = rows.iter().any(|(set, _)| *set == Set::Doses);
        let making = if with_doses { (doses::ROW_BYTES * solution.doses.len()) as f64 } else { 0.0 };
        Self {
            solved: (of_patients + of_covariates + of_individuals + observed + bytes(solution) + making)
                / count,
            trajectory: 8.0 * solution.trajectories.len() as f64 / count,
        }
    }

    /// That of a patient who is not followed.
    pub(super) fn without_trajectory(self) -> Self {
        Self { solved: self.solved - self.trajectory, trajectory: 0.0 }
    }

    /// That of the mean individual of a data set, from the one that was solved, if there is a data set.
    pub(super) fn of_records(self, job: &Job, individuals: &Individuals) -> Self {
        let (Some(data), Some(records)) = (job.sampler.data(), &individuals.records) else { return self };
        let solved = records.subjects().map(|subject| subject.records.len()).sum::<usize>().max(1) as f64;
        let mean = data.records() as f64 / data.individuals().max(1) as f64;
        let times = (mean * individuals.count as f64 / solved).max(1.0);
        Self { solved: times * self.solved, trajectory: self.trajectory }
    }

    /// Patients of a batch, of so many at most.
    pub(super) fn batch(self, most: u64) -> u64 {
        ((MOST_BYTES / self.solved) as u64).min(most).max(1)
    }
}

fn numbers(columns: &[Vec<f64>]) -> f64 {
    8.0 * columns.iter().map(Vec::len).sum::<usize>() as f64
}

/// Bytes of a solution.
fn bytes(solution: &Solution) -> f64 {
    let item = size_of::<(Status, Processor, [u32; 2], Endings, Option<NotFinite>)>();
    let others = item * solution.status.len() + size_of::<DoseRecord>() * solution.doses.len();
    let others = others + size_of::<Option<Decision>>() * solution.drug_endings.len();
    numbers(&solution.accumulators) + 8.0 * solution.trajectories.len() as f64 + others as f64
}

/// Bytes of a row of a table in memory.
pub(super) fn row(table: &Table) -> f64 {
    table.columns.iter().map(|column| width(&column.values)).sum()
}

/// Bytes of a value in memory.
fn width(values: &Values) -> f64 {
    let bytes = match values {
        Values::Number(_) => size_of::<f64>(),
        Values::Integer(_) => size_of::<Option<i64>>(),
        Values::Flag(_) => size_of::<Option<bool>>(),
        Values::Label { .. } => size_of::<Option<u32>>(),
    };
    bytes as f64
}
