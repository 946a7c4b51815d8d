//! Patients to words for the device.

use rayon::prelude::*;

use crate::engine::instant::Instant;
use crate::engine::itinerary::start;
use crate::engine::landing::Coming;
use crate::engine::program::Lowered;
use crate::engine::schedule::{DosePart, Doses, Schedule};
use crate::engine::{FixedDose, Individuals, Status};

use super::buffers::Job;
use super::layout::{DOSE_PART_WORDS, Layout, WAITING};
use super::rows::{LedgerRow, NEVER};

/// Items whose doses one thread plans in one go.
const CHUNK: usize = 1024;

/// What a batch of patients is made into.
pub(crate) struct Packed {
    pub(crate) job: Job,
    pub(crate) parameters: Vec<u32>,
    /// Where each item stands: before its start, or at its end if its doses cannot be planned. Then its
    /// steps, none yet.
    pub(crate) outcomes: Vec<u32>,
    /// The first rows of the ledger, time, factor and, if rules change it, time of infusion, if the doses are fixed.
    pub(crate) ledger: Vec<u32>,
}

/// Packs patients, whose prelude made `columns`, `[column][patient]`.
pub(crate) fn pack(
    layout: &Layout,
    lowered: &Lowered,
    individuals: &Individuals,
    columns: &[Vec<f64>],
) -> Packed {
    let Lowered { doses, landings, .. } = lowered;
    let patients = individuals.count;
    let items = patients * layout.arms;
    let dose_parts = layout.columns.len() * patients;
    let first_landing = dose_parts + layout.item_words() * items;
    let residuals = first_landing + layout.landing_words() * patients;
    let mut parameters = Vec::with_capacity(residuals + layout.residuals * patients);
    for &column in &layout.columns {
        parameters.extend(columns[column].iter().map(|&value| word(value)));
    }
    parameters.resize(first_landing, 0);
    let mut outcomes = plan_dose_parts(layout, doses, columns, patients, &mut parameters[dose_parts..]);
    outcomes.resize(layout.results * items, 0);
    for landing in landings {
        let coming = |patient: usize| landing.coming(columns, patient, doses.time_per_tick);
        let coming: Vec<Coming> = (0..patients).map(coming).collect();
        for of in [|coming: &Coming| coming.next, |coming: &Coming| coming.every] {
            for word in [|at: Instant| at.tick(), |at: Instant| at.fraction()] {
                parameters.extend(coming.iter().map(|coming| word(of(coming))));
            }
        }
    }
    for score in 0..layout.residuals {
        let of = |patient: usize| individuals.residuals[patient * layout.residuals + score];
        parameters.extend((0..patients).map(|patient| word(of(patient))));
    }
    let behind_doses = dose_parts + layout.dose_part_words() * items;
    let [itineraries, stops, cycles] =
        layout.steady.map_or([0; 3], |steady| steady.places(behind_doses, items));
    let job = Job {
        patients: patients as u32,
        items: items as u32,
        invocations: items as u32,
        ordered: 0,
        turns: u32::MAX,
        followed: individuals.trajectories.min(patients) as u32,
        visits: 0,
        attempts: 0,
        dose_parts: dose_parts as u32,
        landings: first_landing as u32,
        residuals: residuals as u32,
        fixed: u32::from(individuals.has_fixed_doses()),
        rows: 0,
        itineraries,
        stops,
        cycles,
        zero: 0,
        not_a_number: f32::NAN.to_bits(),
    };
    let fixed = individuals.fixed_doses.as_ref().filter(|_| individuals.has_fixed_doses());
    let ledger = fixed.map_or_else(Vec::new, |fixed| fixed_ledger(layout, fixed, patients));
    Packed { job, parameters, outcomes, ledger }
}

/// A number as the device holds it.
pub(super) fn word(value: f64) -> u32 {
    (value as f32).to_bits()
}

/// The first rows of the ledger of fixed doses, `[row][slot][item]`, from `[patient][arm][dose]`.
fn fixed_ledger(layout: &Layout, fixed: &[FixedDose], patients: usize) -> Vec<u32> {
    let (slots, items) = (&layout.slots, layout.arms * patients);
    let rows = if layout.ledger.contains(&LedgerRow::OverTime) { 3 } else { 2 };
    let mut ledger = vec![NEVER; slots.count * items];
    ledger.resize(rows * slots.count * items, word(0.0));
    for arm in 0..layout.arms {
        for (dose, slot) in slots.of_arm(arm).iter().enumerate() {
            for patient in 0..patients {
                let of = fixed[(patient * layout.arms + arm) * slots.most_doses + dose];
                let words = [of.tick.unwrap_or(NEVER), word(of.factor), of.over.unwrap_or(0)];
                for (row, word) in words.into_iter().take(rows).enumerate() {
                    ledger[(row * slots.count + slot) * items + arm * patients + patient] = word;
                }
            }
        }
    }
    ledger
}

/// Writes the parts of every item, `[word][item]`, and says where each item stands.
fn plan_dose_parts(
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

/// The parts of consecutive items, `[word][item of the chunk]`.
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
        let mut words = vec![0; layout.item_words() * count];
        let mut schedule = Schedule::default();
        let mut phases = Vec::with_capacity(count);
        for (position, item) in items.enumerate() {
            let (arm, patient) = (item / patients, item % patients);
            let planned = schedule.fill(doses, arm, columns, patient);
            let Ok(start) = planned.and_then(|()| start(doses, arm, columns, patient)) else {
                phases.push(Status::BadDose as u32);
                continue;
            };
            let steady = layout.steady.zip(start.as_ref()).map(|(steady, start)| steady.written(start));
            // What has no room is solved on the CPU, as whatever fails.
            phases.push(if steady == Some(None) { Status::BadDose as u32 } else { WAITING });
            for (row, word) in (layout.dose_part_words()..).zip(steady.flatten().unwrap_or_default()) {
                words[row * count + position] = word;
            }
            let slots = layout.slots.of_arm(arm);
            let parts = schedule.dose_parts().chunks(layout.parts.max(1));
            for (parts, slot) in parts.zip(slots) {
                let rows = (slot * layout.parts * DOSE_PART_WORDS..).step_by(DOSE_PART_WORDS);
                for (part, first) in parts.iter().zip(rows) {
                    let DosePart { lag, duration, amount } = *part;
                    let [lag, duration] = [lag, duration].map(|length| [length.tick(), length.fraction()]);
                    let values = lag.into_iter().chain(duration).chain([word(amount)]);
                    for (i, value) in values.enumerate() {
                        words[(first + i) * count + position] = value;
                    }
                }
            }
            let first = layout.doses * layout.parts * DOSE_PART_WORDS;
            for (own, slot) in schedule.own().iter().zip(slots) {
                let values = [own.amount, own.cap.min(f32::MAX.into())];
                for (kind, value) in values.into_iter().enumerate().take(layout.amount_words) {
                    words[(first + kind * layout.doses + slot) * count + position] = word(value);
                }
            }
        }
        Self { words, phases }
    }
}
