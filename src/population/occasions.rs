//! Random effects of occasions: drawn anew for each.

use super::sampler::Sampler;
use crate::cholesky::{dot, row};

impl Sampler {
    /// The random effect at a position of a patient on an occasion, if it belongs to occasions and not to the patient: its
    /// draw is keyed by patient and occasion.
    pub(crate) fn effect_on(&self, effect: usize, patient: u64, occasion: i64) -> Option<f64> {
        let mut first = 0;
        let block = self.effects.iter().find(|block| {
            let is_within = (first..first + block.streams.len()).contains(&effect);
            first += if is_within { 0 } else { block.streams.len() };
            is_within
        })?;
        if !block.of_occasions {
            return None;
        }
        if !self.random_effects {
            return Some(0.0);
        }
        // Occasions are numbers of any kind: each has a place of its own in the stream.
        let attempt = occasion.cast_unsigned();
        let scores: Vec<f64> =
            block.streams.iter().map(|stream| stream.patient_at(patient, attempt).score()).collect();
        Some(dot(row(&block.factor, effect - first), &scores))
    }
}
