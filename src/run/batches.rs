//! How the patients of a part are cut into batches for the engine.

use std::ops::Range;

use crate::store::Part;

/// Patients that are solved in one go, all of one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Batch {
    /// Number of the part.
    pub(super) part: u64,
    pub(super) patients: Range<u64>,
}

/// The patients of a part in batches of at most so many, all but the last of one size.
pub(super) fn batches(part: &Part, most: u64) -> impl Iterator<Item = Batch> + use<> {
    let Part { number, patients } = part.clone();
    let count = part.count();
    let size = count.div_ceil(count.div_ceil(most).max(1)).max(1);
    let end = patients.end;
    let batch = move |first| Batch { part: number, patients: first..end.min(first + size) };
    patients.step_by(size as usize).map(batch)
}
