//! The distribution of each outcome in each arm, over all patients and over those of each subgroup, as one
//! long table: arm, subgroup, level, endpoint, statistic, value.

mod bins;
mod cells;
mod coded;
mod exact;
mod group;
mod histogram;
mod lookup;
mod proportion;
mod ranked;
mod rows;
mod selection;
mod source;
mod statistics;
mod sums;
mod sweep;
mod tally;
mod title;

pub(crate) use coded::code;
pub use group::{Grouping, Statistic};
pub(in crate::outcome) use histogram::Rows;
pub(crate) use lookup::Lookup;
pub use proportion::{Interval, Named, Z, exact_interval, proportions, wilson_interval};
pub(in crate::outcome) use ranked::Ranked;
pub(crate) use source::FAILED;
pub use source::{Block, InMemory, Source};
pub use statistics::{mean, quantile, standard_deviation};
pub(in crate::outcome) use statistics::{quantile_of_ranks, quantile_ranks};
pub use sweep::Effort;
pub use title::{Title, titles};

use std::sync::Arc;

use crate::table::{ColumnMeta, Table};
use proportion::Proportions;
use tally::{Seen, Tally, Values};

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
    pub meta: ColumnMeta,
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

impl Endpoint {
    /// The other flag of [`EndpointKind::FlagAmong`].
    fn among(&self) -> Option<Self> {
        let EndpointKind::FlagAmong(other) = &self.kind else { return None };
        Some(Self { meta: ColumnMeta::new(other, "", ""), kind: EndpointKind::Flag })
    }
}

/// The values of one endpoint in one arm, of patients in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sample {
    /// A number, 1 or 0 of a flag, the position of a label; NaN is missing.
    pub values: Vec<f64>,
    /// Whether the patient reached the end. No statistic holds those who did not.
    pub finished: Vec<bool>,
    /// Whether the other flag of [`EndpointKind::FlagAmong`] is yes; empty for other kinds.
    pub among: Vec<bool>,
}

/// The statistics of an endpoint over all patients, each with what it is.
pub fn of_all(endpoint: &Endpoint, sample: &Sample) -> Vec<(Title, Statistic)> {
    titles(&endpoint.kind).into_iter().zip(statistics_of_all(endpoint, sample)).collect()
}

fn statistics_of_all(endpoint: &Endpoint, sample: &Sample) -> Vec<Statistic> {
    let patients = sample.values.len();
    let known = |(value, &finished): (f64, &bool)| if finished { value } else { FAILED };
    let numbers = || sample.values.iter().copied().zip(&sample.finished).map(known);
    let among = sample.among.iter().copied().map(f64::from).zip(&sample.finished).map(known);
    let values = match coded::codes(&endpoint.kind) {
        None => Values::Numbers(numbers().collect()),
        Some(_) => Values::Codes {
            own: numbers().map(|value| code(&endpoint.kind, value)).collect(),
            among: Some(among.map(|value| code(&EndpointKind::Flag, value)).collect()),
        },
    };
    let rows = Rows::new([]);
    let mut tally = Tally::new(&endpoint.kind, patients, 1, &rows);
    let all = rows.of_patients(&[], patients);
    let seen = Seen { values, rows: &all, cells: &rows.cells_of_patients(&all) };
    while !tally.is_settled() {
        tally.see(&seen);
        tally.end_pass();
    }
    tally.statistics(0, 0, &Proportions::default())
}

/// The table of all statistics: arms in order, endpoints within an arm, groups within an endpoint: all
/// patients first, then the levels of each grouping; statistics within a group.
///
/// The patients are read as often as it takes to find exact quantiles in a memory that does not grow with their
/// number: once if they are few. A statistic that does not exist (of no patient, or the standard deviation of one)
/// is NaN.
///
/// # Errors
/// The first of the source.
pub fn distributions<S: Source>(
    arms: &[String],
    endpoints: &[Endpoint],
    groupings: &[Grouping],
    source: &S,
) -> Result<Table, S::Error> {
    let groups = group::groups(groupings);
    let found = sweep::statistics(arms.len(), endpoints, groupings, source)?;
    Ok(rows::table(arms, endpoints, &groups, &found))
}
