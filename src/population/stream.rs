//! Random streams: counter-based, one per purpose, patient and attempt.
//!
//! A draw is a function of the seed, the name of what is drawn, the patient and the attempt, and
//! of nothing else: the batch, the thread, the order of the covariates and what else the cohort
//! draws do not enter. The generator is ChaCha with 8 rounds (Bernstein 2008, "ChaCha, a variant of
//! Salsa20"); its key is the SHA-256 hash of seed and purpose, its stream number the patient, and
//! its word position twice the attempt.

mod block;

use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

use crate::isa::Isa;
use crate::probability;
use block::{DRAWS, blocks};

pub(super) use block::LANES;

/// All draws of one purpose, as `covariate:WT` or `effect:etalcl`.
#[derive(Debug, Clone)]
pub struct Stream {
    key: [u8; 32],
}

impl Stream {
    /// The stream of a purpose. The key is `SHA-256(seed as 8 bytes, little-endian; purpose)`.
    pub fn new(seed: u64, purpose: &str) -> Self {
        let key = Sha256::new().chain_update(seed.to_le_bytes()).chain_update(purpose).finalize();
        Self { key: key.into() }
    }

    /// The draws of one patient, from the first attempt on.
    pub fn patient(&self, patient: u64) -> Draws {
        let mut generator = ChaCha8Rng::from_seed(self.key);
        generator.set_stream(patient);
        Draws(generator)
    }

    /// The draws of consecutive patients: each gives what [`Self::patient`] gives.
    pub(super) fn patients(&self, isa: Isa, first: u64) -> [SideBySide; LANES] {
        let mut patient = first;
        blocks(isa, self.key, first).map(|first| {
            let draws = SideBySide { patient, first, taken: 0, others: None };
            patient += 1;
            draws
        })
    }

    /// The draws of one patient from an attempt on: what [`Self::patient`] gives after so many.
    pub fn patient_at(&self, patient: u64, attempt: u64) -> Draws {
        let mut draws = self.patient(patient);
        draws.0.set_word_pos(2 * u128::from(attempt));
        draws
    }
}

/// One draw per attempt, in order.
#[derive(Debug)]
pub struct Draws(ChaCha8Rng);

/// The draws of one of several patients whose first ones were made side by side.
#[derive(Debug)]
pub(super) struct SideBySide {
    patient: u64,
    first: [u64; DRAWS],
    taken: usize,
    /// Those behind the first, once they are wanted.
    others: Option<Box<Draws>>,
}

impl SideBySide {
    /// As [`Draws::score`], from the first attempt on; `stream` is that of the patient's draws.
    pub(super) fn score(&mut self, stream: &Stream) -> f64 {
        let Some(&bits) = self.first.get(self.taken) else {
            let others = || Box::new(stream.patient_at(self.patient, DRAWS as u64));
            return self.others.get_or_insert_with(others).score();
        };
        self.taken += 1;
        probability::score(uniform(bits))
    }
}

impl Draws {
    /// Uniform between 0 and 1, never 0 or 1: the midpoints of 2^52 equal intervals, so that `u`
    /// and `1 - u` are equally likely and exact.
    pub fn uniform(&mut self) -> f64 {
        uniform(self.0.next_u64())
    }

    /// Standard normal: the quantile of [`Self::uniform`], so one draw gives one score.
    pub fn score(&mut self) -> f64 {
        probability::score(self.uniform())
    }
}

fn uniform(bits: u64) -> f64 {
    const STEP: f64 = 1.0 / (1_u64 << 52) as f64;
    ((bits >> 12) as f64 + 0.5) * STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_a_position() {
        let stream = Stream::new(7, "covariate:WT");
        let mut draws = stream.patient(4711);
        for attempt in 0..100 {
            assert_eq!(draws.uniform(), stream.patient_at(4711, attempt).uniform(), "attempt {attempt}");
        }
    }

    #[test]
    fn patients_side_by_side_draw_what_each_draws() {
        let stream = Stream::new(20_150_324, "covariate:WT");
        let firsts = [0, 12, u64::from(u32::MAX) - 1, u64::MAX - LANES as u64];
        for (isa, first) in Isa::available().into_iter().flat_map(|isa| firsts.map(|first| (isa, first))) {
            for (patient, mut draws) in (first..).zip(stream.patients(isa, first)) {
                let mut alone = stream.patient(patient);
                for attempt in 0..20 {
                    assert_eq!(draws.score(&stream), alone.score(), "patient {patient}, attempt {attempt}");
                }
            }
        }
    }

    #[test]
    fn seed_purpose_and_patient_separate() {
        let first = |seed, purpose, patient| Stream::new(seed, purpose).patient(patient).uniform();
        let all = [
            first(1, "covariate:WT", 0),
            first(2, "covariate:WT", 0),
            first(1, "covariate:HT", 0),
            first(1, "covariate:WT", 1),
        ];
        for (i, a) in all.iter().enumerate() {
            assert!(all[..i].iter().all(|b| a != b));
            assert!(0.0 < *a && *a < 1.0);
        }
    }
}
