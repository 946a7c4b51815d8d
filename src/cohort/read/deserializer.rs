//! The tables of a TOML file to types that serde reads. Errors are typed where they arise, each with its place: what a
//! reader is told depends on no text of another library.

use std::fmt;
use std::ops::Range;

use serde::de::value::{StrDeserializer, UsizeDeserializer};
use serde::de::{
    self, DeserializeSeed, Deserializer, Expected, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    Visitor,
};
use serde::forward_to_deserialize_any;
use toml::de::{DeTable, DeValue};

use super::ReadError;
use crate::cohort::spanned::SPANNED;

/// What cannot be read, and where.
#[derive(Debug)]
pub(super) struct Error {
    /// Why.
    pub(super) cause: ReadError,
    /// Bytes of the key or value.
    pub(super) span: Option<Range<usize>>,
}

impl Error {
    fn new(cause: ReadError) -> Self {
        Self { cause, span: None }
    }

    /// The error at a place, unless it has a closer one.
    fn within(self, span: Range<usize>) -> Self {
        Self { span: self.span.or(Some(span)), ..self }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(f)
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(ReadError::Other { message: message.to_string() })
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(ReadError::WrongType { found: text(found), expected: expected.to_string() })
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_variant(found: &str, choices: &'static [&'static str]) -> Self {
        let choices = choices.iter().map(|&choice| choice.into()).collect();
        Self::new(ReadError::UnknownChoice { found: found.into(), choices })
    }

    fn unknown_field(key: &str, known: &'static [&'static str]) -> Self {
        Self::new(ReadError::UnknownKey {
            key: key.into(),
            known: known.iter().map(|&key| key.into()).collect(),
        })
    }
}

/// What was found, in words of the file.
fn text(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(value) => format!("boolean `{value}`"),
        Unexpected::Signed(value) => format!("integer `{value}`"),
        Unexpected::Float(value) => format!("floating point `{value:?}`"),
        Unexpected::Str(value) => format!("string {value:?}"),
        Unexpected::Seq => "a list".into(),
        Unexpected::Map => "a table".into(),
        other => other.to_string(),
    }
}

/// A value of the file.
#[derive(Clone, Copy)]
pub(super) struct Value<'a>(pub(super) &'a toml::Spanned<DeValue<'a>>);

impl Value<'_> {
    fn span(self) -> Range<usize> {
        self.0.span()
    }

    fn found(&self) -> Unexpected<'_> {
        match self.0.get_ref() {
            DeValue::String(text) => Unexpected::Str(text),
            DeValue::Integer(_) => match self.integer() {
                Some(value) => Unexpected::Signed(value),
                None => Unexpected::Other("a number of too many digits"),
            },
            DeValue::Float(number) => match number.as_str().parse() {
                Ok(value) => Unexpected::Float(value),
                Err(_) => Unexpected::Other("a number"),
            },
            DeValue::Boolean(value) => Unexpected::Bool(*value),
            DeValue::Datetime(_) => Unexpected::Other("a date or time"),
            DeValue::Array(_) => Unexpected::Seq,
            DeValue::Table(_) => Unexpected::Map,
        }
    }

    /// The error of a value of another type.
    fn is_not(self, expected: &'static str) -> Error {
        de::Error::invalid_type(self.found(), &expected)
    }

    fn integer(self) -> Option<i64> {
        let number = self.0.get_ref().as_integer()?;
        i64::from_str_radix(number.as_str(), number.radix()).ok()
    }

    /// A number: of digits beyond the largest, none.
    fn number(self) -> Option<f64> {
        let Some(number) = self.0.get_ref().as_float() else {
            return self.integer().map(|number| number as f64);
        };
        let value: f64 = number.as_str().parse().ok()?;
        (value.is_finite() || !number.as_str().contains(|digit: char| digit.is_ascii_digit()))
            .then_some(value)
    }

    /// Reads the value by one of its types.
    fn read<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0.get_ref() {
            DeValue::String(text) => visitor.visit_str(text),
            DeValue::Boolean(value) => visitor.visit_bool(*value),
            DeValue::Integer(_) => match self.integer() {
                Some(value) => visitor.visit_i64(value),
                None => Err(de::Error::invalid_type(self.found(), &visitor)),
            },
            DeValue::Float(_) => match self.number() {
                Some(value) => visitor.visit_f64(value),
                None => Err(de::Error::invalid_type(self.found(), &visitor)),
            },
            DeValue::Datetime(_) => Err(de::Error::invalid_type(self.found(), &visitor)),
            DeValue::Array(list) => visitor.visit_seq(List(list.iter())),
            DeValue::Table(table) => visitor.visit_map(Entries::new(table)),
        }
    }
}

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.read(visitor).map_err(|error| error.within(self.span()))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0.get_ref() {
            DeValue::Boolean(_) => self.deserialize_any(visitor),
            _ => Err(self.is_not("true or false").within(self.span())),
        }
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.integer() {
            Some(_) => self.deserialize_any(visitor),
            None => Err(self.is_not("a whole number").within(self.span())),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.number() {
            Some(value) => visitor.visit_f64(value).map_err(|error: Error| error.within(self.span())),
            None => Err(self.is_not("a number").within(self.span())),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0.get_ref() {
            DeValue::String(_) => self.deserialize_any(visitor),
            _ => Err(self.is_not("a string").within(self.span())),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0.get_ref() {
            DeValue::Array(_) => self.deserialize_any(visitor),
            _ => Err(self.is_not("a list").within(self.span())),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0.get_ref() {
            DeValue::Table(_) => self.deserialize_any(visitor),
            _ => Err(self.is_not("a table").within(self.span())),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let read = match self.0.get_ref() {
            DeValue::String(text) => {
                let name: StrDeserializer<'_, Error> = text.as_ref().into_deserializer();
                visitor.visit_enum(name)
            }
            _ => Err(self.is_not("a string")),
        };
        read.map_err(|error| error.within(self.span()))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name == SPANNED {
            return visitor.visit_seq(WithSpan::new(self, self.span()));
        }
        self.deserialize_seq(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u32 u64 u128 f32 char bytes byte_buf unit unit_struct tuple identifier
    }
}

/// A key of the file.
#[derive(Clone, Copy)]
struct Key<'a>(&'a toml::Spanned<std::borrow::Cow<'a, str>>);

impl<'de> Deserializer<'de> for Key<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.0.get_ref()).map_err(|error: Error| error.within(self.0.span()))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name == SPANNED {
            return visitor.visit_seq(WithSpan::new(self, self.0.span()));
        }
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple map struct enum identifier ignored_any
    }
}

/// The elements of a list.
struct List<'a>(std::slice::Iter<'a, toml::Spanned<DeValue<'a>>>);

impl<'de> SeqAccess<'de> for List<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some(value) = self.0.next() else { return Ok(None) };
        seed.deserialize(Value(value)).map(Some).map_err(|error| error.within(value.span()))
    }
}

/// The entries of a table.
struct Entries<'a> {
    left: toml::map::Iter<'a, toml::Spanned<std::borrow::Cow<'a, str>>, toml::Spanned<DeValue<'a>>>,
    value: Option<Value<'a>>,
}

impl<'a> Entries<'a> {
    fn new(table: &'a DeTable<'a>) -> Self {
        Self { left: table.iter(), value: None }
    }
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some((key, value)) = self.left.next() else { return Ok(None) };
        self.value = Some(Value(value));
        seed.deserialize(Key(key)).map(Some).map_err(|error| error.within(key.span()))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        match self.value.take() {
            Some(value) => seed.deserialize(value).map_err(|error| error.within(value.span())),
            None => Err(de::Error::custom("a value is asked for before its key")),
        }
    }
}

/// What a [`Spanned`](crate::cohort::Spanned) is read from: first byte, end, and the value.
struct WithSpan<D> {
    bytes: std::vec::IntoIter<usize>,
    value: Option<D>,
}

impl<D> WithSpan<D> {
    fn new(value: D, span: Range<usize>) -> Self {
        Self { bytes: vec![span.start, span.end].into_iter(), value: Some(value) }
    }
}

impl<'de, D: Deserializer<'de, Error = Error>> SeqAccess<'de> for WithSpan<D> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        if let Some(byte) = self.bytes.next() {
            let byte: UsizeDeserializer<Error> = byte.into_deserializer();
            return seed.deserialize(byte).map(Some);
        }
        self.value.take().map(|value| seed.deserialize(value)).transpose()
    }
}
