//! Scenarios, what is compared of them, and uncertainty of the typical values, as they are written.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::super::spanned::{Entries, Spanned};
use super::super::value::{Fraction, fraction, fraction_list};
use super::{Number, Text};

/// A scenario: what it says replaces what the file says, table by table and key by key. A list is
/// replaced as a whole, and so is a table with a `distribution` or a `statistic`.
#[derive(Debug, Default, JsonSchema)]
pub(in crate::cohort) struct ScenarioTable {
    /// What the scenario is, for the reader.
    pub(in crate::cohort) description: Option<String>,
    /// What is left out of the file before, as `["events", "eligibility.require"]`.
    pub(in crate::cohort) without: Option<Vec<Text>>,
}

impl<'de> Deserialize<'de> for ScenarioTable {
    // By hand, as all other keys are read where they stand once the scenario is laid over the file.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Table;

        impl<'de> Visitor<'de> for Table {
            type Value = ScenarioTable;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut table = ScenarioTable::default();
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "description" => table.description = Some(map.next_value()?),
                        "without" => table.without = Some(map.next_value()?),
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(table)
            }
        }

        deserializer.deserialize_map(Table)
    }
}

/// Typical values drawn anew for each replicate; its patients are the same.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::cohort) struct UncertaintyTable {
    /// Number of replicates, 1 to 10_000.
    #[schemars(required)]
    pub(in crate::cohort) replicates: Option<Spanned<i64>>,
    /// Patients of each replicate, from the first; all of them if there are fewer. Default: all.
    pub(in crate::cohort) patients: Option<Spanned<i64>>,
    /// Fixed effects of the model, by their name in its `ini` block, with how uncertain they are.
    #[schemars(required)]
    pub(in crate::cohort) parameters: Option<Spanned<Entries<Spanned<SpreadTable>>>>,
}

/// How uncertain a fixed effect is: `cv` or `log_cv`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::cohort) struct SpreadTable {
    /// Coefficient of variation of the parameter, lognormal about its value; 0.3 or `"30 %"`.
    pub(in crate::cohort) cv: Option<Spanned<Fraction>>,
    /// The parameter is a logarithm: coefficient of variation of its exponential.
    pub(in crate::cohort) log_cv: Option<Spanned<Fraction>>,
}

/// What is compared between scenarios.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::cohort) struct CompareTable {
    /// The scenario that the others are paired with. Default: the file itself.
    pub(in crate::cohort) base: Option<Text>,
    /// The scenarios that are run, in this order. Default: all, in file order.
    pub(in crate::cohort) scenarios: Option<Spanned<Vec<Text>>>,
    /// Probabilities of a dose-limiting toxicity at which the maximum tolerated dose is read. Default:
    /// `[0.3]`.
    #[serde(default, deserialize_with = "fraction_list")]
    #[schemars(with = "Option<Vec<Fraction>>")]
    pub(in crate::cohort) mtd: Option<Spanned<Vec<Number>>>,
    /// The dose at which a reference tumour stands still.
    #[serde(rename = "static")]
    pub(in crate::cohort) still: Option<Spanned<StaticTable>>,
    /// The dose with so much disease control.
    pub(in crate::cohort) control: Option<Spanned<ControlTable>>,
    /// Steps of the waterfall from the first to the last, in this order.
    pub(in crate::cohort) waterfall: Option<Vec<Spanned<WaterfallTable>>>,
}

/// The dose at which a reference tumour stands still: the lowest at which the endpoint is at most 0.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::cohort) struct StaticTable {
    /// The scenario with the reference tumour. Default: the file itself.
    pub(in crate::cohort) scenario: Option<Text>,
    /// An endpoint of that scenario: a change of size.
    #[schemars(required)]
    pub(in crate::cohort) endpoint: Option<Text>,
}

/// The lowest dose at which so large a proportion of the patients has disease control.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::cohort) struct ControlTable {
    /// The scenario, which has [response]. Default: the file itself.
    pub(in crate::cohort) scenario: Option<Text>,
    /// The proportion, between 0 and 1.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(required, with = "Option<Fraction>")]
    pub(in crate::cohort) proportion: Option<Number>,
}

/// A step of the waterfall: the maximum tolerated dose of a scenario, or a dose.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::cohort) struct WaterfallTable {
    /// A scenario.
    pub(in crate::cohort) scenario: Option<Text>,
    /// A declared dose in place of a scenario.
    pub(in crate::cohort) dose: Option<Text>,
    /// What the step is called. Default: the scenario or the dose.
    pub(in crate::cohort) label: Option<String>,
}
