//! The rows of the `doses` set: what became of every planned dose that came up.
//!
//! A dose comes up when it is due. One that is given is a row, as is one that still waits when the run ends,
//! and the first that is not given because treatment ended, if it was due before the end of the run; later
//! ones are not. A dose that is put off beyond the end of the run never comes up. Nothing is known of a patient
//! whose integration failed.
//!
//! A dose is *delayed* if it was held when it was due: later doses move with it, but are not delayed
//! themselves. It is *reduced* or *escalated* if a rule changed the dose at this one: later doses keep the
//! new dose. It is *skipped* if it was left out, and *made up* if it was given at a later time of the calendar than
//! planned. It is *missed* if the patient did not take it, by chance: for all others it counts as given.
//!
//! Of several drugs each has its own doses, numbered from 1, the first drug first.

use std::sync::Arc;

use rayon::prelude::*;

use super::items::{Items, statuses};
use super::reasons::Reasons;
use super::rows;
use super::rows::{arm_column_of, patient_meta};
use crate::cohort::Ticks;
use crate::engine::{Decision, DoseRecord, Solution};
use crate::model::graph::NodeId;
use crate::plan::{Drug, Plan, PlannedDose, Sequence, share};
use crate::table::{ColumnMeta, LazyColumn, LazyTable, Table};
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
    Skipped,
    MadeUp,
    Missed,
}

/// Labels of [`Action`], in the order of their codes.
const ACTION_LABELS: [&str; 11] = [
    "given",
    "delayed",
    "reduced",
    "escalated",
    "delayed and reduced",
    "delayed and escalated",
    "held",
    "stopped",
    "skipped",
    "made up",
    "missed",
];

/// One row: small, for there are many. What became of the dose stands in its record.
struct Row {
    item: usize,
    /// Its drug, its position among the arm's planned doses, and its number among those of its drug, from 1.
    drug: u32,
    dose: u32,
    number: u32,
    action: Action,
    /// What was given, as a multiple of what was planned; 0 if it was not given.
    relative_dose: f64,
}

/// Bytes of a row while its table is made.
pub(crate) const ROW_BYTES: usize = size_of::<Row>();

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
    /// A value of a planned dose in the model's unit.
    fn value(&self, plan: &Plan, node: NodeId, patient: usize) -> f64 {
        let of_slot = || Some(self.slots.get(plan.slots.binary_search(&node).ok()?)?[patient]);
        plan.graph.as_constant(node).or_else(of_slot).unwrap_or(f64::NAN)
    }

    /// What a patient is given of a dose at a factor, as a multiple of its amount before cap and rounding.
    fn share(
        &self,
        plan: &Plan,
        dose: &PlannedDose,
        patient: usize,
        factor: f64,
        cap: Option<NodeId>,
    ) -> f64 {
        if !dose.is_limited() {
            return factor;
        }
        let cap = cap.map_or(f64::INFINITY, |cap| self.value(plan, cap, patient));
        share(self.value(plan, dose.amount, patient), factor, cap, dose.round)
    }

    /// The planned amount of a dose of a patient.
    pub(crate) fn planned(&self, plan: &Plan, dose: &PlannedDose, patient: usize) -> f64 {
        let amount = self.value(plan, dose.amount, patient);
        self.from_model.apply(amount * self.share(plan, dose, patient, 1.0, dose.planned_cap()))
    }

    /// What a patient is given of a dose at a factor, as a multiple of what is planned.
    pub(super) fn relative(&self, plan: &Plan, dose: &PlannedDose, patient: usize, factor: f64) -> f64 {
        let given = self.share(plan, dose, patient, factor, dose.cap);
        let planned = self.share(plan, dose, patient, 1.0, dose.planned_cap());
        if planned > 0.0 { given / planned } else { factor }
    }

    /// Whether a patient misses a dose.
    fn is_missed(&self, plan: &Plan, dose: &PlannedDose, patient: usize) -> bool {
        dose.missed.is_some_and(|missed| self.value(plan, missed.is_missed, patient) != 0.0)
    }
}

/// One row per planned dose that came up, of patients in order, arms within a patient, doses by time.
pub fn doses(plan: &Plan, first: u64, solution: &Solution, amounts: &Amounts<'_>) -> Table {
    let status = statuses(plan, solution);
    doses_of(Items::new(plan, solution, &status), first, *amounts).table()
}

/// The same, made where it is wanted.
pub(crate) fn doses_of<'a>(items: Items<'a>, first: u64, amounts: Amounts<'a>) -> LazyTable<'a> {
    let plan = items.plan;
    let rows = Ledger::new(items, amounts);
    let (arms, time) = (plan.arms.len(), &plan.time_unit);
    let (dose, amount) = (unit_of_doses(plan), amounts.unit);
    let planned = move |row: &Row| &items.arm(row.item).doses[row.dose as usize];
    let planned_amount = move |row: &Row| amounts.planned(plan, planned(row), row.item / arms);
    let planned_time = move |row: &Row| match planned(row).tick {
        Ticks::MAX => f64::NAN,
        tick => items.time(tick),
    };
    let number = |name, meaning, unit: &str| ColumnMeta::new(name, meaning, unit);
    let of_item = rows.clone();
    let mut columns = vec![
        rows.integers(patient_meta(), move |row| first as i64 + (row.item / arms) as i64),
        arm_column_of(plan, move |row| (of_item.0[row].item % arms) as u32),
    ];
    if plan.drugs.len() > 1 {
        columns.extend(drug_columns(plan, &rows));
    }
    let action = rows.clone();
    columns.extend([
        rows.integers(number("dose_number", "which of the planned doses, from 1", "1"), |row| {
            row.number.into()
        }),
        rows.numbers(
            number("planned_time", "when it was planned, since the first planned dose", time),
            planned_time,
        ),
        rows.numbers(number("time", "when it was given, since the first planned dose", time), move |row| {
            items.record(row).given.map_or(f64::NAN, |tick| items.time(tick))
        }),
        rows.numbers(number("planned_dose", "planned dose as a number", dose), move |row| planned(row).dose),
        rows.numbers(number("dose", "given dose as a number; 0 if it was not given", dose), move |row| {
            row.relative_dose * planned(row).dose
        }),
        rows.numbers(
            number("planned_amount", "planned amount of drug for this patient", amount),
            planned_amount,
        ),
        rows.numbers(number("amount", "amount of drug that this patient was given", amount), move |row| {
            row.relative_dose * planned_amount(row)
        }),
        rows.numbers(number("relative_dose", "given amount over planned amount", "1"), |row| {
            row.relative_dose
        }),
        rows::label_column("action", "what became of it", labels(plan), move |row| {
            action.0[row].action as u32
        }),
    ]);
    if !plan.protocol.infusions.is_empty() {
        let meaning = "over how long it was infused, where a rule has changed that";
        columns.push(rows.numbers(number("infusion", meaning, time), move |row| {
            items.record(row).over.map_or(f64::NAN, |ticks| items.time(ticks))
        }));
    }
    columns.extend(decisions(items, &rows));
    LazyTable { rows: rows.0.len(), columns }
}

/// All rows of some patients.
#[derive(Clone)]
struct Ledger(Arc<Vec<Row>>);

impl Ledger {
    fn new(items: Items<'_>, amounts: Amounts<'_>) -> Self {
        let plan = items.plan;
        let sequences: Vec<Vec<Sequence>> = (0..plan.arms.len()).map(|arm| plan.sequences(arm)).collect();
        let known = (0..items.count()).into_par_iter().filter(|&item| items.is_known(item));
        let rows = known.flat_map_iter(|item| of_item(items, item, &amounts, &sequences));
        Self(Arc::new(rows.collect()))
    }

    fn numbers<'a>(&self, meta: ColumnMeta, of: impl Fn(&Row) -> f64 + Send + Sync + 'a) -> LazyColumn<'a> {
        let Self(rows) = self.clone();
        LazyColumn::numbers(meta, move |row| of(&rows[row]))
    }

    fn integers<'a>(&self, meta: ColumnMeta, of: impl Fn(&Row) -> i64 + Send + Sync + 'a) -> LazyColumn<'a> {
        let Self(rows) = self.clone();
        LazyColumn::integers(meta, move |row| Some(of(&rows[row])))
    }
}

impl<'a> Items<'a> {
    /// What became of the dose of a row.
    fn record(self, row: &Row) -> &'a DoseRecord {
        &self.doses(row.item)[row.dose as usize]
    }
}

/// Labels of what may become of a dose.
fn labels(plan: &Plan) -> &'static [&'static str] {
    match (plan.dose_draws.is_empty(), plan.protocol.skips.is_empty()) {
        (false, _) => &ACTION_LABELS,
        (true, false) => &ACTION_LABELS[..10],
        (true, true) => &ACTION_LABELS[..8],
    }
}

/// Rule and value of what decided about each dose.
fn decisions<'a>(items: Items<'a>, rows: &Ledger) -> Vec<LazyColumn<'a>> {
    type Of = fn(Items<'_>, &Row) -> Option<Decision>;
    type Kind = (&'static str, &'static str, Reasons, Of);
    let protocol = &items.plan.protocol;
    let mut kinds: Vec<Kind> = vec![
        ("held", "held it first, when it was due", Reasons::of_holding(protocol), |items, row| {
            items.record(row).held
        }),
        ("changed", "changed the dose, at this one", Reasons::of_changing(protocol), |items, row| {
            items.record(row).changed
        }),
        ("stopped", "ended treatment before it was given", Reasons::of_stopping(protocol), |items, row| {
            let is_stopped = row.action == Action::Stopped;
            if is_stopped { items.solution.drug_ending(row.item, row.drug as usize) } else { None }
        }),
    ];
    if !protocol.skips.is_empty() {
        kinds.push(("skipped", "skipped it first", Reasons::of_skipping(protocol), |items, row| {
            items.record(row).skipped
        }));
    }
    if !protocol.demands.is_empty() {
        kinds.push(("asked", "asked for it", Reasons::of_demanding(protocol), |items, row| {
            items.record(row).asked
        }));
    }
    if !protocol.infusions.is_empty() {
        let what = "changed how long it was infused, at this one";
        kinds.push(("infused", what, Reasons::of_infusing(protocol), |items, row| items.record(row).infused));
    }
    let columns = kinds.into_iter().flat_map(|(name, what, reasons, of)| {
        let by = ColumnMeta::new(format!("{name}_by"), format!("the rule or event that {what}"), "");
        let value = ColumnMeta::new(format!("{name}_value"), "the value that it shows", "unit of the value");
        let Ledger(of_rows) = rows.clone();
        let labels = Arc::clone(&reasons.labels);
        [
            LazyColumn::labels(by, labels, move |row| reasons.position(of(items, &of_rows[row]))),
            rows.numbers(value, move |row| of(items, row).map_or(f64::NAN, |decision| decision.value)),
        ]
    });
    columns.collect()
}

/// Unit of the doses as numbers.
fn unit_of_doses(plan: &Plan) -> &str {
    match &plan.drugs[..] {
        [_] | [] => rows::dose_unit(plan),
        [first, others @ ..] if others.iter().all(|drug| drug.unit == first.unit) => &first.unit,
        _ => "unit in dose_unit",
    }
}

/// The drug of each dose, and the unit in which its doses are numbers.
fn drug_columns(plan: &Plan, rows: &Ledger) -> [LazyColumn<'static>; 2] {
    let column = |name, meaning, of: fn(&Drug) -> &str| {
        let labels: Vec<&str> = plan.drugs.iter().map(of).collect();
        let Ledger(rows) = rows.clone();
        rows::label_column(name, meaning, &labels, move |row| rows[row].drug)
    };
    [
        column("drug", "the drug", |drug| &drug.name),
        column("dose_unit", "unit of the doses as numbers", |drug| &drug.unit),
    ]
}

/// The rows of one patient in one arm.
fn of_item<'a>(
    items: Items<'a>,
    item: usize,
    amounts: &'a Amounts<'_>,
    sequences: &'a [Vec<Sequence>],
) -> impl Iterator<Item = Row> {
    let of_drug = move |(drug, sequence)| of_drug(items, item, amounts, drug, sequence);
    sequences[item % sequences.len()].iter().enumerate().flat_map(of_drug)
}

/// The rows of one drug.
fn of_drug(
    items: Items<'_>,
    item: usize,
    amounts: &Amounts<'_>,
    drug: usize,
    sequence: &Sequence,
) -> Vec<Row> {
    let stopped = items.solution.drug_ending(item, drug);
    let planned = &items.arm(item).doses;
    // Multiple of the planned amount, and how late the doses are.
    let (mut before, mut late) = (1.0, 0);
    let mut rows = Vec::new();
    for (number, &dose) in (1..).zip(&sequence.positions) {
        let record = &items.doses(item)[dose];
        let relative = || amounts.relative(items.plan, &planned[dose], items.patient(item), record.factor);
        let relative_dose = if record.given.is_some() { relative() } else { 0.0 };
        let row = |action| Row { item, drug: drug as u32, dose: dose as u32, number, action, relative_dose };
        match (record.given, record.skipped) {
            (Some(tick), _) => {
                let is_missed = amounts.is_missed(items.plan, &planned[dose], items.patient(item));
                rows.push(row(if is_missed { Action::Missed } else { given(record, before) }));
                (before, late) = (record.factor, tick.saturating_sub(planned[dose].tick));
                continue;
            }
            (None, Some(_)) if is_left_out(items.plan, record) => {
                rows.push(row(Action::Skipped));
                continue;
            }
            (None, _) => {}
        }
        // The first that is not given; no later one comes up.
        let is_due = planned[dose].tick.saturating_add(late) < items.plan.end();
        match (stopped, record.held) {
            (Some(_), _) => rows.extend(is_due.then(|| row(Action::Stopped))),
            (None, Some(_)) => rows.push(row(Action::Held)),
            (None, None) => rows.extend(record.skipped.map(|_| row(Action::Skipped))),
        }
        break;
    }
    rows
}

/// Whether a dose that was skipped is not made up for.
fn is_left_out(plan: &Plan, record: &DoseRecord) -> bool {
    let first = plan.protocol.reason_of_skip(0).index();
    let skip = record.skipped.map(|skip| skip.reason.index() - first);
    skip.and_then(|skip| plan.protocol.skips.get(skip)).is_some_and(|skip| !skip.made_up)
}

/// What happened to a dose that was given, after one of `before`, as multiples of the planned amount.
fn given(record: &DoseRecord, before: f64) -> Action {
    if record.skipped.is_some() {
        return Action::MadeUp;
    }
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
