//! A distribution in a few characters, for a cell of a table.

use crate::outcome::distribution::Lookup;
use crate::outcome::distribution::QUANTILES;

/// Characters of a distribution.
const BINS: usize = 8;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The distributions of an endpoint in several arms, all over the same range of values; none where that is a point.
pub(super) fn bars(lookup: &Lookup<'_>, arms: &[&str], endpoint: &str) -> Vec<Option<String>> {
    let quantiles = |arm: &&str| QUANTILES.map(|(_, name)| lookup.value(arm, endpoint, name));
    let of_arms: Vec<[f64; QUANTILES.len()]> = arms.iter().map(quantiles).collect();
    let all = of_arms.iter().flatten().filter(|value| value.is_finite());
    let ends = all.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], &x| [low.min(x), high.max(x)]);
    of_arms.iter().map(|quantiles| of_arm(quantiles, ends)).collect()
}

/// The share of patients in each of equal bins, by the height of a bar.
fn of_arm(quantiles: &[f64], [low, high]: [f64; 2]) -> Option<String> {
    if low >= high || quantiles.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let edge = |i: usize| low + (high - low) * i as f64 / BINS as f64;
    let shares: Vec<f64> =
        (0..BINS).map(|i| below(quantiles, edge(i + 1)) - below(quantiles, edge(i))).collect();
    let most = shares.iter().copied().fold(0.0, f64::max);
    let last = BARS.len() - 1;
    let bar = |share: &f64| match (share / most * last as f64).round() {
        _ if *share <= 0.0 => ' ',
        height => BARS[(height as usize).min(last)],
    };
    (most > 0.0).then(|| shares.iter().map(bar).collect())
}

/// The share of patients below a value, linear between quantiles.
fn below(quantiles: &[f64], value: f64) -> f64 {
    let share = |i: usize| QUANTILES[i].0 / 100.0;
    match quantiles.partition_point(|quantile| *quantile <= value) {
        0 => 0.0,
        n if n == quantiles.len() => 1.0,
        n => {
            let [from, to] = [quantiles[n - 1], quantiles[n]];
            share(n - 1) + (share(n) - share(n - 1)) * (value - from) / (to - from)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quantiles of a uniform distribution between 0 and 100: every bin has as many.
    #[test]
    fn a_uniform_distribution_is_flat() {
        let quantiles = QUANTILES.map(|(percent, _)| percent);
        assert_eq!(of_arm(&quantiles, [0.0, 100.0]).as_deref(), Some("████████"));
        assert_eq!(of_arm(&quantiles, [0.0, 200.0]).as_deref(), Some("████    "));
    }

    #[test]
    fn a_point_has_no_bars() {
        assert_eq!(of_arm(&[5.0; QUANTILES.len()], [5.0, 5.0]), None);
        assert_eq!(of_arm(&[f64::NAN; QUANTILES.len()], [0.0, 5.0]), None);
    }
}
