//! Passes over the patients of a source, for as many endpoints and arms at a time as a bounded memory holds.

use std::ops::Range;

use rayon::prelude::*;

use super::coded::codes;
use super::histogram::Rows;
use super::proportion::Proportions;
use super::source::{Block, Source};
use super::tally::{Seen, Tally, Values};
use super::{Endpoint, Grouping, Statistic};

/// Bytes of what is counted at a time, if one endpoint of one arm does not take more.
const BUDGET: usize = 32 << 20;
/// Bytes that a patient in an arm takes while a column is read: as it is kept, and as a number.
const VALUE_BYTES: usize = 8 + 8;
/// Patients that a source gives at a time at most, as far as memory is concerned.
const BLOCK_PATIENTS: usize = 32_768;

/// Passes that it takes until the quantiles are known, as a rule: of more than some two million patients it may be one more.
const PASSES: usize = 2;

/// What distributions take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Bytes of memory.
    pub bytes: usize,
    /// Values that are read.
    pub values: usize,
}

impl Effort {
    /// Of so many patients and endpoints in so many arms, as a rule.
    pub fn foreseen(patients: usize, arms: usize, endpoints: usize, groupings: &[Grouping]) -> Self {
        let rows = rows(groupings);
        let at_a_time = pairs_at_a_time(patients, &rows).min(arms * endpoints);
        let block = patients.min(BLOCK_PATIENTS);
        // The columns that are read side by side, and the rows of each patient.
        let of_columns = VALUE_BYTES * arms * rayon::current_num_threads();
        let of_block = block * (of_columns + 8 * groupings.len());
        let of_pairs = at_a_time * Tally::bytes_at_most(patients, &rows);
        Self { bytes: of_block + of_pairs, values: patients * arms * PASSES * endpoints }
    }
}

/// One endpoint in some arms while it is counted.
struct Column<'a> {
    endpoint: &'a Endpoint,
    /// The other flag of [`EndpointKind::FlagAmong`](super::EndpointKind::FlagAmong).
    among: Option<Endpoint>,
    /// Its position, and the arms.
    place: (usize, Range<usize>),
    tally: Tally<'a>,
}

impl Column<'_> {
    /// What some patients have of it.
    fn values<B: Block>(&self, block: &B) -> Result<Values, B::Error> {
        let (_, arms) = &self.place;
        if codes(&self.endpoint.kind).is_none() {
            return block.values(self.endpoint, arms.clone()).map(Values::Numbers);
        }
        let codes = |endpoint: &Endpoint| block.codes(endpoint, arms.clone());
        let among = self.among.as_ref().map(codes).transpose()?;
        Ok(Values::Codes { own: codes(self.endpoint)?, among })
    }
}

/// The statistics of every endpoint in every arm and group, `[arm][endpoint][group]`, several of each.
pub(super) type Found = Vec<Vec<Vec<Vec<Statistic>>>>;

/// The statistics of every endpoint in every arm and group.
///
/// # Errors
/// The first of the source.
pub(super) fn statistics<S: Source>(
    arms: usize,
    endpoints: &[Endpoint],
    groupings: &[Grouping],
    source: &S,
) -> Result<Found, S::Error> {
    let mut found = vec![vec![Vec::new(); endpoints.len()]; arms];
    let proportions = Proportions::default();
    let rows = rows(groupings);
    let groups = rows.groups().len();
    for columns in plan(arms, endpoints.len(), pairs_at_a_time(source.patients(), &rows)) {
        let column = |(endpoint, arms): (usize, Range<usize>)| {
            let of = &endpoints[endpoint];
            Column {
                endpoint: of,
                among: of.among(),
                tally: Tally::new(&of.kind, source.patients(), arms.len(), &rows),
                place: (endpoint, arms),
            }
        };
        let mut columns: Vec<Column<'_>> = columns.into_iter().map(column).collect();
        while columns.iter().any(|column| !column.tally.is_settled()) {
            pass(&mut columns, groupings, &rows, source)?;
        }
        let of_column = |column: &Column<'_>| -> Vec<_> {
            let (_, arms) = &column.place;
            let pairs = (0..arms.len() * groups).into_par_iter();
            let statistics = |pair| column.tally.statistics(pair / groups, pair % groups, &proportions);
            pairs.map(statistics).collect()
        };
        let of_columns: Vec<Vec<_>> = columns.par_iter().map(of_column).collect();
        for (column, statistics) in columns.into_iter().zip(of_columns) {
            let (endpoint, arms) = column.place;
            let mut statistics = statistics.into_iter();
            for arm in arms {
                found[arm][endpoint] = statistics.by_ref().take(groups).collect();
            }
        }
    }
    Ok(found)
}

fn rows(groupings: &[Grouping]) -> Rows {
    Rows::new(groupings.iter().map(|grouping| grouping.levels.len()))
}

/// Pairs of an endpoint and an arm that fit the budget, at least one.
fn pairs_at_a_time(patients: usize, rows: &Rows) -> usize {
    (BUDGET / Tally::bytes_at_most(patients, rows).max(1)).max(1)
}

/// Every endpoint in every arm, divided among sweeps.
fn plan(arms: usize, endpoints: usize, at_a_time: usize) -> Vec<Vec<(usize, Range<usize>)>> {
    let width = at_a_time.min(arms.max(1));
    let of_endpoint = |endpoint| {
        let starts = (0..arms).step_by(width);
        starts.map(move |start| (endpoint, start..arms.min(start + width)))
    };
    let columns: Vec<_> = (0..endpoints).flat_map(of_endpoint).collect();
    columns.chunks(at_a_time / width).map(<[_]>::to_vec).collect()
}

/// One pass over all patients: endpoints side by side, patients in order.
fn pass<S: Source>(
    columns: &mut [Column<'_>],
    groupings: &[Grouping],
    rows: &Rows,
    source: &S,
) -> Result<(), S::Error> {
    for block in source.blocks() {
        let block = block?;
        let levels =
            groupings.iter().map(|grouping| block.levels(grouping)).collect::<Result<Vec<_>, _>>()?;
        let places = rows.of_patients(&levels, block.patients());
        let cells = rows.cells_of_patients(&places);
        let unsettled = columns.par_iter_mut().filter(|column| !column.tally.is_settled());
        unsettled.try_for_each(|column| {
            let values = column.values(&block)?;
            column.tally.see(&Seen { values, rows: &places, cells: &cells });
            Ok(())
        })?;
    }
    let unsettled = columns.par_iter_mut().filter(|column| !column.tally.is_settled());
    unsettled.for_each(|column| column.tally.end_pass());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_in_one_sweep() {
        for (arms, endpoints, at_a_time) in [(1, 1, 1), (5, 30, 52), (500, 3, 80), (7, 2, 1), (3, 4, 12)] {
            let sweeps = plan(arms, endpoints, at_a_time);
            let size = |sweep: &Vec<(usize, Range<usize>)>| sweep.iter().map(|c| c.1.len()).sum::<usize>();
            assert!(sweeps.iter().all(|sweep| (1..=at_a_time).contains(&size(sweep))));
            let columns = sweeps.into_iter().flatten();
            let pairs: Vec<_> = columns.flat_map(|(e, arms)| arms.map(move |arm| (e, arm))).collect();
            let all: Vec<_> = (0..endpoints).flat_map(|e| (0..arms).map(move |arm| (e, arm))).collect();
            assert_eq!(pairs, all);
        }
    }

    #[test]
    fn memory_is_the_same_for_many_and_for_more() {
        let rows = Rows::new([3, 3, 3]);
        let at_a_time = |patients| pairs_at_a_time(patients, &rows);
        assert_eq!(at_a_time(1_000_000), at_a_time(100_000_000));
        assert!(at_a_time(1_000_000) > 50);
    }
}
