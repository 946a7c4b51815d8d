//! Passes over the patients of a source, for as many endpoints and arms at a time as a bounded memory holds.

use std::ops::Range;

use rayon::prelude::*;

use super::group::Group;
use super::source::{Block, Source};
use super::tally::Tally;
use super::{Endpoint, Grouping, Sample, Statistic};

/// Bytes of what is counted at a time, if one endpoint of one arm does not take more.
const BUDGET: usize = 32 << 20;
/// Bytes that a patient in an arm takes while a column is read: in the column, and in a [`Sample`].
const SAMPLE_BYTES: usize = 8 + 8 + 1 + 1;
/// Patients that a source gives at a time at most, as far as memory is concerned.
const BLOCK_PATIENTS: usize = 32_768;

/// Passes that it takes until the quantiles of more numbers are known than are held, as a rule.
const PASSES: usize = 2;
/// Columns that a source reads of each part beside those that are wanted: patient, arm and status.
const KEYS: usize = 3;

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
        let groups = 1 + groupings.iter().map(|grouping| grouping.levels.len()).sum::<usize>();
        let at_a_time = pairs_at_a_time(patients, groupings.len(), groups);
        let passes = if Tally::holds(patients) { 1 } else { PASSES };
        let columns = plan(arms, endpoints, at_a_time).iter().map(|sweep| KEYS + sweep.len()).sum::<usize>();
        let block = patients.min(BLOCK_PATIENTS);
        // The place of each row and whether it counts; the columns that are read side by side.
        let of_columns = SAMPLE_BYTES * rayon::current_num_threads();
        let of_block = block * (arms * (size_of::<u32>() + 2 + of_columns) + 8 * groupings.len());
        let of_pairs = at_a_time.min(arms * endpoints) * pair_bytes(patients, groupings.len(), groups);
        Self { bytes: of_block + of_pairs, values: patients * arms * passes * columns }
    }
}

/// One endpoint in some arms while it is counted.
struct Column<'a> {
    /// Its position.
    endpoint: usize,
    arms: Range<usize>,
    /// `[arm][group]`.
    tallies: Vec<Tally<'a>>,
    is_settled: bool,
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
    groups: &[Group<'_>],
    source: &S,
) -> Result<Found, S::Error> {
    let mut found = vec![vec![Vec::new(); endpoints.len()]; arms];
    let at_a_time = pairs_at_a_time(source.patients(), groupings.len(), groups.len());
    for columns in plan(arms, endpoints.len(), at_a_time) {
        let column = |(endpoint, arms): (usize, Range<usize>)| {
            let tallies = (0..arms.len() * groups.len())
                .map(|_| Tally::new(&endpoints[endpoint].kind, source.patients()));
            Column { endpoint, tallies: tallies.collect(), arms, is_settled: false }
        };
        let mut columns: Vec<Column<'_>> = columns.into_iter().map(column).collect();
        while columns.iter().any(|column| !column.is_settled) {
            pass(&mut columns, endpoints, groupings, groups, source)?;
        }
        // The exact intervals of proportions take their time.
        let statistics =
            |column: &Column<'_>| -> Vec<_> { column.tallies.par_iter().map(Tally::statistics).collect() };
        let of_columns: Vec<Vec<_>> = columns.par_iter().map(statistics).collect();
        for (column, statistics) in columns.into_iter().zip(of_columns) {
            let mut statistics = statistics.into_iter();
            for arm in column.arms {
                found[arm][column.endpoint] = statistics.by_ref().take(groups.len()).collect();
            }
        }
    }
    Ok(found)
}

/// Pairs of an endpoint and an arm that fit the budget, at least one.
fn pairs_at_a_time(patients: usize, groupings: usize, groups: usize) -> usize {
    (BUDGET / pair_bytes(patients, groupings, groups).max(1)).max(1)
}

/// Bytes of one endpoint in one arm.
fn pair_bytes(patients: usize, groupings: usize, groups: usize) -> usize {
    Tally::bytes_at_most(patients, groupings, groups)
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
    endpoints: &[Endpoint],
    groupings: &[Grouping],
    groups: &[Group<'_>],
    source: &S,
) -> Result<(), S::Error> {
    for block in source.blocks() {
        let block = block?;
        let levels =
            groupings.iter().map(|grouping| block.levels(grouping)).collect::<Result<Vec<_>, _>>()?;
        let members: Vec<_> = groups.par_iter().map(|group| group.members(&levels)).collect();
        columns.par_iter_mut().filter(|column| !column.is_settled).try_for_each(|column| {
            let samples = block.samples(&endpoints[column.endpoint], column.arms.clone())?;
            column.see(&samples, &members);
            Ok(())
        })?;
    }
    columns.par_iter_mut().for_each(Column::end_pass);
    Ok(())
}

impl Column<'_> {
    /// Sees the next patients in each arm; `members` are those of each group.
    fn see(&mut self, samples: &[Sample], members: &[Option<Vec<usize>>]) {
        let of_arms = self.tallies.par_chunks_mut(members.len()).zip(samples);
        of_arms.for_each(|(tallies, sample)| {
            tallies.par_iter_mut().zip(members).for_each(|(tally, members)| match members {
                Some(members) => tally.see(sample, members.iter().copied()),
                None => tally.see(sample, 0..sample.values.len()),
            });
        });
    }

    fn end_pass(&mut self) {
        self.tallies.par_iter_mut().for_each(Tally::end_pass);
        self.is_settled = self.tallies.iter().all(Tally::is_settled);
    }
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
        let at_a_time = |patients| pairs_at_a_time(patients, 3, 10);
        assert_eq!(at_a_time(1_000_000), at_a_time(100_000_000));
        assert!(at_a_time(1_000) > 500);
    }
}
