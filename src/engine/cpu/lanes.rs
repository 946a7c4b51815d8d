//! The walk of every patient through its segments, many at a time.
//!
//! Each lane has its own patient, segment, time and step. The moment a patient is done, its lane
//! takes the next. No lane waits for another, and nothing in a lane depends on the others.

mod reading;

use std::ops::Range;

use crate::cohort::Ticks;
use crate::engine::instant::Instant;
use crate::engine::landing::{Coming, Landing};
use crate::engine::method::control::{INITIAL_CHANGE, LEAST_INITIAL_SHARE, LEAST_STEP, ONSET};
use crate::engine::schedule::{Given, NEVER, Schedule};
use crate::engine::{DoseRecord, Endings, Individuals, NotFinite, Status, Valued};

use super::Level;
use super::control::Control;
use super::curve::{Attempted, Follow};
use super::method::Step;
use super::program::{Block, LANES, Register};
use super::real::Real;
use super::subjects::SubjectBatch;
use super::system::System;
use super::visit::{Observations, Recorded};
use reading::Within;

/// The results of consecutive patients: items from 0 on.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) recorded: Recorded,
    pub(crate) status: Vec<Status>,
    pub(crate) steps: Vec<u32>,
    pub(crate) rejected: Vec<u32>,
    /// What was not finite of the states.
    not_finite: Vec<Option<NotFinite>>,
}

/// What a lane is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing: no patient is left.
    Idle,
    /// Its derivative is being computed, at the start or after a jump of the state or of the equations.
    Starting,
    /// It integrates.
    Running,
    /// It waits at a landing, to be decided with others.
    Deciding,
}

/// Attempts for which a lane waits to be decided with others: so many that most of what is read is
/// taken from many lanes at once, so few that hardly a lane waits.
const PATIENCE: u32 = 4;

/// One patient in one arm on its way.
#[derive(Debug)]
struct Lane {
    phase: Phase,
    item: usize,
    schedule: Schedule,
    /// When the equations change next, in the order of [`System::landings`].
    landings: Vec<Coming>,
    /// Start of the present segment.
    start: Instant,
    /// Its end: a landing.
    end: Instant,
    /// When it is looked at next for its doses.
    look: Ticks,
    /// Doses given.
    given: usize,
    /// The next observation time.
    point: usize,
    steps: u32,
    rejected: u32,
    /// The next step and the error before it, of a lane that waits.
    paused: [f64; 2],
    /// The longest step that it may start with, once its derivative is known; none after a jump of the state.
    longest: Option<f64>,
}

/// A block of lanes at work on a part.
struct Lanes<'a, T> {
    system: &'a System<T>,
    subjects: &'a SubjectBatch<'a>,
    level: Level,
    registers: Vec<Block<T>>,
    control: Control<T>,
    lanes: Vec<Lane>,
    /// The next item.
    queue: Range<usize>,
    /// Lanes that are not idle.
    busy: usize,
    /// Lanes that wait to be decided, and for how many attempts the first of them has.
    deciding: usize,
    waited: u32,
    observations: Observations<'a, T>,
    within: Within<T>,
    follow: Follow<'a, T>,
    part: Part,
}

/// Integrates a range of patients in every arm.
pub(crate) fn solve<T: Real>(
    system: &System<T>,
    level: Level,
    individuals: &Individuals,
    patients: Range<usize>,
) -> Part {
    let slots: Vec<&[f64]> = individuals.slots.iter().map(Vec::as_slice).collect();
    let kept = individuals.trajectories.clamp(patients.start, patients.end) - patients.start;
    let subjects = SubjectBatch {
        individuals,
        columns: system.prelude.run(level, &slots, patients.clone()),
        patients,
        arms: system.doses.arms.len(),
        points: system.observation_times.len(),
        doses: system.rules.doses(),
    };
    let items = subjects.items();
    let lane = || Lane {
        phase: Phase::Idle,
        item: 0,
        schedule: Schedule::default(),
        landings: Vec::new(),
        start: Instant::START,
        end: Instant::START,
        look: 0,
        given: 0,
        point: 0,
        steps: 0,
        rejected: 0,
        paused: [0.0; 2],
        longest: None,
    };
    let mut lanes = Lanes {
        system,
        subjects: &subjects,
        level,
        registers: system.registers.clone(),
        control: Control::new(),
        lanes: (0..LANES).map(|_| lane()).collect(),
        queue: 0..items,
        busy: 0,
        deciding: 0,
        waited: 0,
        observations: Observations::new(
            &system.observation,
            &system.rules,
            &subjects,
            level,
            kept * subjects.arms,
        ),
        within: Within::new(system.observation.states.len()),
        follow: Follow::new(&system.curves, &system.method, level, items),
        part: Part {
            recorded: Recorded::default(),
            status: vec![Status::Ok; items],
            steps: vec![0; items],
            rejected: vec![0; items],
            not_finite: vec![None; items],
        },
    };
    for l in 0..LANES {
        lanes.refill(l);
    }
    lanes.decide();
    while lanes.busy > 0 {
        let Lanes { registers, control, .. } = &mut lanes;
        level.run(Step { method: &system.method, registers, control });
        lanes.control.side = 1 - lanes.control.side;
        lanes.pass();
        for l in 0..LANES {
            lanes.settle(l);
        }
        lanes.decide();
    }
    lanes.finish()
}

impl<T: Real> Lanes<'_, T> {
    /// Decides about the attempt of a lane. The sides have been swapped: `control.side` holds the
    /// states after the attempt.
    fn settle(&mut self, l: usize) {
        match self.lanes[l].phase {
            Phase::Idle => {}
            Phase::Starting => match self.lanes[l].longest {
                None => self.depart(l, INITIAL_CHANGE, f64::INFINITY),
                Some(longest) => self.depart(l, 1.0, longest),
            },
            Phase::Running if self.is_accepted(l) => self.accept(l),
            Phase::Running => self.reject(l),
            Phase::Deciding => self.stay(l),
        }
    }

    /// Whether the attempt of a lane that integrates is accepted.
    fn is_accepted(&self, l: usize) -> bool {
        self.control.error.0[l].wide() <= 1.0
    }

    /// Follows the curves along the steps that were accepted, and reads the observation times in them.
    fn pass(&mut self) {
        let accepted = std::array::from_fn(|l| self.lanes[l].phase == Phase::Running && self.is_accepted(l));
        let Self { system, registers, control, .. } = self;
        self.follow.step(&Attempted { method: &system.method, registers, control }, &accepted);
        self.read_within(&accepted);
    }

    fn accept(&mut self, l: usize) {
        self.lanes[l].steps += 1;
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
            self.land(l);
        } else {
            self.check_steps(l);
        }
    }

    fn reject(&mut self, l: usize) {
        self.lanes[l].rejected += 1;
        let is_over = self.control.step.0[l].wide() < self.smallest_step(l);
        let finite = self.control.error.0[l].wide().is_finite();
        if is_over && !finite {
            self.note_not_finite(l, self.broken_state(l));
        }
        self.stay(l);
        if self.subjects.has_bounded_steps() {
            self.control.distrust(l);
        }
        if is_over {
            self.close(l, if finite { Status::StepTooSmall } else { Status::NonFinite });
        } else {
            self.check_steps(l);
        }
    }

    /// The longest step that an item may take: the plan's, or its own.
    fn longest_step(&self, item: usize) -> T {
        T::of(self.system.max_step.min(self.subjects.longest_step(item)))
    }

    /// The first state that is not finite, or whose derivative is not.
    fn broken_state(&self, l: usize) -> Option<Valued> {
        let layout = &self.system.method.layout;
        let value = |base: Register, i: usize| self.registers[usize::from(base) + i].0[l].wide();
        let side = self.control.side;
        let of_state =
            |base: Register| (0..usize::from(layout.states)).find(move |&i| !value(base, i).is_finite());
        of_state(layout.state[side]).or_else(|| of_state(layout.k1[side])).map(Valued::State)
    }

    /// Notes what was not finite.
    fn note_not_finite(&mut self, l: usize, what: Option<Valued>) {
        let since = self.control.time.0[l].wide() / self.system.time_per_tick;
        let tick = (self.lanes[l].start.ticks() + since) as Ticks;
        self.part.not_finite[self.lanes[l].item] = what.map(|what| NotFinite { what, tick });
    }

    /// Takes the state and its derivative back from before the attempt.
    fn stay(&mut self, l: usize) {
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
    fn smallest_step(&self, l: usize) -> f64 {
        let end = f64::from(self.system.end) * self.system.time_per_tick;
        LEAST_STEP * f64::max(T::EPSILON * self.control.time.0[l].wide(), f64::EPSILON * end)
    }

    fn check_steps(&mut self, l: usize) {
        let lane = &self.lanes[l];
        if lane.steps + lane.rejected >= self.system.max_steps {
            self.close(l, Status::MaxSteps);
        }
    }

    /// The register of the first state.
    fn present_state(&self) -> usize {
        self.system.method.layout.state[self.control.side].into()
    }

    /// What happens at the end of a segment: it is read, then doses start or end.
    fn land(&mut self, l: usize) {
        let now = self.lanes[l].end;
        self.read_present(l, now);
        let (present, registers) = (self.present_state(), &self.registers);
        self.follow.begin_windows(l, now, |i| registers[present + i].0[l]);
        if now == Instant::of_tick(self.system.end) {
            self.close(l, Status::Ok);
        } else if now >= Instant::of_tick(self.lanes[l].look) && !self.is_planned(l) {
            self.pause(l);
        } else {
            self.go_on(l);
        }
    }

    /// A lane waits to be decided.
    fn pause(&mut self, l: usize) {
        self.deciding += 1;
        let lane = &mut self.lanes[l];
        lane.phase = Phase::Deciding;
        lane.paused = [self.control.step.0[l].wide(), self.control.log_err_prev.0[l].wide()];
    }

    /// Decides the lanes that wait, once one has waited long enough or there is nothing else to do.
    fn decide(&mut self) {
        self.waited += u32::from(self.deciding > 0);
        if self.deciding == 0 || self.waited < PATIENCE && self.deciding < self.busy {
            return;
        }
        self.waited = 0;
        for l in 0..LANES {
            if self.lanes[l].phase == Phase::Deciding {
                self.deciding -= 1;
                self.observations.drain(l);
                let [step, previous] = self.lanes[l].paused;
                (self.control.step.0[l], self.control.log_err_prev.0[l]) = (T::of(step), T::of(previous));
                self.lanes[l].phase = Phase::Running;
                self.go_on(l);
            }
        }
    }

    /// Leaves a landing: doses start or end, equations change, and the next segment begins.
    fn go_on(&mut self, l: usize) {
        let now = self.lanes[l].end;
        self.look(l, now);
        let (given, rates) = self.dose(l, now);
        let jumps = self.jumps(l, now);
        self.begin_segment(l, now);
        if given || now == Instant::START {
            self.restart(l, self.onset(l));
            return;
        }
        // Without a jump of the state the derivative changes by the rates alone; a method that does not keep it
        // from step to step has to ask for it.
        let layout = &self.system.method.layout;
        let mut rises = false;
        for (&state, change) in self.system.infused.iter().zip(rates) {
            let first = usize::from(layout.k1[self.control.side]) + state;
            self.registers[first].0[l] += change;
            rises |= change.wide() > 0.0;
        }
        if rises || jumps {
            // What the step before was chosen by is over.
            let longest = self.control.step.0[l].wide();
            let longest = self.onset(l).filter(|_| jumps).map_or(longest, |onset| onset.min(longest));
            if layout.keeps_derivative() && !jumps {
                self.depart(l, 1.0, longest)
            } else {
                self.restart(l, Some(longest))
            }
        } else {
            self.check_steps(l);
        }
    }

    /// The first step after a time at which something may begin that no derivative shows yet: where equations change
    /// smoothly with time.
    fn onset(&self, l: usize) -> Option<f64> {
        let is_smooth = self.system.max_step.is_finite();
        is_smooth.then(|| ONSET * self.control.length.0[l].wide())
    }

    /// Whether the equations jump at a landing.
    fn jumps(&self, l: usize, now: Instant) -> bool {
        let mut landings = self.lanes[l].landings.iter().zip(&self.system.landings);
        landings.any(|(coming, landing)| landing.jumps && coming.next == now)
    }

    /// Looks whether a dose is given at a landing.
    fn look(&mut self, l: usize, now: Instant) {
        let (item, due) = (self.lanes[l].item, self.lanes[l].look);
        if now < Instant::of_tick(due) {
            return;
        }
        let tick = now.tick();
        let planned = self.is_planned(l);
        let given = if planned { self.planned(l) } else { self.observations.dose(item, tick) };
        let lane = &mut self.lanes[l];
        if let Some(given) = given {
            lane.schedule.give(given);
            lane.given += 1;
        }
        let next = if planned {
            self.planned(l).map_or(NEVER, |next| next.tick)
        } else {
            self.observations.next_look(item, tick)
        };
        self.lanes[l].look = next;
    }

    /// Whether nothing can change a lane's doses, so that they need not wait for what was read.
    fn is_planned(&self, l: usize) -> bool {
        !self.system.rules.is_adaptive || self.subjects.fixed_doses(self.lanes[l].item).is_some()
    }

    /// The next dose as it is planned or fixed.
    fn planned(&self, l: usize) -> Option<Given> {
        let Lane { item, given, .. } = self.lanes[l];
        match self.subjects.fixed_doses(item) {
            Some(fixed) => {
                let dose = fixed.get(given)?;
                Some(Given { tick: dose.tick?, factor: dose.factor })
            }
            None => {
                let &(tick, _) = self.system.doses.arms[self.subjects.arm(item)].get(given)?;
                Some(Given { tick, factor: 1.0 })
            }
        }
    }

    /// Gives the boluses of a landing and sets the rates after it: whether there was a bolus, and by
    /// how much each rate changed.
    fn dose(&mut self, l: usize, now: Instant) -> (bool, Vec<T>) {
        let layout = &self.system.method.layout;
        let doses = &self.system.doses;
        let schedule = &self.lanes[l].schedule;
        let mut given = false;
        for (state, amount) in schedule.boluses(doses, now) {
            let state = usize::from(layout.state[self.control.side]) + state;
            self.registers[state].0[l] += T::of(amount);
            given = true;
        }
        let mut changes = Vec::with_capacity(self.system.infused.len());
        for infused in 0..self.system.infused.len() {
            let rate = T::of(schedule.rate(doses, infused, now));
            let present = &mut self.registers[usize::from(layout.rates) + infused].0[l];
            changes.push(rate - *present);
            *present = rate;
        }
        (given, changes)
    }

    fn begin_segment(&mut self, l: usize, now: Instant) {
        let lane = &mut self.lanes[l];
        lane.start = now;
        lane.end = lane.schedule.next(&self.system.doses, now).min(Instant::of_tick(lane.look));
        for landing in &mut lane.landings {
            landing.pass(now);
            lane.end = lane.end.min(landing.next);
        }
        lane.end = self.system.curves.next_end(now).map_or(lane.end, |end| end.min(lane.end));
        self.follow.begin_segment(l, [now, lane.end]);
        let (start, length) = (now.ticks(), lane.end.ticks_since(now));
        let time = |ticks: f64| T::of(ticks * self.system.time_per_tick);
        self.control.start.0[l] = time(start);
        self.control.length.0[l] = time(length);
        self.control.time.0[l] = T::of(0.0);
        self.registers[usize::from(self.system.method.layout.middle)].0[l] = time(start + 0.5 * length);
    }

    /// Asks for the derivative at the present state: an attempt of size 0, whose last stage it is.
    fn restart(&mut self, l: usize, longest: Option<f64>) {
        let layout = &self.system.method.layout;
        for i in 0..layout.states {
            self.registers[usize::from(layout.k1[self.control.side] + i)].0[l] = T::of(0.0);
        }
        self.control.step.0[l] = T::of(0.0);
        (self.lanes[l].phase, self.lanes[l].longest) = (Phase::Starting, longest);
    }

    /// Starts to integrate, once the derivative is known, with a step that changes the state by about
    /// this share of its size, but none longer than `longest`.
    fn depart(&mut self, l: usize, share: f64, longest: f64) {
        match self.first_step(l, share) {
            Some(step) => {
                self.control.step.0[l] = T::of(step.min(longest));
                self.control.log_err_prev.0[l] = T::of(0.0);
                self.lanes[l].phase = Phase::Running;
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
    fn first_step(&self, l: usize, share: f64) -> Option<f64> {
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

    /// Ends a lane's item and takes the next.
    fn close(&mut self, l: usize, status: Status) {
        let lane = &self.lanes[l];
        self.part.status[lane.item] = status;
        self.part.steps[lane.item] = lane.steps;
        self.part.rejected[lane.item] = lane.rejected;
        self.follow.finish(l, lane.item);
        self.busy -= 1;
        self.refill(l);
    }

    /// Gives a lane the next item that has something to integrate.
    fn refill(&mut self, l: usize) {
        self.lanes[l].phase = Phase::Idle;
        self.control.step.0[l] = T::of(0.0);
        for item in self.queue.by_ref() {
            let (patient, arm) = (self.subjects.patient(item), self.subjects.arm(item));
            let planned =
                self.lanes[l].schedule.fill(&self.system.doses, arm, &self.subjects.columns, patient);
            if planned.is_err() {
                self.part.status[item] = Status::BadDose;
                continue;
            }
            self.enter(l, item);
            return;
        }
    }

    /// Puts a patient into a lane: its first visit, its first doses, its first derivative.
    fn enter(&mut self, l: usize, item: usize) {
        let (system, subjects) = (self.system, self.subjects);
        let layout = &system.method.layout;
        self.busy += 1;
        for (register, &column) in
            self.registers[usize::from(layout.columns)..].iter_mut().zip(&system.columns)
        {
            register.0[l] = T::of(subjects.value(column, item));
        }
        let state = usize::from(layout.state[self.control.side]);
        for (register, value) in self.registers[state..].iter_mut().zip(&system.initial) {
            register.0[l] = T::of(value.of(&subjects.columns, subjects.patient(item)));
        }
        self.follow.enter(l, subjects, item);
        self.control.dtmax.0[l] = self.longest_step(item);
        let lane = &mut self.lanes[l];
        (lane.item, lane.point, lane.given, lane.steps, lane.rejected) = (item, 0, 0, 0, 0);
        lane.end = Instant::START;
        lane.landings.clear();
        let coming = |landing: &Landing| {
            landing.coming(&subjects.columns, subjects.patient(item), system.time_per_tick)
        };
        lane.landings.extend(system.landings.iter().map(coming));
        self.lanes[l].look = self.planned(l).map_or(NEVER, |first| first.tick);
        self.land(l);
    }

    fn finish(self) -> Part {
        let Self { observations, follow, mut part, system, .. } = self;
        part.recorded = observations.finish();
        let Recorded { values, courses, doses, endings, not_finite } = &mut part.recorded;
        follow.write_results(values, system.observation.accumulators.len());
        for (item, (seen, of_states)) in not_finite.iter_mut().zip(&part.not_finite).enumerate() {
            // What was read came before the integration ended.
            if seen.is_some() {
                part.status[item] = Status::NonFinite;
            }
            *seen = seen.or(*of_states);
        }
        let failed = part.status.iter().enumerate().filter(|(_, status)| **status != Status::Ok);
        for (item, _) in failed {
            fill(values, item, system.observation.accumulators.len(), f64::NAN);
            fill(courses, item, system.observation.course, f64::NAN);
            fill(doses, item, system.rules.doses(), DoseRecord::default());
            endings[item] = Endings::default();
        }
        part
    }
}

/// Sets what there is of an item in a list of so many values for each.
fn fill<V: Clone>(list: &mut [V], item: usize, width: usize, value: V) {
    let (first, end) = (item * width, list.len());
    list[first.min(end)..(first + width).min(end)].fill(value);
}
