//! States within the last step of lanes, by the interpolant of the method: the state before the step, plus a
//! combination of vectors; or the solution itself.

use crate::engine::method::MOST_STAGES;

use super::attempt::for_stages;
use super::closed_form::ClosedForm;
use super::control::Control;
use super::method::{Method, Scheme};
use super::program::{Block, LANES, Register, TILE};
use super::real::Real;
use crate::isa::{Arithmetic, Task};

/// Where in its last step each lane is looked at.
pub(crate) struct Places<T> {
    /// The weight of each vector.
    weights: [Block<T>; MOST_STAGES],
    /// Which tiles have a lane that is looked at.
    tiles: [bool; LANES / TILE],
}

impl<T: Real> Places<T> {
    /// No lane is looked at.
    pub(crate) fn nowhere() -> Self {
        Self { weights: [Block::splat(T::of(0.0)); MOST_STAGES], tiles: [false; LANES / TILE] }
    }

    /// Every lane of the first so many tiles is looked at, at the same fraction of its step.
    pub(crate) fn everywhere(method: &Method, fraction: f64, tiles: usize) -> Self {
        let weights = method.weights([fraction]).map(|[weight]| Block::splat(T::of(weight)));
        Self { weights, tiles: std::array::from_fn(|tile| tile < tiles) }
    }

    /// No lane is looked at any more.
    pub(crate) fn clear(&mut self) {
        self.tiles = [false; LANES / TILE];
    }

    /// A lane is looked at, at a fraction of its step.
    pub(crate) fn look(&mut self, method: &Method, lane: usize, fraction: f64) {
        for (block, [weight]) in self.weights.iter_mut().zip(method.weights([fraction])) {
            block.0[lane] = T::of(weight);
        }
        self.tiles[lane / TILE] = true;
    }

    /// The lanes of a tile are looked at, each at a fraction of its step.
    #[inline(always)]
    pub(crate) fn look_in(&mut self, method: &Method, tile: usize, fractions: [f64; TILE]) {
        for (block, weights) in self.weights.iter_mut().zip(method.weights(fractions)) {
            let block = block.tile_mut(tile);
            for l in 0..TILE {
                block[l] = T::of(weights[l]);
            }
        }
        self.tiles[tile] = true;
    }

    /// The tiles of lanes that are looked at.
    #[inline(always)]
    fn looked_at(&self) -> impl Iterator<Item = usize> {
        (0..LANES / TILE).filter(|&tile| self.tiles[tile])
    }
}

/// Some states at one or more places of each lane, after an attempt at whose end the sides have been swapped.
pub(crate) struct Sample<'a, T> {
    pub(crate) method: &'a Method,
    pub(crate) registers: &'a mut [Block<T>],
    pub(crate) control: &'a Control<T>,
    /// All in the same tiles.
    pub(crate) places: &'a [Places<T>],
    pub(crate) states: &'a [usize],
    /// `[place][state]`, one block for each.
    pub(crate) to: &'a mut [Block<T>],
}

impl<T: Real> Task for Sample<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        self.take::<A>();
    }
}

impl<T: Real> Sample<'_, T> {
    #[inline(always)]
    pub(crate) fn take<A: Arithmetic>(self) {
        let side = 1 - self.control.side;
        match &self.method.scheme {
            Scheme::Explicit(scheme) => {
                let scale = self.control.dt;
                for_stages!(scheme.k[side].len(), N => self.combine::<N>(side, &scheme.k[side], &scale));
            }
            Scheme::Rosenbrock(scheme) => {
                let scale = Block::splat(T::of(1.0));
                for_stages!(scheme.stages.len(), N => self.combine::<N>(side, &scheme.stages, &scale));
            }
            Scheme::ClosedForm(scheme) => self.take_solution::<A>(scheme),
        }
    }

    /// The solution.
    #[inline(always)]
    fn take_solution<A: Arithmetic>(self, scheme: &ClosedForm) {
        let Self { method, registers, control, places, states, to } = self;
        for (number, place) in places.iter().enumerate() {
            let elapsed = &mut registers[usize::from(scheme.elapsed)];
            for l in 0..LANES {
                elapsed.0[l] = place.weights[0].0[l] * control.dt.0[l];
            }
            scheme.advance::<T, A>(&method.layout, 1 - control.side, place.looked_at(), registers);
            for (to, &state) in to[number * states.len()..].iter_mut().zip(states) {
                for tile in place.looked_at() {
                    *to.tile_mut(tile) = *registers[usize::from(scheme.after) + state].tile(tile);
                }
            }
        }
    }

    /// The states before the step, plus the weighted vectors times `scale`.
    #[inline(always)]
    fn combine<const N: usize>(self, side: usize, vectors: &[Register], scale: &Block<T>) {
        let Self { method, registers, places, states, to, .. } = self;
        for tile in places.iter().take(1).flat_map(Places::looked_at) {
            let values = |base: Register, state: usize| *registers[usize::from(base) + state].tile(tile);
            let scale = scale.tile(tile);
            for (i, &state) in states.iter().enumerate() {
                let before = values(method.layout.state[side], state);
                let vectors: [[T; TILE]; N] = std::array::from_fn(|v| values(vectors[v], state));
                for (number, place) in places.iter().enumerate() {
                    // An array of its own: only then are the loops compiled for many lanes at once.
                    let mut sum = [T::of(0.0); TILE];
                    for (weights, vector) in place.weights.iter().zip(&vectors) {
                        let weights = weights.tile(tile);
                        for l in 0..TILE {
                            sum[l] += weights[l] * vector[l];
                        }
                    }
                    for l in 0..TILE {
                        sum[l] = before[l] + scale[l] * sum[l];
                    }
                    *to[number * states.len() + i].tile_mut(tile) = sum;
                }
            }
        }
    }
}
