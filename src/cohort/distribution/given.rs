//! The keys of a distribution as they are given, and the checks that its kinds share.

use std::ops::Range;

use super::DistributionError;
use super::key::{Classes, KeyValue};
use super::kind::DistributionKind;
use crate::cohort::raw::{Number, Text};
use crate::cohort::report::{KeyError, Report, Section};
use crate::cohort::spanned::{Entries, Spanned};
use crate::cohort::value::{Fraction, Pair};

/// The keys of one distribution. What is wrong with one is reported when it is asked for.
pub(super) struct Given<'a, 's> {
    pub(super) kind: &'static DistributionKind,
    pub(super) keys: &'a [(&'static str, KeyValue)],
    pub(super) section: &'a Section,
    pub(super) report: &'a mut Report<'s>,
}

/// All numbers.
pub(super) const LINE: [f64; 2] = [f64::NEG_INFINITY, f64::INFINITY];
/// Those above 0.
pub(super) const HALF_LINE: [f64; 2] = [0.0, f64::INFINITY];

impl<'a> Given<'a, '_> {
    fn value(&self, key: &str) -> Option<&'a KeyValue> {
        self.keys.iter().find(|(given, _)| *given == key).map(|(_, value)| value)
    }

    /// Where a key stands, or the table if it does not.
    pub(super) fn span(&self, key: &str) -> &'a Range<usize> {
        self.value(key).map_or(&self.section.span, KeyValue::span)
    }

    fn required<T>(&mut self, key: &'static str, value: Option<&'a T>) -> Option<&'a T> {
        if value.is_none() {
            let table = self.section.label.clone();
            self.report.add_if_complete(&self.section.span, KeyError::Missing { key, table });
        }
        value
    }

    /// A number, if it is given.
    pub(super) fn number(&self, key: &str) -> Option<&'a Number> {
        match self.value(key)? {
            KeyValue::Number(number) => Some(number),
            _ => None,
        }
    }

    /// A number that must be given.
    pub(super) fn finite(&mut self, key: &'static str) -> Option<f64> {
        let number = self.required(key, self.number(key))?;
        self.report.finite(key, number)
    }

    /// One above 0.
    pub(super) fn positive(&mut self, key: &'static str) -> Option<f64> {
        let number = self.required(key, self.number(key))?;
        self.report.positive(key, number)
    }

    /// One above 0, and no larger than the algorithm of the distribution covers.
    pub(super) fn positive_at_most(&mut self, limit: f64, key: &'static str) -> Option<f64> {
        let value = self.positive(key)?;
        if value <= limit {
            return Some(value);
        }
        self.report.add(self.span(key), DistributionError::TooLarge { key, value, limit });
        None
    }

    /// A fraction, if it is given.
    pub(super) fn fraction(&self, key: &str) -> Option<&'a Spanned<Fraction>> {
        match self.value(key)? {
            KeyValue::Fraction(fraction) => Some(fraction),
            _ => None,
        }
    }

    /// A probability that must be given.
    pub(super) fn probability(&mut self, key: &'static str) -> Option<f64> {
        let number = self.required(key, self.fraction(key))?.clone().map(Fraction::value);
        self.report.within(key, &number, [0.0, 1.0])
    }

    /// Whether a key is true; not if it is not given.
    pub(super) fn flag(&self, key: &str) -> bool {
        matches!(self.value(key), Some(KeyValue::Flag(flag)) if flag.value)
    }

    /// A text that must be given.
    pub(super) fn text(&mut self, key: &'static str) -> Option<Text> {
        let text = match self.value(key) {
            Some(KeyValue::Text(text)) => Some(text),
            _ => None,
        };
        self.required(key, text).map(|text| self.report.unquoted(text))
    }

    /// Probabilities by label, which must be given.
    pub(super) fn probabilities(
        &mut self,
        key: &'static str,
    ) -> Option<&'a Spanned<Entries<Spanned<Fraction>>>> {
        let probabilities = match self.value(key) {
            Some(KeyValue::Probabilities(probabilities)) => Some(probabilities),
            _ => None,
        };
        self.required(key, probabilities)
    }

    /// Distributions by label, which must be given.
    pub(super) fn classes(&mut self, key: &'static str) -> Option<&'a Classes> {
        let classes = match self.value(key) {
            Some(KeyValue::Classes(classes)) => Some(classes),
            _ => None,
        };
        self.required(key, classes)
    }

    /// Checks that one of two exclusive keys is given.
    pub(super) fn one_of(&mut self, first: &'static str, second: &'static str) -> Option<()> {
        match (self.value(first), self.value(second)) {
            (Some(_), Some(second_value)) => {
                self.report.conflict(second_value.span(), first, second);
                None
            }
            (None, None) => {
                let cause = DistributionError::NeedsOneOf { distribution: self.kind.name, first, second };
                self.report.add_if_complete(&self.section.span, cause);
                None
            }
            _ => Some(()),
        }
    }

    /// Two numbers in order; where one is not given, the default if there is one.
    pub(super) fn ends(&mut self, keys: [&'static str; 2], default: Option<[f64; 2]>) -> Option<[f64; 2]> {
        let [low, high] = [0, 1].map(|end| match (self.number(keys[end]), default) {
            (None, Some(default)) => Some(default[end]),
            _ => self.finite(keys[end]),
        });
        let (low, high) = (low?, high?);
        if low < high {
            return Some([low, high]);
        }
        self.report.add(self.span(keys[1]), KeyError::Ends { keys, low, high });
        None
    }

    /// The bounds that the distribution is cut off at, if it is: in order, with some of its values between them.
    /// `None` if they are wrong.
    pub(super) fn truncate(&mut self, support: [f64; 2]) -> Option<Option<[f64; 2]>> {
        match self.value("truncate") {
            Some(KeyValue::Bounds(pair)) => bounds("truncate", pair, support, self.report).map(Some),
            _ => Some(None),
        }
    }

    /// What is left of a distribution that is cut off: something, else it is reported.
    pub(super) fn is_left<T>(&mut self, truncate: Option<[f64; 2]>, left: Option<T>) -> Option<T> {
        if let (None, Some([low, high])) = (&left, truncate) {
            self.report.add(self.span("truncate"), DistributionError::Empty { low, high });
        }
        left
    }
}

/// Bounds in order, with some of the support between them.
pub(super) fn bounds(
    key: &'static str,
    pair: &Spanned<Pair<f64>>,
    [least, most]: [f64; 2],
    report: &mut Report,
) -> Option<[f64; 2]> {
    let [low, high] = report.bounds(key, pair)?;
    // Bounds that only touch an end of a continuous support hold nothing of it.
    let touches = if least < most { high > least && low < most } else { low <= least && least <= high };
    if !touches {
        report.add(&pair.span, DistributionError::NothingWithin { key, low, high });
        return None;
    }
    Some([low, high])
}
