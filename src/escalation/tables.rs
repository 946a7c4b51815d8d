//! The tables of trials.

use super::conduct::{Conducted, End, Treated};
use super::design::Tally;
use super::manifest::{DesignSummary, Share, Value};
use super::question::Question;
use crate::table::{Columns, Table};

/// What a design decides after a cohort.
const DECISIONS: [&str; 4] = ["escalate", "stay", "de-escalate", "end"];

/// `trials`: one row for each cohort of each trial of a design.
pub(super) struct Rows<'a> {
    pub(super) question: &'a Question,
    pub(super) design: &'a str,
}

/// A cohort of a trial.
struct Row<'a> {
    replicate: u64,
    step: u64,
    cohort: &'a Treated,
    /// All patients at its dose so far.
    so_far: Tally,
    /// Position of the decision.
    decision: u32,
    /// The trial, in its last row.
    ended: Option<&'a Conducted>,
}

impl Rows<'_> {
    /// The rows of trials from the first of these.
    pub(super) fn table(&self, first: u64, trials: &[Conducted]) -> Table {
        let rows: Vec<Row> =
            (first..).zip(trials).flat_map(|(replicate, trial)| of_trial(replicate, trial)).collect();
        let columns = self.of_place(Columns::of(&rows));
        let columns = self.of_patients(columns);
        self.of_decision(columns).table()
    }

    /// Which cohort it is, of which trial, at which dose, and when.
    fn of_place<'r>(&self, columns: Columns<'r, Row<'r>>) -> Columns<'r, Row<'r>> {
        let doses = &self.question.doses;
        columns
            .coded("design", "Design of the trial", &[self.design], |_| Some(0))
            .counts("replicate", "Number of the trial, from 0: the same patients under every design", |row| {
                Some(row.replicate)
            })
            .counts("step", "Number of the cohort, from 1", |row| Some(row.step))
            .coded("arm", "Dose of the cohort", &doses.labels, |row| Some(row.cohort.dose as u32))
            .numbers("dose", "Its dose as a number", &doses.unit(), |row| doses.amounts[row.cohort.dose])
            .numbers(
                "opened_day",
                "When its first patient was treated, since the trial opened",
                "day",
                |row| row.cohort.opened,
            )
            .numbers("complete_day", "When all was known of its patients", "day", |row| row.cohort.complete)
    }

    /// What became of its patients.
    fn of_patients<'r>(&self, columns: Columns<'r, Row<'r>>) -> Columns<'r, Row<'r>> {
        let count = |n: u32| Some(u64::from(n));
        let columns = columns
            .counts("treated", "Patients of the cohort, those who were replaced included", |row| {
                count(row.cohort.tally.treated)
            })
            .counts(
                "evaluable",
                "Of them, with a dose-limiting toxicity or seen to the end of its window",
                |row| count(row.cohort.tally.evaluable),
            )
            .counts("dlts", "Of them, with a dose-limiting toxicity", |row| count(row.cohort.tally.dlts));
        let causes = self.question.reference_doses.causes.iter().enumerate();
        let columns = causes.fold(columns, |columns, (cause, name)| {
            let meaning = format!("Of them, with a dose-limiting toxicity by {name}");
            columns.counts(&format!("dlts_{name}"), &meaning, |row| count(row.cohort.causes[cause]))
        });
        columns
            .counts("second_doses", "Of them, with a second dose", |row| count(row.cohort.tally.second_dose))
            .counts("responses", "Of them, with a response of the tumour", |row| count(row.cohort.responses))
    }

    /// What the design makes of it.
    fn of_decision<'r>(&self, columns: Columns<'r, Row<'r>>) -> Columns<'r, Row<'r>> {
        let doses = &self.question.doses.labels;
        let declared = |row: &Row| row.ended.and_then(|trial| trial.declared).map(|dose| dose as u32);
        columns
            .counts("cumulative_evaluable", "Evaluable patients at the dose so far", |row| {
                Some(row.so_far.evaluable.into())
            })
            .counts("cumulative_dlts", "Of them, with a dose-limiting toxicity", |row| {
                Some(row.so_far.dlts.into())
            })
            .coded("decision", "What the design decides after the cohort", &DECISIONS, |row| {
                Some(row.decision)
            })
            .coded("declared", "Dose that is declared, in the last row of a trial", doses, declared)
            .coded("ended_by", "What ended the trial, in its last row", &End::ALL.map(End::name), |row| {
                row.ended.map(|trial| trial.end as u32)
            })
    }
}

fn of_trial(replicate: u64, trial: &Conducted) -> Vec<Row<'_>> {
    let mut tallies = vec![Tally::default(); trial.tallies.len()];
    let mut rows = Vec::with_capacity(trial.cohorts.len());
    for (i, cohort) in trial.cohorts.iter().enumerate() {
        tallies[cohort.dose].add(cohort.tally);
        let next = trial.cohorts.get(i + 1);
        let decision = next.map_or(3, |next| match next.dose.cmp(&cohort.dose) {
            std::cmp::Ordering::Greater => 0,
            std::cmp::Ordering::Equal => 1,
            std::cmp::Ordering::Less => 2,
        });
        let ended = next.is_none().then_some(trial);
        rows.push(Row {
            replicate,
            step: i as u64 + 1,
            cohort,
            so_far: tallies[cohort.dose],
            decision,
            ended,
        });
    }
    rows
}

/// `operating_characteristics`: every characteristic of every design.
pub(super) fn characteristics(question: &Question, designs: &[DesignSummary]) -> Table {
    let rows: Vec<(&str, &Value)> = designs
        .iter()
        .flat_map(|design| design.characteristics.iter().map(|value| (design.name.as_str(), value)))
        .collect();
    Columns::of(&rows)
        .labels("design", "Design of the trials", |row| row.0)
        .labels("measure", "What is measured: a mean over trials, but for toxicity", |row| &row.1.measure)
        .labels("arm", "Dose that it is measured at; all of the trial as a whole", |row| {
            row.1.arm.as_deref().unwrap_or(crate::cohort::ALL)
        })
        .numbers("dose", "Its dose as a number", &question.doses.unit(), |row| {
            amount(question, row.1.arm.as_deref())
        })
        .numbers("value", "Its value in the unit of the row", "", |row| row.1.value)
        .numbers("standard_error", "Monte-Carlo standard error of the value", "", |row| row.1.standard_error)
        .labels("unit", "Unit of the value", |row| row.1.unit)
        .table()
}

/// `evaluability`: shares of trials under the evaluability rule and its neighbours.
pub(super) fn evaluability(question: &Question, designs: &[DesignSummary]) -> Table {
    let rows: Vec<(&str, &Share)> = designs
        .iter()
        .flat_map(|design| design.evaluability.iter().map(|share| (design.name.as_str(), share)))
        .collect();
    Columns::of(&rows)
        .labels("design", "Design of the trials", |row| row.0)
        .counts("evaluable_required", "Evaluable patients that are asked for at a dose", |row| {
            Some(row.1.evaluable.into())
        })
        .counts("second_doses_required", "Patients with a second dose that are asked for at a dose", |row| {
            Some(row.1.second_dose.into())
        })
        .labels("arm", "Dose; none where no dose is declared", |row| row.1.arm.as_deref().unwrap_or("none"))
        .numbers("dose", "Dose as a number", &question.doses.unit(), |row| {
            amount(question, row.1.arm.as_deref())
        })
        .labels(
            "what",
            "Whether it is declared, or what it lacks to be acceptable, the first of these",
            |row| row.1.what,
        )
        .numbers("share", "Share of trials", "1", |row| row.1.value)
        .numbers("standard_error", "Its Monte-Carlo standard error", "1", |row| row.1.standard_error)
        .table()
}

fn amount(question: &Question, arm: Option<&str>) -> f64 {
    let dose = arm.and_then(|arm| question.doses.labels.iter().position(|label| label == arm));
    dose.map_or(f64::NAN, |dose| question.doses.amounts[dose])
}
