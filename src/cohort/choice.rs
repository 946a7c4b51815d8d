//! Choices among registered kinds: `statistic = "max"` names a row of a registry, and what the file may write, what
//! an editor completes and what is suggested for a misspelt name are the names of its rows.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A kind that files name.
pub(crate) trait Registered: fmt::Debug + Sync + 'static {
    /// What the kinds are together, as the schema calls it.
    const SCHEMA: &'static str;

    /// All of them, in the order in which they are listed.
    fn all() -> &'static [Self]
    where
        Self: Sized;

    /// Their names, in the same order.
    fn names() -> &'static [&'static str];

    /// As files name it.
    fn name(&self) -> &'static str;

    /// What an editor shows.
    fn doc(&self) -> &'static str;
}

/// A kind that a file has named.
#[derive(Debug)]
pub(crate) struct Choice<T: 'static>(pub(crate) &'static T);

impl<T> Clone for Choice<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Choice<T> {}

impl<'de, T: Registered> Deserialize<'de> for Choice<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name<T>(std::marker::PhantomData<T>);

        impl<T: Registered> Visitor<'_> for Name<T> {
            type Value = Choice<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
                let found = T::all().iter().find(|kind| kind.name() == name);
                found.map(Choice).ok_or_else(|| E::unknown_variant(name, T::names()))
            }
        }

        deserializer.deserialize_str(Name(std::marker::PhantomData))
    }
}

impl<T: Registered> JsonSchema for Choice<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        T::SCHEMA.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let kinds = T::all().iter();
        let one_of: Vec<Schema> = kinds
            .map(|kind| json_schema!({ "type": "string", "const": kind.name(), "description": kind.doc() }))
            .collect();
        json_schema!({ "oneOf": one_of })
    }
}

/// Names as a list of words: `a, b and c`.
pub(crate) fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).into(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
