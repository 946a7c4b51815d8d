//! Keys of distributions: what they are called, what they are, and what is said of them.

use std::ops::Range;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::MapAccess;

use super::KINDS;
use super::table::CovariateTable;
use crate::cohort::raw::{Number, Text};
use crate::cohort::spanned::{Entries, Spanned};
use crate::cohort::value::{Fraction, Pair};

/// A key of a kind of distribution.
#[derive(Debug)]
pub(super) struct Key {
    /// Its name.
    pub(super) name: &'static str,
    /// What it is read as.
    pub(super) reads: Reads,
    /// What an editor shows: sentences, the first of which is followed by the kinds that it is of.
    pub(super) doc: &'static str,
}

impl Key {
    pub(super) const fn new(name: &'static str, reads: Reads, doc: &'static str) -> Self {
        Self { name, reads, doc }
    }

    /// A number.
    pub(super) const fn number(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, Reads::Number, doc)
    }
}

/// Mean of a distribution.
pub(super) const MEAN: Key = Key::number("mean", "Mean.");
/// Lower end of one that must be given.
pub(super) const LOW: Key = Key::number("low", "Lower end.");
/// Upper end of one that must be given.
pub(super) const HIGH: Key = Key::number("high", "Upper end.");
/// Where a distribution is cut off.
pub(super) const TRUNCATE: Key =
    Key::new("truncate", Reads::Bounds, "`[low, high]`: the distribution itself is cut off there.");

/// What a key is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reads {
    Number,
    /// A number, or text in percent.
    Fraction,
    /// `[low, high]`
    Bounds,
    Flag,
    Text,
    /// A fraction for each label.
    Probabilities,
    /// A distribution for each label.
    Classes,
}

/// Distributions of classes by their labels.
pub(super) type Classes = Spanned<Entries<Spanned<CovariateTable>>>;

/// What a key is given as.
#[derive(Debug)]
pub(super) enum KeyValue {
    Number(Number),
    Fraction(Spanned<Fraction>),
    Bounds(Spanned<Pair<f64>>),
    Flag(Spanned<bool>),
    Text(Text),
    Probabilities(Spanned<Entries<Spanned<Fraction>>>),
    Classes(Classes),
}

impl KeyValue {
    /// Where it stands.
    pub(super) fn span(&self) -> &Range<usize> {
        match self {
            Self::Number(value) => &value.span,
            Self::Fraction(value) => &value.span,
            Self::Bounds(value) => &value.span,
            Self::Flag(value) => &value.span,
            Self::Text(value) => &value.span,
            Self::Probabilities(value) => &value.span,
            Self::Classes(value) => &value.span,
        }
    }
}

impl Reads {
    /// Reads the next value of a table.
    pub(super) fn read<'de, A: MapAccess<'de>>(self, map: &mut A) -> Result<KeyValue, A::Error> {
        Ok(match self {
            Self::Number => KeyValue::Number(map.next_value()?),
            Self::Fraction => KeyValue::Fraction(map.next_value()?),
            Self::Bounds => KeyValue::Bounds(map.next_value()?),
            Self::Flag => KeyValue::Flag(map.next_value()?),
            Self::Text => KeyValue::Text(map.next_value()?),
            Self::Probabilities => KeyValue::Probabilities(map.next_value()?),
            Self::Classes => KeyValue::Classes(map.next_value()?),
        })
    }

    fn schema(self, generator: &mut SchemaGenerator) -> Schema {
        fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
            generator.subschema_for::<Option<T>>()
        }
        match self {
            Self::Number => of::<f64>(generator),
            Self::Fraction => of::<Fraction>(generator),
            Self::Bounds => of::<Pair<f64>>(generator),
            Self::Flag => of::<bool>(generator),
            Self::Text => of::<String>(generator),
            Self::Probabilities => of::<Entries<Fraction>>(generator),
            Self::Classes => of::<Entries<CovariateTable>>(generator),
        }
    }
}

/// The keys of all kinds, each once, with what is said of it and its schema.
pub(super) fn all() -> impl Iterator<Item = &'static Key> {
    let keys = || KINDS.iter().flat_map(|kind| kind.keys);
    keys()
        .enumerate()
        .filter(move |(i, key)| keys().take(*i).all(|other| other.name != key.name))
        .map(|(_, key)| key)
}

/// What a schema says of a key of any kind.
pub(super) fn schema(key: &Key, generator: &mut SchemaGenerator) -> Schema {
    let mut schema = key.reads.schema(generator);
    schema.insert("description".into(), doc(key.name).into());
    schema
}

/// What is said of a key, with the kinds that it is of.
fn doc(name: &str) -> String {
    let mut docs: Vec<(&str, Vec<&str>)> = Vec::new();
    for kind in KINDS {
        for key in kind.keys.iter().filter(|key| key.name == name) {
            match docs.iter_mut().find(|(doc, _)| *doc == key.doc) {
                Some((_, kinds)) => kinds.push(kind.name),
                None => docs.push((key.doc, vec![kind.name])),
            }
        }
    }
    let with_kinds = |(doc, kinds): &(&str, Vec<&str>)| {
        let (first, rest) =
            doc.split_once(". ").map_or((doc.trim_end_matches('.'), None), |(a, b)| (a, Some(b)));
        let rest = rest.map_or(String::new(), |rest| format!(" {rest}"));
        format!("{first} ({}).{rest}", kinds.join(", "))
    };
    docs.iter().map(with_kinds).collect::<Vec<_>>().join(" ")
}
