//! What is said about all patients, from the parts that are written.

use std::convert::Infallible;

use crate::cohort::{Cohort, columns};
use crate::engine::Status;
use crate::job::Job;
use crate::outcome::distribution::{Endpoint, EndpointKind, Grouping, Sample, distributions};
use crate::outcome::rows;
use crate::plan::Plan;
use crate::store::{self, Outcomes, RunFolder, Set, StoreError, Summary};
use crate::table::{Column, Table, Values};

use super::writer::Rows;

/// Whether the `doses` set is written.
pub(super) fn has_doses(cohort: &Cohort, plan: &Plan) -> bool {
    cohort.write_doses.unwrap_or_else(|| plan.protocol.is_adaptive())
}

/// Tables about the whole run.
pub(super) struct Summaries {
    pub(super) distributions: Table,
    /// If the cohort file asks for it.
    pub(super) exposure_response: Option<Table>,
}

impl Summaries {
    /// Reads the parts of a run back.
    pub(super) fn read(job: &Job, folder: &RunFolder) -> Result<Self, StoreError> {
        let arms: Vec<String> = job.plan.arms.iter().map(|arm| arm.label.clone()).collect();
        let outcomes = Outcomes::open(folder.path(), &arms, &folder.identity().parts())?;
        let endpoints = job.endpoints();
        let entries = &job.cohort.exposure_response;
        let exposure_response = || outcomes.exposure_response(&endpoints, entries);
        Ok(Self {
            distributions: with_doses(
                outcomes.distributions(&endpoints, &groupings(job, folder)?)?,
                &job.plan,
            ),
            exposure_response: (!entries.is_empty()).then(exposure_response).transpose()?,
        })
    }

    /// Each table, by what it is.
    pub(super) fn tables(&self) -> impl Iterator<Item = (Summary, &Table)> {
        let exposure_response = self.exposure_response.iter();
        [(Summary::Distributions, &self.distributions)]
            .into_iter()
            .chain(exposure_response.map(|table| (Summary::ExposureResponse, table)))
    }
}

/// The distributions of patients whose rows are in memory: of as many rows as those of all patients.
pub(super) fn of_tables(job: &Job, rows: &Rows) -> Table {
    let column = |set: Set, name: &str| -> Vec<f64> {
        let table = rows.iter().find(|(of, _)| *of == set).and_then(|(_, table)| table.column(name));
        table.map_or_else(Vec::new, |column| column.values.numbers())
    };
    let arms: Vec<String> = job.plan.arms.iter().map(|arm| arm.label.clone()).collect();
    let of_arm = |arm: &str, name: &str| -> Vec<f64> {
        let first = arms.iter().position(|label| label == arm).unwrap_or(0);
        column(Set::Outcomes, name).into_iter().skip(first).step_by(arms.len()).collect()
    };
    let groupings = job.sampler.subgroups().map(|(name, of, levels)| {
        let code = |code: f64| if code.is_nan() { levels.len() as u32 } else { code as u32 };
        let of_patient = column(Set::Patients, &of).into_iter().map(code).collect();
        Grouping { name: name.to_owned(), levels: levels.to_vec(), of_patient }
    });
    let groupings: Vec<Grouping> = groupings.collect();
    let sample = |arm: &str, endpoint: &Endpoint| -> Result<Sample, Infallible> {
        let among = match &endpoint.kind {
            EndpointKind::FlagAmong(other) => of_arm(arm, other).iter().map(|&flag| flag == 1.0).collect(),
            _ => Vec::new(),
        };
        let finished =
            of_arm(arm, columns::STATUS).iter().map(|&code| code == f64::from(Status::Ok as u8)).collect();
        Ok(Sample { values: of_arm(arm, &endpoint.about.name), finished, among })
    };
    let Ok(table) = distributions(&arms, &job.endpoints(), &groupings, sample);
    with_doses(table, &job.plan)
}

/// Adds the dose of each row's arm, as a number, behind the arm.
fn with_doses(mut table: Table, plan: &Plan) -> Table {
    let arm = table.columns.iter().position(|column| column.about.name == columns::ARM);
    let Some((position, Values::Label { codes, labels })) = arm.map(|i| (i, &table.columns[i].values)) else {
        return table;
    };
    let dose =
        |label: &String| plan.arms.iter().find(|arm| arm.label == *label).map_or(f64::NAN, |arm| arm.dose);
    let doses: Vec<f64> = labels.iter().map(dose).collect();
    let dose = |code: &Option<u32>| code.map_or(f64::NAN, |code| doses[code as usize]);
    let values = Values::Number(codes.iter().map(dose).collect());
    table.columns.insert(position + 1, Column { about: rows::about_dose(plan), values });
    table
}

fn groupings(job: &Job, folder: &RunFolder) -> Result<Vec<Grouping>, StoreError> {
    let parts = folder.identity().parts();
    let subgroups = job.sampler.subgroups();
    subgroups
        .map(|(name, column, levels)| store::grouping(folder.path(), &parts, name, &column, levels))
        .collect()
}
