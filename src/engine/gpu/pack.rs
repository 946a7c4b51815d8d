//! Patients to words for the device, and its words to a solution.

use rayon::prelude::*;

use crate::engine::schedule::{Doses, Schedule};
use crate::engine::{Individuals, Processor, Solution, Status};
use crate::plan::{Accumulate, Accumulator, GridPoint};

use super::batch::Results;
use super::layout::{FOLLOWED, GRID, Job, Layout, NEVER, NOTHING, OUTCOME_RESULTS, VISIT, WAITING};

/// Items whose landings one thread plans in one go.
const CHUNK: usize = 1024;

/// The grid, `[row][point]`.
pub(crate) fn grid(points: &[GridPoint]) -> Vec<u32> {
    let mut rows = vec![Vec::with_capacity(points.len()); GRID.len()];
    let (mut before, mut course) = (None, 0);
    for point in points {
        let flags = if point.visit { VISIT } else { 0 } | if point.trajectory { FOLLOWED } else { 0 };
        let since = before.map_or(0, |tick| point.tick - tick);
        for (row, word) in rows.iter_mut().zip([point.tick, flags, since, course]) {
            row.push(word);
        }
        course += u32::from(point.trajectory);
        before = if point.visit { Some(point.tick) } else { before };
    }
    rows.concat()
}

/// What a batch of patients is made into.
pub(crate) struct Packed {
    pub(crate) job: Job,
    pub(crate) parameters: Vec<u32>,
    /// Where each item stands: before its start, or at its end if its doses cannot be planned. Then its
    /// steps, none yet.
    pub(crate) outcomes: Vec<u32>,
}

/// Packs patients, whose prelude made `columns`, `[column][patient]`.
pub(crate) fn pack(
    layout: &Layout,
    doses: &Doses,
    individuals: &Individuals,
    columns: &[Vec<f64>],
) -> Packed {
    let patients = individuals.count;
    let items = patients * layout.arms;
    let landings = layout.columns.len() * patients;
    let residuals = landings + layout.landings * layout.landing_words() * items;
    let mut parameters = Vec::with_capacity(residuals + layout.residuals * patients);
    for &column in &layout.columns {
        parameters.extend(columns[column].iter().map(|&value| word(value)));
    }
    parameters.resize(residuals, 0);
    let mut outcomes = plan_landings(layout, doses, columns, patients, &mut parameters[landings..]);
    outcomes.resize(OUTCOME_RESULTS * items, 0);
    for score in 0..layout.residuals {
        let of = |patient: usize| individuals.residuals[patient * layout.residuals + score];
        parameters.extend((0..patients).map(|patient| word(of(patient))));
    }
    let job = Job {
        patients: patients as u32,
        items: items as u32,
        followed: individuals.trajectories.min(patients) as u32,
        visits: 0,
        attempts: 0,
        landings: landings as u32,
        residuals: residuals as u32,
        zero: 0,
        not_a_number: f32::NAN.to_bits(),
    };
    Packed { job, parameters, outcomes }
}

/// A number as the device holds it.
fn word(value: f64) -> u32 {
    (value as f32).to_bits()
}

/// Writes the landings of every item, `[word][item]`, and says where each item stands.
fn plan_landings(
    layout: &Layout,
    doses: &Doses,
    columns: &[Vec<f64>],
    patients: usize,
    words: &mut [u32],
) -> Vec<u32> {
    let items = patients * layout.arms;
    let chunks = items.div_ceil(CHUNK);
    let planned: Vec<Chunk> = (0..chunks)
        .into_par_iter()
        .map(|chunk| {
            Chunk::new(layout, doses, columns, patients, chunk * CHUNK..items.min((chunk + 1) * CHUNK))
        })
        .collect();
    for (chunk, first) in planned.iter().zip((0..).step_by(CHUNK)) {
        let count = chunk.phases.len();
        for (row, from) in words.chunks_mut(items).zip(chunk.words.chunks(count)) {
            row[first..first + count].copy_from_slice(from);
        }
    }
    planned.into_iter().flat_map(|chunk| chunk.phases).collect()
}

/// The landings of consecutive items, `[word][item of the chunk]`.
struct Chunk {
    words: Vec<u32>,
    phases: Vec<u32>,
}

impl Chunk {
    fn new(
        layout: &Layout,
        doses: &Doses,
        columns: &[Vec<f64>],
        patients: usize,
        items: std::ops::Range<usize>,
    ) -> Self {
        let count = items.len();
        let mut words = vec![0; layout.landings * layout.landing_words() * count];
        let mut schedule = Schedule::default();
        let mut phases = Vec::with_capacity(count);
        for (position, item) in items.enumerate() {
            let (arm, patient) = (item / patients, item % patients);
            if schedule.fill(doses, arm, columns, patient).is_err() {
                phases.push(Status::NonFinite as u32);
                continue;
            }
            phases.push(WAITING);
            let landings = [0].into_iter().chain(schedule.landings.iter().copied());
            for (landing, tick) in landings.enumerate() {
                let first = landing * layout.landing_words();
                let rates = (0..layout.infused).map(|infused| word(schedule.rate(infused, tick)));
                let boluses = layout.bolused.iter().map(|&state| word(schedule.bolus(state, tick)));
                for (i, value) in [tick].into_iter().chain(rates).chain(boluses).enumerate() {
                    words[(first + i) * count + position] = value;
                }
            }
        }
        Self { words, phases }
    }
}

/// The solution that a device's words are.
pub(crate) fn unpack(
    layout: &Layout,
    accumulators: &[Accumulator],
    time_per_tick: f64,
    job: &Job,
    results: &Results,
) -> Solution {
    let (patients, items) = (job.patients as usize, job.items as usize);
    // From the order of items here, by patient, to the device's, by arm.
    let there = |item: usize| item % layout.arms * patients + item / layout.arms;
    let outcome = |row: usize, item: usize| results.outcomes[row * items + there(item)];
    let status: Vec<Status> = (0..items).map(|item| status(outcome(0, item))).collect();
    let value = |kind: Accumulate, first: u32, item: usize| {
        if status[item] != Status::Ok {
            return f64::NAN;
        }
        let at = |row: usize| results.accumulators[(first as usize + row) * items + there(item)];
        accumulated(kind, at, time_per_tick)
    };
    let of = accumulators.iter().zip(&layout.cells);
    Solution {
        accumulators: of.map(|(a, &row)| (0..items).map(|item| value(a.kind, row, item)).collect()).collect(),
        steps: (0..items).map(|item| outcome(1, item)).collect(),
        rejected: (0..items).map(|item| outcome(2, item)).collect(),
        trajectories: courses(layout, job, results, &status),
        solved_by: vec![Processor::Gpu; items],
        status,
        doses: Vec::new(),
        endings: Vec::new(),
    }
}

/// The end of an item. One that has none, which the engine rules out, would not be trusted.
fn status(word: u32) -> Status {
    let all = [Status::Ok, Status::MaxSteps, Status::StepTooSmall];
    all.into_iter().find(|&status| status as u32 == word).unwrap_or(Status::NonFinite)
}

/// The value of an accumulator from its rows.
fn accumulated(kind: Accumulate, at: impl Fn(usize) -> u32, time_per_tick: f64) -> f64 {
    let number = |word: u32| f64::from(f32::from_bits(word));
    let ticks = |word: u32| f64::from(word) * time_per_tick;
    match kind {
        Accumulate::Min | Accumulate::Max | Accumulate::At => number(at(0)),
        Accumulate::TimeOfMin | Accumulate::TimeOfMax if at(1) == NOTHING => f64::NAN,
        Accumulate::TimeOfMin | Accumulate::TimeOfMax => ticks(at(0)),
        Accumulate::Area => number(at(0)) + number(at(1)),
        Accumulate::Held | Accumulate::Longest => ticks(at(0)),
        Accumulate::First if at(0) == NEVER => f64::NAN,
        Accumulate::First => ticks(at(0)),
    }
}

/// `[patient][arm][point][observable]` of the followed patients.
fn courses(layout: &Layout, job: &Job, results: &Results, status: &[Status]) -> Vec<f64> {
    let followed = job.followed as usize;
    let mut values = Vec::with_capacity(followed * layout.arms * layout.course);
    for patient in 0..followed {
        for arm in 0..layout.arms {
            let is_ok = status[patient * layout.arms + arm] == Status::Ok;
            let follower = arm * followed + patient;
            let value =
                |row: usize| f32::from_bits(results.trajectories[row * layout.arms * followed + follower]);
            values.extend((0..layout.course).map(|row| if is_ok { value(row).into() } else { f64::NAN }));
        }
    }
    values
}
