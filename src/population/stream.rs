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
use block::SideBySide;

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

    /// The draws of one patient from an attempt on: what [`Self::patient`] gives after so many.
    pub fn patient_at(&self, patient: u64, attempt: u64) -> Draws {
        let mut draws = self.patient(patient);
        draws.0.set_word_pos(2 * u128::from(attempt));
        draws
    }

    /// The draw of each patient at an attempt: what [`Draws::uniform`] gives there.
    pub(crate) fn uniforms(&self, isa: Isa, patients: &[u64], attempt: u64) -> Vec<f64> {
        let mut uniforms = vec![0.0; patients.len()];
        isa.run(SideBySide { key: self.key, patients, attempt, uniforms: &mut uniforms });
        uniforms
    }

    /// The same as standard normal scores, as of [`Draws::score`].
    pub(crate) fn scores(&self, isa: Isa, patients: &[u64], attempt: u64) -> Vec<f64> {
        let mut scores = self.uniforms(isa, patients, attempt);
        probability::scores(isa, &mut scores);
        scores
    }
}

/// One draw per attempt, in order.
#[derive(Debug)]
pub struct Draws(ChaCha8Rng);

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

#[inline(always)]
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
        // In no order, as those who are left of many.
        let apart = |first: u64| (0..40).map(move |i| first.wrapping_add(i * i * 7));
        let patients: Vec<u64> =
            [0, u64::from(u32::MAX) - 100, u64::MAX].into_iter().flat_map(apart).collect();
        for isa in Isa::available() {
            for attempt in (0..20).chain([86_400, 1 << 35, u64::MAX]) {
                let (uniforms, scores) =
                    (stream.uniforms(isa, &patients, attempt), stream.scores(isa, &patients, attempt));
                for ((&patient, uniform), score) in patients.iter().zip(uniforms).zip(scores) {
                    let alone = || stream.patient_at(patient, attempt);
                    assert_eq!(
                        (uniform, score),
                        (alone().uniform(), alone().score()),
                        "{patient}, {attempt}"
                    );
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
