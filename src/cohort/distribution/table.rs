//! The table of a covariate as it is written: keys of every covariate, and those of all kinds of distribution.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use super::key::{self, Key, KeyValue};
use super::kind::DistributionKind;
use crate::cohort::choice::Choice;
use crate::cohort::raw::Text;
use crate::cohort::spanned::Spanned;
use crate::cohort::value::{NumberOrText, Pair};
use crate::unit::{self, Unit};

/// The distribution of a covariate. Which keys it takes depends on its kind.
#[derive(Debug, Default)]
pub(in crate::cohort) struct CovariateTable {
    /// What stands in the place of the table: `WT = 70`, or `WT = "70 kg"`.
    pub(super) short: Option<NumberOrText>,
    /// Its kind.
    pub(super) distribution: Option<Spanned<Choice<DistributionKind>>>,
    /// Unit in which it is given here.
    pub(in crate::cohort) unit: Option<Text>,
    /// Meaning, for the output.
    pub(in crate::cohort) description: Option<Text>,
    /// A patient outside is drawn again.
    pub(in crate::cohort) between: Option<Spanned<Pair<f64>>>,
    /// Keys that depend on the kind, as they come.
    pub(super) keys: Vec<(&'static str, KeyValue)>,
}

impl CovariateTable {
    /// A number for everyone and its unit, from what stands in the place of a table; `None` if it is neither `70` nor
    /// `"70 kg"`.
    pub(super) fn number(short: &NumberOrText) -> Option<(f64, Option<&str>)> {
        match short {
            NumberOrText::Number(number) => Some((*number, None)),
            NumberOrText::Text(text) => {
                let (number, unit) = unit::split_number(text.trim());
                let unit =
                    Some(unit.trim()).filter(|unit| !unit.is_empty() && Unit::known(unit).is_some())?;
                Some((number.parse().ok()?, Some(unit)))
            }
        }
    }

    /// The unit in which it is given.
    pub(in crate::cohort) fn unit(&self) -> Option<&str> {
        let of_short = self.short.as_ref().and_then(|short| Self::number(short)?.1);
        of_short.or_else(|| self.unit.as_ref().map(|unit| unit.value.as_str()))
    }
}

/// Keys of every covariate, and what an editor shows of them.
const OF_ALL: [(&str, &str); 4] = [
    ("distribution", "The kind of distribution."),
    ("unit", "Unit in which it is given here. The model gets it in its own unit."),
    ("description", "Meaning of the covariate, for the output."),
    ("between", "`[low, high]`: a patient outside is rejected as a whole and drawn again."),
];

/// A key of the table.
enum TableKey {
    Distribution,
    Unit,
    Description,
    Between,
    OfKind(&'static Key),
}

static NAMES: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| OF_ALL.iter().map(|(name, _)| *name).chain(key::all().map(|key| key.name)).collect());

impl<'de> Deserialize<'de> for TableKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;

        impl Visitor<'_> for Name {
            type Value = TableKey;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
                Ok(match name {
                    "distribution" => TableKey::Distribution,
                    "unit" => TableKey::Unit,
                    "description" => TableKey::Description,
                    "between" => TableKey::Between,
                    _ => match key::all().find(|key| key.name == name) {
                        Some(key) => TableKey::OfKind(key),
                        None => return Err(E::unknown_field(name, &NAMES)),
                    },
                })
            }
        }

        deserializer.deserialize_identifier(Name)
    }
}

impl<'de> Deserialize<'de> for CovariateTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Table;

        impl<'de> Visitor<'de> for Table {
            type Value = CovariateTable;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table, or one number for everyone")
            }

            fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
                Ok(CovariateTable { short: Some(NumberOrText::Number(value)), ..CovariateTable::default() })
            }

            fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
                let short = Some(NumberOrText::Number(value as f64));
                Ok(CovariateTable { short, ..CovariateTable::default() })
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                let short = Some(NumberOrText::Text(text.into()));
                Ok(CovariateTable { short, ..CovariateTable::default() })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut table = CovariateTable::default();
                while let Some(key) = map.next_key()? {
                    match key {
                        TableKey::Distribution => table.distribution = Some(map.next_value()?),
                        TableKey::Unit => table.unit = Some(map.next_value()?),
                        TableKey::Description => table.description = Some(map.next_value()?),
                        TableKey::Between => table.between = Some(map.next_value()?),
                        TableKey::OfKind(key) => table.keys.push((key.name, key.reads.read(&mut map)?)),
                    }
                }
                Ok(table)
            }
        }

        deserializer.deserialize_any(Table)
    }
}

impl JsonSchema for CovariateTable {
    fn schema_name() -> Cow<'static, str> {
        "CovariateTable".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut properties = serde_json::Map::new();
        let of_all = [
            Choice::<DistributionKind>::json_schema(generator),
            generator.subschema_for::<Option<String>>(),
            generator.subschema_for::<Option<String>>(),
            generator.subschema_for::<Option<Pair<f64>>>(),
        ];
        for ((name, doc), mut schema) in OF_ALL.into_iter().zip(of_all) {
            schema.insert("description".into(), doc.into());
            properties.insert(name.into(), schema.into());
        }
        for key in key::all() {
            properties.insert(key.name.into(), key::schema(key, generator).into());
        }
        json_schema!({
            "anyOf": [
                {
                    "type": "object",
                    "additionalProperties": false,
                    "properties": properties,
                    "required": ["distribution"],
                },
                { "type": "number", "description": "The same number for everyone." },
                { "type": "string", "description": "The same number for everyone, with its unit: `70 kg`." },
            ],
            "description": "The distribution of a covariate, as a table whose keys depend on `distribution`, or one \
                            number for everyone."
        })
    }
}
