//! Which patients of a cohort are audited.

use std::ops::Range;

use crate::population::stream::Stream;

/// Patient-arms that an engine is compared in at least, as long as there are so many.
const LEAST_PATIENT_ARMS: u64 = 256;
/// An engine is compared in one patient in so many, as long as it is not compared in enough.
const ONE_IN: u64 = 100;
/// Patient-arms that an engine is compared in at most, but for those of one patient.
const MOST_PATIENT_ARMS: u64 = 5_000;
/// Patients that are integrated more closely, as long as there are so many.
const INTEGRATED: u64 = 64;

/// A stratified sample of a cohort's patients: one of each of equal stretches, which the seed decides.
///
/// Patients are counted by their index in the whole cohort, so that the samples of all shards are the
/// sample of the cohort. They depend on nothing but the numbers of patients and arms and the seed.
#[derive(Debug, Clone)]
pub struct Sample {
    patients: u64,
    count: u64,
    stream: Stream,
}

impl Sample {
    /// That in which an engine is compared, of so many patients, at most 2^32.
    pub(super) fn of_engine(patients: u64, arms: usize, seed: u64) -> Self {
        let arms = arms.max(1) as u64;
        let [least, most] = [LEAST_PATIENT_ARMS.div_ceil(arms), MOST_PATIENT_ARMS.div_ceil(arms)];
        Self::new(patients, patients.div_ceil(ONE_IN).clamp(least, most), seed, "audit:engine")
    }

    /// That which is integrated more closely, of so many patients, at most 2^32.
    pub(super) fn of_integration(patients: u64, seed: u64) -> Self {
        Self::new(patients, INTEGRATED, seed, "audit:integration")
    }

    fn new(patients: u64, count: u64, seed: u64, purpose: &str) -> Self {
        Self { patients, count: count.min(patients), stream: Stream::new(seed, purpose) }
    }

    /// How many patients it has.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The patients in the sample among those of a range.
    pub fn within(&self, range: Range<u64>) -> impl Iterator<Item = u64> {
        let Self { patients, count, stream } = self;
        // The stretch in which the range begins; its patient may lie before the range.
        let first = (range.start * count).checked_div(*patients).unwrap_or(0).saturating_sub(1);
        let start = move |stretch: u64| stretch * patients / count;
        let of = move |stretch: u64| {
            let length = start(stretch + 1) - start(stretch);
            start(stretch) + (stream.patient(stretch).uniform() * length as f64) as u64
        };
        let of_range = (first..*count).take_while(move |&stretch| start(stretch) < range.end).map(of);
        of_range.filter(move |patient| range.contains(patient))
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
            for sample in [Sample::of_engine(patients, arms, seed), Sample::of_integration(patients, seed)] {
                let all: Vec<u64> = sample.within(0..patients).collect();
                prop_assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
                prop_assert!(all.iter().all(|&patient| patient < patients));
                prop_assert_eq!(all.len() as u64, sample.count());

                let firsts = (0..patients).step_by(batch as usize);
                let batches = firsts.map(|first| first..patients.min(first + batch));
                let again: Vec<u64> = batches.flat_map(|range| sample.within(range).collect::<Vec<_>>()).collect();
                prop_assert_eq!(again, all);
            }
            let engine = Sample::of_engine(patients, arms, seed).count();
            prop_assert!(engine == patients || engine * arms as u64 >= 256);
            prop_assert!(100 * engine >= patients || engine * arms as u64 >= 5_000);
            prop_assert!((engine - 1) * (arms as u64) < 5_000);
            prop_assert_eq!(Sample::of_integration(patients, seed).count(), patients.min(64));
        }
    }

    #[test]
    fn the_largest_run_does_not_overflow() {
        let patients = 4_000_000_000;
        let sample = Sample::of_engine(patients, 1, 7);
        assert_eq!(sample.within(patients - patients / 5_000..patients).count(), 1);
        assert_eq!(sample.within(0..patients).count(), 5_000);
        let everybody = Sample { count: patients, ..sample };
        assert_eq!(everybody.within(0..3).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(everybody.within(patients - 1..patients).collect::<Vec<_>>(), [patients - 1]);
    }

    #[test]
    fn the_seed_moves_it() {
        let of = |seed| Sample::of_integration(100_000, seed).within(0..100_000).collect::<Vec<_>>();
        assert_ne!(of(1), of(2));
    }

    #[test]
    fn a_run_of_nobody_has_no_sample() {
        assert_eq!(Sample::of_engine(0, 5, 1).within(0..0).count(), 0);
    }
}
