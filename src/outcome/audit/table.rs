//! The rows of the `audit` set.

use crate::engine::audit::{Check, Comparison, names};
use crate::outcome::rows::{arm_column_of, label_column, patient_meta};
use crate::plan::Plan;
use crate::table::{ColumnMeta, LazyColumn, LazyTable, Table};

/// Labels of [`Verdict`](crate::engine::audit::Verdict), in the order of their codes.
pub const VERDICT_LABELS: [&str; 10] = [
    "not_compared",
    "unsolved",
    "same",
    "differs",
    "within",
    "near",
    "beyond",
    "outside",
    "missing",
    "failed",
];

const CHECK_MEANING: &str = "engine: against the CPU in f64; integration: against a closer integration";
const VERDICT_MEANING: &str = "of values: within 0.1 %, near (of an engine, within 1 %), beyond; of thresholds: \
                               same, differs (between low and high), outside; missing or failed on one side \
                               only; unsolved by the run";
const UNIT: &str = "unit of the endpoint";

/// A column of numbers: name, meaning, unit and value.
type Number = (&'static str, &'static str, &'static str, fn(&Comparison) -> f64);

const NUMBERS: [Number; 5] = [
    ("engine", "value in the outcomes", UNIT, |c| c.engine),
    ("reference", "value of the CPU in f64, integrated more closely", UNIT, |c| c.reference),
    ("difference", "of values: |engine - reference| / max(|reference|, scale)", "1", |c| c.difference),
    (
        "low",
        "of thresholds: the least that values off by as much as is promised make; null is never",
        UNIT,
        |c| c.bounds[0],
    ),
    (
        "high",
        "of thresholds: the most that values off by as much as is promised make; null is never",
        UNIT,
        |c| c.bounds[1],
    ),
];

/// One row per check, audited patient, arm and endpoint; the batch that was compared starts with patient
/// `first`.
pub fn table(plan: &Plan, first: u64, comparisons: &[Comparison]) -> Table {
    let arms = plan.arms.len();
    let names = names(plan);
    let patient = move |row: usize| Some(first as i64 + (comparisons[row].item / arms) as i64);
    let endpoint = "column of the outcomes, or what was decided of doses";
    let mut columns = vec![
        label_column("check", CHECK_MEANING, &Check::ALL.map(Check::name), |row| {
            comparisons[row].check as u32
        }),
        LazyColumn::integers(patient_meta(), patient),
        arm_column_of(plan, |row| (comparisons[row].item % arms) as u32),
        label_column("endpoint", endpoint, &names, |row| comparisons[row].endpoint as u32),
    ];
    columns.extend(NUMBERS.map(|(name, meaning, unit, value)| {
        LazyColumn::numbers(ColumnMeta::new(name, meaning, unit), move |row| value(&comparisons[row]))
    }));
    columns.push(label_column("verdict", VERDICT_MEANING, &VERDICT_LABELS, |row| {
        comparisons[row].verdict as u32
    }));
    LazyTable { rows: comparisons.len(), columns }.table()
}
