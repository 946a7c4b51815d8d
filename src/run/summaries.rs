//! What is said about all patients, from the parts that are written.

use std::panic;
use std::thread;

use crate::cohort::columns;
use crate::engine::Status;
use crate::job::Job;
use crate::outcome::distribution::{Endpoint, EndpointKind, Grouping, InMemory, Sample, distributions};
use crate::outcome::{exposure_response, rows};
use crate::plan::Plan;
use crate::store::{RunFolder, Set, Spool, StoreError, Summary};
use crate::table::{Column, Table, Values};

use super::writer::Rows;

/// Tables about the whole run.
pub(crate) struct Summaries {
    pub(crate) distributions: Table,
    /// If the cohort file asks for it.
    exposure_response: Option<Table>,
}

/// A place for what is summarised of a run while it is written.
pub(crate) fn spool(job: &Job, folder: &RunFolder) -> Result<Spool, StoreError> {
    folder.spool(job.plan.arms.len(), job.endpoints(), groupings(job))
}

impl Summaries {
    /// Of what is in the spool, and of parts in the folder that another process has written.
    pub(crate) fn of(job: &Job, spool: &mut Spool) -> Result<Self, StoreError> {
        let arms = labels(job);
        spool.complete(&arms)?;
        let (endpoints, spool) = (job.endpoints(), &*spool);
        let entries = &job.cohort.exposure_response;
        let exposure_response = || exposure_response::exposure_response(entries, &arms, &endpoints, spool);
        // What is read meanwhile is in memory, whatever becomes of it on disk.
        let ((distributions, exposure_response), settled) = thread::scope(|scope| {
            let settled = scope.spawn(|| spool.settle());
            let made = rayon::join(
                || distributions(&arms, &endpoints, &groupings(job), spool),
                || (!entries.is_empty()).then(exposure_response).transpose(),
            );
            (made, settled.join().unwrap_or_else(|panic| panic::resume_unwind(panic)))
        });
        settled?;
        Ok(Self {
            distributions: with_doses(distributions?, &job.plan),
            exposure_response: exposure_response?,
        })
    }

    /// Each table, by what it is.
    pub(crate) fn tables(&self) -> impl Iterator<Item = (Summary, &Table)> {
        let exposure_response = self.exposure_response.iter();
        [(Summary::Distributions, &self.distributions)]
            .into_iter()
            .chain(exposure_response.map(|table| (Summary::ExposureResponse, table)))
    }
}

/// The distributions of patients whose rows are in memory: of as many rows as those of all patients.
pub(super) fn of_tables(job: &Job, rows: &Rows) -> Table {
    let column = |sets: &[Set], name: &str| -> Vec<f64> {
        let tables = rows.iter().filter(|(set, _)| sets.contains(set));
        let column = tables.filter_map(|(_, table)| table.column(name)).next();
        column.map_or_else(Vec::new, |column| column.values.numbers())
    };
    const OUTCOMES: [Set; 2] = [Set::Outcomes, Set::Summarised];
    let arms = labels(job);
    let of_arm = |name: &str, arm: usize| -> Vec<f64> {
        column(&OUTCOMES, name).into_iter().skip(arm).step_by(arms.len()).collect()
    };
    let levels = |grouping: &Grouping| -> Vec<u32> {
        let code = |code: f64| if code.is_nan() { grouping.levels.len() as u32 } else { code as u32 };
        column(&[Set::Patients], &grouping.column).into_iter().map(code).collect()
    };
    let sample = |endpoint: &Endpoint, arm: usize| {
        let among = match &endpoint.kind {
            EndpointKind::FlagAmong(other) => of_arm(other, arm).iter().map(|&flag| flag == 1.0).collect(),
            _ => Vec::new(),
        };
        let finished =
            of_arm(columns::STATUS, arm).iter().map(|&code| code == f64::from(Status::Ok as u8)).collect();
        Sample { values: of_arm(&endpoint.meta.name, arm), finished, among }
    };
    let patients = column(&[Set::Patients], columns::PATIENT).len();
    let source = InMemory { patients, levels, sample };
    let Ok(table) = distributions(&arms, &job.endpoints(), &groupings(job), &source);
    with_doses(table, &job.plan)
}

fn labels(job: &Job) -> Vec<String> {
    job.plan.arms.iter().map(|arm| arm.label.clone()).collect()
}

/// Adds the dose of each row's arm, as a number, behind the arm.
fn with_doses(mut table: Table, plan: &Plan) -> Table {
    let arm = table.columns.iter().position(|column| column.meta.name == columns::ARM);
    let Some((position, Values::Label { codes, labels })) = arm.map(|i| (i, &table.columns[i].values)) else {
        return table;
    };
    let dose =
        |label: &String| plan.arms.iter().find(|arm| arm.label == *label).map_or(f64::NAN, |arm| arm.dose);
    let doses: Vec<f64> = labels.iter().map(dose).collect();
    let dose = |code: &Option<u32>| code.map_or(f64::NAN, |code| doses[code as usize]);
    let values = Values::Number(codes.iter().map(dose).collect());
    table.columns.insert(position + 1, Column { meta: rows::dose_meta(plan), values });
    table
}

/// How the patients are divided.
pub(super) fn groupings(job: &Job) -> Vec<Grouping> {
    let grouping = |(name, column, levels): (&str, String, &[String])| Grouping {
        name: name.to_owned(),
        column,
        levels: levels.to_vec(),
    };
    job.sampler.subgroups().map(grouping).collect()
}
