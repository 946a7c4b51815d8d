//! What is said about all patients, from the parts that are written.

use crate::cohort::{Cohort, columns};
use crate::job::Job;
use crate::outcome::distribution::Grouping;
use crate::outcome::rows;
use crate::plan::Plan;
use crate::store::{self, RunFolder, Set, StoreError, Summary};
use crate::table::{Column, Table, Values};

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
        let outcomes = store::part_files(folder.path(), Set::Outcomes)?;
        let endpoints = job.endpoints();
        let entries = &job.cohort.exposure_response;
        let exposure_response = || store::exposure_response(&outcomes, &arms, &endpoints, entries);
        Ok(Self {
            distributions: with_doses(
                store::distributions(&outcomes, &arms, &endpoints, &groupings(job, folder)?)?,
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
    let patients = store::part_files(folder.path(), Set::Patients)?;
    let subgroups = job.sampler.subgroups();
    subgroups.map(|(name, column, levels)| store::grouping(&patients, name, &column, levels)).collect()
}
