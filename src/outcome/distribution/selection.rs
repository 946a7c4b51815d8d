//! Order statistics of as many numbers as there are, in bounded memory: of many, each pass over them counts how many
//! lie in narrower and narrower intervals about the ranks that are wanted (Munro and Paterson, Theoretical Computer
//! Science 12 (1980) 315-323), until those of the last intervals can be kept. The first intervals are [bins](Bins), so
//! that two passes are enough as a rule.

use super::bins::{Bins, NO_RANGE, number, widen};

/// Of all numbers, so many in intervals are kept; of some of them, in proportion.
const KEPT: u64 = 16_384;
/// An interval with more is divided into 2 to the power of so many.
const BITS: u32 = 6;

/// Bytes at most of the numbers and counts that are kept of all numbers once for each of `divisions`, and of `selections`
/// among which they are divided, of which so many ranks are wanted each.
pub(super) fn bytes_at_most(divisions: usize, selections: usize, ranks: usize) -> usize {
    divisions * 8 * KEPT as usize + selections * 4 * (ranks << BITS)
}

/// Intervals in which the wanted numbers lie.
#[derive(Debug)]
pub(super) struct Narrowed {
    /// In order, apart from each other.
    intervals: Vec<Interval>,
    /// How many numbers there are, in these intervals and outside.
    count: u64,
    /// How many of them may be kept.
    room: u64,
}

/// Numbers whose keys lie between two.
#[derive(Debug)]
struct Interval {
    /// The least key.
    low: u64,
    /// The greatest key.
    last: u64,
    /// Numbers below it.
    before: u64,
    /// Numbers in it.
    count: u64,
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

impl Narrowed {
    /// The bins in which the numbers of some ranks are, in increasing order, by how many are in each bin and the ranges of
    /// their keys; where all are the same, as in the least or greatest number that is possible, nothing is left to look
    /// for. `of` is how many numbers there are in all groups.
    pub(super) fn of_bins(
        counts: &[u32],
        ranges: &[[u64; 2]],
        ranks: impl Iterator<Item = u64>,
        of: u64,
    ) -> Self {
        let count: u64 = counts.iter().map(|&count| u64::from(count)).sum();
        let mut room = (KEPT as f64 * (count as f64 / of as f64).min(1.0)) as u64;
        let mut narrowed = Self { intervals: Vec::new(), count, room };
        let mut bins = counts.iter().zip(ranges);
        let mut behind = 0;
        for rank in ranks.filter(|&rank| rank < count) {
            while behind <= rank
                && let Some((&count, range)) = bins.next()
            {
                let before = behind;
                behind += u64::from(count);
                if rank < behind {
                    narrowed.intervals.push(Interval::part(*range, before, u64::from(count), &mut room));
                }
            }
        }
        narrowed
    }

    /// Whether all numbers that are wanted are known.
    pub(super) fn is_settled(&self) -> bool {
        self.intervals.iter().all(Interval::is_settled)
    }

    /// The bins in which numbers are looked for, each with an interval in which they may be: a bin comes with its
    /// last first.
    pub(super) fn looked_for<'a>(&'a self, bins: &'a Bins) -> impl Iterator<Item = (usize, usize)> + 'a {
        let unsettled = self.intervals.iter().enumerate().filter(|(_, interval)| !interval.is_settled());
        unsettled.rev().flat_map(|(at, Interval { low, last, .. })| {
            (bins.of(number(*low))..=bins.of(number(*last))).map(move |bin| (bin, at))
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

    /// Ends a pass behind the first: narrows the intervals about the ranks, in increasing order.
    pub(super) fn narrow(&mut self, ranks: impl Iterator<Item = u64>) {
        let mut room = self.room.saturating_sub(self.intervals.iter().map(Interval::kept).sum());
        let mut narrower: Vec<Interval> = Vec::new();
        for rank in ranks.filter(|&rank| rank < self.count) {
            if narrower.last().is_none_or(|last| rank >= last.before + last.count) {
                let at = position(&self.intervals, rank);
                narrower.extend(at.and_then(|at| self.intervals[at].about(rank, &mut room)));
            }
        }
        self.intervals = narrower;
    }
}

/// The last interval that does not begin behind a rank.
fn position(intervals: &[Interval], rank: u64) -> Option<usize> {
    intervals.partition_point(|interval| interval.before <= rank).checked_sub(1)
}

/// Parts of the keys between two, and the shift from a key to its part.
fn parts(low: u64, last: u64) -> (usize, u32) {
    let span = last - low;
    let shift = (u64::BITS - span.leading_zeros()).saturating_sub(BITS);
    ((span >> shift) as usize + 1, shift)
}

impl Interval {
    /// A part of which it is known how many there are in it and below it; its keys are kept if there is room.
    fn part([low, last]: [u64; 2], before: u64, count: u64, room: &mut u64) -> Self {
        let inside = if low == last {
            Inside::Settled(vec![low])
        } else if count <= *room {
            *room -= count;
            Inside::Keys(Vec::with_capacity(count as usize))
        } else {
            let (parts, shift) = parts(low, last);
            Inside::Counts { counts: vec![0; parts], shift }
        };
        Self { low, last, before, count, range: NO_RANGE, inside }
    }

    fn is_settled(&self) -> bool {
        matches!(self.inside, Inside::Settled(_))
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
                widen(&mut self.range, key);
            }
            Inside::Keys(keys) => keys.push(key),
            Inside::Settled(_) => {}
        }
    }

    /// The part of it in which a rank lies, or all of it in order; `None` if it lies behind it. Once for each part.
    fn about(&mut self, rank: u64, room: &mut u64) -> Option<Self> {
        let keys = match &mut self.inside {
            Inside::Counts { .. } if self.count > 0 && self.range[0] == self.range[1] => vec![self.range[0]],
            Inside::Counts { counts, shift } => {
                let mut before = self.before;
                for (part, &count) in (0..).zip(counts.iter()) {
                    let count = u64::from(count);
                    if rank < before + count {
                        let low = self.low + (part << *shift);
                        let last = self.last.min(low.saturating_add((1 << *shift) - 1));
                        return Some(Self::part([low, last], before, count, room));
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

#[cfg(test)]
#[expect(clippy::panic, reason = "tests")]
mod tests {
    use std::collections::HashMap;

    use super::super::bins::key;
    use super::*;

    /// Numbers in bins.
    struct Counted {
        bins: Bins,
        counts: Vec<u32>,
        ranges: Vec<[u64; 2]>,
    }

    impl Counted {
        /// In bins about the first so many.
        fn of(values: &[f64], first: usize, bits: u32) -> Self {
            let bins = Bins::about(values[..first].iter().copied(), bits);
            let count = Bins::count(bits);
            let mut counted = Self { bins, counts: vec![0; count], ranges: vec![NO_RANGE; count] };
            for &value in values {
                let bin = bins.of(value);
                counted.counts[bin] += 1;
                widen(&mut counted.ranges[bin], key(value));
            }
            counted
        }

        fn about(&self, ranks: &[u64], of: usize) -> Narrowed {
            Narrowed::of_bins(&self.counts, &self.ranges, ranks.iter().copied(), of as u64)
        }
    }

    /// The numbers of these ranks, in bins about the first so many, in as many passes as it takes.
    fn select(values: &[f64], ranks: &[u64], first: usize, bits: u32) -> (Vec<f64>, usize) {
        let counted = Counted::of(values, first, bits);
        let mut narrowed = counted.about(ranks, values.len());
        for pass in 1..14 {
            if narrowed.is_settled() {
                return (ranks.iter().map(|&rank| narrowed.value(rank)).collect(), pass);
            }
            let firsts: HashMap<usize, usize> = narrowed.looked_for(&counted.bins).collect();
            let found = values
                .iter()
                .filter_map(|&value| firsts.get(&counted.bins.of(value)).map(|first| (*first, key(value))));
            found.for_each(|(first, key)| narrowed.see(first, key));
            narrowed.narrow(ranks.iter().copied());
        }
        panic!("it does not end")
    }

    /// Passes about all numbers; about five of them, and about none in the fewest bins, they are no more than `most`.
    #[track_caller]
    fn assert_as_sorted(values: &[f64], ranks: &[u64], most: usize) -> usize {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let bits = Bins::bits(values.len());
        let forms = [(values.len(), bits), (values.len().min(5), bits), (0, 4)];
        let passes = forms.map(|(first, bits)| {
            let (found, passes) = select(values, ranks, first, bits);
            for (rank, found) in ranks.iter().zip(&found) {
                assert_eq!(found.to_bits(), sorted[*rank as usize].to_bits(), "rank {rank}");
            }
            passes
        });
        assert!(passes.iter().all(|&passes| passes <= most), "{passes:?}");
        passes[0]
    }

    fn scatter(n: usize) -> impl Iterator<Item = f64> {
        (0..n).map(|i| (i as f64 * 0.618_033_988_749_894_9).fract())
    }

    #[test]
    fn few_are_kept() {
        let values: Vec<f64> = scatter(1_000).map(|x| x - 0.5).collect();
        assert_eq!(assert_as_sorted(&values, &[0, 1, 500, 999], 2), 2);
        assert_eq!(assert_as_sorted(&[2.5], &[0], 1), 1);
    }

    #[test]
    fn many_are_narrowed() {
        let n = 300_000;
        let ranks = [0, 1, 2_999, 3_000, 149_999, 150_000, n as u64 - 1];
        let spread: Vec<f64> = scatter(n).map(|x| (10.0 * (x - 0.5)).exp()).collect();
        assert_eq!(assert_as_sorted(&spread, &ranks, 4), 2);
        let close: Vec<f64> = scatter(n).map(|x| 1e6 + 1e-6 * x).collect();
        assert_eq!(assert_as_sorted(&close, &ranks, 4), 2);
        let mixed: Vec<f64> = scatter(n).map(|x| (8.0 * (x - 0.5)).sinh().trunc() + x).collect();
        assert_eq!(assert_as_sorted(&mixed, &ranks, 4), 2);
        let mut equal = vec![2.5; n];
        equal[7] = f64::NEG_INFINITY;
        equal[9] = -0.0;
        equal[n - 1] = f64::INFINITY;
        assert!(assert_as_sorted(&equal, &ranks, 4) <= 2);
    }

    /// Ranks behind the last number, as those of a group in which nobody is, change nothing of it.
    #[test]
    fn nothing_has_the_rank_behind_the_last() {
        let values: Vec<f64> = (0..60).map(f64::from).chain([100.0; 40]).collect();
        let counted = Counted::of(&values, values.len(), Bins::bits(values.len()));
        for of in [values.len(), 10 * values.len()] {
            let ranks = [0, 16, 17, 33, 34, 66, 67, 99, 100];
            let mut narrowed = counted.about(&ranks, of);
            while !narrowed.is_settled() {
                values.iter().for_each(|&value| narrowed.see(0, key(value)));
                narrowed.narrow(ranks.into_iter());
            }
            assert_eq!(
                ranks[..8].iter().map(|&rank| narrowed.value(rank)).collect::<Vec<_>>(),
                [0.0, 16.0, 17.0, 33.0, 34.0, 100.0, 100.0, 100.0]
            );
        }
    }

    #[test]
    fn memory_is_bounded() {
        let n = 1_000_000;
        let ranks: Vec<u64> = (0..22).map(|i| i * n / 22).collect();
        let values: Vec<f64> = scatter(n as usize).collect();
        for bits in [4, 11] {
            let counted = Counted::of(&values, 2_048, bits);
            let mut narrowed = counted.about(&ranks, values.len());
            for _ in 0..2 {
                values.iter().for_each(|&value| narrowed.see(0, key(value)));
                let of_interval = |interval: &Interval| match &interval.inside {
                    Inside::Counts { counts, .. } => 4 * counts.capacity(),
                    Inside::Keys(keys) | Inside::Settled(keys) => 8 * keys.capacity(),
                };
                let bytes: usize = narrowed.intervals.iter().map(of_interval).sum();
                assert!(bytes <= bytes_at_most(1, 1, ranks.len()), "{bytes}");
                narrowed.narrow(ranks.iter().copied());
            }
        }
    }
}
