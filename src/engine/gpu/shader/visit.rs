//! The visit program: what is read at a visit, and how it is kept.

use serde::Serialize;

use crate::cohort::ReadOn;
use crate::engine::program::Lowered;
use crate::model::graph::NodeId;
use crate::plan::{Accumulator, AccumulatorKind, During, ObservationWindow, ObservedAt, Plan};

use super::super::layout::{Layout, cells};
use super::names::Names;
use super::wgsl::{Vocabulary, statements};

/// Expressions that are evaluated together, and what is kept of them before the next are.
#[derive(Serialize)]
pub(super) struct Level {
    observe: Vec<String>,
    groups: Vec<Group>,
}

/// Accumulators that take a value at the same times.
#[derive(Serialize)]
struct Group {
    /// When.
    when: String,
    /// How each of them does.
    keep: Vec<String>,
}

/// What a row of the accumulators holds after a dose.
#[derive(Serialize)]
pub(super) struct Renewed {
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
            |&position: &usize| (format!("seen.{}", names.observed[position]), lowered.observed[position]);
        let roots: Vec<(String, NodeId)> = level.iter().map(root).collect();
        let observe = statements(&lowered.graph, &vocabulary, &roots);
        for (target, id) in roots {
            vocabulary.leaves.entry(id).or_insert(target);
        }
        levels.push(Level { observe, groups: groups(plan, layout, names, level) });
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
pub(super) fn checks(plan: &Plan, names: &Names) -> Vec<Check> {
    let check = |check: &crate::plan::FinitenessCheck| Check {
        when: occasion(plan, &check.when),
        of: check.of.iter().map(|&position| names.observed[position].clone()).collect(),
    };
    plan.checks.iter().map(check).collect()
}

/// Whether a read is of an occasion.
fn occasion(plan: &Plan, occasion: &ObservationWindow) -> String {
    const FOLLOWED: &str = "((flags & FOLLOWED) != 0u) & (patient < job.followed)";
    let [first, last] = occasion.window;
    let at = match occasion.at {
        ObservedAt::Visits => "visit".into(),
        ObservedAt::VisitsAndEnds => format!("is_point & (visit | (tick == {first}u) | (tick == {last}u))"),
        ObservedAt::Time => format!("is_point & (tick == {first}u)"),
        ObservedAt::Scans => "scan".into(),
        ObservedAt::Trajectories => FOLLOWED.into(),
        ObservedAt::TrajectoriesAtVisits => format!("visit & {FOLLOWED}"),
    };
    let window = match occasion.at {
        ObservedAt::Time => String::new(),
        _ => format!(" & (tick >= {first}u) & (tick <= {last}u)"),
    };
    let protocol = &plan.protocol;
    let stay = if protocol.stops.iter().any(|stop| stop.leaves) { " & !lane.left" } else { "" };
    let treatment = if protocol.is_adaptive() { " & !lane.stopped" } else { "" };
    let during = match occasion.during {
        During::Run => String::new(),
        During::Stay => stay.into(),
        During::Treatment => format!("{stay}{treatment}"),
        During::Dosing => format!("{stay}{treatment} & (tick >= lane.due)"),
    };
    format!("{at}{window}{during}")
}

/// The accumulators of a level by when they take a value.
fn groups(plan: &Plan, layout: &Layout, names: &Names, level: &[usize]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let of_level = |(accumulator, _): &(&Accumulator, &u32)| {
        level.contains(&accumulator.of) && accumulator.on != ReadOn::Continuous
    };
    for (accumulator, &row) in plan.accumulators.iter().zip(&layout.cells).filter(of_level) {
        let when = occasion(plan, &accumulator.observation());
        let position = groups.iter().position(|group| group.when == when).unwrap_or_else(|| {
            groups.push(Group { when, keep: Vec::new() });
            groups.len() - 1
        });
        let (group, of) = (&mut groups[position], &names.observed[accumulator.of]);
        group.keep.push(keep(accumulator, row, of));
    }
    groups
}

/// How an accumulator takes a value.
fn keep(accumulator: &Accumulator, row: u32, of: &str) -> String {
    let first = accumulator.window[0];
    let (function, more) = match accumulator.kind {
        AccumulatorKind::Min => ("keep_smallest", ""),
        AccumulatorKind::Max => ("keep_largest", ""),
        AccumulatorKind::TimeOfMin => ("keep_time_of_smallest", ", tick"),
        AccumulatorKind::TimeOfMax => ("keep_time_of_largest", ", tick"),
        AccumulatorKind::At => ("keep_value", ""),
        AccumulatorKind::Auc => ("add_area", ", since"),
        AccumulatorKind::TimeTrue => ("add_held", " != 0.0, since"),
        AccumulatorKind::LongestTrue => ("keep_longest", " != 0.0, since"),
        AccumulatorKind::FirstTrue => ("keep_first", " != 0.0, tick"),
    };
    let since = if accumulator.on == ReadOn::Scans { "since_scan" } else { "since" };
    let since = if accumulator.ends {
        // The read before was at the visit before or at the start of the window.
        format!("min({since}, tick - {first}u)")
    } else {
        format!("since_within({first}u, tick, {since})")
    };
    let more = more.replace("since", &since);
    format!("{function}({row}u, seen.{of}{more})")
}

/// What the rows of an accumulator hold before anything is read.
pub(super) fn empty(accumulator: &Accumulator) -> Vec<&'static str> {
    let word = |&cell: &&str| match (accumulator.kind, cell) {
        (AccumulatorKind::FirstTrue, "tick") => "NEVER",
        (_, "value" | "last") => "NOTHING",
        _ => "0u",
    };
    cells(accumulator).iter().map(word).collect()
}

/// The rows that begin anew with a dose, but for what was read last.
pub(super) fn renewed(plan: &Plan, layout: &Layout) -> Vec<Renewed> {
    let accumulators = plan.accumulators.iter().zip(&layout.cells);
    let rows = accumulators.filter(|(accumulator, _)| accumulator.since_dose).flat_map(|(a, &first)| {
        let rows = cells(a).iter().zip(empty(a)).zip(first..);
        rows.filter(|((cell, _), _)| **cell != "last").map(|((_, word), row)| Renewed { row, word })
    });
    rows.collect()
}
