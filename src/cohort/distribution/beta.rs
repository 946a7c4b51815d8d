//! Beta distribution, stretched to an interval.

use statrs::function::beta::{beta_reg, ln_beta};

use super::given::Given;
use super::key::Key;
use super::kind::Kind;
use crate::probability::{Probability, invert};

/// `low + (high - low) x` where the regularised incomplete beta function `I_x(alpha, beta)` is
/// `Phi(z)`. Mean of `x`: `alpha / (alpha + beta)`.
///
/// Limits: `0 < alpha, beta <= 1e4`, `low < high`. Relative error of `x` below 1e-10. Source:
/// Abramowitz and Stegun (1964), 26.5.
#[derive(Debug, Clone, PartialEq)]
pub struct Beta {
    alpha: f64,
    beta: f64,
    ends: [f64; 2],
}

/// The largest shape for which the algorithm is checked.
const MOST_SHAPE: f64 = 1e4;
/// Below this logarithm `x` is so small that `I_x(a, b) = x^a / (a B(a, b))` to the last digit.
const POWER_LAW: f64 = -50.0;

impl Kind for Beta {
    const NAME: &'static str = "beta";
    const DOC: &'static str = "`alpha` and `beta`, stretched to `low` and `high`.";
    const KEYS: &'static [Key] = &[
        Key::number("alpha", "First shape parameter."),
        Key::number("beta", "Second shape parameter."),
        Key::number("low", "Lower end. Default: 0."),
        Key::number("high", "Upper end. Default: 1."),
    ];

    fn check(given: &mut Given<'_, '_>) -> Option<Self> {
        let [alpha, beta] = ["alpha", "beta"].map(|key| given.positive_at_most(MOST_SHAPE, key));
        let ends = given.ends(["low", "high"], Some([0.0, 1.0]));
        Some(Self { alpha: alpha?, beta: beta?, ends: ends? })
    }

    fn value(&self, score: f64) -> f64 {
        let [x, y] = self.quantile(Probability::of_score(score));
        let [low, high] = self.ends;
        low * y + high * x
    }

    fn support(&self) -> [f64; 2] {
        self.ends
    }
}

impl Beta {
    /// Quantile `x` and `1 - x`, found in `log(x / (1 - x))`.
    fn quantile(&self, p: Probability) -> [f64; 2] {
        let (a, b) = (self.alpha, self.beta);
        let log_norm = ln_beta(a, b);
        let from_below = (p.below.ln() + a.ln() + log_norm) / a;
        let from_above = (p.above.ln() + b.ln() + log_norm) / b;
        if from_below < POWER_LAW {
            return [from_below.exp(), 1.0];
        }
        if from_above < POWER_LAW {
            return [1.0, from_above.exp()];
        }
        let tails = |t: f64| {
            let [x, y] = halves(t);
            let p = Probability { below: beta_reg(a, b, x), above: beta_reg(b, a, y) };
            (p, (a * x.ln() + b * y.ln() - log_norm).exp())
        };
        halves(invert(p, (a / b).ln(), [POWER_LAW - 1.0, -POWER_LAW + 1.0], tails))
    }
}

/// `x` and `1 - x` of `t = log(x / (1 - x))`.
fn halves(t: f64) -> [f64; 2] {
    [1.0 / (1.0 + (-t).exp()), 1.0 / (1.0 + t.exp())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probability::score;

    /// scipy 1.17.1 `stats.beta.ppf(u, alpha, beta)`, checked with mpmath 1.4.1 at 40 digits.
    #[test]
    fn known_quantiles() {
        for (alpha, beta, u, expected) in KNOWN {
            let got = Beta { alpha, beta, ends: [0.0, 1.0] }.value(score(u));
            let error = (got / expected - 1.0).abs();
            assert!(error < 1e-10, "{alpha} {beta} {u}: {got:?} {error:?}");
        }
    }

    const KNOWN: [(f64, f64, f64, f64); 22] = [
        (0.1, 0.3, 1e-12, 1.2091193268591635e-119),
        (0.1, 0.3, 0.1, 1.2091193259288032e-9),
        (0.1, 0.3, 0.5, 0.011719644944097713),
        (0.1, 0.3, 0.999, 0.999_999_991_062_269_9),
        (0.5, 0.5, 1e-12, 2.4674011002723396e-24),
        (0.5, 0.5, 0.1, 0.024471741852423217),
        (0.5, 0.5, 0.5, 0.5),
        (0.5, 0.5, 0.999, 0.999_997_532_600_929),
        (2.0, 5.0, 1e-12, 2.581989786361007e-7),
        (2.0, 5.0, 0.1, 0.092_595_258_913_128_75),
        (2.0, 5.0, 0.5, 0.26444998329565996),
        (2.0, 5.0, 0.999, 0.818_613_866_919_134),
        (2.0, 5.0, 0.9999999999990905, 0.997_268_962_339_654_5),
        (20.0, 3.0, 1e-12, 0.19532399681956075),
        (20.0, 3.0, 0.1, 0.775_776_060_926_591_1),
        (20.0, 3.0, 0.5, 0.8802959460341628),
        (20.0, 3.0, 0.999, 0.990_960_886_944_228_6),
        (20.0, 3.0, 0.9999999999990905, 0.999_991_609_707_026_6),
        (300.0, 400.0, 1e-12, 0.302_457_918_199_874_4),
        (300.0, 400.0, 0.1, 0.404_650_508_875_259_1),
        (300.0, 400.0, 0.5, 0.428_503_362_986_147),
        (300.0, 400.0, 0.999, 0.48677677410198146),
    ];
}
