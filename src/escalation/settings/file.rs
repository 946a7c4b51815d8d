//! The design file as it is written: nothing checked but the types of values.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use crate::cohort::Spanned;
use crate::escalation::design::{DesignTable, KINDS};

pub(super) type Text = Spanned<String>;
pub(super) type Whole = Spanned<i64>;

/// A dose-escalation design: its name, its patients, and one table with the settings of its kind.
#[derive(Debug, Default)]
pub(super) struct DesignFile {
    pub(super) name: Option<Text>,
    pub(super) start: Option<Text>,
    pub(super) patients: Option<Spanned<PatientsTable>>,
    /// Tables of kinds, in the order of the kinds.
    pub(super) tables: Vec<DesignTable>,
}

/// Keys of every design, and what an editor shows of them.
const OF_ALL: [(&str, &str); 4] = [
    ("name", "What the design is called in tables and results."),
    ("description", "What it is, for the reader."),
    ("start", "The first dose, as the run or `--doses` calls it. Default: the lowest."),
    ("patients", "How many patients."),
];

static KEYS: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| OF_ALL.iter().map(|(key, _)| *key).chain(KINDS.iter().map(|kind| kind.name)).collect());

/// A key that a design file may have.
struct Key(&'static str);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;

        impl Visitor<'_> for Name {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
                let known = KEYS.iter().find(|key| **key == name);
                known.map(|key| Key(key)).ok_or_else(|| E::unknown_field(name, &KEYS))
            }
        }

        deserializer.deserialize_identifier(Name)
    }
}

impl<'de> Deserialize<'de> for DesignFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct File;

        impl<'de> Visitor<'de> for File {
            type Value = DesignFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut file = DesignFile::default();
                while let Some(Key(key)) = map.next_key()? {
                    match key {
                        "name" => file.name = Some(map.next_value()?),
                        "description" => drop(map.next_value::<String>()?),
                        "start" => file.start = Some(map.next_value()?),
                        "patients" => file.patients = Some(map.next_value()?),
                        kind => match DesignTable::read(kind, &mut map)? {
                            Some(table) => file.tables.push(table),
                            None => drop(map.next_value::<IgnoredAny>()?),
                        },
                    }
                }
                file.tables.sort_by_key(DesignTable::position);
                Ok(file)
            }
        }

        deserializer.deserialize_map(File)
    }
}

impl JsonSchema for DesignFile {
    fn schema_name() -> Cow<'static, str> {
        "DesignFile".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut properties = serde_json::Map::new();
        let of_all = [
            generator.subschema_for::<String>(),
            generator.subschema_for::<Option<String>>(),
            generator.subschema_for::<Option<String>>(),
            generator.subschema_for::<Option<PatientsTable>>(),
        ];
        let kinds = KINDS.iter().map(|kind| (kind.name, kind.doc));
        let of_kinds: Vec<Schema> = KINDS.iter().map(|kind| (kind.schema)(generator)).collect();
        for ((name, doc), mut schema) in
            OF_ALL.into_iter().chain(kinds).zip(of_all.into_iter().chain(of_kinds))
        {
            schema.insert("description".into(), doc.into());
            properties.insert(name.into(), schema.into());
        }
        json_schema!({
            "title": "vpop design file",
            "type": "object",
            "additionalProperties": false,
            "properties": properties,
            "required": ["name"],
            "description": "A dose-escalation design: its name, its patients, and one table with the settings of its kind."
        })
    }
}

/// How many patients.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct PatientsTable {
    /// In a cohort. Default: 3; of a fixed design 4. Not of 3+3 and accelerated titration.
    pub(super) cohort: Option<Whole>,
    /// In all, those who are replaced included. Default: 30; of a fixed design 20.
    pub(super) maximum: Option<Whole>,
    /// The trial ends when the next dose has so many evaluable patients already; of BOIN, mTPI-2 and decision
    /// tables, when the present dose has and the decision is to stay, or it cannot move (`n.earlystop` of the R
    /// package BOIN). Default: it does not.
    pub(super) at_dose: Option<Whole>,
    /// Of a cohort, how many who turn out not to be evaluable are replaced. Default: all; of a fixed design 1.
    pub(super) replaced: Option<Whole>,
}
