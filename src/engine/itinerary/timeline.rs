//! The doses of a patient as they enter: those of records, and those that these stand for.

use crate::dataset::{Dose, Event, Input, Interpolation, Record, SteadyState};
use crate::engine::instant::Instant;
use crate::engine::landing::whole;
use crate::engine::program::Compartment;
use crate::engine::records::PatientRecords;
use crate::engine::schedule::{BadDose, Beginning, DosePart, Route, RouteInput, planned_part};
use crate::engine::value::Value;

use super::Cycle;
use super::cycle::InCycle;

/// A dose that enters a state.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) state: usize,
    /// Position of the state among those that are infused.
    pub(super) infused: usize,
    pub(super) begins: Instant,
    /// When it has entered: where it begins, if it enters at once.
    pub(super) ends: Instant,
    /// The amount, or the amount per model time if it takes a time.
    pub(super) amount: f64,
    /// Whether it enters at once.
    pub(super) at_once: bool,
    /// The record with which it enters; none of a dose that is additional or late.
    pub(super) record: Option<usize>,
}

/// What a patient's doses come from.
pub(super) struct Source<'a> {
    pub(super) compartments: &'a [Compartment],
    /// `[column][row]`
    pub(super) columns: &'a [Vec<f64>],
    /// The patient's first row.
    pub(super) first_row: usize,
    pub(super) records: &'a PatientRecords,
    pub(super) interpolation: Interpolation,
    pub(super) time_per_tick: f64,
    /// Model time until which the patient is followed at least.
    pub(super) until: Option<f64>,
}

/// The doses of a patient.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    pub(super) entries: Vec<Entry>,
    pub(super) beginnings: Vec<Beginning>,
    /// The steady states.
    pub(super) cycles: Vec<Settled>,
}

/// A steady state that a record asks for.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) record: usize,
    pub(super) cycle: Cycle,
    /// The doses that it is of; none of an infusion without end.
    pub(super) series: Option<Series>,
}

/// Doses at regular times, as equations ask for them.
#[derive(Debug)]
pub(super) struct Series {
    /// From a dose to where it begins to enter.
    pub(super) lag: Instant,
    /// Model time at which the dose of a cycle begins to enter.
    time: f64,
    interval: f64,
    state: usize,
    amount: f64,
}

impl Series {
    /// The last dose of it: that of the cycle, if it has begun, else the one before.
    pub(super) fn beginning(&self, has_begun: bool) -> Beginning {
        let time = if has_begun { self.time } else { self.time - self.interval };
        Beginning { known: Instant::START, time, state: self.state, amount: self.amount }
    }
}

impl Source<'_> {
    /// The patient's records.
    pub(super) fn records(&self) -> &[Record] {
        &self.records.subject.records
    }

    /// Model time of the first record.
    pub(super) fn origin(&self) -> f64 {
        self.records().first().map_or(0.0, |record| record.time)
    }

    /// Model time until which the patient is followed: to the last record of the data set itself at least.
    pub(super) fn end(&self) -> f64 {
        self.until.map_or(self.own_end(), |until| until.max(self.own_end()))
    }

    pub(super) fn own_end(&self) -> f64 {
        self.records.subject.end()
    }

    /// A length of model time.
    pub(super) fn span(&self, time: f64) -> Result<Instant, BadDose> {
        Instant::of_ticks(whole(time / self.time_per_tick)).ok_or(BadDose)
    }

    /// When a record is.
    pub(super) fn at(&self, record: usize) -> Result<Instant, BadDose> {
        self.span(self.records()[record].time - self.origin())
    }

    /// The row that holds for a dose at a time after its record.
    fn row_at(&self, record: usize, time: f64) -> usize {
        let records = self.records();
        let holds = match self.interpolation {
            Interpolation::Forward | Interpolation::Linear => {
                records.partition_point(|other| other.time <= time).saturating_sub(1)
            }
            Interpolation::Backward => records.partition_point(|other| other.time < time),
        };
        self.records.rows[holds.clamp(record, records.len() - 1)]
    }

    /// How a dose enters by the individual values of a row.
    fn part(&self, dose: &Dose, row: usize) -> Result<(usize, DosePart), BadDose> {
        let compartment =
            self.compartments.iter().find(|compartment| compartment.state == dose.state).ok_or(BadDose)?;
        let row = self.first_row + row;
        let input = match dose.input {
            Input::AtOnce => RouteInput::Bolus,
            Input::Over(time) => RouteInput::Over(Value::Constant(time)),
            Input::AtRate(rate) => {
                let rate = rate * compartment.rate_factor.of(self.columns, row);
                RouteInput::AtRate(Value::Constant(rate))
            }
            Input::ModelRate => RouteInput::AtRate(compartment.rate.ok_or(BadDose)?),
            Input::ModelDuration => RouteInput::Over(compartment.duration.ok_or(BadDose)?),
        };
        let Compartment { state, infused, bioavailability, lag, .. } = *compartment;
        let route = Route { state, infused, bioavailability, lag, input };
        let of = |value: Value| value.of(self.columns, row);
        Ok((infused, planned_part(&route, dose.amount, self.time_per_tick, of)?))
    }
}

impl Timeline {
    /// The doses of a patient's records.
    pub(super) fn new(source: &Source<'_>) -> Result<Self, BadDose> {
        let mut timeline = Self::default();
        for (number, record) in source.records().iter().enumerate() {
            let at = source.at(number)?;
            if matches!(record.event, Event::Reset | Event::ResetAndDose(_)) {
                timeline.cut(at);
            }
            if let Some(dose) = record.dose() {
                timeline.give(source, number, dose, at)?;
            }
        }
        Ok(timeline)
    }

    /// Ends what enters at a time, and cancels what would come later.
    fn cut(&mut self, at: Instant) {
        self.entries.retain(|entry| entry.begins <= at);
        self.entries.iter_mut().for_each(|entry| entry.ends = entry.ends.min(at));
        self.beginnings.retain(|beginning| beginning.known <= at);
    }

    fn give(&mut self, source: &Source<'_>, record: usize, dose: &Dose, at: Instant) -> Result<(), BadDose> {
        let row = source.records.rows[record];
        if dose.steady_state != SteadyState::No {
            self.settle(source, record, dose, at)?;
        }
        if dose.amount == 0.0 && dose.steady_state != SteadyState::No {
            return Ok(()); // An infusion without end, which ends here.
        }
        self.enter(source, dose, row, at, Some(record))?;
        let time = source.records()[record].time;
        let last = source.end();
        for number in 1..=dose.additional {
            let later = f64::from(number) * dose.interval;
            if time + later > last {
                break;
            }
            let row = source.row_at(record, time + later);
            self.enter(source, dose, row, at.later(source.span(later)?), None)?;
        }
        Ok(())
    }

    /// Adds a dose at a time.
    fn enter(
        &mut self,
        source: &Source<'_>,
        dose: &Dose,
        row: usize,
        at: Instant,
        record: Option<usize>,
    ) -> Result<(), BadDose> {
        let (infused, part) = source.part(dose, row)?;
        let begins = at.later(part.lag);
        let at_once = part.is_at_once();
        let record = record.filter(|_| part.lag == Instant::START);
        let ends = begins.later(part.duration);
        self.begin(source, begins, begins, dose);
        self.entries.push(Entry {
            state: dose.state,
            infused,
            begins,
            ends,
            amount: part.amount,
            at_once,
            record,
        });
        Ok(())
    }

    fn begin(&mut self, source: &Source<'_>, known: Instant, begins: Instant, dose: &Dose) {
        let time = source.origin() + begins.ticks() * source.time_per_tick;
        self.beginnings.push(Beginning { known, time, state: dose.state, amount: dose.amount });
    }

    /// Adds the steady state of a record, and what of the doses before it still enters after it.
    fn settle(
        &mut self,
        source: &Source<'_>,
        record: usize,
        dose: &Dose,
        at: Instant,
    ) -> Result<(), BadDose> {
        let (infused, part) = source.part(dose, source.records.rows[record])?;
        if dose.steady_state == SteadyState::Reset {
            self.cut(at);
        }
        let adds = dose.steady_state == SteadyState::Add;
        if dose.amount == 0.0 {
            let Input::AtRate(rate) = dose.input else { return Err(BadDose) };
            let compartment = source.compartments.iter().find(|compartment| compartment.state == dose.state);
            let row = source.first_row + source.records.rows[record];
            let factor =
                compartment.map_or(1.0, |compartment| compartment.rate_factor.of(source.columns, row));
            let cycle = Cycle::without_end(infused, rate * factor, adds);
            self.cycles.push(Settled { record, cycle, series: None });
            return Ok(());
        }
        let interval = source.span(dose.interval)?;
        if interval == Instant::START || part.lag >= interval {
            return Err(BadDose);
        }
        let time = source.records()[record].time + part.lag.ticks() * source.time_per_tick;
        let Dose { state, amount, .. } = *dose;
        let series = Series { lag: part.lag, time, interval: dose.interval, state, amount };
        let of_cycle = InCycle { given: Instant::START, state: dose.state, infused, part };
        let cycle = Cycle::of_doses(&[of_cycle], interval, adds);
        self.cycles.push(Settled { record, cycle, series: Some(series) });
        // The first that began so long ago that it has entered is the last that is looked at.
        let mut ends = at.later(part.lag).later(part.duration).minus(interval);
        while !part.is_at_once() && ends.is_some_and(|ends| ends > at) {
            let entry = Entry {
                state: dose.state,
                infused,
                begins: at,
                ends: ends.unwrap_or(at),
                amount: part.amount,
                at_once: false,
                record: None,
            };
            self.entries.push(entry);
            ends = ends.and_then(|ends| ends.minus(interval));
        }
        self.beginnings.push(Beginning {
            known: at,
            time: time - dose.interval,
            state: dose.state,
            amount: dose.amount,
        });
        Ok(())
    }
}
