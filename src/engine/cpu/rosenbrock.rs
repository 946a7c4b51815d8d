//! A Rosenbrock pair, for stiff systems: every step takes the Jacobian at its start, factorises it once and solves one
//! linear system for each stage. WGSL twin: `shaders/rosenbrock.wgsl`.
//!
//! All lanes go together, so that a lane whose step was rejected takes its Jacobian anew.

use std::ops::Range;

use crate::engine::method;
use crate::engine::sparse_lu::most_growth;

use super::attempt::{Attempt, Layout, constants, for_stages, pieces, weighted};
use super::compile::Program;
use super::control::{Control, Tolerance};
use super::dispatch::Arithmetic;
use super::machine::{Code, execute};
use super::program::{Block, Others, Register, TILE, split};
use super::real::Real;

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

impl MachineCode {
    /// The tiles that it takes at a time, if nothing is interpreted.
    fn tiles(&self) -> Option<usize> {
        let codes = [&self.linearise, &self.solve, &self.stage];
        codes.into_iter().map(|code| code.as_ref().map(Code::tiles)).min().flatten()
    }
}

impl Rosenbrock {
    /// The attempted step.
    #[inline(always)]
    pub(crate) fn attempt<T: Real, A: Arithmetic>(&self, mut attempt: Attempt<'_, T>) {
        for tiles in pieces(self.code.tiles()) {
            self.advance::<T, A>(tiles, &mut attempt);
        }
        attempt.control.adapt::<A>(self.tableau.exponents);
    }

    /// The attempted step of some tiles: one, or all.
    #[inline(always)]
    fn advance<T: Real, A: Arithmetic>(&self, tiles: Range<usize>, attempt: &mut Attempt<'_, T>) {
        let Self { tableau, programs, code, .. } = self;
        let Attempt { layout, registers, control, .. } = attempt;
        let side = control.side;
        let mut per_step = Block::splat(T::of(0.0));
        for tile in tiles.clone() {
            let (dt, per_step) = (control.dt.tile(tile), per_step.tile_mut(tile));
            let shift = registers[usize::from(self.shift)].tile_mut(tile);
            for l in 0..TILE {
                per_step[l] = T::of(1.0) / dt[l];
                shift[l] = T::of(1.0 / tableau.gamma) * per_step[l];
            }
        }
        control.at::<A>(tiles.clone(), 0.0, &mut registers[usize::from(layout.time)]);
        let first = [layout.state[side], layout.k1[side]];
        execute::<T, A>(&self.linearise[side], code.linearise.as_ref(), tiles.clone(), first, registers);
        for tile in tiles.clone() {
            for i in 0..layout.states {
                let (right, others) = split(registers, self.right + i);
                *right.tile_mut(tile) = *others.get(layout.k1[side] + i).tile(tile);
            }
        }
        self.add_time::<T, A>(tiles.clone(), 0, registers, control);
        let first = [layout.state[side], self.stages[0]];
        execute::<T, A>(&self.solve, code.solve.as_ref(), tiles.clone(), first, registers);
        for (coupling, (program, stage)) in tableau.coupling.iter().zip(programs[side].iter().zip(1..)) {
            for_stages!(stage, N => self.stage::<T, A, N>(tiles.clone(), coupling, layout, registers, control, &per_step));
            self.add_time::<T, A>(tiles.clone(), stage, registers, control);
            control.at::<A>(tiles.clone(), tableau.c[stage], &mut registers[usize::from(layout.time)]);
            let first = [layout.state[1 - side], self.stages[stage]];
            execute::<T, A>(program, code.stage.as_ref(), tiles.clone(), first, registers);
        }
        self.finish::<T, A>(tiles, attempt);
    }

    /// The state at which the next stage is taken, and the right-hand side of its linear system but for the
    /// derivatives there, from `U` of the first `N` stages. Without weights, the state is that of the stage
    /// before, plus its `U`.
    #[inline(always)]
    fn stage<T: Real, A: Arithmetic, const N: usize>(
        &self,
        tiles: Range<usize>,
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
                    let (new, others) = split(registers, layout.state[1 - control.side] + i);
                    let (old, u) =
                        (others.get(layout.state[control.side] + i), self.before::<T, N>(i, &others));
                    for tile in tiles.clone() {
                        let sum = weighted::<T, A, N>(&weights, &u, tile);
                        let (new, old) = (new.tile_mut(tile), old.tile(tile));
                        for l in 0..TILE {
                            new[l] = old[l] + sum[l];
                        }
                    }
                }
            }
            None => self.add_last(tiles.clone(), N - 1, layout, registers, control),
        }
        let coupling = constants::<T, N>(coupling);
        for i in 0..layout.states {
            let (right, others) = split(registers, self.right + i);
            let u = self.before::<T, N>(i, &others);
            for tile in tiles.clone() {
                let sum = weighted::<T, A, N>(&coupling, &u, tile);
                let (right, per_step) = (right.tile_mut(tile), per_step.tile(tile));
                for l in 0..TILE {
                    right[l] = per_step[l] * sum[l];
                }
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

    /// Adds `U` of a stage to the new state.
    #[inline(always)]
    fn add_last<T: Real>(
        &self,
        tiles: Range<usize>,
        stage: usize,
        layout: &Layout,
        registers: &mut [Block<T>],
        control: &Control<T>,
    ) {
        for i in 0..layout.states {
            let (new, others) = split(registers, layout.state[1 - control.side] + i);
            let u = others.get(self.stages[stage] + i);
            for tile in tiles.clone() {
                let (new, u) = (new.tile_mut(tile), u.tile(tile));
                for l in 0..TILE {
                    new[l] += u[l];
                }
            }
        }
    }

    /// Adds the share of the derivative by time to the right-hand side of a stage.
    #[inline(always)]
    fn add_time<T: Real, A: Arithmetic>(
        &self,
        tiles: Range<usize>,
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
            for tile in tiles.clone() {
                let (right, slope, dt) = (right.tile_mut(tile), slope.tile(tile), control.dt.tile(tile));
                for l in 0..TILE {
                    right[l] = A::mul_add(weight * dt[l], slope[l], right[l]);
                }
            }
        }
    }

    /// The state after the step and the mean square error. A step of size 0 leaves the state as it was; one
    /// whose factorisation grew too much has an infinite error.
    #[inline(always)]
    fn finish<T: Real, A: Arithmetic>(&self, tiles: Range<usize>, attempt: &mut Attempt<'_, T>) {
        let Attempt { layout, atol, rtol, registers, control } = attempt;
        let last = self.stages[self.stages.len() - 1];
        let tolerance = Tolerance::new(*rtol, atol);
        for tile in tiles {
            let dt = control.dt.tile(tile);
            let mut mean = [T::of(0.0); TILE];
            for (i, &atol) in (0..layout.states).zip(*atol) {
                let (new, others) = split(registers, layout.state[1 - control.side] + i);
                let [old, u] =
                    [layout.state[control.side], last].map(|first| others.get(first + i).tile(tile));
                let new = new.tile_mut(tile);
                for l in 0..TILE {
                    let sum = new[l] + u[l];
                    new[l] = if dt[l] == T::of(0.0) { old[l] } else { sum };
                }
                tolerance.measure::<A>([old, new, u], atol, &mut mean);
            }
            let growth = registers[usize::from(self.growth)].tile(tile);
            let most = T::of(most_growth(T::EPSILON));
            for l in 0..TILE {
                mean[l] = if growth[l] > most { T::of(f64::INFINITY) } else { mean[l] };
            }
            *control.error.tile_mut(tile) = mean;
        }
    }
}
