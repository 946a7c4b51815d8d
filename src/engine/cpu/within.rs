//! States within the last step of lanes, by the interpolant of the method: the state before the step, plus a
//! combination of vectors; or the solution itself.

use crate::engine::method::MOST_STAGES;

use super::attempt::for_stages;
use super::closed_form::ClosedForm;
use super::control::Control;
use super::dispatch::{Arithmetic, Task};
use super::method::{Method, Scheme};
use super::program::{Block, LANES, Register};
use super::real::Real;

/// Lanes that are computed together: as many as the widest instruction takes of f64, and one line of the cache holds.
const CHUNK: usize = 8;

/// Where in its last step each lane is looked at.
pub(crate) struct Places<T> {
    /// The weight of each vector.
    weights: [Block<T>; MOST_STAGES],
    /// Which chunks have a lane that is looked at.
    chunks: [bool; LANES / CHUNK],
}

impl<T: Real> Places<T> {
    /// No lane is looked at.
    pub(crate) fn nowhere() -> Self {
        Self { weights: [Block::splat(T::of(0.0)); MOST_STAGES], chunks: [false; LANES / CHUNK] }
    }

    /// Every lane is looked at, at the same fraction of its step.
    pub(crate) fn everywhere(method: &Method, fraction: f64) -> Self {
        let weights = method.weights(fraction).map(|weight| Block::splat(T::of(weight)));
        Self { weights, chunks: [true; LANES / CHUNK] }
    }

    /// No lane is looked at any more.
    pub(crate) fn clear(&mut self) {
        self.chunks = [false; LANES / CHUNK];
    }

    /// A lane is looked at, at a fraction of its step.
    pub(crate) fn look(&mut self, method: &Method, lane: usize, fraction: f64) {
        for (block, weight) in self.weights.iter_mut().zip(method.weights(fraction)) {
            block.0[lane] = T::of(weight);
        }
        self.chunks[lane / CHUNK] = true;
    }
}

/// Some states at the places of the lanes, after an attempt at whose end the sides have been swapped.
pub(crate) struct Sample<'a, T> {
    pub(crate) method: &'a Method,
    pub(crate) registers: &'a mut [Block<T>],
    pub(crate) control: &'a Control<T>,
    pub(crate) places: &'a Places<T>,
    pub(crate) states: &'a [usize],
    /// One block for each of them.
    pub(crate) to: &'a mut [Block<T>],
}

impl<T: Real> Task for Sample<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let side = 1 - self.control.side;
        match &self.method.scheme {
            Scheme::Explicit(scheme) => {
                let scale = self.control.dt.0;
                for_stages!(scheme.k[side].len(), N => self.combine::<N>(side, &scheme.k[side], &scale));
            }
            Scheme::Rosenbrock(scheme) => {
                let scale = [T::of(1.0); LANES];
                for_stages!(scheme.stages.len(), N => self.combine::<N>(side, &scheme.stages, &scale));
            }
            Scheme::ClosedForm(scheme) => self.take_solution::<A>(scheme),
        }
    }
}

impl<T: Real> Sample<'_, T> {
    /// The solution, in every lane.
    #[inline(always)]
    fn take_solution<A: Arithmetic>(self, scheme: &ClosedForm) {
        let Self { registers, control, places, states, to, .. } = self;
        let mut elapsed = places.weights[0];
        for l in 0..LANES {
            elapsed.0[l] = elapsed.0[l] * control.dt.0[l];
        }
        scheme.advance::<T, A>(1 - control.side, &elapsed, registers);
        for (to, &state) in to.iter_mut().zip(states) {
            *to = registers[usize::from(scheme.after) + state];
        }
    }

    /// The states before the step, plus the weighted vectors times `scale`.
    #[inline(always)]
    fn combine<const N: usize>(self, side: usize, vectors: &[Register], scale: &[T; LANES]) {
        let Self { method, registers, places, states, to, .. } = self;
        let chunks = places.chunks.iter().enumerate().filter(|&(_, &looked_at)| looked_at);
        for (chunk, _) in chunks {
            let values =
                |base: Register, state: usize| of_chunk(&registers[usize::from(base) + state].0, chunk);
            let weights: [[T; CHUNK]; N] = std::array::from_fn(|v| of_chunk(&places.weights[v].0, chunk));
            let scale = of_chunk(scale, chunk);
            for (to, &state) in to.iter_mut().zip(states) {
                // Arrays of their own: only then are the loops compiled for many lanes at once.
                let mut sum = [T::of(0.0); CHUNK];
                for v in 0..N {
                    let vector = values(vectors[v], state);
                    for l in 0..CHUNK {
                        sum[l] += weights[v][l] * vector[l];
                    }
                }
                let before = values(method.layout.state[side], state);
                for l in 0..CHUNK {
                    sum[l] = before[l] + scale[l] * sum[l];
                }
                to.0.as_chunks_mut::<CHUNK>().0[chunk] = sum;
            }
        }
    }
}

/// The values of a chunk.
#[inline(always)]
fn of_chunk<T: Copy>(values: &[T; LANES], chunk: usize) -> [T; CHUNK] {
    values.as_chunks::<CHUNK>().0[chunk]
}
