//! Distributions of one covariate, one family per file.
//!
//! Every family turns a standard normal score into a value by its quantile function: the score
//! `z` stands for the probability `Phi(z)`. Scores may be correlated between covariates (a
//! Gaussian copula), the marginal distributions stay as they are written.

mod bernoulli;
mod beta;
mod categorical;
mod gamma;
mod invert;
mod lognormal;
mod loguniform;
mod normal;
mod poisson;
pub mod probability;
mod steps;
mod uniform;

pub use bernoulli::Bernoulli;
pub use beta::Beta;
pub use categorical::Categorical;
pub use gamma::Gamma;
pub use lognormal::LogNormal;
pub use loguniform::LogUniform;
pub use normal::Normal;
pub use poisson::Poisson;
pub use uniform::Uniform;

use crate::cohort::Distribution;
use crate::diagnostic::Cause;

/// A distribution whose parameters were checked, but for classes.
#[derive(Debug, Clone, PartialEq)]
pub enum Family {
    /// The same for everyone.
    Fixed(f64),
    /// See [`Normal`].
    Normal(Normal),
    /// See [`LogNormal`].
    LogNormal(LogNormal),
    /// See [`Uniform`].
    Uniform(Uniform),
    /// See [`LogUniform`].
    LogUniform(LogUniform),
    /// See [`Beta`].
    Beta(Beta),
    /// See [`Gamma`].
    Gamma(Gamma),
    /// See [`Poisson`].
    Poisson(Poisson),
    /// See [`Bernoulli`].
    Bernoulli(Bernoulli),
    /// See [`Categorical`].
    Categorical(Categorical),
}

impl Family {
    /// Checks the parameters.
    ///
    /// `Ok(None)` for a distribution by class, which is several families.
    ///
    /// # Errors
    /// A parameter outside its limits, or a truncation that leaves nothing.
    pub fn new(distribution: &Distribution) -> Result<Option<Self>, DistributionError> {
        Ok(Some(match *distribution {
            Distribution::Fixed(value) => Self::Fixed(finite("value", value)?),
            Distribution::Normal { mean, sd, truncate } => Self::Normal(Normal::new(mean, sd, truncate)?),
            Distribution::LogNormal { log_mean, log_sd, truncate, rounded } => {
                Self::LogNormal(LogNormal::new(log_mean, log_sd, truncate, rounded)?)
            }
            Distribution::Uniform { low, high } => Self::Uniform(Uniform::new(low, high)?),
            Distribution::LogUniform { low, high } => Self::LogUniform(LogUniform::new(low, high)?),
            Distribution::Beta { alpha, beta, low, high } => Self::Beta(Beta::new(alpha, beta, low, high)?),
            Distribution::Gamma { shape, scale, truncate } => {
                Self::Gamma(Gamma::new(shape, scale, truncate)?)
            }
            Distribution::Poisson { mean } => Self::Poisson(Poisson::new(mean)?),
            Distribution::Bernoulli { p } => Self::Bernoulli(Bernoulli::new(p)?),
            Distribution::Categorical { ref labels, ref probabilities } => {
                Self::Categorical(Categorical::new(labels.len(), probabilities)?)
            }
            Distribution::ByClass { .. } => return Ok(None),
        }))
    }

    /// The value of a standard normal score.
    pub fn value(&self, score: f64) -> f64 {
        match self {
            Self::Fixed(value) => *value,
            Self::Normal(family) => family.value(score),
            Self::LogNormal(family) => family.value(score),
            Self::Uniform(family) => family.value(score),
            Self::LogUniform(family) => family.value(score),
            Self::Beta(family) => family.value(score),
            Self::Gamma(family) => family.value(score),
            Self::Poisson(family) => family.value(score),
            Self::Bernoulli(family) => family.value(score),
            Self::Categorical(family) => family.value(score),
        }
    }
}

/// What is wrong with a distribution's parameters.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DistributionError {
    /// A parameter that must be a number is infinite or not a number.
    #[error("`{name}` is {value}: it must be a finite number")]
    NotFinite {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// A parameter that must be positive is not.
    #[error("`{name}` is {value}: it must be greater than 0")]
    NotPositive {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// A parameter is beyond what its algorithm covers.
    #[error("`{name}` is {value}: at most {limit} is supported")]
    TooLarge {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: f64,
        /// The largest allowed.
        limit: f64,
    },
    /// A probability outside 0 to 1.
    #[error("the probability {value} does not lie between 0 and 1")]
    NotAProbability {
        /// Its value.
        value: f64,
    },
    /// The probabilities of a categorical distribution do not sum to 1.
    #[error("the probabilities sum to {sum}, not to 1")]
    Sum {
        /// Their sum.
        sum: f64,
    },
    /// One probability per label is needed.
    #[error("{labels} labels but {probabilities} probabilities")]
    Count {
        /// Number of labels.
        labels: usize,
        /// Number of probabilities.
        probabilities: usize,
    },
    /// The lower limit is not below the upper.
    #[error("the lower limit {low} is not below the upper limit {high}")]
    Limits {
        /// The lower limit.
        low: f64,
        /// The upper limit.
        high: f64,
    },
    /// Truncation leaves no probability.
    #[error("the distribution has no probability between {low} and {high}")]
    Empty {
        /// The lower limit.
        low: f64,
        /// The upper limit.
        high: f64,
    },
}

impl Cause for DistributionError {
    fn help(&self) -> Option<String> {
        let text = match self {
            Self::NotPositive { .. } => {
                "for a value that is the same for everyone use `distribution = \"fixed\"`"
            }
            Self::TooLarge { .. } => "a normal distribution is the same at this size",
            Self::Empty { .. } => "move the limits of `truncate` to where the distribution lies",
            _ => return None,
        };
        Some(text.to_owned())
    }
}

fn finite(name: &'static str, value: f64) -> Result<f64, DistributionError> {
    if value.is_finite() { Ok(value) } else { Err(DistributionError::NotFinite { name, value }) }
}

fn positive(name: &'static str, value: f64) -> Result<f64, DistributionError> {
    if finite(name, value)? > 0.0 { Ok(value) } else { Err(DistributionError::NotPositive { name, value }) }
}

fn at_most(limit: f64, name: &'static str, value: f64) -> Result<f64, DistributionError> {
    if value <= limit { Ok(value) } else { Err(DistributionError::TooLarge { name, value, limit }) }
}

fn limits(low: f64, high: f64) -> Result<[f64; 2], DistributionError> {
    if low < high { Ok([low, high]) } else { Err(DistributionError::Limits { low, high }) }
}

fn probability_value(value: f64) -> Result<f64, DistributionError> {
    if (0.0..=1.0).contains(&value) { Ok(value) } else { Err(DistributionError::NotAProbability { value }) }
}
