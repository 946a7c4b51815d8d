//! An explicit Runge-Kutta pair. The last derivative of a step is the first of the next. WGSL twin:
//! `shaders/explicit.wgsl`.

use crate::engine::method;

use super::attempt::{Attempt, Layout, constants, for_stages, pieces, weighted};
use super::compile::Program;
use super::control::{Control, Tolerance};
use super::dispatch::Arithmetic;
use super::machine::Code;
use super::program::{Block, LANES, Register, TILE, run, split_row};
use super::real::Real;

/// The method for one system.
#[derive(Debug)]
pub(crate) struct Explicit {
    pub(crate) tableau: &'static method::Explicit,
    /// Where the derivatives of the stages are, by the side of the attempt.
    pub(crate) k: [Vec<Register>; 2],
    /// Derivatives of stages 2 and on, by side.
    pub(crate) programs: [Vec<Program>; 2],
    /// The attempted step as machine code.
    pub(crate) code: Option<MachineCode>,
}

/// An attempted step as machine code, of either side.
#[derive(Debug)]
pub(crate) struct MachineCode {
    /// One block: size of the step.
    pub(crate) dt: Register,
    /// One block: its mean square error.
    pub(crate) error: Register,
    /// Stages 2 and on: the states at which they are taken, and the derivatives there.
    pub(crate) stages: Vec<Code>,
    pub(crate) measure: Code,
}

impl Explicit {
    /// The attempted step.
    #[inline(always)]
    pub(crate) fn attempt<T: Real, A: Arithmetic>(&self, attempt: Attempt<'_, T>) {
        let Attempt { layout, atol, rtol, registers, control } = attempt;
        match &self.code {
            Some(code) => code.advance::<T, A>(self.tableau.c, layout, registers, control),
            None => self.advance::<T, A>(layout, atol, rtol, registers, control),
        }
        control.adapt::<A>(self.tableau.exponents);
    }

    /// The attempted step, interpreted.
    #[inline(always)]
    fn advance<T: Real, A: Arithmetic>(
        &self,
        layout: &Layout,
        atol: &[f64],
        rtol: f64,
        registers: &mut [Block<T>],
        control: &mut Control<T>,
    ) {
        let Self { tableau, programs, .. } = self;
        for (position, (weights, program)) in tableau.a.iter().zip(&programs[control.side]).enumerate() {
            for_stages!(weights.len(), N => self.combine::<T, A, N>(weights, layout, registers, control));
            let time = &mut registers[usize::from(layout.time)];
            control.at::<A>(0..LANES / TILE, tableau.c[position + 1], time);
            run::<T, A>(&program.code, registers);
        }
        for_stages!(
            tableau.error.len(),
            N => self.measure::<T, A, N>(layout, atol, rtol, registers, control)
        );
    }

    /// The state at which the next derivative is taken, from the first `N` derivatives.
    #[inline(always)]
    fn combine<T: Real, A: Arithmetic, const N: usize>(
        &self,
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
            for tile in 0..LANES / TILE {
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
        for tile in 0..LANES / TILE {
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

impl MachineCode {
    #[inline(always)]
    fn advance<T: Real, A: Arithmetic>(
        &self,
        c: &[f64],
        layout: &Layout,
        registers: &mut [Block<T>],
        control: &mut Control<T>,
    ) {
        let first = [layout.state[control.side], layout.state[1 - control.side]];
        registers[usize::from(self.dt)] = control.dt;
        for tiles in pieces(Some(self.measure.tiles())) {
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
