//! Outcomes against exposures: how often something happened in groups of patients by their exposure.

use std::sync::Arc;

use rayon::prelude::*;

use super::distribution::{Block, Endpoint, EndpointKind, Source, proportions};
use super::distribution::{Ranked, Rows, quantile_of_ranks, quantile_ranks};
use crate::cohort::{ALL, Cohort, ExposureResponse, Spanned};
use crate::diagnostic::{Cause, Problem, did_you_mean};
use crate::table::{Column, ColumnMeta, Table, Values};

/// What there are columns of.
pub(super) const OUTCOMES: &str = "columns come of [endpoints], [grades], [dlt], [events] and [response]";

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
        let cause = match outcomes.iter().find(|outcome| outcome.meta.name == name.value) {
            Some(outcome) if fits(&outcome.kind) => return,
            Some(_) => misfit,
            None => {
                let known = outcomes.iter().map(|outcome| outcome.meta.name.as_str());
                let similar = did_you_mean(&name.value, known);
                ExposureError::Unknown { name: name.value.clone(), similar }
            }
        };
        problems.push(Problem::at(cause, cohort.place(&name.span)));
    };
    for ExposureResponse { exposure, outcome, .. } in &cohort.exposure_response {
        find(exposure, &is_number, ExposureError::NotANumber { name: exposure.value.clone() });
        let flags = outcomes.iter().filter(|outcome| is_flag(&outcome.kind));
        let flags = flags.map(|outcome| outcome.meta.name.clone()).collect();
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
/// did not reach the end, or lack the exposure or the outcome, are in none. `outcomes` are the columns that there
/// are. The patients are read as often as it takes in a memory that does not grow with their number.
///
/// # Errors
/// The first of the source.
pub fn exposure_response<S: Source>(
    entries: &[ExposureResponse],
    arms: &[String],
    outcomes: &[Endpoint],
    source: &S,
) -> Result<Table, S::Error> {
    let column = |name: &str| outcomes.iter().find(|outcome| outcome.meta.name == name);
    let known = entries
        .iter()
        .filter_map(|entry| Some((entry, column(&entry.exposure.value)?, column(&entry.outcome.value)?)));
    let known: Vec<_> = known.collect();
    let divide = |&(entry, exposure, outcome): &(&ExposureResponse, &Endpoint, &Endpoint)| {
        Pairs { source, exposure, outcome, arms: arms.len() }.divide(entry.groups)
    };
    let divided = known.par_iter().map(divide).collect::<Result<Vec<_>, _>>()?;
    let mut rows = Vec::new();
    for ((entry, exposure, _), of_arms) in known.into_iter().zip(divided) {
        let names = std::iter::once(ALL).chain(arms.iter().map(String::as_str));
        for (arm, divided) in names.zip(of_arms) {
            let row = |(group, of_group): (u32, Group)| {
                let Group { exposure: range, n, events } = of_group;
                Row { entry, unit: &exposure.meta.unit, arm, group, exposure: range, n, events }
            };
            rows.extend((1..).zip(divided).map(row));
        }
    }
    Ok(table(&rows))
}

/// Patients of similar exposure.
struct Group {
    /// Smallest, median and largest exposure.
    exposure: [f64; 3],
    n: u64,
    events: u64,
}

/// Exposure and outcome of the patients who have both.
struct Pairs<'a, S> {
    source: &'a S,
    exposure: &'a Endpoint,
    outcome: &'a Endpoint,
    arms: usize,
}

/// Arms whose columns are in memory at a time.
const ARMS_AT_A_TIME: usize = 32;

impl<S: Source> Pairs<'_, S> {
    /// The groups of all arms together, then of each arm.
    fn divide(&self, groups: u32) -> Result<Vec<Vec<Group>>, S::Error> {
        let share = |group: u32| f64::from(group) / f64::from(groups);
        let ranks_of_cuts = |n, _| {
            let cuts = (1..groups).filter_map(|group| quantile_ranks(n, share(group)));
            cuts.flat_map(|(ranks, _)| ranks).collect()
        };
        let cuts = |selected: &Selected| -> Vec<f64> {
            let cut = |group| quantile_of_ranks(selected.n(), share(group), |rank| selected.value(rank));
            (1..groups).map(cut).collect()
        };
        let cuts: Vec<Vec<f64>> = self.select(ranks_of_cuts)?.iter().map(cuts).collect();
        let counts = self.counts(&cuts)?;
        let selected = self.select(|_, who| {
            let groups = with_starts(&counts[who]);
            groups.flat_map(|(start, n)| edges(n).map(move |rank| start + rank)).collect()
        })?;
        let of_arm = |(selected, counts): (&Selected, &Vec<[u64; 2]>)| {
            let groups = with_starts(counts).zip(counts);
            let group = |((start, n), [_, events]): ((u64, u64), &[u64; 2])| {
                let [low, _, _, high] = edges(n).map(|rank| selected.value(start + rank));
                let median = quantile_of_ranks(n, 0.5, |rank| selected.value(start + rank));
                let exposure = if n == 0 { [f64::NAN; 3] } else { [low, median, high] };
                Group { exposure, n, events: *events }
            };
            groups.map(group).collect()
        };
        Ok(selected.iter().zip(&counts).map(of_arm).collect())
    }

    /// Gives pairs to `each`: the position of the arm, exposures, NaN where one of the two is missing, and outcomes.
    fn each(&self, mut each: impl FnMut(&[u32], &[f64], &[f64])) -> Result<(), S::Error> {
        for block in self.source.blocks() {
            let block = block?;
            for start in (0..self.arms).step_by(ARMS_AT_A_TIME) {
                let arms = start..self.arms.min(start + ARMS_AT_A_TIME);
                let mut exposures = block.values(self.exposure, arms.clone())?;
                let outcomes = block.values(self.outcome, arms.clone())?;
                let missing = exposures.iter_mut().zip(&outcomes).filter(|(_, outcome)| outcome.is_nan());
                missing.for_each(|(exposure, _)| *exposure = f64::NAN);
                let arms: Vec<u32> = arms.map(|arm| arm as u32).cycle().take(exposures.len()).collect();
                each(&arms, &exposures, &outcomes);
            }
        }
        Ok(())
    }

    /// The exposures of some ranks, of all arms together and of each: which ranks follows from how many there are.
    fn select(&self, ranks: impl Fn(u64, usize) -> Vec<u64>) -> Result<Vec<Selected>, S::Error> {
        // The arms divide all pairs as groups divide patients.
        let rows = Rows::new([self.arms]);
        let mut ranked = Ranked::new(self.source.patients() * self.arms, 1, &rows);
        loop {
            self.each(|arms, exposures, _| ranked.see(exposures, &[arms], &rows))?;
            if ranked.end_pass(&rows, |_, who, n| ranks(n, who).into_iter()) {
                break;
            }
        }
        let ranked = Arc::new(ranked);
        Ok((0..=self.arms).map(|who| Selected { ranked: Arc::clone(&ranked), who }).collect())
    }

    /// Patients and those with the outcome in each group, of all arms together and of each.
    fn counts(&self, cuts: &[Vec<f64>]) -> Result<Vec<Vec<[u64; 2]>>, S::Error> {
        let mut counts: Vec<_> = cuts.iter().map(|cuts| vec![[0; 2]; cuts.len() + 1]).collect();
        self.each(|arms, exposures, outcomes| {
            let pairs =
                arms.iter().zip(exposures).zip(outcomes).filter(|((_, exposure), _)| !exposure.is_nan());
            for ((&arm, &exposure), &outcome) in pairs {
                for who in [0, arm as usize + 1] {
                    // Few are compared sooner than found by branches that nobody could foresee.
                    let group = cuts[who].iter().filter(|&&cut| cut < exposure).count();
                    counts[who][group][0] += 1;
                    counts[who][group][1] += u64::from(outcome != 0.0);
                }
            }
        })?;
        Ok(counts)
    }
}

/// The ranks of the least of `n` numbers, those about the median, and the greatest; 0 of none.
fn edges(n: u64) -> [u64; 4] {
    let [below, above] = quantile_ranks(n, 0.5).map_or([0; 2], |(ranks, _)| ranks);
    [0, below, above, n.saturating_sub(1)]
}

/// The rank with which each group begins, and how many are in it.
fn with_starts(counts: &[[u64; 2]]) -> impl Iterator<Item = (u64, u64)> {
    counts.iter().scan(0, |start, [n, _]| {
        *start += n;
        Some((*start - n, *n))
    })
}

/// Exposures of which some ranks are selected: of all arms together, or of one.
struct Selected {
    ranked: Arc<Ranked>,
    who: usize,
}

impl Selected {
    /// How many there are.
    fn n(&self) -> u64 {
        self.ranked.counts(0, self.who).present
    }

    fn value(&self, rank: u64) -> f64 {
        self.ranked.value(0, self.who, rank)
    }
}

fn table(rows: &[Row<'_>]) -> Table {
    let integers = |name, meaning, of: fn(&Row<'_>) -> u64| Column {
        meta: ColumnMeta::new(name, meaning, "1"),
        values: Values::Integer(rows.iter().map(|row| Some(of(row) as i64)).collect()),
    };
    let numbers = |name, meaning, unit, of: &dyn Fn(&Row<'_>) -> f64| Column {
        meta: ColumnMeta::new(name, meaning, unit),
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
