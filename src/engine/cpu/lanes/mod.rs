//! The walk of every patient through its segments, many at a time.
//!
//! Each lane has its own patient, segment, time and step. The moment a patient is done, its lane
//! takes the next. No lane waits for another, and nothing in a lane depends on the others. WGSL twin:
//! `shaders/lanes.wgsl`, as each of the modules has one of its name.

mod deciding;
mod dosing;
mod reading;
mod stepping;

use std::ops::Range;

use crate::cohort::Ticks;
use crate::engine::instant::Instant;
use crate::engine::landing::{Coming, Landing};
use crate::engine::schedule::{NEVER, Schedule};
use crate::engine::{DoseRecord, Endings, Individuals, NotFinite, Status};

use super::Isa;
use super::control::Control;
use super::curve::{Attempted, Follow};
use super::method::Step;
use super::program::{Block, LANES};
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
    /// When it is next decided about its doses.
    next_decision: Ticks,
    /// Doses given.
    given: usize,
    /// The next observation time.
    point: usize,
    steps: u32,
    rejected: u32,
    /// The next step and the error before it, of a lane that waits.
    paused: [f64; 2],
    /// The longest step that it may start with, once its derivative is known; none after a jump of the state.
    first_dtmax: Option<f64>,
}

/// A block of lanes at work on a part.
struct Lanes<'a, T> {
    system: &'a System<T>,
    subjects: &'a SubjectBatch<'a>,
    isa: Isa,
    registers: Vec<Block<T>>,
    control: Control<T>,
    lanes: Vec<Lane>,
    /// The next item.
    queue: Range<usize>,
    /// Lanes that are not idle.
    busy: usize,
    /// Lanes waiting for a decision, and how many attempts the oldest has waited.
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
    isa: Isa,
    individuals: &Individuals,
    patients: Range<usize>,
) -> Part {
    let slots: Vec<&[f64]> = individuals.slots.iter().map(Vec::as_slice).collect();
    let kept = individuals.trajectories.clamp(patients.start, patients.end) - patients.start;
    let subjects = SubjectBatch {
        individuals,
        columns: system.prelude.run(isa, &slots, patients.clone()),
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
        next_decision: 0,
        given: 0,
        point: 0,
        steps: 0,
        rejected: 0,
        paused: [0.0; 2],
        first_dtmax: None,
    };
    let mut lanes = Lanes {
        system,
        subjects: &subjects,
        isa,
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
            isa,
            kept * subjects.arms,
        ),
        within: Within::new(system.observation.states.len()),
        follow: Follow::new(&system.curves, &system.method, isa, items),
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
        isa.run(Step { method: &system.method, registers, control });
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
    /// Follows the curves along the steps that were accepted, and reads the observation times in them.
    fn pass(&mut self) {
        let accepted = std::array::from_fn(|l| self.lanes[l].phase == Phase::Running && self.is_accepted(l));
        let Self { system, registers, control, .. } = self;
        self.follow.step(&Attempted { method: &system.method, registers, control }, &accepted);
        self.read_within(&accepted);
    }

    /// The register of the first state.
    fn present_state(&self) -> usize {
        self.system.method.layout.state[self.control.side].into()
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
        self.lanes[l].next_decision = self.planned(l).map_or(NEVER, |first| first.tick);
        self.at_tstop(l);
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

/// Fills the `width` values of an item, as far as the list holds them.
fn fill<V: Clone>(list: &mut [V], item: usize, width: usize, value: V) {
    let (first, end) = (item * width, list.len());
    list[first.min(end)..(first + width).min(end)].fill(value);
}
