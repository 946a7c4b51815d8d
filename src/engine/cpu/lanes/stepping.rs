//! What becomes of attempted steps. WGSL twin: `shaders/stepping.wgsl`.

use crate::cohort::Ticks;
use crate::engine::method::control::{INITIAL_CHANGE, LEAST_INITIAL_SHARE, LEAST_STEP, ONSET};
use crate::engine::{NotFinite, Status, Valued};

use super::super::control::Control;
use super::super::program::{LANES, Register};
use super::super::real::Real;
use super::{Columns, Lanes, Phase};

impl<T: Real> Lanes<'_, T> {
    /// Decides about the attempts: of the lanes in which nothing else happens all at once. The sides have been swapped:
    /// `control.side` holds the states after the attempt.
    pub(super) fn settle(&mut self) {
        let goes_on: [bool; LANES] = std::array::from_fn(|l| self.goes_on(l));
        for (l, goes_on) in goes_on.into_iter().enumerate() {
            self.columns.steps[l] += u32::from(goes_on);
            let Control { time, t_new, .. } = &mut self.control;
            time.0[l] = if goes_on { t_new.0[l] } else { time.0[l] };
        }
        for l in (0..LANES).filter(|&l| !goes_on[l]) {
            self.settle_lane(l);
        }
    }

    /// Whether a lane is within its segment after an accepted attempt, and nothing else is to be decided about it.
    fn goes_on(&self, l: usize) -> bool {
        let Columns { phase, steps, rejected, .. } = &self.columns;
        let is_within = self.control.t_new.0[l] != self.control.length.0[l];
        let is_watched = self.follow.broken[l].is_some() | self.subjects.has_bounded_steps();
        let is_last = steps[l] + rejected[l] + 1 >= self.system.max_steps;
        (phase[l] == Phase::Running) & self.is_accepted(l) & is_within & !is_watched & !is_last
    }

    /// Decides about the attempt of a lane.
    fn settle_lane(&mut self, l: usize) {
        match self.columns.phase[l] {
            Phase::Idle => {}
            Phase::Starting => match self.lanes[l].first_dtmax {
                None => self.start_steps(l, INITIAL_CHANGE, f64::INFINITY),
                Some(dtmax) => self.start_steps(l, 1.0, dtmax),
            },
            Phase::Running if self.is_accepted(l) => self.accept(l),
            Phase::Running => self.reject(l),
            Phase::Deciding => self.roll_back(l),
        }
    }

    /// Whether the attempt of a lane that integrates is accepted.
    pub(super) fn is_accepted(&self, l: usize) -> bool {
        self.control.error.0[l].wide() <= 1.0
    }

    pub(super) fn accept(&mut self, l: usize) {
        self.columns.steps[l] += 1;
        if let Some(of) = self.follow.broken[l] {
            self.note_not_finite(l, Some(Valued::Observed(of)));
            self.close(l, Status::NonFinite);
            return;
        }
        self.control.time.0[l] = self.control.t_new.0[l];
        if self.subjects.has_bounded_steps() {
            self.control.trust(l, self.longest_step(self.lanes[l].item));
        }
        if self.control.time.0[l] == self.control.length.0[l] {
            self.at_tstop(l);
        } else {
            self.check_steps(l);
        }
    }

    pub(super) fn reject(&mut self, l: usize) {
        self.columns.rejected[l] += 1;
        let is_over = self.control.step.0[l].wide() < self.smallest_step(l);
        let finite = self.control.error.0[l].wide().is_finite();
        if is_over && !finite {
            self.note_not_finite(l, self.broken_state(l));
        }
        self.roll_back(l);
        if self.subjects.has_bounded_steps() {
            self.control.distrust(l);
        }
        if is_over {
            self.close(l, if finite { Status::StepTooSmall } else { Status::NonFinite });
        } else {
            self.check_steps(l);
        }
    }

    /// The first state that is not finite, or whose derivative is not.
    pub(super) fn broken_state(&self, l: usize) -> Option<Valued> {
        let layout = &self.system.method.layout;
        let value = |base: Register, i: usize| self.registers[usize::from(base) + i].0[l].wide();
        let side = self.control.side;
        let of_state =
            |base: Register| (0..usize::from(layout.states)).find(move |&i| !value(base, i).is_finite());
        of_state(layout.state[side]).or_else(|| of_state(layout.k1[side])).map(Valued::State)
    }

    /// Notes what was not finite.
    pub(super) fn note_not_finite(&mut self, l: usize, what: Option<Valued>) {
        let since = self.control.time.0[l].wide() / self.system.time_per_tick;
        let tick = (self.lanes[l].start.ticks() + since) as Ticks;
        let noted = what.map(|what| NotFinite { what, tick, operation: self.operation(l, what) });
        self.part.not_finite[self.lanes[l].item] = noted;
    }

    /// Takes the state and its derivative back from before the attempt.
    pub(super) fn roll_back(&mut self, l: usize) {
        let layout = &self.system.method.layout;
        let (now, before) = (self.control.side, 1 - self.control.side);
        for i in 0..layout.states {
            for base in [layout.state, layout.k1] {
                let old = self.registers[usize::from(base[before] + i)].0[l];
                self.registers[usize::from(base[now] + i)].0[l] = old;
            }
        }
    }

    /// The resolution of time: that of the lane's numbers at the present, which counts from the
    /// segment's start, but not below that of f64 at the end of the plan.
    pub(super) fn smallest_step(&self, l: usize) -> f64 {
        let end = self.last_time(l);
        LEAST_STEP * f64::max(T::EPSILON * self.control.time.0[l].wide(), f64::EPSILON * end)
    }

    /// Model time of the end.
    fn last_time(&self, l: usize) -> f64 {
        let walk = self.lanes[l].walk.as_ref();
        walk.map_or(f64::from(self.system.end) * self.system.time_per_tick, |walk| {
            walk.last_time(self.system.time_per_tick)
        })
    }

    pub(super) fn check_steps(&mut self, l: usize) {
        if self.columns.steps[l] + self.columns.rejected[l] >= self.system.max_steps {
            self.close(l, Status::MaxSteps);
        }
    }

    /// The longest step that an item may take: the plan's, or its own.
    pub(super) fn longest_step(&self, item: usize) -> T {
        T::of(self.system.max_step.min(self.subjects.longest_step(item)))
    }

    /// Asks for the derivative at the present state: an attempt of size 0, whose last stage it is. Then the first step
    /// is at most `first_dtmax`; after a jump of the state, none is given.
    pub(super) fn restart(&mut self, l: usize, first_dtmax: Option<f64>) {
        let layout = &self.system.method.layout;
        for i in 0..layout.states {
            self.registers[usize::from(layout.k1[self.control.side] + i)].0[l] = T::of(0.0);
        }
        self.control.step.0[l] = T::of(0.0);
        self.lanes[l].starts += 1;
        (self.columns.phase[l], self.lanes[l].first_dtmax) = (Phase::Starting, first_dtmax);
    }

    /// The first step after a time at which something may begin that no derivative shows yet: where equations change
    /// smoothly with time.
    pub(super) fn onset(&self, l: usize) -> Option<f64> {
        let is_smooth = self.system.max_step.is_finite();
        is_smooth.then(|| ONSET * self.control.length.0[l].wide())
    }

    /// Starts to integrate, once the derivative is known, with a step that changes the state by about
    /// this share of its size, but none longer than `dtmax`.
    pub(super) fn start_steps(&mut self, l: usize, share: f64, dtmax: f64) {
        match self.first_step(l, share) {
            Some(step) => {
                self.control.step.0[l] = T::of(step.min(dtmax));
                self.control.log_err_prev.0[l] = T::of(0.0);
                self.columns.phase[l] = Phase::Running;
                self.check_steps(l);
            }
            None => {
                self.note_not_finite(l, self.broken_state(l));
                self.close(l, Status::NonFinite);
            }
        }
    }

    /// A step that changes the state by about a share of its size (Hairer, Norsett, Wanner, Solving
    /// Ordinary Differential Equations I, section II.4), `None` if the state or its derivative is not
    /// finite.
    pub(super) fn first_step(&self, l: usize, share: f64) -> Option<f64> {
        let method = &self.system.method;
        let (mut size, mut speed) = (0.0, 0.0);
        for (i, &atol) in method.atol.iter().enumerate() {
            let value = |base: Register| self.registers[usize::from(base) + i].0[l].wide();
            let state = value(method.layout.state[self.control.side]);
            let derivative = value(method.layout.k1[self.control.side]);
            if !(state.is_finite() && derivative.is_finite()) {
                return None;
            }
            let scale = atol + method.rtol * state.abs();
            size += (state / scale).powi(2);
            speed += (derivative / scale).powi(2);
        }
        let length = self.control.length.0[l].wide();
        let step = share * (size / speed).sqrt();
        // A state or derivative of almost nothing says nothing about the step.
        let smallest = LEAST_INITIAL_SHARE * length;
        Some(if step > smallest && step.is_finite() { step.min(length) } else { smallest })
    }
}
