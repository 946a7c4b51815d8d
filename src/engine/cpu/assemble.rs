//! A plan's method: its registers laid out, its expressions compiled.

use crate::engine::method::{self, Tableau};
use crate::engine::program::{Implicit, Lowered};
use crate::hash::HashMap;
use crate::model::graph::{Linear, Node, NodeId, Symbol};
use crate::plan::Plan;

use super::attempt::Layout;
use super::closed_form::ClosedForm;
use super::columns::constants;
use super::compile::{Moved, Places, Program, compile};
use super::explicit::{self, Explicit, Stages};
use super::machine::{Code, Pair};
use super::method::{Method, Scheme};
use super::program::{Block, Register};
use super::real::Real;
use super::rosenbrock::{MachineCode, Rosenbrock};
use crate::isa::{Isa, Vectors};
use crate::sync::apart;

/// A method, the columns of the individual values that it reads, in order, and the registers as the
/// integration starts: constants in place. `machine` is what machine code may be for, if there may be any.
pub(crate) fn assemble<T: Real>(
    plan: &Plan,
    lowered: &Lowered,
    machine: Option<Isa>,
) -> (Method, Vec<usize>, Vec<Block<T>>) {
    let leaves = lowered.leaves(&lowered.integrated());
    let individual: Vec<(NodeId, usize)> =
        leaves.iter().filter_map(|&id| Some((id, lowered.column(id)?))).collect();
    let mut places = Reserved::default();
    let columns = places.reserve(individual.len());
    let constants = constants(&lowered.graph, &leaves, columns + individual.len() as Register);
    places.reserve(constants.len());
    let states = plan.states.len();
    let layout = Layout {
        states: states as Register,
        columns,
        rates: places.reserve(lowered.infused.len()),
        asked: places.reserve(lowered.doses.asked.len()),
        time: places.reserve(1),
        middle: places.reserve(1),
        state: [(); 2].map(|()| places.reserve(states)),
        k1: Default::default(),
    };
    let mut fixed: HashMap<NodeId, Register> = constants.iter().map(|&(id, r, _)| (id, r)).collect();
    fixed.extend(individual.iter().map(|&(id, _)| id).zip(columns..));
    let rtol = plan.rtol.max(T::LEAST_RTOL);
    let atol: Vec<f64> = plan.states.iter().map(|state| state.atol).collect();
    let mut assembly = Assembly { lowered, leaves, fixed, layout, places, machine };
    let scheme = match (Tableau::of(plan.method), &lowered.implicit) {
        (Tableau::Rosenbrock(tableau), Some(implicit)) => {
            Scheme::Rosenbrock(Box::new(assembly.rosenbrock(tableau, implicit)))
        }
        (Tableau::Explicit(tableau), _) => Scheme::Explicit(assembly.explicit(tableau, rtol, &atol)),
        (Tableau::ClosedForm, _) => Scheme::ClosedForm(assembly.closed_form()),
        (Tableau::Rosenbrock(_), None) => unreachable!("the program of a plan is of its method"),
    };
    let mut registers = vec![Block::splat(T::of(0.0)); usize::from(scheme.end())];
    for &(_, register, value) in &constants {
        registers[usize::from(register)] = Block::splat(T::of(value));
    }
    let method = Method { layout: assembly.layout, atol, rtol, scheme };
    (method, individual.into_iter().map(|(_, column)| column).collect(), registers)
}

/// Registers handed out so far.
#[derive(Default)]
struct Reserved {
    next: Register,
}

impl Reserved {
    /// So many registers in a row: the first.
    fn reserve(&mut self, count: usize) -> Register {
        let first = self.next;
        self.next += count as Register;
        first
    }
}

/// A method on its way.
struct Assembly<'a> {
    lowered: &'a Lowered,
    /// Where the evaluation of its expressions begins.
    leaves: Vec<NodeId>,
    /// Registers of constants and individual values.
    fixed: HashMap<NodeId, Register>,
    layout: Layout,
    places: Reserved,
    /// What machine code may be for, if there may be any.
    machine: Option<Isa>,
}

/// Where an implicit method keeps the values of its linear systems.
#[derive(Clone, Copy)]
struct Systems {
    shift: Register,
    factors: Register,
    right: Register,
}

impl Assembly<'_> {
    fn explicit(&mut self, tableau: &'static method::Explicit, rtol: f64, atol: &[f64]) -> Explicit {
        let states = usize::from(self.layout.states);
        self.layout.k1 = [(); 2].map(|()| self.places.reserve(states));
        let between: Vec<Register> = (2..tableau.stages()).map(|_| self.places.reserve(states)).collect();
        let k1 = self.layout.k1;
        let k = [0, 1].map(|side| [&[k1[side]], &between[..], &[k1[1 - side]]].concat());
        let (dt, error) = (self.places.reserve(1), self.places.reserve(1));
        let [_, next] = self.layout.state;
        let second = self.program(&self.lowered.derivatives, k[0][1], &self.known(next, None));
        let programs: [Vec<Program>; 2] = [0, 1].map(|side| {
            let state = self.shifted(next, self.layout.state[1 - side]);
            let stage = |&to: &Register| second.moved(&[state, self.shifted(k[0][1], to)]);
            k[side][1..].iter().map(stage).collect()
        });
        let code = self.machine.and_then(|isa| match isa.machine_code()? {
            // With fewer registers the sums are faster apart.
            Vectors::Four => self
                .code(&programs[0][0], self.layout.state[1], k[0][1], states)
                .map(explicit::MachineCode::Derivatives),
            Vectors::Eight => {
                let pair = Pair { tableau, layout: &self.layout, k: &k[0], dt, error };
                // Not by those that solve: such a thread might go on with what waits for this very code.
                let stages =
                    apart((2..).zip(&programs[0]), |(stage, program)| pair.stage(isa, stage, program));
                let (stages, measure) =
                    (stages.into_iter().collect::<Option<_>>()?, pair.error(isa, rtol, atol)?);
                Some(explicit::MachineCode::Stages(Stages { dt, error, stages, measure }))
            }
        });
        Explicit { tableau, k, programs, code }
    }

    fn rosenbrock(&mut self, tableau: &'static method::Rosenbrock, implicit: &Implicit) -> Rosenbrock {
        let states = usize::from(self.layout.states);
        let first = self.places.reserve(states);
        self.layout.k1 = [first; 2];
        // In the order of what is computed at the start of a step, behind the derivatives.
        let factors = self.places.reserve(implicit.factorisation.kept.len());
        let growth = self.places.reserve(1);
        let (rows, time) = (0.., &implicit.jacobian.time);
        let timed = rows.zip(time).filter_map(|(row, slope)| slope.map(|_| row));
        let timed = timed.map(|row| (row, self.places.reserve(1))).collect();
        let systems = Systems { shift: self.places.reserve(1), factors, right: self.places.reserve(states) };
        let stages: Vec<Register> = (0..tableau.stages()).map(|_| self.places.reserve(states)).collect();
        let start = [self.lowered.derivatives.clone(), implicit.linearised()].concat();
        let [now, next] = self.layout.state;
        let of_now = self.program(&start, first, &self.known(now, Some(systems)));
        let linearise = [now, next].map(|state| of_now.moved(&[self.shifted(now, state)]));
        let solve = self.program(&implicit.solve, stages[0], &self.known(now, Some(systems)));
        let second = self.program(&implicit.stage, stages[1], &self.known(next, Some(systems)));
        let programs: [Vec<Program>; 2] = [next, now].map(|state| {
            let stage =
                |&to: &Register| second.moved(&[self.shifted(next, state), self.shifted(stages[1], to)]);
            stages[1..].iter().map(stage).collect()
        });
        let code = MachineCode {
            linearise: self.code(&linearise[0], now, first, start.len()),
            solve: self.code(&solve, now, stages[0], states),
            stage: self.code(&programs[0][0], next, stages[1], states),
        };
        Rosenbrock {
            tableau,
            shift: systems.shift,
            growth,
            right: systems.right,
            stages,
            timed,
            linearise,
            solve,
            programs,
            code,
            read: self.read(),
        }
    }

    /// That what there is of every state is elsewhere.
    fn shifted(&self, from: Register, to: Register) -> Moved {
        Moved { count: self.layout.states.into(), from, to }
    }

    /// A program as machine code, which may find its states, and leave its results, elsewhere each time that it runs.
    fn code(&self, program: &Program, states: Register, results: Register, count: usize) -> Option<Code> {
        let (states, results) = (states..states + self.layout.states, results..results + count as Register);
        Code::new(self.machine?, &program.code, states, results)
    }

    fn closed_form(&mut self) -> ClosedForm {
        let states = usize::from(self.layout.states);
        // Nothing is computed there; doses change what is.
        self.layout.k1 = [self.places.reserve(states); 2];
        let elapsed = self.places.reserve(1);
        let after = self.places.reserve(states);
        let solution = self.lowered.closed_form.as_ref();
        let roots = solution.map_or(&[][..], |solution| &solution.after);
        let now = self.layout.state[0];
        let mut known = self.known(now, None);
        known.extend(self.leaf(Symbol::Elapsed).map(|id| (id, elapsed)));
        let of_now = self.program(roots, after, &known);
        let code = self.code(&of_now, now, after, states);
        let programs = self.layout.state.map(|state| of_now.moved(&[self.shifted(now, state)]));
        let is_followed = !self.lowered.curves.is_empty();
        let first_step = solution.filter(|_| is_followed).and_then(|solution| solution.first_step);
        ClosedForm { elapsed, after, programs, code, first_step: first_step.map(|id| self.fixed[&id]) }
    }

    /// The leaf that is a symbol.
    fn leaf(&self, symbol: Symbol) -> Option<NodeId> {
        self.leaves.iter().copied().find(|&id| self.lowered.graph.as_symbol(id) == Some(symbol))
    }

    /// Where everything is that an expression begins with, the states from `state` on.
    fn known(&self, state: Register, systems: Option<Systems>) -> HashMap<NodeId, Register> {
        let Layout { states, rates, asked, time, middle, .. } = self.layout;
        let of_system = |linear: Linear, systems: Systems| match linear {
            Linear::Shift => systems.shift,
            Linear::Factor(i) => systems.factors + i as Register,
            Linear::Right(i) => systems.right + i as Register,
        };
        let place = |symbol: Symbol| match symbol {
            Symbol::Time => Some(time),
            Symbol::SegmentTime => Some(middle),
            Symbol::State(i) if (i as Register) < states => Some(state + i as Register),
            Symbol::State(i) => Some(rates + i as Register - states),
            Symbol::Linear(linear) => systems.map(|systems| of_system(linear, systems)),
            Symbol::Dose(value, dosed) => {
                let position = self.lowered.doses.asked.iter().position(|&known| known == (value, dosed))?;
                Some(asked + position as Register)
            }
            _ => None,
        };
        let mut known = self.fixed.clone();
        known.extend(
            self.leaves.iter().filter_map(|&id| Some((id, place(self.lowered.graph.as_symbol(id)?)?))),
        );
        known
    }

    /// A program whose results are in registers from `first` on. Every other register is in place.
    fn program(&self, roots: &[NodeId], first: Register, known: &HashMap<NodeId, Register>) -> Program {
        let outputs: Vec<Register> = (first..).take(roots.len()).collect();
        compile(&self.lowered.graph, roots, &Places { known, outputs: &outputs, scratch: self.places.next })
    }

    /// The states that derivatives read.
    fn read(&self) -> Vec<Register> {
        let leaves = self.lowered.leaves(&self.lowered.derivatives);
        let states = leaves.iter().filter_map(|&id| match self.lowered.graph.node(id) {
            Node::Symbol(Symbol::State(i)) => Some(i as Register),
            _ => None,
        });
        states.filter(|&i| i < self.layout.states).collect()
    }
}

impl Scheme {
    /// The first register that is not used.
    fn end(&self) -> Register {
        let ends = |programs: &mut dyn Iterator<Item = &Program>| programs.map(|program| program.end).max();
        let end = match self {
            Self::Explicit(scheme) => ends(&mut scheme.programs.iter().flatten()),
            Self::Rosenbrock(scheme) => {
                ends(&mut scheme.programs.iter().flatten().chain(&scheme.linearise).chain([&scheme.solve]))
            }
            Self::ClosedForm(scheme) => ends(&mut scheme.programs.iter()),
        };
        end.unwrap_or_default()
    }
}
