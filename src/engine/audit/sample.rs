//! Which patients of a run are audited.

use std::ops::Range;

use crate::population::stream::Stream;

/// Patient-arms that are audited at least, as long as there are so many.
const LEAST_PATIENT_ARMS: u64 = 256;
/// One patient in so many is audited.
const ONE_IN: u64 = 100;

/// A systematic sample of a run's patients: evenly spread, from an offset that the seed decides.
///
/// Patients are counted by their position in the run, which may be one of several shards. They
/// depend on nothing but the numbers of patients and arms and the seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    patients: u64,
    count: u64,
    offset: u64,
}

impl Sample {
    /// The sample of a run with so many patients, at most 2^32.
    pub fn new(patients: u64, arms: usize, seed: u64) -> Self {
        let least = LEAST_PATIENT_ARMS.div_ceil(arms.max(1) as u64);
        let count = patients.div_ceil(ONE_IN).max(least).min(patients);
        let offset = Stream::new(seed, "audit").patient(0).uniform() * patients as f64;
        Self { patients, count, offset: offset as u64 }
    }

    /// The positions in the sample among those of a range.
    pub fn within(&self, range: Range<u64>) -> impl Iterator<Item = u64> + use<> {
        let Self { patients, count, offset } = *self;
        // The first i with position(i) >= range.start.
        let first = (range.start * count).saturating_sub(offset).div_ceil(patients.max(1));
        let position = move |i: u64| (i * patients + offset) / count;
        (first..count).map(position).take_while(move |&position| position < range.end)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn enough_whatever_the_batches(
            patients in 1_u64..200_000, arms in 1_usize..12, seed: u64, batch in 1_u64..50_000,
        ) {
            let sample = Sample::new(patients, arms, seed);
            let all: Vec<u64> = sample.within(0..patients).collect();
            prop_assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(all.iter().all(|&position| position < patients));
            let patient_arms = all.len() * arms;
            prop_assert!(all.len() as u64 == patients || patient_arms >= 256);
            prop_assert!(100 * all.len() as u64 >= patients);

            let batches = (0..patients).step_by(batch as usize).map(|first| first..patients.min(first + batch));
            prop_assert_eq!(batches.flat_map(|range| sample.within(range)).collect::<Vec<_>>(), all);
        }
    }

    #[test]
    fn the_largest_run_does_not_overflow() {
        let patients = 4_000_000_000;
        let sample = Sample::new(patients, 1, 7);
        assert!(sample.within(patients - 100..patients).count() == 1);
        assert_eq!(Sample { patients, count: patients, offset: patients - 1 }.within(0..3).count(), 3);
        let last = Sample { patients, count: patients, offset: patients - 1 }.within(patients - 1..patients);
        assert_eq!(last.collect::<Vec<_>>(), [patients - 1]);
    }

    #[test]
    fn the_seed_moves_it() {
        let first = |seed| Sample::new(100_000, 5, seed).within(0..100_000).next();
        assert_ne!(first(1), first(2));
    }

    #[test]
    fn a_run_of_nobody_has_no_sample() {
        assert_eq!(Sample::new(0, 5, 1).within(0..0).count(), 0);
    }
}
