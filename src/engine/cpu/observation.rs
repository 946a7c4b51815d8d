//! The visit program, compiled.

use crate::engine::program::Lowered;
use crate::hash::HashMap;
use crate::model::graph::{Node, NodeId, OfDrugs, Symbol, TreatmentVariable};
use crate::plan::{AccumulatorId, During, FinitenessCheck, ObservationTime, ObservedAt, ObservedId, Plan};

use super::accumulators::{AccumulatorLayout, Group};
use super::columns::constants;
use super::compile::{Places, compile};
use super::program::{LANES, Register, TILE};
use super::queue::Observation;
use super::routine::Routine;
use crate::isa::Isa;

/// The visit program. Registers: states, residuals, time, course, columns, accumulated, outputs,
/// constants, scratch.
#[derive(Debug)]
pub(crate) struct ObservationProgram {
    /// One after the other.
    pub(crate) steps: Vec<Step>,
    pub(crate) constants: Vec<(NodeId, Register, f64)>,
    /// Registers in all.
    pub(crate) registers: Register,
    /// States that are read.
    pub(crate) states: Vec<usize>,
    /// Columns that are read, and the register of the first.
    pub(crate) columns: Vec<usize>,
    pub(crate) first_column: usize,
    /// Residual lines that are read.
    pub(crate) residuals: Vec<usize>,
    /// What is read of the treatment.
    pub(crate) course_symbols: Vec<(TreatmentVariable, OfDrugs)>,
    /// Register of each observed expression.
    outputs: Vec<Register>,
    pub(crate) accumulators: AccumulatorLayout,
    /// Points of a time course.
    pub(crate) course_points: usize,
    /// Observed expressions that time courses hold.
    pub(crate) trajectories: Vec<ObservedId>,
    /// Whether time courses end when the patient leaves.
    pub(crate) trajectories_on_study: bool,
    /// For each observation time its position in time courses.
    points: Vec<Option<usize>>,
    /// What must be finite, and which of it at an observation time.
    pub(crate) watches: Vec<Watch>,
    pub(crate) watched_at: Vec<Vec<usize>>,
    /// The groups of accumulators that take a value at an observation time: of all, and of those who have left.
    at_points: [Vec<Vec<usize>>; 2],
}

/// Values that must be finite.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(crate) during: During,
    /// Whether it concerns only those whose time courses are kept.
    pub(crate) followed: bool,
    /// Registers, with the observed expressions.
    pub(crate) of: Vec<(Register, ObservedId)>,
}

impl Watch {
    fn new(check: &FinitenessCheck, outputs: &[Register]) -> Self {
        Self {
            during: check.when.during,
            followed: matches!(check.when.at, ObservedAt::Trajectories | ObservedAt::TrajectoriesAtVisits),
            of: check.of.iter().map(|&of| (outputs[of.index()], of)).collect(),
        }
    }
}

/// Expressions that are evaluated together.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) routine: Routine,
    /// Accumulators that it reads, and the register of each.
    pub(crate) reads: Vec<(AccumulatorId, Register)>,
}

/// Leaves of one kind: the nodes with what they stand for.
pub(super) type Leaves<S> = Vec<(NodeId, S)>;

impl ObservationProgram {
    /// Compiles the visit program; `machine` is what machine code may be for, if there may be any.
    pub(crate) fn new(plan: &Plan, lowered: &Lowered, machine: Option<Isa>) -> Self {
        let Lowered { graph, observed, .. } = lowered;
        let leaves = lowered.leaves(&lowered.seen());
        let states =
            symbols(lowered, &leaves, |s| if let Symbol::State(i) = s { Some(i as usize) } else { None });
        let residuals =
            symbols(lowered, &leaves, |s| if let Symbol::Residual(i) = s { Some(i as usize) } else { None });
        // A visit is a segment of no length.
        let is_time = |s| matches!(s, Symbol::Time | Symbol::SegmentTime);
        let clock = symbols(lowered, &leaves, |s| is_time(s).then_some(()));
        let course = symbols(lowered, &leaves, |s| match s {
            Symbol::Treatment(variable, of) => Some((variable, of)),
            _ => None,
        });
        let accumulated = symbols(lowered, &leaves, |s| match s {
            Symbol::Accumulated(i) => Some(AccumulatorId::new(i as usize)),
            _ => None,
        });
        let columns: Leaves<usize> =
            leaves.iter().filter_map(|&id| Some((id, lowered.column(id)?))).collect();

        let mut registers = Registers::default();
        registers.place(&states);
        registers.place(&residuals);
        // The time has its register whether it is read or not.
        let time = registers.end;
        registers.known.extend(clock.iter().map(|&(id, ())| (id, time)));
        registers.end += 1;
        registers.place(&course);
        let first_column = usize::from(registers.place(&columns));
        let first_accumulated = registers.place(&accumulated);
        let Registers { mut known, end: first_output } = registers;
        let first_constant = first_output + observed.len() as Register;
        let constants = constants(graph, &leaves, first_constant);
        known.extend(constants.iter().map(|&(id, register, _)| (id, register)));
        let scratch = first_constant + constants.len() as Register;
        let registers_of: Vec<(AccumulatorId, Register)> =
            accumulated.iter().map(|&(_, i)| i).zip(first_accumulated..).collect();
        let (steps, outputs) = steps(lowered, known, [first_output, scratch], &registers_of, machine);
        let accumulators = accumulators(plan, lowered, &outputs);
        let points = positions(&plan.observation_times);
        let checks_at = |point| {
            let checks = plan.checks.iter().enumerate();
            checks.filter(|(_, check)| check.when.includes(point)).map(|(number, _)| number).collect()
        };
        Self {
            watches: plan.checks.iter().map(|check| Watch::new(check, &outputs)).collect(),
            watched_at: plan.observation_times.iter().map(checks_at).collect(),
            registers: steps.iter().map(|step| step.routine.program.end).max().unwrap_or(scratch),
            at_points: [false, true].map(|has_left| {
                let times = plan.observation_times.iter();
                times.map(|point| groups_at(plan, &accumulators, point, has_left)).collect()
            }),
            steps,
            constants,
            states: of(states),
            columns: of(columns),
            first_column,
            residuals: of(residuals),
            course_symbols: of(course),
            outputs,
            accumulators,
            course_points: points.iter().flatten().count(),
            trajectories: plan.trajectories.clone(),
            trajectories_on_study: plan.trajectories_on_study,
            points,
        }
    }

    /// Where a read stands in a time course, if it is in one.
    pub(crate) fn position(&self, read: &Observation) -> Option<usize> {
        let (number, _) = read.point?;
        if read.is_record() { Some(number) } else { self.points[number] }
    }

    /// The tiles in which it is evaluated at a time.
    pub(crate) fn tiles(&self) -> usize {
        self.steps.iter().map(|step| step.routine.tiles()).max().unwrap_or(LANES / TILE)
    }

    /// The register of an observed expression.
    pub(crate) fn output(&self, of: ObservedId) -> usize {
        usize::from(self.outputs[of.index()])
    }

    /// The groups of accumulators that take values at a read, of a patient who may have left.
    pub(crate) fn active_groups(&self, read: &Observation, has_left: bool) -> &[usize] {
        read.kind().map_or(&[][..], |kind| &self.at_points[usize::from(has_left)][kind])
    }
}

/// Registers for leaves, one after the other.
#[derive(Default)]
pub(super) struct Registers {
    pub(super) known: HashMap<NodeId, Register>,
    pub(super) end: Register,
}

impl Registers {
    /// Gives each leaf a register; the first of them.
    pub(super) fn place<S>(&mut self, leaves: &Leaves<S>) -> Register {
        let first = self.end;
        self.known.extend(leaves.iter().map(|(id, _)| *id).zip(first..));
        self.end += leaves.len() as Register;
        first
    }
}

pub(super) fn symbols<S>(
    lowered: &Lowered,
    leaves: &[NodeId],
    wanted: impl Fn(Symbol) -> Option<S>,
) -> Leaves<S> {
    let found = leaves.iter().filter_map(|&id| match lowered.graph.node(id) {
        Node::Symbol(symbol) => Some((id, wanted(symbol)?)),
        _ => None,
    });
    found.collect()
}

pub(super) fn of<S>(leaves: Leaves<S>) -> Vec<S> {
    leaves.into_iter().map(|(_, symbol)| symbol).collect()
}

/// Compiles level after level; what was evaluated before is known to the later ones. The steps, and the
/// register of each observed expression: that of what is known already, else one from `first` on.
fn steps(
    lowered: &Lowered,
    mut known: HashMap<NodeId, Register>,
    [first, scratch]: [Register; 2],
    accumulated: &[(AccumulatorId, Register)],
    machine: Option<Isa>,
) -> (Vec<Step>, Vec<Register>) {
    let Lowered { graph, observed, levels, .. } = lowered;
    let mut outputs = vec![0; observed.len()];
    let mut next = first;
    let mut steps = Vec::with_capacity(levels.len());
    for level in levels {
        let first = next;
        let mut computed: Vec<(NodeId, Register)> = Vec::new();
        for of in level {
            let root = observed[of.index()];
            let of_level = || computed.iter().find(|(id, _)| *id == root).map(|&(_, register)| register);
            let found = known.get(&root).copied().or_else(of_level);
            outputs[of.index()] = found.unwrap_or(next);
            if found.is_none() {
                computed.push((root, next));
                next += 1;
            }
        }
        let (roots, registers): (Vec<NodeId>, Vec<Register>) = computed.iter().copied().unzip();
        // What an accumulator has come to may itself be observed.
        let observed: Vec<NodeId> = level.iter().map(|of| observed[of.index()]).collect();
        let read = lowered.leaves(&observed);
        let is_read = |&&(accumulator, _): &&(AccumulatorId, Register)| {
            let symbol = Symbol::Accumulated(accumulator.index() as u32);
            read.iter().any(|&id| graph.as_symbol(id) == Some(symbol))
        };
        let program = compile(graph, &roots, &Places { known: &known, outputs: &registers, scratch });
        let routine = Routine::new(program, machine, first, registers.len());
        steps.push(Step { routine, reads: accumulated.iter().filter(is_read).copied().collect() });
        known.extend(computed);
    }
    (steps, outputs)
}

/// Lays out the accumulators.
fn accumulators(plan: &Plan, lowered: &Lowered, outputs: &[Register]) -> AccumulatorLayout {
    let step = |of| lowered.levels.iter().position(|level| level.contains(&of)).unwrap_or(0);
    let placed = plan.accumulators.iter().map(|a| (a, step(a.of), outputs[a.of.index()]));
    AccumulatorLayout::new(placed, plan.time_per_tick)
}

/// The groups that take a value at an observation time, of a patient who may have left.
fn groups_at(
    plan: &Plan,
    accumulators: &AccumulatorLayout,
    point: &ObservationTime,
    has_left: bool,
) -> Vec<usize> {
    // At records of a data set nothing is kept.
    let is_record = plan.is_recorded && point.trajectory;
    let takes = |group: &Group| {
        let is_over = has_left && group.when.during > During::Run;
        !is_record && !is_over && group.when.includes(point)
    };
    (0..accumulators.groups.len()).filter(|&group| takes(&accumulators.groups[group])).collect()
}

/// For each observation time its position in time courses.
fn positions(times: &[ObservationTime]) -> Vec<Option<usize>> {
    let mut count = 0;
    let position = |point: &ObservationTime| {
        count += usize::from(point.trajectory);
        point.trajectory.then(|| count - 1)
    };
    times.iter().map(position).collect()
}
