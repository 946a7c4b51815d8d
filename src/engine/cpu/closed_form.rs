//! The solution in closed form: the state at any time of a segment from that at its start. One step leads to its end,
//! but for those in which curves are followed. WGSL twin: `shaders/closed_form.wgsl`.

use crate::engine::method::closed_form::GROWTH;

use super::attempt::{Attempt, Layout};
use super::compile::Program;
use super::control::Control;
use super::machine::{Code, execute};
use super::program::{Block, LANES, Register, split};
use super::real::Real;
use crate::isa::Arithmetic;

/// The solution of one system.
#[derive(Debug)]
pub(crate) struct ClosedForm {
    /// One block: time since the start of the step.
    pub(crate) elapsed: Register,
    /// The states after it, one block for each.
    pub(crate) after: Register,
    /// What computes them from the states of either side.
    pub(crate) programs: [Program; 2],
    /// The same as machine code, of either side.
    pub(crate) code: Option<Code>,
    /// Where the first step of a segment is, if curves are followed.
    pub(crate) first_step: Option<Register>,
}

impl ClosedForm {
    /// The attempted step.
    #[inline(always)]
    pub(crate) fn attempt<T: Real, A: Arithmetic>(&self, attempt: Attempt<'_, T>) {
        let Attempt { layout, registers, control, .. } = attempt;
        let zero = T::of(0.0);
        registers[usize::from(self.elapsed)] = control.dt;
        self.advance::<T, A>(layout, control.side, 0..control.tiles, registers);
        control.error = Block::splat(zero);
        for i in 0..layout.states {
            let (new, others) = split(registers, layout.state[1 - control.side] + i);
            let after = others.get(self.after + i);
            for l in 0..LANES {
                new.0[l] = after.0[l];
                // There is no error; but a state may be no finite number.
                control.error.0[l] += zero * after.0[l];
            }
        }
        self.choose_next(registers, control);
    }

    /// The states after those of a side by the times in [`Self::elapsed`], in some tiles at least.
    #[inline(always)]
    pub(crate) fn advance<T: Real, A: Arithmetic>(
        &self,
        layout: &Layout,
        side: usize,
        tiles: impl Iterator<Item = usize>,
        registers: &mut [Block<T>],
    ) {
        let first = [layout.state[side], self.after];
        execute::<T, A>(&self.programs[side], self.code.as_ref(), tiles, first, registers);
    }

    /// Sizes of the next steps: none after a state that is not finite, which no shorter step would make good.
    #[inline(always)]
    fn choose_next<T: Real>(&self, registers: &[Block<T>], control: &mut Control<T>) {
        for l in 0..LANES {
            let first = self.first_step(registers, l);
            let later = T::of(GROWTH) * control.t_new.0[l];
            let next = if first < later { later } else { first };
            control.step.0[l] = if control.error.0[l] == T::of(0.0) { next } else { T::of(0.0) };
        }
    }

    /// The first step of a lane's segment: to its end, unless curves are followed.
    #[inline(always)]
    pub(crate) fn first_step<T: Real>(&self, registers: &[Block<T>], lane: usize) -> T {
        self.first_step.map_or(T::of(f64::INFINITY), |register| registers[usize::from(register)].0[lane])
    }
}
