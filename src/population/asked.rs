//! What the cohort file asks of drawn covariates, to be held against what was drawn.

use super::Sampler;
use super::draw::Marginal;
use super::sampler::Test;
use crate::probability;

/// Quantiles that stand for a distribution.
const QUANTILES: usize = 20_000;

impl Sampler {
    /// Values that stand for the distribution that is asked for a covariate, in the model's unit, each with its share:
    /// quantiles at equal steps of probability, within the covariate's own bounds; positions of labels. None of a
    /// covariate that is not drawn. Conditions on other covariates are not in it.
    pub fn asked(&self, covariate: &str) -> Option<Vec<(f64, f64)>> {
        let position = self.covariates.iter().position(|known| known.meta.name == covariate)?;
        let draw = self.draws.iter().find(|draw| draw.position == position)?;
        let (distributions, shares) = match &draw.marginal {
            Marginal::Same(of) => (std::slice::from_ref(of), vec![1.0]),
            Marginal::ByClass { by, of } => (&of[..], self.shares(*by, of.len())?),
        };
        let mut values = Vec::new();
        for (distribution, share) in distributions.iter().zip(shares) {
            let each = share / QUANTILES as f64;
            values.extend(scores().map(|score| (distribution.value(score), each)));
        }
        for condition in &self.conditions {
            if let Test::Between(of, [low, high]) = condition.test
                && of == position
            {
                values.retain(|(value, _)| (low..=high).contains(value));
            }
        }
        let all: f64 = values.iter().map(|(_, share)| share).sum();
        let to_model = &self.covariates[position].to_model;
        Some(values.into_iter().map(|(value, share)| (to_model.apply(value), share / all)).collect())
    }

    /// The share of each class that a covariate is asked to have.
    fn shares(&self, covariate: usize, classes: usize) -> Option<Vec<f64>> {
        let draw = self.draws.iter().find(|draw| draw.position == covariate)?;
        let Marginal::Same(of) = &draw.marginal else { return None };
        let mut shares = vec![0.0; classes];
        for score in scores() {
            *shares.get_mut(of.value(score) as usize)? += 1.0 / QUANTILES as f64;
        }
        Some(shares)
    }
}

/// Standard normal scores at equal steps of probability.
fn scores() -> impl Iterator<Item = f64> {
    (0..QUANTILES).map(|i| probability::score((i as f64 + 0.5) / QUANTILES as f64))
}
