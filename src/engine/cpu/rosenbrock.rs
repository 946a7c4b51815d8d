//! The Rosenbrock method of Steinebach, 5(4), for stiff systems: every step takes the Jacobian at its
//! start, factorises it once and solves one linear system for each stage.
//!
//! All lanes go together, so that a lane whose step was rejected takes its Jacobian anew.

use crate::engine::method::rodas5p::{
    A2, A3, A4, A5, A6, C, COUPLING2, COUPLING3, COUPLING4, COUPLING5, COUPLING6, COUPLING7, COUPLING8, D,
    GAMMA, STAGES,
};
use crate::engine::sparse_lu::most_growth;

use super::compile::Program;
use super::control::{Control, Exponents, Tolerance};
use super::dispatch::Arithmetic;
use super::method::{Attempt, Layout, Method};
use super::program::{Block, LANES, Others, Register, run, split};
use super::real::Real;

/// Exponents of the controller.
pub(crate) const EXPONENTS: Exponents = Exponents { proportional: 0.2, integral: 0.0 };

/// The method for one system.
#[derive(Debug)]
pub(crate) struct Rosenbrock {
    /// One block: `1 / (h gamma)`.
    pub(crate) shift: Register,
    /// One block: the growth of the factorisation.
    pub(crate) growth: Register,
    /// Right-hand sides of the linear systems, one block for each state.
    pub(crate) right: Register,
    /// `U` of each stage, one block for each state.
    pub(crate) stages: [Register; STAGES],
    /// States whose derivative depends on time, and where its derivative by time is.
    pub(crate) timed: Vec<(Register, Register)>,
    /// At the start of a step: derivatives, factors, growth, derivatives by time, by side.
    pub(crate) linearise: [Program; 2],
    /// `U` of stage 1 from the right-hand side.
    pub(crate) solve: Program,
    /// `U` of stages 2 to 8 from the stage's state and right-hand side, by side.
    pub(crate) programs: [Vec<Program>; 2],
    /// States that derivatives read: only these are needed at stages 2 to 5.
    pub(crate) read: Vec<Register>,
}

impl Rosenbrock {
    /// The attempted step whose sizes have been chosen.
    #[inline(always)]
    pub(crate) fn attempt<T: Real, A: Arithmetic>(&self, attempt: Attempt<'_, T>) {
        let Attempt { method, registers, control } = attempt;
        let layout = &method.layout;
        let mut per_step = Block::splat(T::of(0.0));
        for l in 0..LANES {
            per_step.0[l] = T::of(1.0) / control.used.0[l];
            registers[usize::from(self.shift)].0[l] = T::of(1.0 / GAMMA) * per_step.0[l];
        }
        control.at::<A>(0.0, &mut registers[usize::from(layout.time)]);
        run::<T, A>(&self.linearise[control.side].code, registers);
        for i in 0..layout.states {
            let (right, others) = split(registers, self.right + i);
            *right = *others.get(layout.first[control.side] + i);
        }
        self.add_time::<T, A>(0, registers, control);
        run::<T, A>(&self.solve.code, registers);
        for (stage, &node) in C.iter().enumerate().skip(1) {
            let h = &per_step;
            match stage {
                1 => self.stage::<T, A, 1>(Some(&A2), &COUPLING2, layout, registers, control, h),
                2 => self.stage::<T, A, 2>(Some(&A3), &COUPLING3, layout, registers, control, h),
                3 => self.stage::<T, A, 3>(Some(&A4), &COUPLING4, layout, registers, control, h),
                4 => self.stage::<T, A, 4>(Some(&A5), &COUPLING5, layout, registers, control, h),
                5 => self.stage::<T, A, 5>(Some(&A6), &COUPLING6, layout, registers, control, h),
                6 => self.stage::<T, A, 6>(None, &COUPLING7, layout, registers, control, h),
                _ => self.stage::<T, A, 7>(None, &COUPLING8, layout, registers, control, h),
            }
            self.add_time::<T, A>(stage, registers, control);
            control.at::<A>(node, &mut registers[usize::from(layout.time)]);
            run::<T, A>(&self.programs[control.side][stage - 1].code, registers);
        }
        self.finish::<T, A>(method, registers, control);
        control.adapt::<A>(EXPONENTS);
    }

    /// The state at which the next stage is taken, and the right-hand side of its linear system but for the
    /// derivatives there, from `U` of the first `N` stages. Without weights, the state is that of the stage
    /// before, plus its `U`.
    #[inline(always)]
    fn stage<T: Real, A: Arithmetic, const N: usize>(
        &self,
        weights: Option<&[f64; N]>,
        coupling: &[f64; N],
        layout: &Layout,
        registers: &mut [Block<T>],
        control: &Control<T>,
        per_step: &Block<T>,
    ) {
        match weights {
            Some(weights) if N + 1 < FIRST_WHOLE => {
                for &i in &self.read {
                    self.advance::<T, A, N>(i, weights, layout, registers, control);
                }
            }
            Some(weights) => {
                for i in 0..layout.states {
                    self.advance::<T, A, N>(i, weights, layout, registers, control);
                }
            }
            None => self.add_last(N - 1, layout, registers, control),
        }
        for i in 0..layout.states {
            let (right, others) = split(registers, self.right + i);
            let u = self.before::<T, N>(i, &others);
            for l in 0..LANES {
                let mut sum = T::of(coupling[0]) * u[0].0[l];
                for j in 1..N {
                    sum = A::mul_add(T::of(coupling[j]), u[j].0[l], sum);
                }
                right.0[l] = per_step.0[l] * sum;
            }
        }
    }

    /// `U` of a state in the first `N` stages.
    #[inline(always)]
    fn before<'a, T, const N: usize>(&self, i: Register, others: &Others<'a, T>) -> [&'a Block<T>; N] {
        let mut u = [others.get(self.stages[0] + i); N];
        for (u, stage) in u.iter_mut().zip(self.stages) {
            *u = others.get(stage + i);
        }
        u
    }

    /// One state from that at the start of the step.
    #[inline(always)]
    fn advance<T: Real, A: Arithmetic, const N: usize>(
        &self,
        i: Register,
        weights: &[f64; N],
        layout: &Layout,
        registers: &mut [Block<T>],
        control: &Control<T>,
    ) {
        let (new, others) = split(registers, layout.state[1 - control.side] + i);
        let old = others.get(layout.state[control.side] + i);
        let u = self.before::<T, N>(i, &others);
        for l in 0..LANES {
            let mut sum = T::of(weights[0]) * u[0].0[l];
            for j in 1..N {
                sum = A::mul_add(T::of(weights[j]), u[j].0[l], sum);
            }
            new.0[l] = old.0[l] + sum;
        }
    }

    /// Adds `U` of a stage to the new state.
    #[inline(always)]
    fn add_last<T: Real>(
        &self,
        stage: usize,
        layout: &Layout,
        registers: &mut [Block<T>],
        control: &Control<T>,
    ) {
        for i in 0..layout.states {
            let (new, others) = split(registers, layout.state[1 - control.side] + i);
            let u = others.get(self.stages[stage] + i);
            for l in 0..LANES {
                new.0[l] += u.0[l];
            }
        }
    }

    /// Adds the share of the derivative by time to the right-hand side of a stage.
    #[inline(always)]
    fn add_time<T: Real, A: Arithmetic>(
        &self,
        stage: usize,
        registers: &mut [Block<T>],
        control: &Control<T>,
    ) {
        if D[stage] == 0.0 {
            return;
        }
        let weight = T::of(D[stage]);
        for &(state, slope) in &self.timed {
            let (right, others) = split(registers, self.right + state);
            let slope = others.get(slope);
            for l in 0..LANES {
                right.0[l] = A::mul_add(weight * control.used.0[l], slope.0[l], right.0[l]);
            }
        }
    }

    /// The state after the step and the mean square error. A step of size 0 leaves the state as it was; one
    /// whose factorisation grew too much has an infinite error.
    #[inline(always)]
    fn finish<T: Real, A: Arithmetic>(
        &self,
        method: &Method,
        registers: &mut [Block<T>],
        control: &mut Control<T>,
    ) {
        let layout = &method.layout;
        let last = self.stages[STAGES - 1];
        let tolerance = Tolerance::new(method.rtol, &method.atol);
        control.error = Block::splat(T::of(0.0));
        for (i, &atol) in (0..layout.states).zip(&method.atol) {
            let (new, others) = split(registers, layout.state[1 - control.side] + i);
            let old = others.get(layout.state[control.side] + i);
            let u = others.get(last + i);
            for l in 0..LANES {
                let sum = new.0[l] + u.0[l];
                new.0[l] = if control.used.0[l] == T::of(0.0) { old.0[l] } else { sum };
            }
            control.measure::<A>([old, new, u], &tolerance, atol);
        }
        let growth = &registers[usize::from(self.growth)];
        let most = T::of(most_growth(T::EPSILON));
        for l in 0..LANES {
            if growth.0[l] > most {
                control.error.0[l] = T::of(f64::INFINITY);
            }
        }
    }
}

/// The first stage at which every state is needed, for the solution goes on from there.
const FIRST_WHOLE: usize = 6;
