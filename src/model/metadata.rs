//! What a model file says about itself: assignments of R literals before the blocks.

use std::ops::Range;

use super::Metadata;
use super::ast::{Expr, Kind};
use super::errors::{MetadataError, Report};
use super::file::Outline;
use crate::unit::{Base, Conversion, TIME_WORDS, Unit};

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
    /// `description`
    pub(super) description: Option<String>,
    /// `units`
    pub(super) unit: Option<String>,
    /// `scale`, of a state.
    pub(super) scale: Option<f64>,
}

/// Reads all metadata of a model function.
pub(super) fn read(outline: &Outline<'_>, text: &str, report: &mut Report) -> About {
    let mut about =
        About { metadata: Metadata::default(), covariates: None, states: Vec::new(), outputs: Vec::new() };
    for (i, &(name, span, value)) in outline.metadata.iter().enumerate() {
        if outline.metadata[..i].iter().any(|(earlier, ..)| *earlier == name) {
            report.add(span, MetadataError::Duplicate { name: name.into() });
        }
        match name {
            "description" => about.metadata.description = text_or_report(name, value, report),
            "reference" => about.metadata.reference = text_or_report(name, value, report),
            "units" => units(value, &mut about.metadata, report),
            _ => about.metadata.other.push((name.into(), literal(value, text))),
        }
        match name {
            "covariateData" => about.covariates = Some(described(name, value, None, report)),
            "compartmentData" => {
                about.states = described(name, value, Some(&["description", "units", "scale"]), report);
            }
            "outputData" => about.outputs = described(name, value, Some(&["description", "units"]), report),
            _ => {}
        }
    }
    if outline.complete && !outline.metadata.iter().any(|(name, ..)| *name == "units") {
        for which in ["time", "dosing"] {
            report.add(&outline.span, MetadataError::MissingUnit { which });
        }
    }
    about
}

/// The text of a literal: strings, and `paste` of strings.
fn as_text(expr: &Expr) -> Option<String> {
    let (name, arguments) = match &expr.kind {
        Kind::Text(text) => return Some(text.clone()),
        Kind::Call(name, arguments) => (name.as_str(), arguments),
        _ => return None,
    };
    let mut separator = match name {
        "paste" => " ".to_owned(),
        "paste0" => String::new(),
        _ => return None,
    };
    let mut parts = Vec::new();
    for argument in arguments {
        let value = as_text(&argument.value)?;
        match argument.name.as_deref() {
            None => parts.push(value),
            Some("sep") if name == "paste" => separator = value,
            Some(_) => return None,
        }
    }
    Some(parts.join(&separator))
}

/// Strings without their quotes, anything else as it is written.
fn literal(expr: &Expr, text: &str) -> String {
    as_text(expr).unwrap_or_else(|| text[expr.span.clone()].to_owned())
}

/// Whether a field is left empty on purpose.
fn is_missing(expr: &Expr) -> bool {
    matches!(expr.as_name(), Some("NULL" | "NA" | "NA_character_" | "NA_real_" | "NA_integer_"))
}

fn text_or_report(name: &str, value: &Expr, report: &mut Report) -> Option<String> {
    if is_missing(value) {
        return None;
    }
    let text = as_text(value);
    if text.is_none() {
        report.add(&value.span, MetadataError::NotText { name: name.into() });
    }
    text
}

/// The named entries of `list(...)` or `c(...)`.
fn entries<'a>(name: &str, value: &'a Expr, report: &mut Report) -> Vec<(&'a str, &'a Expr)> {
    let Kind::Call(function, arguments) = &value.kind else {
        report.add(&value.span, MetadataError::NotAList { name: name.into() });
        return Vec::new();
    };
    if function != "list" && function != "c" || arguments.iter().any(|a| a.name.is_none()) {
        report.add(&value.span, MetadataError::NotAList { name: name.into() });
    }
    let named: Vec<(&str, &Expr)> =
        arguments.iter().filter_map(|a| Some((a.name.as_deref()?, &a.value))).collect();
    for (i, (entry, value)) in named.iter().enumerate() {
        if named[..i].iter().any(|(earlier, _)| earlier == entry) {
            report.add(&value.span, MetadataError::Duplicate { name: (*entry).into() });
        }
    }
    named
}

fn units(value: &Expr, metadata: &mut Metadata, report: &mut Report) {
    let given = entries("units", value, report);
    for &(which, unit) in &given {
        let Some(found) = text_or_report(which, unit, report) else { continue };
        match which {
            "time" => match time_unit(&found) {
                Some(name) => metadata.time_unit = name.into(),
                None => report.add(&unit.span, MetadataError::TimeUnit { found }),
            },
            "dosing" => match dosing_unit(&found) {
                Some(name) => metadata.dosing_unit = name,
                None => report.add(&unit.span, MetadataError::DosingUnit { found }),
            },
            "concentration" => metadata.concentration_unit = Some(found),
            _ => metadata.other.push((format!("units${which}"), found)),
        }
    }
    for which in ["time", "dosing"] {
        if !given.iter().any(|(name, _)| *name == which) {
            report.add(&value.span, MetadataError::MissingUnit { which });
        }
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

/// A unit in which drugs are measured, by its symbol.
fn dosing_unit(text: &str) -> Option<String> {
    let unit = Unit::known(text).filter(Unit::is_of_drug)?;
    (unit.words().count() == 1 && unit.number() == 1.0).then(|| unit.to_string())
}

/// Reads a list of descriptions. Fields other than `known` are errors, unless any is allowed.
fn described(
    list: &str,
    value: &Expr,
    known: Option<&'static [&'static str]>,
    report: &mut Report,
) -> Vec<Described> {
    let mut found = Vec::new();
    for (name, entry) in entries(list, value, report) {
        let mut one = Described {
            name: name.into(),
            span: entry.span.clone(),
            description: as_text(entry),
            unit: None,
            scale: None,
        };
        if one.description.is_none() {
            for (field, value) in entries(name, entry, report) {
                match field {
                    "description" => one.description = text_or_report(field, value, report),
                    "units" => one.unit = text_or_report(field, value, report),
                    "scale" if known.is_some_and(|k| k.contains(&field)) => {
                        one.scale = scale(name, value, report);
                    }
                    _ => unknown_field(list, field, value, known, report),
                }
            }
        }
        found.push(one);
    }
    found
}

fn scale(state: &str, value: &Expr, report: &mut Report) -> Option<f64> {
    match value.kind {
        Kind::Number(scale) if scale > 0.0 => Some(scale),
        _ => {
            report.add(&value.span, MetadataError::Scale { state: state.into() });
            None
        }
    }
}

fn unknown_field(
    list: &str,
    field: &str,
    value: &Expr,
    known: Option<&'static [&'static str]>,
    report: &mut Report,
) {
    if let Some(known) = known {
        let error = MetadataError::UnknownField { list: list.into(), field: field.into(), known };
        report.add(&value.span, error);
    }
}
