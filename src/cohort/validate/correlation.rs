//! Correlations of the covariates' Gaussian scores: a matrix, single pairs, or both.

use std::collections::HashSet;
use std::ops::Range;

use thiserror::Error;

use super::super::raw::{CorrelationTable, Number, Text};
use super::super::report::{Report, as_fraction};
use super::super::spanned::Spanned;
use super::super::value::{CorrelatedPair, Fraction};
use super::super::{Correlation, Distribution};
use super::population::Known;
use crate::diagnostic::Cause;

/// What can be wrong with correlations. That they fit together is seen when they are used.
#[derive(Debug, Error)]
pub enum CorrelationError {
    /// No drawn covariate has this name.
    #[error("`{name}` is not a drawn covariate")]
    Unknown {
        /// The name.
        name: String,
        /// The nearest one there is.
        near: Option<String>,
    },
    /// Its values are not a continuous function of a Gaussian score.
    #[error("`{name}` is discrete and cannot be correlated")]
    Discrete {
        /// The name.
        name: String,
    },
    /// Outside [-1, 1].
    #[error("the correlation of {first} and {second} is {value}, and must lie between -1 and 1")]
    Outside {
        /// One covariate.
        first: String,
        /// The other.
        second: String,
        /// The value.
        value: f64,
    },
    /// A covariate with itself.
    #[error("`{name}` is paired with itself")]
    WithItself {
        /// The covariate.
        name: String,
    },
    /// The pair has a correlation already.
    #[error("the correlation of {first} and {second} is given twice")]
    PairTwice {
        /// One covariate.
        first: String,
        /// The other.
        second: String,
    },
    /// Not as many rows as names.
    #[error("the matrix has {rows} rows for {names} names")]
    Rows {
        /// Rows of the matrix.
        rows: usize,
        /// Names.
        names: usize,
    },
    /// A row of the wrong length.
    #[error("row {row} of the matrix, {name}, has {found} numbers")]
    RowLength {
        /// The row, from 1.
        row: usize,
        /// Its covariate.
        name: String,
        /// Numbers in the row.
        found: usize,
        /// Numbers in the whole matrix's rows.
        size: usize,
    },
    /// A diagonal element that is not 1.
    #[error("the correlation of {name} with itself is {value}, and must be 1")]
    Diagonal {
        /// The covariate.
        name: String,
        /// The element.
        value: f64,
    },
    /// The two halves of a full matrix differ.
    #[error("the correlation of {first} and {second} is {upper} above the diagonal and {lower} below")]
    Asymmetric {
        /// The covariate of the row below the diagonal.
        first: String,
        /// The covariate of its column.
        second: String,
        /// The element above the diagonal.
        upper: f64,
        /// The element below.
        lower: f64,
    },
}

impl Cause for CorrelationError {
    fn help(&self) -> Option<String> {
        match self {
            Self::Unknown { near, .. } => near.clone().or_else(|| {
                Some("correlations are between covariates with a distribution of their own".into())
            }),
            Self::Discrete { .. } => Some(
                "normal, lognormal, uniform, loguniform, beta and gamma covariates, and classes of them, \
                 can be correlated"
                    .into(),
            ),
            Self::RowLength { row, size, .. } => {
                Some(format!("write the lower triangle ({row} here) or every row in full ({size})"))
            }
            Self::PairTwice { .. } => Some("keep one of them".into()),
            Self::Outside { value, .. } => as_fraction(*value),
            Self::WithItself { .. } | Self::Rows { .. } | Self::Diagonal { .. } | Self::Asymmetric { .. } => {
                None
            }
        }
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
    } else if drawn.distribution(name).is_some_and(|distribution| !continuous(distribution)) {
        report.add(span, CorrelationError::Discrete { name: name.into() });
    }
}

/// Whether values follow continuously from a Gaussian score (then rounded, perhaps).
fn continuous(distribution: &Distribution) -> bool {
    match distribution {
        Distribution::Normal { .. }
        | Distribution::LogNormal { .. }
        | Distribution::Uniform { .. }
        | Distribution::LogUniform { .. }
        | Distribution::Beta { .. }
        | Distribution::Gamma { .. } => true,
        Distribution::Fixed(_)
        | Distribution::Poisson { .. }
        | Distribution::Bernoulli { .. }
        | Distribution::Categorical { .. } => false,
        Distribution::ByClass { of, .. } => of.iter().all(|(_, class)| continuous(class)),
    }
}
