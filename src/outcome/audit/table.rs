//! The rows of the `audit` set.

use crate::engine::audit::{Check, Comparison, names};
use crate::outcome::rows::{arm_column_of, label_column, patient_meta};
use crate::plan::Plan;
use crate::table::{Column, ColumnMeta, Table, Values};

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
    let patient = |c: &Comparison| Some(first as i64 + (c.item / arms) as i64);
    let patients = Values::Integer(comparisons.iter().map(patient).collect());
    let arm = comparisons.iter().map(|c| (c.item % arms) as u32).collect();
    let endpoint = comparisons.iter().map(|c| c.endpoint as u32).collect();
    let check = comparisons.iter().map(|c| c.check as u32).collect();
    let verdict = comparisons.iter().map(|c| c.verdict as u32).collect();

    let mut columns = vec![
        label_column("check", CHECK_MEANING, check, &Check::ALL.map(Check::name)),
        Column { meta: patient_meta(), values: patients },
        arm_column_of(plan, arm),
        label_column("endpoint", "column of the outcomes, or what was decided of doses", endpoint, &names),
    ];
    columns.extend(NUMBERS.map(|(name, meaning, unit, value)| Column {
        meta: ColumnMeta::new(name, meaning, unit),
        values: Values::Number(comparisons.iter().map(value).collect()),
    }));
    columns.push(label_column("verdict", VERDICT_MEANING, verdict, &VERDICT_LABELS));
    Table { columns }
}
