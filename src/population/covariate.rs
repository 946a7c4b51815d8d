//! Covariates: what each is, in which unit, and how it becomes the model's.

use std::ops::Range;
use std::sync::Arc;

use super::rows::Rows;
use super::units;
use crate::cohort::distribution::Values;
use crate::cohort::{Cohort, CovariateDistribution};
use crate::diagnostic::Problem;
use crate::model::Model;
use crate::table::ColumnMeta;
use crate::unit::Conversion;

/// A covariate's column.
#[derive(Debug, Clone)]
pub(super) struct Covariate {
    pub(super) meta: ColumnMeta,
    pub(super) kind: CovariateKind,
    /// From what the cohort file gives to what the model takes, and what is written.
    pub(super) to_model: Conversion,
    /// Where it is defined.
    pub(super) span: Range<usize>,
}

/// What the values of a covariate are.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum CovariateKind {
    Number,
    Whole,
    /// Positions of these labels.
    Label(Arc<[String]>),
}

/// Every covariate of a cohort: columns of its table, then drawn and computed ones.
pub(super) fn covariates(
    cohort: &Cohort,
    model: &Model,
    rows: Option<&Rows>,
    problems: &mut Vec<Problem>,
) -> Vec<Covariate> {
    let meta = |name: &str, description: Option<&String>, unit: Option<&String>, otherwise: String| {
        let of_model = model.covariates.iter().find(|c| c.name == name);
        let meaning = description.or(of_model.and_then(|c| c.description.as_ref()));
        let unit = unit.or(of_model.and_then(|c| c.unit.as_ref()));
        ColumnMeta::new(name, meaning.unwrap_or(&otherwise), unit.map_or("", String::as_str))
    };
    let from = match &cohort.data {
        Some(_) => "covariate, at the first record of the data set",
        None => "covariate, from the cohort's table",
    };
    let columns = rows.into_iter().flat_map(|rows| &rows.columns).map(|column| Covariate {
        meta: meta(&column.name, None, None, from.into()),
        kind: column.labels.clone().map_or(CovariateKind::Number, CovariateKind::Label),
        to_model: Conversion::NONE,
        span: column.span.clone(),
    });
    let drawn = cohort.population.covariates.iter().map(|drawn| Covariate {
        meta: meta(
            &drawn.name.value,
            drawn.description.as_ref(),
            drawn.unit.as_ref(),
            "covariate, drawn".into(),
        ),
        kind: kind(&drawn.distribution),
        to_model: Conversion::NONE,
        span: drawn.name.span.clone(),
    });
    let derived = cohort.population.derived.iter().map(|derived| Covariate {
        meta: meta(
            &derived.name.value,
            derived.description.as_ref(),
            derived.unit.as_ref(),
            derived.expression.value.clone(),
        ),
        kind: CovariateKind::Number,
        to_model: Conversion::NONE,
        span: derived.name.span.clone(),
    });
    columns
        .chain(drawn)
        .chain(derived)
        .map(|covariate| in_model_unit(cohort, model, covariate, problems))
        .collect()
}

/// A covariate with its way into the model's unit.
fn in_model_unit(
    cohort: &Cohort,
    model: &Model,
    mut covariate: Covariate,
    problems: &mut Vec<Problem>,
) -> Covariate {
    let name = &covariate.meta.name;
    if matches!(covariate.kind, CovariateKind::Label(_)) {
        return covariate;
    }
    match units::to_model(cohort, model, name) {
        Ok(conversion) => covariate.to_model = conversion,
        Err(cause) => problems.push(Problem::at(cause, cohort.place(&covariate.span))),
    }
    let taken =
        model.covariates.iter().find(|taken| taken.name == *name).and_then(|taken| taken.unit.clone());
    match (taken, units::given(cohort, name)) {
        (Some(taken), _) if units::taken(model, name).is_some_and(|unit| unit.is_known()) => {
            covariate.meta.unit = taken;
        }
        (None, Some(given)) if covariate.meta.unit.is_empty() => covariate.meta.unit = given.to_string(),
        _ => {}
    }
    if !covariate.to_model.is_none() {
        covariate.kind = CovariateKind::Number;
    }
    covariate
}

/// What the values of a distribution are.
fn kind(distribution: &CovariateDistribution) -> CovariateKind {
    match distribution.values() {
        Values::Number => CovariateKind::Number,
        Values::Whole | Values::Flag => CovariateKind::Whole,
        Values::Label(labels) => CovariateKind::Label(labels.into()),
    }
}
