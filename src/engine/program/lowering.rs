//! The plan's expressions taken into the graph of its program.

use crate::engine::value::Value;
use crate::hash::HashMap;
use crate::model::graph::{Graph, Node, NodeId, Stage, Symbol};
use crate::plan::Plan;

use super::rewrite::{rebuild, varies};

/// The graph that is built, and the individual values that later stages read of it.
#[derive(Default)]
pub(super) struct ColumnBuilder {
    pub(super) graph: Graph,
    /// By column.
    pub(super) individual: Vec<NodeId>,
    /// The column of each.
    pub(super) columns: HashMap<NodeId, usize>,
}

impl ColumnBuilder {
    fn value(&mut self, id: NodeId) -> Value {
        match self.graph.as_constant(id) {
            Some(number) => Value::Constant(number),
            None => Value::Column(self.column(id)),
        }
    }

    fn column(&mut self, id: NodeId) -> usize {
        *self.columns.entry(id).or_insert_with(|| {
            self.individual.push(id);
            self.individual.len() - 1
        })
    }

    /// Keeps what expressions over states read of a patient.
    pub(super) fn keep_leaves(&mut self, roots: &[NodeId]) {
        for id in self.graph.leaves(roots, |id| self.graph.stage(id) == Stage::Patient) {
            if self.graph.stage(id) == Stage::Patient {
                self.column(id);
            }
        }
    }
}

/// Takes the plan's expressions into the lowered graph.
pub(super) struct Lowering<'a> {
    plan: &'a Plan,
    /// The slot of a node that differs between patients.
    slots: HashMap<NodeId, u32>,
    /// Where each node of the plan's graph went.
    built: HashMap<NodeId, NodeId>,
}

impl<'a> Lowering<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        let varies = varies(&plan.graph, &plan.slots);
        let slots = plan.slots.iter().zip(0..).filter(|(id, _)| varies[id]).map(|(&id, i)| (id, i));
        Self { plan, slots: slots.collect(), built: HashMap::default() }
    }

    #[expect(clippy::panic, reason = "a plan that was not checked; nothing from outside leads here")]
    pub(super) fn nodes(&mut self, graph: &mut Graph, roots: &[NodeId]) -> Vec<NodeId> {
        rebuild(&self.plan.graph, roots, graph, &mut self.built, |target, id| {
            if let Some(&slot) = self.slots.get(&id) {
                return Some(target.symbol(Symbol::Covariate(slot)));
            }
            match self.plan.graph.node(id) {
                Node::Symbol(Symbol::Parameter(i)) => Some(target.constant(self.plan.parameters[i as usize])),
                Node::Symbol(symbol @ (Symbol::Covariate(_) | Symbol::Effect(_))) => {
                    panic!("{symbol:?} is used while integrating, but is in no slot")
                }
                _ => None,
            }
        })
    }

    pub(super) fn value(&mut self, columns: &mut ColumnBuilder, id: NodeId) -> Value {
        let nodes = self.nodes(&mut columns.graph, &[id]);
        columns.value(nodes[0])
    }

    /// The names that the plan gives to what was taken.
    pub(super) fn names(&self) -> Vec<(NodeId, String)> {
        let taken =
            self.plan.names.iter().filter_map(|(id, name)| Some((*self.built.get(id)?, name.clone())));
        taken.collect()
    }
}
