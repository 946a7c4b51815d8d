//! A plan, compiled for the lanes.

use std::collections::{BTreeSet, HashMap};

use crate::cohort::Ticks;
use crate::model::graph::{Binary, Graph, Node, NodeId, Stage, Symbol};
use crate::plan::{GridPoint, Input, Plan};

use super::columns::{Columns, constants};
use super::compile::{Places, compile, leaves};
use super::lower::{rebuild, varies};
use super::program::{Block, Register};
use super::schedule::{Entering, Entry};
use super::tsit5::{Layout, Method};
use super::value::Value;
use super::visit::Observer;

/// Everything that the integration of a plan needs.
#[derive(Debug)]
pub(crate) struct System {
    /// From the plan's slots to the columns that everything else reads.
    pub(crate) prelude: Columns,
    pub(crate) method: Method,
    /// The columns that [`Layout::columns`] holds, in order.
    pub(crate) columns: Vec<usize>,
    /// Registers as the integration starts: constants in place.
    pub(crate) registers: Vec<Block>,
    pub(crate) initial: Vec<Value>,
    /// States that are infused, in the order of [`Layout::rates`].
    pub(crate) infused: Vec<usize>,
    pub(crate) entries: Vec<Entry>,
    /// `[arm][dose]`
    pub(crate) doses: Vec<Vec<(Ticks, Value)>>,
    pub(crate) observer: Observer,
    pub(crate) grid: Vec<GridPoint>,
    pub(crate) end: Ticks,
    pub(crate) time_per_tick: f64,
    pub(crate) max_steps: u32,
}

/// Individual values that later stages read, in the graph that the engine works on.
///
/// In that graph fixed effects are numbers, `Symbol::Covariate(i)` is the plan's slot i, and states
/// after the plan's are rates of infusion.
struct Shelf {
    graph: Graph,
    columns: Vec<NodeId>,
    positions: HashMap<NodeId, usize>,
}

impl Shelf {
    fn value(&mut self, id: NodeId) -> Value {
        match self.graph.as_constant(id) {
            Some(number) => Value::Constant(number),
            None => Value::Column(self.column(id)),
        }
    }

    fn column(&mut self, id: NodeId) -> usize {
        *self.positions.entry(id).or_insert_with(|| {
            self.columns.push(id);
            self.columns.len() - 1
        })
    }

    /// The leaves of expressions over states and time.
    fn leaves(&self, roots: &[NodeId]) -> Vec<NodeId> {
        leaves(&self.graph, roots, |id| self.graph.stage(id) == Stage::Patient)
    }

    /// The leaves known once per patient, each with its column.
    fn individual(&mut self, leaves: &[NodeId]) -> Vec<(NodeId, usize)> {
        let individual = leaves.iter().filter(|&&id| self.graph.stage(id) == Stage::Patient);
        let individual: Vec<NodeId> = individual.copied().collect();
        individual.into_iter().map(|id| (id, self.column(id))).collect()
    }
}

impl System {
    /// Compiles a plan.
    ///
    /// # Panics
    /// If an expression over states uses a covariate or random effect other than through a slot,
    /// which no checked plan does.
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut shelf = Shelf { graph: Graph::default(), columns: Vec::new(), positions: HashMap::new() };
        let mut take = Lowering::new(plan);

        let infused: Vec<usize> = plan
            .routes
            .iter()
            .filter(|route| !matches!(route.input, Input::Bolus))
            .map(|route| route.state)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let mut derivatives: Vec<NodeId> = plan.states.iter().map(|state| state.derivative).collect();
        derivatives = take.nodes(&mut shelf.graph, &derivatives);
        for (i, &state) in infused.iter().enumerate() {
            let rate = shelf.graph.symbol(Symbol::State((plan.states.len() + i) as u32));
            derivatives[state] = shelf.graph.binary(Binary::Add, derivatives[state], rate);
        }
        let observed = take.nodes(&mut shelf.graph, &plan.observed);

        let initial = plan.states.iter().map(|state| take.value(&mut shelf, state.initial)).collect();
        let doses = plan.arms.iter().map(|arm| {
            arm.doses.iter().map(|dose| (dose.tick, take.value(&mut shelf, dose.amount))).collect()
        });
        let doses = doses.collect();
        let entries = plan.routes.iter().map(|route| Entry {
            state: route.state,
            infused: infused.iter().position(|&state| state == route.state).unwrap_or(0),
            factor: take.value(&mut shelf, route.factor),
            lag: take.value(&mut shelf, route.lag),
            input: match route.input {
                Input::Bolus => Entering::Bolus,
                Input::Over(duration) => Entering::Over(take.value(&mut shelf, duration)),
                Input::AtRate(rate) => Entering::AtRate(take.value(&mut shelf, rate)),
            },
        });
        let entries = entries.collect();

        let observed_leaves = shelf.leaves(&observed);
        shelf.individual(&observed_leaves);
        let observer = Observer::new(plan, &shelf.graph, &observed, &observed_leaves, |id| {
            shelf.positions.get(&id).copied()
        });
        let (method, columns, registers) = method(plan, &mut shelf, &derivatives, infused.len());
        let slots: Vec<NodeId> =
            (0..plan.slots.len() as u32).map(|i| shelf.graph.symbol(Symbol::Covariate(i))).collect();
        Self {
            prelude: Columns::new(&shelf.graph, &slots, &shelf.columns),
            method,
            columns,
            registers,
            initial,
            infused,
            entries,
            doses,
            observer,
            grid: plan.grid.clone(),
            end: plan.grid.last().map_or(0, |point| point.tick),
            time_per_tick: plan.time_per_tick,
            max_steps: plan.max_steps,
        }
    }
}

/// Takes the plan's expressions into the engine's graph.
struct Lowering<'a> {
    plan: &'a Plan,
    /// The slot of a node that differs between patients.
    slots: HashMap<NodeId, u32>,
}

impl<'a> Lowering<'a> {
    fn new(plan: &'a Plan) -> Self {
        let varies = varies(&plan.graph, &plan.slots);
        let slots = plan.slots.iter().zip(0..).filter(|(id, _)| varies[id]).map(|(&id, i)| (id, i));
        Self { plan, slots: slots.collect() }
    }

    #[expect(clippy::panic, reason = "a plan that was not checked; nothing from outside leads here")]
    fn nodes(&mut self, graph: &mut Graph, roots: &[NodeId]) -> Vec<NodeId> {
        rebuild(&self.plan.graph, roots, graph, |target, id| {
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

    fn value(&mut self, shelf: &mut Shelf, id: NodeId) -> Value {
        let nodes = self.nodes(&mut shelf.graph, &[id]);
        shelf.value(nodes[0])
    }
}

/// Lays out the registers of the integration and compiles the derivatives of every stage.
fn method(
    plan: &Plan,
    shelf: &mut Shelf,
    derivatives: &[NodeId],
    infused: usize,
) -> (Method, Vec<usize>, Vec<Block>) {
    let leaves = shelf.leaves(derivatives);
    let individual = shelf.individual(&leaves);
    let graph = &shelf.graph;
    let n = plan.states.len() as Register;
    let constants = constants(graph, &leaves, individual.len() as Register);
    let mut next = 0;
    let mut reserve = |count: usize| {
        let first = next;
        next += count as Register;
        first
    };
    let columns = reserve(individual.len());
    reserve(constants.len());
    let layout = Layout {
        states: n,
        columns,
        rates: reserve(infused),
        time: reserve(1),
        state: [(); 2].map(|()| reserve(plan.states.len())),
        first: [(); 2].map(|()| reserve(plan.states.len())),
        middle: [(); 5].map(|()| reserve(plan.states.len())),
    };
    let scratch = next;

    let mut fixed: HashMap<NodeId, Register> = constants.iter().map(|&(id, r, _)| (id, r)).collect();
    fixed.extend(individual.iter().map(|&(id, _)| id).zip(columns..));
    let programs = [0, 1].map(|side| {
        let mut known = fixed.clone();
        for &id in &leaves {
            match graph.node(id) {
                Node::Symbol(Symbol::Time) => known.insert(id, layout.time),
                Node::Symbol(Symbol::State(i)) if (i as Register) < n => {
                    known.insert(id, layout.state[1 - side] + i as Register)
                }
                Node::Symbol(Symbol::State(i)) => known.insert(id, layout.rates + i as Register - n),
                _ => None,
            };
        }
        let stages = &layout.derivatives(side)[1..];
        let compiled = stages.iter().map(|&first| {
            let outputs: Vec<Register> = (first..first + n).collect();
            compile(graph, derivatives, &Places { known: &known, outputs: &outputs, scratch })
        });
        compiled.collect::<Vec<_>>()
    });
    let read = leaves.iter().filter_map(|&id| match graph.node(id) {
        Node::Symbol(Symbol::State(i)) if (i as Register) < n => Some(i as Register),
        _ => None,
    });

    let size = programs.iter().flatten().map(|program| program.end).max().unwrap_or(scratch);
    let mut registers = vec![Block::splat(0.0); usize::from(size)];
    for &(_, register, value) in &constants {
        registers[usize::from(register)] = Block::splat(value);
    }
    let method = Method {
        read: read.collect(),
        layout,
        programs,
        atol: plan.states.iter().map(|state| state.atol).collect(),
        rtol: plan.rtol,
    };
    (method, individual.into_iter().map(|(_, column)| column).collect(), registers)
}
