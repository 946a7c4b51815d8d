//! What is read of the patients while they are integrated, kept, and decided.
//!
//! Each lane has a queue of reads. Lanes are taken in groups: as many as machine code takes at a time, or all. When every
//! lane of a group waits, one read of each is taken: the observed expressions are evaluated for all of them step by step,
//! each value goes to its patient's accumulators, and then the protocol decides. Patients whose next dose
//! depends on it wait, until some can be decided together. Observations of one patient keep their order, so what is
//! decided depends on nothing but the patient. WGSL twin: `shaders/visit.wgsl`.

use std::ops::Range;

use crate::cohort::Ticks;
use crate::engine::fault::fault;
use crate::engine::program::Program;
use crate::engine::schedule::GivenDose;
use crate::engine::treatment::{Given, Rules, Treatment, VisitContext};
use crate::engine::{Decision, DoseRecord, Endings, NotFinite, Valued};
use crate::model::graph::Symbol;
use crate::plan::{ObservedId, Plan};

use super::accumulators::AccumulatorState;
use super::observation::ObservationProgram;
use super::program::{Block, LANES, Register, TILE};
use super::queue::{Observation, ObservationQueue};
use super::real::Real;
use super::subjects::SubjectBatch;
use crate::isa::{Arithmetic, Isa, Task};

/// What is kept of a part's items.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    /// `[item][accumulator]`
    pub(crate) values: Vec<f64>,
    /// `[item][trajectory point][trajectory observable]` of the first items; of a data set `[reading][observable]`.
    pub(crate) courses: Vec<f64>,
    /// `[item][planned dose]`
    pub(crate) doses: Vec<DoseRecord>,
    /// `[item]`
    pub(crate) endings: Vec<Endings>,
    /// `[item][drug]`, of several drugs.
    pub(crate) drug_endings: Vec<Option<Decision>>,
    /// `[item]`
    pub(crate) not_finite: Vec<Option<NotFinite>>,
}

/// The reads, accumulators and treatments of a part's items.
pub(crate) struct Observations<'a, T> {
    plan: &'a Plan,
    program: &'a ObservationProgram,
    rules: &'a Rules,
    subjects: &'a SubjectBatch<'a>,
    isa: Isa,
    registers: Vec<Block<T>>,
    queues: Vec<ObservationQueue<T>>,
    /// Lanes whose reads are taken together.
    together: usize,
    /// Queues in which a read waits, of each group of such lanes.
    waiting: Vec<usize>,
    /// The reads that are being taken, and their lanes.
    current: Vec<(usize, Observation)>,
    /// The item of each lane whose reads were taken last.
    items: [Option<usize>; LANES],
    accumulators: AccumulatorState,
    /// Registers of the conditions to stop, or to ask for a dose.
    stops: Vec<Register>,
    /// Lanes in which something is looked at, whether it is finite: by watch.
    watched: Vec<Watched>,
    /// `[item]`
    not_finite: Vec<Option<NotFinite>>,
    /// `[item][accumulator]`
    values: Vec<f64>,
    /// `[item]`
    treatments: Vec<Treatment>,
    /// `[item][planned dose]`
    doses: Vec<DoseRecord>,
    /// `[item][trajectory point][trajectory observable]` of the first items.
    courses: Vec<f64>,
}

impl<'a, T: Real> Observations<'a, T> {
    /// For the items of `subjects`, time courses kept for the first `followed` of them.
    pub(crate) fn new(
        whole: &'a Program,
        program: &'a ObservationProgram,
        rules: &'a Rules,
        subjects: &'a SubjectBatch<'a>,
        isa: Isa,
        followed: usize,
    ) -> Self {
        let mut registers = vec![Block::splat(T::of(0.0)); usize::from(program.registers)];
        for &(_, register, value) in &program.constants {
            registers[usize::from(register)] = Block::splat(T::of(value));
        }
        let items = subjects.items();
        let followed = if subjects.records().is_some() { items } else { followed };
        let points =
            followed.checked_sub(1).map_or(0, |last| subjects.readings(last, program.course_points).end);
        let treatment = |item| Treatment::enter(rules, subjects.arm(item), subjects.fixed_doses(item));
        let together = program.tiles() * TILE;
        let mut stops: Vec<Register> = rules.watched().map(|of| program.output(of) as Register).collect();
        stops.sort_unstable();
        stops.dedup();
        Self {
            plan: whole.plan(),
            program,
            rules,
            subjects,
            isa,
            registers,
            queues: (0..LANES).map(|_| ObservationQueue::new(program.states.len())).collect(),
            together,
            waiting: vec![0; LANES / together],
            current: Vec::with_capacity(together),
            items: [None; LANES],
            accumulators: AccumulatorState::new(&program.accumulators),
            stops,
            watched: vec![Watched::NONE; program.watches.len()],
            not_finite: vec![None; items],
            values: vec![f64::NAN; items * program.accumulators.len()],
            treatments: (0..items).map(treatment).collect(),
            doses: vec![DoseRecord::default(); items * rules.kept_doses()],
            courses: vec![f64::NAN; points * program.trajectories.len()],
        }
    }

    /// Adds a read of a lane; `states` are those at its time, in the order of [`ObservationProgram::states`].
    pub(crate) fn add(&mut self, lane: usize, observation: Observation, states: impl Iterator<Item = T>) {
        let (queue, group) = (&mut self.queues[lane], lane / self.together);
        self.waiting[group] += usize::from(queue.is_empty());
        queue.push(observation, states);
        if self.waiting[group] == self.together || queue.is_full() {
            self.observe(group);
        }
    }

    /// The dose of a drug that is given to an item at a tick, once everything up to there is taken.
    pub(crate) fn dose(&self, item: usize, drug: usize, tick: Ticks) -> Option<GivenDose> {
        self.treatments[item].given_at(drug, tick)
    }

    /// When it must be decided about an item's doses first.
    pub(crate) fn first_decision(&self, item: usize) -> Ticks {
        self.treatments[item].first_decision(self.rules)
    }

    /// When it must be decided about an item's doses again, after a tick at which it was.
    pub(crate) fn next_decision(&self, item: usize, tick: Ticks) -> Ticks {
        self.treatments[item].next_decision(self.rules, tick)
    }

    /// Takes every read of a lane.
    pub(crate) fn drain(&mut self, lane: usize) {
        while !self.queues[lane].is_empty() {
            self.observe(lane / self.together);
        }
    }

    /// Takes the first read of every lane of a group that has one.
    fn observe(&mut self, group: usize) {
        self.load(group);
        let tiles = self.together / TILE;
        let tiles = group * tiles..(group + 1) * tiles;
        let Self { program, isa, registers, stops, accumulators, .. } = self;
        let stops = isa.run(Take { program, tiles: tiles.clone(), stops, registers, accumulators });
        self.check(&tiles);
        self.write_trajectories();
        self.decide(&stops);
    }

    /// Puts the reads of a group of lanes into the registers.
    fn load(&mut self, group: usize) {
        self.current.clear();
        for lane in group * self.together..(group + 1) * self.together {
            let Some((observation, states)) = self.queues[lane].pop() else { continue };
            for (block, &state) in self.registers.iter_mut().zip(states) {
                block.0[lane] = state;
            }
            self.waiting[group] -= usize::from(self.queues[lane].is_empty());
            if self.items[lane] != Some(observation.item) {
                self.change_item(lane, Some(observation.item));
            }
            if let Some(row) = observation.row {
                self.load_row(lane, row);
            }
            let given = self.give_planned(observation.item, observation.tick);
            if !given.is_nothing() {
                self.accumulators.reset_at_dose(&self.program.accumulators, lane, given);
            }
            self.load_context(lane, &observation);
            self.activate(lane, &observation);
            self.note_checks(lane, &observation);
            self.current.push((lane, observation));
        }
    }

    /// Gives an item the doses before a tick that nothing can change, at which nothing was read.
    fn give_planned(&mut self, item: usize, before: Ticks) -> Given {
        let fixed = self.subjects.fixed_doses(item);
        if self.rules.is_adaptive && fixed.is_none() {
            return Given::default();
        }
        let width = self.rules.kept_doses();
        let records = &mut self.doses[item * width..(item + 1) * width];
        self.treatments[item].give_planned(self.rules, before, fixed, records)
    }

    /// Puts what else a read is evaluated with into the registers.
    fn load_context(&mut self, lane: usize, observation: &Observation) {
        let Self { program, subjects, registers, treatments, .. } = self;
        let has_scores = observation.row.is_none() || observation.is_record();
        let point = observation.point.map(|(index, _)| index).filter(|_| has_scores);
        let time = T::of(observation.time);
        let scores =
            program.residuals.iter().map(|&line| T::of(subjects.score(observation.item, point, line)));
        let treatment = &treatments[observation.item];
        let course =
            program.course_symbols.iter().map(|&c| T::of(treatment.variable(c.0, c.1, observation.tick)));
        let values = scores.chain([time]).chain(course);
        for (block, value) in registers[program.states.len()..].iter_mut().zip(values) {
            block.0[lane] = value;
        }
    }

    /// Notes which accumulators a read concerns.
    fn activate(&mut self, lane: usize, observation: &Observation) {
        let Self { program, accumulators, treatments, .. } = self;
        accumulators.ticks.0[lane] = f64::from(observation.tick);
        let has_left = treatments[observation.item].has_left();
        for &group in program.active_groups(observation, has_left) {
            accumulators.activate(group, lane);
        }
    }

    /// Notes what must be finite at a read.
    fn note_checks(&mut self, lane: usize, observation: &Observation) {
        let Self { program, subjects, treatments, watched, courses, .. } = self;
        let Some(kind) = observation.kind() else { return };
        let during = treatments[observation.item].during(observation.tick);
        let values =
            subjects.readings(observation.item, program.course_points).start * program.trajectories.len();
        let is_followed = values < courses.len();
        for &number in &program.watched_at[kind] {
            let watch = &program.watches[number];
            if watch.during <= during && (is_followed || !watch.followed) {
                watched[number].lanes[lane] = true;
                watched[number].any = true;
            }
        }
    }

    /// Notes the patients of whom something was not finite that must be.
    fn check(&mut self, tiles: &Range<usize>) {
        let Self { plan, program, subjects, isa, registers, current, watched, not_finite, .. } = self;
        for (watch, watched) in program.watches.iter().zip(watched) {
            if !watched.any {
                continue;
            }
            let broken = isa.run(NotFiniteIn { of: &watch.of, tiles: tiles.clone(), registers });
            for &(lane, ref observation) in &*current {
                let is_broken_here = watched.lanes[lane] && broken.0[lane].wide() != 0.0;
                if is_broken_here && not_finite[observation.item].is_none() {
                    let is_broken = |(register, _): &&(Register, ObservedId)| {
                        !registers[usize::from(*register)].0[lane].wide().is_finite()
                    };
                    let first = watch.of.iter().find(is_broken);
                    let value = |symbol| match symbol {
                        Symbol::State(i) => {
                            let position = program.states.iter().position(|&state| state == i as usize);
                            position.map_or(f64::NAN, |position| registers[position].0[lane].wide())
                        }
                        Symbol::Time | Symbol::SegmentTime => observation.time,
                        _ => f64::NAN,
                    };
                    let slot = |slot| subjects.slot(slot, observation.item);
                    not_finite[observation.item] = first.map(|&(_, observed)| {
                        let what = Valued::Observed(observed);
                        let operation = fault(plan, what, slot, value);
                        NotFinite { what, tick: observation.tick, operation }
                    });
                }
            }
            *watched = Watched::NONE;
        }
    }

    /// Writes what the accumulators of a lane came to, and gives it to the next item.
    fn change_item(&mut self, lane: usize, next: Option<usize>) {
        let Self { program, subjects, items, accumulators, values, .. } = self;
        let layout = &program.accumulators;
        if let Some(item) = std::mem::replace(&mut items[lane], next) {
            let finished = accumulators.finished(layout, lane);
            values[item * layout.len()..].iter_mut().zip(finished).for_each(|(to, value)| *to = value);
        }
        if let Some(item) = next {
            accumulators.clear(layout, lane);
            let row = subjects.first_row(item);
            self.load_row(lane, row);
        }
    }

    /// Puts the individual values of a row into the registers.
    fn load_row(&mut self, lane: usize, row: usize) {
        let Self { program, subjects, registers, .. } = self;
        for (block, &column) in registers[program.first_column..].iter_mut().zip(&program.columns) {
            block.0[lane] = T::of(subjects.columns[column][row]);
        }
    }

    /// Writes time courses.
    fn write_trajectories(&mut self) {
        let Self { program, subjects, registers, current, courses, treatments, .. } = self;
        if courses.is_empty() {
            return;
        }
        for &(lane, ref observation) in &*current {
            if program.trajectories_on_study && treatments[observation.item].has_left() {
                continue;
            }
            let Some(position) = program.position(observation) else { continue };
            let first = subjects.readings(observation.item, program.course_points).start;
            let start = (first + position) * program.trajectories.len();
            if let Some(course) = courses.get_mut(start..) {
                for (value, &of) in course.iter_mut().zip(&program.trajectories) {
                    *value = registers[program.output(of)].0[lane].wide();
                }
            }
        }
    }

    /// Lets the protocol decide, by the lanes in which one of the conditions to stop, or to ask for a dose, holds.
    fn decide(&mut self, stops: &Block<T>) {
        let Self { program, rules, subjects, registers, current, accumulators, treatments, doses, .. } = self;
        for &(lane, ref observation) in &*current {
            let visit = observation.point.is_some_and(|(_, point)| point.visit);
            let value = |of: ObservedId| registers[program.output(of)].0[lane].wide();
            let context =
                VisitContext { tick: observation.tick, visit, stops: stops.0[lane].wide() != 0.0, value };
            let fixed = subjects.fixed_doses(observation.item);
            let width = rules.kept_doses();
            let records = &mut doses[observation.item * width..(observation.item + 1) * width];
            let given = treatments[observation.item].decide(rules, &context, fixed, records);
            if !given.is_nothing() {
                accumulators.reset_at_dose(&program.accumulators, lane, given);
            }
        }
    }

    /// What was kept, after the last read.
    pub(crate) fn finish(mut self) -> Recorded {
        for group in 0..self.waiting.len() {
            while self.waiting[group] > 0 {
                self.observe(group);
            }
        }
        (0..LANES).for_each(|lane| self.change_item(lane, None));
        for item in 0..self.treatments.len() {
            self.give_planned(item, self.rules.end);
        }
        let several = if self.rules.drugs() > 1 { self.rules.drugs() } else { 0 };
        let drug_endings = self.treatments.iter().flat_map(|treatment| treatment.drug_endings(several));
        Recorded {
            values: self.values,
            courses: self.courses,
            doses: self.doses,
            endings: self.treatments.iter().map(Treatment::endings).collect(),
            drug_endings: drug_endings.collect(),
            not_finite: self.not_finite,
        }
    }
}

/// Lanes in which something is looked at.
#[derive(Clone)]
struct Watched {
    lanes: [bool; LANES],
    any: bool,
}

impl Watched {
    const NONE: Self = Self { lanes: [false; LANES], any: false };
}

/// Evaluates what is observed in some tiles, and gives the values to the accumulators, step by step: the lanes in which a
/// condition to stop, or to ask for a dose, holds: there it is not 0.
struct Take<'a, T> {
    program: &'a ObservationProgram,
    tiles: Range<usize>,
    /// Registers of the conditions.
    stops: &'a [Register],
    registers: &'a mut [Block<T>],
    accumulators: &'a mut AccumulatorState,
}

impl<T: Real> Task for Take<'_, T> {
    type Out = Block<T>;

    #[inline(always)]
    fn run<A: Arithmetic>(self) -> Self::Out {
        let Self { program, tiles, stops, registers, accumulators } = self;
        let layout = &program.accumulators;
        for (number, step) in program.steps.iter().enumerate() {
            for &(accumulator, register) in &step.reads {
                let to = &mut registers[usize::from(register)];
                accumulators.read_out(layout, accumulator, tiles.clone(), to);
            }
            step.routine.evaluate::<T, A>(tiles.clone(), registers);
            accumulators.take_step(layout, number, registers, tiles.clone());
        }
        let (zero, one) = (T::of(0.0), T::of(1.0));
        let mut holds = Block::splat(zero);
        for &register in stops {
            for tile in tiles.clone() {
                let (values, holds) = (registers[usize::from(register)].tile(tile), holds.tile_mut(tile));
                for l in 0..TILE {
                    holds[l] = if values[l] == zero { holds[l] } else { one };
                }
            }
        }
        holds
    }
}

/// In which lanes of some tiles one of some values is not finite: there it is not 0.
struct NotFiniteIn<'a, T> {
    of: &'a [(Register, ObservedId)],
    tiles: Range<usize>,
    registers: &'a [Block<T>],
}

impl<T: Real> Task for NotFiniteIn<'_, T> {
    type Out = Block<T>;

    #[inline(always)]
    fn run<A: Arithmetic>(self) -> Self::Out {
        let zero = T::of(0.0);
        let mut broken = Block::splat(zero);
        for tile in self.tiles {
            let mut sum = [zero; TILE];
            for &(register, _) in self.of {
                let values = self.registers[usize::from(register)].tile(tile);
                for l in 0..TILE {
                    sum[l] += values[l] * zero;
                }
            }
            *broken.tile_mut(tile) = sum;
        }
        broken
    }
}
