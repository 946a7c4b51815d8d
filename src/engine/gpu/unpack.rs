//! The device's words to a solution.

use crate::cohort::ReadOn;
use crate::engine::{Decision, DoseRecord, Endings, Processor, Solution, Status};
use crate::plan::{Accumulator, AccumulatorKind};

use super::batch::Results;
use super::buffers::Job;
use super::layout::{Layout, NEVER, NO_REASON, NOTHING};

/// The solution that a device's words are.
pub(crate) fn unpack(
    layout: &Layout,
    accumulators: &[Accumulator],
    time_per_tick: f64,
    job: &Job,
    results: &Results,
) -> Solution {
    let (patients, items) = (job.patients as usize, job.items as usize);
    // From the order of items here, by patient, to the device's, by arm.
    let there = |item: usize| item % layout.arms * patients + item / layout.arms;
    let outcome = |row: usize, item: usize| results.outcomes[row * items + there(item)];
    let status: Vec<Status> = (0..items).map(|item| status(outcome(0, item))).collect();
    let value = |accumulator: &Accumulator, first: u32, item: usize| {
        if status[item] != Status::Ok {
            return f64::NAN;
        }
        let at = |row: usize| results.accumulators[(first as usize + row) * items + there(item)];
        accumulated(accumulator, at, time_per_tick)
    };
    let of = accumulators.iter().zip(&layout.cells);
    let treatment = |item: usize| Treatment { layout, job, results, item: there(item) };
    let ok = |item: &usize| status[*item] == Status::Ok;
    let doses = (0..items).flat_map(|item| {
        let treatment = Some(item).filter(ok).map(treatment);
        (0..layout.doses)
            .map(move |dose| treatment.as_ref().map_or_else(DoseRecord::default, |t| t.dose(dose)))
    });
    let doses = doses.collect();
    let endings = (0..items)
        .map(|item| Some(item).filter(ok).map_or_else(Endings::default, |item| treatment(item).endings()));
    let endings = endings.collect();
    Solution {
        accumulators: of.map(|(a, &row)| (0..items).map(|item| value(a, row, item)).collect()).collect(),
        steps: (0..items).map(|item| outcome(1, item)).collect(),
        rejected: (0..items).map(|item| outcome(2, item)).collect(),
        trajectories: courses(layout, job, results, &status),
        solved_by: vec![Processor::Gpu; items],
        not_finite: vec![None; items],
        status,
        doses,
        endings,
    }
}

/// What the device says of the treatment of an item, by its position there.
struct Treatment<'a> {
    layout: &'a Layout,
    job: &'a Job,
    results: &'a Results,
    item: usize,
}

impl Treatment<'_> {
    fn outcome(&self, row: usize) -> u32 {
        self.results.outcomes[row * self.job.items as usize + self.item]
    }

    fn ledger(&self, row: usize, dose: usize) -> u32 {
        self.results.ledger[(row * self.layout.doses + dose) * self.job.items as usize + self.item]
    }

    fn dose(&self, dose: usize) -> DoseRecord {
        let is_fixed = self.job.fixed != 0;
        let is_given =
            Layout::row(&self.layout.outcomes, "GIVEN").is_some_and(|row| (dose as u32) < self.outcome(row));
        let adaptive = Layout::row(&self.layout.outcomes, "STOPPED_BY").is_some();
        if !is_given && (is_fixed || !adaptive) {
            return DoseRecord::default();
        }
        let decided = |name: &str| {
            let row = Layout::row(&self.layout.ledger, name).filter(|_| !is_fixed)?;
            decision(|i| self.ledger(row + i, dose))
        };
        DoseRecord {
            given: is_given.then(|| self.ledger(0, dose)),
            factor: f32::from_bits(self.ledger(1, dose)).into(),
            held: decided("HELD_BY"),
            changed: decided("CHANGED_BY"),
        }
    }

    fn endings(&self) -> Endings {
        let decided = |name: &str| {
            let row = Layout::row(&self.layout.outcomes, name)?;
            decision(|i| self.outcome(row + i))
        };
        Endings { stopped: decided("STOPPED_BY"), left: decided("LEFT_BY") }
    }
}

/// A rule that decided, from its words: reason, time, value.
fn decision(word: impl Fn(usize) -> u32) -> Option<Decision> {
    let reason = Some(word(0)).filter(|&reason| reason != NO_REASON)?;
    Some(Decision { reason: reason as usize, tick: word(1), value: f32::from_bits(word(2)).into() })
}

/// The end of an item. One that has none, which the engine rules out, would not be trusted.
fn status(word: u32) -> Status {
    Status::ALL.into_iter().find(|&status| status as u32 == word).unwrap_or(Status::NonFinite)
}

/// The value of an accumulator from its rows.
fn accumulated(accumulator: &Accumulator, at: impl Fn(usize) -> u32, time_per_tick: f64) -> f64 {
    let number = |word: u32| f64::from(f32::from_bits(word));
    let ticks = |word: u32| f64::from(word) * time_per_tick;
    match accumulator.kind {
        kind if accumulator.on == ReadOn::Continuous => match kind {
            AccumulatorKind::TimeOfMin | AccumulatorKind::TimeOfMax if at(0) == NOTHING => f64::NAN,
            AccumulatorKind::TimeOfMin | AccumulatorKind::TimeOfMax => ticks(at(1)) + number(at(2)),
            AccumulatorKind::TimeTrue => number(at(0)) + number(at(1)),
            AccumulatorKind::FirstTrue if at(0) == NEVER => f64::NAN,
            AccumulatorKind::FirstTrue => ticks(at(0)) + number(at(1)),
            _ => number(at(0)),
        },
        AccumulatorKind::Min | AccumulatorKind::Max | AccumulatorKind::At => number(at(0)),
        AccumulatorKind::TimeOfMin | AccumulatorKind::TimeOfMax if at(1) == NOTHING => f64::NAN,
        AccumulatorKind::TimeOfMin | AccumulatorKind::TimeOfMax => ticks(at(0)),
        // Nothing was read last.
        AccumulatorKind::TimeTrue if at(1) == NOTHING => f64::NAN,
        AccumulatorKind::Auc | AccumulatorKind::LongestTrue if at(2) == NOTHING => f64::NAN,
        AccumulatorKind::Auc => number(at(0)) + number(at(1)),
        AccumulatorKind::TimeTrue | AccumulatorKind::LongestTrue => ticks(at(0)),
        AccumulatorKind::FirstTrue if at(0) == NEVER => f64::NAN,
        AccumulatorKind::FirstTrue => ticks(at(0)),
    }
}

/// `[patient][arm][point][observable]` of the followed patients.
fn courses(layout: &Layout, job: &Job, results: &Results, status: &[Status]) -> Vec<f64> {
    let followed = job.followed as usize;
    let mut values = Vec::with_capacity(followed * layout.arms * layout.course);
    for patient in 0..followed {
        for arm in 0..layout.arms {
            let is_ok = status[patient * layout.arms + arm] == Status::Ok;
            let follower = arm * followed + patient;
            let value =
                |row: usize| f32::from_bits(results.trajectories[row * layout.arms * followed + follower]);
            values.extend((0..layout.course).map(|row| if is_ok { value(row).into() } else { f64::NAN }));
        }
    }
    values
}
