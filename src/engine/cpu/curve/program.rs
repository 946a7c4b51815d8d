//! What is followed between visits, compiled.

use crate::accumulator::{Row, Rows};
use crate::cohort::Ticks;
use crate::engine::program::Lowered;
use crate::model::graph::{NodeId, Symbol};
use crate::plan::{AccumulatorId, AccumulatorKind, ObservedId, Plan, position_or_push};

use super::super::columns::constants;
use super::super::compile::{Places, compile};
use super::super::observation::{Leaves, Registers, of, symbols};
use super::super::program::Register;
use super::super::routine::Routine;
use super::super::work::of_program;
use super::search::POINTS;
use crate::isa::Isa;

/// The curves of a plan and what is kept of each. Registers: states, columns, times, outputs, constants, scratch.
#[derive(Debug)]
pub(crate) struct Curves {
    /// States that are read.
    pub(super) states: Vec<usize>,
    /// Columns that are read, and the register of the first.
    pub(super) columns: Vec<usize>,
    pub(super) first_column: usize,
    /// The register of the model time, and that of the time in the middle of the segment.
    pub(super) time: usize,
    pub(super) middle: usize,
    pub(super) constants: Vec<(NodeId, Register, f64)>,
    pub(super) routine: Routine,
    /// Register of each curve.
    pub(super) outputs: Vec<usize>,
    pub(super) followers: Vec<Follower>,
    /// First and last tick of each window.
    pub(super) windows: Vec<[Ticks; 2]>,
    pub(super) time_per_tick: f64,
}

/// What is kept of a curve.
#[derive(Debug, Clone, Copy)]
pub(super) struct Follower {
    pub(super) kind: AccumulatorKind,
    pub(super) rows: &'static Rows,
    pub(super) search: Search,
    /// Position among the curves.
    pub(super) curve: usize,
    /// Position among the windows.
    pub(super) window: usize,
    pub(super) accumulator: AccumulatorId,
    /// What that is of.
    pub(super) of: ObservedId,
}

/// What is looked for along a curve.
#[derive(Debug, Clone, Copy)]
pub(super) enum Search {
    /// Its largest value, times this sign.
    Extreme(f64),
    /// The parts in which it is above 0, and those in which it is not.
    Parts {
        /// Whether it counts on which side it is where the window begins.
        from_start: bool,
    },
}

/// The work of a value of a curve besides its own: whether it is the least, the largest, finite, and how the curve bends.
const VALUE: f64 = 8.0;

impl Curves {
    /// The work of looking at the curves along a step, in products with their sums, where so many states at a time within
    /// it are so much.
    pub(crate) fn work(&self, within: impl Fn(usize) -> f64) -> f64 {
        if self.outputs.is_empty() {
            return 0.0;
        }
        let values = of_program(&self.routine.program) + self.outputs.len() as f64 * VALUE;
        // At either end the states are there.
        (POINTS - 2) as f64 * within(self.states.len()) + POINTS as f64 * values
    }

    /// Compiles what a plan follows; `machine` is what machine code may be for, if there may be any.
    pub(crate) fn new(plan: &Plan, lowered: &Lowered, machine: Option<Isa>) -> Self {
        let roots = &lowered.curves;
        let leaves = lowered.leaves(roots);
        let states =
            symbols(lowered, &leaves, |s| if let Symbol::State(i) = s { Some(i as usize) } else { None });
        let clock = symbols(lowered, &leaves, |s| (s == Symbol::Time).then_some(()));
        let middles = symbols(lowered, &leaves, |s| (s == Symbol::SegmentTime).then_some(()));
        let columns: Leaves<usize> =
            leaves.iter().filter_map(|&id| Some((id, lowered.column(id)?))).collect();
        let mut registers = Registers::default();
        registers.place(&states);
        let first_column = registers.place(&columns).into();
        let time = registers.end;
        registers.known.extend(clock.iter().map(|&(id, ())| (id, time)));
        let middle = time + 1;
        registers.known.extend(middles.iter().map(|&(id, ())| (id, middle)));
        let first_output = middle + 1;
        let first_constant = first_output + roots.len() as Register;
        let constants = constants(&lowered.graph, &leaves, first_constant);
        registers.known.extend(constants.iter().map(|&(id, register, _)| (id, register)));
        let outputs: Vec<Register> = (first_output..first_constant).collect();
        let scratch = first_constant + constants.len() as Register;
        let places = Places { known: &registers.known, outputs: &outputs, scratch };
        let program = compile(&lowered.graph, roots, &places);
        let routine = Routine::new(program, machine, first_output, roots.len());
        let mut windows = Vec::new();
        let followers = lowered.followers.iter().filter_map(|follower| {
            let accumulator = &plan.accumulators[follower.accumulator.index()];
            let on_curve = &accumulator.kind.description().on_curve;
            let rows = on_curve.rows()?;
            let parts = Search::Parts { from_start: rows.position(Row::Last).is_some() };
            let window = position_or_push(&mut windows, accumulator.window);
            Some(Follower {
                kind: accumulator.kind,
                rows,
                search: on_curve.sign().map_or(parts, Search::Extreme),
                curve: follower.curve,
                window,
                accumulator: follower.accumulator,
                of: accumulator.of,
            })
        });
        Self {
            followers: followers.collect(),
            windows,
            states: of(states),
            columns: of(columns),
            first_column,
            time: time.into(),
            middle: middle.into(),
            constants,
            routine,
            outputs: outputs.into_iter().map(usize::from).collect(),
            time_per_tick: plan.time_per_tick,
        }
    }
}
