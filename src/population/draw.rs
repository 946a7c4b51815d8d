//! Drawn covariates, made ready: distributions with their classes resolved.

use std::collections::HashMap;

use super::stream::Stream;
use crate::cohort::{CovariateDistribution, Distribution, Drawn};

/// One drawn covariate.
#[derive(Debug, Clone)]
pub(super) struct Draw {
    /// Its position among all covariates.
    pub(super) position: usize,
    pub(super) stream: Stream,
    /// Its score as a sum over the draws' own scores: position among the draws, and weight.
    pub(super) mixing: Vec<(usize, f64)>,
    pub(super) marginal: Marginal,
}

/// A distribution whose class is found by position.
#[derive(Debug, Clone)]
pub(super) enum Marginal {
    Same(Distribution),
    /// The distribution at the position of the class, which the covariate at `by` has.
    ByClass {
        by: usize,
        of: Vec<Distribution>,
    },
}

impl Marginal {
    /// The distribution of a drawn covariate. `positions` are those of all covariates.
    pub(super) fn new(drawn: &Drawn, positions: &HashMap<String, usize>) -> Option<Self> {
        Some(match &drawn.distribution {
            CovariateDistribution::OfAll(of) => Self::Same(of.clone()),
            CovariateDistribution::ByClass(classes) => Self::ByClass {
                by: *positions.get(&classes.by().value)?,
                of: classes.of().iter().map(|(_, of)| of.clone()).collect(),
            },
        })
    }

    /// Puts the values of scores in their places, given the patients' covariates so far, `[covariate][patient]`.
    pub(super) fn apply(&self, scores: &mut [f64], covariates: &[Vec<f64>]) {
        match self {
            Self::Same(of) => of.apply(scores),
            Self::ByClass { by, of } => {
                for (score, class) in scores.iter_mut().zip(&covariates[*by]) {
                    *score = of[*class as usize].value(*score);
                }
            }
        }
    }

    /// Whether the value needs no other covariate.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self, Self::Same(_))
    }
}
