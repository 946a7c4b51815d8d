//! The rules of a trial, as the shader looks at them.

use serde::Serialize;

use crate::engine::program::Lowered;
use crate::engine::schedule::RouteInput;
use crate::engine::treatment::SAME_DOSE;
use crate::plan::{Amount, BeyondLimit, Plan};

use super::super::drugs::DeviceDrug;
use super::super::layout::Layout;
use super::super::rows::suffix;
use super::super::tables::{Calendar, level_count};
use super::dosing::{may_be_bolus, placed};
use super::names::Names;
use super::visit::{Reset, reset_at_dose};
use super::wgsl::literal;

/// What is decided, each list in order.
#[derive(Serialize)]
pub(super) struct Rules {
    /// Whether a dose may be given other than as planned.
    is_adaptive: bool,
    /// Whether treatment or the stay may end at any visit.
    watches: bool,
    leaving: Vec<Stop>,
    /// Whether doses may be held, changed, skipped.
    holds: bool,
    changes: bool,
    skips: bool,
    /// Whether it may be changed how long doses are infused.
    infusions: bool,
    /// Whether something reads how often a dose was held or reduced.
    counts: bool,
    demands: Vec<Demand>,
    /// The reason of the first hold.
    first_hold: usize,
    drugs: Vec<Drug>,
    /// Whether there are several of them.
    several: bool,
    /// Whether treatment has stopped.
    has_stopped: String,
    /// Where it is said how many doses an arm has of each drug.
    counts_of: usize,
    /// Doses that differ by less are the same.
    same_dose: String,
    /// What each reason shows.
    shows: Vec<String>,
}

/// A drug, and what is decided about it.
#[derive(Serialize)]
struct Drug {
    number: usize,
    /// What names about it end in: nothing of the only drug.
    s: String,
    /// The slot of its first dose; the same as what is added to a dose's number; and how many it has at most.
    first: usize,
    from: String,
    doses: usize,
    /// The number of the last.
    last: usize,
    /// Where its calendar begins, and how many words an arm has there.
    planned: usize,
    width: usize,
    on_demand: bool,
    stopping: Vec<Stop>,
    holds: Vec<Hold>,
    /// Whether some of them are delays.
    delays: bool,
    changes: Vec<Change>,
    skips: Vec<Skip>,
    /// Whether some of them are made up for.
    shifts: bool,
    infusions: Vec<Infusion>,
    /// What begins anew with each of its doses.
    reset: Vec<Reset>,
    /// How its doses enter.
    infuses: bool,
    may_be_bolus: bool,
}

#[derive(Clone, Serialize)]
struct Stop {
    reason: usize,
    when: String,
    at_dose: bool,
    /// Whether it is about one drug.
    of_drug: bool,
}

#[derive(Serialize)]
struct Skip {
    reason: usize,
    when: String,
    /// `true` or `false`.
    made_up: String,
}

#[derive(Serialize)]
struct Infusion {
    reason: usize,
    when: String,
    /// Over how many ticks.
    over: u32,
}

#[derive(Serialize)]
struct Demand {
    reason: usize,
    when: String,
    /// What names about its drug end in.
    s: String,
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
    pub(super) fn new(plan: &Plan, lowered: &Lowered, layout: &Layout, names: &Names) -> Self {
        let protocol = &plan.protocol;
        let drugs: Vec<Drug> =
            (0..plan.drugs.len()).map(|i| Drug::new(plan, lowered, layout, names, i)).collect();
        let shows = protocol.stops.iter().map(|stop| stop.shows);
        let shows = shows.chain(protocol.holds.iter().map(|hold| hold.shows));
        let shows = shows.chain(protocol.changes.iter().map(|change| change.shows));
        let shows = shows.chain(protocol.skips.iter().map(|skip| skip.shows));
        let shows = shows.chain(protocol.demands.iter().map(|demand| demand.shows));
        let shows = shows.chain(protocol.infusions.iter().map(|infuse| infuse.shows));
        let stops = protocol.stops.iter().enumerate();
        let leaving = stops.filter(|(_, stop)| stop.leaves);
        let demands = protocol.demands.iter().enumerate().map(|(i, demand)| Demand {
            reason: protocol.reason_of_demand(i).index(),
            when: names.holds(demand.when),
            s: drugs[demand.drug.index()].s.clone(),
        });
        Self {
            is_adaptive: protocol.is_adaptive(),
            watches: !protocol.stops.is_empty(),
            leaving: leaving.map(|(i, _)| Stop::new(plan, names, i)).collect(),
            holds: !protocol.holds.is_empty(),
            changes: !protocol.changes.is_empty(),
            skips: !protocol.skips.is_empty(),
            infusions: !protocol.infusions.is_empty(),
            counts: layout.drugs.iter().any(|drug| drug.counts),
            demands: demands.collect(),
            first_hold: protocol.reason_of_hold(0).index(),
            several: drugs.len() > 1,
            has_stopped: has_stopped(layout),
            counts_of: layout.tables.counts,
            same_dose: literal(SAME_DOSE),
            shows: shows.map(|of| names.observed[of.index()].clone()).collect(),
            drugs,
        }
    }
}

/// Whether treatment has stopped: that with every drug that is planned.
pub(super) fn has_stopped(layout: &Layout) -> String {
    let planned = layout.drugs.iter().filter(|drug| !drug.rules.is_on_demand);
    let stopped: Vec<String> = planned.map(|drug| format!("lane.stopped{}", suffix(drug.suffix))).collect();
    match &stopped[..] {
        [] => "false".into(),
        [only] => only.clone(),
        all => format!("({})", all.join(" & ")),
    }
}

impl Drug {
    fn new(plan: &Plan, lowered: &Lowered, layout: &Layout, names: &Names, number: usize) -> Self {
        let protocol = &plan.protocol;
        let DeviceDrug { suffix: own, rules, delays, .. } = &layout.drugs[number];
        let [first, doses] = layout.slots.drugs[number];
        let Calendar { first: planned, width } = layout.tables.calendars[number];
        let skip = |&skip: &usize| Skip {
            reason: protocol.reason_of_skip(skip).index(),
            when: names.holds(protocol.skips[skip].when),
            made_up: protocol.skips[skip].made_up.to_string(),
        };
        let infusion = |&infusion: &usize| Infusion {
            reason: protocol.reason_of_infusion(infusion).index(),
            when: names.holds(protocol.infusions[infusion].when),
            over: protocol.infusions[infusion].over,
        };
        let change = |&change: &usize| {
            let reason = protocol.reason_of_change(change).index();
            let own = &protocol.changes[change];
            Change::new(reason, own, layout.tables.changes[change], names.holds(own.when))
        };
        let routes = placed(plan, &lowered.doses).filter(|(place, _)| place.drug == number);
        Self {
            number,
            s: suffix(*own),
            first,
            from: if first == 0 { String::new() } else { format!("{first}u + ") },
            doses,
            last: doses.max(1) - 1,
            planned,
            width,
            on_demand: rules.is_on_demand,
            stopping: rules.stops.iter().map(|&stop| Stop::new(plan, names, stop)).collect(),
            holds: rules.holds.iter().map(|&hold| Hold::new(plan, hold, own, names)).collect(),
            delays: *delays,
            changes: rules.changes.iter().map(change).collect(),
            skips: rules.skips.iter().map(skip).collect(),
            shifts: rules.skips.iter().any(|&skip| protocol.skips[skip].made_up),
            infusions: rules.infusions.iter().map(infusion).collect(),
            reset: reset_at_dose(plan, layout, number as u32),
            infuses: routes.clone().any(|(_, route)| route.input != RouteInput::Bolus),
            may_be_bolus: routes.clone().any(|(_, route)| may_be_bolus(&lowered.doses, route)),
        }
    }
}

impl Stop {
    fn new(plan: &Plan, names: &Names, position: usize) -> Self {
        let stop = &plan.protocol.stops[position];
        Self {
            reason: plan.protocol.reason_of_stop(position).index(),
            when: names.holds(stop.when),
            at_dose: stop.at_dose,
            of_drug: stop.drug.is_some(),
        }
    }
}

impl Hold {
    fn new(plan: &Plan, position: usize, drug: &Option<usize>, names: &Names) -> Self {
        let holds = |of| names.holds(of);
        let over = format!("lane.over{}", suffix(*drug));
        let &crate::plan::Hold { when, until, again, at_least, at_most, .. } = &plan.protocol.holds[position];
        let delay = plan.protocol.delay(position).map_or(0, |position| 1 << position);
        let and_not_over = until.map_or_else(String::new, |until| format!(" & !({})", holds(until)));
        let when = if delay == 0 {
            format!("({}){and_not_over}", holds(when))
        } else {
            format!("select({}, ({}){and_not_over}, ({over} & {delay}u) != 0u)", holds(when), holds(again))
        };
        let until = until.map_or_else(|| "true".to_owned(), holds);
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
