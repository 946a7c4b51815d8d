//! What is read at grid points, and what is kept of it.

use crate::cohort::{ReadOn, Ticks};
use crate::model::graph::{Binary, Graph, NodeId, Symbol};

use super::{Accumulate, Accumulator, position_or_push};

/// Days before which everything comes that comes at all: what never came is at 1e30, see
/// [`Symbol::Accumulated`].
const EVER_DAYS: f64 = 1e29;

/// The expressions and accumulators of the visit program, collected as expressions are read. What an
/// accumulator's expression reads of other accumulators is there before it.
#[derive(Debug, Default)]
pub(super) struct Readings {
    /// See [`Plan::observed`](super::Plan::observed).
    pub(super) observed: Vec<NodeId>,
    /// See [`Plan::accumulators`](super::Plan::accumulators).
    pub(super) accumulators: Vec<Accumulator>,
}

impl Readings {
    /// Position of an expression among those read at grid points.
    pub(super) fn observe(&mut self, node: NodeId) -> usize {
        position_or_push(&mut self.observed, node)
    }

    /// Position of an accumulator among those kept.
    pub(super) fn keep(
        &mut self,
        kind: Accumulate,
        of: NodeId,
        window: [Ticks; 2],
        on: ReadOn,
        since_dose: bool,
    ) -> usize {
        let of = self.observe(of);
        position_or_push(&mut self.accumulators, Accumulator { kind, of, window, on, since_dose })
    }

    /// What accumulators follow between visits, in their order.
    pub(super) fn followed(&self) -> Vec<NodeId> {
        let followers = self.accumulators.iter().filter(|accumulator| accumulator.on == ReadOn::Continuous);
        followers.map(|accumulator| self.observed[accumulator.of]).collect()
    }

    /// Has these expressions followed in place of [`Readings::followed`].
    pub(super) fn follow(&mut self, nodes: &[NodeId]) {
        let followers =
            self.accumulators.iter_mut().filter(|accumulator| accumulator.on == ReadOn::Continuous);
        for (accumulator, &node) in followers.zip(nodes) {
            accumulator.of = position_or_push(&mut self.observed, node);
        }
    }
}

/// What an accumulator has come to.
pub(super) fn accumulated(graph: &mut Graph, accumulator: usize) -> NodeId {
    graph.symbol(Symbol::Accumulated(accumulator as u32))
}

/// Whether the first time that an accumulator keeps has come.
pub(super) fn has_come(graph: &mut Graph, first: usize) -> NodeId {
    let (day, ever) = (accumulated(graph, first), graph.constant(EVER_DAYS));
    graph.binary(Binary::Less, day, ever)
}

/// Whether any of some conditions holds; `None` if there is none.
pub(super) fn any(graph: &mut Graph, conditions: impl IntoIterator<Item = NodeId>) -> Option<NodeId> {
    conditions.into_iter().reduce(|a, b| graph.binary(Binary::Or, a, b))
}
