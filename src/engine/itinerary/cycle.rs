//! The steady state of a dose that is given again and again: what happens from one dose to the next.

use std::collections::BTreeSet;

use crate::engine::instant::Instant;
use crate::engine::schedule::DosePart;

use super::{Action, Stop};

/// How long an infusion without end is looked at first, ticks: an hour. Every further time is twice as long.
const FIRST_LOOK: u32 = 3600;

/// What happens from one dose to the next once all of them are alike, counted from when a dose is given.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cycle {
    /// The time from one dose to the next.
    pub(crate) length: Instant,
    /// Whether it may be twice as long every time: nothing happens in it.
    pub(crate) doubles: bool,
    /// What happens, by time.
    pub(crate) stops: Vec<Stop>,
    /// Whether what it comes to is added to what there is, which it else replaces.
    pub(crate) adds: bool,
}

impl Cycle {
    /// That of a constant rate.
    pub(super) fn without_end(infused: usize, rate: f64, adds: bool) -> Self {
        let stops = vec![Stop { at: Instant::START, action: Action::Rate { infused, rate } }];
        Self { length: Instant::of_tick(FIRST_LOOK), doubles: true, stops, adds }
    }

    /// That of doses that are given once in it.
    pub(super) fn of_doses(doses: &[InCycle], length: Instant, adds: bool) -> Self {
        let at_once = doses.iter().filter(|dose| dose.part.is_at_once());
        let mut stops: Vec<Stop> = at_once
            .map(|dose| {
                let InCycle { state, part, .. } = *dose;
                Stop { at: dose.begins(length), action: Action::Enter { state, amount: part.amount } }
            })
            .collect();
        let over_time = doses.iter().filter(|dose| !dose.part.is_at_once());
        let infused: BTreeSet<usize> = over_time.map(|dose| dose.infused).collect();
        for infused in infused {
            let is_own = |dose: &&InCycle| dose.infused == infused && !dose.part.is_at_once();
            stops.extend(rates(infused, &doses.iter().filter(is_own).collect::<Vec<_>>(), length));
        }
        stops.sort_by_key(|stop| stop.at);
        Self { length, doubles: false, stops, adds }
    }

    /// Adds what equations ask of doses: `asked` says it by the time in the cycle, from its beginning on and from where
    /// doses begin to enter.
    pub(super) fn ask(&mut self, begins: &[Instant], asked: impl Fn(Instant) -> Vec<f64>) {
        let times: BTreeSet<Instant> = begins.iter().copied().chain([Instant::START]).collect();
        for at in times {
            let values = asked(at).into_iter().enumerate();
            self.stops.extend(
                values.map(|(position, value)| Stop { at, action: Action::Asked { position, value } }),
            );
        }
        // Of one time, what is asked comes last.
        self.stops.sort_by_key(|stop| stop.at);
    }
}

/// A dose that is given once in a cycle.
#[derive(Debug, Clone, Copy)]
pub(super) struct InCycle {
    /// When, from the beginning of the cycle on; before its end.
    pub(super) given: Instant,
    pub(super) state: usize,
    /// Position of the state among those that are infused.
    pub(super) infused: usize,
    pub(super) part: DosePart,
}

impl InCycle {
    /// When it begins to enter: after the cycle, if its lag is that long.
    pub(super) fn begins_after(&self) -> Instant {
        self.given.later(self.part.lag)
    }

    /// When it begins to enter, be it one that was given in a cycle before.
    fn begins(&self, length: Instant) -> Instant {
        self.begins_after().divided_by(length).1
    }

    /// When its rate changes in the cycle.
    fn changes(&self, length: Instant) -> [Instant; 2] {
        let begins = self.begins(length);
        let ends = begins.later(self.part.duration.divided_by(length).1);
        [begins, ends.minus(length).filter(|over| *over > Instant::START).unwrap_or(ends)]
    }

    /// How much of it enters at a time, per model time: it may outlast the cycle.
    fn rate_at(&self, at: Instant, length: Instant) -> f64 {
        let (whole, _) = self.part.duration.divided_by(length);
        let [begins, ends] = self.changes(length);
        let runs = if begins <= ends { begins <= at && at < ends } else { begins <= at || at < ends };
        self.part.amount * (whole as f64 + f64::from(u8::from(runs)))
    }
}

/// The rates into a state over a cycle.
fn rates(infused: usize, doses: &[&InCycle], length: Instant) -> Vec<Stop> {
    let changes = doses.iter().flat_map(|dose| dose.changes(length));
    let times: BTreeSet<Instant> = changes.chain([Instant::START]).filter(|&time| time < length).collect();
    let rate = |at| doses.iter().map(|dose| dose.rate_at(at, length)).sum();
    times.into_iter().map(|at| Stop { at, action: Action::Rate { infused, rate: rate(at) } }).collect()
}
