//! The rules of a trial, as the shader looks at them.

use serde::Serialize;

use crate::engine::treatment::SAME_DOSE;
use crate::plan::{Amount, BeyondLimit, ObservedId, Plan};

use super::super::layout::Layout;
use super::super::tables::level_count;
use super::names::Names;
use super::wgsl::literal;

/// What is decided, each list in order.
#[derive(Serialize)]
pub(super) struct Rules {
    /// Whether a dose may be given other than as planned.
    is_adaptive: bool,
    /// Whether treatment or the stay may end at any visit.
    watches: bool,
    leaving: Vec<Stop>,
    stopping: Vec<Stop>,
    holds: Vec<Hold>,
    /// Whether some of them are delays.
    delays: bool,
    /// The reason of the first of them.
    first_hold: usize,
    changes: Vec<Change>,
    /// Doses that differ by less are the same.
    same_dose: String,
    /// What each reason shows.
    shows: Vec<String>,
}

#[derive(Clone, Serialize)]
struct Stop {
    reason: usize,
    when: String,
    at_dose: bool,
}

#[derive(Serialize)]
struct Hold {
    /// From 1 on.
    number: usize,
    /// What begins it, and what ends it once it has lasted long enough.
    when: String,
    until: String,
    /// Its bit, if it is a delay, else 0.
    delay: u32,
    at_least: u32,
    at_most: u32,
}

#[derive(Serialize)]
struct Change {
    reason: usize,
    when: String,
    /// What the dose is multiplied by; empty if it goes to another level.
    times: String,
    is_down: bool,
    /// Where its table begins, and the levels of an arm there.
    table: usize,
    levels: usize,
    /// The words of the levels, that which is taken if it fits last.
    words: Vec<usize>,
    /// Whether the dose stays at the limit; else treatment stops.
    stays: bool,
}

impl Rules {
    pub(super) fn new(plan: &Plan, layout: &Layout, names: &Names) -> Self {
        let protocol = &plan.protocol;
        let holds = |of: ObservedId| format!("seen.{} != 0.0", names.observed[of.index()]);
        let stops = |is: fn(&crate::plan::Stop) -> bool| -> Vec<Stop> {
            let stops = protocol.stops.iter().enumerate().filter(|(_, stop)| is(stop));
            let reason = |i: usize| protocol.reason_of_stop(i).index();
            stops
                .map(|(i, stop)| Stop { reason: reason(i), when: holds(stop.when), at_dose: stop.at_dose })
                .collect()
        };
        let first_hold = protocol.reason_of_hold(0).index();
        let first_change = protocol.reason_of_change(0).index();
        let shows = protocol.stops.iter().map(|stop| stop.shows);
        let shows = shows.chain(protocol.holds.iter().map(|hold| hold.shows));
        let shows = shows.chain(protocol.changes.iter().map(|change| change.shows));
        Self {
            is_adaptive: protocol.is_adaptive(),
            watches: !protocol.stops.is_empty(),
            leaving: stops(|stop| stop.leaves),
            stopping: stops(|stop| stop.treatment),
            holds: (0..protocol.holds.len()).map(|hold| Hold::new(plan, hold, holds)).collect(),
            delays: protocol.holds.iter().any(|hold| hold.at_least > 0),
            first_hold,
            changes: (first_change..)
                .zip(&protocol.changes)
                .zip(&layout.tables.changes)
                .map(|((reason, change), &table)| Change::new(reason, change, table, holds(change.when)))
                .collect(),
            same_dose: literal(SAME_DOSE),
            shows: shows.map(|of| names.observed[of.index()].clone()).collect(),
        }
    }
}

impl Hold {
    fn new(plan: &Plan, position: usize, holds: impl Fn(ObservedId) -> String) -> Self {
        let &crate::plan::Hold { when, until, again, at_least, at_most, .. } = &plan.protocol.holds[position];
        let delay = plan.protocol.delay(position).map_or(0, |position| 1 << position);
        let and_not_over = until.map_or_else(String::new, |until| format!(" & !({})", holds(until)));
        let when = if delay == 0 {
            format!("({}){and_not_over}", holds(when))
        } else {
            format!("select({}, ({}){and_not_over}, (lane.over & {delay}u) != 0u)", holds(when), holds(again))
        };
        let until = until.map_or_else(|| "true".to_owned(), &holds);
        Self { number: position + 1, when, until, delay, at_least, at_most }
    }
}

impl Change {
    fn new(reason: usize, change: &crate::plan::Change, table: usize, when: String) -> Self {
        let levels = level_count(change);
        let mut words: Vec<usize> = (1..=levels).collect();
        let (times, is_down) = match change.by.amount {
            Amount::Times(times) => (literal(times), times < 1.0),
            Amount::Down(_) => (String::new(), true),
            Amount::Up(_) => {
                words.reverse();
                (String::new(), false)
            }
        };
        let stays = change.by.beyond == BeyondLimit::Stay;
        Self { reason, when, times, is_down, table, levels, words, stays }
    }
}
