//! Drawn covariates, made ready: distributions with their classes resolved.

use std::collections::HashMap;
use std::sync::Arc;

use super::distribution::{DistributionError, Family};
use super::error::PopulationError;
use super::stream::Stream;
use crate::cohort::{Cohort, Distribution, Drawn};
use crate::diagnostic::Problem;

/// What the values of a covariate are.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Number,
    Whole,
    /// Positions of these labels.
    Label(Arc<[String]>),
}

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

/// A distribution whose classes are resolved.
#[derive(Debug, Clone)]
pub(super) enum Marginal {
    Same(Family),
    /// The family at the position of the class.
    ByClass {
        by: usize,
        of: Vec<Family>,
    },
}

impl Marginal {
    /// The value of a score, given the patient's covariates so far.
    pub(super) fn value(&self, score: f64, values: &[f64]) -> f64 {
        match self {
            Self::Same(family) => family.value(score),
            Self::ByClass { by, of } => of[values[*by] as usize].value(score),
        }
    }

    /// Whether the value needs no other covariate.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self, Self::Same(_))
    }

    /// Checks a drawn covariate's distribution. `positions` are those of all covariates.
    pub(super) fn new(
        drawn: &Drawn,
        cohort: &Cohort,
        positions: &HashMap<String, usize>,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let name = &drawn.name.value;
        let mut fail = |cause| problems.push(Problem::at(cause, cohort.place(&drawn.name.span)));
        let (by, of) = match &drawn.distribution {
            Distribution::ByClass { by, of } => (by, of),
            same => return family(name, same).map_err(fail).ok().map(Self::Same),
        };
        let classes = cohort.population.covariates.iter().find(|c| c.name.value == by.value);
        let (Some(classes), Some(&position)) =
            (classes.and_then(|class| classes_of(&class.distribution)), positions.get(&by.value))
        else {
            fail(PopulationError::NotAClass { by: by.value.clone() });
            return None;
        };
        let mut families = Vec::new();
        for class in &classes {
            let family = match of.iter().find(|(label, _)| label == class) {
                Some((_, distribution)) => family(name, distribution),
                None => Err(PopulationError::MissingClass {
                    name: name.clone(),
                    class: class.clone(),
                    by: by.value.clone(),
                }),
            };
            families.extend(family.map_err(&mut fail).ok());
        }
        (families.len() == classes.len()).then_some(Self::ByClass { by: position, of: families })
    }
}

fn family(name: &str, distribution: &Distribution) -> Result<Family, PopulationError> {
    let because = |why: DistributionError| PopulationError::Distribution { name: name.to_owned(), why };
    Family::new(distribution)
        .map_err(because)?
        .ok_or_else(|| PopulationError::NestedClasses { name: name.to_owned() })
}

/// The labels that other distributions may depend on.
fn classes_of(distribution: &Distribution) -> Option<Vec<String>> {
    match distribution {
        Distribution::Categorical { labels, .. } => Some(labels.clone()),
        Distribution::Bernoulli { .. } => Some(vec!["0".into(), "1".into()]),
        _ => None,
    }
}

/// What the values of a distribution are.
pub(super) fn kind(distribution: &Distribution) -> Kind {
    match distribution {
        Distribution::Categorical { labels, .. } => Kind::Label(labels.as_slice().into()),
        Distribution::Bernoulli { .. }
        | Distribution::Poisson { .. }
        | Distribution::LogNormal { rounded: true, .. } => Kind::Whole,
        Distribution::ByClass { of, .. } if of.iter().all(|(_, inner)| kind(inner) == Kind::Whole) => {
            Kind::Whole
        }
        _ => Kind::Number,
    }
}
