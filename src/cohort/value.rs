//! Values of the file that take more than one form, or several numbers in one list.

use std::fmt;
use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Unexpected, Visitor};

use super::spanned::Spanned;

/// A number, or an expression as text.
#[derive(Debug, Clone, PartialEq, JsonSchema)]
#[schemars(untagged)]
pub(crate) enum NumberOrText {
    /// A number.
    Number(f64),
    /// An expression.
    Text(String),
}

impl<'de> Deserialize<'de> for NumberOrText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl Visitor<'_> for Either {
            type Value = NumberOrText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number or an expression")
            }

            fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
                Ok(NumberOrText::Number(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
                Ok(NumberOrText::Number(value as f64))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(NumberOrText::Text(text.into()))
            }
        }

        deserializer.deserialize_any(Either)
    }
}

/// A fraction: a number, or text in percent.
#[derive(Debug, Clone, Copy, PartialEq, JsonSchema)]
#[schemars(untagged)]
pub(crate) enum Fraction {
    /// A number, 0.25 for 25 %.
    Number(f64),
    /// Text, as `"25 %"`; kept as the number that it is.
    Percent(#[schemars(with = "String")] f64),
}

impl Fraction {
    /// The number: 0.25 of `"25 %"`.
    pub(crate) fn value(self) -> f64 {
        match self {
            Self::Number(value) | Self::Percent(value) => value,
        }
    }

    /// Reads `25 %`.
    pub(crate) fn percent(text: &str) -> Option<Self> {
        let number: f64 = text.trim().strip_suffix('%')?.trim_end().parse().ok()?;
        number.is_finite().then_some(Self::Percent(number / 100.0))
    }
}

impl<'de> Deserialize<'de> for Fraction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl Visitor<'_> for Either {
            type Value = Fraction;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number or a percentage, as \"25 %\"")
            }

            fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
                Ok(Fraction::Number(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
                Ok(Fraction::Number(value as f64))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Fraction::percent(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_any(Either)
    }
}

/// Reads a key that is a fraction, as its number: for `deserialize_with`.
pub(crate) fn fraction<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Spanned<f64>>, D::Error> {
    Spanned::<Fraction>::deserialize(deserializer).map(|fraction| Some(fraction.map(Fraction::value)))
}

/// Numbers of a list, with their places.
type Numbers = Spanned<Vec<Spanned<f64>>>;

/// The same of a list.
pub(crate) fn fraction_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Numbers>, D::Error> {
    let numbers = |list: Vec<Spanned<Fraction>>| list.into_iter().map(|f| f.map(Fraction::value)).collect();
    Spanned::<Vec<Spanned<Fraction>>>::deserialize(deserializer).map(|list| Some(list.map(numbers)))
}

/// The same of two.
pub(crate) fn fraction_pair<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Spanned<Pair<f64>>>, D::Error> {
    let numbers = |Pair(pair): Pair<Fraction>| Pair(pair.map(Fraction::value));
    Spanned::<Pair<Fraction>>::deserialize(deserializer).map(|pair| Some(pair.map(numbers)))
}

/// An expression alone, or a table that says more.
#[derive(Debug, Clone, PartialEq, JsonSchema)]
#[schemars(untagged)]
pub(crate) enum TextOr<T> {
    /// The expression.
    Text(String),
    /// The expression, and more.
    Table(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for TextOr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = TextOr<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an expression or a table")
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(TextOr::Text(text.into()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(TextOr::Table)
            }
        }

        deserializer.deserialize_any(Either(PhantomData))
    }
}

/// A list of exactly two values. (The derived reader of an array passes over what is too much.)
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<T>")]
#[schemars(with = "[T; 2]")]
pub(crate) struct Pair<T>(pub(crate) [T; 2]);

impl<T> TryFrom<Vec<T>> for Pair<T> {
    type Error = String;

    fn try_from(list: Vec<T>) -> Result<Self, Self::Error> {
        let found = list.len();
        let pair =
            list.try_into().map_err(|_| format!("found a list of {found} where a list of 2 is expected"))?;
        Ok(Self(pair))
    }
}

/// The correlation of two covariates, as `["AGE", "EGFR", -0.55]`.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<NumberOrText>")]
#[schemars(with = "(String, String, Fraction)")]
pub(crate) struct CorrelatedPair {
    /// One covariate.
    pub(crate) first: String,
    /// The other.
    pub(crate) second: String,
    /// Correlation of their Gaussian scores.
    pub(crate) value: f64,
}

impl TryFrom<Vec<NumberOrText>> for CorrelatedPair {
    type Error = &'static str;

    fn try_from(list: Vec<NumberOrText>) -> Result<Self, Self::Error> {
        use NumberOrText::{Number, Text};
        let number = |value: NumberOrText| match value {
            Number(value) => Some(value),
            Text(text) => Fraction::percent(&text).map(Fraction::value),
        };
        let list = <[NumberOrText; 3]>::try_from(list);
        match list.map(|[first, second, value]| (first, second, number(value))) {
            Ok((Text(first), Text(second), Some(value))) => Ok(Self { first, second, value }),
            _ => Err("a pair is two names and a number, as [\"AGE\", \"EGFR\", -0.55]"),
        }
    }
}
