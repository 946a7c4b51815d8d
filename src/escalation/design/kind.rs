//! What a kind of design is: the table of its settings, and what is made of it.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;

use super::super::conduct::Limits;
use super::super::doses::Doses;
use super::super::evaluability::Evaluability;
use super::decision_table::DecisionTable;
use super::{Cohorts, Design, DesignError};
use crate::cohort::Spanned;
use crate::cohort::report::Report;
use crate::cohort::value::Pair;

pub(super) type Text = Spanned<String>;
pub(super) type Number = Spanned<f64>;
pub(super) type Whole = Spanned<i64>;

/// The most patients of a trial: it is a phase I trial.
pub(in crate::escalation) const MOST_PATIENTS: u32 = 1_000;
/// Target probability of toxicity where none is given.
pub(super) const TARGET: f64 = 0.3;

/// A kind of design.
pub(in crate::escalation) trait DesignKind {
    /// The table of its settings.
    type Table: DeserializeOwned + JsonSchema + std::fmt::Debug;
    /// What the table is called.
    const NAME: &'static str;
    /// What an editor shows of it.
    const DOC: &'static str;
    /// Designs of this kind by which trials are conducted if none is named.
    const STANDARD: &'static [DesignFileText] = &[];
    /// What holds for `[patients]`.
    const PATIENTS: PatientRules = PatientRules::USUAL;
    /// Whether it needs the doses themselves, not their order alone.
    const NEEDS_DOSES: bool = false;

    /// Checks the settings; what is wrong is reported.
    fn check(table: &Spanned<Self::Table>, scope: &Scope<'_>, report: &mut Report) -> Option<Checked>;
}

/// A design file that is part of the program.
#[derive(Debug)]
pub(in crate::escalation) struct DesignFileText {
    /// Where it stands.
    pub(in crate::escalation) path: &'static str,
    /// What it says.
    pub(in crate::escalation) text: &'static str,
}

/// A file in `designs/`.
macro_rules! shipped {
    ($file:literal) => {
        $crate::escalation::design::kind::DesignFileText {
            path: concat!("designs/", $file),
            text: include_str!(concat!("../../../designs/", $file)),
        }
    };
}
pub(super) use shipped;

/// What holds for the patients of a kind of design.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::escalation) struct PatientRules {
    /// Patients in a cohort, if the file does not say.
    pub(in crate::escalation) cohort: u32,
    /// Patients in all, if the file does not say.
    pub(in crate::escalation) maximum: u32,
    /// Of a cohort, how many are replaced, if the file does not say; none is all.
    pub(in crate::escalation) replaced: Option<u32>,
    /// Whether the design decides by its own rule how large cohorts are, who is replaced and when a dose is known.
    pub(in crate::escalation) are_its_own: bool,
}

impl PatientRules {
    /// Of most designs.
    pub(in crate::escalation) const USUAL: Self =
        Self { cohort: 3, maximum: 30, replaced: None, are_its_own: false };
}

/// What a design file says besides the settings of its kind.
pub(in crate::escalation) struct Scope<'a> {
    /// The doses of the trial.
    pub(in crate::escalation) doses: &'a Doses,
    /// First dose and size of a cohort.
    pub(in crate::escalation) cohorts: Cohorts,
    /// How long it goes on.
    pub(in crate::escalation) limits: Limits,
}

/// What the settings of a kind make.
pub(in crate::escalation) struct Checked {
    /// Who is treated next.
    pub(in crate::escalation) design: Box<dyn Design>,
    /// Its decisions by counts, if these decide.
    pub(in crate::escalation) table: Option<DecisionTable>,
    /// What a moderate toxicity is, if it asks.
    pub(in crate::escalation) moderate: Option<Moderate>,
    /// The rule for the declared dose, if it has one.
    pub(in crate::escalation) evaluability: Option<Evaluability>,
}

impl Checked {
    pub(super) fn of(design: impl Design + 'static) -> Self {
        Self { design: Box::new(design), table: None, moderate: None, evaluability: None }
    }
}

/// What a moderate toxicity is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moderate {
    /// A term of at least this grade, worse than before the first dose.
    pub grade: u32,
    /// In this window of the run's grades.
    pub window: String,
    /// Whether the file names the window, which the run must then have.
    pub is_named: bool,
}

/// What is known of a kind of design where a file names it.
#[derive(Debug)]
pub(in crate::escalation) struct DesignInfo {
    pub(in crate::escalation) name: &'static str,
    pub(in crate::escalation) doc: &'static str,
    pub(in crate::escalation) standard: &'static [DesignFileText],
    pub(in crate::escalation) patients: PatientRules,
    pub(in crate::escalation) needs_doses: bool,
    pub(in crate::escalation) schema: fn(&mut SchemaGenerator) -> Schema,
}

impl DesignInfo {
    pub(super) const fn of<K: DesignKind>() -> Self {
        Self {
            name: K::NAME,
            doc: K::DOC,
            standard: K::STANDARD,
            patients: K::PATIENTS,
            needs_doses: K::NEEDS_DOSES,
            schema: |generator| generator.subschema_for::<Option<K::Table>>(),
        }
    }
}

/// A number between 0 and 1, neither of them; or what stands in its place.
pub(super) fn probability(
    key: &str,
    number: &Option<Number>,
    default: f64,
    report: &mut Report,
) -> Option<f64> {
    let Some(number) = number else { return Some(default) };
    if number.value > 0.0 && number.value < 1.0 {
        return Some(number.value);
    }
    report.add(&number.span, DesignError::NotAProbability { key: key.into(), value: number.value });
    None
}

/// A whole number up to the most patients, or what stands in its place.
pub(super) fn count(key: &str, number: &Option<Whole>, default: u32, report: &mut Report) -> Option<u32> {
    number.as_ref().map_or(Some(default), |number| report.count(key, number, [0, MOST_PATIENTS]))
}

/// Two probabilities, the lower first, or what stands in their place.
pub(super) fn interval(
    key: &'static str,
    pair: Option<&Spanned<Pair<f64>>>,
    default: [f64; 2],
    report: &mut Report,
) -> Option<[f64; 2]> {
    let Some(pair) = pair else { return Some(default) };
    let bounds = report.bounds(key, pair)?;
    for value in bounds {
        let number = Some(Spanned { value, span: pair.span.clone() });
        probability(key, &number, value, report)?;
    }
    Some(bounds)
}

/// Half the width of the interval about the target that is good enough: Guo et al. (2017).
const HALF_WIDTH: f64 = 0.05;
/// The least width of such an interval.
const NARROWEST: f64 = 0.001;

/// An interval about the target, or the usual one.
pub(super) fn about_target(
    pair: Option<&Spanned<Pair<f64>>>,
    target: f64,
    report: &mut Report,
) -> Option<[f64; 2]> {
    let usual = [(target - HALF_WIDTH).max(0.5 * target), (target + HALF_WIDTH).min(0.5 * (1.0 + target))];
    let [low, high] = interval("interval", pair, usual, report)?;
    if let Some(pair) = pair
        && (!(low..=high).contains(&target) || high - low < NARROWEST)
    {
        report.add(&pair.span, DesignError::NotAbout { low, high, target, narrowest: NARROWEST });
        return None;
    }
    Some([low, high])
}
