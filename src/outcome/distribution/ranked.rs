//! Numbers of which some are wanted by their ranks: in several arms, and in each over all patients and over those of each
//! group. The first pass over them tells how many there are and in which bins they lie; the others which they are.

use super::STRETCH;
use super::histogram::{Histogram, Rows};
use super::selection::{self, Bins, Narrowed, key};
use super::source::is_failed;

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
pub(super) fn other_code(value: f64, others: usize) -> u16 {
    (others + usize::from(is_failed(value))) as u16
}

/// Numbers in some arms. Every pass sees the same ones.
#[derive(Debug)]
pub(in crate::outcome) struct Ranked {
    arms: usize,
    /// How many patients there are of all groups.
    patients: usize,
    /// Into how many bins the range of numbers is divided, as a power of 2.
    bits: u32,
    /// Of each arm, once its first patients are seen.
    bins: Vec<Bins>,
    /// In the first pass, by bins.
    histogram: Histogram,
    /// `[arm][group]`, once the first pass is over: they without codes.
    counts: Vec<Counts>,
    selections: Vec<Narrowed>,
    /// Of each arm, the bins in which numbers are looked for.
    wanted: Vec<Vec<bool>>,
}

impl Ranked {
    /// Of so many patients, who are divided among rows.
    pub(in crate::outcome) fn new(patients: usize, arms: usize, rows: &Rows) -> Self {
        let bits = Bins::bits(patients);
        Self {
            arms,
            patients,
            bits,
            bins: Vec::new(),
            histogram: Histogram::new(arms, rows.count(), Bins::most(bits) + OTHERS),
            counts: Vec::new(),
            selections: Vec::new(),
            wanted: Vec::new(),
        }
    }

    /// Bytes at most of an arm, of so many patients and ranks.
    pub(super) fn bytes_at_most(patients: usize, rows: &Rows, ranks: usize) -> usize {
        let of_first = rows.count() * 4 * (Bins::most(Bins::bits(patients)) + OTHERS);
        of_first.max(selection::bytes_at_most(rows.groupings() + 1, rows.groups().len(), ranks))
    }

    /// Sees a stretch of patients: values `[patient][arm]`, and the row of each patient in each grouping.
    pub(in crate::outcome) fn see(&mut self, values: &[f64], rows: &[&[u32]], all: &Rows) {
        if self.counts.is_empty() { self.count(values, rows) } else { self.select(values, rows, all) }
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
        if self.counts.is_empty() {
            self.end_counting(all);
        }
        let groups = all.groups().len();
        // Each of them, whatever became of those before.
        let narrow = |(at, (selection, counts)): (usize, (&mut Narrowed, &Counts))| {
            selection.narrow(ranks(at / groups, at % groups, counts.present))
        };
        let unsettled = self.selections.iter_mut().zip(&self.counts).enumerate().map(narrow);
        let unsettled = unsettled.filter(|is_settled| !is_settled).count();
        let wanted = |(bins, selections): (&Bins, &[Narrowed])| {
            let mut wanted = vec![false; bins.count()];
            selections.iter().for_each(|selection| selection.mark(bins, &mut wanted));
            wanted
        };
        self.wanted = self.bins.iter().zip(self.selections.chunks_exact(groups)).map(wanted).collect();
        unsettled == 0
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

    /// Counts numbers by bins.
    fn count(&mut self, values: &[f64], rows: &[&[u32]]) {
        let arms = self.arms;
        let others = Bins::most(self.bits);
        let mut of_patients = Vec::with_capacity(STRETCH);
        for arm in 0..arms {
            let of_arm = values.chunks_exact(arms).map(|values| values[arm]);
            if self.bins.len() == arm {
                self.bins.push(Bins::about(of_arm.clone().filter(|value| !value.is_nan()), self.bits));
            }
            let bins = &self.bins[arm];
            of_patients.clear();
            of_patients.extend(of_arm.map(|value| match value.is_nan() {
                true => other_code(value, others),
                false => bins.of(key(value)) as u16,
            }));
            self.histogram.add(arm, &of_patients, rows);
        }
    }

    /// Looks for the numbers that are wanted.
    fn select(&mut self, values: &[f64], rows: &[&[u32]], all: &Rows) {
        let (arms, groups) = (self.arms, all.groups().len());
        for (arm, (bins, wanted)) in self.bins.iter().zip(&self.wanted).enumerate() {
            let selections = &mut self.selections[arm * groups..(arm + 1) * groups];
            for (patient, values) in values.chunks_exact(arms).enumerate() {
                let value = values[arm];
                if value.is_nan() {
                    continue;
                }
                let key = key(value);
                if wanted[bins.of(key)] {
                    selections[0].see(key);
                    for rows in rows {
                        let group = all.group(rows[patient] as usize);
                        group.into_iter().for_each(|group| selections[group].see(key));
                    }
                }
            }
        }
    }

    /// Ends the first pass.
    fn end_counting(&mut self, all: &Rows) {
        // Of nobody there are none.
        let none = || Bins::about(std::iter::empty(), self.bits);
        self.bins.resize_with(self.arms, none);
        let histogram = std::mem::replace(&mut self.histogram, Histogram::new(0, 0, 0));
        for (arm, bins) in self.bins.iter().enumerate() {
            for of_group in all.groups() {
                let mut counts = Counts::of(histogram.of_group(arm, of_group));
                let codes = std::mem::take(&mut counts.codes);
                self.selections.push(Narrowed::counted(bins, &codes, self.patients));
                self.counts.push(counts);
            }
        }
    }
}
