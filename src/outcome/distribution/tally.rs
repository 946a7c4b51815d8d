//! What is counted of the values of one endpoint in some arms, over all patients and over those of each group, pass by
//! pass over them.
//!
//! Patients are counted by the codes of their values, all groups at once. Of numbers a code is a bin: the first pass
//! tells how many are in each, the sums, and so the bins in which quantiles lie; the second the squares about the means,
//! and which numbers the quantiles are.

use std::borrow::Cow;

use super::histogram::{Histogram, Rows};
use super::selection::{self, Bins, Narrowed, key};
use super::source::is_failed;
use super::statistics::{quantile_of_ranks, quantile_ranks};
use super::sums::Sums;
use super::{EndpointKind, GRADES, QUANTILES, Statistic, proportions};
use crate::engine::cpu::Isa;

/// Patients that are counted at a time, so that their values stay near the processor.
const STRETCH: usize = 1_024;
/// Codes behind those of values: of who has none, and of who did not reach the end.
const OTHERS: usize = 2;

/// Some patients in a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    /// Of the endpoint, as of [`Block::values`](super::Block::values).
    pub(super) values: &'a [f64],
    /// Of the other flag of [`EndpointKind::FlagAmong`].
    pub(super) among: Option<&'a [f64]>,
    /// The row of each patient in each grouping.
    pub(super) rows: &'a [Vec<u32>],
}

/// One endpoint in some arms while it is counted. Every pass sees the same patients in the same order.
#[derive(Debug)]
pub(super) struct Tally<'a> {
    kind: &'a EndpointKind,
    arms: usize,
    rows: &'a Rows,
    counted: Counted,
    /// The other flag of [`EndpointKind::FlagAmong`].
    among: Option<Histogram>,
    is_settled: bool,
}

#[derive(Debug)]
enum Counted {
    /// What has a code of its own.
    Codes(Histogram),
    Numbers(Box<Numbers>),
}

/// Patients of a group by what is known of them.
#[derive(Debug, Clone, PartialEq)]
struct Counts {
    /// By the code of their value.
    codes: Vec<u32>,
    /// Who have one.
    present: u64,
    /// Who reached the end.
    finished: u64,
    /// Who did not.
    failed: u64,
}

/// Numbers whose mean, spread and quantiles are wanted.
#[derive(Debug)]
struct Numbers {
    isa: Isa,
    /// How many patients there are of all groups.
    patients: usize,
    /// Into how many bins the range of numbers is divided, as a power of 2.
    bits: u32,
    /// Of each arm, once its first patients are seen.
    bins: Vec<Bins>,
    /// In the first pass, by bins.
    histogram: Histogram,
    /// `[row][arm]`, and behind the rows of groups one of all patients.
    sums: Sums,
    squares: Sums,
    means: Vec<f64>,
    /// `[arm][group]`, once the first pass is over: they without codes.
    counts: Vec<Counts>,
    selections: Vec<Narrowed>,
    /// Of each arm, the bins in which numbers are looked for.
    wanted: Vec<Vec<bool>>,
    passes: u32,
}

impl<'a> Tally<'a> {
    /// Of so many patients in some arms, who are divided among rows.
    pub(super) fn new(kind: &'a EndpointKind, patients: usize, arms: usize, rows: &'a Rows) -> Self {
        let histogram = |codes: usize| Histogram::new(arms, rows.count(), codes + OTHERS);
        let counted = match codes(kind) {
            Some(codes) => Counted::Codes(histogram(codes)),
            None => Counted::Numbers(Box::new(Numbers::new(patients, arms, rows))),
        };
        let among = matches!(kind, EndpointKind::FlagAmong(_)).then(|| histogram(FLAG));
        Self { kind, arms, rows, counted, among, is_settled: false }
    }

    /// Bytes at most of an endpoint in an arm, of so many patients who are divided among rows.
    pub(super) fn bytes_at_most(patients: usize, rows: &Rows) -> usize {
        let of_first = rows.count() * 4 * (Bins::most(Bins::bits(patients)) + OTHERS);
        let groups = rows.groups().len();
        of_first.max(selection::bytes_at_most(rows.groupings() + 1, groups, 2 * QUANTILES.len() + 2))
    }

    /// Sees the next patients.
    pub(super) fn see(&mut self, seen: &Seen<'_>) {
        let patients = seen.values.len() / self.arms.max(1);
        for start in (0..patients).step_by(STRETCH) {
            let patients = start..patients.min(start + STRETCH);
            let of_arms = patients.start * self.arms..patients.end * self.arms;
            let rows: Vec<&[u32]> = seen.rows.iter().map(|rows| &rows[patients.clone()]).collect();
            match &mut self.counted {
                Counted::Codes(histogram) => {
                    histogram.add_coded(self.kind, &seen.values[of_arms.clone()], self.arms, &rows);
                }
                Counted::Numbers(numbers) => numbers.see(&seen.values[of_arms.clone()], &rows, self.rows),
            }
            if let Some((histogram, among)) = self.among.as_mut().zip(seen.among) {
                histogram.add_coded(&EndpointKind::Flag, &among[of_arms], self.arms, &rows);
            }
        }
    }

    /// Ends a pass.
    pub(super) fn end_pass(&mut self) {
        self.is_settled = match &mut self.counted {
            Counted::Codes(_) => true,
            Counted::Numbers(numbers) => numbers.end_pass(self.arms, self.rows),
        };
    }

    /// Whether everything is known, or else another pass is due.
    pub(super) fn is_settled(&self) -> bool {
        self.is_settled
    }

    /// What there is to say of a group in an arm, once it is settled.
    pub(super) fn statistics(&self, arm: usize, group: usize) -> Vec<Statistic> {
        let of_group = &self.rows.groups()[group];
        let at = arm * self.rows.groups().len() + group;
        let counts = match &self.counted {
            Counted::Codes(histogram) => Counts::of(histogram.of_group(arm, of_group)),
            Counted::Numbers(numbers) => numbers.counts[at].clone(),
        };
        let Counts { codes, present, finished, failed } = counts;
        let mut statistics = Statistics { list: Vec::new(), finished, failed };
        let count = |code: usize| codes.get(code).copied().map_or(0, u64::from);
        match self.kind {
            EndpointKind::Number => {}
            // Someone in whom it never happened has no time, but counts.
            EndpointKind::FirstTime => statistics.proportion("", present, finished),
            EndpointKind::Flag => statistics.proportion("", count(1), present),
            EndpointKind::FlagAmong(other) => {
                let among = self.among.as_ref().map(|among| among.of_group(arm, of_group)[1]);
                statistics.proportion("", count(1), present);
                statistics.proportion(&format!("_of_{other}"), count(1), among.map_or(0, u64::from));
            }
            EndpointKind::Grade => {
                for (code, grade) in (1..).zip(GRADES) {
                    let events = (code..=GRADES.len()).map(count).sum();
                    statistics.proportion(&format!("_ge_{grade}"), events, present);
                }
            }
            EndpointKind::Label(levels) => {
                for (code, level) in levels.iter().enumerate() {
                    // No label is an answer too: treatment that did not end has no cause.
                    statistics.proportion(&format!("_{level}"), count(code), finished);
                }
            }
        }
        if let Counted::Numbers(numbers) = &self.counted {
            let (row, selection) = (sum_row(self.rows, group), &numbers.selections[at]);
            let (mean, squares) = (numbers.means[row * self.arms + arm], numbers.squares.total(row, arm));
            statistics.numbers(mean, squares, present, |rank| selection.value(rank));
        }
        statistics.list
    }
}

/// Codes of a flag.
const FLAG: usize = 2;

/// How many codes the values of an endpoint have; `None` of numbers.
fn codes(kind: &EndpointKind) -> Option<usize> {
    match kind {
        EndpointKind::Number | EndpointKind::FirstTime => None,
        EndpointKind::Flag | EndpointKind::FlagAmong(_) => Some(FLAG),
        EndpointKind::Grade => Some(GRADES.len() + 1),
        EndpointKind::Label(levels) => Some(levels.len() + 1),
    }
}

/// The code of who has no value, or did not reach the end, behind so many others.
fn other_code(value: f64, others: usize) -> u16 {
    (others + usize::from(is_failed(value))) as u16
}

impl Histogram {
    /// Counts patients by the codes of values, `[patient][arm]`, of what is no number: of a flag 0 and 1, of a grade how
    /// many of [`GRADES`] it reaches, of a label its position.
    fn add_coded(&mut self, kind: &EndpointKind, values: &[f64], arms: usize, rows: &[&[u32]]) {
        let others = codes(kind).unwrap_or_default();
        let code = |value: f64| match kind {
            _ if value.is_nan() => other_code(value, others),
            EndpointKind::Grade => GRADES.iter().map(|&grade| u16::from(value >= f64::from(grade))).sum(),
            EndpointKind::Label(levels) => (value as usize).min(levels.len()) as u16,
            _ => u16::from(value != 0.0),
        };
        let mut of_patients = Vec::with_capacity(STRETCH);
        for arm in 0..arms {
            of_patients.clear();
            of_patients.extend(values.chunks_exact(arms).map(|values| code(values[arm])));
            self.add(arm, &of_patients, rows);
        }
    }
}

impl Counts {
    /// Of patients by their codes, the last two of which are of those without a value, and of those who failed.
    fn of(mut codes: Vec<u32>) -> Self {
        let failed = u64::from(codes.pop().unwrap_or_default());
        let missing = u64::from(codes.pop().unwrap_or_default());
        let present = codes.iter().map(|&count| u64::from(count)).sum();
        Self { codes, present, finished: present + missing, failed }
    }
}

/// The row of sums of a group: that of all patients is behind the others.
fn sum_row(rows: &Rows, group: usize) -> usize {
    if group == 0 { rows.count() } else { rows.groups()[group].start }
}

impl Numbers {
    fn new(patients: usize, arms: usize, rows: &Rows) -> Self {
        let bits = Bins::bits(patients);
        let sums = Sums::new(rows.count() + 1, arms);
        Self {
            isa: Isa::detect(),
            patients,
            bits,
            bins: Vec::new(),
            histogram: Histogram::new(arms, rows.count(), Bins::most(bits) + OTHERS),
            squares: sums.clone(),
            sums,
            means: Vec::new(),
            counts: Vec::new(),
            selections: Vec::new(),
            wanted: Vec::new(),
            passes: 0,
        }
    }

    /// Sees a stretch of patients: values `[patient][arm]`, and the row of each patient in each grouping.
    fn see(&mut self, values: &[f64], rows: &[&[u32]], all: &Rows) {
        let everyone = [all.count() as u32; STRETCH];
        let rows_of_sums = || rows.iter().copied().chain([&everyone[..rows[0].len()]]);
        match self.passes {
            0 => {
                self.count(values, rows);
                rows_of_sums().for_each(|rows| self.sums.add(self.isa, values, rows));
            }
            1 => {
                self.select(values, rows, all);
                let Self { isa, squares, means, .. } = self;
                rows_of_sums().for_each(|rows| squares.add_squares(*isa, values, rows, means));
            }
            _ => self.select(values, rows, all),
        }
    }

    /// Counts numbers by bins.
    fn count(&mut self, values: &[f64], rows: &[&[u32]]) {
        let arms = values.len() / rows[0].len().max(1);
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

    /// Looks for the numbers of the quantiles.
    fn select(&mut self, values: &[f64], rows: &[&[u32]], all: &Rows) {
        let (arms, groups) = (self.bins.len(), all.groups().len());
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

    /// Ends a pass. Whether everything is known.
    fn end_pass(&mut self, arms: usize, rows: &Rows) -> bool {
        if self.passes == 0 {
            self.end_counting(arms, rows);
        }
        let narrow = |(selection, counts): (&mut Narrowed, &Counts)| selection.narrow(ranks(counts.present));
        // Each of them, whatever became of those before.
        let unsettled = self.selections.iter_mut().zip(&self.counts).map(narrow);
        let unsettled = unsettled.filter(|is_settled| !is_settled).count();
        let groups = rows.groups().len();
        let wanted = |(bins, selections): (&Bins, &[Narrowed])| {
            let mut wanted = vec![false; bins.count()];
            selections.iter().for_each(|selection| selection.mark(bins, &mut wanted));
            wanted
        };
        self.wanted = self.bins.iter().zip(self.selections.chunks_exact(groups)).map(wanted).collect();
        self.passes += 1;
        unsettled == 0 && self.passes > 1
    }

    /// Ends the first pass.
    fn end_counting(&mut self, arms: usize, rows: &Rows) {
        // Of nobody there are none.
        let none = || Bins::about(std::iter::empty(), self.bits);
        self.bins.resize_with(arms, none);
        let histogram = std::mem::replace(&mut self.histogram, Histogram::new(0, 0, 0));
        let groups = || rows.groups().iter().enumerate();
        self.means = vec![f64::NAN; (rows.count() + 1) * arms];
        for (arm, bins) in self.bins.iter().enumerate() {
            for (group, of_group) in groups() {
                let mut counts = Counts::of(histogram.of_group(arm, of_group));
                let codes = std::mem::take(&mut counts.codes);
                self.selections.push(Narrowed::counted(bins, &codes, self.patients));
                let row = sum_row(rows, group);
                self.means[row * arms + arm] = self.sums.total(row, arm) / counts.present as f64;
                self.counts.push(counts);
            }
        }
    }
}

/// The ranks that are wanted of so many numbers, in increasing order: the least, those of the quantiles, the greatest.
fn ranks(n: u64) -> impl Iterator<Item = u64> + Clone {
    let quantiles = QUANTILES.iter().filter_map(move |(percent, _)| quantile_ranks(n, percent / 100.0));
    [0].into_iter().chain(quantiles.flat_map(|(ranks, _)| ranks)).chain([n.saturating_sub(1)])
}

/// Statistics while they are listed.
struct Statistics {
    list: Vec<Statistic>,
    /// Patients who reached the end.
    finished: u64,
    failed: u64,
}

impl Statistics {
    fn push(&mut self, name: Cow<'static, str>, value: f64, is_proportion: bool, n: u64) {
        let (missing, failed) = (self.finished - n, self.failed);
        self.list.push(Statistic { name, value, is_proportion, n, missing, failed });
    }

    /// The proportion `events / of` with its intervals.
    fn proportion(&mut self, ending: &str, events: u64, of: u64) {
        for (name, value) in proportions(events, of) {
            let name = if ending.is_empty() { Cow::from(name) } else { Cow::from(format!("{name}{ending}")) };
            self.push(name, value, true, of);
        }
    }

    /// Mean, standard deviation, extremes and quantiles of `n` numbers, from the sum of squares about the mean and the
    /// numbers of some ranks.
    fn numbers(&mut self, mean: f64, squares: f64, n: u64, value: impl Fn(u64) -> f64) {
        let sd = if n < 2 { f64::NAN } else { (squares / (n - 1) as f64).sqrt() };
        self.push("mean".into(), mean, false, n);
        self.push("sd".into(), sd, false, n);
        self.push("min".into(), value(0), false, n);
        for (percent, name) in QUANTILES {
            self.push(name.into(), quantile_of_ranks(n, percent / 100.0, &value), false, n);
        }
        self.push("max".into(), value(n.saturating_sub(1)), false, n);
    }
}
