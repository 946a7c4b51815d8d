//! The distribution of each outcome in each arm, over all patients and over those of each subgroup, as one
//! long table: arm, subgroup, level, endpoint, statistic, value.

mod group;
mod proportion;
mod rows;
mod statistics;

pub use group::{Grouping, Statistic};
pub use proportion::{Interval, Z, exact_interval, proportions, wilson_interval};
pub use statistics::{mean, quantile, standard_deviation};

use std::sync::Arc;

use rayon::prelude::*;

use crate::table::{About, Table};
use group::Group;
use rows::Row;

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

/// The grades whose proportion, at that grade or above, is written.
pub const GRADES: [u8; 4] = [1, 2, 3, 4];

/// A column of the outcomes whose distribution is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Column name, meaning and unit.
    pub about: About,
    /// How its values are summarised.
    pub kind: EndpointKind,
}

/// How the values of an endpoint are summarised.
///
/// Every proportion comes with its intervals: `proportion`, `wilson_low`, `wilson_high`, `exact_low` and
/// `exact_high`, each with an ending where there are several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndpointKind {
    /// Mean, standard deviation, extremes and quantiles of the values that are there.
    Number,
    /// The time at which something first happened, missing if it never did: the proportion in whom it
    /// happened, and the times of those in whom it did as a [`Number`](Self::Number).
    FirstTime,
    /// Yes or no: the proportion.
    Flag,
    /// Yes or no, where it is yes only in those for whom another flag is: the proportion of all
    /// (`proportion`), and of those (`proportion_of_NAME`), where `NAME` is the other flag's column.
    FlagAmong(String),
    /// A grade: the proportion at each of [`GRADES`] or above (`proportion_ge_1`).
    Grade,
    /// One of these labels, or none: the proportion of each (`proportion_PR`).
    Label(Arc<[String]>),
}

/// The values of one endpoint in one arm, of every patient in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sample {
    /// A number, 1 or 0 of a flag, the position of a label; NaN is missing.
    pub values: Vec<f64>,
    /// Whether the patient reached the end. No statistic holds those who did not.
    pub finished: Vec<bool>,
    /// Whether the other flag of [`EndpointKind::FlagAmong`] is yes; empty for other kinds.
    pub among: Vec<bool>,
}

/// The statistics of an endpoint over all patients.
pub fn of_all(endpoint: &Endpoint, sample: &Sample) -> Vec<Statistic> {
    Group::of_all().statistics(endpoint, sample)
}

/// The table of all statistics: arms in order, endpoints within an arm, groups within an endpoint: all
/// patients first, then the levels of each grouping; statistics within a group.
///
/// `read(arm, endpoint)` gives the sample of one endpoint in one arm; one is held at a time. A
/// statistic that does not exist (of no patient, or the standard deviation of one) is NaN.
///
/// # Errors
/// The first of `read`.
pub fn distributions<E>(
    arms: &[String],
    endpoints: &[Endpoint],
    groupings: &[Grouping],
    mut read: impl FnMut(&str, &Endpoint) -> Result<Sample, E>,
) -> Result<Table, E> {
    let groups = group::groups(groupings);
    let mut rows = Vec::new();
    for arm in arms {
        for endpoint in endpoints {
            let sample = read(arm, endpoint)?;
            let of_group = |group: &Group<'_>| group.statistics(endpoint, &sample);
            let statistics: Vec<_> = groups.par_iter().map(of_group).collect();
            for (group, statistics) in groups.iter().zip(statistics) {
                rows.extend(statistics.into_iter().map(|s| Row::new(arm, group, endpoint, s)));
            }
        }
    }
    Ok(rows::table(&rows))
}
