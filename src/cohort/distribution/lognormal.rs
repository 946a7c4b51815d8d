//! Lognormal distribution, whole or truncated, and its rounded form.

use super::given::{Given, HALF_LINE};
use super::key::{Key, Reads, TRUNCATE};
use super::kind::Kind;
use super::{DistributionError, Normal, Values};

/// `exp(log_mean + log_sd z)`. The median is `exp(log_mean)`, the coefficient of variation
/// `sqrt(exp(log_sd^2) - 1)`. Truncated: the normal distribution of the logarithm is.
///
/// Rounded: the value, after truncation, goes to the nearest whole number (halves away from 0).
///
/// Limits: `log_sd > 0`. Source: Johnson, Kotz and Balakrishnan, Continuous Univariate
/// Distributions (2nd ed. 1994), chapter 14.
#[derive(Debug, Clone, PartialEq)]
pub struct LogNormal {
    logarithm: Normal,
    truncate: Option<[f64; 2]>,
    rounded: bool,
}

/// The largest standard deviation of a logarithm that is taken as one: a factor of 20.
const MOST_LOG_SD: f64 = 3.0;

/// Standard deviation of the logarithm of a lognormal number with this coefficient of variation, which is
/// `sqrt(exp(log_sd^2) - 1)`.
pub(in crate::cohort) fn log_sd(cv: f64) -> f64 {
    (cv * cv).ln_1p().sqrt()
}

impl Kind for LogNormal {
    const NAME: &'static str = "lognormal";
    const DOC: &'static str = "`median` or `log_mean`, with `cv` or `log_sd`.";
    const KEYS: &'static [Key] = &[
        Key::number("median", "Median, above 0."),
        Key::new(
            "cv",
            Reads::Fraction,
            "Coefficient of variation of the covariate itself, 0.3 or `\"30 %\"`.",
        ),
        Key::number("log_mean", "Mean of the logarithm, in place of `median`."),
        Key::number("log_sd", "Standard deviation of the logarithm, in place of `cv`."),
        TRUNCATE,
        Key::new("rounded", Reads::Flag, "Whether the value is rounded to a whole number. Default: false."),
    ];

    fn check(given: &mut Given<'_, '_>) -> Option<Self> {
        let log_mean = log_mean(given);
        let log_sd = given_log_sd(given);
        let truncate = given.truncate(HALF_LINE)?;
        let of_logarithm = truncate.map(|[low, high]| [low.max(0.0).ln(), high.ln()]);
        let logarithm = given.is_left(truncate, Normal::new(log_mean?, log_sd?, of_logarithm))?;
        Some(Self { logarithm, truncate, rounded: given.flag("rounded") })
    }

    fn value(&self, score: f64) -> f64 {
        let value = self.logarithm.value(score).exp();
        if self.rounded { value.round() } else { value }
    }

    fn support(&self) -> [f64; 2] {
        let [low, high] = self.truncate.unwrap_or(HALF_LINE);
        let low = low.max(0.0);
        if self.rounded { [low.round() - 0.5, high.round() + 0.5] } else { [low, high] }
    }

    fn values(&self) -> Values<'_> {
        if self.rounded { Values::Whole } else { Values::Number }
    }
}

fn log_mean(given: &mut Given<'_, '_>) -> Option<f64> {
    given.one_of("median", "log_mean")?;
    match given.number("median") {
        Some(_) => given.positive("median").map(f64::ln),
        None => given.finite("log_mean"),
    }
}

fn given_log_sd(given: &mut Given<'_, '_>) -> Option<f64> {
    given.one_of("cv", "log_sd")?;
    if let Some(cv) = given.fraction("cv") {
        return given.report.spread("cv", cv).map(log_sd);
    }
    let value = given.positive("log_sd")?;
    if value > MOST_LOG_SD {
        given.report.add(given.span("log_sd"), DistributionError::LogSd { value });
        return None;
    }
    Some(value)
}
