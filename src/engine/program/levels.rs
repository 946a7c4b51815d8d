//! In which order the visit program evaluates its expressions.

use crate::cohort::ReadOn;
use crate::model::graph::{NodeId, Symbol};
use crate::plan::{ObservedId, Plan};

/// The observed expressions by what they wait for. One that a plan makes wait for itself is in the last
/// level, and reads what was kept at the visit before.
pub(super) fn levels(plan: &Plan) -> Vec<Vec<ObservedId>> {
    let read = |&root: &NodeId| -> Vec<ObservedId> {
        let symbols = plan.graph.reachable(&[root]).into_iter().filter_map(|id| plan.graph.as_symbol(id));
        let accumulators = symbols.filter_map(|symbol| match symbol {
            Symbol::Accumulated(i) => plan.accumulators.get(i as usize),
            _ => None,
        });
        accumulators.map(|accumulator| accumulator.of).collect()
    };
    let waits_for: Vec<Vec<ObservedId>> = plan.observed.iter().map(read).collect();
    let mut level = vec![0; plan.observed.len()];
    for _ in 0..plan.observed.len() {
        for (position, others) in waits_for.iter().enumerate() {
            let least = others.iter().map(|&other| level[other.index()] + 1).max().unwrap_or(0);
            level[position] = least.min(plan.observed.len());
        }
    }
    let mut levels = vec![Vec::new(); level.iter().max().map_or(1, |last| last + 1)];
    let observed = (0..level.len()).map(ObservedId::new);
    observed.zip(level).for_each(|(observed, level): (_, usize)| levels[level].push(observed));
    levels.iter_mut().for_each(|level| level.retain(|&observed| is_seen(plan, observed)));
    levels.retain(|level| !level.is_empty());
    levels
}

/// Whether an observed expression is of use at visits: not if it is only followed between them.
fn is_seen(plan: &Plan, observed: ObservedId) -> bool {
    let mut readers = plan.accumulators.iter().filter(|accumulator| accumulator.of == observed).peekable();
    let is_followed = readers.peek().is_some() && readers.all(|reader| reader.on == ReadOn::Continuous);
    let is_checked = || plan.checks.iter().any(|check| check.of.contains(&observed));
    !is_followed || is_checked() || plan.trajectories.contains(&observed) || plan.protocol.reads(observed)
}
