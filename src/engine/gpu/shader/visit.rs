//! The visit program: what is read at a visit, and what is kept of it.

use serde::Serialize;

use crate::accumulator::{Argument, Description, Number, Row};
use crate::cohort::ReadOn;
use crate::engine::program::Lowered;
use crate::model::graph::{NodeId, OfDrugs};
use crate::plan::{Accumulator, During, ObservationWindow, ObservedAt, ObservedId, Plan};

use super::super::drugs::DeviceDrug;
use super::super::layout::{Layout, rows};
use super::super::rows::suffix;
use super::names::Names;
use super::treatment::has_stopped;
use super::wgsl::{Vocabulary, statements};

/// Expressions that are evaluated together, and what is kept of them before the next are.
#[derive(Serialize)]
pub(super) struct Level {
    lines: Vec<String>,
    groups: Vec<Group>,
}

/// Accumulators that take a value at the same times.
#[derive(Serialize)]
struct Group {
    /// When.
    when: String,
    /// The statement with which each of them does.
    updates: Vec<String>,
}

/// What a row of the accumulators holds after a dose.
#[derive(Serialize)]
pub(super) struct Reset {
    row: u32,
    word: &'static str,
}

/// The expressions by what they wait for; what was evaluated before is known to the later ones.
pub(super) fn levels(plan: &Plan, lowered: &Lowered, layout: &Layout, names: &Names) -> Vec<Level> {
    let mut vocabulary =
        Vocabulary { leaves: names.vocabulary.leaves.clone(), names: names.vocabulary.names.clone() };
    let mut levels = Vec::with_capacity(lowered.levels.len());
    for level in &lowered.levels {
        let root =
            |position: usize| (format!("seen.{}", names.observed[position]), lowered.observed[position]);
        let roots: Vec<(String, NodeId)> = level.iter().map(|of| root(of.index())).collect();
        let lines = statements(&lowered.graph, &vocabulary, &roots);
        for (target, id) in roots {
            vocabulary.leaves.entry(id).or_insert(target);
        }
        levels.push(Level { lines, groups: groups(plan, layout, names, level) });
    }
    levels
}

/// Values that must be finite.
#[derive(Serialize)]
pub(super) struct Check {
    /// When.
    when: String,
    of: Vec<String>,
}

/// What must be finite, by when.
pub(super) fn checks(plan: &Plan, layout: &Layout, names: &Names) -> Vec<Check> {
    let check = |check: &crate::plan::FinitenessCheck| Check {
        when: condition(plan, layout, &check.when),
        of: check.of.iter().map(|&of| names.observed[of.index()].clone()).collect(),
    };
    plan.checks.iter().map(check).collect()
}

/// Whether a read is of an when.
fn condition(plan: &Plan, layout: &Layout, when: &ObservationWindow) -> String {
    const FOLLOWED: &str = "((flags & FOLLOWED) != 0u) & (patient < job.followed)";
    let [first, last] = when.window;
    let at = match when.at {
        ObservedAt::Visits => "visit".into(),
        ObservedAt::VisitsAndEnds => format!("is_point & (visit | (tick == {first}u) | (tick == {last}u))"),
        ObservedAt::Time => format!("is_point & (tick == {first}u)"),
        ObservedAt::Scans => "scan".into(),
        ObservedAt::Trajectories => FOLLOWED.into(),
        ObservedAt::TrajectoriesAtVisits => format!("visit & {FOLLOWED}"),
    };
    let window = match when.at {
        ObservedAt::Time => String::new(),
        _ => format!(" & (tick >= {first}u) & (tick <= {last}u)"),
    };
    let protocol = &plan.protocol;
    let stay = if protocol.stops.iter().any(|stop| stop.leaves) { " & !lane.left" } else { "" };
    let is_adaptive = protocol.is_adaptive();
    let treatment = if is_adaptive { format!(" & !{}", has_stopped(layout)) } else { String::new() };
    let during = match when.during {
        During::Run => String::new(),
        During::OnStudy => stay.into(),
        During::Treatment => format!("{stay}{treatment}"),
        During::Dosing => format!("{stay}{}", is_due(layout, is_adaptive)),
    };
    format!("{at}{window}{during}")
}

/// Whether a dose of a drug with which treatment goes on is due.
fn is_due(layout: &Layout, is_adaptive: bool) -> String {
    let of_drug = |drug: &DeviceDrug| {
        let s = suffix(drug.suffix);
        let goes_on = if is_adaptive { format!("!lane.stopped{s} & ") } else { String::new() };
        format!("{goes_on}(tick >= lane.due{s})")
    };
    match &layout.drugs[..] {
        [only] => format!(" & {}", of_drug(only)),
        all => format!(
            " & ({})",
            all.iter().map(|drug| format!("({})", of_drug(drug))).collect::<Vec<_>>().join(" | ")
        ),
    }
}

/// The accumulators of a level by when they take a value.
fn groups(plan: &Plan, layout: &Layout, names: &Names, level: &[ObservedId]) -> Vec<Group> {
    let mut groups: Vec<(ObservationWindow, Vec<String>)> = Vec::new();
    let of_level = |(accumulator, _): &(&Accumulator, &u32)| {
        level.contains(&accumulator.of) && accumulator.on != ReadOn::Continuous
    };
    for (accumulator, &row) in plan.accumulators.iter().zip(&layout.accumulators).filter(of_level) {
        let when = accumulator.observation();
        let position = groups.iter().position(|(known, _)| *known == when).unwrap_or_else(|| {
            groups.push((when, Vec::new()));
            groups.len() - 1
        });
        groups[position].1.push(update(accumulator, row, &names.observed[accumulator.of.index()]));
    }
    groups
        .into_iter()
        .map(|(when, updates)| Group { when: condition(plan, layout, &when), updates })
        .collect()
}

/// The statement with which an accumulator takes a value.
fn update(accumulator: &Accumulator, row: u32, of: &str) -> String {
    let Description { name, takes, .. } = accumulator.kind.description();
    let first = accumulator.window[0];
    let since = if accumulator.on == ReadOn::Scans { "since_scan" } else { "since" };
    let argument = |argument: &Argument| match argument {
        Argument::Value => format!(", seen.{of}"),
        Argument::Truth => format!(", seen.{of} != 0.0"),
        Argument::Tick => ", tick".into(),
        // The read before was at the visit before or at the start of the window.
        Argument::Since if accumulator.ends => format!(", min({since}, tick - {first}u)"),
        Argument::Since => format!(", since_within({first}u, tick, {since})"),
    };
    let arguments: String = takes.iter().map(argument).collect();
    format!("update_{name}({row}u{arguments})")
}

/// What the rows of an accumulator hold before anything is read.
pub(super) fn initial(accumulator: &Accumulator) -> Vec<&'static str> {
    let word = |row: &Row| match (row.begins_without(), row.number()) {
        (false, _) => "0u",
        (true, Number::Float) => "NOTHING",
        (true, Number::Ticks) => "NEVER",
    };
    rows(accumulator).iter().flat_map(|rows| rows.all).map(word).collect()
}

/// The rows that begin anew with a dose of a drug.
pub(super) fn reset_at_dose(plan: &Plan, layout: &Layout, drug: u32) -> Vec<Reset> {
    let is_reset = |(accumulator, _): &(&Accumulator, &u32)| match accumulator.since_dose {
        None => false,
        Some(OfDrugs::All) => true,
        Some(OfDrugs::One(its)) => its == drug,
    };
    let accumulators = plan.accumulators.iter().zip(&layout.accumulators);
    let of_accumulator = |(accumulator, &first): (&Accumulator, &u32)| {
        let all = rows(accumulator).map_or(&[][..], |rows| rows.all);
        let words = all.iter().zip(initial(accumulator)).zip(first..);
        let reset = words.filter(|((row, _), _)| row.is_reset_at_dose());
        reset.map(|((_, word), row)| Reset { row, word }).collect::<Vec<_>>()
    };
    accumulators.filter(is_reset).flat_map(of_accumulator).collect()
}
