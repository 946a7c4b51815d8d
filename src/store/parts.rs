//! How the patients of a run are cut for the disk.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Patients in one part of a set. A constant, so that the files depend on nothing else.
pub const PART_PATIENTS: u64 = 32_768;

/// The patients of one file in each set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its number, from 0: patients [`PART_PATIENTS`] times the number and on, in every run and shard.
    pub number: u64,
    /// Its patients in this run: in a shard, the first and the last part may hold some of theirs only.
    pub patients: Range<u64>,
}

impl Part {
    /// How many patients it has.
    pub fn count(&self) -> u64 {
        self.patients.end - self.patients.start
    }

    /// Its patients before one of them, and the others.
    pub(crate) fn split(&self, at: u64) -> (Self, Self) {
        let Self { number, patients } = self.clone();
        let at = at.clamp(patients.start, patients.end);
        (Self { number, patients: patients.start..at }, Self { number, patients: at..patients.end })
    }
}

/// One of several runs that share a cohort's patients: each has as many as the others, or one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Which, from 1.
    pub index: u64,
    /// Of how many.
    pub of: u64,
}

impl Shard {
    /// Its patients, of so many.
    pub fn patients(self, all: u64) -> Range<u64> {
        let before = |shards: u64| {
            let patients = u128::from(all) * u128::from(shards) / u128::from(self.of.max(1));
            u64::try_from(patients).unwrap_or(all)
        };
        before(self.index.saturating_sub(1))..before(self.index)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

/// The parts of a run, which may be a shard, in order.
pub fn parts(patients: u64, shard: Option<Shard>) -> Vec<Part> {
    let own = shard.map_or(0..patients, |shard| shard.patients(patients));
    let part = |number| {
        let first = number * PART_PATIENTS;
        Part { number, patients: first.max(own.start)..own.end.min(first + PART_PATIENTS) }
    };
    (own.start / PART_PATIENTS..own.end.div_ceil(PART_PATIENTS)).map(part).collect()
}

/// Patients of all parts.
pub fn patients(parts: &[Part]) -> u64 {
    parts.iter().map(Part::count).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_balanced_and_none_is_empty() {
        for (all, of) in [(1, 1), (7, 7), (10, 3), (200, 7), (100_000, 3), (10_000_000, 64)] {
            let shards: Vec<Range<u64>> = (1..=of).map(|index| Shard { index, of }.patients(all)).collect();
            assert_eq!((shards[0].start, shards[shards.len() - 1].end), (0, all));
            assert!(shards.windows(2).all(|pair| pair[0].end == pair[1].start));
            let sizes: Vec<u64> = shards.iter().map(|shard| shard.end - shard.start).collect();
            let (least, most) = (sizes.iter().min(), sizes.iter().max());
            assert!(
                least >= Some(&1) && most <= least.map(|least| least + 1).as_ref(),
                "{all} of {of}: {sizes:?}"
            );
        }
    }

    #[test]
    fn parts_are_the_same_ranges_in_every_shard() {
        assert_eq!(parts(10, None), [Part { number: 0, patients: 0..10 }]);
        let part = |number, patients| Part { number, patients };
        assert_eq!(
            parts(100_000, Some(Shard { index: 2, of: 3 })),
            [part(1, 33_333..65_536), part(2, 65_536..66_666)]
        );
        for of in [1, 3, 7] {
            let shards = (1..=of).map(|index| Some(Shard { index, of }));
            let all: Vec<Part> = shards.flat_map(|shard| parts(100_000, shard)).collect();
            assert_eq!(patients(&all), 100_000);
            assert!(all.iter().all(|part| part.count() > 0));
            assert!(all.iter().all(|part| part.patients.start / PART_PATIENTS == part.number));
            assert!(all.iter().all(|part| (part.patients.end - 1) / PART_PATIENTS == part.number));
        }
    }
}
