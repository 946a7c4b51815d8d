//! What is asked of the outcomes: subgroups, and outcomes against exposures.

use thiserror::Error;

use super::super::raw::{ExposureResponseTable, Number, SubgroupTable, Text};
use super::super::report::{KeyError, Report, Section};
use super::super::spanned::{Entries, Spanned};
use super::super::value::TextOr;
use super::super::{ALL, ExposureResponse, Population, Subgroup};
use crate::diagnostic::{Cause, did_you_mean};

/// Groups of an exposure that are not given: quartiles.
const GROUPS: u32 = 4;
/// The most groups of an exposure, or of a subgroup: the table must be readable.
const MAX_GROUPS: u32 = 100;

/// What can be wrong with what is asked of the outcomes.
#[derive(Debug, Error)]
pub enum SummaryError {
    /// A subgroup by what has no labels, undivided.
    #[error("`{of}` is not a categorical covariate, and nothing says where it is divided")]
    NoCuts {
        /// What stands in `of`.
        of: String,
        /// The categorical covariate that was perhaps meant.
        near: Option<String>,
    },
    /// Cuts that do not increase.
    #[error("{cut} is not above the cut before it")]
    NotIncreasing {
        /// The cut.
        cut: f64,
    },
    /// The name of all patients.
    #[error("`{ALL}` stands for all patients")]
    Reserved,
}

impl Cause for SummaryError {
    fn help(&self) -> Option<String> {
        match self {
            Self::NoCuts { of, near } => {
                near.clone().or_else(|| Some(format!("write {{ of = \"{of}\", cuts = [...] }}")))
            }
            Self::NotIncreasing { .. } => Some("write cuts in increasing order, each once".into()),
            Self::Reserved => Some("choose another name".into()),
        }
    }
}

pub(super) fn subgroups(
    table: Option<&Entries<Spanned<TextOr<SubgroupTable>>>>,
    population: &Population,
    report: &mut Report,
) -> Vec<Subgroup> {
    let entries = table.iter().flat_map(|table| &table.0);
    entries.filter_map(|(name, entry)| subgroup(name, entry, population, report)).collect()
}

fn subgroup(
    name: &Text,
    entry: &Spanned<TextOr<SubgroupTable>>,
    population: &Population,
    report: &mut Report,
) -> Option<Subgroup> {
    report.name(name);
    if name.value.eq_ignore_ascii_case(ALL) {
        report.add(&name.span, SummaryError::Reserved);
    }
    let (of, cuts) = match &entry.value {
        TextOr::Text(text) => (Spanned { value: text.clone(), span: entry.span.clone() }, None),
        TextOr::Table(table) => {
            let section = Section::new(format!("subgroups.{}", name.value), &entry.span);
            (report.required("of", &table.of, &section)?.clone(), table.cuts.as_ref())
        }
    };
    let cuts = match cuts {
        Some(cuts) => self::cuts(cuts, report),
        None => {
            categorical(&of, population, report);
            Vec::new()
        }
    };
    Some(Subgroup { name: name.clone(), of: report.unquoted(&of), cuts })
}

fn cuts(cuts: &Spanned<Vec<Number>>, report: &mut Report) -> Vec<f64> {
    if cuts.value.is_empty() {
        report.add(&cuts.span, KeyError::Empty { key: "cuts" });
    }
    let mut values: Vec<f64> = Vec::new();
    for number in &cuts.value {
        let Some(cut) = report.finite("cuts", number) else { continue };
        if values.last().is_some_and(|&last| cut <= last) {
            report.add(&number.span, SummaryError::NotIncreasing { cut });
        }
        values.push(cut);
    }
    values
}

/// Checks that a subgroup without cuts is by a categorical covariate.
fn categorical(of: &Text, population: &Population, report: &mut Report) {
    let labelled: Vec<&str> = population
        .covariates
        .iter()
        .filter(|covariate| covariate.distribution.labels().is_some())
        .map(|covariate| covariate.name.value.as_str())
        .collect();
    if !labelled.contains(&of.value.as_str()) {
        let near = did_you_mean(&of.value, labelled.iter().copied());
        report.add_if_complete(&of.span, SummaryError::NoCuts { of: of.value.clone(), near });
    }
}

pub(super) fn exposure_response(
    tables: Option<&Vec<Spanned<ExposureResponseTable>>>,
    report: &mut Report,
) -> Vec<ExposureResponse> {
    let tables = tables.into_iter().flatten();
    tables.filter_map(|table| against(table, report)).collect()
}

/// Whether the outcomes have both is known once it is known what they are.
fn against(table: &Spanned<ExposureResponseTable>, report: &mut Report) -> Option<ExposureResponse> {
    let section = Section::new("exposure_response", &table.span);
    let ExposureResponseTable { exposure, outcome, groups } = &table.value;
    let exposure = report.required("exposure", exposure, &section).cloned();
    let outcome = report.required("outcome", outcome, &section).cloned();
    let groups = groups.as_ref().map_or(Some(GROUPS), |n| report.count("groups", n, [2, MAX_GROUPS]));
    Some(ExposureResponse { exposure: exposure?, outcome: outcome?, groups: groups? })
}
