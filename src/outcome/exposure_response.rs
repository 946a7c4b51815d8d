//! Outcomes against exposures: how often something happened in groups of patients by their exposure.

use super::distribution::{Endpoint, EndpointKind, Sample, proportions, quantile};
use crate::cohort::{ALL, Cohort, ExposureResponse, Spanned};
use crate::diagnostic::{Cause, Problem, did_you_mean};
use crate::table::{About, Column, Table, Values};

/// What there are columns of.
const OUTCOMES: &str = "columns come of [endpoints], [grades], [dlt], [events] and [response]";

/// Exposure and outcome of patients who have both.
type Pairs = Vec<(f64, bool)>;

/// What does not fit the outcomes.
#[derive(Debug, thiserror::Error)]
pub enum ExposureError {
    /// The exposure or the outcome is no column of the outcomes.
    #[error("the outcomes have no column `{name}`")]
    Unknown {
        /// The name.
        name: String,
        /// A similar name, as a question.
        similar: Option<String>,
    },
    /// The exposure has no order.
    #[error("`{name}` is not a number, so it is no exposure")]
    NotANumber {
        /// The column.
        name: String,
    },
    /// The outcome does not just happen or not.
    #[error("`{name}` is not true or false")]
    NotAFlag {
        /// The column.
        name: String,
        /// The columns that are.
        flags: Vec<String>,
    },
}

impl Cause for ExposureError {
    fn help(&self) -> Option<String> {
        match self {
            Self::Unknown { similar, .. } => similar.clone().or_else(|| Some(OUTCOMES.into())),
            Self::NotANumber { .. } => Some("name an endpoint that is measured, as a peak or an area".into()),
            Self::NotAFlag { flags, .. } if flags.is_empty() => {
                Some("outcomes come of `[dlt]` and `[response]`".into())
            }
            Self::NotAFlag { flags, .. } => Some(format!("these are: {}", flags.join(", "))),
        }
    }
}

/// What the cohort file asks for that the outcomes do not have.
pub fn check(cohort: &Cohort, outcomes: &[Endpoint]) -> Vec<Problem> {
    let is_flag = |kind: &EndpointKind| matches!(kind, EndpointKind::Flag | EndpointKind::FlagAmong(_));
    let is_number = |kind: &EndpointKind| matches!(kind, EndpointKind::Number | EndpointKind::FirstTime);
    let mut problems = Vec::new();
    let mut find = |name: &Spanned<String>, fits: &dyn Fn(&EndpointKind) -> bool, misfit: ExposureError| {
        let cause = match outcomes.iter().find(|outcome| outcome.about.name == name.value) {
            Some(outcome) if fits(&outcome.kind) => return,
            Some(_) => misfit,
            None => {
                let known = outcomes.iter().map(|outcome| outcome.about.name.as_str());
                let similar = did_you_mean(&name.value, known);
                ExposureError::Unknown { name: name.value.clone(), similar }
            }
        };
        problems.push(Problem::at(cause, cohort.place(&name.span)));
    };
    for ExposureResponse { exposure, outcome, .. } in &cohort.exposure_response {
        find(exposure, &is_number, ExposureError::NotANumber { name: exposure.value.clone() });
        let flags = outcomes.iter().filter(|outcome| is_flag(&outcome.kind));
        let flags = flags.map(|outcome| outcome.about.name.clone()).collect();
        find(outcome, &is_flag, ExposureError::NotAFlag { name: outcome.value.clone(), flags });
    }
    problems
}

/// One row: a group of patients.
struct Row<'a> {
    entry: &'a ExposureResponse,
    unit: &'a str,
    arm: &'a str,
    /// From 1, the lowest exposure.
    group: u32,
    /// Smallest, median and largest.
    exposure: [f64; 3],
    n: u64,
    events: u64,
}

/// The table of all entries: all arms together, then each arm; groups by increasing exposure.
///
/// A group ends with a quantile (type 7) of the exposures, so that equal ones are in one group. Patients who
/// did not reach the end, or lack the exposure or the outcome, are in none. `read(arm, endpoint)` gives
/// the sample of one column in one arm; `outcomes` are the columns that there are.
///
/// # Errors
/// The first of `read`.
pub fn exposure_response<E>(
    entries: &[ExposureResponse],
    arms: &[String],
    outcomes: &[Endpoint],
    mut read: impl FnMut(&str, &Endpoint) -> Result<Sample, E>,
) -> Result<Table, E> {
    let column = |name: &str| outcomes.iter().find(|outcome| outcome.about.name == name);
    let mut rows = Vec::new();
    for entry in entries {
        let (Some(exposure), Some(outcome)) = (column(&entry.exposure.value), column(&entry.outcome.value))
        else {
            continue;
        };
        let mut of_arms: Vec<Pairs> = Vec::new();
        for arm in arms {
            of_arms.push(pairs(&read(arm, exposure)?, &read(arm, outcome)?));
        }
        let unit = &exposure.about.unit;
        groups(&of_arms.concat(), entry, unit, ALL, &mut rows);
        for (arm, pairs) in arms.iter().zip(&of_arms) {
            groups(pairs, entry, unit, arm, &mut rows);
        }
    }
    Ok(table(&rows))
}

fn pairs(exposure: &Sample, outcome: &Sample) -> Pairs {
    let both = exposure.values.iter().zip(&outcome.values).zip(&exposure.finished);
    let known =
        both.filter(|((exposure, outcome), finished)| **finished && !exposure.is_nan() && !outcome.is_nan());
    known.map(|((&exposure, &outcome), _)| (exposure, outcome != 0.0)).collect()
}

fn groups<'a>(
    pairs: &[(f64, bool)],
    entry: &'a ExposureResponse,
    unit: &'a str,
    arm: &'a str,
    rows: &mut Vec<Row<'a>>,
) {
    let mut sorted = pairs.to_vec();
    sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let exposures: Vec<f64> = sorted.iter().map(|pair| pair.0).collect();
    let mut start = 0;
    for group in 1..=entry.groups {
        let cut = quantile(&exposures, f64::from(group) / f64::from(entry.groups));
        let end = if group == entry.groups { sorted.len() } else { exposures.partition_point(|&x| x <= cut) };
        let of_group = &exposures[start..end];
        let edge = |x: Option<&f64>| x.copied().unwrap_or(f64::NAN);
        rows.push(Row {
            entry,
            unit,
            arm,
            group,
            exposure: [edge(of_group.first()), quantile(of_group, 0.5), edge(of_group.last())],
            n: of_group.len() as u64,
            events: sorted[start..end].iter().filter(|pair| pair.1).count() as u64,
        });
        start = end;
    }
}

fn table(rows: &[Row<'_>]) -> Table {
    let integers = |name, meaning, of: fn(&Row<'_>) -> u64| Column {
        about: About::new(name, meaning, "1"),
        values: Values::Integer(rows.iter().map(|row| Some(of(row) as i64)).collect()),
    };
    let numbers = |name, meaning, unit, of: &dyn Fn(&Row<'_>) -> f64| Column {
        about: About::new(name, meaning, unit),
        values: Values::Number(rows.iter().map(of).collect()),
    };
    let unit = "unit of the exposure";
    let mut columns = vec![
        Column::labels(
            "exposure",
            "Column of the outcomes by which patients are divided",
            rows.iter().map(|row| row.entry.exposure.value.as_str()),
        ),
        Column::labels(
            "outcome",
            "Column of the outcomes that is counted",
            rows.iter().map(|row| row.entry.outcome.value.as_str()),
        ),
        Column::labels("arm", "Arm of the trial; all for all together", rows.iter().map(|row| row.arm)),
        integers("group", "Group of patients, from 1, by increasing exposure", |row| row.group.into()),
        numbers("exposure_low", "Smallest exposure in the group", unit, &|row| row.exposure[0]),
        numbers("exposure_median", "Median exposure in the group", unit, &|row| row.exposure[1]),
        numbers("exposure_high", "Largest exposure in the group", unit, &|row| row.exposure[2]),
        Column::labels("unit", "Unit of the exposure", rows.iter().map(|row| row.unit)),
        integers("n", "Patients in the group", |row| row.n),
        integers("events", "Patients in the group with the outcome", |row| row.events),
    ];
    columns.extend((0..5).map(|i| {
        let (name, _) = proportions(0, 1)[i];
        numbers(name, PROPORTION_MEANINGS[i], "1", &|row| proportions(row.events, row.n)[i].1)
    }));
    Table { columns }
}

/// Meanings of what [`proportions`] gives.
const PROPORTION_MEANINGS: [&str; 5] = [
    "Proportion with the outcome",
    "Lower end of its 95 % interval, Wilson",
    "Upper end of its 95 % interval, Wilson",
    "Lower end of its 95 % interval, exact",
    "Upper end of its 95 % interval, exact",
];
