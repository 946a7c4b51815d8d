//! Statistics of a list of numbers, the same to the last bit whenever the list is.

/// Arithmetic mean; NaN of an empty list.
///
/// The sum carries its rounding error along (Neumaier, Z. Angew. Math. Mech. 54 (1974) 39-51), so
/// that a million values lose no digit.
pub fn mean(values: &[f64]) -> f64 {
    sum(values.iter().copied()) / values.len() as f64
}

/// Standard deviation with denominator n - 1, about the mean in a second pass; NaN of fewer than two
/// values.
pub fn standard_deviation(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return f64::NAN;
    }
    let centre = mean(values);
    let squares = sum(values.iter().map(|value| (value - centre).powi(2)));
    (squares / (values.len() - 1) as f64).sqrt()
}

/// Quantile of a sorted list at a probability in `[0, 1]`, type 7: linear between the values at
/// positions `(n - 1) p`; NaN of an empty list.
///
/// Hyndman and Fan, The American Statistician 50 (1996) 361-365; the default of R, NumPy and DuckDB's
/// `quantile_cont`.
pub fn quantile(sorted: &[f64], probability: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let position = last as f64 * probability;
    let below = (position.floor() as usize).min(last);
    let (low, high) = (sorted[below], sorted[(below + 1).min(last)]);
    // Equal neighbours are returned as they are, infinite ones too.
    if low == high { low } else { low + (position - below as f64) * (high - low) }
}

fn sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut total, mut lost) = (0.0_f64, 0.0);
    for value in values {
        let next = total + value;
        lost += if total.abs() >= value.abs() { (total - next) + value } else { (value - next) + total };
        total = next;
    }
    total + lost
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sum 1 + 1e100 + 1 - 1e100 is 2; without the correction it is 0 (Neumaier's example).
    #[test]
    fn sums_keep_what_cancels() {
        assert_eq!(sum([1.0, 1e100, 1.0, -1e100].into_iter()), 2.0);
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

    #[test]
    fn small_lists() {
        assert!(mean(&[]).is_nan() && standard_deviation(&[1.0]).is_nan() && quantile(&[], 0.5).is_nan());
        assert_eq!(quantile(&[7.0], 0.975), 7.0);
        assert_eq!(quantile(&[f64::INFINITY; 3], 0.3), f64::INFINITY);
    }
}
