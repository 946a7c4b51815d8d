//! Numbers of which some are wanted by their ranks: in several arms, and in each over all patients and over those of each
//! group. The first pass over them tells how many there are and in which bins they lie; the others which they are.

use super::bins::{Bins, NO_RANGE, key, widen};
use super::histogram::{Histogram, Rows};
use super::selection::{self, Narrowed};
use super::source::is_failed;
use crate::isa::{Arithmetic, Isa, Task};

/// Patients that are looked at at a time, so that their values stay near the processor.
const STRETCH: usize = 1_024;

/// Codes behind those of values: of who has none, and of who did not reach the end.
pub(super) const OTHERS: usize = 2;

/// Patients of a group by what is known of them.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::outcome) struct Counts {
    /// By the code of their value.
    pub(super) codes: Vec<u32>,
    /// Who have one.
    pub(in crate::outcome) present: u64,
    /// Who reached the end.
    pub(super) finished: u64,
    /// Who did not.
    pub(super) failed: u64,
}

impl Counts {
    /// Of patients by their codes, the last two of which are of those without a value, and of those who failed.
    pub(super) fn of(mut codes: Vec<u32>) -> Self {
        let failed = u64::from(codes.pop().unwrap_or_default());
        let missing = u64::from(codes.pop().unwrap_or_default());
        let present = codes.iter().map(|&count| u64::from(count)).sum();
        Self { codes, present, finished: present + missing, failed }
    }
}

/// The code of who has no value, or did not reach the end, behind so many others.
#[inline(always)]
pub(super) fn other_code(value: f64, others: usize) -> u64 {
    others as u64 + u64::from(is_failed(value))
}

/// Numbers in some arms. Every pass sees the same ones.
#[derive(Debug)]
pub(in crate::outcome) struct Ranked {
    arms: usize,
    /// Into how many bins the range of numbers is divided, as a power of 2.
    bits: u32,
    /// Of each arm; about nothing until one of its numbers is seen.
    bins: Vec<Bins>,
    /// Of each arm, whether one was seen.
    has_numbers: Vec<bool>,
    /// In the first pass, by bins.
    histogram: Histogram,
    /// Of each arm, the least and the greatest key in each bin, in the first pass.
    ranges: Vec<Vec<[u64; 2]>>,
    /// `[arm][group]`, once the first pass is over: they without codes.
    counts: Vec<Counts>,
    selections: Vec<Narrowed>,
    /// Of each arm.
    wanted: Vec<Wanted>,
    codes: Codes,
}

/// Where numbers of an arm are looked for in a pass behind the first.
#[derive(Debug)]
struct Wanted {
    /// The number of each bin among those in which some are looked for, from 1 on; 0 of another.
    bins: Vec<u16>,
    /// `[bin][group]`, of those bins: the first interval of the group in which they may be, from 1 on; 0 if there is none.
    firsts: Vec<u16>,
}

impl Wanted {
    /// By the numbers of each group that are looked for, in so many bins and codes behind them.
    fn of(selections: &[Narrowed], bins: &Bins, codes: usize) -> Self {
        let groups = selections.len();
        let mut wanted = Self { bins: vec![0; codes], firsts: vec![0; groups] };
        for (group, selection) in selections.iter().enumerate() {
            for (bin, interval) in selection.looked_for(bins) {
                if wanted.bins[bin] == 0 {
                    wanted.bins[bin] = (wanted.firsts.len() / groups) as u16;
                    wanted.firsts.resize(wanted.firsts.len() + groups, 0);
                }
                wanted.firsts[usize::from(wanted.bins[bin]) * groups + group] = interval as u16 + 1;
            }
        }
        wanted
    }
}

/// The numbers of a stretch of patients in one arm, and their codes: the bins in which they are.
#[derive(Debug)]
struct Codes {
    isa: Isa,
    values: Vec<f64>,
    codes: Vec<u16>,
    /// Positions of those who are looked for.
    found: Vec<u16>,
}

impl Codes {
    fn new() -> Self {
        let [values, codes, found] = [STRETCH; 3];
        Self {
            isa: Isa::detect(),
            values: Vec::with_capacity(values),
            codes: Vec::with_capacity(codes),
            found: Vec::with_capacity(found),
        }
    }

    /// Takes the values of an arm, of `[patient][arm]`.
    fn take_arm(&mut self, values: &[f64], arm: usize, arms: usize) {
        self.values.clear();
        self.values.extend(values.chunks_exact(arms).map(|of_patient| of_patient[arm]));
    }

    /// The code of each.
    fn by(&mut self, bins: &Bins, bits: u32) -> &[u16] {
        self.codes.resize(self.values.len(), 0);
        let others = Bins::count(bits);
        self.isa.run(Coding { bins, others, values: &self.values, codes: &mut self.codes });
        &self.codes
    }

    /// Widens the ranges of keys with each code.
    fn widen(&self, ranges: &mut [[u64; 2]]) {
        for (&code, &value) in self.codes.iter().zip(&self.values) {
            widen(&mut ranges[usize::from(code)], key(value));
        }
    }

    /// Who has a wanted code, by position, with the number of its bin among those, and the key of the number.
    fn found(&mut self, bins: &Bins, bits: u32, wanted: &[u16]) -> impl Iterator<Item = (usize, u16, u64)> {
        self.by(bins, bits);
        // Without a branch that nobody could foresee.
        self.found.resize(self.values.len(), 0);
        let mut count = 0;
        for (position, &code) in (0..).zip(&self.codes) {
            self.found[count] = position;
            count += usize::from(wanted[usize::from(code)] != 0);
        }
        let Self { values, codes, found, .. } = &*self;
        found[..count].iter().map(|&position| {
            let position = usize::from(position);
            (position, wanted[usize::from(codes[position])], key(values[position]))
        })
    }
}

/// Codes of numbers, several side by side.
struct Coding<'a> {
    bins: &'a Bins,
    /// The code of who has no number.
    others: usize,
    values: &'a [f64],
    codes: &'a mut [u16],
}

impl Task for Coding<'_> {
    type Out = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { bins, others, values, codes } = self;
        bins.of_all(values, |value| other_code(value, others), codes);
    }
}

impl Ranked {
    /// Of so many patients, who are divided among rows.
    pub(in crate::outcome) fn new(patients: usize, arms: usize, rows: &Rows) -> Self {
        let bits = Bins::bits(patients);
        Self {
            arms,
            bits,
            bins: vec![Bins::about(std::iter::empty(), bits); arms],
            has_numbers: vec![false; arms],
            histogram: Histogram::new(arms, rows.count(), Bins::count(bits) + OTHERS),
            ranges: vec![vec![NO_RANGE; Bins::count(bits) + OTHERS]; arms],
            counts: Vec::new(),
            selections: Vec::new(),
            wanted: Vec::new(),
            codes: Codes::new(),
        }
    }

    /// Bytes at most of an arm, of so many patients and ranks.
    pub(super) fn bytes_at_most(patients: usize, rows: &Rows, ranks: usize) -> usize {
        let of_code = rows.count() * size_of::<u32>() + size_of::<[u64; 2]>();
        let of_first = of_code * (Bins::count(Bins::bits(patients)) + OTHERS);
        let wanted = size_of::<u16>() * rows.groups().len() * (2 + ranks * rows.groups().len());
        // What is reserved for the numbers that are kept is not touched before the first pass is over.
        wanted + of_first.max(selection::bytes_at_most(rows.groupings() + 1, rows.groups().len(), ranks))
    }

    /// Sees some patients: values `[patient][arm]`, and the row of each patient in each grouping.
    pub(in crate::outcome) fn see(&mut self, values: &[f64], rows: &[&[u32]], all: &Rows) {
        // Arm after arm, for what is counted in one stays near the processor.
        for arm in 0..self.arms {
            if !self.has_numbers[arm] {
                let all = values.iter().skip(arm).step_by(self.arms).copied();
                let mut numbers = all.filter(|value| !value.is_nan()).peekable();
                self.has_numbers[arm] = numbers.peek().is_some();
                self.bins[arm] = Bins::about(numbers, self.bits);
            }
            for (number, values) in values.chunks(STRETCH * self.arms).enumerate() {
                let start = number * STRETCH;
                let patients = start..start + values.len() / self.arms;
                self.codes.take_arm(values, arm, self.arms);
                let rows = rows.iter().map(|rows| &rows[patients.clone()]);
                match self.counts.is_empty() {
                    true => self.count(arm, rows),
                    false => self.select(arm, &rows.collect::<Vec<_>>(), all),
                }
            }
        }
    }

    /// Ends a pass; `ranks` are those that are wanted of an arm and a group with so many numbers, in increasing order.
    /// Whether their numbers are known; else another pass is due.
    pub(in crate::outcome) fn end_pass<I>(
        &mut self,
        all: &Rows,
        ranks: impl Fn(usize, usize, u64) -> I,
    ) -> bool
    where
        I: Iterator<Item = u64>,
    {
        let groups = all.groups().len();
        match self.counts.is_empty() {
            true => self.end_counting(all, ranks),
            false => {
                for (at, (selection, counts)) in self.selections.iter_mut().zip(&self.counts).enumerate() {
                    selection.narrow(ranks(at / groups, at % groups, counts.present));
                }
            }
        }
        // Behind the bins are those without a number.
        let codes = Bins::count(self.bits) + OTHERS;
        let of_arms = self.bins.iter().zip(self.selections.chunks_exact(groups));
        self.wanted = of_arms.map(|(bins, selections)| Wanted::of(selections, bins, codes)).collect();
        self.selections.iter().all(Narrowed::is_settled)
    }

    /// Patients of a group in an arm, once the first pass is over; without codes.
    pub(in crate::outcome) fn counts(&self, arm: usize, group: usize) -> &Counts {
        &self.counts[self.at(arm, group)]
    }

    /// The number of a rank that was wanted, once it is known; NaN of another.
    pub(in crate::outcome) fn value(&self, arm: usize, group: usize, rank: u64) -> f64 {
        self.selections[self.at(arm, group)].value(rank)
    }

    fn at(&self, arm: usize, group: usize) -> usize {
        arm * (self.counts.len() / self.arms.max(1)) + group
    }

    /// Counts the numbers of a stretch in an arm by bins.
    fn count<'a>(&mut self, arm: usize, rows: impl Iterator<Item = &'a [u32]>) {
        let codes = self.codes.by(&self.bins[arm], self.bits);
        self.histogram.add(arm, codes, rows);
        self.codes.widen(&mut self.ranges[arm]);
    }

    /// Looks among them for those that are wanted.
    fn select(&mut self, arm: usize, rows: &[&[u32]], all: &Rows) {
        let groups = all.groups().len();
        let Wanted { bins: wanted, firsts } = &self.wanted[arm];
        let found = self.codes.found(&self.bins[arm], self.bits, wanted);
        let selections = &mut self.selections[arm * groups..(arm + 1) * groups];
        for (patient, bin, key) in found {
            let firsts = &firsts[usize::from(bin) * groups..][..groups];
            let of_levels = rows.iter().filter_map(|rows| all.group(rows[patient] as usize));
            for group in [0].into_iter().chain(of_levels) {
                if let Some(first) = usize::from(firsts[group]).checked_sub(1) {
                    selections[group].see(first, key);
                }
            }
        }
    }

    /// Ends the first pass.
    fn end_counting<I>(&mut self, all: &Rows, ranks: impl Fn(usize, usize, u64) -> I)
    where
        I: Iterator<Item = u64>,
    {
        let histogram = std::mem::replace(&mut self.histogram, Histogram::new(0, 0, 0));
        for (arm, ranges) in std::mem::take(&mut self.ranges).iter().enumerate() {
            // The first group is that of all.
            let mut in_arm = None;
            for (group, rows) in all.groups().iter().enumerate() {
                let mut counts = Counts::of(histogram.of_group(arm, rows));
                let in_arm = *in_arm.get_or_insert(counts.present);
                let codes = std::mem::take(&mut counts.codes);
                let ranks = ranks(arm, group, counts.present);
                self.selections.push(Narrowed::of_bins(&codes, ranges, ranks, in_arm));
                self.counts.push(counts);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// More patients at a time than a stretch has, and than two bytes count; by sorting them.
    #[test]
    fn ranks_of_many_patients_seen_at_once() {
        let (patients, arms) = (70_001, 2);
        let value = |patient: usize, arm: usize| match patient % 11 {
            0 => f64::NAN,
            _ => ((patient * 7919 + arm * 31) % 50_021) as f64 * 0.25 - 100.0,
        };
        let values: Vec<f64> =
            (0..patients).flat_map(|patient| [value(patient, 0), value(patient, 1)]).collect();
        let of_group: Vec<u32> = (0..patients).map(|patient| (patient % 3) as u32).collect();
        let rows = Rows::new([3]);
        let mut ranked = Ranked::new(patients, arms, &rows);
        let ranks = |count: u64| [0, count / 3, count / 2, count - 1];
        loop {
            ranked.see(&values, &[&of_group], &rows);
            if ranked.end_pass(&rows, |_, _, count| ranks(count).into_iter()) {
                break;
            }
        }
        for arm in 0..arms {
            for group in 0..4 {
                let is_of = |patient: &usize| group == 0 || patient % 3 == group - 1;
                let of_all = (0..patients).filter(is_of).map(|patient| value(patient, arm));
                let mut sorted: Vec<f64> = of_all.filter(|value| !value.is_nan()).collect();
                sorted.sort_by(f64::total_cmp);
                assert_eq!(ranked.counts(arm, group).present, sorted.len() as u64);
                for rank in ranks(sorted.len() as u64) {
                    assert_eq!(ranked.value(arm, group, rank), sorted[rank as usize], "{arm} {group} {rank}");
                }
            }
        }
    }
}
