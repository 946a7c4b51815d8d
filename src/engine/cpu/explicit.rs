//! An explicit Runge-Kutta pair. The last derivative of a step is the first of the next. WGSL twin:
//! `shaders/explicit.wgsl`.

use std::ops::Range;

use crate::engine::method;

use super::attempt::{Attempt, Layout, constants, for_stages};
use super::compile::Program;
use super::control::{Control, Tolerance};
use super::machine::{Code, execute};
use super::program::{Block, LANES, Register, TILE, split_row};
use super::real::Real;
use crate::isa::Arithmetic;

/// The method for one system.
#[derive(Debug)]
pub(crate) struct Explicit {
    pub(crate) tableau: &'static method::Explicit,
    /// Where the derivatives of the stages are, by the side of the attempt.
    pub(crate) k: [Vec<Register>; 2],
    /// Derivatives of stages 2 and on, by side.
    pub(crate) programs: [Vec<Program>; 2],
    /// The same as machine code.
    pub(crate) code: Option<MachineCode>,
}

/// What machine code there is of an attempted step, of either side.
#[derive(Debug)]
pub(crate) enum MachineCode {
    /// The derivatives of any stage.
    Derivatives(Code),
    /// All of it.
    Stages(Stages),
}

/// An attempted step as machine code.
#[derive(Debug)]
pub(crate) struct Stages {
    /// One block: size of the step.
    pub(crate) dt: Register,
    /// One block: its mean square error.
    pub(crate) error: Register,
    /// Stages 2 and on: the states at which they are taken, and the derivatives there.
    pub(crate) stages: Vec<Code>,
    pub(crate) measure: Code,
}

impl Explicit {
    /// The attempted step: of all lanes at once, or tile by tile if that needs no instructions to be read, so that what an
    /// attempt works on stays in the first-level cache.
    #[inline(always)]
    pub(crate) fn attempt<T: Real, A: Arithmetic>(&self, mut attempt: Attempt<'_, T>) {
        match &self.code {
            Some(MachineCode::Stages(stages)) => stages.advance::<T, A>(self.tableau.c, &mut attempt),
            Some(MachineCode::Derivatives(code)) => {
                for tile in 0..attempt.control.tiles {
                    self.advance::<T, A>(Some(code), tile..tile + 1, &mut attempt);
                }
            }
            None => self.advance::<T, A>(None, 0..LANES / TILE, &mut attempt),
        }
        attempt.control.adapt::<A>(self.tableau.exponents);
    }

    /// The attempted step of some tiles: one, or all.
    #[inline(always)]
    fn advance<T: Real, A: Arithmetic>(
        &self,
        derivatives: Option<&Code>,
        tiles: Range<usize>,
        attempt: &mut Attempt<'_, T>,
    ) {
        let Attempt { layout, atol, rtol, registers, control } = attempt;
        let Self { tableau, k, programs, .. } = self;
        let side = control.side;
        for (position, (weights, program)) in tableau.a.iter().zip(&programs[side]).enumerate() {
            for_stages!(weights.len(), N => self.combine::<T, A, N>(tiles.clone(), weights, layout, registers, control));
            let time = &mut registers[usize::from(layout.time)];
            control.at::<A>(tiles.clone(), tableau.c[position + 1], time);
            let first = [layout.state[1 - side], k[side][position + 1]];
            execute::<T, A>(program, derivatives, tiles.clone(), first, registers);
        }
        for_stages!(
            tableau.error.len(),
            N => self.measure::<T, A, N>(tiles, layout, atol, *rtol, registers, control)
        );
    }

    /// The state at which the next derivative is taken, from the first `N` derivatives.
    #[inline(always)]
    fn combine<T: Real, A: Arithmetic, const N: usize>(
        &self,
        tiles: Range<usize>,
        weights: &[f64],
        layout: &Layout,
        registers: &mut [Block<T>],
        control: &Control<T>,
    ) {
        let (weights, states) = (constants::<T, N>(weights), usize::from(layout.states));
        let (new, others) = split_row(registers, layout.state[1 - control.side], states);
        let old = others.row(layout.state[control.side], states);
        let mut k = [old; N];
        for (k, &first) in k.iter_mut().zip(&self.k[control.side]) {
            *k = others.row(first, states);
        }
        for i in 0..states {
            for tile in tiles.clone() {
                let mut sum = weighted::<T, A, N>(&weights, &of_state(&k, i), tile);
                let (dt, old) = (control.dt.tile(tile), old[i].tile(tile));
                for l in 0..TILE {
                    sum[l] = A::mul_add(dt[l], sum[l], old[l]);
                }
                *new[i].tile_mut(tile) = sum;
            }
        }
    }

    /// The mean square error of the attempt, from all `N` derivatives.
    #[inline(always)]
    fn measure<T: Real, A: Arithmetic, const N: usize>(
        &self,
        tiles: Range<usize>,
        layout: &Layout,
        atol: &[f64],
        rtol: f64,
        registers: &[Block<T>],
        control: &mut Control<T>,
    ) {
        let (weights, states) = (constants::<T, N>(self.tableau.error), usize::from(layout.states));
        let tolerance = Tolerance::new(rtol, atol);
        let row = |first: Register| &registers[usize::from(first)..][..states];
        let (old, new) = (row(layout.state[control.side]), row(layout.state[1 - control.side]));
        let mut k = [old; N];
        for (k, &first) in k.iter_mut().zip(&self.k[control.side]) {
            *k = row(first);
        }
        for tile in tiles {
            let dt = control.dt.tile(tile);
            let mut mean = [T::of(0.0); TILE];
            for (i, &atol) in atol[..states].iter().enumerate() {
                let mut error = weighted::<T, A, N>(&weights, &of_state(&k, i), tile);
                for l in 0..TILE {
                    error[l] = dt[l] * error[l];
                }
                tolerance.measure::<A>([old[i].tile(tile), new[i].tile(tile), &error], atol, &mut mean);
            }
            *control.error.tile_mut(tile) = mean;
        }
    }
}

impl Stages {
    #[inline(always)]
    fn advance<T: Real, A: Arithmetic>(&self, c: &[f64], attempt: &mut Attempt<'_, T>) {
        let Attempt { layout, registers, control, .. } = attempt;
        let first = [layout.state[control.side], layout.state[1 - control.side]];
        registers[usize::from(self.dt)] = control.dt;
        let together = self.measure.tiles();
        // So that what an attempt works on stays in the first-level cache.
        for first_tile in (0..control.tiles).step_by(together) {
            let tiles = first_tile..first_tile + together;
            for (code, &c) in self.stages.iter().zip(&c[1..]) {
                control.at::<A>(tiles.clone(), c, &mut registers[usize::from(layout.time)]);
                if let Some(registers) = T::doubles(registers) {
                    code.run(registers, tiles.clone(), first);
                }
            }
            if let Some(registers) = T::doubles(registers) {
                self.measure.run(registers, tiles, first);
            }
        }
        control.error = registers[usize::from(self.error)];
    }
}

/// The vectors of one state.
#[inline(always)]
fn of_state<'a, T, const N: usize>(k: &[&'a [Block<T>]; N], state: usize) -> [&'a Block<T>; N] {
    let mut vectors = [&k[0][state]; N];
    for (vector, k) in vectors.iter_mut().zip(k) {
        *vector = &k[state];
    }
    vectors
}

/// The sum of the `N` vectors of a state, weighted.
// An array of its own: only then are the loops compiled for many lanes at once.
#[inline(always)]
fn weighted<T: Real, A: Arithmetic, const N: usize>(
    weights: &[T; N],
    vectors: &[&Block<T>; N],
    tile: usize,
) -> [T; TILE] {
    let mut sum = [T::of(0.0); TILE];
    let first = vectors[0].tile(tile);
    for l in 0..TILE {
        sum[l] = weights[0] * first[l];
    }
    for j in 1..N {
        let vector = vectors[j].tile(tile);
        for l in 0..TILE {
            sum[l] = A::mul_add(weights[j], vector[l], sum[l]);
        }
    }
    sum
}
