//! Numbers between 0 and 1 that are spread evenly, however many of them there are.

/// The golden ratio, less 1.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// The i-th number: the fraction of a multiple of the golden ratio.
pub(crate) fn scattered(i: u64) -> f64 {
    (i as f64 * GOLDEN).fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_gap_is_wide() {
        for count in [1, 10, 64, 1_000] {
            let mut numbers: Vec<f64> = (7..7 + count).map(scattered).chain([0.0, 1.0]).collect();
            numbers.sort_unstable_by(f64::total_cmp);
            let widest = numbers.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
            assert!(widest < 2.0 / count as f64, "{count}: {widest}");
        }
    }
}
