//! The distribution of each endpoint in each arm, as one long table: arm, endpoint, statistic, value.

mod proportion;
mod statistics;

pub use proportion::{Interval, Z, exact_interval, wilson_interval};
pub use statistics::{mean, quantile, standard_deviation};

use crate::table::{About, Column, Table, Values};

/// The quantiles that are written, in percent, with their names.
pub const QUANTILES: [(f64, &str); 11] = [
    (1.0, "p1"),
    (2.5, "p2.5"),
    (5.0, "p5"),
    (10.0, "p10"),
    (25.0, "p25"),
    (50.0, "p50"),
    (75.0, "p75"),
    (90.0, "p90"),
    (95.0, "p95"),
    (97.5, "p97.5"),
    (99.0, "p99"),
];

/// A column of the outcomes whose distribution is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Column name, meaning and unit.
    pub about: About,
    /// How its values are summarised.
    pub kind: EndpointKind,
}

/// How the values of an endpoint are summarised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointKind {
    /// Mean, standard deviation, extremes and quantiles of the values that are there.
    Number,
    /// The time at which something first happened, missing if it never did: the proportion in whom it
    /// happened, with intervals, and the times of those in whom it did as a [`Number`](Self::Number).
    FirstTime,
    /// 1 if so, else 0: the proportion, with intervals.
    Flag,
}

/// The values of one endpoint in one arm.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sample {
    /// Of every patient who reached the end, in order of patients; NaN is missing.
    pub values: Vec<f64>,
    /// Patients who did not reach the end. No statistic holds them.
    pub failed: u64,
}

/// One row of the table.
struct Row<'a> {
    arm: &'a str,
    endpoint: &'a str,
    statistic: &'static str,
    value: f64,
    unit: &'a str,
    /// Patients that the value was computed from.
    n: u64,
    /// Patients who reached the end and have no value.
    missing: u64,
    failed: u64,
}

/// The table of all statistics: arms in order, endpoints within an arm, statistics within an endpoint.
///
/// `read(arm, endpoint)` gives the sample of one endpoint in one arm; one is held at a time. A
/// statistic that does not exist (of no patient, or the standard deviation of one) is NaN.
///
/// # Errors
/// The first of `read`.
pub fn distributions<E>(
    arms: &[String],
    endpoints: &[Endpoint],
    mut read: impl FnMut(&str, &str) -> Result<Sample, E>,
) -> Result<Table, E> {
    let mut rows = Vec::new();
    for arm in arms {
        for endpoint in endpoints {
            let sample = read(arm, &endpoint.about.name)?;
            summarise(arm, endpoint, sample, &mut rows);
        }
    }
    Ok(table(&rows))
}

fn summarise<'a>(arm: &'a str, endpoint: &'a Endpoint, sample: Sample, rows: &mut Vec<Row<'a>>) {
    let Sample { values, failed } = sample;
    let finished = values.len() as u64;
    let mut present = values;
    present.retain(|value| !value.is_nan());
    let n = present.len() as u64;
    let about = &endpoint.about;
    let row = |statistic, value, unit, n| Row {
        arm,
        endpoint: &about.name,
        statistic,
        value,
        unit,
        n,
        missing: finished - n,
        failed,
    };

    let happened = present.iter().filter(|&&value| value != 0.0).count() as u64;
    let proportion = match endpoint.kind {
        EndpointKind::Number => None,
        // Someone in whom it never happened has no time, but counts.
        EndpointKind::FirstTime => Some((n, finished)),
        EndpointKind::Flag => Some((happened, n)),
    };
    if let Some((events, of)) = proportion {
        rows.extend(proportions(events, of).map(|(statistic, value)| row(statistic, value, "1", of)));
    }
    if endpoint.kind != EndpointKind::Flag {
        rows.extend(
            numbers(present).into_iter().map(|(statistic, value)| row(statistic, value, &about.unit, n)),
        );
    }
}

/// The proportion `events / of` with its intervals.
fn proportions(events: u64, of: u64) -> [(&'static str, f64); 5] {
    let (wilson, exact) = (wilson_interval(events, of), exact_interval(events, of));
    [
        ("proportion", events as f64 / of as f64),
        ("wilson_low", wilson.low),
        ("wilson_high", wilson.high),
        ("exact_low", exact.low),
        ("exact_high", exact.high),
    ]
}

/// Mean, standard deviation, extremes and quantiles. Sums run in the order given.
fn numbers(mut values: Vec<f64>) -> Vec<(&'static str, f64)> {
    let mut statistics = vec![("mean", mean(&values)), ("sd", standard_deviation(&values))];
    values.sort_unstable_by(f64::total_cmp);
    let end = |value: Option<&f64>| value.copied().unwrap_or(f64::NAN);
    statistics.push(("min", end(values.first())));
    statistics.extend(QUANTILES.map(|(percent, name)| (name, quantile(&values, percent / 100.0))));
    statistics.push(("max", end(values.last())));
    statistics
}

fn table<'a>(rows: &[Row<'a>]) -> Table {
    let labels = |name, meaning, of: fn(&Row<'a>) -> &'a str| Column {
        about: About::new(name, meaning, ""),
        values: Values::labels(rows.iter().map(of)),
    };
    let counts = |name, meaning, of: fn(&Row<'a>) -> u64| Column {
        about: About::new(name, meaning, "1"),
        values: Values::Integer(rows.iter().map(|row| Some(of(row) as i64)).collect()),
    };
    let value = Column {
        about: About::new("value", "Value of the statistic, in the unit of its row", ""),
        values: Values::Number(rows.iter().map(|row| row.value).collect()),
    };
    Table {
        columns: vec![
            labels("arm", "Arm of the trial", |row| row.arm),
            labels("endpoint", "Column of the outcomes", |row| row.endpoint),
            labels("statistic", "What is said about it", |row| row.statistic),
            value,
            labels("unit", "Unit of the value; 1 for a proportion", |row| row.unit),
            counts("n", "Patients that the value was computed from", |row| row.n),
            counts("n_missing", "Patients who reached the end without a value of the endpoint", |row| {
                row.missing
            }),
            counts("n_failed", "Patients whose integration failed: in no value", |row| row.failed),
        ],
    }
}
