//! Order statistics of as many numbers as there are, in bounded memory: of many, each pass over them counts how many
//! lie in narrower and narrower intervals about the ranks that are wanted (Munro and Paterson, Theoretical Computer
//! Science 12 (1980) 315-323), until those of the last intervals can be kept. The first intervals divide the range of
//! the first numbers, so that two passes are enough as a rule.

/// The first pass divides the range of so many of the first numbers.
const FIRST: usize = 2_048;
/// Of all numbers, so many in intervals are kept; of some of them, in proportion.
const KEPT: u64 = 16_384;
/// The first pass divides the range of the first numbers into 2 to the power of so many parts.
const FIRST_BITS: u32 = 12;
/// Every other interval is divided into 2 to the power of so many.
const NEXT_BITS: u32 = 6;

/// Bytes at most of the numbers and counts that are kept of all numbers once for each of `divisions`, and of `selections`
/// among which they are divided, of which so many ranks are wanted each.
pub(super) fn bytes_at_most(divisions: usize, selections: usize, ranks: usize) -> usize {
    divisions * 8 * KEPT as usize + selections * 4 * (ranks << NEXT_BITS)
}

/// Intervals in which the wanted numbers lie.
#[derive(Debug)]
pub(super) struct Narrowed {
    /// In order, apart from each other; all numbers in the first pass.
    intervals: Vec<Interval>,
    /// How many of them may be kept.
    room: u64,
}

/// No key yet.
pub(super) const NO_RANGE: [u64; 2] = [u64::MAX, 0];

/// Numbers whose keys lie between two.
#[derive(Debug)]
struct Interval {
    /// The least key.
    low: u64,
    /// The greatest key.
    last: u64,
    /// Numbers below it.
    before: u64,
    /// Numbers in it; 0 while that is not known.
    count: u64,
    /// The bin of its first part, in the first pass.
    bin: usize,
    /// Least and greatest key that was counted.
    range: [u64; 2],
    inside: Inside,
}

#[derive(Debug)]
enum Inside {
    /// How many there are in each part of it, a part being 2 to the power of the shift keys.
    Counts { counts: Vec<u32>, shift: u32 },
    /// The keys themselves.
    Keys(Vec<u64>),
    /// The keys in order, or one for all.
    Settled(Vec<u64>),
}

/// The parts in which numbers are counted in the first pass: many of the range of some of them, few below and above it.
#[derive(Debug, Clone)]
pub(super) struct Bins {
    /// The least key of the range, and the greatest.
    range: [u64; 2],
    /// Parts below the range, of it, and above it: how many there are, and the shift from a key to its part.
    parts: [(usize, u32); 3],
}

impl Bins {
    /// The most that there are where the range is divided into 2 to the power of so many.
    pub(super) const fn most(bits: u32) -> usize {
        (1 << bits) + (2 << NEXT_BITS)
    }

    /// Into how many, as a power of 2, the range of so many numbers is divided: some of them are in each.
    pub(super) fn bits(numbers: usize) -> u32 {
        (numbers / 8).checked_ilog2().unwrap_or(0).clamp(4, FIRST_BITS)
    }

    /// About the range of the first of some numbers, none of them NaN.
    pub(super) fn about(numbers: impl Iterator<Item = f64>, bits: u32) -> Self {
        let keys = numbers.take(FIRST).map(key);
        let range = keys.fold(NO_RANGE, |[low, last], key| [low.min(key), last.max(key)]);
        let [low, last] = if range == NO_RANGE { [0, u64::MAX] } else { range };
        let below = low.checked_sub(1).map_or((0, 0), |below| parts(0, below, NEXT_BITS));
        let above = last.checked_add(1).map_or((0, 0), |above| parts(above, u64::MAX, NEXT_BITS));
        Self { range: [low, last], parts: [below, parts(low, last, bits), above] }
    }

    /// How many there are.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.parts.iter().map(|(parts, _)| parts).sum()
    }

    /// The one in which a key is; they are in the order of the keys. Without a branch, for many keys side by side.
    #[inline(always)]
    pub(super) fn of(&self, key: u64) -> usize {
        let ([low, last], [(below, below_shift), (among, shift), (_, above_shift)]) =
            (self.range, self.parts);
        let offset = key.wrapping_sub(low);
        let inside = (below as u64).wrapping_add(offset >> shift);
        let under = key >> below_shift;
        let beyond = key.wrapping_sub(last).wrapping_sub(1) >> above_shift;
        let over = ((below + among) as u64).wrapping_add(beyond);
        let outside = if key < low { under } else { over };
        (if offset <= last - low { inside } else { outside }) as usize
    }

    /// An interval for each of the three ranges, in which nothing is counted; none of one without keys.
    fn intervals(&self) -> Vec<Interval> {
        let [low, last] = self.range;
        let ranges = [[0, low.saturating_sub(1)], [low, last], [last.saturating_add(1), u64::MAX]];
        let there = ranges.into_iter().zip(self.parts).filter(|(_, (parts, _))| *parts > 0);
        let mut bin = 0;
        let interval = |([low, last], (parts, shift)): ([u64; 2], (usize, u32))| {
            let interval = Interval { bin, ..Interval::divided(low, last, vec![0; parts], shift) };
            bin += parts;
            interval
        };
        there.map(interval).collect()
    }
}

impl Narrowed {
    /// Numbers of which it is known how many are in each bin, and the pass that told it is not over.
    pub(super) fn counted(bins: &Bins, counts: &[u32], of: usize) -> Self {
        let mut intervals = bins.intervals();
        let mut counts = counts.iter().copied();
        let mut before = 0;
        for interval in &mut intervals {
            if let Inside::Counts { counts: own, .. } = &mut interval.inside {
                own.iter_mut().zip(&mut counts).for_each(|(own, count)| *own = count);
            }
            interval.before = before;
            interval.count = interval.counts().iter().map(|&count| u64::from(count)).sum();
            before += interval.count;
        }
        let room = (KEPT as f64 * (before as f64 / of as f64).min(1.0)) as u64;
        Self { intervals, room }
    }

    /// The bins in which numbers are looked for, each with an interval in which they may be: a bin comes with its
    /// last first.
    pub(super) fn looked_for<'a>(&'a self, bins: &'a Bins) -> impl Iterator<Item = (usize, usize)> + 'a {
        let unsettled = self.intervals.iter().enumerate().filter(|(_, interval)| !interval.is_settled());
        unsettled.rev().flat_map(|(at, Interval { low, last, .. })| {
            (bins.of(*low)..=bins.of(*last)).map(move |bin| (bin, at))
        })
    }

    /// The number of a rank that was wanted, once it is known; NaN of another.
    pub(super) fn value(&self, rank: u64) -> f64 {
        position(&self.intervals, rank).map_or(f64::NAN, |at| self.intervals[at].value(rank))
    }

    /// Takes the key of a number, which lies in no interval before this one; in every pass behind the first the same ones.
    pub(super) fn see(&mut self, first: usize, key: u64) {
        let behind = self.intervals[first..].iter_mut().find(|interval| key <= interval.last);
        if let Some(interval) = behind.filter(|interval| key >= interval.low) {
            interval.see(key);
        }
    }

    /// Ends a pass: narrows the intervals about the ranks from 0, in increasing order. Whether their numbers are
    /// known; else another pass is due. The first pass tells also the `ranges` of the keys in each bin: where all are
    /// the same, as in the least or greatest number that is possible, nothing is left to look for.
    pub(super) fn narrow(&mut self, ranks: impl Iterator<Item = u64>, ranges: &[[u64; 2]]) -> bool {
        let mut room = self.room.saturating_sub(self.intervals.iter().map(Interval::kept).sum());
        let mut narrower: Vec<Interval> = Vec::new();
        for rank in ranks {
            if narrower.last().is_none_or(|last| rank >= last.before + last.count) {
                let at = position(&self.intervals, rank);
                narrower.extend(at.and_then(|at| self.intervals[at].about(rank, &mut room, ranges)));
            }
        }
        self.intervals = narrower;
        self.intervals.iter().all(Interval::is_settled)
    }
}

/// The last interval that does not begin behind a rank.
fn position(intervals: &[Interval], rank: u64) -> Option<usize> {
    intervals.partition_point(|interval| interval.before <= rank).checked_sub(1)
}

/// Parts of the keys between two, 2 to the power of so many at most, and the shift from a key to its part.
fn parts(low: u64, last: u64, most: u32) -> (usize, u32) {
    let span = last.saturating_sub(low);
    let shift = (u64::BITS - span.leading_zeros()).saturating_sub(most);
    ((span >> shift) as usize + 1, shift)
}

impl Interval {
    /// An interval of which nothing is known.
    fn counted(low: u64, last: u64, most: u32) -> Self {
        let (parts, shift) = parts(low, last, most);
        Self::divided(low, last, vec![0; parts], shift)
    }

    /// An interval with so many numbers in each of its parts.
    fn divided(low: u64, last: u64, counts: Vec<u32>, shift: u32) -> Self {
        let inside = Inside::Counts { counts, shift };
        Self { low, last, before: 0, count: 0, bin: 0, range: NO_RANGE, inside }
    }

    /// A part of which it is known how many there are in it and below it; its keys are kept if there is room.
    fn part([low, last]: [u64; 2], before: u64, count: u64, room: &mut u64) -> Self {
        let inside = if low == last {
            Inside::Settled(vec![low])
        } else if count <= *room {
            *room -= count;
            Inside::Keys(Vec::with_capacity(count as usize))
        } else {
            Self::counted(low, last, NEXT_BITS).inside
        };
        Self { low, last, before, count, bin: 0, range: NO_RANGE, inside }
    }

    fn is_settled(&self) -> bool {
        matches!(self.inside, Inside::Settled(_))
    }

    fn counts(&self) -> &[u32] {
        if let Inside::Counts { counts, .. } = &self.inside { counts } else { &[] }
    }

    /// How many numbers of it are kept.
    fn kept(&self) -> u64 {
        match &self.inside {
            Inside::Keys(keys) | Inside::Settled(keys) => keys.len() as u64,
            Inside::Counts { .. } => 0,
        }
    }

    /// Counts a key that is in it.
    fn see(&mut self, key: u64) {
        match &mut self.inside {
            Inside::Counts { counts, shift } => {
                counts[((key - self.low) >> *shift) as usize] += 1;
                self.range = [self.range[0].min(key), self.range[1].max(key)];
            }
            Inside::Keys(keys) => keys.push(key),
            Inside::Settled(_) => {}
        }
    }

    /// The part of it in which a rank lies, or all of it in order; `None` if it lies behind it. Once for each part.
    fn about(&mut self, rank: u64, room: &mut u64, ranges: &[[u64; 2]]) -> Option<Self> {
        let keys = match &mut self.inside {
            Inside::Counts { .. } if self.count > 0 && self.range[0] == self.range[1] => vec![self.range[0]],
            Inside::Counts { counts, shift } => {
                let mut before = self.before;
                for (part, &count) in (0..).zip(counts.iter()) {
                    let count = u64::from(count);
                    if rank < before + count {
                        let low = self.low + (part << *shift);
                        let last = self.last.min(low.saturating_add((1 << *shift) - 1));
                        let range = ranges.get(self.bin + part as usize).copied().unwrap_or([low, last]);
                        return Some(Self::part(range, before, count, room));
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
            Inside::Counts { .. } | Inside::Keys(_) => f64::NAN,
        }
    }
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
fn number(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 0 { !key } else { key & !(1 << 63) })
}

#[cfg(test)]
#[expect(clippy::panic, reason = "tests")]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use proptest::prelude::*;

    /// The numbers of these ranks, in as many passes as it takes.
    fn select(values: &[f64], ranks: &[u64]) -> (Vec<f64>, usize) {
        let mut narrowed = counted(values, &Bins::about(values.iter().copied(), Bins::bits(values.len())));
        for pass in 1..12 {
            if narrowed.narrow(ranks.iter().copied(), &[]) {
                return (ranks.iter().map(|&rank| narrowed.value(rank)).collect(), pass);
            }
            values.iter().for_each(|&value| narrowed.see(0, key(value)));
        }
        panic!("it does not end")
    }

    /// Numbers after the first pass.
    fn counted(values: &[f64], bins: &Bins) -> Narrowed {
        let mut counts = vec![0; bins.count()];
        values.iter().for_each(|&value| counts[bins.of(key(value))] += 1);
        Narrowed::counted(bins, &counts, values.len())
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
    fn few_are_kept() {
        let values: Vec<f64> = scatter(1_000).map(|x| x - 0.5).collect();
        assert_eq!(assert_as_sorted(&values, &[0, 1, 500, 999]), 2);
        assert_eq!(assert_as_sorted(&[2.5], &[0]), 1);
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
        let n = 1_000_000;
        let ranks: Vec<u64> = (0..22).map(|i| i * n / 22).collect();
        let values: Vec<f64> = scatter(n as usize).collect();
        let mut narrowed = counted(&values, &Bins::about(values.iter().copied(), FIRST_BITS));
        for _ in 0..2 {
            narrowed.narrow(ranks.iter().copied(), &[]);
            values.iter().for_each(|&value| narrowed.see(0, key(value)));
            let of_interval = |interval: &Interval| match &interval.inside {
                Inside::Counts { counts, .. } => 4 * counts.capacity(),
                Inside::Keys(keys) | Inside::Settled(keys) => 8 * keys.capacity(),
            };
            let bytes: usize = narrowed.intervals.iter().map(of_interval).sum();
            assert!(bytes <= bytes_at_most(1, 1, ranks.len()), "{bytes}");
        }
    }

    /// Numbers that were counted in bins, and then seen, are selected as those that were seen twice.
    #[test]
    fn what_is_counted_in_bins_is_selected() {
        let values: Vec<f64> = scatter(50_000).map(|x| (8.0 * (x - 0.5)).sinh().trunc() + x).collect();
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let ranks = [0, 17, 12_499, 12_500, 25_000, 49_990, 49_999];
        for bins in [Bins::about(values[..5].iter().copied(), 6), Bins::about([].into_iter(), FIRST_BITS)] {
            let mut narrowed = counted(&values, &bins);
            while !narrowed.narrow(ranks.into_iter(), &[]) {
                let firsts: HashMap<usize, usize> = narrowed.looked_for(&bins).collect();
                let keys = values.iter().map(|&value| key(value));
                let found = keys.filter_map(|key| Some((*firsts.get(&bins.of(key))?, key)));
                found.for_each(|(first, key)| narrowed.see(first, key));
            }
            assert_eq!(ranks.map(|rank| narrowed.value(rank)), ranks.map(|rank| sorted[rank as usize]));
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
