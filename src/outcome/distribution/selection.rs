//! Order statistics of as many numbers as there are, in bounded memory: few are kept and sorted; of many, each
//! pass over them counts how many lie in narrower and narrower intervals about the ranks that are wanted (Munro
//! and Paterson, Theoretical Computer Science 12 (1980) 315-323), until the few of an interval can be kept.

/// So many numbers are kept as they are.
pub(super) const HELD: usize = 16_384;
/// So many numbers of one interval are kept.
const KEPT: u64 = 1_024;
/// The first pass divides all numbers into 2 to the power of so many intervals: by sign and exponent.
const FIRST_BITS: u32 = 12;
/// The later passes divide each interval into 2 to the power of so many.
const NEXT_BITS: u32 = 8;
/// Bytes of a selection at most, if this many ranks are wanted.
pub(super) const fn bytes_at_most(ranks: usize) -> usize {
    let of_intervals = ranks * 8 * max(KEPT as usize, 1 << NEXT_BITS);
    max(8 * HELD, max(of_intervals, 8 << FIRST_BITS))
}

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

/// Numbers of which some are wanted by their rank.
#[derive(Debug)]
pub(in crate::outcome) enum Selection {
    /// All of them: in the order in which they came, once settled in their own.
    Held(Vec<f64>),
    /// Where the wanted ones lie, in order.
    Narrowed(Vec<Interval>),
}

/// No key yet.
const NO_RANGE: [u64; 2] = [u64::MAX, 0];

/// Numbers whose keys begin with the same bits.
#[derive(Debug)]
pub(in crate::outcome) struct Interval {
    /// The least key.
    low: u64,
    /// Bits in which its keys differ.
    bits: u32,
    /// Numbers below it.
    before: u64,
    /// Numbers in it; 0 while that is not known.
    count: u64,
    /// Least and greatest key that was counted.
    range: [u64; 2],
    inside: Inside,
}

#[derive(Debug)]
enum Inside {
    /// How many there are in each part of it.
    Counts(Vec<u64>),
    /// The keys themselves.
    Keys(Vec<u64>),
    /// The keys in order, or one for all.
    Settled(Vec<u64>),
}

impl Default for Selection {
    fn default() -> Self {
        Self::Held(Vec::new())
    }
}

impl Selection {
    /// Takes a number; in every pass the same ones. None is NaN.
    pub(in crate::outcome) fn see(&mut self, value: f64) {
        match self {
            Self::Held(values) if values.len() < HELD => values.push(value),
            Self::Held(values) => {
                let mut all = Interval::of_all();
                values.drain(..).chain([value]).for_each(|value| all.see(key(value)));
                *self = Self::Narrowed(vec![all]);
            }
            Self::Narrowed(intervals) => {
                let key = key(value);
                let below = intervals.partition_point(|interval| interval.low <= key);
                if let Some(interval) = below.checked_sub(1).map(|at| &mut intervals[at]) {
                    interval.see(key);
                }
            }
        }
    }

    /// All numbers in the order in which they came, if they are few and the pass is not over yet.
    pub(super) fn held(&self) -> Option<&[f64]> {
        match self {
            Self::Held(values) => Some(values),
            Self::Narrowed(_) => None,
        }
    }

    /// Ends a pass: narrows the intervals about the ranks from 0, in increasing order. Whether their numbers are
    /// known; else another pass is due.
    pub(in crate::outcome) fn narrow(&mut self, ranks: impl Iterator<Item = u64>) -> bool {
        let intervals = match self {
            Self::Held(values) => {
                values.sort_unstable_by(f64::total_cmp);
                return true;
            }
            Self::Narrowed(intervals) => intervals,
        };
        let mut narrower: Vec<Interval> = Vec::new();
        for rank in ranks {
            if narrower.last().is_none_or(|last| rank >= last.before + last.count) {
                narrower.extend(position(intervals, rank).and_then(|at| intervals[at].meta(rank)));
            }
        }
        *intervals = narrower;
        intervals.iter().all(|interval| matches!(interval.inside, Inside::Settled(_)))
    }

    /// The number of a rank that was wanted, once it is known; NaN of another.
    pub(in crate::outcome) fn value(&self, rank: u64) -> f64 {
        match self {
            Self::Held(values) => values.get(rank as usize).copied().unwrap_or(f64::NAN),
            Self::Narrowed(intervals) => {
                position(intervals, rank).map_or(f64::NAN, |at| intervals[at].value(rank))
            }
        }
    }
}

/// The last interval that does not begin behind a rank.
fn position(intervals: &[Interval], rank: u64) -> Option<usize> {
    intervals.partition_point(|interval| interval.before <= rank).checked_sub(1)
}

impl Interval {
    /// Of all numbers.
    fn of_all() -> Self {
        let inside = Inside::Counts(vec![0; 1 << FIRST_BITS]);
        Self { low: 0, bits: u64::BITS, before: 0, count: 0, range: NO_RANGE, inside }
    }

    fn new(low: u64, bits: u32, before: u64, count: u64) -> Self {
        let inside = match bits {
            0 => Inside::Settled(vec![low]),
            _ if count <= KEPT => Inside::Keys(Vec::with_capacity(count as usize)),
            _ => Inside::Counts(vec![0; 1 << bits.min(NEXT_BITS)]),
        };
        Self { low, bits, before, count, range: NO_RANGE, inside }
    }

    /// Counts a key that is not below it, if it is in it.
    fn see(&mut self, key: u64) {
        let offset = key - self.low;
        if offset.checked_shr(self.bits).unwrap_or(0) != 0 {
            return;
        }
        match &mut self.inside {
            Inside::Counts(counts) => {
                let width = self.bits - counts.len().ilog2();
                counts[(offset >> width) as usize] += 1;
                self.range = [self.range[0].min(key), self.range[1].max(key)];
            }
            Inside::Keys(keys) => keys.push(key),
            Inside::Settled(_) => {}
        }
    }

    /// The part of it in which a rank lies, or all of it in order; `None` if it lies behind it. Once for each part.
    fn meta(&mut self, rank: u64) -> Option<Self> {
        let keys = match &mut self.inside {
            Inside::Counts(_) if self.count > 0 && self.range[0] == self.range[1] => vec![self.range[0]],
            Inside::Counts(counts) => {
                let width = self.bits - counts.len().ilog2();
                let mut before = self.before;
                for (part, &count) in (0..).zip(counts.iter()) {
                    if rank < before + count {
                        return Some(Self::new(self.low + (part << width), width, before, count));
                    }
                    before += count;
                }
                return None;
            }
            Inside::Keys(keys) => {
                keys.sort_unstable();
                std::mem::take(keys)
            }
            Inside::Settled(keys) => std::mem::take(keys),
        };
        Some(Self { inside: Inside::Settled(keys), ..*self })
    }

    fn value(&self, rank: u64) -> f64 {
        match &self.inside {
            Inside::Settled(keys) => {
                let at = (rank - self.before).min((keys.len() as u64).saturating_sub(1));
                keys.get(at as usize).map_or(f64::NAN, |key| number(*key))
            }
            Inside::Counts(_) | Inside::Keys(_) => f64::NAN,
        }
    }
}

/// A number as an integer of the same order, that of [`f64::total_cmp`].
fn key(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

/// The number of a key.
fn number(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 0 { !key } else { key & !(1 << 63) })
}

#[cfg(test)]
#[expect(clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The numbers of these ranks, in as many passes as it takes.
    fn select(values: &[f64], ranks: &[u64]) -> (Vec<f64>, usize) {
        let mut selection = Selection::default();
        for pass in 1..12 {
            values.iter().for_each(|&value| selection.see(value));
            if selection.narrow(ranks.iter().copied()) {
                return (ranks.iter().map(|&rank| selection.value(rank)).collect(), pass);
            }
        }
        panic!("it does not end")
    }

    #[track_caller]
    fn assert_as_sorted(values: &[f64], ranks: &[u64]) -> usize {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (found, passes) = select(values, ranks);
        for (rank, found) in ranks.iter().zip(&found) {
            assert_eq!(found.to_bits(), sorted[*rank as usize].to_bits(), "rank {rank}");
        }
        passes
    }

    fn scatter(n: usize) -> impl Iterator<Item = f64> {
        (0..n).map(|i| (i as f64 * 0.618_033_988_749_894_9).fract())
    }

    #[test]
    fn few_are_sorted() {
        let values: Vec<f64> = scatter(HELD).map(|x| x - 0.5).collect();
        assert_eq!(assert_as_sorted(&values, &[0, 1, 8_000, HELD as u64 - 1]), 1);
    }

    #[test]
    fn many_are_narrowed() {
        let n = 300_000;
        let ranks = [0, 1, 2_999, 3_000, 149_999, 150_000, n as u64 - 1];
        let spread: Vec<f64> = scatter(n).map(|x| (10.0 * (x - 0.5)).exp()).collect();
        assert!(assert_as_sorted(&spread, &ranks) <= 4);
        let close: Vec<f64> = scatter(n).map(|x| 1e6 + 1e-6 * x).collect();
        assert!(assert_as_sorted(&close, &ranks) <= 8);
        let mut equal = vec![2.5; n];
        equal[7] = f64::NEG_INFINITY;
        equal[9] = -0.0;
        equal[n - 1] = f64::INFINITY;
        assert!(assert_as_sorted(&equal, &ranks) <= 3);
    }

    #[test]
    fn memory_is_bounded() {
        let mut selection = Selection::default();
        let n = 1_000_000;
        let ranks: Vec<u64> = (0..22).map(|i| i * n / 22).collect();
        for _ in 0..2 {
            scatter(n as usize).for_each(|x| selection.see(x));
            selection.narrow(ranks.iter().copied());
            let Selection::Narrowed(intervals) = &selection else { panic!() };
            let bytes: usize = intervals
                .iter()
                .map(|interval| match &interval.inside {
                    Inside::Counts(list) | Inside::Keys(list) | Inside::Settled(list) => 8 * list.capacity(),
                })
                .sum();
            assert!(bytes <= bytes_at_most(ranks.len()), "{bytes}");
        }
    }

    proptest! {
        #[test]
        fn keys_keep_the_order_and_the_bits(a: f64, b: f64) {
            prop_assert_eq!(key(a).cmp(&key(b)), a.total_cmp(&b));
            prop_assert_eq!(number(key(a)).to_bits(), a.to_bits());
        }
    }
}
