//! Covariates: drawn, computed, or taken from a user's file.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use thiserror::Error;

use super::super::raw::{CovariateTable, DerivedTable, PopulationTable, RepeatedIdsName, RowsTable, Text};
use super::super::report::{KeyError, Report, Section};
use super::super::spanned::{Entries, Spanned};
use super::super::value::TextOr;
use super::super::{Derived, Distribution, Drawn, Population, RepeatedIds, Rows};
use super::{correlation, distribution, general};
use crate::diagnostic::{Cause, did_you_mean};

/// What can be wrong between covariates.
#[derive(Debug, Error)]
pub enum PopulationError {
    /// Two covariates of one name.
    #[error("there is already a covariate `{name}`")]
    NameTwice {
        /// The name.
        name: String,
    },
    /// Classes by something that is no covariate.
    #[error("`{by}` is not a drawn covariate")]
    UnknownClass {
        /// What stands in `by`.
        by: String,
        /// The nearest covariate there is.
        near: Option<String>,
    },
    /// Classes by a covariate without labels.
    #[error("`{by}` has no labels")]
    NotAClass {
        /// What stands in `by`.
        by: String,
    },
    /// A label without its distribution.
    #[error("`{name}` has no distribution for `{label}` of {by}")]
    LabelMissing {
        /// The covariate.
        name: String,
        /// The label.
        label: String,
        /// The covariate with the labels.
        by: String,
    },
    /// A distribution for a label that is not there.
    #[error("{by} has no label `{label}`")]
    UnknownLabel {
        /// The covariate with the labels.
        by: String,
        /// The label.
        label: String,
        /// Its labels.
        labels: Vec<String>,
    },
}

impl Cause for PopulationError {
    fn help(&self) -> Option<String> {
        match self {
            Self::UnknownClass { near, .. } => near.clone(),
            Self::NotAClass { .. } => {
                Some("name a covariate with a categorical or bernoulli distribution".into())
            }
            Self::LabelMissing { name, label, .. } => Some(format!("add [population.{name}.of.{label}]")),
            Self::UnknownLabel { label, labels, .. } => {
                did_you_mean(label, labels.iter().map(String::as_str))
                    .or_else(|| Some(format!("its labels: {}", labels.join(", "))))
            }
            Self::NameTwice { .. } => None,
        }
    }
}

/// The covariates with a distribution.
pub(super) struct Known<'a> {
    /// Every name, also of those whose distribution is wrong.
    names: Vec<&'a str>,
    /// Those whose distribution is right.
    drawn: &'a [Drawn],
}

impl Known<'_> {
    /// Whether there is a covariate of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains(&name)
    }

    /// Its distribution; none also where that is wrong, which has been said.
    pub(super) fn distribution(&self, name: &str) -> Option<&Distribution> {
        self.drawn
            .iter()
            .find(|covariate| covariate.name.value == name)
            .map(|covariate| &covariate.distribution)
    }

    /// A suggestion for a name that is not there.
    pub(super) fn near(&self, name: &str) -> Option<String> {
        did_you_mean(name, self.names.iter().copied())
    }
}

pub(super) fn check(table: Option<&PopulationTable>, folder: &Path, report: &mut Report) -> Population {
    let Some(table) = table else { return Population::default() };
    let tables = &table.covariates.0;
    let mut covariates: Vec<Drawn> =
        tables.iter().filter_map(|(name, table)| drawn(name, table, report)).collect();
    let names = tables.iter().map(|(name, _)| name.value.as_str()).collect();
    let known = Known { names, drawn: &covariates };
    for covariate in &covariates {
        if let Some((_, table)) = tables.iter().find(|(name, _)| *name == covariate.name) {
            classes(covariate, &table.value, &known, report);
        }
    }
    let derived = table.derived.as_ref().map_or(Vec::new(), |derived| self::derived(derived, report));
    let rows = table.rows.as_ref().and_then(|rows| self::rows(rows, folder, report));
    let correlations = match &table.correlation {
        Some(correlation) => correlation::check(&correlation.value, &known, report),
        None => Vec::new(),
    };
    order_classes(&mut covariates);
    let population = Population { covariates, derived, correlations, rows };
    names_once(&population, report);
    population
}

fn drawn(name: &Text, table: &Spanned<CovariateTable>, report: &mut Report) -> Option<Drawn> {
    report.name(name);
    let section = Section::new(format!("population.{}", name.value), &table.span);
    let distribution = distribution::check(&table.value, &section, report)?;
    Some(Drawn {
        name: name.clone(),
        distribution,
        unit: table.value.unit.as_ref().map(|text| text.value.clone()),
        description: table.value.description.as_ref().map(|text| text.value.clone()),
        between: table
            .value
            .between
            .as_ref()
            .map(|pair| Spanned { value: pair.value.0, span: pair.span.clone() }),
    })
}

/// Checks that a mixture has a distribution for each label of its class, and no other.
fn classes(covariate: &Drawn, table: &CovariateTable, known: &Known, report: &mut Report) {
    let Distribution::ByClass { by, of } = &covariate.distribution else { return };
    if !known.has(&by.value) {
        let cause = PopulationError::UnknownClass { by: by.value.clone(), near: known.near(&by.value) };
        return report.add_if_complete(&by.span, cause);
    }
    let Some(class) = known.distribution(&by.value) else { return };
    let Some(labels) = labels(class) else {
        return report.add(&by.span, PopulationError::NotAClass { by: by.value.clone() });
    };
    for label in labels.iter().filter(|label| !of.iter().any(|(given, _)| given == *label)) {
        let (name, by_name) = (covariate.name.value.clone(), by.value.clone());
        let cause = PopulationError::LabelMissing { name, label: label.clone(), by: by_name };
        report.add_if_complete(&by.span, cause);
    }
    for (label, _) in table.of.iter().flat_map(|of| &of.value.0) {
        if !labels.contains(&label.value) {
            let (by, name, labels) = (by.value.clone(), label.value.clone(), labels.clone());
            report.add(&label.span, PopulationError::UnknownLabel { by, label: name, labels });
        }
    }
}

/// The labels that a mixture can depend on.
fn labels(class: &Distribution) -> Option<Vec<String>> {
    match class {
        Distribution::Categorical { labels, .. } => Some(labels.clone()),
        Distribution::Bernoulli { .. } => Some(vec!["0".into(), "1".into()]),
        _ => None,
    }
}

/// Puts the classes of each mixture into the order of the labels they depend on.
fn order_classes(covariates: &mut [Drawn]) {
    let of_name: HashMap<String, Vec<String>> = covariates
        .iter()
        .filter_map(|covariate| Some((covariate.name.value.clone(), labels(&covariate.distribution)?)))
        .collect();
    for covariate in covariates {
        if let Distribution::ByClass { by, of } = &mut covariate.distribution
            && let Some(labels) = of_name.get(&by.value)
        {
            of.sort_by_key(|(label, _)| labels.iter().position(|other| other == label));
        }
    }
}

fn derived(entries: &Entries<Spanned<TextOr<DerivedTable>>>, report: &mut Report) -> Vec<Derived> {
    let mut derived = Vec::new();
    for (name, entry) in &entries.0 {
        report.name(name);
        let section = Section::new(format!("population.derived.{}", name.value), &entry.span);
        let (expression, unit, description) = match &entry.value {
            TextOr::Text(text) => {
                (Some(Spanned { value: text.clone(), span: entry.span.clone() }), None, None)
            }
            TextOr::Table(table) => {
                let expression = report.required("expression", &table.expression, &section).cloned();
                (expression, table.unit.clone(), table.description.clone())
            }
        };
        let expression = expression.map(|text| report.unquoted(&text));
        derived.extend(expression.map(|expression| Derived {
            name: name.clone(),
            expression,
            unit,
            description,
        }));
    }
    derived
}

fn rows(table: &Spanned<RowsTable>, folder: &Path, report: &mut Report) -> Option<Rows> {
    let section = Section::new("population.rows", &table.span);
    let file = report.required("file", &table.value.file, &section)?;
    let file = general::path("file", file, folder, report)?;
    let columns = table.value.columns.clone().unwrap_or_default();
    let columns = columns.iter().map(|column| report.unquoted(column)).collect();
    let repeated_ids = table.value.repeated_ids.map(|name| match name {
        RepeatedIdsName::FirstRow => RepeatedIds::FirstRow,
        RepeatedIdsName::EveryRow => RepeatedIds::EveryRow,
    });
    let units = table.value.units.as_ref().map_or(Vec::new(), |units| units.0.clone());
    Some(Rows {
        file,
        columns,
        units,
        resample: table.value.resample.unwrap_or(true),
        repeated_ids,
        unused_rows: table.value.unused_rows.unwrap_or(false),
    })
}

/// Checks that drawn covariates, columns and derived covariates have different names.
fn names_once(population: &Population, report: &mut Report) {
    let drawn = population.covariates.iter().map(|covariate| &covariate.name);
    let columns = population.rows.iter().flat_map(|rows| &rows.columns);
    let derived = population.derived.iter().map(|covariate| &covariate.name);
    let mut seen = HashSet::new();
    for name in drawn.chain(columns).chain(derived) {
        if !seen.insert(name.value.as_str()) {
            report.add(&name.span, PopulationError::NameTwice { name: name.value.clone() });
        }
    }
    let empty = population.rows.iter().flat_map(|rows| &rows.columns).filter(|name| name.value.is_empty());
    for name in empty {
        report.add(&name.span, KeyError::NotAName { name: String::new() });
    }
}
