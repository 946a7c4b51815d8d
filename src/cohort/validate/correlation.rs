//! Correlations of the covariates' Gaussian scores: a matrix, single pairs, or both.

use std::collections::HashSet;
use std::ops::Range;

use super::super::raw::{CorrelationTable, Number, Text};
use super::super::report::Report;
use super::super::spanned::Spanned;
use super::super::value::{CorrelatedPair, Fraction};
use super::super::{Correlation, CovariateDistribution, Drawn};
use super::errors::CorrelationError;
use crate::diagnostic::did_you_mean;

/// The covariates with a distribution.
pub(super) struct Known<'a> {
    /// Every name, also of those whose distribution is wrong.
    pub(super) names: Vec<&'a str>,
    /// Those whose distribution is right.
    pub(super) drawn: &'a [Drawn],
}

impl Known<'_> {
    /// Whether there is a covariate of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains(&name)
    }

    /// Its distribution; none also where that is wrong, which has been said.
    pub(super) fn distribution(&self, name: &str) -> Option<&CovariateDistribution> {
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

pub(super) fn check(table: &CorrelationTable, drawn: &Known, report: &mut Report) -> Vec<Correlation> {
    let mut correlations = Vec::new();
    match (&table.names, &table.matrix) {
        (Some(names), Some(matrix)) => correlations.extend(from_matrix(names, matrix, drawn, report)),
        (Some(names), None) => report.needs(&names.span, "names", "matrix"),
        (None, Some(matrix)) => report.needs(&matrix.span, "matrix", "names"),
        (None, None) => {}
    }
    for pair in table.pairs.iter().flatten() {
        let CorrelatedPair { first, second, value } = &pair.value;
        for name in [first, second] {
            known(name, &pair.span, drawn, report);
        }
        correlations.push(Correlation {
            pair: [first.clone(), second.clone()],
            value: *value,
            span: pair.span.clone(),
        });
    }
    check_pairs(&correlations, report);
    correlations
}

/// The elements below the diagonal.
fn from_matrix(
    names: &Spanned<Vec<Text>>,
    matrix: &Spanned<Vec<Spanned<Vec<Spanned<Fraction>>>>>,
    drawn: &Known,
    report: &mut Report,
) -> Vec<Correlation> {
    for name in report.names("names", names) {
        known(&name.value, &name.span, drawn, report);
    }
    let numbers = |row: &Vec<Spanned<Fraction>>| row.iter().map(|f| f.clone().map(Fraction::value)).collect();
    let rows: Vec<Spanned<Vec<Number>>> =
        matrix.value.iter().map(|row| row.clone().map(|row| numbers(&row))).collect();
    let (names, rows) = (&names.value, &rows);
    if rows.len() != names.len() {
        report.add(&matrix.span, CorrelationError::Rows { rows: rows.len(), names: names.len() });
        return Vec::new();
    }
    let full = rows.first().is_some_and(|row| row.value.len() == names.len()) && names.len() > 1;
    let mut correlations = Vec::new();
    for (i, (row, name)) in rows.iter().zip(names).enumerate() {
        let (size, found) = (names.len(), row.value.len());
        if found != if full { size } else { i + 1 } {
            let name = name.value.clone();
            report.add(&row.span, CorrelationError::RowLength { row: i + 1, name, found, size });
            continue;
        }
        let own = &row.value[i];
        if own.value != 1.0 {
            report.add(&own.span, CorrelationError::Diagonal { name: name.value.clone(), value: own.value });
        }
        for (j, number) in row.value[..i].iter().enumerate() {
            let upper = rows[j].value.get(i).map(|upper| upper.value);
            if let Some(upper) = upper.filter(|&upper| full && upper != number.value) {
                let (first, second) = (name.value.clone(), names[j].value.clone());
                let cause = CorrelationError::Asymmetric { first, second, upper, lower: number.value };
                report.add(&number.span, cause);
            }
            correlations.push(Correlation {
                pair: [names[j].value.clone(), name.value.clone()],
                value: number.value,
                span: number.span.clone(),
            });
        }
    }
    correlations
}

/// Values within [-1, 1], each pair of two covariates once.
fn check_pairs(correlations: &[Correlation], report: &mut Report) {
    let mut seen = HashSet::new();
    for Correlation { pair, value, span } in correlations {
        let [first, second] = pair.clone();
        if first == second {
            report.add(span, CorrelationError::WithItself { name: first });
            continue;
        }
        if !value.is_finite() || value.abs() > 1.0 {
            let cause =
                CorrelationError::Outside { first: first.clone(), second: second.clone(), value: *value };
            report.add(span, cause);
        }
        if !seen.insert((first.clone().min(second.clone()), first.clone().max(second.clone()))) {
            report.add(span, CorrelationError::PairTwice { first, second });
        }
    }
}

/// Checks that a name is that of a drawn, continuous covariate.
fn known(name: &str, span: &Range<usize>, drawn: &Known, report: &mut Report) {
    if !drawn.has(name) {
        let cause = CorrelationError::Unknown { name: name.into(), near: drawn.near(name) };
        report.add_if_complete(span, cause);
    } else if drawn.distribution(name).is_some_and(|distribution| !distribution.is_continuous()) {
        report.add(span, CorrelationError::Discrete { name: name.into() });
    }
}
