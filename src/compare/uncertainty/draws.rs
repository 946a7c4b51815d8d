//! Typical values, drawn.

use crate::population::stream::Stream;

/// A fixed effect whose typical value is uncertain.
#[derive(Debug, Clone, PartialEq)]
pub struct Uncertain {
    /// Its name in the model.
    pub name: String,
    /// Its position in the model.
    pub position: usize,
    /// How far it may lie from its typical value.
    pub spread: Spread,
}

/// The distribution of a typical value about the file's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Spread {
    /// Normal, with this standard deviation: of a logarithm too.
    Sd(f64),
    /// Lognormal about it, with this standard deviation of the logarithm.
    LogSd(f64),
}

impl Spread {
    /// The value of a standard normal score.
    fn value(self, typical: f64, score: f64) -> f64 {
        match self {
            Self::Sd(sd) => typical + sd * score,
            Self::LogSd(log_sd) => typical * (log_sd * score).exp(),
        }
    }
}

/// A drawn typical value.
#[derive(Debug, Clone, PartialEq)]
pub struct Draw {
    /// Scenario.
    pub scenario: String,
    /// Number of the replicate, from 0.
    pub replicate: u64,
    /// Name of the fixed effect.
    pub parameter: String,
    /// Its value under the scenario where nothing is uncertain.
    pub typical: f64,
    /// What was drawn.
    pub value: f64,
}

/// The values of a replicate, in the order of `uncertain`; `typical` are those of every fixed effect under the
/// scenario. The scores belong to seed, name and replicate: all scenarios share them.
pub fn draws(seed: u64, uncertain: &[Uncertain], typical: &[f64], replicate: u64) -> Vec<f64> {
    let value = |of: &Uncertain| {
        let score = Stream::new(seed, &format!("uncertainty:{}", of.name)).patient(replicate).score();
        of.spread.value(typical[of.position], score)
    };
    uncertain.iter().map(value).collect()
}
