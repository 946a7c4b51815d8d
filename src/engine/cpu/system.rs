//! A plan, compiled for the lanes.

use std::collections::HashMap;

use crate::cohort::Ticks;
use crate::engine::lowered::Lowered;
use crate::engine::schedule::Doses;
use crate::engine::value::Value;
use crate::model::graph::{Node, NodeId, Symbol};
use crate::plan::{GridPoint, Plan};

use super::columns::{Columns, constants};
use super::compile::{Places, compile};
use super::observer::Observer;
use super::program::{Block, Register};
use super::real::Real;
use super::trial::Rules;
use super::tsit5::{Layout, Method};

/// Everything that the integration of a plan needs.
#[derive(Debug)]
pub(crate) struct System<T> {
    /// From the plan's slots to the columns that everything else reads.
    pub(crate) prelude: Columns,
    pub(crate) method: Method,
    /// The columns that [`Layout::columns`] holds, in order.
    pub(crate) columns: Vec<usize>,
    /// Registers as the integration starts: constants in place.
    pub(crate) registers: Vec<Block<T>>,
    pub(crate) initial: Vec<Value>,
    /// States that are infused, in the order of [`Layout::rates`].
    pub(crate) infused: Vec<usize>,
    pub(crate) doses: Doses,
    pub(crate) observer: Observer,
    pub(crate) rules: Rules,
    pub(crate) grid: Vec<GridPoint>,
    pub(crate) end: Ticks,
    pub(crate) time_per_tick: f64,
    pub(crate) max_steps: u32,
}

impl<T: Real> System<T> {
    /// Compiles a plan.
    ///
    /// # Panics
    /// If an expression over states uses a covariate or random effect other than through a slot,
    /// which no checked plan does.
    pub(crate) fn new(plan: &Plan) -> Self {
        let lowered = Lowered::new(plan);
        let observer = Observer::new(plan, &lowered);
        let (method, columns, registers) = method(plan, &lowered);
        Self {
            prelude: lowered.prelude,
            method,
            columns,
            registers,
            initial: lowered.initial,
            infused: lowered.infused,
            doses: lowered.doses,
            observer,
            rules: Rules::new(plan),
            grid: plan.grid.clone(),
            end: plan.end(),
            time_per_tick: plan.time_per_tick,
            max_steps: plan.max_steps,
        }
    }
}

/// Lays out the registers of the integration and compiles the derivatives of every stage.
fn method<T: Real>(plan: &Plan, lowered: &Lowered) -> (Method, Vec<usize>, Vec<Block<T>>) {
    let Lowered { graph, derivatives, .. } = lowered;
    let leaves = lowered.leaves(derivatives);
    let individual: Vec<(NodeId, usize)> =
        leaves.iter().filter_map(|&id| Some((id, lowered.column(id)?))).collect();
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
        rates: reserve(lowered.infused.len()),
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
    let mut registers = vec![Block::splat(T::of(0.0)); usize::from(size)];
    for &(_, register, value) in &constants {
        registers[usize::from(register)] = Block::splat(T::of(value));
    }
    let method = Method {
        read: read.collect(),
        layout,
        programs,
        atol: plan.states.iter().map(|state| state.atol).collect(),
        rtol: plan.rtol.max(T::LEAST_RTOL),
    };
    (method, individual.into_iter().map(|(_, column)| column).collect(), registers)
}
