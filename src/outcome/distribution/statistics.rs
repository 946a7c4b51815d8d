//! Statistics of a list of numbers, the same to the last bit whenever the list is.

/// Arithmetic mean; NaN of an empty list.
pub fn mean(values: &[f64]) -> f64 {
    Sum::of(values.iter().copied()).total() / values.len() as f64
}

/// Standard deviation with denominator n - 1, about the mean in a second pass; NaN of fewer than two
/// values.
pub fn standard_deviation(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return f64::NAN;
    }
    let centre = mean(values);
    let squares = Sum::of(values.iter().map(|value| (value - centre).powi(2)));
    (squares.total() / (values.len() - 1) as f64).sqrt()
}

/// Quantile of a sorted list at a probability in `[0, 1]`, type 7: linear between the values at
/// positions `(n - 1) p`; NaN of an empty list.
///
/// Hyndman and Fan, The American Statistician 50 (1996) 361-365; the default of R, NumPy and DuckDB's
/// `quantile_cont`.
pub fn quantile(sorted: &[f64], probability: f64) -> f64 {
    quantile_of_ranks(sorted.len() as u64, probability, |rank| sorted[rank as usize])
}

/// As [`quantile`], of `n` numbers that are known by their rank, from 0.
pub(in crate::outcome) fn quantile_of_ranks(n: u64, probability: f64, value: impl Fn(u64) -> f64) -> f64 {
    let Some(([below, above], weight)) = quantile_ranks(n, probability) else { return f64::NAN };
    let (low, high) = (value(below), value(above));
    // Equal neighbours are returned as they are, infinite ones too; so is a number at its own position, and one that is below
    // all others.
    let is_low = low == high || weight == 0.0 || low == f64::NEG_INFINITY && high.is_finite();
    if is_low { low } else { low + weight * (high - low) }
}

/// Between which ranks, from 0, a quantile of `n` numbers lies, and how far from the first; `None` of no numbers.
pub(in crate::outcome) fn quantile_ranks(n: u64, probability: f64) -> Option<([u64; 2], f64)> {
    let last = n.checked_sub(1)?;
    let position = last as f64 * probability;
    let below = (position.floor() as u64).min(last);
    Some(([below, (below + 1).min(last)], position - below as f64))
}

/// A sum that carries its rounding error along (Neumaier, Z. Angew. Math. Mech. 54 (1974) 39-51), so that a million
/// values lose no digit.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    pub(super) total: f64,
    pub(super) lost: f64,
}

impl Sum {
    pub(super) fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut sum = Self::default();
        values.for_each(|value| sum.add(value));
        sum
    }

    pub(super) fn add(&mut self, value: f64) {
        let next = self.total + value;
        let is_smaller = self.total.abs() >= value.abs();
        self.lost += if is_smaller { (self.total - next) + value } else { (value - next) + self.total };
        self.total = next;
    }

    pub(super) fn total(&self) -> f64 {
        self.total + self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sum 1 + 1e100 + 1 - 1e100 is 2; without the correction it is 0 (Neumaier's example).
    #[test]
    fn sums_keep_what_cancels() {
        assert_eq!(Sum::of([1.0, 1e100, 1.0, -1e100].into_iter()).total(), 2.0);
    }

    /// NIST StRD, NumAcc4: 1001 values around 10000000.2, certified mean 10000000.2 and standard
    /// deviation 0.1.
    #[test]
    fn nist_numerical_accuracy_4() {
        let mut values = vec![10_000_000.2];
        for _ in 0..500 {
            values.extend([10_000_000.1, 10_000_000.3]);
        }
        // The values themselves are rounded by up to 9.4e-10 in f64.
        assert!((mean(&values) - 10_000_000.2).abs() < 2e-9);
        assert!((standard_deviation(&values) - 0.1).abs() < 2e-9);
    }

    /// numpy 2.4.6: `numpy.quantile([3, 1, 4, 1, 5, 9, 2, 6], q)`.
    #[test]
    fn quantiles_of_type_7() {
        let sorted = [1.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 9.0];
        let cases =
            [(0.0, 1.0), (0.01, 1.0), (0.25, 1.75), (0.5, 3.5), (0.9, 6.9), (0.975, 8.475), (1.0, 9.0)];
        for (probability, expected) in cases {
            assert!((quantile(&sorted, probability) - expected).abs() < 1e-14, "{probability}");
        }
    }

    /// R 4.2.2: `quantile(c(-Inf, 1, 2, Inf), c(0, 0.2, 1/3, 0.5, 0.9, 1))` is -Inf -Inf 1 1.5 Inf Inf, and between -Inf and Inf
    /// there is none.
    #[test]
    fn quantiles_of_infinite_numbers() {
        let sorted = [f64::NEG_INFINITY, 1.0, 2.0, f64::INFINITY];
        let expected = [
            (0.0, -f64::INFINITY),
            (0.2, -f64::INFINITY),
            (0.5, 1.5),
            (0.9, f64::INFINITY),
            (1.0, f64::INFINITY),
        ];
        for (probability, expected) in expected {
            assert_eq!(quantile(&sorted, probability), expected, "{probability}");
        }
        assert_eq!(quantile(&[f64::NEG_INFINITY, 1.0, 2.0], 0.5), 1.0);
        assert!(quantile(&[f64::NEG_INFINITY, f64::INFINITY], 0.5).is_nan());
    }

    #[test]
    fn small_lists() {
        assert!(mean(&[]).is_nan() && standard_deviation(&[1.0]).is_nan() && quantile(&[], 0.5).is_nan());
        assert_eq!(quantile(&[7.0], 0.975), 7.0);
        assert_eq!(quantile(&[f64::INFINITY; 3], 0.3), f64::INFINITY);
    }
}
