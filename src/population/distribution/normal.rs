//! Normal distribution, whole or truncated.

use super::probability::{Probability, Window};
use super::{DistributionError, finite, limits, positive};

/// `mean + sd z`; truncated to `[a, b]`: the same at
/// `z' = Phi^-1(Phi(A) + Phi(z) (Phi(B) - Phi(A)))` with `A = (a - mean) / sd`, `B` alike, all in
/// the tail where the numbers are small.
///
/// Limits: `sd > 0`. Source: Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions
/// (2nd ed. 1994), chapter 13.
#[derive(Debug, Clone, PartialEq)]
pub struct Normal {
    mean: f64,
    sd: f64,
    truncation: Option<Truncation>,
}

#[derive(Debug, Clone, PartialEq)]
struct Truncation {
    window: Window,
    limits: [f64; 2],
}

impl Normal {
    /// Mean, standard deviation, and limits of the truncated form.
    ///
    /// # Errors
    /// `sd` not positive, limits in the wrong order, nothing between them.
    pub fn new(mean: f64, sd: f64, truncate: Option<[f64; 2]>) -> Result<Self, DistributionError> {
        finite("mean", mean)?;
        positive("sd", sd)?;
        let truncation = truncate.map(|[low, high]| truncation(mean, sd, low, high)).transpose()?;
        Ok(Self { mean, sd, truncation })
    }

    /// The value of a standard normal score.
    pub fn value(&self, score: f64) -> f64 {
        match &self.truncation {
            None => self.mean + self.sd * score,
            Some(Truncation { window, limits: [low, high] }) => {
                let inside = window.rescale(Probability::of_score(score)).score();
                (self.mean + self.sd * inside).clamp(*low, *high)
            }
        }
    }
}

fn truncation(mean: f64, sd: f64, low: f64, high: f64) -> Result<Truncation, DistributionError> {
    let limits = limits(low, high)?;
    let [from, to] = limits.map(|limit| Probability::of_score((limit - mean) / sd));
    let window = Window::new(from, to).ok_or(DistributionError::Empty { low, high })?;
    Ok(Truncation { window, limits })
}
