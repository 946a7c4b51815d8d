//! The distributions by which models observe, turned from standard normal scores by their quantile functions. GPU twin:
//! `shaders/quantiles.wgsl`.
//!
//! A score `z` stands for the probability `Phi(z)`. Of whole numbers the quantile is the smallest `k` with
//! `P(X <= k) >= Phi(z)`.

use super::incomplete::{beta_at, gamma_at};
use super::{Probability, invert};

/// A distribution of one or two parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Law {
    /// 1 with the probability `a`, else 0.
    Bernoulli,
    /// Counts with the mean `a`.
    Poisson,
    /// Successes of `a` trials, each with the probability `b`.
    Binomial,
    /// Counts of the size `a` with the mean `b`: the variance is `b + b^2 / a`.
    NegativeBinomial,
    /// The shape `a`, and a scale of 1.
    Gamma,
    /// The shapes `a` and `b`.
    Beta,
    /// Student's t with `a` degrees of freedom.
    Student,
}

/// The largest mean, number of trials or shape.
const MOST: f64 = 1e6;
/// The smallest shape.
const LEAST_SHAPE: f64 = 1e-3;
/// How far a number of trials may be from a whole one, and a probability below 0 or above 1: what rounding comes to.
const WHOLE: f64 = 1e-6;
/// Logarithms, or log odds, between which quantiles are looked for: what is further out is 0, or 1, to the last digit.
const BRACKET: f64 = 700.0;
/// Degrees of freedom from which on Student's t follows from the normal distribution.
const NEARLY_NORMAL: f64 = 1e6;

impl Law {
    /// Every law, in order.
    pub const ALL: [Self; 7] = [
        Self::Bernoulli,
        Self::Poisson,
        Self::Binomial,
        Self::NegativeBinomial,
        Self::Gamma,
        Self::Beta,
        Self::Student,
    ];

    /// Its number in a shader.
    #[cfg(feature = "gpu")]
    pub(crate) fn number(self) -> usize {
        Self::ALL.iter().position(|law| *law == self).unwrap_or_default()
    }

    /// Whether its values are whole numbers.
    pub fn is_discrete(self) -> bool {
        matches!(self, Self::Bernoulli | Self::Poisson | Self::Binomial | Self::NegativeBinomial)
    }

    /// The value of a standard normal score; not a number where there is no such distribution.
    pub fn quantile(self, score: f64, a: f64, b: f64) -> f64 {
        if !self.takes(a, b) || !score.is_finite() {
            return f64::NAN;
        }
        let b = if self == Self::Binomial { b.clamp(0.0, 1.0) } else { b };
        let p = Probability::of_score(score);
        match self {
            Self::Bernoulli => f64::from(p.above < a),
            Self::Poisson | Self::Binomial | Self::NegativeBinomial => self.count(score, p, a, b),
            Self::Gamma => gamma_quantile(p, a),
            Self::Beta => beta_quantile(p, a, b)[0],
            Self::Student => student_quantile(score, p, a),
        }
    }

    /// Whether there is such a distribution, of a size that is computed.
    fn takes(self, a: f64, b: f64) -> bool {
        let is_probability = |p: f64| (-WHOLE..=1.0 + WHOLE).contains(&p);
        let is_shape = |shape: f64| (LEAST_SHAPE..=MOST).contains(&shape);
        match self {
            Self::Bernoulli => is_probability(a),
            Self::Poisson => (0.0..=MOST).contains(&a),
            Self::Binomial => {
                (0.0..=MOST).contains(&a) && (a - a.round()).abs() <= WHOLE * a.max(1.0) && is_probability(b)
            }
            Self::NegativeBinomial => is_shape(a) && (0.0..=MOST).contains(&b),
            Self::Gamma => is_shape(a),
            Self::Beta => is_shape(a) && is_shape(b),
            Self::Student => a >= LEAST_SHAPE,
        }
    }

    /// Probabilities of at most `k`, and of more.
    fn tails(self, k: f64, a: f64, b: f64) -> Probability {
        match self {
            Self::Poisson => {
                let Probability { below, above } = gamma_at(k + 1.0, a).0;
                Probability { below: above, above: below }
            }
            Self::Binomial => beta_at(a.round() - k, k + 1.0, 1.0 - b, b).0,
            _ => beta_at(a, k + 1.0, a / (a + b), b / (a + b)).0,
        }
    }

    /// Mean, variance and skewness.
    fn moments(self, a: f64, b: f64) -> [f64; 3] {
        match self {
            Self::Poisson => [a, a, 1.0 / a.sqrt()],
            Self::Binomial => {
                let variance = a * b * (1.0 - b);
                [a * b, variance, (1.0 - 2.0 * b) / variance.sqrt()]
            }
            _ => {
                let variance = b + b * b / a;
                [b, variance, (1.0 + 2.0 * b / a) / variance.sqrt()]
            }
        }
    }

    /// The quantile of a distribution of counts, looked for around what Cornish and Fisher's expansion says.
    fn count(self, score: f64, p: Probability, a: f64, b: f64) -> f64 {
        let most = if self == Self::Binomial { a.round() } else { f64::MAX };
        let [mean, variance, skewness] = self.moments(a, b);
        if mean == 0.0 || most == 0.0 {
            return 0.0;
        }
        if variance == 0.0 {
            return most;
        }
        let guess = mean + variance.sqrt() * (score + skewness * (score * score - 1.0) / 6.0);
        smallest(guess, most, |k| {
            if k >= most {
                return true;
            }
            let tails = self.tails(k, a, b);
            if p.below < p.above { tails.below >= p.below } else { tails.above <= p.above }
        })
    }
}

/// The smallest whole number from 0 to `most` that is reached, if all above it are.
fn smallest(guess: f64, most: f64, is_reached: impl Fn(f64) -> bool) -> f64 {
    let start = guess.floor().clamp(0.0, most);
    // `low` is not reached, `high` is.
    let (mut low, mut high, mut step) = (start, start, 1.0);
    if is_reached(start) {
        while low >= 0.0 && is_reached(low) {
            high = low;
            low -= step;
            step *= 2.0;
        }
        low = low.max(-1.0);
    } else {
        while !is_reached(high) {
            low = high;
            high = (high + step).min(most);
            step *= 2.0;
        }
    }
    while high - low > 1.0 {
        let middle = (0.5 * (low + high)).floor();
        if is_reached(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

/// Found in `log(x)`.
fn gamma_quantile(p: Probability, a: f64) -> f64 {
    invert(p, a.ln(), [-BRACKET, BRACKET], |t| gamma_at(a, t.exp())).exp()
}

/// The quantile and 1 less it, found in `log(x / (1 - x))`.
fn beta_quantile(p: Probability, a: f64, b: f64) -> [f64; 2] {
    let halves = |t: f64| [1.0 / (1.0 + (-t).exp()), 1.0 / (1.0 + t.exp())];
    halves(invert(p, (a / b).ln(), [-BRACKET, BRACKET], |t| {
        let [x, y] = halves(t);
        beta_at(a, b, x, y)
    }))
}

/// By the beta distribution of `nu / (nu + t^2)`.
fn student_quantile(score: f64, p: Probability, nu: f64) -> f64 {
    if nu >= NEARLY_NORMAL {
        return score + (score * score * score + score) / (4.0 * nu);
    }
    let size = p.below.min(p.above);
    let both = Probability { below: 2.0 * size, above: 1.0 - 2.0 * size };
    let [x, y] = beta_quantile(both, 0.5 * nu, 0.5);
    (nu * y / x).sqrt().copysign(score)
}

#[cfg(test)]
mod tests;
