//! The device's words to a solution.

use rayon::prelude::*;

use crate::accumulator::{Number, Row, Rows};
use crate::engine::{Decision, DoseRecord, Endings, Processor, Records, Solution, Status};
use crate::plan::{Accumulator, ReasonId};

use super::batch::Results;
use super::buffers::Job;
use super::itineraries::Recorded;
use super::layout::{Layout, rows};
use super::rows::{LedgerRow, NEVER, NO_REASON, NOTHING, OutcomeRow, OwnRow, position};

/// The solution that a device's words are, in the memory of one that is spent.
pub(crate) fn unpack(
    layout: &Layout,
    accumulators: &[Accumulator],
    records: Option<&Records>,
    time_per_tick: f64,
    job: &Job,
    results: &Results,
    spent: Solution,
) -> Solution {
    let (patients, items) = (job.patients as usize, job.items as usize);
    let on_device = |item: usize| DeviceItem::new(item / layout.arms, item % layout.arms, patients);
    let of_device = |item: usize| Words { layout, job, results, item: on_device(item) };
    let count = |row: OutcomeRow, item: usize| of_device(item).outcome(row).unwrap_or(0);
    let all = || (0..items).into_par_iter();
    let mut solution = spent.emptied(accumulators.len(), items);
    solution.status.par_extend(all().map(|item| status(of_device(item).outcome(OutcomeRow::Phase))));
    let status = &solution.status;
    let is_ok = |item: usize| status[item] == Status::Ok;

    let columns = solution.accumulators.par_iter_mut().zip(accumulators).zip(&layout.accumulators);
    columns.for_each(|((column, accumulator), &first)| {
        let rows = rows(accumulator);
        let in_arms = |patient| (0..layout.arms).map(move |arm| DeviceItem::new(patient, arm, patients));
        let values = (0..patients).flat_map(in_arms).zip(status).map(|(item, status)| {
            let words = Words { layout, job, results, item };
            let at = |row: usize| words.accumulator(first as usize + row);
            let rows = rows.filter(|_| *status == Status::Ok);
            rows.map_or(f64::NAN, |rows| accumulated(rows, at, time_per_tick))
        });
        column.extend(values);
    });
    solution.steps.par_extend(all().map(|item| count(OutcomeRow::Steps, item)));
    solution.rejected.par_extend(all().map(|item| count(OutcomeRow::Rejected, item)));

    let kept = layout.slots.kept_doses;
    solution.doses.resize(items * kept, DoseRecord::default());
    let of_items = solution.doses.par_chunks_mut(kept.max(1)).enumerate();
    of_items.filter(|(item, _)| is_ok(*item)).for_each(|(item, doses)| {
        let slots = (0..kept).map(|dose| layout.slots.of(item % layout.arms, dose));
        let known = doses.iter_mut().zip(slots).filter_map(|(dose, slot)| Some((dose, slot?)));
        known.for_each(|(dose, slot)| *dose = of_device(item).dose(slot));
    });
    let endings = |item| if is_ok(item) { of_device(item).endings() } else { Endings::default() };
    solution.endings.par_extend(all().map(endings));
    let several = if layout.drugs.len() > 1 { items } else { 0 };
    solution.drug_endings.extend((0..several).flat_map(|item| {
        let words = is_ok(item).then(|| of_device(item));
        layout.drugs.iter().map(move |drug| words.as_ref().and_then(|words| words.stopped(drug.suffix)))
    }));
    solution.trajectories = match (records, &layout.recorded) {
        (Some(records), Some(recorded)) => readings(recorded, records, job, results, status),
        _ => courses(layout, job, results, status),
    };
    solution.solved_by.resize(items, Processor::Gpu);
    solution.methods.resize(items, layout.method);
    solution.not_finite.resize(items, None);
    solution
}

/// An item by its position on the device, where it is `arm * patients + patient`: neighbours are in the same arm.
#[derive(Debug, Clone, Copy)]
struct DeviceItem(usize);

impl DeviceItem {
    fn new(patient: usize, arm: usize, patients: usize) -> Self {
        Self(arm * patients + patient)
    }
}

/// What the device says of an item.
struct Words<'a> {
    layout: &'a Layout,
    job: &'a Job,
    results: &'a Results,
    item: DeviceItem,
}

impl Words<'_> {
    /// The word of a row that has one for each item.
    fn of(&self, rows: &[u32], row: usize) -> u32 {
        rows[row * self.job.items as usize + self.item.0]
    }

    fn accumulator(&self, row: usize) -> u32 {
        self.of(&self.results.accumulators, row)
    }

    /// A word of the outcomes, if the plan has it.
    fn outcome(&self, row: OutcomeRow) -> Option<u32> {
        self.own(row, None)
    }

    /// The same of one of several drugs.
    fn own(&self, row: OutcomeRow, drug: Option<usize>) -> Option<u32> {
        Some(self.of(&self.results.outcomes, position(&self.layout.outcomes, OwnRow { row, drug })?))
    }

    /// A word of the ledger, if the plan has it.
    fn ledger(&self, row: LedgerRow, dose: usize) -> Option<u32> {
        let row = position(&self.layout.ledger, row)?;
        Some(self.of(&self.results.ledger, row * self.layout.doses + dose))
    }

    fn dose(&self, dose: usize) -> DoseRecord {
        let is_fixed = self.job.fixed != 0;
        let [drug, number] = self.layout.slots.drug(dose);
        let suffix = self.layout.drugs[drug].suffix;
        let is_past = self.own(OutcomeRow::Given, suffix).is_some_and(|given| (number as u32) < given);
        let is_given = is_past && self.ledger(LedgerRow::Tick, dose) != Some(NEVER);
        let is_adaptive = self.outcome(OutcomeRow::StoppedBy).is_some();
        if !is_given && (is_fixed || !is_adaptive) {
            return DoseRecord::default();
        }
        let decided = |rows: [LedgerRow; 3]| {
            let [reason, tick, value] = rows.map(|row| self.ledger(row, dose));
            if is_fixed { None } else { decision(reason?, tick?, value?) }
        };
        let factor = self.ledger(LedgerRow::Factor, dose).map_or(f32::NAN, f32::from_bits);
        DoseRecord {
            given: self.ledger(LedgerRow::Tick, dose).filter(|_| is_given),
            factor: factor.into(),
            held: decided([LedgerRow::HeldBy, LedgerRow::HeldTick, LedgerRow::HeldValue]),
            changed: decided([LedgerRow::ChangedBy, LedgerRow::ChangedTick, LedgerRow::ChangedValue]),
            skipped: decided([LedgerRow::SkippedBy, LedgerRow::SkippedTick, LedgerRow::SkippedValue]),
            asked: decided([LedgerRow::AskedBy, LedgerRow::AskedTick, LedgerRow::AskedValue]),
            over: self.ledger(LedgerRow::OverTime, dose).filter(|&over| is_given && over != 0),
            infused: decided([LedgerRow::InfusedBy, LedgerRow::InfusedTick, LedgerRow::InfusedValue]),
        }
    }

    /// What ended treatment, or that with one of several drugs.
    fn stopped(&self, drug: Option<usize>) -> Option<Decision> {
        use OutcomeRow::{StoppedBy, StoppedTick, StoppedValue};
        let [reason, tick, value] = [StoppedBy, StoppedTick, StoppedValue].map(|row| self.own(row, drug));
        decision(reason?, tick?, value?)
    }

    fn endings(&self) -> Endings {
        let decided = |rows: [OutcomeRow; 3]| {
            let [reason, tick, value] = rows.map(|row| self.outcome(row));
            decision(reason?, tick?, value?)
        };
        Endings {
            stopped: self.stopped(None),
            left: decided([OutcomeRow::LeftBy, OutcomeRow::LeftTick, OutcomeRow::LeftValue]),
        }
    }
}

/// A rule that decided, from its words.
fn decision(reason: u32, tick: u32, value: u32) -> Option<Decision> {
    let value = f32::from_bits(value).into();
    (reason != NO_REASON).then_some(Decision { reason: ReasonId::new(reason as usize), tick, value })
}

/// The end of an item. One that has none, which the engine rules out, would not be trusted.
fn status(word: Option<u32>) -> Status {
    let found = Status::ALL.into_iter().find(|&status| Some(status as u32) == word);
    found.unwrap_or(Status::NonFinite)
}

/// The value of an accumulator from its words: what adds up to it; NaN if nothing was read.
fn accumulated(rows: &Rows, at: impl Fn(usize) -> u32, time_per_tick: f64) -> f64 {
    let is_nothing = |(position, row): (usize, &Row)| match (row.begins_without(), row.number()) {
        (false, _) => false,
        (true, Number::Float) => at(position) == NOTHING,
        (true, Number::Ticks) => at(position) == NEVER,
    };
    if rows.all.iter().enumerate().any(is_nothing) {
        return f64::NAN;
    }
    let number = |row: &Row| {
        let word = at(rows.position(*row)?);
        Some(match row.number() {
            Number::Float => f64::from(f32::from_bits(word)),
            Number::Ticks => f64::from(word) * time_per_tick,
        })
    };
    rows.value.iter().filter_map(number).reduce(|a, b| a + b).unwrap_or(f64::NAN)
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

/// `[reading][observable]` of all patients of a data set.
fn readings(
    recorded: &Recorded,
    records: &Records,
    job: &Job,
    results: &Results,
    status: &[Status],
) -> Vec<f64> {
    let patients = job.patients as usize;
    let of_patient = |patient: usize| {
        let values = records.readings(patient..patient + 1).len() * recorded.observables;
        let word = move |row: usize| f32::from_bits(results.trajectories[row * patients + patient]);
        let is_ok = status[patient] == Status::Ok;
        (0..values).map(move |row| if is_ok { word(row).into() } else { f64::NAN })
    };
    (0..patients).flat_map(of_patient).collect()
}
