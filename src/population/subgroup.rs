//! Subgroups: patients divided by a categorical covariate, or by an expression and where it is cut.

use std::sync::Arc;

use super::covariate::{Covariate, CovariateKind};
use super::error::PopulationError;
use super::expression::{Formula, Reader};
use crate::cohort;
use crate::diagnostic::Problem;
use crate::model::comparison::is_at_least;

/// A subgroup, ready to be looked up.
#[derive(Debug, Clone)]
pub(super) struct Subgroup {
    /// Its name.
    pub(super) name: String,
    /// What it divides, as the user wrote it.
    pub(super) of: String,
    /// What its levels are called.
    pub(super) levels: Arc<[String]>,
    by: By,
}

/// What decides on a patient's level.
#[derive(Debug, Clone)]
enum By {
    /// The label of the covariate at this position.
    Label(usize),
    /// The value of an expression: a level ends below each cut, the last has no end.
    Cuts(Formula, Vec<f64>),
}

impl Subgroup {
    /// Reads a subgroup of the cohort file.
    pub(super) fn new(
        subgroup: &cohort::Subgroup,
        covariates: &[Covariate],
        reader: &Reader<'_>,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let of = &subgroup.of.value;
        let (levels, by) = if subgroup.cuts.is_empty() {
            let labelled = reader.positions.get(of).and_then(|&position| match &covariates[position].kind {
                CovariateKind::Label(labels) => Some((Arc::clone(labels), By::Label(position))),
                CovariateKind::Number | CovariateKind::Whole => None,
            });
            if labelled.is_none() {
                let cause = PopulationError::NoLevels { name: subgroup.name.value.clone(), of: of.clone() };
                problems.push(Problem::at(cause, reader.cohort.place(&subgroup.of.span)));
            }
            labelled?
        } else {
            let formula = reader.read(&subgroup.of, problems)?;
            (levels(of, &subgroup.cuts).into(), By::Cuts(formula, subgroup.cuts.clone()))
        };
        Some(Self { name: subgroup.name.value.clone(), of: of.clone(), levels, by })
    }

    /// Positions of the covariates that it reads.
    pub(super) fn reads(&self) -> &[usize] {
        match &self.by {
            By::Label(position) => std::slice::from_ref(position),
            By::Cuts(formula, _) => formula.needs(),
        }
    }

    /// Name of its column in the `patients` set.
    pub(super) fn column(&self) -> String {
        format!("subgroup_{}", self.name)
    }

    /// Position of each patient's level, from their covariates, `[covariate][patient]`; NaN where the expression is
    /// not a number.
    pub(super) fn levels(&self, covariates: &[Vec<f64>], patients: usize) -> Vec<f64> {
        match &self.by {
            By::Label(position) => covariates[*position].clone(),
            By::Cuts(formula, cuts) => {
                let level = |value: f64| match value {
                    value if value.is_nan() => value,
                    value => cuts.partition_point(|&cut| is_at_least(value, cut)) as f64,
                };
                formula.values(covariates, patients).into_iter().map(level).collect()
            }
        }
    }
}

/// `x < 65`, `65 <= x < 95`, `x >= 95`
fn levels(of: &str, cuts: &[f64]) -> Vec<String> {
    let below = cuts.first().map(|cut| format!("{of} < {cut}"));
    let between = cuts.windows(2).map(|ends| format!("{} <= {of} < {}", ends[0], ends[1]));
    let above = cuts.last().map(|cut| format!("{of} >= {cut}"));
    below.into_iter().chain(between).chain(above).collect()
}
