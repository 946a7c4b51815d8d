//! What is read of the patients while they are integrated, kept, and decided.
//!
//! Each lane has a queue of reads. When enough lanes wait, one read of each is taken: the observed
//! expressions are evaluated for all of them level by level, each value goes to its patient's
//! accumulators, and then the protocol decides. Patients whose next dose
//! depends on it wait, until some can be decided together. Reads of one patient keep their order, so what is
//! decided depends on nothing but the patient. WGSL twin: `shaders/visit.wgsl`.

use crate::cohort::Ticks;
use crate::engine::schedule::Given;
use crate::engine::{DoseRecord, Endings, NotFinite, Valued};

use super::cell::{Cells, HandOver, Keep};
use super::columns::Evaluate;
use super::dispatch::{Arithmetic, Level, Task};
use super::observer::Observer;
use super::people::People;
use super::program::{Block, LANES, Register};
use super::queue::{Queue, Read};
use super::real::Real;
use super::trial::{Moment, Rules, Treatment};

/// What is kept of a part's items.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// `[item][accumulator]`
    pub(crate) values: Vec<f64>,
    /// `[item][trajectory point][trajectory observable]` of the first items.
    pub(crate) courses: Vec<f64>,
    /// `[item][planned dose]`
    pub(crate) doses: Vec<DoseRecord>,
    /// `[item]`
    pub(crate) endings: Vec<Endings>,
    /// `[item]`
    pub(crate) not_finite: Vec<Option<NotFinite>>,
}

/// The reads, accumulators and treatments of a part's items.
pub(crate) struct Reads<'a, T> {
    observer: &'a Observer,
    rules: &'a Rules,
    people: &'a People<'a>,
    level: Level,
    registers: Vec<Block<T>>,
    queues: Vec<Queue<T>>,
    /// Queues in which a read waits.
    waiting: usize,
    /// The reads that are being taken, and their lanes.
    taken: Vec<(usize, Read)>,
    /// The item of each lane whose reads were taken last.
    holders: [Option<usize>; LANES],
    cells: Cells,
    /// Groups of accumulators that the reads being taken concern.
    concerned: Vec<usize>,
    /// Lanes in which something is looked at, whether it is finite: by watch.
    looked_at: Vec<LookedAt>,
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

impl<'a, T: Real> Reads<'a, T> {
    /// For the items of `people`, time courses kept for the first `courses` of them.
    pub(crate) fn new(
        observer: &'a Observer,
        rules: &'a Rules,
        people: &'a People<'a>,
        level: Level,
        courses: usize,
    ) -> Self {
        let mut registers = vec![Block::splat(T::of(0.0)); usize::from(observer.registers)];
        for &(_, register, value) in &observer.constants {
            registers[usize::from(register)] = Block::splat(T::of(value));
        }
        let items = people.items();
        let treatment = |item| Treatment::new(rules, people.arm(item), people.fixed_doses(item));
        Self {
            observer,
            rules,
            people,
            level,
            registers,
            queues: (0..LANES).map(|_| Queue::new(observer.states.len())).collect(),
            waiting: 0,
            taken: Vec::with_capacity(LANES),
            holders: [None; LANES],
            cells: Cells::new(&observer.cabinet),
            concerned: Vec::with_capacity(observer.cabinet.groups.len()),
            looked_at: vec![LookedAt::NONE; observer.watches.len()],
            not_finite: vec![None; items],
            values: vec![f64::NAN; items * observer.cabinet.len()],
            treatments: (0..items).map(treatment).collect(),
            doses: vec![DoseRecord::default(); items * rules.doses()],
            courses: vec![f64::NAN; courses * observer.course],
        }
    }

    /// Adds a read of a lane; `states` are those at its time, in the order of [`Observer::states`].
    pub(crate) fn add(&mut self, lane: usize, read: Read, states: impl Iterator<Item = T>) {
        let queue = &mut self.queues[lane];
        self.waiting += usize::from(queue.is_empty());
        queue.push(read, states);
        if self.waiting == LANES || queue.is_full() {
            self.take();
        }
    }

    /// The dose that is given to an item at a tick, once everything up to there is taken.
    pub(crate) fn dose(&self, item: usize, tick: Ticks) -> Option<Given> {
        self.treatments[item].given_at(tick)
    }

    /// When an item must be looked at again for its doses, after a tick at which it was.
    pub(crate) fn next_look(&self, item: usize, tick: Ticks) -> Ticks {
        self.treatments[item].next_look(self.rules, tick)
    }

    /// Takes every read of a lane.
    pub(crate) fn settle(&mut self, lane: usize) {
        while !self.queues[lane].is_empty() {
            self.take();
        }
    }

    /// Takes the first read of every lane that has one.
    fn take(&mut self) {
        self.load();
        for (number, step) in self.observer.steps.iter().enumerate() {
            self.load_accumulated(&step.reads);
            let program = &step.program;
            self.level.run(Evaluate { program, registers: &mut self.registers });
            self.keep(number);
        }
        self.check();
        self.follow();
        self.decide();
    }

    /// Puts reads into the registers.
    fn load(&mut self) {
        self.taken.clear();
        self.concerned.clear();
        for lane in 0..LANES {
            let Some((read, states)) = self.queues[lane].pop() else { continue };
            for (block, &state) in self.registers.iter_mut().zip(states) {
                block.0[lane] = state;
            }
            self.waiting -= usize::from(self.queues[lane].is_empty());
            if self.holders[lane] != Some(read.item) {
                self.hand_over(lane, Some(read.item));
            }
            self.load_read(lane, &read);
            self.concern(lane, &read);
            self.look(lane, &read);
            self.taken.push((lane, read));
        }
    }

    /// Puts what else a read is evaluated with into the registers.
    fn load_read(&mut self, lane: usize, read: &Read) {
        let Self { observer, people, registers, treatments, .. } = self;
        let point = read.point.map(|(index, _)| index);
        let time = T::of(f64::from(read.tick) * observer.time_per_tick);
        let scores = observer.residuals.iter().map(|&line| T::of(people.score(read.item, point, line)));
        let treatment = &treatments[read.item];
        let course = observer.course_symbols.iter().map(|&c| T::of(treatment.course(c, read.tick)));
        let values = scores.chain([time]).chain(course);
        for (block, value) in registers[observer.states.len()..].iter_mut().zip(values) {
            block.0[lane] = value;
        }
    }

    /// Notes which accumulators a read concerns.
    fn concern(&mut self, lane: usize, read: &Read) {
        let Self { observer, cells, concerned, treatments, .. } = self;
        cells.ticks.0[lane] = f64::from(read.tick);
        let has_left = treatments[read.item].has_left();
        observer.concerned(read, |group| {
            let is_over = has_left && observer.cabinet.groups[group].on_study;
            if !is_over && cells.concern(group, lane) {
                concerned.push(group);
            }
        });
    }

    /// Notes what must be finite at a read.
    fn look(&mut self, lane: usize, read: &Read) {
        let Self { observer, treatments, looked_at, courses, .. } = self;
        let Some((index, _)) = read.point else { return };
        let during = treatments[read.item].during(read.tick);
        let is_followed = read.item * observer.course < courses.len();
        for &number in &observer.watched_at[index] {
            let watch = &observer.watches[number];
            if watch.during <= during && (is_followed || !watch.followed) {
                looked_at[number].lanes[lane] = true;
                looked_at[number].any = true;
            }
        }
    }

    /// Notes the patients of whom something was not finite that must be.
    fn check(&mut self) {
        let Self { observer, level, registers, taken, looked_at, not_finite, .. } = self;
        for (watch, looked_at) in observer.watches.iter().zip(looked_at) {
            if !looked_at.any {
                continue;
            }
            let doubts = level.run(Doubt { of: &watch.of, registers });
            for &(lane, read) in &*taken {
                let is_doubtful = looked_at.lanes[lane] && doubts[lane] != 0.0;
                if is_doubtful && not_finite[read.item].is_none() {
                    let is_broken = |(register, _): &&(Register, usize)| {
                        !registers[usize::from(*register)].0[lane].wide().is_finite()
                    };
                    let first = watch.of.iter().find(is_broken);
                    not_finite[read.item] = first.map(|&(_, position)| NotFinite {
                        what: Valued::Observed(position),
                        tick: read.tick,
                    });
                }
            }
            *looked_at = LookedAt::NONE;
        }
    }

    /// Writes what the accumulators of a lane came to, and gives it to the next item.
    fn hand_over(&mut self, lane: usize, next: Option<usize>) {
        let Self { observer, people, registers, holders, cells, values, .. } = self;
        let cabinet = &observer.cabinet;
        if let Some(item) = std::mem::replace(&mut holders[lane], next) {
            let finished = cells.finished(cabinet, lane, observer.time_per_tick);
            values[item * cabinet.len()..].iter_mut().zip(finished).for_each(|(to, value)| *to = value);
        }
        if let Some(item) = next {
            cells.clear(cabinet, lane);
            for (block, &column) in registers[observer.first_column..].iter_mut().zip(&observer.columns) {
                block.0[lane] = T::of(people.value(column, item));
            }
        }
    }

    fn load_accumulated(&mut self, reads: &[(usize, Register)]) {
        let Self { observer, level, registers, cells, .. } = self;
        for &(accumulator, register) in reads {
            let (cabinet, to) = (&observer.cabinet, &mut registers[usize::from(register)]);
            level.run(HandOver { cabinet, cells, accumulator, to });
        }
    }

    /// Gives the values of a step to the accumulators.
    fn keep(&mut self, step: usize) {
        let Self { observer, level, registers, concerned, cells, .. } = self;
        for &number in &*concerned {
            let group = &observer.cabinet.groups[number];
            if group.step == step {
                let time_per_tick = observer.time_per_tick;
                level.run(Keep { group, number, cells, registers, time_per_tick });
            }
        }
    }

    /// Writes time courses.
    fn follow(&mut self) {
        let Self { observer, registers, taken, courses, treatments, .. } = self;
        for &(lane, read) in &*taken {
            if observer.trajectories_on_study && treatments[read.item].has_left() {
                continue;
            }
            let Some(position) = read.point.and_then(|(index, _)| observer.points[index]) else { continue };
            let start = read.item * observer.course + position * observer.trajectories.len();
            if let Some(course) = courses.get_mut(start..) {
                for (value, &of) in course.iter_mut().zip(&observer.trajectories) {
                    *value = registers[usize::from(observer.outputs[of])].0[lane].wide();
                }
            }
        }
    }

    /// Lets the protocol decide.
    fn decide(&mut self) {
        let Self { observer, rules, people, registers, taken, cells, treatments, doses, .. } = self;
        let block = |of: usize| &registers[usize::from(observer.outputs[of])];
        // Every lane is looked at, so that they are many at once.
        let any = |of: usize| block(of).0.iter().fold(false, |any, value| any | (value.wide() != 0.0));
        let stops = rules.stops(any);
        for &(lane, read) in &*taken {
            let visit = read.point.is_some_and(|(_, point)| point.visit);
            let value = |of: usize| block(of).0[lane].wide();
            let moment = Moment { tick: read.tick, visit, stops, value };
            let fixed = people.fixed_doses(read.item);
            let width = rules.doses();
            let records = &mut doses[read.item * width..(read.item + 1) * width];
            if treatments[read.item].decide(rules, &moment, fixed, records) {
                cells.renew(&observer.cabinet, lane);
            }
        }
    }

    /// What was kept, after the last read.
    pub(crate) fn finish(mut self) -> Kept {
        while self.waiting > 0 {
            self.take();
        }
        (0..LANES).for_each(|lane| self.hand_over(lane, None));
        Kept {
            values: self.values,
            courses: self.courses,
            doses: self.doses,
            endings: self.treatments.iter().map(Treatment::endings).collect(),
            not_finite: self.not_finite,
        }
    }
}

/// Lanes in which something is looked at.
#[derive(Clone)]
struct LookedAt {
    lanes: [bool; LANES],
    any: bool,
}

impl LookedAt {
    const NONE: Self = Self { lanes: [false; LANES], any: false };
}

/// In which lanes one of some values is not finite: there it is not 0.
struct Doubt<'a, T> {
    of: &'a [(Register, usize)],
    registers: &'a [Block<T>],
}

impl<T: Real> Task for Doubt<'_, T> {
    type Out = [f64; LANES];

    #[inline(always)]
    fn run<A: Arithmetic>(self) -> Self::Out {
        let mut doubts = [T::of(0.0); LANES];
        for &(register, _) in self.of {
            let values = &self.registers[usize::from(register)].0;
            for i in 0..LANES {
                doubts[i] += values[i] * T::of(0.0);
            }
        }
        doubts.map(T::wide)
    }
}
