//! The itineraries of patients of a data set, as words for the device.
//!
//! `parameters` hold individual values `[column][row][patient]`, what is known of each itinerary `[word][item]`, stops and
//! cycles `[stop][word][item]`, and residual scores `[reading][line][patient]`. Every patient has room for as much as any of
//! a batch needs.

use rayon::prelude::*;

use crate::engine::itinerary::{Action, Itinerary, MOST_LANDINGS, Stop, itinerary};
use crate::engine::method::settling;
use crate::engine::program::Lowered;
use crate::engine::{Individuals, Records, Status};
use crate::plan::Plan;

use super::buffers::Job;
use super::layout::{Layout, WAITING};
use super::pack::{Packed, word};
use super::rows::OutcomeRow;

/// How far a patient is in its itinerary.
pub(super) const ITINERARY: [OutcomeRow; 10] = [
    OutcomeRow::Stop,
    OutcomeRow::Reading,
    OutcomeRow::Values,
    OutcomeRow::Cycle,
    OutcomeRow::CycleStop,
    OutcomeRow::Cycles,
    OutcomeRow::CycleLength,
    OutcomeRow::CycleFraction,
    OutcomeRow::At,
    OutcomeRow::AtFraction,
];
/// How many stops an itinerary has, but for those of cycles, and its origin.
const ITINERARY_WORDS: usize = 2;
/// Time in two words, what happens, to which, and the value.
const STOP_WORDS: usize = 5;
/// Length in two words, whether it doubles, whether it adds, its first stop and the one behind its last.
const CYCLE_WORDS: usize = 6;
/// How far the last cycle moved the states, and by which share of the one before.
const SETTLING_WORDS: usize = 2;

/// Codes of what happens at a stop.
const ACTIONS: [(&str, u32); 8] = [
    ("ACTION_READ", 0),
    ("ACTION_VALUES", 1),
    ("ACTION_ENTER", 2),
    ("ACTION_RATE", 3),
    ("ACTION_ASKED", 4),
    ("ACTION_RESET", 5),
    ("ACTION_SETTLE", 6),
    ("ACTION_LAND", 7),
];

/// The most that any patient of a batch needs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Room {
    rows: usize,
    /// Those of cycles included.
    stops: usize,
    cycles: usize,
    readings: usize,
}

/// What a layout takes of patients of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(crate) room: Room,
    /// What is read of a patient each time.
    pub(crate) observables: usize,
    rates: usize,
    asked: usize,
}

impl Room {
    /// More than patients need, judged by their records alone; `lands` says whether equations switch at times of their own.
    pub(crate) fn of(records: &Records, patients: usize, lands: bool) -> Self {
        let most = |count: fn(&Records, usize) -> usize| {
            (0..patients).map(|patient| count(records, patient)).max().unwrap_or(0)
        };
        // Of a dose: it enters, or its rate begins and ends; equations ask for it; a cycle has as many.
        const OF_A_DOSE: usize = 12;
        let doses = |records: &Records, patient: usize| -> usize {
            let records = &records.of(patient).subject.records;
            let given = records.iter().filter_map(|record| record.dose());
            let later = given.map(|dose| 1 + dose.additional as usize).sum::<usize>();
            records.len() * 4 + OF_A_DOSE * later
        };
        Self {
            rows: most(|records, patient| records.rows(patient..patient + 1).len()),
            stops: most(doses) + if lands { MOST_LANDINGS } else { 0 },
            cycles: most(|records, patient| records.of(patient).subject.records.len()),
            readings: most(|records, patient| records.readings(patient..patient + 1).len()),
        }
    }

    fn exactly(records: &Records, itineraries: &[Option<Itinerary>]) -> Self {
        let of = |itinerary: &Itinerary| {
            let in_cycles = itinerary.cycles.iter().map(|cycle| cycle.stops.len()).sum::<usize>();
            (itinerary.stops.len() + in_cycles, itinerary.cycles.len())
        };
        let counts = || itineraries.iter().flatten().map(of);
        let patients = 0..itineraries.len();
        let most = |count: &dyn Fn(usize) -> usize| patients.clone().map(count).max().unwrap_or(0);
        Self {
            rows: most(&|patient| records.rows(patient..patient + 1).len()),
            stops: counts().map(|(stops, _)| stops).max().unwrap_or(0),
            cycles: counts().map(|(_, cycles)| cycles).max().unwrap_or(0),
            readings: most(&|patient| records.readings(patient..patient + 1).len()),
        }
    }

    /// Whether what needs this room fits another.
    pub(crate) fn fits(self, room: Self) -> bool {
        self.rows <= room.rows
            && self.stops <= room.stops
            && self.cycles <= room.cycles
            && self.readings <= room.readings
    }
}

impl Recorded {
    pub(super) fn new(plan: &Plan, lowered: &Lowered) -> Self {
        let asked = lowered.doses.asked.len();
        Self {
            room: Room::default(),
            observables: plan.trajectories.len(),
            rates: lowered.infused.len(),
            asked,
        }
    }

    /// The same with room for other patients.
    pub(super) fn with_room(self, room: Room) -> Self {
        Self { room, ..self }
    }

    /// Rows of the solver's state: the states at the beginning of a cycle and those to add to, rates, what equations ask,
    /// and how far cycles moved.
    pub(super) fn solver_rows(&self, states: usize) -> usize {
        2 * states + self.rates + self.asked + SETTLING_WORDS
    }

    /// Words of `parameters` of a patient.
    pub(super) fn words(&self, columns: usize, residuals: usize) -> usize {
        let Room { rows, stops, cycles, readings } = self.room;
        columns * rows + ITINERARY_WORDS + STOP_WORDS * stops + CYCLE_WORDS * cycles + residuals * readings
    }

    /// Values that are read of a patient.
    pub(super) fn course(&self) -> usize {
        self.room.readings * self.observables
    }

    /// Constants of the shader: `first` is the first of the rows of the solver's state.
    pub(super) fn constants(&self, states: u32, first: u32) -> Vec<(String, u32)> {
        let behind = first + 2 * states;
        let (rates, asked) = (self.rates as u32, self.asked as u32);
        let rows = [
            ("SOLVER_BEFORE", first),
            ("SOLVER_KEPT", first + states),
            ("SOLVER_RATES", behind),
            ("SOLVER_ASKED", behind + rates),
            ("SOLVER_MOVED", behind + rates + asked),
            ("SOLVER_RATIO", behind + rates + asked + 1),
            ("ITINERARY_STOPS", 0),
            ("ITINERARY_ORIGIN", 1),
            ("STOP_WORDS", STOP_WORDS as u32),
            ("STOP_TICK", 0),
            ("STOP_FRACTION", 1),
            ("STOP_ACTION", 2),
            ("STOP_OF", 3),
            ("STOP_VALUE", 4),
            ("CYCLE_WORDS", CYCLE_WORDS as u32),
            ("CYCLE_TICK", 0),
            ("CYCLE_FRACTION", 1),
            ("CYCLE_DOUBLES", 2),
            ("CYCLE_ADDS", 3),
            ("CYCLE_FIRST", 4),
            ("CYCLE_LAST", 5),
        ];
        rows.into_iter().chain(ACTIONS).map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// Packs patients of a data set, whose prelude made `columns`, `[column][row]`, and the layout with the room that they
/// need.
pub(super) fn pack(
    layout: &Layout,
    lowered: &Lowered,
    individuals: &Individuals,
    records: &Records,
    columns: &[Vec<f64>],
) -> (Layout, Packed) {
    let patients = individuals.count;
    let itineraries: Vec<Option<Itinerary>> = (0..patients)
        .into_par_iter()
        .map(|patient| {
            let first = records.rows(0..patient).len();
            let itinerary = itinerary(lowered, records, patient, columns, first).ok()?;
            itinerary.with_landings(lowered, columns, first)
        })
        .collect();
    let room = Room::exactly(records, &itineraries);
    let layout = layout.with_room(room);
    let values = layout.columns.len() * room.rows * patients;
    let stops = values + ITINERARY_WORDS * patients;
    let cycles = stops + STOP_WORDS * room.stops * patients;
    let residuals = cycles + CYCLE_WORDS * room.cycles * patients;
    let scores = layout.residuals * room.readings * patients;
    let mut parameters = vec![0; residuals + scores];
    for (position, &column) in layout.columns.iter().enumerate() {
        for patient in 0..patients {
            let own = records.rows(patient..patient + 1).map(|row| word(columns[column][row]));
            for (row, value) in own.enumerate() {
                parameters[(position * room.rows + row) * patients + patient] = value;
            }
        }
    }
    for (patient, itinerary) in itineraries.iter().enumerate() {
        let Some(itinerary) = itinerary else { continue };
        let [own, of_stops, of_cycles] = words(itinerary);
        for (first, words) in [(values, own), (stops, of_stops), (cycles, of_cycles)] {
            for (row, value) in words.into_iter().enumerate() {
                parameters[first + row * patients + patient] = value;
            }
        }
        let lines = layout.residuals;
        let own = records.readings(patient..patient + 1);
        let own = individuals.residuals.get(own.start * lines..own.end * lines).unwrap_or(&[]);
        for (row, &score) in own.iter().enumerate() {
            parameters[residuals + row * patients + patient] = word(score);
        }
    }
    let phase = |itinerary: &Option<Itinerary>| match itinerary {
        Some(_) => WAITING,
        None => Status::BadDose as u32,
    };
    let mut outcomes: Vec<u32> = itineraries.iter().map(phase).collect();
    outcomes.resize(layout.results * patients, 0);
    let job = Job {
        patients: patients as u32,
        items: patients as u32,
        followed: patients as u32,
        residuals: residuals as u32,
        rows: room.rows as u32,
        itineraries: values as u32,
        stops: stops as u32,
        cycles: cycles as u32,
        not_a_number: f32::NAN.to_bits(),
        ..bytemuck::Zeroable::zeroed()
    };
    (layout, Packed { job, parameters, outcomes, ledger: Vec::new() })
}

/// What is known of an itinerary, its stops with those of its cycles behind, and its cycles.
fn words(itinerary: &Itinerary) -> [Vec<u32>; 3] {
    let own = vec![itinerary.stops.len() as u32, word(itinerary.origin)];
    let mut stops: Vec<u32> = itinerary.stops.iter().flat_map(stop_words).collect();
    let mut cycles = Vec::new();
    for cycle in &itinerary.cycles {
        let first = stops.len() / STOP_WORDS;
        stops.extend(cycle.stops.iter().flat_map(stop_words));
        let flags = [cycle.doubles, cycle.adds].map(u32::from);
        let behind = stops.len() / STOP_WORDS;
        cycles.extend([cycle.length.tick(), cycle.length.fraction()].into_iter().chain(flags));
        cycles.extend([first as u32, behind as u32]);
    }
    [own, stops, cycles]
}

fn stop_words(stop: &Stop) -> [u32; STOP_WORDS] {
    let (action, of, value) = match stop.action {
        Action::Read => (0, 0, 0.0),
        Action::Values(row) => (1, row, 0.0),
        Action::Enter { state, amount } => (2, state, amount),
        Action::Rate { infused, rate } => (3, infused, rate),
        Action::Asked { position, value } => (4, position, value),
        Action::Reset => (5, 0, 0.0),
        Action::Settle(cycle) => (6, cycle, 0.0),
        Action::Land { jumps } => (7, usize::from(jumps), 0.0),
    };
    [stop.at.tick(), stop.at.fraction(), action, of as u32, word(value)]
}

/// Constants of the way to a steady state, for the shader.
#[derive(serde::Serialize)]
pub(super) struct Settling {
    pub(super) most_cycles: u32,
    pub(super) ahead: String,
    pub(super) same_ratio: String,
    pub(super) slow: String,
    pub(super) unsettled: u32,
}

impl Settling {
    /// Those of numbers as a device has them, written by `literal`.
    pub(super) fn new(literal: fn(f64) -> String) -> Self {
        Self {
            most_cycles: settling::MOST_CYCLES,
            ahead: literal(settling::ahead(f32::EPSILON.into())),
            same_ratio: literal(settling::SAME_RATIO),
            slow: literal(settling::SLOW),
            unsettled: Status::NoSteadyState as u32,
        }
    }
}
