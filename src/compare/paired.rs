//! Differences between scenarios within patients: the same patient under either.

use serde::Serialize;

use crate::outcome::distribution::{Z, mean, standard_deviation};

/// What is said of the differences of one outcome in one arm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Paired {
    /// Patients with a value under both scenarios.
    pub pairs: u64,
    /// Mean of the differences, scenario less base. Of a flag: the difference of the proportions.
    pub mean: f64,
    /// Their standard deviation.
    pub sd: f64,
    /// Standard error of the mean.
    pub standard_error: f64,
    /// Lower end of the 95 % interval of the mean, from its standard error: Wald's for paired proportions.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Of a flag: patients with it under the scenario alone, and under the base alone.
    pub discordant: Option<[u64; 2]>,
}

impl Paired {
    /// The differences of a number; NaN is missing.
    pub fn numbers(scenario: &[f64], base: &[f64]) -> Self {
        let differences: Vec<f64> =
            scenario.iter().zip(base).map(|(a, b)| a - b).filter(|d| !d.is_nan()).collect();
        let pairs = differences.len() as u64;
        let sd = standard_deviation(&differences);
        let (mean, standard_error) = (mean(&differences), sd / (pairs as f64).sqrt());
        let [low, high] = [-Z, Z].map(|z| mean + z * standard_error);
        Self { pairs, mean, sd, standard_error, low, high, discordant: None }
    }

    /// The differences of a flag, 1 or 0; NaN is missing.
    pub fn flags(scenario: &[f64], base: &[f64]) -> Self {
        let alone = |one: &[f64], other: &[f64]| {
            one.iter().zip(other).filter(|&(a, b)| *a == 1.0 && *b == 0.0).count() as u64
        };
        let discordant = Some([alone(scenario, base), alone(base, scenario)]);
        Self { discordant, ..Self::numbers(scenario, base) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: differences 1, 3 and -1; mean 1, squares about it 0 + 4 + 4, so sd 2 and standard error
    /// 2 / sqrt(3).
    #[test]
    fn differences_of_numbers() {
        let paired = Paired::numbers(&[2.0, 5.0, 3.0, f64::NAN, 9.0], &[1.0, 2.0, 4.0, 7.0, f64::NAN]);
        assert_eq!((paired.pairs, paired.mean, paired.sd), (3, 1.0, 2.0));
        assert!((paired.standard_error - 1.154_700_538_379_251_5).abs() < 1e-15);
        assert_eq!(paired.discordant, None);
        let Paired { low, high, .. } = paired;
        assert!((low + 1.263_171_468_671_2).abs() < 1e-9 && (high - 3.263_171_468_671_2).abs() < 1e-9);
    }

    /// By hand: of 10 patients 3 have it under the scenario alone, 1 under the base alone, so the
    /// proportions differ by 0.2; squares about it 3 x 0.64 + 1.44 + 6 x 0.04 = 3.6, so sd is
    /// sqrt(3.6 / 9).
    #[test]
    fn differences_of_flags() {
        let scenario = [1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0];
        let base = [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0];
        let paired = Paired::flags(&scenario, &base);
        assert_eq!((paired.pairs, paired.discordant), (10, Some([3, 1])));
        assert!((paired.mean - 0.2).abs() < 1e-15);
        assert!((paired.sd - 0.4_f64.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn nobody() {
        let paired = Paired::flags(&[f64::NAN], &[1.0]);
        assert_eq!((paired.pairs, paired.discordant), (0, Some([0, 0])));
        assert!(paired.mean.is_nan() && paired.low.is_nan());
    }
}
