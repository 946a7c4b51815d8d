//! Values of the file that take more than one form, or several numbers in one list.

use std::fmt;
use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};

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
#[schemars(with = "(String, String, f64)")]
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
        match <[NumberOrText; 3]>::try_from(list) {
            Ok([Text(first), Text(second), Number(value)]) => Ok(Self { first, second, value }),
            _ => Err("a pair is two names and a number, as [\"AGE\", \"EGFR\", -0.55]"),
        }
    }
}
