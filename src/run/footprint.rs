//! What patients take in memory on their way to the disk, and how many of them make a batch.

use crate::engine::{Decision, DoseRecord, Endings, Individuals, NotFinite, Processor, Solution, Status};
use crate::job::Job;
use crate::outcome::doses;
use crate::population::Patients;
use crate::store::Set;
use crate::table::{Table, Values};

use super::writer::Rows;

/// What a batch may take: memory stays flat however many arms, endpoints or times a run has. A batch of the shipped
/// cohorts takes a few tens of it.
const MOST_BYTES: f64 = (256 << 20) as f64;

/// Bytes that a patient takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Footprint {
    /// Covariates, individual values, and what the engine makes of them.
    pub(super) solved: f64,
    /// Its rows.
    pub(super) rows: f64,
    /// What its time course is of both.
    trajectory: [f64; 2],
}

impl Footprint {
    /// That of patients who were solved, of whom all or none are followed.
    pub(super) fn of(
        patients: &Patients,
        individuals: &Individuals,
        solution: &Solution,
        rows: &Rows,
    ) -> Self {
        let count = individuals.count.max(1) as f64;
        let of_patients = numbers(&patients.covariates) + numbers(&patients.effects);
        let of_individuals = numbers(&individuals.slots) + 8.0 * individuals.residuals.len() as f64;
        let of_rows = |(set, table): &(Set, Table)| match set {
            // Not every planned dose need have come up in these.
            Set::Doses => solution.doses.len() as f64 * row(table),
            _ => table.rows() as f64 * row(table),
        };
        let with_doses = rows.iter().any(|(set, _)| *set == Set::Doses);
        let making = if with_doses { (doses::ROW_BYTES * solution.doses.len()) as f64 } else { 0.0 };
        let trajectories = rows.iter().filter(|(set, _)| *set == Set::Trajectories);
        let trajectory = [8.0 * solution.trajectories.len() as f64, trajectories.map(of_rows).sum()];
        Self {
            solved: (of_patients + of_individuals + bytes(solution) + making) / count,
            rows: rows.iter().map(of_rows).sum::<f64>() / count,
            trajectory: trajectory.map(|bytes| bytes / count),
        }
    }

    /// That of a patient who is not followed.
    pub(super) fn without_trajectory(self) -> Self {
        let [solved, rows] = self.trajectory;
        Self { solved: self.solved - solved, rows: self.rows - rows, trajectory: [0.0; 2] }
    }

    /// That of the mean individual of a data set, from the one that was solved, if there is a data set.
    pub(super) fn of_records(self, job: &Job, individuals: &Individuals) -> Self {
        let (Some(data), Some(records)) = (job.sampler.data(), &individuals.records) else { return self };
        let solved = records.subjects().map(|subject| subject.records.len()).sum::<usize>().max(1) as f64;
        let mean = data.records() as f64 / data.individuals().max(1) as f64;
        let times = (mean * individuals.count as f64 / solved).max(1.0);
        Self { solved: times * self.solved, rows: times * self.rows, trajectory: self.trajectory }
    }

    /// Patients of a batch, of so many at most.
    pub(super) fn batch(self, most: u64) -> u64 {
        ((MOST_BYTES / (self.solved + self.rows)) as u64).min(most).max(1)
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
    let of = |values: &Values| match values {
        Values::Number(_) => size_of::<f64>(),
        Values::Integer(_) => size_of::<Option<i64>>(),
        Values::Flag(_) => size_of::<Option<bool>>(),
        Values::Label { .. } => size_of::<Option<u32>>(),
    };
    table.columns.iter().map(|column| of(&column.values) as f64).sum()
}
