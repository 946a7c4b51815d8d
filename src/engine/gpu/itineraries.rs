//! The itineraries of patients of a data set, as words for the device.
//!
//! `parameters` hold individual values `[column][row][patient]`, what is known of each itinerary `[word][item]`, stops and
//! cycles `[stop][word][item]`, and residual scores `[reading][line][patient]`. Every patient has room for as much as any of
//! a batch needs. Those of a cohort that come to a steady state before time 0 have the same words behind their doses.

use rayon::prelude::*;

use crate::engine::itinerary::{Action, Itinerary, MOST_LANDINGS, Start, Stop, itinerary};
use crate::engine::method::settling;
use crate::engine::program::Lowered;
use crate::engine::schedule::{Carried, Doses, Planned, Route, RouteInput, Steady};
use crate::engine::value::Value;
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
/// When it begins and ends, each in two words, the amount, and the state, also among those that are infused.
const CARRIED_WORDS: usize = 7;
/// Doses of which something may be left at time 0: patients with more are solved on the CPU.
const MOST_CARRIED: usize = 8;
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
}

/// Patients of a cohort who begin at a steady state: room for what happens on the way to it, in any arm, and for what is
/// left at time 0 of the doses before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SteadyStarts {
    stops: usize,
    pub(super) carried: usize,
}

/// Rows of the solver's state on the way to a steady state: the states at the beginning of a cycle, those to add to
/// and how far the last cycle moved them, rates, what equations ask, and how far cycles moved in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SettlingRows {
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
    pub(super) fn new(plan: &Plan) -> Self {
        Self { room: Room::default(), observables: plan.trajectories.len() }
    }

    /// The same with room for other patients.
    pub(super) fn with_room(self, room: Room) -> Self {
        Self { room, ..self }
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
}

impl SteadyStarts {
    /// Those of a plan, if it has any.
    pub(super) fn of(lowered: &Lowered) -> Option<Self> {
        let doses = &lowered.doses;
        let stops = |steady: &Steady| -> usize {
            let routes = steady.doses.iter().map(|dose| doses.administrations[dose.administration].len());
            // What enters at once, or begins and ends; the rates at the beginning of a cycle.
            1 + lowered.infused.len() + 2 * routes.sum::<usize>()
        };
        let starts = || doses.steady.iter().flatten();
        let stops = starts().map(stops).max()?;
        let carried = if starts().any(|steady| may_be_left(doses, steady)) { MOST_CARRIED } else { 0 };
        Some(Self { stops, carried })
    }

    /// Words of `parameters` of an item.
    pub(super) fn words(&self) -> usize {
        ITINERARY_WORDS + STOP_WORDS * self.stops + CYCLE_WORDS + CARRIED_WORDS * self.carried
    }

    /// Where the words of itineraries, their stops and their cycles begin behind others of so many items.
    pub(super) fn places(&self, first: usize, items: usize) -> [u32; 3] {
        let stops = first + ITINERARY_WORDS * items;
        [first, stops, stops + STOP_WORDS * self.stops * items].map(|place| place as u32)
    }

    /// The words of an item; none if more is left of the doses before time 0 than there is room for.
    pub(super) fn written(&self, start: &Start) -> Option<Vec<u32>> {
        let carried = &start.before.carried;
        if carried.len() > self.carried {
            return None;
        }
        let [own, mut stops, cycles] = words(&start.itinerary);
        stops.resize(STOP_WORDS * self.stops, 0);
        let mut carried: Vec<u32> = carried.iter().flat_map(carried_words).collect();
        carried.resize(CARRIED_WORDS * self.carried, 0);
        Some([own, stops, cycles, carried].concat())
    }
}

/// Whether something of the doses before time 0 may enter after it.
fn may_be_left(doses: &Doses, steady: &Steady) -> bool {
    let is_over = |dose: &Planned, route: &Route| {
        let constant = |value: Value| match value {
            Value::Constant(time) => time,
            Value::Column(_) | Value::AtDose(_) => f64::INFINITY,
        };
        let duration = match route.input {
            RouteInput::Bolus => 0.0,
            RouteInput::Over(time) => constant(time),
            RouteInput::AtRate(_) => f64::INFINITY,
        };
        let after = (constant(route.lag) + duration) / doses.time_per_tick;
        f64::from(dose.tick) + after < f64::from(steady.period)
    };
    let entering = steady.doses.iter().flat_map(|dose| {
        doses.routes[doses.administrations[dose.administration].clone()]
            .iter()
            .map(move |route| (dose, route))
    });
    !entering.into_iter().all(|(dose, route)| is_over(dose, route))
}

/// What enters of a dose that was given before time 0.
fn carried_words(carried: &Carried) -> [u32; CARRIED_WORDS] {
    let Carried { state, infused, begins, ends, amount } = *carried;
    let times = [begins.tick(), begins.fraction(), ends.tick(), ends.fraction()];
    let [a, b, c, d] = times;
    [a, b, c, d, word(amount), state as u32, infused as u32]
}

impl SettlingRows {
    /// Those of a plan whose patients come to steady states, or may.
    pub(super) fn of(plan: &Plan, lowered: &Lowered) -> Option<Self> {
        let comes = plan.is_recorded || lowered.doses.steady.iter().any(Option::is_some);
        comes.then_some(Self { rates: lowered.infused.len(), asked: lowered.doses.asked.len() })
    }

    /// How many rows they are.
    pub(super) fn count(self, states: usize) -> usize {
        3 * states + self.rates + self.asked + SETTLING_WORDS
    }

    /// Constants of the shader: `first` is the first of the rows of the solver's state.
    pub(super) fn constants(self, states: u32, first: u32) -> Vec<(String, u32)> {
        let behind = first + 3 * states;
        let (rates, asked) = (self.rates as u32, self.asked as u32);
        let rows = [
            ("SOLVER_BEFORE", first),
            ("SOLVER_KEPT", first + states),
            ("SOLVER_MOVES", first + 2 * states),
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
            ("CARRIED_WORDS", CARRIED_WORDS as u32),
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
        invocations: patients as u32,
        turns: u32::MAX,
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
        // Of a plan that keeps values the CPU solves all patients.
        Action::Keep(_) => (7, 0, 0.0),
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
    pub(super) clear: String,
    pub(super) certain: String,
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
            clear: literal(settling::CLEAR),
            certain: literal(settling::CERTAIN),
            unsettled: Status::NoSteadyState as u32,
        }
    }
}
