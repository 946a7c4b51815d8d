//! What a model file says about itself: assignments of R literals before the blocks.
//!
//! Nothing of it is refused but what vpop alone reads: what is not understood is kept as its text.

use std::ops::Range;

use super::ast::{Argument, Expr, Kind};
use super::dimension::label;
use super::errors::{MetadataError, ModelNotice, Report};
use super::outline::Outline;
use super::{Metadata, OverTime};
use crate::diagnostic::did_you_mean;
use crate::unit::{Base, Conversion, TIME_WORDS, Unit};

/// The unit of time of a model that does not say it.
const USUAL_TIME: &str = "hour";
/// The unit of doses of a model that does not say it.
const USUAL_DOSING: &str = "mg";
/// Fields of an entry that are read.
const FIELDS: [&str; 3] = ["description", "units", "scale"];

/// The metadata of a model, and what it says of single names.
pub(super) struct About {
    /// What travels with the model.
    pub(super) metadata: Metadata,
    /// `covariateData`, if there is one: then it names every covariate.
    pub(super) covariates: Option<Vec<Described>>,
    /// `compartmentData`
    pub(super) states: Vec<Described>,
    /// `outputData`
    pub(super) outputs: Vec<Described>,
}

/// One entry of `covariateData`, `compartmentData` or `outputData`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Described {
    /// The name it describes.
    pub(super) name: String,
    /// Where the entry stands.
    pub(super) span: Range<usize>,
    /// `description`, or else a covariate's `label` or what its compartment is of: `analyte`.
    pub(super) description: Option<String>,
    /// `units`
    pub(super) unit: Option<String>,
    /// `reference_category`, of a covariate.
    pub(super) reference_category: Option<String>,
    /// `notes`
    pub(super) notes: Option<String>,
    /// `scale`, of a state.
    pub(super) scale: Option<f64>,
    /// What its fields say of a change over time.
    pub(super) over_time: Option<OverTime>,
}

/// Reads all metadata of a model function.
pub(super) fn read(outline: &Outline<'_>, text: &str, report: &mut Report) -> About {
    let mut about =
        About { metadata: Metadata::default(), covariates: None, states: Vec::new(), outputs: Vec::new() };
    for (i, &(name, span, value)) in outline.metadata.iter().enumerate() {
        if outline.metadata[i + 1..].iter().any(|(later, ..)| *later == name) {
            report.note(span, &ModelNotice::Twice { name: name.into(), taken: "last" });
            continue;
        }
        match name {
            "description" => about.metadata.description = text_of(value, text),
            "reference" => about.metadata.reference = text_of(value, text),
            "units" => units(value, text, &mut about.metadata),
            _ => about.metadata.other.push((name.into(), literal(value, text))),
        }
        let mut list = |is_own| described(name, value, text, is_own, report);
        match name {
            "covariateData" => about.covariates = list(false),
            "compartmentData" => about.states = list(true).unwrap_or_default(),
            "outputData" => about.outputs = list(true).unwrap_or_default(),
            _ => {}
        }
    }
    if outline.complete {
        assume_units(outline, &mut about.metadata, report);
    }
    about
}

/// The text of a literal: strings, and `paste` of strings.
pub(super) fn as_text(expr: &Expr) -> Option<String> {
    let (name, arguments) = match &expr.kind {
        Kind::Text(text) => return Some(text.clone()),
        Kind::Call(name, arguments) => (name.as_str(), arguments),
        _ => return None,
    };
    let mut separator = match name {
        "paste" => " ".to_owned(),
        "paste0" | "c" => String::new(),
        _ => return None,
    };
    let mut parts = Vec::new();
    for argument in arguments {
        let value = as_text(&argument.value)?;
        match argument.name.as_deref() {
            None => parts.push(value),
            Some("sep") if name == "paste" => separator = value,
            Some("collapse") => {}
            Some(_) => return None,
        }
    }
    if name == "c" && parts.len() != 1 {
        return None;
    }
    Some(parts.join(&separator))
}

/// Strings without their quotes, anything else as it is written.
fn literal(expr: &Expr, text: &str) -> String {
    as_text(expr).unwrap_or_else(|| text[expr.span.clone()].to_owned())
}

/// The same, but nothing where a field is left empty on purpose.
fn text_of(expr: &Expr, text: &str) -> Option<String> {
    Some(literal(expr, text)).filter(|_| !is_missing(expr)).filter(|found| !found.trim().is_empty())
}

fn is_missing(expr: &Expr) -> bool {
    matches!(expr.as_name(), Some("NULL" | "NA" | "NA_character_" | "NA_real_" | "NA_integer_"))
}

/// The named entries of `list(...)` or `c(...)`; `None` if it is neither.
fn entries(value: &Expr) -> Option<impl Iterator<Item = (&str, &Expr)>> {
    let Kind::Call(function, arguments) = &value.kind else { return None };
    let named = |argument: &'_ Argument| argument.name.is_some();
    let is_list = matches!(function.as_str(), "list" | "c") && arguments.iter().any(named);
    let is_empty = function == "list" && arguments.is_empty();
    (is_list || is_empty)
        .then(|| arguments.iter().filter_map(|argument| Some((argument.name.as_deref()?, &argument.value))))
}

fn units(value: &Expr, text: &str, metadata: &mut Metadata) {
    for (which, unit) in entries(value).into_iter().flatten() {
        let Some(found) = text_of(unit, text) else { continue };
        match which {
            "time" => metadata.time_unit = found,
            "dosing" => {
                metadata.dosing_unit = dosing_unit(&found);
                // What it says beside the unit.
                if Unit::known(&found).is_none() {
                    metadata.other.push((format!("units${which}"), found));
                }
            }
            "concentration" => metadata.concentration_unit = Some(without_remark(found)),
            _ => metadata.other.push((format!("units${which}"), found)),
        }
    }
}

/// Sees to it that the model has units of time and of doses, and says what was assumed.
fn assume_units(outline: &Outline<'_>, metadata: &mut Metadata, report: &mut Report) {
    let span = outline.metadata.iter().find(|(name, ..)| *name == "units");
    let span = span.map_or(&outline.span, |(_, _, value)| &value.span);
    let said = std::mem::take(&mut metadata.time_unit);
    let leading = || time_unit(&Unit::leading(&said)?.to_string());
    match time_unit(&said).or_else(leading) {
        Some(unit) => metadata.time_unit = unit.into(),
        None => {
            let taken = time_of_labels(outline.ini).unwrap_or(USUAL_TIME).to_owned();
            metadata.time_unit.clone_from(&taken);
            let notice = match said.is_empty() {
                true => ModelNotice::AssumedUnit { which: "time", taken },
                false => ModelNotice::NoTime { found: said, taken },
            };
            report.warn(span, &notice);
        }
    }
    if metadata.dosing_unit.is_empty() {
        metadata.dosing_unit = USUAL_DOSING.into();
        report.warn(span, &ModelNotice::AssumedUnit { which: "doses", taken: USUAL_DOSING.into() });
    }
}

/// A unit of time by the name that it is known by here.
fn time_unit(text: &str) -> Option<&'static str> {
    let unit = Unit::known(text).filter(|unit| unit.is_a(&Base::Time))?;
    let same =
        |word: &&str| Unit::known(word).and_then(|known| unit.to(&known)).is_some_and(Conversion::is_none);
    Some(match TIME_WORDS.into_iter().find(same)? {
        "s" => "second",
        "min" => "minute",
        "h" => "hour",
        word => word,
    })
}

/// The one unit of time that all labels with such a unit have.
fn time_of_labels(ini: &[Expr]) -> Option<&'static str> {
    let labels = ini.iter().filter_map(|statement| match &statement.kind {
        Kind::Call(name, arguments) if name == "label" => as_text(&arguments.first()?.value),
        _ => None,
    });
    let units: Vec<Unit> = labels.filter_map(|label| label::unit(&label)).collect();
    let mut times = units.iter().flat_map(Unit::words).filter_map(|(word, _)| time_unit(word));
    let first = times.next()?;
    times.all(|time| time == first).then_some(first)
}

/// A unit in which drugs are measured by its symbol, or what a text begins with; anything else is a unit of its own.
fn dosing_unit(text: &str) -> String {
    let of_drug = |text: &str| {
        let unit = Unit::known(text).filter(Unit::is_of_drug)?;
        (unit.words().count() == 1 && unit.number() == 1.0).then(|| unit.to_string())
    };
    // `mg of glucose (iv)`, `mg sipoglitazar`
    let first_word = || text.split_whitespace().next().and_then(of_drug);
    let leading = || Unit::leading(text).filter(|unit| unit.words().count() > 0).map(|unit| unit.to_string());
    of_drug(text).or_else(first_word).or_else(leading).unwrap_or_else(|| text.trim().to_owned())
}

/// `mmol/L` of `mmol/L (fasting)`; a text that is or begins with no unit as it is.
fn without_remark(text: String) -> String {
    let known = Unit::known(&text).is_some();
    let leading = Unit::leading(&text).filter(|_| !known);
    leading.map_or(text, |unit| unit.to_string())
}

/// Reads a list of descriptions; `None` if it is no list. Of lists that vpop alone has, fields are looked after.
fn described(
    list: &str,
    value: &Expr,
    text: &str,
    is_own: bool,
    report: &mut Report,
) -> Option<Vec<Described>> {
    if is_missing(value) {
        return None;
    }
    let Some(entries) = entries(value) else {
        let notice = ModelNotice::Form { name: list.into(), expected: "a list with named entries" };
        report.note(&value.span, &notice);
        return None;
    };
    let mut found: Vec<Described> = Vec::new();
    for (name, entry) in entries {
        if found.iter().any(|earlier| earlier.name == name) {
            report.note(&entry.span, &ModelNotice::Twice { name: name.into(), taken: "first" });
            continue;
        }
        found.push(one_described(list, name, entry, text, is_own, report));
    }
    Some(found)
}

fn one_described(
    list: &str,
    name: &str,
    entry: &Expr,
    text: &str,
    is_own: bool,
    report: &mut Report,
) -> Described {
    let span = entry.span.clone();
    let description = as_text(entry);
    let over_time = description.as_deref().and_then(OverTime::of_text);
    let mut one = Described {
        name: name.into(),
        span,
        description,
        unit: None,
        reference_category: None,
        notes: None,
        scale: None,
        over_time,
    };
    if one.description.is_some() {
        return one;
    }
    for (field, value) in entries(entry).into_iter().flatten() {
        if one.over_time.is_none() {
            one.over_time = as_text(value).as_deref().and_then(OverTime::of_text);
        }
        match field {
            "description" => one.description = text_of(value, text),
            "analyte" if one.description.is_none() => one.description = text_of(value, text),
            "units" => one.unit = text_of(value, text).map(without_remark),
            "reference_category" => one.reference_category = text_of(value, text),
            "notes" => one.notes = text_of(value, text),
            "scale" if is_own => one.scale = scale(name, value, report),
            _ if is_own && let Some(near) = did_you_mean(field, FIELDS) => {
                let notice = ModelNotice::Field { list: list.into(), field: field.into(), near };
                report.warn(&value.span, &notice);
            }
            _ => {}
        }
    }
    one
}

fn scale(state: &str, value: &Expr, report: &mut Report) -> Option<f64> {
    match value.kind {
        Kind::Number(scale) if scale > 0.0 => Some(scale),
        _ if is_missing(value) => None,
        _ => {
            report.add(&value.span, MetadataError::Scale { state: state.into() });
            None
        }
    }
}
