//! Statistics as a table.

use std::borrow::Cow;

use super::Endpoint;
use super::group::{Group, Statistic};
use crate::table::{Column, ColumnMeta, Table, Values};

/// One row of the table.
pub(super) struct Row<'a> {
    arm: &'a str,
    subgroup: &'a str,
    level: &'a str,
    endpoint: &'a str,
    statistic: Cow<'static, str>,
    value: f64,
    unit: &'a str,
    n: u64,
    missing: u64,
    failed: u64,
}

impl<'a> Row<'a> {
    pub(super) fn new(arm: &'a str, group: &Group<'a>, endpoint: &'a Endpoint, statistic: Statistic) -> Self {
        let Statistic { name, value, is_proportion, n, missing, failed } = statistic;
        Self {
            arm,
            subgroup: group.subgroup,
            level: group.level,
            endpoint: &endpoint.meta.name,
            statistic: name,
            value,
            unit: if is_proportion { "1" } else { &endpoint.meta.unit },
            n,
            missing,
            failed,
        }
    }
}

pub(super) fn table(rows: &[Row<'_>]) -> Table {
    let counts = |name, meaning, of: fn(&Row<'_>) -> u64| Column {
        meta: ColumnMeta::new(name, meaning, "1"),
        values: Values::Integer(rows.iter().map(|row| Some(of(row) as i64)).collect()),
    };
    let value = Column {
        meta: ColumnMeta::new("value", "Value of the statistic, in the unit of its row", ""),
        values: Values::Number(rows.iter().map(|row| row.value).collect()),
    };
    Table {
        columns: vec![
            Column::labels("arm", "Arm of the trial", rows.iter().map(|row| row.arm)),
            Column::labels(
                "subgroup",
                "How patients are divided; all if they are not",
                rows.iter().map(|row| row.subgroup),
            ),
            Column::labels("level", "Which of them are summarised", rows.iter().map(|row| row.level)),
            Column::labels("endpoint", "Column of the outcomes", rows.iter().map(|row| row.endpoint)),
            Column::labels(
                "statistic",
                "What is said about it",
                rows.iter().map(|row| row.statistic.as_ref()),
            ),
            value,
            Column::labels("unit", "Unit of the value; 1 for a proportion", rows.iter().map(|row| row.unit)),
            counts("n", "Patients that the value was computed from", |row| row.n),
            counts(
                "n_missing",
                "Patients who reached the end without a value of the endpoint, or not evaluable for it",
                |row| row.missing,
            ),
            counts("n_failed", "Patients whose integration failed: in no value", |row| row.failed),
        ],
    }
}
