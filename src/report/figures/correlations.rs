//! Correlations between covariates: asked for, and found among the patients.

use std::f64::consts::PI;

use super::super::facts::Facts;

/// A correlation between two covariates.
pub(super) struct Pair {
    /// Both covariates.
    pub(super) names: String,
    pub(super) asked: f64,
    pub(super) found: f64,
    /// Patients that it is found in.
    pub(super) n: usize,
}

/// Every pair that the cohort file gives a correlation. `values` are those of a covariate, `[patient]`.
///
/// A cohort file asks for correlations of normal scores, which values follow in a monotone way. That of the scores is
/// therefore found by ranks: 2 sin(pi r / 6) of Spearman's r (Kruskal, JASA 53 (1958) 814-861).
pub(super) fn correlations<'a>(facts: &Facts, values: impl Fn(&str) -> Option<&'a [f64]>) -> Vec<Pair> {
    let correlations = facts.job.cohort.population.correlations.iter();
    let found = correlations.filter_map(|correlation| {
        let [a, b] = &correlation.pair;
        let pairs = values(a)?.iter().zip(values(b)?);
        let pairs: Vec<[f64; 2]> =
            pairs.map(|(&a, &b)| [a, b]).filter(|pair| pair.iter().all(|value| value.is_finite())).collect();
        let [a_ranks, b_ranks] = [0, 1].map(|i| ranks(pairs.iter().map(|pair| pair[i])));
        let found = 2.0 * (PI * pearson(&a_ranks, &b_ranks) / 6.0).sin();
        let (names, asked) = (format!("{a} and {b}"), correlation.value);
        Some(Pair { names, asked, found, n: pairs.len() })
    });
    // Of one patient there is none.
    found.filter(|pair| pair.found.is_finite()).collect()
}

/// The rank of each value; equal ones have the mean of theirs.
fn ranks(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut order: Vec<(usize, f64)> = values.enumerate().collect();
    order.sort_unstable_by(|a, b| a.1.total_cmp(&b.1));
    let mut ranks = vec![0.0; order.len()];
    let mut before = 0;
    for equal in order.chunk_by(|a, b| a.1 == b.1) {
        let rank = before as f64 + (equal.len() as f64 + 1.0) / 2.0;
        equal.iter().for_each(|(position, _)| ranks[*position] = rank);
        before += equal.len();
    }
    ranks
}

fn pearson(a: &[f64], b: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (of_a, of_b) = (mean(a), mean(b));
    let sum = |x: &[f64], mean_x: f64, y: &[f64], mean_y: f64| {
        x.iter().zip(y).map(|(x, y)| (x - mean_x) * (y - mean_y)).sum::<f64>()
    };
    sum(a, of_a, b, of_b) / (sum(a, of_a, a, of_a) * sum(b, of_b, b, of_b)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy.stats.rankdata([3, 1, 4, 1, 5]) and spearmanr([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]): 0.8207826816681233.
    #[test]
    fn ranks_and_their_correlation() {
        assert_eq!(ranks([3.0, 1.0, 4.0, 1.0, 5.0].into_iter()), [3.0, 1.5, 4.0, 1.5, 5.0]);
        let [a, b] = [[1.0, 2.0, 3.0, 4.0, 5.0], [5.0, 6.0, 7.0, 8.0, 7.0]].map(|x| ranks(x.into_iter()));
        assert!((pearson(&a, &b) - 0.820_782_681_668_123_3).abs() < 1e-12);
    }
}
