//! The decisions of designs before any trial: their tables, or the first cohorts of a design without one.

use std::fmt::Write;
use std::path::Path;

use crate::diagnostic::Problems;
use crate::escalation::design::DoseCohort;
use crate::escalation::design::decision_table::DecisionTable;
use crate::escalation::doses::Doses;
use crate::escalation::error::EscalationError;
use crate::escalation::paths::{Path as TrialPath, paths};
use crate::escalation::settings::Planned;

use super::table::{Table, table};

/// Number of dose levels where the command line names no doses.
pub(super) const LEVELS: usize = 5;
/// How many cohorts of patients are followed of a design without a table.
const COHORTS: usize = 2;

/// The decisions of every design.
pub(super) fn text(designs: &[Planned], doses: &Doses) -> String {
    let mut text = String::new();
    for planned in designs {
        let _ = writeln!(text, "{}", planned.name);
        let _ = match &planned.table {
            Some(table) => writeln!(text, "{}\n{}", legend(table), decisions(table)),
            None => writeln!(text, "{}", followed(&paths(&*planned.design, doses.count(), COHORTS), doses)),
        };
    }
    text.trim_end().to_owned()
}

/// Writes the table of one design, as [table] of a design file reads it, in the place of an earlier file only if
/// that is to be replaced.
pub(super) fn write(file: &Path, designs: &[Planned], replace: bool) -> Result<(), Problems> {
    let [Planned { table: Some(table), .. }] = designs else {
        return Err(
            EscalationError::NoTable { designs: designs.iter().map(|d| d.name.clone()).collect() }.into()
        );
    };
    let mut text = String::from("patients,dlts,decision\n");
    for (patients, dlts, decision) in table.rows() {
        let _ = writeln!(text, "{patients},{dlts},{}", decision.code());
    }
    crate::store::write_file(file, text.as_bytes(), replace)?;
    Ok(())
}

fn legend(table: &DecisionTable) -> String {
    format!(
        "by evaluable patients at the dose (1 to {}) and toxicities among them: E escalate, S stay, \
         D de-escalate, DU de-escalate and close the dose",
        table.largest()
    )
}

/// A row for each number of patients, a column for each number of toxicities that changes anything.
fn decisions(of_design: &DecisionTable) -> Table {
    let decision = |dlts, patients| of_design.decision(dlts, patients).map_or("", |decision| decision.code());
    let is_decided =
        |dlts: &u32| (*dlts..=of_design.largest()).all(|n| decision(*dlts, n) == decision(*dlts - 1, n));
    let last = (1..=of_design.largest()).find(is_decided).unwrap_or(of_design.largest());
    let header = ["patients".to_owned()].into_iter().chain((0..=last).map(|dlts| format!("{dlts}")));
    let rows = (1..=of_design.largest()).map(|patients| {
        let cells = (0..=last).map(|dlts| decision(dlts, patients).to_owned());
        [patients.to_string()].into_iter().chain(cells).collect::<Vec<_>>()
    });
    table(header, rows, 1..)
}

fn followed(paths: &[TrialPath], doses: &Doses) -> Table {
    let rows = paths.iter().map(|path| {
        let seen = path
            .cohorts
            .iter()
            .map(|(cohort, dlts)| format!("{dlts}/{} at {}", cohort.patients, doses.labels[cohort.dose]));
        let next = |DoseCohort { dose, patients }| format!("{patients} at {}", doses.labels[dose]);
        let declared = path.declared.map_or("no dose", |dose| &doses.labels[dose]);
        [seen.collect::<Vec<_>>().join(", "), path.next.map_or_else(|| format!("end: {declared}"), next)]
    });
    table(["toxicities so far", "next"], rows, 2..)
}
