//! What was read of patients of a data set, held against the reference.

use super::bounds::SHARE_OF_COURSE;
use super::judge::{judge_value, relative_difference};
use super::{Check, Comparison, Promise, Verdict};
use crate::engine::{Records, Solution};

/// The readings of one patient in a solution.
#[derive(Clone, Copy)]
pub(super) struct Readings<'a> {
    solution: &'a Solution,
    records: &'a Records,
    patient: usize,
    /// Observables of a reading.
    observables: usize,
}

impl<'a> Readings<'a> {
    /// Those of a patient of whom so many observables are read.
    pub(super) fn of(
        solution: &'a Solution,
        records: &'a Records,
        patient: usize,
        observables: usize,
    ) -> Self {
        Self { solution, records, patient, observables }
    }

    /// The values of an observable, in order.
    fn values(self, observable: usize) -> impl Iterator<Item = f64> + use<'a> {
        let Self { solution, records, patient, observables } = self;
        let readings = records.readings(patient..patient + 1);
        readings.map(move |reading| solution.trajectories[reading * observables + observable])
    }

    /// Compares an observable with the reference's: the reading with the largest difference.
    pub(super) fn compare(
        self,
        reference: Self,
        observable: usize,
        check: Check,
        promise: Promise,
    ) -> Comparison {
        let largest = reference.values(observable).map(f64::abs).fold(0.0, f64::max);
        let scale = (SHARE_OF_COURSE * largest).max(f64::MIN_POSITIVE);
        let difference = |[engine, sought]: &[f64; 2]| relative_difference(*engine, *sought, scale);
        let readings = self.values(observable).zip(reference.values(observable)).map(<[f64; 2]>::from);
        // A difference that is no number is the worst.
        let worst = readings.max_by(|a, b| difference(a).abs().total_cmp(&difference(b).abs()));
        let [engine, sought] = worst.unwrap_or([f64::NAN; 2]);
        let (difference, verdict) = judge_value(engine, sought, scale, promise);
        Comparison {
            check,
            item: self.patient,
            endpoint: observable,
            engine,
            reference: sought,
            difference,
            bounds: [f64::NAN; 2],
            verdict: if worst.is_none() { Verdict::NotCompared } else { verdict },
        }
    }
}
