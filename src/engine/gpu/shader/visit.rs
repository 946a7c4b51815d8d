//! The visit program: what is read at a visit, and how it is kept.

use serde::Serialize;

use crate::cohort::ReadOn;
use crate::engine::lowered::Lowered;
use crate::model::graph::{Binary, Node, NodeId, Unary};
use crate::model::wgsl::{Vocabulary, statements};
use crate::plan::{Accumulate, Accumulator, Plan};

use super::super::layout::{Layout, cells};
use super::names::Names;

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
    /// The observed expressions that they look at.
    of: Vec<String>,
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
    let decided = conditions(plan, lowered, names);
    if let Some(last) = levels.last_mut().filter(|_| !decided.is_empty()) {
        last.groups.push(Group { when: "visit".into(), keep: Vec::new(), of: decided });
    }
    levels
}

/// What the protocol decides on and may be no number.
fn conditions(plan: &Plan, lowered: &Lowered, names: &Names) -> Vec<String> {
    let protocol = &plan.protocol;
    let stops = protocol.stops.iter().map(|stop| stop.when);
    let holds = protocol.holds.iter().flat_map(|hold| [hold.when, hold.until]);
    let changes = protocol.changes.iter().map(|change| change.when);
    let mut positions: Vec<usize> = stops.chain(holds).chain(changes).collect();
    positions.sort_unstable();
    positions.dedup();
    positions.retain(|&position| !is_truth(lowered, lowered.observed[position]));
    positions.into_iter().map(|position| names.observed[position].clone()).collect()
}

fn is_truth(lowered: &Lowered, id: NodeId) -> bool {
    use Binary::{And, Equal, Less, LessEqual, Or};
    match lowered.graph.node(id) {
        Node::Constant(_) | Node::Unary(Unary::Not, _) => true,
        Node::Binary(op, ..) => matches!(op, Less | LessEqual | Equal | And | Or),
        Node::Symbol(_) | Node::Unary(..) | Node::Select { .. } => false,
    }
}

/// The accumulators of a level by when they take a value.
fn groups(plan: &Plan, layout: &Layout, names: &Names, level: &[usize]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let of_level = |(accumulator, _): &(&Accumulator, &u32)| {
        level.contains(&accumulator.of) && accumulator.on != ReadOn::Continuous
    };
    for (accumulator, &row) in plan.accumulators.iter().zip(&layout.cells).filter(of_level) {
        let when = condition(accumulator);
        let position = groups.iter().position(|group| group.when == when).unwrap_or_else(|| {
            groups.push(Group { when, keep: Vec::new(), of: Vec::new() });
            groups.len() - 1
        });
        let (group, of) = (&mut groups[position], &names.observed[accumulator.of]);
        group.keep.push(keep(accumulator, row, of));
        if !group.of.contains(of) {
            group.of.push(of.clone());
        }
    }
    groups
}

/// When an accumulator takes a value.
fn condition(accumulator: &Accumulator) -> String {
    let [first, last] = accumulator.window;
    let when = match (accumulator.on, accumulator.kind) {
        (ReadOn::Scans, _) => "scan",
        (_, Accumulate::At) => return format!("is_point & (tick == {first}u)"),
        (ReadOn::Visits | ReadOn::Continuous, _) => "visit",
    };
    format!("{when} & (tick >= {first}u) & (tick <= {last}u)")
}

/// How an accumulator takes a value.
fn keep(accumulator: &Accumulator, row: u32, of: &str) -> String {
    let first = accumulator.window[0];
    let (function, more) = match accumulator.kind {
        Accumulate::Min => ("keep_smallest", ""),
        Accumulate::Max => ("keep_largest", ""),
        Accumulate::TimeOfMin => ("keep_time_of_smallest", ", tick"),
        Accumulate::TimeOfMax => ("keep_time_of_largest", ", tick"),
        Accumulate::At => ("keep_value", ""),
        Accumulate::Area => ("add_area", ", since"),
        Accumulate::Held => ("add_held", " != 0.0, since"),
        Accumulate::Longest => ("keep_longest", " != 0.0, since"),
        Accumulate::First => ("keep_first", " != 0.0, tick"),
    };
    let since = if accumulator.on == ReadOn::Scans { "since_scan" } else { "since" };
    let more = more.replace("since", &format!("since_within({first}u, tick, {since})"));
    format!("{function}({row}u, seen.{of}{more})")
}

/// What the rows of an accumulator hold before anything is read.
pub(super) fn empty(accumulator: &Accumulator) -> Vec<&'static str> {
    let word = |&cell: &&str| match (accumulator.kind, cell) {
        (Accumulate::First, "tick") => "NEVER",
        (_, "value") => "NOTHING",
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
