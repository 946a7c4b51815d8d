//! The stages of an explicit pair, each in one piece with the state at which it is taken, and the error of the step.
//!
//! What is computed of a state need not wait in memory then, and fills the time in which a chain of operations of the
//! derivatives waits. With 32 vector registers an attempt is 1.4 to 1.5 times as fast as with the sums apart; with 16 it is
//! slower.

use crate::engine::cpu::Isa;
use crate::engine::cpu::attempt::Layout;
use crate::engine::cpu::compile::Program;
use crate::engine::cpu::control::Tolerance;
use crate::engine::cpu::number::Number;
use crate::engine::cpu::program::Register;
use crate::engine::method::Explicit;
use crate::hash::HashMap;
use crate::isa::MulAdd;

use super::encode::{Memory, Pointer};
use super::executable::Code;
use super::record::{Recorder, Value};
use super::{at, record};

/// States at most that are not kept in memory while a stage is computed: more would be too many values to spill.
const MOST_UNKEPT: Register = 64;

/// A pair and where its values are, before a step from the first side. What is of that side lies at the same distances from
/// its state as what is of the other from that of the other.
pub(crate) struct Pair<'a> {
    pub(crate) tableau: &'static Explicit,
    pub(crate) layout: &'a Layout,
    /// Derivatives of the stages.
    pub(crate) k: &'a [Register],
    /// One block: size of the step.
    pub(crate) dt: Register,
    /// One block: its mean square error.
    pub(crate) error: Register,
}

impl Pair<'_> {
    /// A stage, counted from 2 on, given the program of its derivatives. The state of the last is kept, and where there are
    /// many states that of every stage.
    pub(crate) fn stage(&self, isa: Isa, stage: usize, program: &Program) -> Option<Code> {
        let Self { tableau, layout, k, .. } = *self;
        let recorder = Recorder::default();
        let is_kept = stage == tableau.stages() || layout.states > MOST_UNKEPT;
        let state = (0..layout.states).map(|i| {
            let sum = self.weighted(&recorder, tableau.a[stage - 2], i);
            let value = self.load(&recorder, self.dt).mul_add(sum, self.load(&recorder, layout.state[0] + i));
            let register = layout.state[1] + i;
            if is_kept {
                value.store(self.place(register));
            }
            (register, value)
        });
        let mut values: HashMap<Register, Value<'_>> = state.collect();
        let kept = k[stage - 1]..k[stage - 1] + layout.states;
        record(&recorder, &program.code, &mut values, |register| self.place(register), &kept)?;
        Code::of(isa, recorder)
    }

    /// The mean square error, after the last stage.
    pub(crate) fn error(&self, isa: Isa, rtol: f64, atol: &[f64]) -> Option<Code> {
        let Self { tableau, layout, .. } = *self;
        let recorder = Recorder::default();
        let Tolerance { rtol, weight } = Tolerance::new(rtol, atol);
        let [rtol, weight, zero] = [rtol, weight, 0.0].map(|value| recorder.constant(value));
        let mean = (0..layout.states).zip(atol).fold(zero, |mean, (i, &atol)| {
            let error = self.load(&recorder, self.dt) * self.weighted(&recorder, tableau.error, i);
            let [before, after] = layout.state.map(|first| self.load(&recorder, first + i).abs());
            let size = Number::choose(before.greater(after), before, after);
            let ratio = error / rtol.mul_add(size, recorder.constant(atol));
            (ratio * weight).mul_add(ratio, mean)
        });
        mean.store(self.place(self.error));
        Code::of(isa, recorder)
    }

    /// The sum of the derivatives of a state, weighted.
    fn weighted<'a>(&self, recorder: &'a Recorder, weights: &[f64], state: Register) -> Value<'a> {
        let derivative = |first: Register| self.load(recorder, first + state);
        let terms =
            weights.iter().zip(self.k).map(|(&weight, &k)| (recorder.constant(weight), derivative(k)));
        let sum = terms.fold(None, |sum: Option<Value<'a>>, (weight, derivative)| {
            Some(sum.map_or(weight * derivative, |sum| weight.mul_add(derivative, sum)))
        });
        sum.unwrap_or_else(|| recorder.constant(0.0))
    }

    fn load<'a>(&self, recorder: &'a Recorder, register: Register) -> Value<'a> {
        recorder.load(self.place(register))
    }

    /// Where a register is: those of a side are counted from its state.
    fn place(&self, register: Register) -> Memory {
        let Layout { states, state, k1, .. } = *self.layout;
        let sides = state.into_iter().zip(k1).zip([Pointer::States, Pointer::Results]);
        let side = sides.into_iter().find(|((state, k1), _)| {
            [state, k1].into_iter().any(|&first| (first..first + states).contains(&register))
        });
        side.map_or(at(Pointer::Registers, register), |((state, _), pointer)| at(pointer, register - state))
    }
}
