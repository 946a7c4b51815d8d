//! In which order the visit program evaluates its expressions.

use crate::cohort::ReadOn;
use crate::model::graph::{NodeId, Symbol};
use crate::plan::Plan;

/// The observed expressions by what they wait for. One that a plan makes wait for itself is in the last
/// level, and reads what was kept at the visit before.
pub(super) fn levels(plan: &Plan) -> Vec<Vec<usize>> {
    let read = |&root: &NodeId| -> Vec<usize> {
        let symbols = plan.graph.reachable(&[root]).into_iter().filter_map(|id| plan.graph.as_symbol(id));
        let accumulators = symbols.filter_map(|symbol| match symbol {
            Symbol::Accumulated(i) => plan.accumulators.get(i as usize),
            _ => None,
        });
        accumulators.map(|accumulator| accumulator.of).collect()
    };
    let waits_for: Vec<Vec<usize>> = plan.observed.iter().map(read).collect();
    let mut level = vec![0; plan.observed.len()];
    for _ in 0..plan.observed.len() {
        for (position, others) in waits_for.iter().enumerate() {
            let least = others.iter().map(|&other| level[other] + 1).max().unwrap_or(0);
            level[position] = least.min(plan.observed.len());
        }
    }
    let mut levels = vec![Vec::new(); level.iter().max().map_or(1, |last| last + 1)];
    level.into_iter().enumerate().for_each(|(position, level): (usize, usize)| levels[level].push(position));
    levels.iter_mut().for_each(|level| level.retain(|&position| is_seen(plan, position)));
    levels.retain(|level| !level.is_empty());
    levels
}

/// Whether an observed expression is of use at visits: not if it is only followed between them.
fn is_seen(plan: &Plan, position: usize) -> bool {
    let mut readers = plan.accumulators.iter().filter(|accumulator| accumulator.of == position).peekable();
    let is_followed = readers.peek().is_some() && readers.all(|reader| reader.on == ReadOn::Continuous);
    let is_checked = || plan.checks.iter().any(|check| check.of.contains(&position));
    !is_followed || is_checked() || plan.trajectories.contains(&position) || plan.protocol.reads(position)
}
