//! Problems as they are found, and the checks that every table shares.

use std::ops::Range;
use std::sync::Arc;

use thiserror::Error;

use super::raw::{Number, Text};
use super::spanned::Spanned;
use super::value::{Fraction, Pair};
use super::{Ticks, quantity};
use crate::diagnostic::{Cause, Notice, Place, Problem, Source};

/// The largest number that is read as a fraction: what is above it is a percentage.
const MOST_FRACTION: f64 = 2.0;

/// How a number that must be a percentage is written where a fraction is expected.
pub(crate) fn as_fraction(value: f64) -> Option<String> {
    let is_percentage = value.abs() > MOST_FRACTION && value.abs() <= 100.0;
    is_percentage.then(|| format!("write {} or \"{value} %\"", value / 100.0))
}

/// Letters of the longest name.
pub(crate) const LONGEST_NAME: usize = 200;

/// Collects everything that is wrong with one cohort file.
pub(crate) struct Report<'a> {
    /// The file.
    pub(crate) source: &'a Arc<Source>,
    /// What is wrong.
    pub(crate) problems: Vec<Problem>,
    /// What should be known of it.
    pub(crate) notices: Vec<Notice>,
    /// Whether keys were left out because they could not be read: then what looks missing may
    /// only be misspelt.
    pub(crate) incomplete: bool,
}

/// A table of the file: what it is called and where it begins.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    /// As in its header, `population.WT`; empty for the file itself.
    pub(crate) label: String,
    /// Its header.
    pub(crate) span: Range<usize>,
}

impl Section {
    pub(crate) fn new(label: impl Into<String>, span: &Range<usize>) -> Self {
        Self { label: label.into(), span: span.clone() }
    }
}

/// What can be wrong with a key of any table.
#[derive(Debug, Error)]
pub enum KeyError {
    /// A required key is not there.
    #[error("`{key}` is missing{}", if table.is_empty() { String::new() } else { format!(" from [{table}]") })]
    Missing {
        /// The key.
        key: &'static str,
        /// The table that needs it; empty for the file itself.
        table: String,
    },
    /// Two keys exclude each other.
    #[error("`{first}` and `{second}` are both given")]
    Conflict {
        /// One of them.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// A key means nothing without another.
    #[error("`{key}` needs `{other}`")]
    Needs {
        /// The key that is there.
        key: &'static str,
        /// The key that is not.
        other: &'static str,
    },
    /// A list without elements.
    #[error("`{key}` is empty")]
    Empty {
        /// The key.
        key: &'static str,
    },
    /// Infinite or not a number.
    #[error("`{key}` is {value}, not a finite number")]
    NotFinite {
        /// The key.
        key: String,
        /// Its value.
        value: f64,
    },
    /// 0 or below where only more makes sense.
    #[error("`{key}` is {value}, and must be above 0")]
    NotPositive {
        /// The key.
        key: String,
        /// Its value.
        value: f64,
    },
    /// Below 0.
    #[error("`{key}` is {value}, and must be 0 or more")]
    Negative {
        /// The key.
        key: String,
        /// Its value.
        value: f64,
    },
    /// Outside its range.
    #[error("`{key}` is {value}, and must lie between {low} and {high}")]
    Outside {
        /// The key.
        key: String,
        /// Its value.
        value: f64,
        /// Smallest allowed value.
        low: f64,
        /// Largest allowed value.
        high: f64,
    },
    /// A percentage where a fraction is expected.
    #[error("`{key}` is {value}, which is {} %", 100.0 * value)]
    Percentage {
        /// The key.
        key: &'static str,
        /// Its value.
        value: f64,
    },
    /// A lower bound that is not below the upper one.
    #[error("`{key}` goes from {low} to {high}: the lower bound must be below the upper")]
    Bounds {
        /// The key.
        key: &'static str,
        /// Lower bound.
        low: f64,
        /// Upper bound.
        high: f64,
    },
    /// An upper end that is not above the lower one.
    #[error("`{}` is {high}, and must be above `{}`, {low}", keys[1], keys[0])]
    Ends {
        /// Keys of the lower end and the upper.
        keys: [&'static str; 2],
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// Something is named twice.
    #[error("`{name}` is given twice in `{key}`")]
    Twice {
        /// The key of the list.
        key: &'static str,
        /// What stands in it twice.
        name: String,
    },
    /// A text that cannot be the name of a covariate, state or parameter.
    #[error("`{name}` cannot be a name")]
    NotAName {
        /// The text.
        name: String,
    },
}

impl Cause for KeyError {
    fn help(&self) -> Option<String> {
        match self {
            Self::Missing { key: "regimen", .. } => Some("add [regimen]".into()),
            Self::Missing { key, .. } => Some(format!("add `{key} = ...`")),
            Self::Conflict { .. } => Some("keep one of them".into()),
            Self::Needs { other, .. } => Some(format!("add `{other} = ...`")),
            Self::Empty { .. } => Some("name at least one".into()),
            Self::NotAName { .. } => {
                let of = "a name begins with a letter and goes on with letters, digits, `_` and `.`";
                Some(format!("{of}, {LONGEST_NAME} at most"))
            }
            Self::Percentage { value, .. } => Some(format!(
                "write {} or \"{value} %\"; if so much is meant, write \"{} %\"",
                value / 100.0,
                100.0 * value
            )),
            // The only numbers between 0 and 1 are fractions.
            Self::Outside { value, low, high, .. } if [*low, *high] == [0.0, 1.0] => as_fraction(*value),
            Self::NotFinite { .. }
            | Self::NotPositive { .. }
            | Self::Negative { .. }
            | Self::Outside { .. }
            | Self::Bounds { .. }
            | Self::Ends { .. }
            | Self::Twice { .. } => None,
        }
    }
}

impl<'a> Report<'a> {
    pub(crate) fn new(source: &'a Arc<Source>) -> Self {
        Self { source, problems: Vec::new(), notices: Vec::new(), incomplete: false }
    }

    /// A value that is wrong in itself.
    pub(crate) fn add(&mut self, span: &Range<usize>, cause: impl Cause) {
        self.problems.push(Problem::at(cause, Place::new(self.source, span.clone())));
    }

    /// That results may not be what is meant.
    pub(crate) fn warn(&mut self, span: &Range<usize>, cause: &impl Cause) {
        let place = Place::new(self.source, span.clone());
        self.notices.push(Notice::warning(cause, Some(place)));
    }

    /// Keys that are wrong together, or one that is missing: said only where every key was read.
    pub(crate) fn add_if_complete(&mut self, span: &Range<usize>, cause: impl Cause) {
        if !self.incomplete {
            self.add(span, cause);
        }
    }

    pub(crate) fn conflict(&mut self, span: &Range<usize>, first: &'static str, second: &'static str) {
        self.add(span, KeyError::Conflict { first, second });
    }

    pub(crate) fn needs(&mut self, span: &Range<usize>, key: &'static str, other: &'static str) {
        self.add_if_complete(span, KeyError::Needs { key, other });
    }

    /// The value of a key that must be there.
    pub(crate) fn required<'v, T>(
        &mut self,
        key: &'static str,
        value: &'v Option<T>,
        section: &Section,
    ) -> Option<&'v T> {
        if value.is_none() {
            self.add_if_complete(&section.span, KeyError::Missing { key, table: section.label.clone() });
        }
        value.as_ref()
    }

    pub(crate) fn finite(&mut self, key: &str, number: &Number) -> Option<f64> {
        let value = number.value;
        if value.is_finite() {
            return Some(value);
        }
        self.add(&number.span, KeyError::NotFinite { key: key.into(), value });
        None
    }

    pub(crate) fn positive(&mut self, key: &str, number: &Number) -> Option<f64> {
        let value = self.finite(key, number)?;
        if value > 0.0 {
            return Some(value);
        }
        self.add(&number.span, KeyError::NotPositive { key: key.into(), value });
        None
    }

    pub(crate) fn not_negative(&mut self, key: &str, number: &Number) -> Option<f64> {
        let value = self.finite(key, number)?;
        if value >= 0.0 {
            return Some(value);
        }
        self.add(&number.span, KeyError::Negative { key: key.into(), value });
        None
    }

    pub(crate) fn within(&mut self, key: &str, number: &Number, [low, high]: [f64; 2]) -> Option<f64> {
        let value = self.finite(key, number)?;
        if (low..=high).contains(&value) {
            return Some(value);
        }
        self.add(&number.span, KeyError::Outside { key: key.into(), value, low, high });
        None
    }

    /// A fraction above 0 that may be above 1, but hardly as a number: then it is a percentage.
    pub(crate) fn spread(&mut self, key: &'static str, fraction: &Spanned<Fraction>) -> Option<f64> {
        let number = fraction.clone().map(Fraction::value);
        let value = self.positive(key, &number)?;
        if value > MOST_FRACTION && fraction.value == Fraction::Number(value) {
            self.add(&number.span, KeyError::Percentage { key, value });
            return None;
        }
        Some(value)
    }

    /// A whole number between two others.
    pub(crate) fn count(&mut self, key: &str, number: &Spanned<i64>, [low, high]: [u32; 2]) -> Option<u32> {
        if let Ok(value) = u32::try_from(number.value)
            && (low..=high).contains(&value)
        {
            return Some(value);
        }
        let (value, low, high) = (number.value as f64, f64::from(low), f64::from(high));
        self.add(&number.span, KeyError::Outside { key: key.into(), value, low, high });
        None
    }

    /// `[low, high]` with `low < high`. Infinite bounds are bounds.
    pub(crate) fn bounds(&mut self, key: &'static str, bounds: &Spanned<Pair<f64>>) -> Option<[f64; 2]> {
        let Pair([low, high]) = bounds.value;
        if low < high {
            return Some([low, high]);
        }
        self.add(&bounds.span, KeyError::Bounds { key, low, high });
        None
    }

    /// A time in ticks.
    pub(crate) fn time(&mut self, text: &Text) -> Option<Ticks> {
        self.quantity(text, quantity::time)
    }

    /// A time in ticks, above 0.
    pub(crate) fn duration(&mut self, key: &str, text: &Text) -> Option<Ticks> {
        let time = self.time(text)?;
        if time > 0 {
            return Some(time);
        }
        self.add(&text.span, KeyError::NotPositive { key: key.into(), value: 0.0 });
        None
    }

    /// A quantity, or what else is written in words of its own.
    pub(crate) fn quantity<T, E: Cause>(
        &mut self,
        text: &Text,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match read(&text.value) {
            Ok(value) => Some(value),
            Err(cause) => {
                self.add(&text.span, cause);
                None
            }
        }
    }

    /// A text placed inside its quotes, for what reads it further.
    pub(crate) fn unquoted(&self, text: &Text) -> Text {
        Spanned { value: text.value.clone(), span: inside_quotes(&self.source.text, &text.span) }
    }

    /// Checks that a text can be a name of the model language.
    pub(crate) fn name(&mut self, name: &Text) {
        let mut letters = name.value.chars();
        let first = letters.next().is_some_and(|c| c.is_ascii_alphabetic());
        let is_short = name.value.len() <= LONGEST_NAME;
        if !first || !is_short || !letters.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.') {
            self.add(&name.span, KeyError::NotAName { name: name.value.clone() });
        }
    }

    /// A list of at least one name, each once.
    pub(crate) fn names(&mut self, key: &'static str, names: &Spanned<Vec<Text>>) -> Vec<Text> {
        names.value.iter().for_each(|name| self.name(name));
        self.expressions(key, names)
    }

    /// A list of at least one expression, each once.
    pub(crate) fn expressions(&mut self, key: &'static str, texts: &Spanned<Vec<Text>>) -> Vec<Text> {
        if texts.value.is_empty() {
            self.add(&texts.span, KeyError::Empty { key });
        }
        for (i, text) in texts.value.iter().enumerate() {
            if texts.value[..i].iter().any(|other| other.value == text.value) {
                self.add(&text.span, KeyError::Twice { key, name: text.value.clone() });
            }
        }
        texts.value.iter().map(|text| self.unquoted(text)).collect()
    }
}

/// The bytes between the quotes of a TOML string.
fn inside_quotes(text: &str, span: &Range<usize>) -> Range<usize> {
    let Some(written) = text.get(span.clone()) else { return span.clone() };
    for quote in ["\"\"\"", "'''", "\"", "'"] {
        if let Some(inner) = written.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            // A line break right after three quotes is not part of the text.
            let text = match quote.len() {
                3 => inner.trim_start_matches('\r').strip_prefix('\n').unwrap_or(inner),
                _ => inner,
            };
            let end = span.end - quote.len();
            return end - text.len()..end;
        }
    }
    span.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_lie_inside_the_quotes() {
        for (text, expected) in [
            ("x = \"a < b\" # c", "a < b"),
            ("x = 'a < b'", "a < b"),
            ("x = \"\"\"\na < b\"\"\"", "a < b"),
            ("x = '''\r\na < b'''", "a < b"),
            ("x = \"\"", ""),
            ("x = 12", "12"),
        ] {
            let end = text.find(" #").unwrap_or(text.len());
            assert_eq!(&text[inside_quotes(text, &(4..end))], expected, "{text}");
        }
    }
}
