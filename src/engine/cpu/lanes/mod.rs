//! The walk of every patient through its segments, many at a time.
//!
//! Each lane has its own patient, segment, time and step. The moment a patient is done, its lane
//! takes the next. No lane waits for another, and nothing in a lane depends on the others. WGSL twin:
//! `shaders/lanes.wgsl`, as each of the modules has one of its name.

mod deciding;
mod dosing;
mod fault;
mod itinerary;
mod reading;
mod settling;
mod stepping;

use std::ops::Range;

use crate::cohort::Ticks;
use crate::engine::instant::Instant;
use crate::engine::itinerary::start;
use crate::engine::landing::{Coming, Landing};
use crate::engine::schedule::{BadDose, GivenDose, NEVER, Schedule};
use crate::engine::{DoseRecord, Endings, FixedDose, Individuals, NotFinite, Status};

use super::Isa;
use super::control::Control;
use super::curve::{Attempted, Follow};
use super::method::Step;
use super::program::{Block, LANES};
use super::real::Real;
use super::subjects::SubjectBatch;
use super::system::System;
use super::visit::{Observations, Recorded};
use itinerary::Walk;
use reading::Within;

/// The results of consecutive patients: items from 0 on.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) recorded: Recorded,
    pub(crate) status: Vec<Status>,
    pub(crate) steps: Vec<u32>,
    pub(crate) rejected: Vec<u32>,
    /// Derivatives that were computed apart from steps, as much work as one each.
    pub(crate) starts: Vec<u32>,
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
    item: usize,
    arm: usize,
    schedule: Schedule,
    /// Its way through its itinerary, if it is of a data set, or comes to the steady state in which it begins.
    walk: Option<Walk>,
    /// Model time from which the instants of the present segment count.
    base: f64,
    /// When the equations change next, in the order of [`System::landings`].
    landings: Vec<Coming>,
    /// Start of the present segment.
    start: Instant,
    /// Its end: a landing.
    end: Instant,
    /// When it is next decided about its doses.
    next_decision: Ticks,
    /// Doses given, in the order in which they are planned or fixed.
    given: usize,
    /// The doses of an item whose doses are fixed, in the order in which they are given.
    fixed: Vec<GivenDose>,
    /// The next observation time.
    point: usize,
    starts: u32,
    /// The next step and the error before it, of a lane that waits.
    paused: [f64; 2],
    /// The longest step that it may start with, once its derivative is known; none after a jump of the state.
    first_dtmax: Option<f64>,
}

/// What is asked of every lane after every attempt, in columns, so that those with which nothing else happens are dealt
/// with at once.
struct Columns<T> {
    phase: [Phase; LANES],
    /// Whether nothing is seen in the present segment: it is on the way to a steady state.
    is_apart: [bool; LANES],
    /// When in the present segment the next observation time comes; never if that is not before its end.
    next_read: Block<T>,
    steps: [u32; LANES],
    rejected: [u32; LANES],
}

/// A block of lanes at work on a part.
struct Lanes<'a, T> {
    system: &'a System<T>,
    subjects: &'a SubjectBatch<'a>,
    isa: Isa,
    registers: Vec<Block<T>>,
    control: Control<T>,
    lanes: Vec<Lane>,
    columns: Columns<T>,
    /// The next item.
    queue: Range<usize>,
    /// Whether a lane is being given its next item.
    refilling: bool,
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
    let rows =
        individuals.records.as_ref().map_or(patients.clone(), |records| records.rows(patients.clone()));
    let kept = individuals.trajectories.clamp(patients.start, patients.end) - patients.start;
    let subjects = SubjectBatch {
        individuals,
        columns: system.prelude.run(isa, &slots, rows),
        patients,
        arms: system.doses.arms.len(),
        points: system.observation_times.len(),
        doses: system.rules.most_doses(),
    };
    let items = subjects.items();
    let lane = || Lane {
        item: 0,
        arm: 0,
        schedule: Schedule::default(),
        walk: None,
        base: 0.0,
        landings: Vec::new(),
        start: Instant::START,
        end: Instant::START,
        next_decision: 0,
        given: 0,
        fixed: Vec::new(),
        point: 0,
        starts: 0,
        paused: [0.0; 2],
        first_dtmax: None,
    };
    let mut lanes = Lanes {
        system,
        subjects: &subjects,
        isa,
        registers: system.registers.clone(),
        control: Control::new(items),
        lanes: (0..LANES).map(|_| lane()).collect(),
        columns: Columns {
            phase: [Phase::Idle; LANES],
            is_apart: [false; LANES],
            next_read: Block::splat(T::of(f64::INFINITY)),
            steps: [0; LANES],
            rejected: [0; LANES],
        },
        queue: 0..items,
        refilling: false,
        busy: 0,
        deciding: 0,
        waited: 0,
        observations: Observations::new(
            &system.program,
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
            starts: vec![0; items],
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
        lanes.settle();
        lanes.decide();
    }
    lanes.finish()
}

impl<T: Real> Lanes<'_, T> {
    /// Follows the curves along the steps that were accepted, and reads the observation times in them.
    fn pass(&mut self) {
        let Columns { phase, is_apart, .. } = &self.columns;
        let is_seen = |l: usize| (phase[l] == Phase::Running) & !is_apart[l];
        // Without branches, so that they are many at once.
        let accepted = std::array::from_fn(|l| is_seen(l) & self.is_accepted(l));
        let Self { system, registers, control, .. } = self;
        self.follow.step(&mut Attempted { method: &system.method, registers, control }, &accepted);
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
        self.part.steps[lane.item] = self.columns.steps[l];
        self.part.rejected[lane.item] = self.columns.rejected[l];
        self.part.starts[lane.item] = lane.starts;
        self.follow.finish(l, lane.item);
        self.busy -= 1;
        self.columns.phase[l] = Phase::Idle;
        self.control.step.0[l] = T::of(0.0);
        // One that ends where it begins makes way for the next.
        if !self.refilling {
            self.refill(l);
        }
    }

    /// Gives a lane the next item that has something to integrate.
    fn refill(&mut self, l: usize) {
        self.columns.phase[l] = Phase::Idle;
        self.control.step.0[l] = T::of(0.0);
        self.refilling = true;
        while self.columns.phase[l] == Phase::Idle
            && let Some(item) = self.queue.next()
        {
            if self.subjects.is_left_out(item) {
                continue;
            }
            match self.plan_doses(l, item) {
                Ok(()) => self.enter(l, item),
                Err(BadDose) => self.part.status[item] = Status::BadDose,
            }
        }
        self.refilling = false;
    }

    /// Plans what an item is given.
    fn plan_doses(&mut self, l: usize, item: usize) -> Result<(), BadDose> {
        let Self { system, subjects, lanes, .. } = self;
        let Lane { schedule, walk, .. } = &mut lanes[l];
        *walk = subjects.itinerary(system.program.lowered(), item)?.map(Walk::new);
        if walk.is_none() {
            let (row, arm) = (subjects.first_row(item), subjects.arm(item));
            schedule.fill(&system.doses, arm, &subjects.columns, row)?;
            if let Some(start) = start(&system.doses, arm, &subjects.columns, row)? {
                schedule.before = start.before;
                *walk = Some(Walk::new(start.itinerary));
            }
        }
        Ok(())
    }

    /// Puts a patient into a lane: its first visit, its first doses, its first derivative.
    fn enter(&mut self, l: usize, item: usize) {
        let (system, subjects) = (self.system, self.subjects);
        self.busy += 1;
        let row = subjects.first_row(item);
        self.take_values(l, row);
        self.take_initial_states(l, row, system.initial.len());
        let walk = self.lanes[l].walk.as_ref().filter(|_| subjects.records().is_some());
        let itinerary = walk.map(|walk| &walk.itinerary);
        self.follow.enter(l, itinerary.map(|itinerary| (itinerary.origin, itinerary.end)));
        self.follow.take_values(l, subjects, row);
        self.control.dtmax.0[l] = self.longest_step(item);
        let lane = &mut self.lanes[l];
        lane.arm = subjects.arm(item);
        (lane.item, lane.point, lane.given, lane.starts) = (item, 0, 0, 0);
        (self.columns.steps[l], self.columns.rejected[l]) = (0, 0);
        lane.end = Instant::START;
        match lane.walk {
            Some(_) => self.set_out(l, row),
            None => self.begin(l),
        }
    }

    /// Begins at time 0, from where the patient is.
    fn begin(&mut self, l: usize) {
        let Self { system, subjects, lanes, .. } = self;
        let lane = &mut lanes[l];
        let item = lane.item;
        let row = subjects.first_row(item);
        (lane.point, lane.end) = (0, Instant::START);
        lane.fixed.clear();
        if let Some(fixed) = subjects.fixed_doses(item) {
            lane.fixed.extend(given(fixed));
        }
        lane.landings.clear();
        let coming = |landing: &Landing| landing.coming(&subjects.columns, row, system.time_per_tick);
        lane.landings.extend(system.landings.iter().map(coming));
        self.lanes[l].next_decision = match self.is_planned() {
            true => self.planned(l).map_or(NEVER, |first| first.tick),
            false => self.observations.first_decision(item),
        };
        self.at_tstop(l);
    }

    /// Gives a lane the individual values of a row.
    fn take_values(&mut self, l: usize, row: usize) {
        let first = usize::from(self.system.method.layout.columns);
        for (register, &column) in self.registers[first..].iter_mut().zip(&self.system.columns) {
            register.0[l] = T::of(self.subjects.columns[column][row]);
        }
    }

    /// Gives the first so many states of a lane what patients begin with.
    fn take_initial_states(&mut self, l: usize, row: usize, states: usize) {
        let state = self.present_state();
        for (register, value) in self.registers[state..].iter_mut().zip(&self.system.initial[..states]) {
            register.0[l] = T::of(value.of(&self.subjects.columns, row));
        }
    }

    fn finish(self) -> Part {
        let Self { observations, follow, mut part, system, subjects, .. } = self;
        part.recorded = observations.finish();
        let Recorded { values, courses, doses, endings, drug_endings, not_finite } = &mut part.recorded;
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
            let kept = system.observation.accumulators.len();
            fill(values, item * kept, kept, f64::NAN);
            let readings = subjects.readings(item, system.observation.course_points);
            let observables = system.observation.trajectories.len();
            fill(courses, readings.start * observables, readings.len() * observables, f64::NAN);
            let planned = system.rules.kept_doses();
            fill(doses, item * planned, planned, DoseRecord::default());
            endings[item] = Endings::default();
            let drugs = system.rules.drugs();
            fill(drug_endings, item * drugs, drugs, None);
        }
        part
    }
}

/// Fixed doses in the order in which they are given.
fn given(fixed: &[FixedDose]) -> Vec<GivenDose> {
    let doses = fixed.iter().enumerate();
    let given = doses.filter_map(|(dose, fixed)| {
        Some(GivenDose { dose, tick: fixed.tick?, factor: fixed.factor, over: fixed.over })
    });
    let mut given: Vec<GivenDose> = given.collect();
    given.sort_by_key(|given| given.tick);
    given
}

/// Fills so many values from the first on, as far as the list holds them.
fn fill<V: Clone>(list: &mut [V], first: usize, count: usize, value: V) {
    let end = list.len();
    list[first.min(end)..(first + count).min(end)].fill(value);
}
