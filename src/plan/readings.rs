//! What is read at observation times, and what is kept of it.

use crate::cohort::{ReadOn, Ticks};
use crate::model::graph::{Binary, Graph, NodeId, OfDrugs, Symbol};

use super::{Accumulator, AccumulatorId, AccumulatorKind, ObservedId, position_or_push};

/// When an accumulator is read: see [`Accumulator`].
#[derive(Clone, Copy)]
pub(super) struct When {
    pub(super) window: [Ticks; 2],
    pub(super) on: ReadOn,
    pub(super) since_dose: Option<OfDrugs>,
    pub(super) ends: bool,
    pub(super) on_study: bool,
}

/// Upper bound of the time of any event: one that never occurs is at 1e30 days, see [`Symbol::Accumulated`].
const EVER_DAYS: f64 = 1e29;

/// The expressions and accumulators of the visit program, collected as expressions are read. What an
/// accumulator's expression reads of other accumulators is there before it.
#[derive(Debug, Default)]
pub(super) struct Readings {
    /// See [`Plan::observed`](super::Plan::observed).
    pub(super) observed: Vec<NodeId>,
    /// Of each of them, what it is called by, if that has a name, and where the cohort file asks for it.
    called: Vec<(NodeId, String)>,
    /// See [`Plan::accumulators`](super::Plan::accumulators).
    pub(super) accumulators: Vec<Accumulator>,
    /// What is being read, as the key of the cohort file.
    pub(super) subject: String,
}

impl Readings {
    /// Has an expression read at observation times.
    pub(super) fn observe(&mut self, node: NodeId) -> ObservedId {
        self.add(node, node, self.subject.clone())
    }

    /// Observes what another observed expression needs, called by `of`.
    pub(super) fn observe_for(&mut self, node: NodeId, of: NodeId, subject: ObservedId) -> ObservedId {
        self.add(node, of, self.called[subject.index()].1.clone())
    }

    fn add(&mut self, node: NodeId, of: NodeId, subject: String) -> ObservedId {
        let position = position_or_push(&mut self.observed, node);
        if position == self.called.len() {
            self.called.push((of, subject));
        }
        ObservedId::new(position)
    }

    /// What each observed expression is called: its name, else where the cohort file asks for it.
    pub(super) fn labels(&self, name: impl Fn(NodeId) -> Option<String>) -> Vec<String> {
        self.called.iter().map(|(of, subject)| name(*of).unwrap_or_else(|| subject.clone())).collect()
    }

    /// Has something kept of an expression.
    pub(super) fn keep(&mut self, kind: AccumulatorKind, of: NodeId, when: When) -> AccumulatorId {
        let of = self.observe(of);
        let When { window, on, since_dose, ends, on_study } = when;
        let accumulator = Accumulator { kind, of, window, on, since_dose, ends, on_study };
        AccumulatorId::new(position_or_push(&mut self.accumulators, accumulator))
    }

    /// What accumulators follow between visits, in their order.
    pub(super) fn followed(&self) -> Vec<NodeId> {
        let followers = self.accumulators.iter().filter(|accumulator| accumulator.on == ReadOn::Continuous);
        followers.map(|accumulator| self.observed[accumulator.of.index()]).collect()
    }

    /// Has these expressions followed in place of [`Readings::followed`].
    pub(super) fn follow(&mut self, nodes: &[NodeId]) {
        let is_followed = |&i: &usize| self.accumulators[i].on == ReadOn::Continuous;
        let followers: Vec<usize> = (0..self.accumulators.len()).filter(is_followed).collect();
        for (follower, &node) in followers.into_iter().zip(nodes) {
            let (of, subject) = self.called[self.accumulators[follower].of.index()].clone();
            self.accumulators[follower].of = self.add(node, of, subject);
        }
    }
}

/// What an accumulator has come to.
pub(super) fn accumulated(graph: &mut Graph, accumulator: AccumulatorId) -> NodeId {
    graph.symbol(Symbol::Accumulated(accumulator.index() as u32))
}

/// Whether the first time that an accumulator keeps has come.
pub(super) fn has_come(graph: &mut Graph, first: AccumulatorId) -> NodeId {
    let (day, ever) = (accumulated(graph, first), graph.constant(EVER_DAYS));
    graph.binary(Binary::Less, day, ever)
}

/// Whether any of some conditions holds; `None` if there is none.
pub(super) fn any(graph: &mut Graph, conditions: impl IntoIterator<Item = NodeId>) -> Option<NodeId> {
    conditions.into_iter().reduce(|a, b| graph.binary(Binary::Or, a, b))
}
