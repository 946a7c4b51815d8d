//! The curves along the last step of every lane: their values at its points, and the range that these leave.

use super::super::program::{Block, LANES};
use super::super::real::Real;
use super::super::within::{Places, Sample};
use super::program::Curves;
use super::search::{POINTS, place};
use super::sift::{Range, Values, sift};
use super::{Attempted, time_of};
use crate::isa::{Arithmetic, Task};

/// Follows the curves along the last step of every lane.
pub(super) struct Trace<'a, T> {
    pub(super) curves: &'a Curves,
    pub(super) attempted: Attempted<'a, T>,
    /// The points within the step, both ends apart.
    pub(super) inner: &'a [Places<T>],
    /// `[point][state]`: the states that are read there.
    pub(super) states: &'a mut [Block<T>],
    /// What the curves are evaluated in.
    pub(super) registers: &'a mut [Block<T>],
    /// `[curve]`
    pub(super) values: &'a mut [Values<T>],
    /// `[curve]`
    pub(super) ranges: &'a mut [Range],
}

impl<T: Real> Task for Trace<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { curves, attempted, inner, states: between, registers, values, ranges } = self;
        let Attempted { method, registers: engine, control } = attempted;
        let states = &curves.states[..];
        Sample { method, registers: engine, control, places: inner, states, to: between }.take::<A>();
        for point in 0..POINTS {
            let side = if point == 0 { 1 - control.side } else { control.side };
            let is_end = point == 0 || point == POINTS - 1;
            for (i, (to, &state)) in registers.iter_mut().zip(states).enumerate() {
                let at_end = usize::from(method.layout.state[side]) + state;
                *to = if is_end { engine[at_end] } else { between[(point - 1) * states.len() + i] };
            }
            let fraction = T::of(place(point));
            let time = &mut registers[curves.time];
            for lane in 0..LANES {
                time.0[lane] = time_of(control, lane, fraction);
            }
            curves.routine.evaluate::<T, A>(0..control.tiles, registers);
            for (values, &output) in values.iter_mut().zip(&curves.outputs) {
                values[point] = registers[output];
            }
        }
        for (values, range) in values.iter().zip(ranges) {
            sift(values, range);
        }
    }
}
