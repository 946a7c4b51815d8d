//! Covariates: drawn, computed, or taken from a user's file.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::super::distribution::{self, ByClass, CovariateTable};
use super::super::raw::{DerivedTable, PopulationTable, RepeatedIdsName, RowsTable, Text};
use super::super::report::{KeyError, Report, Section};
use super::super::spanned::{Entries, Spanned};
use super::super::value::TextOr;
use super::super::{CovariateDistribution, Derived, Drawn, Population, RepeatedIds, Rows};
use super::correlation::{self, Known};
use super::errors::CovariateError;
use super::general;

pub(super) fn check(table: Option<&PopulationTable>, folder: &Path, report: &mut Report) -> Population {
    let Some(table) = table else { return Population::default() };
    let tables = &table.covariates.0;
    let mut covariates: Vec<Drawn> =
        tables.iter().filter_map(|(name, table)| drawn(name, table, report)).collect();
    let names = tables.iter().map(|(name, _)| name.value.as_str()).collect();
    let known = Known { names, drawn: &covariates };
    for covariate in &covariates {
        if let CovariateDistribution::ByClass(of) = &covariate.distribution {
            classes(&covariate.name, of, &known, report);
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
        unit: table.value.unit().map(str::to_owned),
        description: table.value.description.as_ref().map(|text| text.value.clone()),
        between: table
            .value
            .between
            .as_ref()
            .map(|pair| Spanned { value: pair.value.0, span: pair.span.clone() }),
    })
}

/// Checks that a mixture has a distribution for each of its classes, and no other.
fn classes(name: &Text, mixture: &ByClass, known: &Known, report: &mut Report) {
    let by = mixture.by();
    if !known.has(&by.value) {
        let cause = CovariateError::UnknownClass { by: by.value.clone(), near: known.near(&by.value) };
        return report.add_if_complete(&by.span, cause);
    }
    let Some(class) = known.distribution(&by.value) else { return };
    let Some(labels) = class.classes() else {
        return report.add(&by.span, CovariateError::NotAClass { by: by.value.clone() });
    };
    for label in labels.iter().filter(|label| !mixture.of().iter().any(|(given, _)| given.value == **label)) {
        let (name, by_name) = (name.value.clone(), by.value.clone());
        let cause = CovariateError::LabelMissing { name, label: label.clone(), by: by_name };
        report.add_if_complete(&by.span, cause);
    }
    for (label, _) in mixture.of().iter().filter(|(label, _)| !labels.contains(&label.value)) {
        let (by, name, labels) = (by.value.clone(), label.value.clone(), labels.clone());
        report.add(&label.span, CovariateError::UnknownLabel { by, label: name, labels });
    }
}

/// Puts the distributions of each mixture into the order of the classes they depend on.
fn order_classes(covariates: &mut [Drawn]) {
    let of_name: HashMap<String, Vec<String>> = covariates
        .iter()
        .filter_map(|covariate| Some((covariate.name.value.clone(), covariate.distribution.classes()?)))
        .collect();
    for covariate in covariates {
        if let CovariateDistribution::ByClass(mixture) = &mut covariate.distribution
            && let Some(classes) = of_name.get(&mixture.by().value)
        {
            mixture.order(classes);
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
            report.add(&name.span, CovariateError::NameTwice { name: name.value.clone() });
        }
    }
    let empty = population.rows.iter().flat_map(|rows| &rows.columns).filter(|name| name.value.is_empty());
    for name in empty {
        report.add(&name.span, KeyError::NotAName { name: String::new() });
    }
}
