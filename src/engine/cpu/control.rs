//! Control of the step, whatever the method: each lane has its own. WGSL twin: `shaders/control.wgsl`; constants and
//! formula: `engine/method/control.rs`.

use std::ops::Range;

use crate::engine::method::control::{
    Exponents, GROW, LEAST_ERROR, LEAST_REMEMBERED, SAFETY, SHRINK, STRETCH,
};

use super::math;
use super::program::{Block, LANES, TILE, tiles_of};
use super::real::Real;
use crate::isa::Arithmetic;

/// The lanes' steps. Times are model times.
#[derive(Debug)]
pub(crate) struct Control<T> {
    /// Which of [`Layout::state`](super::attempt::Layout::state) holds the present state.
    pub(crate) side: usize,
    /// Tiles, from the first on, in which a lane may have something to do: machine code leaves out the others, and an
    /// implicit step all but the first if it is the only one.
    pub(crate) tiles: usize,
    /// Start of the segment.
    pub(crate) start: Block<T>,
    /// Length of the segment.
    pub(crate) length: Block<T>,
    /// Present time, relative to the segment's start.
    pub(crate) time: Block<T>,
    /// Size of the next step; 0 computes the derivative at the present state and no more.
    pub(crate) step: Block<T>,
    /// The largest step.
    pub(crate) dtmax: Block<T>,
    /// The time up to which the last rejected step went.
    rejected: Block<T>,
    /// Logarithm of the error of the last accepted step.
    pub(crate) log_err_prev: Block<T>,
    /// Size of the attempted step.
    pub(crate) dt: Block<T>,
    /// Time after it: exactly `length` if it ends there.
    pub(crate) t_new: Block<T>,
    /// Mean square of its error; it is accepted if this is at most 1.
    pub(crate) error: Block<T>,
}

impl<T: Real> Control<T> {
    /// Of lanes that so many items are given to, one after the other.
    pub(crate) fn new(items: usize) -> Self {
        let zero = Block::splat(T::of(0.0));
        Self {
            side: 0,
            tiles: tiles_of(items),
            start: zero,
            length: zero,
            time: zero,
            step: zero,
            dtmax: zero,
            rejected: zero,
            log_err_prev: zero,
            dt: zero,
            t_new: zero,
            error: zero,
        }
    }

    /// Keeps a lane from stepping over what it has just seen: until the end of the rejected step no step is longer
    /// than the next one.
    pub(crate) fn distrust(&mut self, l: usize) {
        self.rejected.0[l] = self.t_new.0[l];
        self.dtmax.0[l] = self.step.0[l];
    }

    /// Lets a lane step as far as it may again, once the last rejected step is passed.
    pub(crate) fn trust(&mut self, l: usize, dtmax: T) {
        if self.time.0[l] >= self.rejected.0[l] {
            self.dtmax.0[l] = dtmax;
        }
    }

    /// Sizes of the attempted steps: the last but one before the end of a segment takes half of
    /// what is left, so that none is tiny. They are differences of the times before and after, so
    /// that the steps of a segment add up to its length.
    #[inline(always)]
    pub(crate) fn choose(&mut self) {
        for l in 0..LANES {
            let (step, dtmax) = (self.step.0[l], self.dtmax.0[l]);
            let step = if step < dtmax { step } else { dtmax };
            let left = self.length.0[l] - self.time.0[l];
            let last = step * T::of(STRETCH) >= left;
            let shared = if T::of(2.0) * step > left { T::of(0.5) * left } else { step };
            let t_new = if last { self.length.0[l] } else { self.time.0[l] + shared };
            self.t_new.0[l] = t_new;
            self.dt.0[l] = t_new - self.time.0[l];
        }
    }

    /// The model time at a fraction of the attempted step, in some tiles.
    #[inline(always)]
    pub(crate) fn at<A: Arithmetic>(&self, tiles: Range<usize>, fraction: f64, to: &mut Block<T>) {
        for l in tiles.start * TILE..tiles.end * TILE {
            let within = A::mul_add(T::of(fraction), self.dt.0[l], self.time.0[l]);
            to.0[l] = self.start.0[l] + within;
        }
    }

    /// Sizes of the next steps, computed in f64. An error that is not a number shrinks the step.
    #[inline(always)]
    pub(crate) fn adapt<A: Arithmetic>(&mut self, exponents: Exponents) {
        for l in 0..LANES {
            let error = self.error.0[l].wide();
            let accepted = error <= 1.0;
            let log_error = 0.5 * math::log::<A, _>(if error < LEAST_ERROR { LEAST_ERROR } else { error });
            let memory = if accepted { exponents.integral * self.log_err_prev.0[l].wide() } else { 0.0 };
            let factor = SAFETY * math::exp::<A, _>(A::mul_add(-exponents.proportional, log_error, memory));
            let most = if accepted { GROW } else { 1.0 };
            let factor = if factor > SHRINK { factor } else { SHRINK };
            let factor = if factor < most { factor } else { most };
            let remembered = if log_error > LEAST_REMEMBERED { log_error } else { LEAST_REMEMBERED };
            self.step.0[l] = T::of(self.dt.0[l].wide() * factor);
            self.log_err_prev.0[l] = if accepted { T::of(remembered) } else { self.log_err_prev.0[l] };
        }
    }
}

/// What errors are measured by, over all states.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tolerance<T> {
    /// Relative tolerance.
    pub(crate) rtol: T,
    /// A state's weight in the mean.
    pub(crate) weight: T,
}

impl<T: Real> Tolerance<T> {
    /// Adds a state's share to the mean square error of the attempt, in one tile.
    #[inline(always)]
    pub(crate) fn measure<A: Arithmetic>(
        &self,
        [old, new, error]: [&[T; TILE]; 3],
        atol: f64,
        mean: &mut [T; TILE],
    ) {
        let Self { rtol, weight } = *self;
        let atol = T::of(atol);
        for l in 0..TILE {
            let (before, after) = (old[l].abs(), new[l].abs());
            // Not `max`, which would hide a value that is not a number.
            let size = if before > after { before } else { after };
            // With an infinite tolerance this is 0, unless the error is not finite.
            let ratio = error[l] / A::mul_add(rtol, size, atol);
            mean[l] = A::mul_add(ratio * weight, ratio, mean[l]);
        }
    }

    /// For states with these absolute tolerances, infinite outside the error norm.
    #[inline(always)]
    pub(crate) fn new(rtol: f64, atol: &[f64]) -> Self {
        let counted = atol.iter().filter(|atol| atol.is_finite()).count();
        Self { rtol: T::of(rtol), weight: T::of(1.0 / counted.max(1) as f64) }
    }
}
