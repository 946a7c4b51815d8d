//! Correlated scores: the rows of a Cholesky factor as weights.

use super::error::PopulationError;
use crate::cholesky::{cholesky, permitted, row};
use crate::cohort::{Cohort, Correlation};
use crate::diagnostic::Problem;

/// For each drawn covariate, in file order: its score as a sum over the covariates' own scores.
///
/// Covariates without a correlation keep their own score. The others are taken in file order;
/// pairs that are not mentioned have correlation 0.
pub(super) fn mixing(cohort: &Cohort, problems: &mut Vec<Problem>) -> Vec<Vec<(usize, f64)>> {
    let drawn = &cohort.population.covariates;
    let mut mixing: Vec<Vec<(usize, f64)>> = (0..drawn.len()).map(|i| vec![(i, 1.0)]).collect();
    let pairs = pairs(cohort);
    let mut members: Vec<usize> = pairs.iter().flat_map(|(pair, _)| *pair).collect();
    members.sort_unstable();
    members.dedup();
    let matrix = matrix(&members, &pairs);
    match cholesky(members.len(), &matrix) {
        Ok(factor) => {
            for (i, &member) in members.iter().enumerate() {
                let weights = members.iter().copied().zip(row(&factor, i).iter().copied());
                mixing[member] = weights.filter(|&(_, weight)| weight != 0.0).collect();
            }
        }
        Err(failed) => problems.extend(contradiction(cohort, &members, &matrix, &pairs, failed)),
    }
    mixing
}

/// The pairs by position among the drawn covariates, the smaller first.
fn pairs(cohort: &Cohort) -> Vec<([usize; 2], &Correlation)> {
    let drawn = &cohort.population.covariates;
    let position = |name: &String| drawn.iter().position(|covariate| covariate.name.value == *name);
    let pair = |correlation: &'_ Correlation| {
        let [a, b] = &correlation.pair;
        let (a, b) = (position(a)?, position(b)?);
        Some([a.min(b), a.max(b)])
    };
    let correlations = cohort.population.correlations.iter();
    correlations.filter_map(|correlation| Some((pair(correlation)?, correlation))).collect()
}

/// Lower triangle of the correlations between members.
fn matrix(members: &[usize], pairs: &[([usize; 2], &Correlation)]) -> Vec<f64> {
    let between = |a: usize, b: usize| {
        if a == b {
            return 1.0;
        }
        pairs.iter().find(|(pair, _)| *pair == [b, a]).map_or(0.0, |(_, correlation)| correlation.value)
    };
    members.iter().enumerate().flat_map(|(i, &a)| members[..=i].iter().map(move |&b| between(a, b))).collect()
}

/// The pair to blame for a row that fails: the one that would have to change least, or, where no
/// single change helps, the strongest of the row.
fn contradiction(
    cohort: &Cohort,
    members: &[usize],
    matrix: &[f64],
    pairs: &[([usize; 2], &Correlation)],
    failed: usize,
) -> Option<Problem> {
    let of_row = pairs.iter().filter(|(pair, _)| pair[1] == members[failed]);
    let judged = of_row.filter_map(|(pair, correlation)| {
        let j = members.iter().position(|&member| member == pair[0])?;
        let permitted = permitted(matrix, failed, j);
        let change = permitted.map_or(f64::INFINITY, |[low, high]| {
            (low - correlation.value).max(correlation.value - high).max(0.0)
        });
        Some((change, -correlation.value.abs(), permitted, *correlation))
    });
    let (_, _, permitted, correlation) =
        judged.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)))?;
    let [first, second] = correlation.pair.clone();
    let cause = PopulationError::NotPositiveDefinite { first, second, value: correlation.value, permitted };
    Some(Problem::at(cause, cohort.place(&correlation.span)))
}
