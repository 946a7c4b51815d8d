//! How the patients of a run are cut: parts for the disk, batches for the engine.

use std::ops::Range;

use crate::store::Shard;

/// Patients in one part of a set: the unit of resuming and sharding. A constant, so that the files
/// depend on nothing else.
pub(super) const PART_PATIENTS: u64 = 32_768;

/// The patients of one file in each set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) number: u64,
    pub(super) patients: Range<u64>,
}

/// Patients that are solved in one go, all of one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Batch {
    /// Number of the part.
    pub(super) part: u64,
    pub(super) patients: Range<u64>,
}

/// The parts of a run, which may be a shard, in order.
pub(super) fn parts(patients: u64, shard: Option<Shard>) -> Vec<Part> {
    let all = 0..patients.div_ceil(PART_PATIENTS);
    let own = all.filter(|number| shard.is_none_or(|s| number % s.of == s.index - 1));
    let part = |number| {
        let first = number * PART_PATIENTS;
        Part { number, patients: first..patients.min(first + PART_PATIENTS) }
    };
    own.map(part).collect()
}

/// Patients of all parts.
pub(super) fn patients(parts: &[Part]) -> u64 {
    parts.iter().map(|part| part.patients.end - part.patients.start).sum()
}

impl Part {
    /// Its patients before one of them, and the others.
    pub(super) fn split(&self, at: u64) -> (Self, Self) {
        let Self { number, patients } = self.clone();
        let at = at.clamp(patients.start, patients.end);
        (Self { number, patients: patients.start..at }, Self { number, patients: at..patients.end })
    }

    /// Its patients in batches of at most so many, all but the last of one size.
    pub(super) fn batches(&self, most: u64) -> impl Iterator<Item = Batch> + use<> {
        let Self { number: part, patients } = self.clone();
        let count = patients.end - patients.start;
        let size = count.div_ceil(count.div_ceil(most).max(1)).max(1);
        let batch = move |first| Batch { part, patients: first..patients.end.min(first + size) };
        self.patients.clone().step_by(size as usize).map(batch)
    }
}
