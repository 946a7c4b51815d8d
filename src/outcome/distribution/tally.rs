//! What is counted of the values of one endpoint in some arms, over all patients and over those of each group, pass by
//! pass over them.
//!
//! Patients are counted by the codes of their values, all groups at once. Of numbers a code is a bin: the first pass
//! tells how many are in each, the sums, and so the bins in which quantiles lie; the second the squares about the means,
//! and which numbers the quantiles are.

use super::coded::Coded;
use super::histogram::Rows;
use super::proportion::Proportions;
use super::ranked::{Counts, Ranked};
use super::statistics::{quantile_of_ranks, quantile_ranks};
use super::sums::Sums;
use super::{EndpointKind, GRADES, QUANTILES, Statistic};
use crate::engine::cpu::Isa;

/// Some patients in a row.
#[derive(Debug)]
pub(super) struct Seen<'a> {
    pub(super) values: Values,
    /// The row of each patient in each grouping.
    pub(super) rows: &'a [Vec<u32>],
    /// Their cell in each crossing.
    pub(super) cells: &'a [Vec<u32>],
}

/// What they have of an endpoint, `[patient][arm]`.
#[derive(Debug)]
pub(super) enum Values {
    /// As of [`Block::values`](super::Block::values).
    Numbers(Vec<f64>),
    /// As of [`Block::codes`](super::Block::codes), with those of the other flag of [`EndpointKind::FlagAmong`].
    Codes { own: Vec<u16>, among: Option<Vec<u16>> },
}

/// One endpoint in some arms while it is counted. Every pass sees the same patients in the same order.
#[derive(Debug)]
pub(super) struct Tally<'a> {
    kind: &'a EndpointKind,
    rows: &'a Rows,
    counted: Counted,
    is_settled: bool,
}

#[derive(Debug)]
enum Counted {
    /// What has a code of its own, and the other flag.
    Codes {
        own: Coded,
        among: Option<Coded>,
    },
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
        let among = match kind {
            EndpointKind::FlagAmong(_) => Coded::of(&EndpointKind::Flag, arms, rows),
            _ => None,
        };
        let counted = match Coded::of(kind, arms, rows) {
            Some(own) => Counted::Codes { own, among },
            None => Counted::Numbers(Box::new(Numbers::new(patients, arms, rows))),
        };
        Self { kind, rows, counted, is_settled: false }
    }

    /// Bytes at most of an endpoint in an arm, of so many patients who are divided among rows.
    pub(super) fn bytes_at_most(patients: usize, rows: &Rows) -> usize {
        Ranked::bytes_at_most(patients, rows, 2 * QUANTILES.len() + 2)
    }

    /// Sees the next patients.
    pub(super) fn see(&mut self, seen: &Seen<'_>) {
        match (&mut self.counted, &seen.values) {
            (Counted::Numbers(numbers), Values::Numbers(values)) => numbers.see(values, seen, self.rows),
            (Counted::Codes { own, among }, Values::Codes { own: codes, among: of_other }) => {
                own.add(codes, seen.cells);
                among.iter_mut().zip(of_other).for_each(|(among, codes)| among.add(codes, seen.cells));
            }
            _ => debug_assert!(false, "values of another kind"),
        }
    }

    /// Ends a pass.
    pub(super) fn end_pass(&mut self) {
        self.is_settled = match &mut self.counted {
            Counted::Codes { .. } => true,
            Counted::Numbers(numbers) => numbers.end_pass(self.rows),
        };
    }

    /// Whether everything is known, or else another pass is due.
    pub(super) fn is_settled(&self) -> bool {
        self.is_settled
    }

    /// What there is to say of a group in an arm, once it is settled.
    pub(super) fn statistics(&self, arm: usize, group: usize, proportions: &Proportions) -> Vec<Statistic> {
        let cells = self.rows.cells(group);
        let counts = match &self.counted {
            Counted::Codes { own, .. } => Counts::of(own.of_group(arm, cells)),
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
                let among = match &self.counted {
                    Counted::Codes { among: Some(among), .. } => among.of_group(arm, cells)[1],
                    _ => 0,
                };
                statistics.proportion(count(1), present);
                statistics.proportion(count(1), among.into());
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
            let (crossing, cells) = cells;
            let sums = &numbers.sums[crossing];
            let mean = sums.total(cells, arm) / present as f64;
            let about = (&numbers.squares[crossing], &*numbers.means[crossing]);
            let squares = sums.squares_about(mean, about, cells, arm);
            statistics.numbers(mean, squares, present, |rank| numbers.ranked.value(arm, group, rank));
        }
        statistics.list
    }
}

impl Numbers {
    fn new(patients: usize, arms: usize, rows: &Rows) -> Self {
        let sums: Vec<Sums> = rows.crossings().iter().map(|of| Sums::new(of.cells(), arms)).collect();
        let ranked = Ranked::new(patients, arms, rows);
        Self { isa: Isa::detect(), ranked, squares: sums.clone(), sums, means: Vec::new(), passes: 0 }
    }

    /// Sees the next patients.
    fn see(&mut self, values: &[f64], seen: &Seen<'_>, all: &Rows) {
        let Self { isa, ranked, sums, squares, means, passes } = self;
        let Seen { rows, cells, .. } = seen;
        match passes {
            0 => sums.iter_mut().zip(*cells).for_each(|(sums, cells)| sums.add(*isa, values, cells)),
            1 => {
                let of_crossings = squares.iter_mut().zip(means).zip(*cells);
                of_crossings
                    .for_each(|((squares, means), cells)| squares.add_squares(*isa, values, cells, means));
            }
            _ => {}
        }
        let rows: Vec<&[u32]> = rows.iter().map(Vec::as_slice).collect();
        ranked.see(values, &rows, all);
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
