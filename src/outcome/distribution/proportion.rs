//! Confidence intervals of a proportion, 95 %.

use std::sync::Mutex;

use super::exact::{lower_end, upper_end};
use crate::hash::HashMap;
use crate::sync::lock;

/// Probability outside a 95 % interval.
const ALPHA: f64 = 0.05;

/// Standard normal quantile at `1 - ALPHA / 2`: half the width of a 95 % interval, in standard errors.
pub const Z: f64 = 1.959_963_984_540_054;

/// The ends of a confidence interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The score interval of `events` among `n`, NaN if `n` is 0.
///
/// `(p + z^2/2n ± z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)`: Wilson, Journal of the American
/// Statistical Association 22 (1927) 209-212; recommended by Brown, Cai and DasGupta, Statistical
/// Science 16 (2001) 101-133. Its coverage is about 95 % on average.
pub fn wilson_interval(events: u64, n: u64) -> Interval {
    let (p, n) = (events as f64 / n as f64, n as f64);
    let z2 = Z * Z;
    let centre = p + z2 / (2.0 * n);
    let half = Z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    // Exactly 0 and 1 at the ends, where rounding would leave a trace.
    let low = if p == 0.0 { 0.0 } else { (centre - half) / scale };
    let high = if p == 1.0 { 1.0 } else { (centre + half) / scale };
    Interval { low, high }
}

/// The exact interval of `events` among `n`, NaN if `n` is 0. Its coverage is at least 95 %.
///
/// Clopper and Pearson, Biometrika 26 (1934) 404-413.
pub fn exact_interval(events: u64, n: u64) -> Interval {
    const TAIL: f64 = ALPHA / 2.0;
    if n == 0 {
        return Interval { low: f64::NAN, high: f64::NAN };
    }
    // Of none and of all in closed form.
    if events == 0 {
        return Interval { low: 0.0, high: -(TAIL.ln() / n as f64).exp_m1() };
    }
    if events >= n {
        return Interval { low: TAIL.powf(1.0 / n as f64), high: 1.0 };
    }
    let guess = wilson_interval(events, n);
    Interval { low: lower_end(events, n, TAIL, guess.low), high: upper_end(events, n, TAIL, guess.high) }
}

/// A proportion with the ends of its intervals, each by its name.
pub type Named = [(&'static str, f64); 5];

/// Those names.
pub(super) const NAMES: [&str; 5] = ["proportion", "wilson_low", "wilson_high", "exact_low", "exact_high"];

/// The proportion `events / of` with its intervals, each by its name.
pub fn proportions(events: u64, of: u64) -> Named {
    let (wilson, exact) = (wilson_interval(events, of), exact_interval(events, of));
    let values = [events as f64 / of as f64, wilson.low, wilson.high, exact.low, exact.high];
    std::array::from_fn(|i| (NAMES[i], values[i]))
}

/// Proportions that were asked for before: many endpoints have equally many events, and exact intervals take their time.
#[derive(Debug, Default)]
pub(super) struct Proportions(Mutex<HashMap<[u64; 2], Named>>);

impl Proportions {
    /// As [`proportions`].
    pub(super) fn of(&self, events: u64, of: u64) -> Named {
        let known = lock(&self.0).get(&[events, of]).copied();
        known.unwrap_or_else(|| {
            let found = proportions(events, of);
            lock(&self.0).insert([events, of], found);
            found
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_interval(found: Interval, low: f64, high: f64, relative: f64) {
        for (found, expected) in [(found.low, low), (found.high, high)] {
            assert!((found - expected).abs() <= relative * expected, "{found:e} instead of {expected:e}");
        }
    }

    /// 15 of 148: Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, methods 3 (score) and
    /// 5 (exact); 1 of 20: `binom.wilson` and `binom.exact` of R's binom.
    #[test]
    fn published_intervals() {
        let rounded = |interval: Interval, digits: i32| {
            let unit = 10f64.powi(digits);
            ((interval.low * unit).round() / unit, (interval.high * unit).round() / unit)
        };
        assert_eq!(rounded(wilson_interval(15, 148), 4), (0.0624, 0.1605));
        assert_eq!(rounded(exact_interval(15, 148), 4), (0.0578, 0.1617));
        assert_eq!(rounded(wilson_interval(1, 20), 4), (0.0089, 0.2361));
        assert_eq!(rounded(exact_interval(1, 20), 5), (0.00127, 0.24873));
    }

    /// Many patients: scipy 1.17.1, `beta.ppf(0.025, k, n - k + 1)` and `beta.ppf(0.975, k + 1, n - k)`. Where it keeps ten
    /// to twelve digits (few events, the lower end for 100 million): sums of the binomial distribution in 40 digits by
    /// mpmath 1.4.1.
    #[test]
    fn exact_intervals_of_many_patients() {
        let cases = [
            (300, 1_000, 0.271_721_112_129_144_5, 0.329_461_678_697_366),
            (87, 10_000, 6.974_044_209_976_634e-3, 1.072_050_223_929_414e-2),
            (500_000, 1_000_000, 0.499_019_519_195_311_8, 0.500_980_480_804_688_2),
            (10_000, 10_000_000, 9.805_047_623_091_666e-4, 1.019_785_066_511_183e-3),
            (5_000_000, 10_000_000, 0.499_690_052_521_371_1, 0.500_309_947_478_628_9),
            (10_000_000, 100_000_000, 0.099_941_207_659_027_1, 0.100_058_815_498_032_76),
            (3, 1_000_000, 6.186_725_501_906_399e-7, 8.767_247_788_145_224e-6),
            (20, 1_000_000, 1.221_656_102_097_447e-5, 3.088_820_974_032_99e-5),
            (2, 10_000_000, 2.422_092_877_211_628e-8, 7.224_685_780_387_379e-7),
            (1, 100_000_000, 2.531_780_798_108_492e-10, 5.571_643_263_581_067e-8),
            (10, 100_000_000, 4.795_388_796_946_165e-8, 1.839_035_527_050_961e-7),
        ];
        for (events, n, low, high) in cases {
            assert_interval(exact_interval(events, n), low, high, 1e-12);
            let Interval { low: rest, high: least } = exact_interval(n - events, n);
            assert_interval(Interval { low: 1.0 - least, high: 1.0 - rest }, low, high, 1e-14 / low);
        }
    }

    /// The ends in closed form: 1 - 0.025^(1/n), and z^2 / (n + z^2).
    #[test]
    fn none_and_all() {
        for n in [1_u64, 10, 1_000] {
            let exact = 1.0 - 0.025_f64.powf(1.0 / n as f64);
            let wilson = Z * Z / (n as f64 + Z * Z);
            assert_interval(exact_interval(0, n), 0.0, exact, 1e-12);
            assert_interval(exact_interval(n, n), 1.0 - exact, 1.0, 1e-12);
            assert_interval(wilson_interval(0, n), 0.0, wilson, 1e-14);
            assert_interval(wilson_interval(n, n), 1.0 - wilson, 1.0, 1e-14);
        }
    }

    /// No proportion, but an answer.
    #[test]
    fn more_events_than_patients() {
        assert_eq!(exact_interval(12, 10).high, 1.0);
    }

    #[test]
    fn of_nobody() {
        for interval in [wilson_interval(0, 0), exact_interval(0, 0)] {
            assert!(interval.low.is_nan() && interval.high.is_nan());
        }
    }
}
