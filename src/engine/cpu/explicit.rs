//! An explicit Runge-Kutta pair. The last derivative of a step is the first of the next. WGSL twin:
//! `shaders/explicit.wgsl`.

use std::ops::Range;

use crate::engine::method;

use super::attempt::{Attempt, Layout, constants, for_stages, pieces, weighted};
use super::compile::Program;
use super::control::{Control, Tolerance};
use super::dispatch::Arithmetic;
use super::machine::{Code, execute};
use super::program::{Block, Register, TILE, split_row};
use super::real::Real;

/// The method for one system.
#[derive(Debug)]
pub(crate) struct Explicit {
    pub(crate) tableau: &'static method::Explicit,
    /// Where the derivatives of the stages are, by the side of the attempt.
    pub(crate) k: [Vec<Register>; 2],
    /// Derivatives of stages 2 and on, by side.
    pub(crate) programs: [Vec<Program>; 2],
    /// The same as machine code, of any stage and side.
    pub(crate) derivatives: Option<Code>,
}

impl Explicit {
    /// The attempted step.
    #[inline(always)]
    pub(crate) fn attempt<T: Real, A: Arithmetic>(&self, mut attempt: Attempt<'_, T>) {
        for tiles in pieces(self.derivatives.as_ref().map(Code::tiles)) {
            self.advance::<T, A>(tiles, &mut attempt);
        }
        attempt.control.adapt::<A>(self.tableau.exponents);
    }

    /// The attempted step of some tiles: one, or all.
    #[inline(always)]
    fn advance<T: Real, A: Arithmetic>(&self, tiles: Range<usize>, attempt: &mut Attempt<'_, T>) {
        let Attempt { layout, atol, rtol, registers, control } = attempt;
        let Self { tableau, k, programs, derivatives } = self;
        let side = control.side;
        for (position, (weights, program)) in tableau.a.iter().zip(&programs[side]).enumerate() {
            for_stages!(weights.len(), N => self.combine::<T, A, N>(tiles.clone(), weights, layout, registers, control));
            let time = &mut registers[usize::from(layout.time)];
            control.at::<A>(tiles.clone(), tableau.c[position + 1], time);
            let first = [layout.state[1 - side], k[side][position + 1]];
            execute::<T, A>(program, derivatives.as_ref(), tiles.clone(), first, registers);
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
        for tile in tiles {
            for i in 0..states {
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

/// The vectors of one state.
#[inline(always)]
fn of_state<'a, T, const N: usize>(k: &[&'a [Block<T>]; N], state: usize) -> [&'a Block<T>; N] {
    let mut vectors = [&k[0][state]; N];
    for (vector, k) in vectors.iter_mut().zip(k) {
        *vector = &k[state];
    }
    vectors
}
