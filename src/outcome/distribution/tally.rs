//! What is counted of the values of one endpoint in some arms, over all patients and over those of each group, pass by
//! pass over them.
//!
//! Patients are counted by the codes of their values, all groups at once. Of numbers a code is a bin: the first pass
//! tells how many are in each, the sums, and so the bins in which quantiles lie; the second the squares about the means,
//! and which numbers the quantiles are.

use std::ops::Range;

use super::histogram::{Histogram, Rows};
use super::proportion::Proportions;
use super::ranked::{Counts, OTHERS, Ranked, other_code};
use super::statistics::{quantile_of_ranks, quantile_ranks};
use super::sums::Sums;
use super::{EndpointKind, GRADES, QUANTILES, STRETCH, Statistic};
use crate::engine::cpu::Isa;

/// Some patients in a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    /// Of the endpoint, as of [`Block::values`](super::Block::values).
    pub(super) values: &'a [f64],
    /// Of the other flag of [`EndpointKind::FlagAmong`].
    pub(super) among: Option<&'a [f64]>,
    /// The row of each patient in each grouping.
    pub(super) rows: &'a [Vec<u32>],
    /// Their cell in each crossing.
    pub(super) cells: &'a [Vec<u32>],
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

/// Numbers whose mean, spread and quantiles are wanted.
#[derive(Debug)]
struct Numbers {
    isa: Isa,
    ranked: Ranked,
    /// Of each crossing, by cells.
    sums: Vec<Sums>,
    squares: Vec<Sums>,
    means: Vec<Vec<f64>>,
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
        Ranked::bytes_at_most(patients, rows, 2 * QUANTILES.len() + 2)
    }

    /// Sees the next patients.
    pub(super) fn see(&mut self, seen: &Seen<'_>) {
        let patients = seen.values.len() / self.arms.max(1);
        for start in (0..patients).step_by(STRETCH) {
            let patients = start..patients.min(start + STRETCH);
            let of_arms = patients.start * self.arms..patients.end * self.arms;
            let rows = of_patients(seen.rows, &patients);
            match &mut self.counted {
                Counted::Codes(histogram) => {
                    histogram.add_coded(self.kind, &seen.values[of_arms.clone()], self.arms, &rows);
                }
                Counted::Numbers(numbers) => {
                    let cells = of_patients(seen.cells, &patients);
                    numbers.see(&seen.values[of_arms.clone()], &rows, &cells, self.rows);
                }
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
            Counted::Numbers(numbers) => numbers.end_pass(self.rows),
        };
    }

    /// Whether everything is known, or else another pass is due.
    pub(super) fn is_settled(&self) -> bool {
        self.is_settled
    }

    /// What there is to say of a group in an arm, once it is settled.
    pub(super) fn statistics(&self, arm: usize, group: usize, proportions: &Proportions) -> Vec<Statistic> {
        let of_group = &self.rows.groups()[group];
        let counts = match &self.counted {
            Counted::Codes(histogram) => Counts::of(histogram.of_group(arm, of_group)),
            Counted::Numbers(numbers) => numbers.ranked.counts(arm, group).clone(),
        };
        let Counts { codes, present, finished, failed } = counts;
        let mut statistics = Statistics { list: Vec::new(), proportions, finished, failed };
        let count = |code: usize| codes.get(code).copied().map_or(0, u64::from);
        match self.kind {
            EndpointKind::Number => {}
            // Someone in whom it never happened has no time, but counts.
            EndpointKind::FirstTime => statistics.proportion(present, finished),
            EndpointKind::Flag => statistics.proportion(count(1), present),
            EndpointKind::FlagAmong(_) => {
                let among = self.among.as_ref().map(|among| among.of_group(arm, of_group)[1]);
                statistics.proportion(count(1), present);
                statistics.proportion(count(1), among.map_or(0, u64::from));
            }
            EndpointKind::Grade => {
                for code in 1..=GRADES.len() {
                    let events = (code..=GRADES.len()).map(count).sum();
                    statistics.proportion(events, present);
                }
            }
            EndpointKind::Label(levels) => {
                // No label is an answer too: treatment that did not end has no cause.
                (0..levels.len()).for_each(|code| statistics.proportion(count(code), finished));
            }
        }
        if let Counted::Numbers(numbers) = &self.counted {
            let (crossing, cells) = self.rows.cells(group);
            let mean = numbers.sums[crossing].total(cells, arm) / present as f64;
            let squares = &numbers.squares[crossing];
            let squares = squares.squares_about(mean, &numbers.means[crossing], cells, arm);
            statistics.numbers(mean, squares, present, |rank| numbers.ranked.value(arm, group, rank));
        }
        statistics.list
    }
}

/// What is known of some patients, of what is known of all.
fn of_patients<'a>(all: &'a [Vec<u32>], patients: &Range<usize>) -> Vec<&'a [u32]> {
    all.iter().map(|all| &all[patients.clone()]).collect()
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

impl Numbers {
    fn new(patients: usize, arms: usize, rows: &Rows) -> Self {
        let sums: Vec<Sums> = rows.crossings().iter().map(|of| Sums::new(of.cells(), arms)).collect();
        let ranked = Ranked::new(patients, arms, rows);
        Self { isa: Isa::detect(), ranked, squares: sums.clone(), sums, means: Vec::new(), passes: 0 }
    }

    /// Sees a stretch of patients: values `[patient][arm]`, the row of each patient in each grouping, and the cell in each
    /// crossing.
    fn see(&mut self, values: &[f64], rows: &[&[u32]], cells: &[&[u32]], all: &Rows) {
        self.ranked.see(values, rows, all);
        let Self { isa, sums, squares, means, passes, .. } = self;
        match passes {
            0 => sums.iter_mut().zip(cells).for_each(|(sums, cells)| sums.add(*isa, values, cells)),
            1 => {
                let of_crossings = squares.iter_mut().zip(means).zip(cells);
                of_crossings
                    .for_each(|((squares, means), cells)| squares.add_squares(*isa, values, cells, means));
            }
            _ => {}
        }
    }

    /// Ends a pass. Whether everything is known.
    fn end_pass(&mut self, rows: &Rows) -> bool {
        let is_ranked = self.ranked.end_pass(rows, |_, _, n| ranks(n));
        if self.passes == 0 {
            self.means = self.sums.iter().map(Sums::means).collect();
        }
        self.passes += 1;
        is_ranked && self.passes > 1
    }
}

/// The ranks that are wanted of so many numbers, in increasing order: the least, those of the quantiles, the greatest.
fn ranks(n: u64) -> impl Iterator<Item = u64> {
    let quantiles = QUANTILES.iter().filter_map(move |(percent, _)| quantile_ranks(n, percent / 100.0));
    [0].into_iter().chain(quantiles.flat_map(|(ranks, _)| ranks)).chain([n.saturating_sub(1)])
}

/// Statistics while they are listed, in the order of [`titles`](super::titles).
struct Statistics<'a> {
    list: Vec<Statistic>,
    proportions: &'a Proportions,
    /// Patients who reached the end.
    finished: u64,
    failed: u64,
}

impl Statistics<'_> {
    fn push(&mut self, value: f64, n: u64) {
        self.list.push(Statistic { value, n, missing: self.finished - n, failed: self.failed });
    }

    /// The proportion `events / of` with its intervals.
    fn proportion(&mut self, events: u64, of: u64) {
        self.proportions.of(events, of).iter().for_each(|(_, value)| self.push(*value, of));
    }

    /// Mean, standard deviation, extremes and quantiles of `n` numbers, from the sum of squares about the mean and the
    /// numbers of some ranks.
    fn numbers(&mut self, mean: f64, squares: f64, n: u64, value: impl Fn(u64) -> f64) {
        let sd = if n < 2 { f64::NAN } else { (squares / (n - 1) as f64).sqrt() };
        self.push(mean, n);
        self.push(sd, n);
        self.push(value(0), n);
        for (percent, _) in QUANTILES {
            self.push(quantile_of_ranks(n, percent / 100.0, &value), n);
        }
        self.push(value(n.saturating_sub(1)), n);
    }
}
