//! What is read of the patients while they are integrated.
//!
//! Reads of many patients wait until a block of them is full; then the observed expressions are
//! evaluated for all of them, and each value goes to its patient's accumulators. Reads of one
//! patient keep their order.

use std::collections::HashMap;

use crate::cohort::{ReadOn, Ticks};
use crate::engine::lowered::Lowered;
use crate::model::graph::{Node, NodeId, Symbol};
use crate::plan::{Accumulate, Accumulator, GridPoint, Plan};

use super::columns::{Evaluate, constants};
use super::compile::{Places, Program, compile};
use super::dispatch::Level;
use super::program::{Block, LANES, Register};
use super::real::Real;

/// The visit program, compiled. Registers: states, columns, residuals, time, outputs, constants,
/// scratch.
#[derive(Debug)]
pub(crate) struct Observer {
    program: Program,
    constants: Vec<(NodeId, Register, f64)>,
    /// States that are read.
    pub(crate) states: Vec<usize>,
    /// Columns that are read.
    columns: Vec<usize>,
    /// Residual lines that are read.
    residuals: Vec<usize>,
    outputs: Register,
    accumulators: Vec<Accumulator>,
    time_per_tick: f64,
    /// Observed expressions that time courses hold.
    trajectories: Vec<usize>,
    /// For each grid point its position in time courses.
    points: Vec<Option<usize>>,
}

impl Observer {
    /// Compiles the visit program.
    pub(crate) fn new(plan: &Plan, lowered: &Lowered) -> Self {
        let Lowered { graph, observed, .. } = lowered;
        let leaves = lowered.leaves(observed);
        let symbols = |wanted: fn(Symbol) -> Option<u32>| -> Vec<(NodeId, usize)> {
            leaves
                .iter()
                .filter_map(|&id| match graph.node(id) {
                    Node::Symbol(symbol) => Some((id, wanted(symbol)? as usize)),
                    _ => None,
                })
                .collect()
        };
        let states = symbols(|s| if let Symbol::State(i) = s { Some(i) } else { None });
        let residuals = symbols(|s| if let Symbol::Residual(i) = s { Some(i) } else { None });
        let clock = symbols(|s| (s == Symbol::Time).then_some(0));
        let columns: Vec<(NodeId, usize)> =
            leaves.iter().filter_map(|&id| Some((id, lowered.column(id)?))).collect();

        let mut known: HashMap<NodeId, Register> =
            states.iter().chain(&columns).chain(&residuals).map(|&(id, _)| id).zip(0..).collect();
        let time = known.len() as Register;
        known.extend(clock.iter().map(|&(id, _)| (id, time)));
        let outputs = time + 1;
        let first_constant = outputs + observed.len() as Register;
        let constants = constants(graph, &leaves, first_constant);
        known.extend(constants.iter().map(|&(id, register, _)| (id, register)));
        let places = Places {
            known: &known,
            outputs: &(outputs..first_constant).collect::<Vec<_>>(),
            scratch: first_constant + constants.len() as Register,
        };
        let numbers = |list: Vec<(NodeId, usize)>| list.into_iter().map(|(_, i)| i).collect();
        let mut count = 0;
        let points = plan.grid.iter().map(|point| {
            count += usize::from(point.trajectory);
            point.trajectory.then(|| count - 1)
        });
        Self {
            program: compile(graph, observed, &places),
            states: numbers(states),
            columns: numbers(columns),
            residuals: numbers(residuals),
            outputs,
            accumulators: plan.accumulators.clone(),
            time_per_tick: plan.time_per_tick,
            trajectories: plan.trajectories.clone(),
            points: points.collect(),
            constants,
        }
    }

    /// Values of one time course: points times observables.
    pub(crate) fn course(&self) -> usize {
        self.points.iter().flatten().count() * self.trajectories.len()
    }
}

/// When and why something is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Read {
    /// Of whom: item of the part.
    pub(crate) item: usize,
    pub(crate) tick: Ticks,
    /// The grid point, if it is at one.
    pub(crate) point: Option<(usize, GridPoint)>,
    /// Whether it is at a landing: for what is read continuously.
    pub(crate) landing: bool,
}

impl Read {
    fn visit(&self) -> bool {
        self.point.is_some_and(|(_, point)| point.visit)
    }

    fn concerns(&self, accumulator: &Accumulator) -> bool {
        let [first, last] = accumulator.window;
        match accumulator.kind {
            Accumulate::At => self.tick == first && self.point.is_some(),
            Accumulate::Min | Accumulate::Max | Accumulate::TimeOfMin | Accumulate::TimeOfMax => {
                let between = self.landing && accumulator.on == ReadOn::Continuous;
                (first..=last).contains(&self.tick) && (self.visit() || between)
            }
            Accumulate::Area | Accumulate::Held | Accumulate::Longest | Accumulate::First => {
                (first..=last).contains(&self.tick) && self.visit()
            }
        }
    }
}

/// One accumulator of one item. Values are those of the lanes, and sums are rounded as theirs; times
/// come from ticks and are exact.
#[derive(Debug, Clone, Copy)]
struct Cell {
    /// What it has come to.
    value: f64,
    /// The value read last, or the extreme whose time is kept.
    last: f64,
    /// Model time of the last read.
    at: f64,
    /// Length of the present run.
    run: f64,
    /// Whether anything was read.
    any: bool,
}

impl Cell {
    fn new(kind: Accumulate) -> Self {
        let sum = matches!(kind, Accumulate::Area | Accumulate::Held | Accumulate::Longest);
        let value = if sum { 0.0 } else { f64::NAN };
        Self { value, last: f64::NAN, at: f64::NAN, run: 0.0, any: false }
    }

    /// Takes a value read at a model time. Extremes of something that was ever not a number are
    /// not a number.
    fn take<T: Real>(&mut self, kind: Accumulate, value: T, time: f64) {
        let value = value.wide();
        let first = !self.any;
        let since = if first { 0.0 } else { time - self.at };
        match kind {
            Accumulate::Min | Accumulate::TimeOfMin => self.extreme(kind, value, time, value < self.last),
            Accumulate::Max | Accumulate::TimeOfMax => self.extreme(kind, value, time, value > self.last),
            Accumulate::At => self.value = value,
            Accumulate::Area if first => self.last = value,
            Accumulate::Area => {
                self.value = T::of(self.value + 0.5 * since * (self.last + value)).wide();
                self.last = value;
            }
            Accumulate::Held => {
                self.value += if self.last != 0.0 { since } else { 0.0 };
                self.last = value;
            }
            Accumulate::Longest => {
                self.run = if self.last != 0.0 { self.run + since } else { 0.0 };
                self.value = self.value.max(self.run);
                self.last = value;
            }
            Accumulate::First => {
                if self.value.is_nan() && value != 0.0 {
                    self.value = time;
                }
            }
        }
        self.at = time;
        self.any = true;
    }

    fn extreme(&mut self, kind: Accumulate, value: f64, time: f64, beyond: bool) {
        if !self.any || beyond || value.is_nan() {
            let wants_time = matches!(kind, Accumulate::TimeOfMin | Accumulate::TimeOfMax);
            self.last = value;
            self.value = if wants_time && !value.is_nan() { time } else { value };
        }
    }
}

/// The reads and accumulators of a part's items.
pub(crate) struct Reads<'a, T> {
    observer: &'a Observer,
    level: Level,
    registers: Vec<Block<T>>,
    waiting: Vec<Read>,
    /// `[item][accumulator]`
    cells: Vec<Cell>,
    /// `[item][trajectory point][trajectory observable]` of the first items.
    courses: Vec<f64>,
}

impl<'a, T: Real> Reads<'a, T> {
    /// For `items` items, time courses kept for the first `courses` of them.
    pub(crate) fn new(observer: &'a Observer, level: Level, items: usize, courses: usize) -> Self {
        let mut registers = vec![Block::splat(T::of(0.0)); usize::from(observer.program.end)];
        for &(_, register, value) in &observer.constants {
            registers[usize::from(register)] = Block::splat(T::of(value));
        }
        let fresh: Vec<Cell> = observer.accumulators.iter().map(|a| Cell::new(a.kind)).collect();
        Self {
            observer,
            level,
            registers,
            waiting: Vec::with_capacity(LANES),
            cells: fresh.iter().cycle().take(items * fresh.len()).copied().collect(),
            courses: vec![f64::NAN; courses * observer.course()],
        }
    }

    /// Adds a read of `patient`: `state` gives the states at its time, in the order of
    /// [`Observer::states`]; `residuals` are the patient's scores at the grid point, or empty.
    pub(crate) fn add(
        &mut self,
        read: Read,
        states: impl Iterator<Item = T>,
        columns: &[Vec<f64>],
        patient: usize,
        residuals: &[f64],
    ) {
        let lane = self.waiting.len();
        let columns = self.observer.columns.iter().map(|&c| T::of(columns[c][patient]));
        let residuals =
            self.observer.residuals.iter().map(|&r| T::of(residuals.get(r).copied().unwrap_or(0.0)));
        let time = T::of(f64::from(read.tick) * self.observer.time_per_tick);
        let values = states.chain(columns).chain(residuals).chain([time]);
        for (block, value) in self.registers.iter_mut().zip(values) {
            block.0[lane] = value;
        }
        self.waiting.push(read);
        if self.waiting.len() == LANES {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let program = &self.observer.program;
        self.level.run(Evaluate { program, registers: &mut self.registers });
        let outputs = &self.registers[usize::from(self.observer.outputs)..];
        let accumulators = &self.observer.accumulators;
        for (lane, read) in self.waiting.drain(..).enumerate() {
            let time = f64::from(read.tick) * self.observer.time_per_tick;
            let cells = &mut self.cells[read.item * accumulators.len()..];
            for (cell, accumulator) in cells.iter_mut().zip(accumulators) {
                if read.concerns(accumulator) {
                    cell.take(accumulator.kind, outputs[accumulator.of].0[lane], time);
                }
            }
            let position = read.point.and_then(|(index, _)| self.observer.points[index]);
            if let Some(position) = position {
                let start = read.item * self.observer.course() + position * self.observer.trajectories.len();
                if let Some(course) = self.courses.get_mut(start..) {
                    for (value, &of) in course.iter_mut().zip(&self.observer.trajectories) {
                        *value = outputs[of].0[lane].wide();
                    }
                }
            }
        }
    }

    /// `[item][accumulator]` and the time courses, after the last read.
    pub(crate) fn finish(mut self) -> (Vec<f64>, Vec<f64>) {
        self.flush();
        (self.cells.iter().map(|cell| cell.value).collect(), self.courses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an accumulator makes of `(time, value)` pairs.
    fn taken(kind: Accumulate, values: &[(f64, f64)]) -> f64 {
        let mut cell = Cell::new(kind);
        for &(time, value) in values {
            cell.take(kind, value, time);
        }
        cell.value
    }

    const VALUES: [(f64, f64); 6] = [(0.0, 3.0), (1.0, 0.0), (3.0, 5.0), (4.0, 5.0), (6.0, 0.0), (7.0, 1.0)];

    #[test]
    fn each_kind_by_hand() {
        let of = |kind| taken(kind, &VALUES);
        assert_eq!(of(Accumulate::Min), 0.0);
        assert_eq!(of(Accumulate::Max), 5.0);
        assert_eq!(of(Accumulate::TimeOfMin), 1.0);
        assert_eq!(of(Accumulate::TimeOfMax), 3.0);
        // 1.5 + 5 + 5 + 5 + 0.5
        assert_eq!(of(Accumulate::Area), 17.0);
        // 0 to 1, 3 to 4 and 4 to 6
        assert_eq!(of(Accumulate::Held), 4.0);
        assert_eq!(of(Accumulate::Longest), 3.0);
        assert_eq!(of(Accumulate::First), 0.0);
        assert_eq!(taken(Accumulate::First, &VALUES[1..]), 3.0);
    }

    #[test]
    fn nothing_read_and_not_a_number() {
        for kind in [Accumulate::Min, Accumulate::TimeOfMax, Accumulate::At, Accumulate::First] {
            assert!(taken(kind, &[]).is_nan());
        }
        for kind in [Accumulate::Area, Accumulate::Held, Accumulate::Longest] {
            assert_eq!(taken(kind, &[(2.0, 1.0)]), 0.0);
        }
        for kind in [Accumulate::Min, Accumulate::Max, Accumulate::TimeOfMin, Accumulate::TimeOfMax] {
            assert!(taken(kind, &[(0.0, 1.0), (1.0, f64::NAN), (2.0, 3.0), (3.0, -3.0)]).is_nan());
        }
    }
}
