//! The audit of a run: some of its patients are solved again on the CPU, in f64 and more closely, and
//! every endpoint is compared.
//!
//! There are two checks ([`Check`]), which differ in their patients, their reference and what is promised
//! ([`Terms`]), and are one mechanism ([`Reference`]): whether an engine computes what the CPU does in f64,
//! and whether a run's numbers stay where they are when they are integrated more closely.
//!
//! Values may differ by so much of the larger of the reference and the endpoint's scale. What comes of a
//! threshold (a time below it, say) jumps when a value crosses it: it may differ where the value that
//! decided was so near to the threshold. The time of an extreme is not compared: two nearly equal extremes
//! may lie far apart.
//!
//! What a protocol decides (grades, toxicity, events, doses) is judged likewise, by what the reference
//! decides freely; what depends on the doses is compared with the reference given the engine's doses.
//!
//! Of a patient of a data set every observable is compared at each reading, and the largest difference counts.

mod bounds;
mod check;
mod decisions;
mod judge;
mod near;
mod readings;
mod reference;
mod sample;
mod size;
mod steps;

pub use check::{Check, Promise, Terms, tightened};
pub use judge::relative_difference;
pub use reference::Reference;
pub use sample::Sample;

use crate::plan::Plan;
use decisions::TIMELINE;

/// One endpoint of one patient in one arm, from a run and from the reference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// What for.
    pub check: Check,
    /// Which: `patient * arms + arm`.
    pub item: usize,
    /// Position in [`names`].
    pub endpoint: usize,
    /// The run's value; NaN if it has none.
    pub engine: f64,
    /// The reference's value; NaN if it has none.
    pub reference: f64,
    /// `|engine - reference| / max(|reference|, scale)` of a value; NaN where that is not looked at.
    pub difference: f64,
    /// The least and the most that may come of a threshold; NaN is never, or no threshold.
    pub bounds: [f64; 2],
    /// What is made of it.
    pub verdict: Verdict,
}

/// What is made of a comparison, from harmless to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The time of an extreme, or neither has a value, or a decision near its cut-off ended one of the two
    /// courses earlier.
    NotCompared,
    /// The run did not solve the patient-arm, which is said elsewhere.
    Unsolved,
    /// What comes of a threshold is the same.
    Same,
    /// What comes of a threshold differs, within its bounds.
    Differs,
    /// The values differ by at most [`Promise::usual`].
    Within,
    /// The values differ by more, but at most by [`Promise::largest`].
    Near,
    /// The values differ by more than [`Promise::largest`].
    Beyond,
    /// What comes of a threshold lies outside its bounds.
    Outside,
    /// One has a value, the other has none.
    Missing,
    /// One reached the end, the other failed.
    Failed,
}

impl Verdict {
    /// All of them, in order.
    pub const ALL: [Self; 10] = [
        Self::NotCompared,
        Self::Unsolved,
        Self::Same,
        Self::Differs,
        Self::Within,
        Self::Near,
        Self::Beyond,
        Self::Outside,
        Self::Missing,
        Self::Failed,
    ];
}

/// What is compared: the endpoints, then what a protocol decides, if there is one, or, of a data set, what is read of its
/// patients.
pub fn names(plan: &Plan) -> Vec<&str> {
    let timeline = TIMELINE.iter().filter(|_| decisions::has_timeline(plan)).map(|(name, _)| *name);
    let read = plan.trajectory_columns.iter().filter(|_| plan.is_recorded);
    let read = read.map(|column| column.name.as_str());
    plan.endpoints.iter().map(|endpoint| endpoint.name.as_str()).chain(timeline).chain(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_positions() {
        assert!(Verdict::ALL.iter().enumerate().all(|(i, &verdict)| verdict as usize == i));
        assert!(Verdict::ALL.is_sorted());
        assert!(Check::ALL.iter().enumerate().all(|(i, &check)| check as usize == i));
    }
}
