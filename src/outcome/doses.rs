//! The rows of the `doses` set: what became of every planned dose that came up.
//!
//! A dose comes up when it is due. One that is given is a row, as is one that still waits when the run ends,
//! and the first that is not given because treatment ended, if it was due before the end of the run; later
//! ones are not. A dose that is put off beyond the end of the run never comes up. Nothing is known of a patient
//! whose integration failed.
//!
//! A dose is *delayed* if it was held when it was due: later doses move with it, but are not delayed
//! themselves. It is *reduced* or *escalated* if a rule changed the dose at this one: later doses keep the
//! new dose.

use super::items::Items;
use super::reasons::Reasons;
use super::rows;
use super::rows::{arm_column_of, patient_meta};
use crate::engine::{Decision, DoseRecord, Solution};
use crate::plan::{Plan, PlannedDose, Protocol};
use crate::table::{Column, ColumnMeta, Table, Values};
use crate::unit::Conversion;

/// What happens to a dose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Given,
    Delayed,
    Reduced,
    Escalated,
    DelayedAndReduced,
    DelayedAndEscalated,
    Held,
    Stopped,
}

/// Labels of [`Action`], in the order of their codes.
const ACTION_LABELS: [&str; 8] = [
    "given",
    "delayed",
    "reduced",
    "escalated",
    "delayed and reduced",
    "delayed and escalated",
    "held",
    "stopped",
];

/// One row.
struct Row {
    item: usize,
    /// Position of the dose among the planned ones.
    dose: usize,
    record: DoseRecord,
    action: Action,
    /// What ended treatment, at this dose.
    stopped: Option<Decision>,
}

/// Bytes of a row while its table is made.
pub(crate) const ROW_BYTES: usize = size_of::<Row>();

impl Row {
    /// As a multiple of the planned amount.
    fn relative_dose(&self) -> f64 {
        if self.record.given.is_some() { self.record.factor } else { 0.0 }
    }
}

/// What the amounts of a plan's doses come to in each patient.
#[derive(Debug, Clone, Copy)]
pub struct Amounts<'a> {
    /// The unit in which they are written.
    pub unit: &'a str,
    /// From the model's dosing unit to it.
    pub from_model: Conversion,
    /// The plan's slots, `[slot][patient]`.
    pub slots: &'a [Vec<f64>],
}

impl Amounts<'_> {
    /// A planned dose of a patient.
    fn planned(&self, plan: &Plan, dose: &PlannedDose, patient: usize) -> f64 {
        let of_slot = || Some(self.slots.get(plan.slots.binary_search(&dose.amount).ok()?)?[patient]);
        let amount = plan.graph.as_constant(dose.amount).or_else(of_slot);
        self.from_model.apply(amount.unwrap_or(f64::NAN))
    }
}

/// One row per planned dose that came up, of patients in order, arms within a patient, doses by time.
pub fn doses(plan: &Plan, first: u64, solution: &Solution, amounts: &Amounts<'_>) -> Table {
    let items = Items { plan, solution };
    let known = (0..items.count()).filter(|&item| items.is_known(item));
    let rows: Vec<Row> = known.flat_map(|item| of_item(items, item)).collect();
    let arms = plan.arms.len();
    let number = |name, meaning, unit: &str, of: &dyn Fn(&Row) -> f64| Column {
        meta: ColumnMeta::new(name, meaning, unit),
        values: Values::Number(rows.iter().map(of).collect()),
    };
    let integer = |meta, of: &dyn Fn(&Row) -> i64| Column {
        meta,
        values: Values::Integer(rows.iter().map(|row| Some(of(row))).collect()),
    };
    let time = &plan.time_unit;
    let (dose, amount) = (rows::dose_unit(plan), amounts.unit);
    let planned = |row: &Row| &items.arm(row.item).doses[row.dose];
    let planned_dose = |row: &Row| planned(row).dose;
    let planned_amount = |row: &Row| amounts.planned(plan, planned(row), row.item / arms);
    let mut columns = vec![
        integer(patient_meta(), &|row| first as i64 + (row.item / arms) as i64),
        arm_column_of(plan, rows.iter().map(|row| (row.item % arms) as u32).collect()),
        integer(ColumnMeta::new("dose_number", "which of the planned doses, from 1", "1"), &|row| {
            row.dose as i64 + 1
        }),
        number("planned_time", "when it was planned, since the first planned dose", time, &|row| {
            items.time(items.arm(row.item).doses[row.dose].tick)
        }),
        number("time", "when it was given, since the first planned dose", time, &|row| {
            row.record.given.map_or(f64::NAN, |tick| items.time(tick))
        }),
        number("planned_dose", "planned dose as a number", dose, &planned_dose),
        number("dose", "given dose as a number; 0 if it was not given", dose, &|row| {
            row.relative_dose() * planned_dose(row)
        }),
        number("planned_amount", "planned amount of drug for this patient", amount, &planned_amount),
        number("amount", "amount of drug that this patient was given", amount, &|row| {
            row.relative_dose() * planned_amount(row)
        }),
        number("relative_dose", "given amount over planned amount", "1", &Row::relative_dose),
        rows::label_column(
            "action",
            "what became of it",
            rows.iter().map(|row| row.action as u32).collect(),
            &ACTION_LABELS,
        ),
    ];
    columns.extend(decisions(&plan.protocol, &rows));
    Table { columns }
}

/// Rule and value of what decided about each dose.
fn decisions(protocol: &Protocol, rows: &[Row]) -> Vec<Column> {
    type Of = fn(&Row) -> Option<Decision>;
    let kinds: [(&str, &str, Reasons, Of); 3] = [
        ("held", "held it first, when it was due", Reasons::of_holding(protocol), |row| row.record.held),
        ("changed", "changed the dose, at this one", Reasons::of_changing(protocol), |row| {
            row.record.changed
        }),
        ("stopped", "ended treatment before it was given", Reasons::of_stopping(protocol), |row| row.stopped),
    ];
    let columns = kinds.into_iter().flat_map(|(name, what, reasons, of)| {
        let codes = rows.iter().map(|row| reasons.position(of(row))).collect();
        let values = rows.iter().map(|row| of(row).map_or(f64::NAN, |decision| decision.value)).collect();
        [
            Column {
                meta: ColumnMeta::new(format!("{name}_by"), format!("the rule or event that {what}"), ""),
                values: Values::Label { codes, labels: reasons.labels },
            },
            Column {
                meta: ColumnMeta::new(
                    format!("{name}_value"),
                    "the value that it shows",
                    "unit of the value",
                ),
                values: Values::Number(values),
            },
        ]
    });
    columns.collect()
}

/// The rows of one patient in one arm.
fn of_item(items: Items<'_>, item: usize) -> Vec<Row> {
    let stopped = items.endings(item).stopped;
    let planned = &items.arm(item).doses;
    // Multiple of the planned amount, and how late the doses are.
    let (mut before, mut late) = (1.0, 0);
    let mut rows = Vec::new();
    for (dose, &record) in items.doses(item).iter().enumerate() {
        let row = |action, stopped| Row { item, dose, record, action, stopped };
        if let Some(tick) = record.given {
            rows.push(row(given(&record, before), None));
            (before, late) = (record.factor, tick - planned[dose].tick);
            continue;
        }
        // The first that is not given; no later one comes up.
        let is_due = planned[dose].tick.saturating_add(late) < items.plan.end();
        match (stopped, record.held) {
            (Some(_), _) => rows.extend(is_due.then(|| row(Action::Stopped, stopped))),
            (None, Some(_)) => rows.push(row(Action::Held, None)),
            (None, None) => {}
        }
        break;
    }
    rows
}

/// What happened to a dose that was given, after one of `before`, as multiples of the planned amount.
fn given(record: &DoseRecord, before: f64) -> Action {
    let changed = record.changed.and_then(|_| record.factor.partial_cmp(&before));
    match (record.held.is_some(), changed.unwrap_or(std::cmp::Ordering::Equal)) {
        (false, std::cmp::Ordering::Equal) => Action::Given,
        (false, std::cmp::Ordering::Less) => Action::Reduced,
        (false, std::cmp::Ordering::Greater) => Action::Escalated,
        (true, std::cmp::Ordering::Equal) => Action::Delayed,
        (true, std::cmp::Ordering::Less) => Action::DelayedAndReduced,
        (true, std::cmp::Ordering::Greater) => Action::DelayedAndEscalated,
    }
}
