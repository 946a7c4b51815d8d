//! What is counted of the values of one endpoint in one group of patients, pass by pass over them.

use std::borrow::Cow;

use super::selection::{self, Selection};
use super::statistics::{Sum, quantile_of_ranks, quantile_ranks};
use super::{EndpointKind, GRADES, QUANTILES, Sample, Statistic, proportions};

/// One endpoint in one group while it is counted. Every pass sees the same patients in the same order.
#[derive(Debug)]
pub(super) struct Tally<'a> {
    kind: &'a EndpointKind,
    counts: Counts,
    numbers: Option<Numbers>,
    passes: u32,
    is_settled: bool,
}

/// How many patients there are of each kind.
#[derive(Debug, Default)]
struct Counts {
    /// In the group.
    members: u64,
    /// Who reached the end.
    finished: u64,
    /// Of these, who have a value.
    present: u64,
    /// Of those who reached the end, in whom the other flag of [`EndpointKind::FlagAmong`] is yes.
    among: u64,
    /// In whom each of what there is a proportion of happened.
    events: Vec<u64>,
}

/// Numbers whose mean, spread and quantiles are wanted.
#[derive(Debug)]
struct Numbers {
    sum: Sum,
    mean: f64,
    squares: Sum,
    selection: Selection,
}

impl<'a> Tally<'a> {
    /// Of some of so many patients.
    pub(super) fn new(kind: &'a EndpointKind, patients: usize) -> Self {
        let is_number = matches!(kind, EndpointKind::Number | EndpointKind::FirstTime);
        let events = match kind {
            EndpointKind::Number | EndpointKind::FirstTime => 0,
            EndpointKind::Flag | EndpointKind::FlagAmong(_) => 1,
            EndpointKind::Grade => GRADES.len(),
            EndpointKind::Label(levels) => levels.len(),
        };
        let counts = Counts { events: vec![0; events], ..Counts::default() };
        Self {
            kind,
            counts,
            numbers: is_number.then(|| Numbers::new(patients)),
            passes: 0,
            is_settled: false,
        }
    }

    /// Whether so many numbers are held, so that one pass tells everything.
    pub(super) fn holds(patients: usize) -> bool {
        patients <= selection::HELD
    }

    /// Bytes at most of tallies of an endpoint in an arm: of all patients, of whom there are so many, and of the groups
    /// into which they are divided.
    pub(super) fn bytes_at_most(patients: usize, groupings: usize, groups: usize) -> usize {
        selection::bytes_at_most(patients, 1 + groupings, groups, 2 * QUANTILES.len() + 2)
    }

    /// Sees the next patients: those of the group, by their positions.
    pub(super) fn see(&mut self, sample: &Sample, members: impl Iterator<Item = usize> + Clone) {
        if self.is_settled {
            return;
        }
        if self.passes == 0 {
            self.counts.add(self.kind, sample, members.clone());
        }
        if let Some(numbers) = &mut self.numbers {
            let finished = members.filter(|&patient| sample.finished[patient]);
            let values = finished.map(|patient| sample.values[patient]).filter(|value| !value.is_nan());
            numbers.see(values, self.passes);
        }
    }

    /// Ends a pass.
    pub(super) fn end_pass(&mut self) {
        if !self.is_settled {
            let present = self.counts.present;
            let known = self.numbers.as_mut().is_none_or(|numbers| numbers.end_pass(present, self.passes));
            self.is_settled = known;
            self.passes += 1;
        }
    }

    /// Whether everything is known, or else another pass is due.
    pub(super) fn is_settled(&self) -> bool {
        self.is_settled
    }

    /// What there is to say, once it is settled.
    pub(super) fn statistics(&self) -> Vec<Statistic> {
        let Counts { members, finished, present, among, ref events } = self.counts;
        let mut statistics = Statistics { list: Vec::new(), finished, failed: members - finished };
        match self.kind {
            EndpointKind::Number => {}
            // Someone in whom it never happened has no time, but counts.
            EndpointKind::FirstTime => statistics.proportion("", present, finished),
            EndpointKind::Flag => statistics.proportion("", events[0], present),
            EndpointKind::FlagAmong(other) => {
                statistics.proportion("", events[0], present);
                statistics.proportion(&format!("_of_{other}"), events[0], among);
            }
            EndpointKind::Grade => {
                for (grade, &events) in GRADES.iter().zip(events) {
                    statistics.proportion(&format!("_ge_{grade}"), events, present);
                }
            }
            EndpointKind::Label(levels) => {
                for (level, &events) in levels.iter().zip(events) {
                    // No label is an answer too: treatment that did not end has no cause.
                    statistics.proportion(&format!("_{level}"), events, finished);
                }
            }
        }
        if let Some(numbers) = &self.numbers {
            statistics.numbers(numbers, present);
        }
        statistics.list
    }
}

impl Counts {
    fn add(&mut self, kind: &EndpointKind, sample: &Sample, members: impl Iterator<Item = usize> + Clone) {
        self.members += members.clone().count() as u64;
        let finished = members.filter(|&patient| sample.finished[patient]);
        self.finished += finished.clone().count() as u64;
        if matches!(kind, EndpointKind::FlagAmong(_)) {
            self.among +=
                finished.clone().filter(|&patient| sample.among.get(patient) == Some(&true)).count() as u64;
        }
        let values = finished.map(|patient| sample.values[patient]).filter(|value| !value.is_nan());
        self.present += values.clone().count() as u64;
        let events = &mut self.events;
        match kind {
            EndpointKind::Number | EndpointKind::FirstTime => {}
            EndpointKind::Flag | EndpointKind::FlagAmong(_) => {
                events[0] += values.filter(|&value| value != 0.0).count() as u64;
            }
            EndpointKind::Grade => values.for_each(|value| {
                let at_least = events.iter_mut().zip(GRADES);
                at_least.for_each(|(count, grade)| *count += u64::from(value >= f64::from(grade)));
            }),
            EndpointKind::Label(_) => values.for_each(|value| {
                events.get_mut(value as usize).into_iter().for_each(|count| *count += 1);
            }),
        }
    }
}

impl Numbers {
    /// Of some of so many patients.
    fn new(patients: usize) -> Self {
        let selection = Selection::among(patients);
        Self { sum: Sum::default(), mean: f64::NAN, squares: Sum::default(), selection }
    }

    fn see(&mut self, values: impl Iterator<Item = f64>, pass: u32) {
        let Self { sum, mean, squares, selection } = self;
        match pass {
            0 => values.for_each(|value| {
                sum.add(value);
                selection.see(value);
            }),
            1 => values.for_each(|value| {
                squares.add((value - *mean).powi(2));
                selection.see(value);
            }),
            _ => values.for_each(|value| selection.see(value)),
        }
    }

    /// Ends a pass over `n` numbers. Whether everything is known.
    fn end_pass(&mut self, n: u64, pass: u32) -> bool {
        if pass == 0 {
            self.mean = self.sum.total() / n as f64;
            let squares = &mut self.squares;
            let held = self.selection.held().into_iter().flatten();
            held.for_each(|value| squares.add((value - self.mean).powi(2)));
        }
        let quantiles = QUANTILES.iter().filter_map(|(percent, _)| quantile_ranks(n, percent / 100.0));
        let ranks = quantiles.flat_map(|(ranks, _)| ranks);
        self.selection.narrow([0].into_iter().chain(ranks).chain([n.saturating_sub(1)]))
    }
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

    /// Mean, standard deviation, extremes and quantiles of `n` numbers.
    fn numbers(&mut self, numbers: &Numbers, n: u64) {
        let value = |rank| numbers.selection.value(rank);
        let sd = if n < 2 { f64::NAN } else { (numbers.squares.total() / (n - 1) as f64).sqrt() };
        self.push("mean".into(), numbers.mean, false, n);
        self.push("sd".into(), sd, false, n);
        self.push("min".into(), value(0), false, n);
        for (percent, name) in QUANTILES {
            self.push(name.into(), quantile_of_ranks(n, percent / 100.0, value), false, n);
        }
        self.push("max".into(), value(n.saturating_sub(1)), false, n);
    }
}
