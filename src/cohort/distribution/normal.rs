//! Normal distribution, whole or truncated.

use super::given::{Given, LINE};
use super::key::{Key, MEAN, TRUNCATE};
use super::kind::Kind;
use crate::probability::{Probability, Window};

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
    truncation: Option<(Window, [f64; 2])>,
}

impl Kind for Normal {
    const NAME: &'static str = "normal";
    const DOC: &'static str = "`mean` and `sd`.";
    const KEYS: &'static [Key] = &[MEAN, Key::number("sd", "Standard deviation, above 0."), TRUNCATE];

    fn check(given: &mut Given<'_, '_>) -> Option<Self> {
        let (mean, sd) = (given.finite("mean"), given.positive("sd"));
        let truncate = given.truncate(LINE)?;
        given.is_left(truncate, Self::new(mean?, sd?, truncate))
    }

    fn value(&self, score: f64) -> f64 {
        match self.truncation {
            None => self.mean + self.sd * score,
            Some((window, [low, high])) => {
                let inside = window.rescale(Probability::of_score(score)).score();
                (self.mean + self.sd * inside).clamp(low, high)
            }
        }
    }

    fn support(&self) -> [f64; 2] {
        self.truncation.map_or(LINE, |(_, limits)| limits)
    }
}

impl Normal {
    /// `None` if nothing is left by truncation.
    pub(super) fn new(mean: f64, sd: f64, truncate: Option<[f64; 2]>) -> Option<Self> {
        let Some(limits) = truncate else { return Some(Self { mean, sd, truncation: None }) };
        let [from, to] = limits.map(|limit| Probability::of_score((limit - mean) / sd));
        Some(Self { mean, sd, truncation: Some((Window::new(from, to)?, limits)) })
    }
}
