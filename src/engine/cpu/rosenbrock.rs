//! A Rosenbrock pair, for stiff systems: every step takes the Jacobian at its start, factorises it once and solves one
//! linear system for each stage. WGSL twin: `shaders/rosenbrock.wgsl`.
//!
//! All lanes go together, so that a lane whose step was rejected takes its Jacobian anew: all that there are, or those of the
//! first tile where there is nobody in another. Loops over as many tiles as it happens to be take twice as long.

use crate::engine::method;
use crate::engine::sparse_lu::most_growth;

use super::attempt::{Attempt, Layout, constants, for_stages};
use super::compile::Program;
use super::control::{Control, Tolerance};
use super::machine::{Code, execute};
use super::program::{Block, LANES, Others, Register, TILE, split};
use super::real::Real;
use crate::isa::Arithmetic;

/// The method for one system.
#[derive(Debug)]
pub(crate) struct Rosenbrock {
    pub(crate) tableau: &'static method::Rosenbrock,
    /// One block: `1 / (h gamma)`.
    pub(crate) shift: Register,
    /// One block: the growth of the factorisation.
    pub(crate) growth: Register,
    /// Right-hand sides of the linear systems, one block for each state.
    pub(crate) right: Register,
    /// `U` of each stage, one block for each state.
    pub(crate) stages: Vec<Register>,
    /// States whose derivative depends on time, and where its derivative by time is.
    pub(crate) timed: Vec<(Register, Register)>,
    /// At the start of a step: derivatives, factors, growth, derivatives by time, by side.
    pub(crate) linearise: [Program; 2],
    /// `U` of stage 1 from the right-hand side.
    pub(crate) solve: Program,
    /// `U` of stages 2 and on from the stage's state and right-hand side, by side.
    pub(crate) programs: [Vec<Program>; 2],
    /// The same as machine code, of any stage and side.
    pub(crate) code: MachineCode,
    /// States that derivatives read: only these are needed at stages from which the solution does not go on.
    pub(crate) read: Vec<Register>,
}

/// The programs of a step that have machine code.
#[derive(Debug, Default)]
pub(crate) struct MachineCode {
    pub(crate) linearise: Option<Code>,
    pub(crate) solve: Option<Code>,
    pub(crate) stage: Option<Code>,
}

impl Rosenbrock {
    /// The attempted step.
    #[inline(always)]
    pub(crate) fn attempt<T: Real, A: Arithmetic>(&self, attempt: Attempt<'_, T>) {
        match attempt.control.tiles {
            1 => self.step::<T, A, TILE>(attempt),
            _ => self.step::<T, A, LANES>(attempt),
        }
    }

    /// That of the first `L` lanes.
    #[inline(always)]
    fn step<T: Real, A: Arithmetic, const L: usize>(&self, mut attempt: Attempt<'_, T>) {
        let Self { tableau, programs, code, .. } = self;
        let Attempt { layout, registers, control, .. } = &mut attempt;
        let (side, tiles) = (control.side, control.tiles);
        let mut per_step = Block::splat(T::of(0.0));
        for l in 0..L {
            per_step.0[l] = T::of(1.0) / control.dt.0[l];
            registers[usize::from(self.shift)].0[l] = T::of(1.0 / tableau.gamma) * per_step.0[l];
        }
        control.at::<A>(0..tiles, 0.0, &mut registers[usize::from(layout.time)]);
        let first = [layout.state[side], layout.k1[side]];
        execute::<T, A>(&self.linearise[side], code.linearise.as_ref(), 0..tiles, first, registers);
        for i in 0..layout.states {
            let (right, others) = split(registers, self.right + i);
            let derivative = others.get(layout.k1[control.side] + i);
            right.0[..L].copy_from_slice(&derivative.0[..L]);
        }
        self.add_time::<T, A, L>(0, registers, control);
        let first = [layout.state[side], self.stages[0]];
        execute::<T, A>(&self.solve, code.solve.as_ref(), 0..tiles, first, registers);
        for (coupling, (program, stage)) in tableau.coupling.iter().zip(programs[side].iter().zip(1..)) {
            for_stages!(stage, N => self.stage::<T, A, N, L>(coupling, layout, registers, control, &per_step));
            self.add_time::<T, A, L>(stage, registers, control);
            control.at::<A>(0..tiles, tableau.c[stage], &mut registers[usize::from(layout.time)]);
            let first = [layout.state[1 - side], self.stages[stage]];
            execute::<T, A>(program, code.stage.as_ref(), 0..tiles, first, registers);
        }
        self.finish::<T, A, L>(&mut attempt);
        attempt.control.adapt::<A>(tableau.exponents);
    }

    /// The state at which the next stage is taken, and the right-hand side of its linear system but for the
    /// derivatives there, from `U` of the first `N` stages. Without weights, the state is that of the stage
    /// before, plus its `U`.
    #[inline(always)]
    fn stage<T: Real, A: Arithmetic, const N: usize, const L: usize>(
        &self,
        coupling: &[f64],
        layout: &Layout,
        registers: &mut [Block<T>],
        control: &Control<T>,
        per_step: &Block<T>,
    ) {
        match self.tableau.weights(N) {
            Some(weights) => {
                let (weights, is_whole) = (constants::<T, N>(weights), self.tableau.is_whole(N));
                let count = if is_whole { layout.states } else { self.read.len() as Register };
                for position in 0..count {
                    let i = if is_whole { position } else { self.read[usize::from(position)] };
                    self.advance::<T, A, N, L>(i, &weights, layout, registers, control);
                }
            }
            None => self.add_last::<T, L>(N - 1, layout, registers, control),
        }
        let coupling = constants::<T, N>(coupling);
        for i in 0..layout.states {
            let (right, others) = split(registers, self.right + i);
            let u = self.before::<T, N>(i, &others);
            for l in 0..L {
                let mut sum = coupling[0] * u[0].0[l];
                for j in 1..N {
                    sum = A::mul_add(coupling[j], u[j].0[l], sum);
                }
                right.0[l] = per_step.0[l] * sum;
            }
        }
    }

    /// `U` of a state in the first `N` stages.
    #[inline(always)]
    fn before<'a, T, const N: usize>(&self, i: Register, others: &Others<'a, T>) -> [&'a Block<T>; N] {
        let mut u = [others.get(self.stages[0] + i); N];
        for (u, &stage) in u.iter_mut().zip(&self.stages) {
            *u = others.get(stage + i);
        }
        u
    }

    /// One state from that at the start of the step.
    #[inline(always)]
    fn advance<T: Real, A: Arithmetic, const N: usize, const L: usize>(
        &self,
        i: Register,
        weights: &[T; N],
        layout: &Layout,
        registers: &mut [Block<T>],
        control: &Control<T>,
    ) {
        let (new, others) = split(registers, layout.state[1 - control.side] + i);
        let old = others.get(layout.state[control.side] + i);
        let u = self.before::<T, N>(i, &others);
        for l in 0..L {
            let mut sum = weights[0] * u[0].0[l];
            for j in 1..N {
                sum = A::mul_add(weights[j], u[j].0[l], sum);
            }
            new.0[l] = old.0[l] + sum;
        }
    }

    /// Adds `U` of a stage to the new state.
    #[inline(always)]
    fn add_last<T: Real, const L: usize>(
        &self,
        stage: usize,
        layout: &Layout,
        registers: &mut [Block<T>],
        control: &Control<T>,
    ) {
        for i in 0..layout.states {
            let (new, others) = split(registers, layout.state[1 - control.side] + i);
            let u = others.get(self.stages[stage] + i);
            for l in 0..L {
                new.0[l] += u.0[l];
            }
        }
    }

    /// Adds the share of the derivative by time to the right-hand side of a stage.
    #[inline(always)]
    fn add_time<T: Real, A: Arithmetic, const L: usize>(
        &self,
        stage: usize,
        registers: &mut [Block<T>],
        control: &Control<T>,
    ) {
        let weight = self.tableau.d[stage];
        if weight == 0.0 {
            return;
        }
        let weight = T::of(weight);
        for &(state, slope) in &self.timed {
            let (right, others) = split(registers, self.right + state);
            let slope = others.get(slope);
            for l in 0..L {
                right.0[l] = A::mul_add(weight * control.dt.0[l], slope.0[l], right.0[l]);
            }
        }
    }

    /// The state after the step and the mean square error. A step of size 0 leaves the state as it was; one
    /// whose factorisation grew too much has an infinite error.
    #[inline(always)]
    fn finish<T: Real, A: Arithmetic, const L: usize>(&self, attempt: &mut Attempt<'_, T>) {
        let Attempt { layout, atol, rtol, registers, control } = attempt;
        let last = self.stages[self.stages.len() - 1];
        let tolerance = Tolerance::new(*rtol, atol);
        control.error = Block::splat(T::of(0.0));
        for (i, &atol) in (0..layout.states).zip(*atol) {
            let (new, others) = split(registers, layout.state[1 - control.side] + i);
            let old = others.get(layout.state[control.side] + i);
            let u = others.get(last + i);
            for l in 0..L {
                let sum = new.0[l] + u.0[l];
                new.0[l] = if control.dt.0[l] == T::of(0.0) { old.0[l] } else { sum };
            }
            for tile in 0..L / TILE {
                let values = [old.tile(tile), new.tile(tile), u.tile(tile)];
                tolerance.measure::<A>(values, atol, control.error.tile_mut(tile));
            }
        }
        let growth = &registers[usize::from(self.growth)];
        let most = T::of(most_growth(T::EPSILON));
        for l in 0..L {
            if growth.0[l] > most {
                control.error.0[l] = T::of(f64::INFINITY);
            }
        }
    }
}
