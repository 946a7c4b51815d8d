//! Bins in which numbers are counted, in their order: as many as there are, and how they divide the numbers, follow from
//! the first of them.

/// So many of the first numbers tell how others are divided.
const FIRST: usize = 2_048;
/// The numbers between the least and the greatest of the first are divided into 2 to the power of so many bins at most.
const BITS: u32 = 11;
/// The other bins: of what is below the first numbers, of the least of them, of the greatest, and of what is above.
const EDGES: usize = 4;

/// No key yet.
pub(super) const NO_RANGE: [u64; 2] = [u64::MAX, 0];

/// Bins of numbers. The least and the greatest of the first numbers have each a bin of their own, for they often are
/// those of many: nothing measured, or treatment to the end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bins {
    low: f64,
    high: f64,
    /// Bins between the two.
    between: usize,
    division: Division,
}

/// How numbers between two are divided.
#[derive(Debug, Clone, Copy)]
enum Division {
    /// In equal parts; so many of them in a unit.
    Linear(f64),
    /// In equal parts of their keys, about the same as of their logarithms: 2 to the power of so many keys each.
    Logarithmic(u32),
}

impl Bins {
    /// How many there are, 2 to the power of so many between the edges.
    pub(super) const fn count(bits: u32) -> usize {
        (1 << bits) + EDGES
    }

    /// The power of 2 for so many numbers, of which some are in each bin.
    pub(super) fn bits(numbers: usize) -> u32 {
        (numbers / 8).checked_ilog2().unwrap_or(0).clamp(4, BITS)
    }

    /// About the first of some numbers, none of them NaN: divided in the way that leaves fewer with others in their bin.
    pub(super) fn about(numbers: impl Iterator<Item = f64>, bits: u32) -> Self {
        let first: Vec<f64> = numbers.take(FIRST).collect();
        let low = first.iter().copied().min_by(f64::total_cmp).unwrap_or_default();
        let high = first.iter().copied().max_by(f64::total_cmp).unwrap_or_default();
        let between = 1 << bits;
        let span = key(high) - key(low);
        let shift = (u64::BITS - span.leading_zeros()).saturating_sub(bits);
        let divided = |division| Self { low, high, between, division };
        let linear = divided(Division::Linear(between as f64 / (high - low)));
        let logarithmic = divided(Division::Logarithmic(shift));
        // Pairs that share a bin.
        let crowding = |bins: &Self| bins.crowded(&first).map(|count| count * count).sum::<u64>();
        if crowding(&linear) <= crowding(&logarithmic) { linear } else { logarithmic }
    }

    /// The bin of each number; `missing` of NaN. Without a branch, for several numbers side by side.
    #[inline(always)]
    pub(super) fn of_all(&self, values: &[f64], missing: impl Fn(f64) -> u64, bins: &mut [u16]) {
        let Self { low, high, between, division } = *self;
        let (last, is_wide) = (between as u64 - 1, high > low);
        let edges = |value: f64, part: u64| {
            // However the parts were rounded, they are between the edges.
            let inside = 2 + part.min(last);
            let from_below = if value > low { inside } else { u64::from(value == low) };
            let is_high = value >= high && is_wide || value > high;
            let bin = if is_high { last + 3 + u64::from(value > high) } else { from_below };
            (if value.is_nan() { missing(value) } else { bin }) as u16
        };
        let all = bins.iter_mut().zip(values);
        match division {
            Division::Linear(scale) => all.for_each(|(bin, &value)| {
                *bin = edges(value, nearest(((value - low) * scale).clamp(0.0, last as f64)));
            }),
            Division::Logarithmic(shift) => {
                let first = key(low);
                all.for_each(|(bin, &value)| *bin = edges(value, key(value).wrapping_sub(first) >> shift));
            }
        }
    }

    /// The bin of a number that is not NaN.
    pub(super) fn of(&self, value: f64) -> usize {
        let mut bin = [0];
        self.of_all(&[value], |_| 0, &mut bin);
        usize::from(bin[0])
    }

    /// How many of some numbers are in each bin in which not all are the same.
    fn crowded(&self, numbers: &[f64]) -> impl Iterator<Item = u64> + use<> {
        let mut bins = vec![0; numbers.len()];
        self.of_all(numbers, |_| 0, &mut bins);
        let mut found = vec![(0_u64, NO_RANGE); self.between + EDGES];
        for (&bin, &number) in bins.iter().zip(numbers) {
            let (count, range) = &mut found[usize::from(bin)];
            *count += 1;
            widen(range, key(number));
        }
        found.into_iter().filter(|(_, [low, last])| low != last).map(|(count, _)| count)
    }
}

/// The integer nearest to a number from 0 to 2^51: the last digits of its sum with 2^52.
#[inline(always)]
fn nearest(value: f64) -> u64 {
    const TWO_TO_52: f64 = (1_u64 << 52) as f64;
    (value + TWO_TO_52).to_bits() - TWO_TO_52.to_bits()
}

/// Widens a range of keys by one.
#[inline(always)]
pub(super) fn widen([low, last]: &mut [u64; 2], key: u64) {
    (*low, *last) = (key.min(*low), key.max(*last));
}

/// A number as an integer of the same order, that of [`f64::total_cmp`].
#[inline(always)]
pub(super) fn key(value: f64) -> u64 {
    let bits = value.to_bits();
    // All ones of a negative number.
    let sign = ((bits as i64) >> 63) as u64;
    bits ^ (sign | 1 << 63)
}

/// The number of a key.
pub(super) fn number(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 0 { !key } else { key & !(1 << 63) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scatter(n: usize) -> impl Iterator<Item = f64> {
        (0..n).map(|i| (i as f64 * 0.618_033_988_749_894_9).fract())
    }

    /// The greatest share of numbers in a bin in which not all are the same.
    fn most(numbers: &[f64]) -> f64 {
        let bins = Bins::about(numbers.iter().copied(), Bins::bits(numbers.len()));
        bins.crowded(numbers).max().unwrap_or(0) as f64 / numbers.len() as f64
    }

    #[test]
    fn numbers_of_either_sign_or_of_many_magnitudes_are_divided() {
        let n = 40_000;
        let changes: Vec<f64> = scatter(n).map(|x| 150.0 * (x - 0.4)).collect();
        let magnitudes: Vec<f64> = scatter(n).map(|x| 10_f64.powf(12.0 * x - 9.0)).collect();
        // Most never reach it; some are below any that the first ones show.
        let mostly_none: Vec<f64> = scatter(n).map(|x| (60.0 * (x - 0.7)).max(0.0)).collect();
        for numbers in [changes, magnitudes, mostly_none] {
            assert!(most(&numbers) < 2e-3, "{}", most(&numbers));
        }
    }

    proptest! {
        #[test]
        fn keys_keep_the_order_and_the_bits(a: f64, b: f64) {
            prop_assert_eq!(key(a).cmp(&key(b)), a.total_cmp(&b));
            prop_assert_eq!(number(key(a)).to_bits(), a.to_bits());
        }

        /// Whatever the first numbers were, infinite ones among them.
        #[test]
        fn bins_are_in_the_order_of_the_numbers(
            first in proptest::collection::vec(proptest::num::f64::ANY.prop_filter("a number", |x| !x.is_nan()), 0..20),
            of in proptest::collection::vec(proptest::num::f64::ANY.prop_filter("a number", |x| !x.is_nan()), 0..50),
            bits in 4_u32..=BITS,
        ) {
            let low = first.iter().copied().min_by(f64::total_cmp).unwrap_or_default();
            let high = first.iter().copied().max_by(f64::total_cmp).unwrap_or_default();
            let bins = Bins::about(first.iter().copied(), bits);
            let both = [Division::Linear((1 << bits) as f64 / (high - low)), bins.division];
            for division in both {
                let bins = Bins { division, ..bins };
                let mut all: Vec<f64> = first.iter().chain(&of).copied().collect();
                all.sort_by(f64::total_cmp);
                let found: Vec<usize> = all.iter().map(|&number| bins.of(number)).collect();
                prop_assert!(found.is_sorted(), "{bins:?} {all:?} {found:?}");
                prop_assert!(found.iter().all(|&bin| bin < Bins::count(bits)));
            }
        }
    }
}
