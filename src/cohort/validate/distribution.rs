//! One covariate's distribution: the keys it takes, and values that make sense.

use std::ops::Range;

use thiserror::Error;

use super::super::Distribution;
use super::super::raw::{CovariateTable, DistributionName, Number};
use super::super::report::{KeyError, Report, Section};
use super::super::spanned::Spanned;
use super::super::value::{Fraction, Pair};
use crate::diagnostic::Cause;

/// How far probabilities may be from a sum of 1.
const SUM_TOLERANCE: f64 = 1e-9;

/// The largest standard deviation of a logarithm that is taken as one: a factor of 20.
const MOST_LOG_SD: f64 = 3.0;

/// What can be wrong with a distribution.
#[derive(Debug, Error)]
pub enum DistributionError {
    /// A key of another distribution.
    #[error("`{key}` does not belong to the {distribution} distribution")]
    NotItsKey {
        /// The key.
        key: &'static str,
        /// The distribution.
        distribution: &'static str,
        /// The keys that it takes.
        takes: String,
    },
    /// One of two keys is needed.
    #[error("the {distribution} distribution needs `{first}` or `{second}`")]
    NeedsOneOf {
        /// The distribution.
        distribution: &'static str,
        /// The first key.
        first: &'static str,
        /// The other key.
        second: &'static str,
    },
    /// Probabilities that do not sum to 1.
    #[error("the probabilities sum to {sum}, not to 1")]
    Sum {
        /// Their sum.
        sum: f64,
    },
    /// No value of the distribution lies within the bounds.
    #[error("`{key}` keeps {low} to {high}, where the distribution has no values")]
    NothingWithin {
        /// `between` or `truncate`.
        key: &'static str,
        /// Lower bound.
        low: f64,
        /// Upper bound.
        high: f64,
    },
    /// A standard deviation of a logarithm that nobody means.
    #[error("`log_sd` is {value}: one patient in six would be above {:.0e} times the median", value.exp())]
    LogSd {
        /// What was written.
        value: f64,
    },
    /// Bounds on labels.
    #[error("`between` has no meaning for labels")]
    BoundsOnLabels,
    /// A mixture within a mixture, or labels within one.
    #[error("a {distribution} distribution cannot be part of a by_class distribution")]
    Nested {
        /// The inner distribution.
        distribution: &'static str,
    },
    /// A key of the whole covariate, written for one class.
    #[error("`{key}` belongs to the covariate, not to one of its classes")]
    NotOfClass {
        /// The key.
        key: &'static str,
    },
}

impl Cause for DistributionError {
    fn help(&self) -> Option<String> {
        match self {
            Self::NotItsKey { takes, .. } => Some(format!("it takes {takes}")),
            Self::NeedsOneOf { first, .. } => Some(format!("add `{first} = ...`")),
            Self::NothingWithin { .. } => Some("no patient could ever be drawn; check the bounds".into()),
            Self::LogSd { value } => Some(format!(
                "for a spread of {value} % write log_sd = {}, or cv = \"{value} %\"",
                value / 100.0
            )),
            Self::BoundsOnLabels => Some("give what is unwanted the probability 0".into()),
            Self::Nested { .. } => Some("make one categorical covariate with a label for each case".into()),
            Self::NotOfClass { .. } => Some("move it to the covariate's own table".into()),
            Self::Sum { .. } => None,
        }
    }
}

impl DistributionName {
    /// Its name in the file.
    fn text(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Lognormal => "lognormal",
            Self::Uniform => "uniform",
            Self::Loguniform => "loguniform",
            Self::Beta => "beta",
            Self::Gamma => "gamma",
            Self::Poisson => "poisson",
            Self::Bernoulli => "bernoulli",
            Self::Categorical => "categorical",
            Self::Fixed => "fixed",
            Self::ByClass => "by_class",
        }
    }

    /// The keys that it takes, besides those of every covariate.
    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Normal => &["mean", "sd", "truncate"],
            Self::Lognormal => &["median", "cv", "log_mean", "log_sd", "truncate", "rounded"],
            Self::Uniform | Self::Loguniform => &["low", "high"],
            Self::Beta => &["alpha", "beta", "low", "high"],
            Self::Gamma => &["shape", "scale", "truncate"],
            Self::Poisson => &["mean"],
            Self::Bernoulli => &["p"],
            Self::Categorical => &["probabilities"],
            Self::Fixed => &["value"],
            Self::ByClass => &["by", "of"],
        }
    }
}

/// The keys that are given, of those that depend on the distribution.
fn given(table: &CovariateTable) -> impl Iterator<Item = (&'static str, &Range<usize>)> {
    fn span<T>(value: &Option<Spanned<T>>) -> Option<&Range<usize>> {
        value.as_ref().map(|value| &value.span)
    }
    [
        ("truncate", span(&table.truncate)),
        ("mean", span(&table.mean)),
        ("sd", span(&table.sd)),
        ("median", span(&table.median)),
        ("cv", span(&table.cv)),
        ("log_mean", span(&table.log_mean)),
        ("log_sd", span(&table.log_sd)),
        ("rounded", span(&table.rounded)),
        ("low", span(&table.low)),
        ("high", span(&table.high)),
        ("alpha", span(&table.alpha)),
        ("beta", span(&table.beta)),
        ("shape", span(&table.shape)),
        ("scale", span(&table.scale)),
        ("p", span(&table.p)),
        ("probabilities", span(&table.probabilities)),
        ("value", span(&table.value)),
        ("by", span(&table.by)),
        ("of", span(&table.of)),
    ]
    .into_iter()
    .filter_map(|(key, span)| Some((key, span?)))
}

/// Checks a covariate's distribution with the bounds that it is kept between.
pub(super) fn check(table: &CovariateTable, section: &Section, report: &mut Report) -> Option<Distribution> {
    let distribution = distribution(table, section, report)?;
    if let Some(between) = &table.between {
        match &distribution {
            Distribution::Categorical { .. } | Distribution::Bernoulli { .. } => {
                report.add(&between.span, DistributionError::BoundsOnLabels);
            }
            other => {
                bounds("between", Some(between), support(other), report)?;
            }
        }
    }
    Some(distribution)
}

fn distribution(table: &CovariateTable, section: &Section, report: &mut Report) -> Option<Distribution> {
    let name = report.required("distribution", &table.distribution, section)?.value;
    for (key, span) in given(table).filter(|(key, _)| !name.keys().contains(key)) {
        let takes = name.keys().iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
        report.add(span, DistributionError::NotItsKey { key, distribution: name.text(), takes });
    }
    match name {
        DistributionName::Normal => normal(table, section, report),
        DistributionName::Lognormal => lognormal(table, section, report),
        DistributionName::Uniform => {
            let [low, high] = ends(&table.low, &table.high, section, report)?;
            Some(Distribution::Uniform { low, high })
        }
        DistributionName::Loguniform => {
            let [low, high] = ends(&table.low, &table.high, section, report)?;
            report.positive("low", table.low.as_ref()?)?;
            Some(Distribution::LogUniform { low, high })
        }
        DistributionName::Beta => beta(table, section, report),
        DistributionName::Gamma => {
            let shape = positive("shape", &table.shape, section, report);
            let scale = positive("scale", &table.scale, section, report);
            let truncate = bounds("truncate", table.truncate.as_ref(), [0.0, f64::INFINITY], report)?;
            Some(Distribution::Gamma { shape: shape?, scale: scale?, truncate })
        }
        DistributionName::Poisson => {
            Some(Distribution::Poisson { mean: positive("mean", &table.mean, section, report)? })
        }
        DistributionName::Bernoulli => {
            let p = report.required("p", &table.p, section)?;
            Some(Distribution::Bernoulli { p: report.within("p", p, [0.0, 1.0])? })
        }
        DistributionName::Categorical => categorical(table, section, report),
        DistributionName::Fixed => {
            let value = report.required("value", &table.value, section)?;
            Some(Distribution::Fixed(report.finite("value", value)?))
        }
        DistributionName::ByClass => by_class(table, section, report),
    }
}

fn positive(
    key: &'static str,
    number: &Option<Number>,
    section: &Section,
    report: &mut Report,
) -> Option<f64> {
    let number = report.required(key, number, section)?;
    report.positive(key, number)
}

fn normal(table: &CovariateTable, section: &Section, report: &mut Report) -> Option<Distribution> {
    let mean = report.required("mean", &table.mean, section);
    let mean = mean.and_then(|mean| report.finite("mean", mean));
    let sd = positive("sd", &table.sd, section, report);
    let line = [f64::NEG_INFINITY, f64::INFINITY];
    let truncate = bounds("truncate", table.truncate.as_ref(), line, report)?;
    Some(Distribution::Normal { mean: mean?, sd: sd?, truncate })
}

/// Standard deviation of the logarithm of a lognormal number with this coefficient of variation, which is
/// `sqrt(exp(log_sd^2) - 1)`.
pub(super) fn log_sd(cv: f64) -> f64 {
    (cv * cv).ln_1p().sqrt()
}

fn lognormal(table: &CovariateTable, section: &Section, report: &mut Report) -> Option<Distribution> {
    let log_mean = match one_of(("median", &table.median), ("log_mean", &table.log_mean), section, report) {
        Some(Either::First(median)) => report.positive("median", median).map(f64::ln),
        Some(Either::Second(log_mean)) => report.finite("log_mean", log_mean),
        None => None,
    };
    let log_sd = match one_of(("cv", &table.cv), ("log_sd", &table.log_sd), section, report) {
        Some(Either::First(cv)) => report.spread("cv", cv).map(log_sd),
        Some(Either::Second(log_sd)) => given_log_sd(log_sd, report),
        None => None,
    };
    let truncate = bounds("truncate", table.truncate.as_ref(), [0.0, f64::INFINITY], report)?;
    let rounded = table.rounded.as_ref().is_some_and(|rounded| rounded.value);
    Some(Distribution::LogNormal { log_mean: log_mean?, log_sd: log_sd?, truncate, rounded })
}

/// A standard deviation of the logarithm as it is given.
fn given_log_sd(number: &Number, report: &mut Report) -> Option<f64> {
    let value = report.positive("log_sd", number)?;
    if value > MOST_LOG_SD {
        report.add(&number.span, DistributionError::LogSd { value });
        return None;
    }
    Some(value)
}

/// Which of two exclusive keys is given.
enum Either<'t, A, B> {
    First(&'t Spanned<A>),
    Second(&'t Spanned<B>),
}

/// The one of two keys that is given.
fn one_of<'t, A, B>(
    (first, a): (&'static str, &'t Option<Spanned<A>>),
    (second, b): (&'static str, &'t Option<Spanned<B>>),
    section: &Section,
    report: &mut Report,
) -> Option<Either<'t, A, B>> {
    match (a, b) {
        (Some(_), Some(b)) => {
            report.conflict(&b.span, first, second);
            None
        }
        (Some(a), None) => Some(Either::First(a)),
        (None, Some(b)) => Some(Either::Second(b)),
        (None, None) => {
            let distribution = DistributionName::Lognormal.text();
            let cause = DistributionError::NeedsOneOf { distribution, first, second };
            report.add_if_complete(&section.span, cause);
            None
        }
    }
}

fn beta(table: &CovariateTable, section: &Section, report: &mut Report) -> Option<Distribution> {
    let alpha = positive("alpha", &table.alpha, section, report);
    let beta = positive("beta", &table.beta, section, report);
    let end = |default: f64| Some(Spanned { value: default, span: section.span.clone() });
    let low = table.low.clone().or_else(|| end(0.0));
    let high = table.high.clone().or_else(|| end(1.0));
    let [low, high] = ends(&low, &high, section, report)?;
    Some(Distribution::Beta { alpha: alpha?, beta: beta?, low, high })
}

/// `low` and `high`, finite and in order.
fn ends(
    low: &Option<Number>,
    high: &Option<Number>,
    section: &Section,
    report: &mut Report,
) -> Option<[f64; 2]> {
    let (low, high) = (report.required("low", low, section), report.required("high", high, section));
    let span = high.map(|high| high.span.clone());
    let low = low.and_then(|low| report.finite("low", low));
    let high = high.and_then(|high| report.finite("high", high));
    let (low, high) = (low?, high?);
    if low < high {
        return Some([low, high]);
    }
    report.add(&span?, KeyError::Ends { low, high });
    None
}

fn categorical(table: &CovariateTable, section: &Section, report: &mut Report) -> Option<Distribution> {
    let entries = report.required("probabilities", &table.probabilities, section)?;
    if entries.value.0.is_empty() {
        report.add(&entries.span, KeyError::Empty { key: "probabilities" });
        return None;
    }
    let mut labels = Vec::new();
    let mut probabilities = Vec::new();
    for (label, probability) in &entries.value.0 {
        if label.value.trim().is_empty() {
            report.add(&label.span, KeyError::NotAName { name: label.value.clone() });
        }
        labels.push(label.value.clone());
        let probability = probability.clone().map(Fraction::value);
        probabilities.extend(report.within(&label.value, &probability, [0.0, 1.0]));
    }
    if probabilities.len() < labels.len() {
        return None;
    }
    let sum: f64 = probabilities.iter().sum();
    if (sum - 1.0).abs() > SUM_TOLERANCE {
        report.add_if_complete(&entries.span, DistributionError::Sum { sum });
        return None;
    }
    Some(Distribution::Categorical { labels, probabilities })
}

/// The classes as written; that they are those of `by` is seen where all covariates are known.
fn by_class(table: &CovariateTable, section: &Section, report: &mut Report) -> Option<Distribution> {
    let by = report.required("by", &table.by, section);
    let classes = report.required("of", &table.of, section);
    let by = by.map(|by| report.unquoted(by));
    let mut of = Vec::new();
    for (label, class) in &classes?.value.0 {
        let section = Section::new(format!("{}.of.{}", section.label, label.value), &class.span);
        of.push((label.value.clone(), one_class(&class.value, &section, report)));
    }
    let of = of.into_iter().map(|(label, class)| Some((label, class?))).collect::<Option<_>>()?;
    Some(Distribution::ByClass { by: by?, of })
}

fn one_class(table: &CovariateTable, section: &Section, report: &mut Report) -> Option<Distribution> {
    let texts = [("unit", &table.unit), ("description", &table.description)];
    for (key, text) in texts {
        if let Some(text) = text {
            report.add(&text.span, DistributionError::NotOfClass { key });
        }
    }
    if let Some(between) = &table.between {
        report.add(&between.span, DistributionError::NotOfClass { key: "between" });
    }
    let name = table.distribution.as_ref().map(|name| name.value);
    match name {
        Some(inner @ (DistributionName::ByClass | DistributionName::Categorical)) => {
            report.add(&section.span, DistributionError::Nested { distribution: inner.text() });
            None
        }
        _ => distribution(table, section, report),
    }
}

/// Bounds in order, with some of the support between them.
fn bounds(
    key: &'static str,
    bounds: Option<&Spanned<Pair<f64>>>,
    [least, most]: [f64; 2],
    report: &mut Report,
) -> Option<Option<[f64; 2]>> {
    let Some(bounds) = bounds else { return Some(None) };
    let [low, high] = report.bounds(key, bounds)?;
    // Bounds that only touch an end of a continuous support hold nothing of it.
    let touches = if least < most { high > least && low < most } else { low <= least && least <= high };
    if !touches {
        report.add(&bounds.span, DistributionError::NothingWithin { key, low, high });
        return None;
    }
    Some(Some([low, high]))
}

/// The smallest and largest value of a distribution.
fn support(distribution: &Distribution) -> [f64; 2] {
    match distribution {
        Distribution::Fixed(value) => [*value, *value],
        Distribution::Normal { truncate, .. } => truncate.unwrap_or([f64::NEG_INFINITY, f64::INFINITY]),
        Distribution::LogNormal { truncate, rounded, .. } => {
            let [low, high] = truncate.unwrap_or([0.0, f64::INFINITY]);
            if *rounded { [low.max(0.0).round() - 0.5, high.round() + 0.5] } else { [low.max(0.0), high] }
        }
        Distribution::Gamma { truncate, .. } => {
            truncate.map_or([0.0, f64::INFINITY], |[a, b]| [a.max(0.0), b])
        }
        Distribution::Uniform { low, high }
        | Distribution::LogUniform { low, high }
        | Distribution::Beta { low, high, .. } => [*low, *high],
        Distribution::Poisson { .. } => [-0.5, f64::INFINITY],
        Distribution::Bernoulli { .. } => [-0.5, 1.5],
        Distribution::Categorical { labels, .. } => [-0.5, labels.len() as f64 - 0.5],
        Distribution::ByClass { of, .. } => of
            .iter()
            .map(|(_, class)| support(class))
            .fold([f64::INFINITY, f64::NEG_INFINITY], |a, b| [a[0].min(b[0]), a[1].max(b[1])]),
    }
}
