//! Drugs, and arms with doses of their own, as they are written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::amount::RoundTo;
use super::super::spanned::Spanned;
use super::super::value::{NumberOrText, TextOr};
use super::{BioavailabilityName, Number, Text};

/// A drug: what all its doses have in common. What a dose says itself goes before it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::cohort) struct DrugTable {
    /// States of the model that receive its doses; each receives amount x its `f(state)`.
    pub(in crate::cohort) into: Option<Spanned<Vec<Text>>>,
    /// How long each dose takes (`"1 h"`; `"0 h"` or `"bolus"`: at once), or `"model"`: by the model's `dur(state)` or
    /// `rate(state)`. Default: `"bolus"`.
    pub(in crate::cohort) infusion: Option<Text>,
    /// Infusion rate, as `"50 mg/h"`, in place of `infusion`.
    pub(in crate::cohort) rate: Option<Text>,
    /// What `f(state)` acts on where an infusion is given by its rate: on the `amount` or on the `rate`; as in
    /// `[regimen]`.
    pub(in crate::cohort) bioavailability: Option<Spanned<BioavailabilityName>>,
    /// Molecular weight, as `"150 kDa"` or `"450 g/mol"`, if doses are in units of mass and the model takes amounts of
    /// substance, or the other way.
    pub(in crate::cohort) molecular_weight: Option<Text>,
    /// The expression over covariates by whose value `tiers` are told apart, as `"WT"`.
    pub(in crate::cohort) by: Option<Text>,
    /// Doses by classes of patients, in place of an amount: the first tier whose limit a patient's value lies below.
    pub(in crate::cohort) tiers: Option<Spanned<Vec<Spanned<TierTable>>>>,
    /// The largest amount of a dose, as `"200 mg"`.
    pub(in crate::cohort) cap: Option<Text>,
    /// The body size up to which doses per kg or m2 grow, as `"100 kg"` or `"2 m2"`.
    pub(in crate::cohort) size_at_most: Option<Text>,
    /// What amounts are rounded to, after rules and `cap`.
    pub(in crate::cohort) round: Option<Spanned<RoundTable>>,
    /// Doses that patients miss by chance.
    pub(in crate::cohort) missed: Option<Spanned<MissedTable>>,
    /// Dose levels in increasing order, for rules that go up or down a level. Default: those of `[regimen]`, else its
    /// doses in the arms but for 0.
    pub(in crate::cohort) levels: Option<Spanned<Vec<Text>>>,
    /// Whether its first doses in each arm have been given for so long before time 0 that patients begin at their
    /// steady state.
    pub(in crate::cohort) steady_state: Option<Spanned<bool>>,
}

/// Doses that patients miss by chance: the same patient misses the same doses, whatever the arm.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::cohort) struct MissedTable {
    /// The share of doses that are missed, a number or an expression over covariates.
    #[schemars(required)]
    pub(in crate::cohort) probability: Option<Spanned<NumberOrText>>,
    /// How many are missed in a row, on average. Default: whether one is missed says nothing of the next.
    pub(in crate::cohort) run: Option<Number>,
}

/// A dose for a class of patients.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::cohort) struct TierTable {
    /// The value below which patients belong to it, as `"50 kg"`. The last tier has none.
    pub(in crate::cohort) below: Option<Text>,
    /// The dose, as `"400 mg"` or `"5 mg/kg"`.
    #[schemars(required)]
    pub(in crate::cohort) dose: Option<Text>,
}

/// Rounding to whole vials or tablets.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::cohort) struct RoundTable {
    /// What a vial or a tablet holds, as `"50 mg"`.
    #[schemars(required)]
    pub(in crate::cohort) to: Option<Text>,
    /// In which direction. Default: `"nearest"`.
    pub(in crate::cohort) how: Option<Spanned<RoundTo>>,
}

/// An arm with doses of its own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::cohort) struct ArmTable {
    /// What it is called.
    #[schemars(required)]
    pub(in crate::cohort) name: Option<Text>,
    /// What is given: sentences, as `"100 mg of NAME over 2 h q3w x 6"`, or tables.
    #[schemars(required)]
    pub(in crate::cohort) doses: Option<Spanned<Vec<Spanned<TextOr<DoseTable>>>>>,
}

/// Doses of one kind. What it does not say is as in the table of its drug.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a dosing sentence or a table")]
pub(in crate::cohort) struct DoseTable {
    /// The drug, if there are several.
    pub(in crate::cohort) drug: Option<Text>,
    /// How much: a dose, as `"0.2 mg/kg"`, or an expression over covariates in `unit`, as `"5 * (GFR + 25)"`.
    pub(in crate::cohort) amount: Option<Text>,
    /// Unit of an amount that is an expression, as `"mg"`.
    pub(in crate::cohort) unit: Option<Text>,
    /// States of the model that receive the dose.
    pub(in crate::cohort) into: Option<Spanned<Vec<Text>>>,
    /// How long each dose takes, as in the table of a drug.
    pub(in crate::cohort) infusion: Option<Text>,
    /// Infusion rate, as `"50 mg/h"`, in place of `infusion`.
    pub(in crate::cohort) rate: Option<Text>,
    /// Time from one dose to the next.
    pub(in crate::cohort) every: Option<Text>,
    /// Times of the doses since `start`, in increasing order, in place of `every`.
    pub(in crate::cohort) times: Option<Spanned<Vec<Text>>>,
    /// Days on which doses are given, 1 the day of `start`; of each `cycle`, if there is one. With `every` at most a
    /// day several times a day.
    pub(in crate::cohort) days: Option<Spanned<Vec<Spanned<i64>>>>,
    /// Length of the cycles of `days`, as `"28 day"`.
    pub(in crate::cohort) cycle: Option<Text>,
    /// For how long doses are given, and then not for `off`, over and over: with `every`.
    pub(in crate::cohort) on: Option<Text>,
    /// For how long they are not given after `on`.
    pub(in crate::cohort) off: Option<Text>,
    /// Number of cycles; without cycles that of doses.
    pub(in crate::cohort) cycles: Option<Spanned<i64>>,
    /// Number of doses.
    pub(in crate::cohort) doses: Option<Spanned<i64>>,
    /// How long doses go on, the end not included.
    #[serde(rename = "for")]
    pub(in crate::cohort) length: Option<Text>,
    /// The time up to which doses go on, not included, or `"end"` for the end of the run.
    pub(in crate::cohort) until: Option<Text>,
    /// When the first dose is given, or the first cycle begins. Default: time 0.
    pub(in crate::cohort) start: Option<Text>,
    /// Whether they have been given for so long before time 0 that patients begin at their steady state.
    pub(in crate::cohort) steady_state: Option<Spanned<bool>>,
    /// The expression over covariates by whose value `tiers` are told apart.
    pub(in crate::cohort) by: Option<Text>,
    /// Doses by classes of patients, in place of `amount`.
    pub(in crate::cohort) tiers: Option<Spanned<Vec<Spanned<TierTable>>>>,
    /// The largest amount of a dose, as `"200 mg"`.
    pub(in crate::cohort) cap: Option<Text>,
    /// The body size up to which doses per kg or m2 grow, as `"100 kg"` or `"2 m2"`.
    pub(in crate::cohort) size_at_most: Option<Text>,
    /// What amounts are rounded to, after rules and `cap`.
    pub(in crate::cohort) round: Option<Spanned<RoundTable>>,
}
