//! From a patient's records to the stops of its itinerary.

use crate::cohort::END_OF_RECORDS;
use crate::dataset::{Event, Interpolation};
use crate::engine::instant::Instant;
use crate::engine::program::{Looks, Lowered};
use crate::engine::records::Records;
use crate::engine::schedule::{BadDose, Beginning};
use crate::model::graph::{DoseValue, Dosed};

use super::timeline::{Settled, Source, Timeline};
use super::{Action, Itinerary, Stop};

/// The itinerary of a patient; `columns` hold `[column][row]`, and `first_row` is the patient's first.
///
/// # Errors
/// A dose whose amount, bioavailability, lag, duration or rate is none, or that begins to enter only after the next one
/// of a steady state.
pub(crate) fn itinerary(
    lowered: &Lowered,
    records: &Records,
    patient: usize,
    columns: &[Vec<f64>],
    first_row: usize,
) -> Result<Itinerary, BadDose> {
    let source = Source {
        compartments: &lowered.compartments,
        columns,
        first_row,
        records: records.of(patient),
        interpolation: records.interpolation,
        time_per_tick: lowered.doses.time_per_tick,
        until: lowered.looks.until.map(|until| f64::from(until) * lowered.doses.time_per_tick),
    };
    let mut timeline = Timeline::new(&source)?;
    ask_in_cycles(&mut timeline, &lowered.doses.asked);
    let mut stops = Stops::default();
    stops.doses(&timeline);
    stops.records(&source, &timeline)?;
    stops.rates(&timeline, lowered.infused.len());
    stops.asked(&timeline, &lowered.doses.asked);
    let own_end = source.span(source.own_end() - source.origin())?;
    stops.looks(&source, &lowered.looks, own_end);
    let end = source.span(source.end() - source.origin())?;
    Ok(Itinerary {
        origin: source.origin(),
        stops: stops.in_order(end),
        end: own_end,
        cycles: timeline.cycles.into_iter().map(|settled| settled.cycle).collect(),
    })
}

/// Says in the cycles of steady states what equations ask of doses: each dose is one of a series.
fn ask_in_cycles(timeline: &mut Timeline, asked: &[(DoseValue, Dosed)]) {
    if asked.is_empty() {
        return;
    }
    for Settled { cycle, series, .. } in &mut timeline.cycles {
        let begins = series.as_ref().map(|series| series.lag);
        cycle.ask(begins.as_slice(), |at| {
            let begun = series.iter().map(|series| series.beginning(at >= series.lag)).collect::<Vec<_>>();
            asked.iter().map(|&asked| answer(&begun, asked)).collect()
        });
    }
}

/// In which order stops of one time take effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    /// What is looked at before anything happens.
    Before,
    /// Doses that are additional or late.
    Late,
    /// With a record.
    Record(usize),
    /// What holds from there on.
    After,
}

/// Stops with their order.
#[derive(Default)]
struct Stops {
    list: Vec<(Order, Stop)>,
    /// Times at which everything that holds from there on is said again.
    settled: Vec<Instant>,
}

impl Stops {
    fn push(&mut self, order: Order, at: Instant, action: Action) {
        self.list.push((order, Stop { at, action }));
    }

    /// By time, up to an end.
    fn in_order(mut self, end: Instant) -> Vec<Stop> {
        self.list.retain(|(_, stop)| stop.at <= end);
        // What is of one time and order stays as it is.
        self.list.sort_by_key(|&(order, stop)| (stop.at, order));
        self.list.into_iter().map(|(_, stop)| stop).collect()
    }

    /// Doses that enter at once but for those that enter with their record.
    fn doses(&mut self, timeline: &Timeline) {
        for entry in timeline.entries.iter().filter(|entry| entry.at_once && entry.record.is_none()) {
            let action = Action::Enter { state: entry.state, amount: entry.amount };
            self.push(Order::Late, entry.begins, action);
        }
    }

    /// What happens with records.
    fn records(&mut self, source: &Source<'_>, timeline: &Timeline) -> Result<(), BadDose> {
        let rows = &source.records.rows;
        let mut row = 0;
        for (number, record) in source.records().iter().enumerate() {
            let (at, order) = (source.at(number)?, Order::Record(number));
            if source.interpolation != Interpolation::Backward && rows[number] != row {
                row = rows[number];
                self.push(order, at, Action::Values(row));
            }
            if matches!(record.event, Event::Reset | Event::ResetAndDose(_)) {
                self.push(order, at, Action::Reset);
            }
            let cycles = timeline.cycles.iter().enumerate().filter(|(_, settled)| settled.record == number);
            for (cycle, _) in cycles {
                self.push(order, at, Action::Settle(cycle));
                self.settled.push(at);
            }
            let entries =
                timeline.entries.iter().filter(|entry| entry.at_once && entry.record == Some(number));
            for entry in entries {
                self.push(order, at, Action::Enter { state: entry.state, amount: entry.amount });
            }
            if record.is_read() {
                self.push(order, at, Action::Read);
            }
            let next = rows.get(number + 1).filter(|_| source.interpolation == Interpolation::Backward);
            if let Some(&next) = next.filter(|next| **next != row) {
                row = next;
                self.push(order, at, Action::Values(row));
            }
        }
        Ok(())
    }

    /// Values that are kept at times of their own; none before the first record.
    fn looks(&mut self, source: &Source<'_>, looks: &Looks, own_end: Instant) {
        for (position, &tick) in (1..).zip(&looks.at) {
            if tick == END_OF_RECORDS {
                self.push(Order::After, own_end, Action::Keep(position));
            } else if let Ok(at) = source.span(f64::from(tick) * source.time_per_tick - source.origin()) {
                self.push(Order::Before, at, Action::Keep(position));
            }
        }
    }

    /// The rates of infusion.
    fn rates(&mut self, timeline: &Timeline, infused: usize) {
        let mut coming: Vec<_> = timeline.entries.iter().filter(|entry| entry.ends > entry.begins).collect();
        coming.sort_by_key(|entry| entry.begins);
        let mut times: Vec<Instant> = coming.iter().flat_map(|entry| [entry.begins, entry.ends]).collect();
        times.extend(&self.settled);
        times.sort();
        times.dedup();
        let (mut coming, mut running) = (coming.into_iter().peekable(), Vec::new());
        let mut present = vec![0.0; infused];
        for at in times {
            while let Some(entry) = coming.next_if(|entry| entry.begins <= at) {
                running.push(entry);
            }
            running.retain(|entry| entry.ends > at);
            let is_settled = self.settled.contains(&at);
            for (infused, present) in present.iter_mut().enumerate() {
                let of_state = running.iter().filter(|entry| entry.infused == infused);
                let rate: f64 = of_state.map(|entry| entry.amount).sum();
                if rate != *present || is_settled {
                    *present = rate;
                    self.push(Order::After, at, Action::Rate { infused, rate });
                }
            }
        }
    }

    /// What equations ask of the doses that have begun.
    fn asked(&mut self, timeline: &Timeline, asked: &[(DoseValue, Dosed)]) {
        if asked.is_empty() {
            return;
        }
        let mut begun = timeline.beginnings.clone();
        begun.sort_by_key(|beginning| beginning.known);
        let mut times: Vec<Instant> = begun.iter().map(|beginning| beginning.known).collect();
        times.push(Instant::START);
        times.extend(&self.settled);
        times.sort();
        times.dedup();
        for at in times {
            let known = &begun[..begun.partition_point(|beginning| beginning.known <= at)];
            for (position, &asked) in asked.iter().enumerate() {
                self.push(Order::After, at, Action::Asked { position, value: answer(known, asked) });
            }
        }
    }
}

/// What equations ask of doses that have begun.
pub(super) fn answer(begun: &[Beginning], (value, dosed): (DoseValue, Dosed)) -> f64 {
    let mut begun = begun.iter().filter(|beginning| dosed.is_into(beginning.state));
    match value {
        DoseValue::Last => begun.next_back().map_or(f64::NAN, |last| last.time),
        DoseValue::First => begun.next().map_or(f64::NAN, |first| first.time),
        DoseValue::Amount => begun.next_back().map_or(0.0, |last| last.amount),
        DoseValue::Count => begun.count() as f64,
    }
}
