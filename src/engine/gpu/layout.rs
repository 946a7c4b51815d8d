//! What lies where on the device: one description, for the host and, printed, for the shader.
//!
//! Buffers are rows of words, one word for each patient or for each patient in an arm (an item), so
//! that neighbouring invocations read neighbouring words. An item is `arm * patients + patient`.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::mem::size_of;

use crate::accumulator::{Rows, TABLE};
use crate::cohort::{ReadOn, Ticks};
use crate::engine::Status;
use crate::engine::program::Lowered;
use crate::engine::schedule::Route;
use crate::engine::value::Value;
use crate::model::graph::DoseValue;
use crate::plan::{Accumulator, Method, Plan, Protocol};
use crate::unit::SECONDS_PER_DAY;

use super::buffers::{Buffer, Job};
use super::drugs::{DeviceDrug, Slots};
use super::followers::{FOLLOWER_WORDS, followers};
use super::itineraries::{ITINERARY, Recorded, Room, SettlingRows, SteadyStarts};
use super::rows::{
    FOLLOWED, LedgerRow, NEVER, NO_REASON, NOTHING, OutcomeRow, OwnRow, Row, SCAN, StepRow, VISIT,
};
use super::tables::{DOSE, OBSERVATION, ROUND_DOWN, ROUND_UP, Tables, is_limited};

/// Bytes of a word.
pub(crate) const WORD: u64 = size_of::<u32>() as u64;
/// Invocations of a workgroup.
pub(crate) const WORKGROUP: u32 = 64;

/// Ticks of a day.
const DAY: Ticks = SECONDS_PER_DAY;
/// Where an item is on its way, beyond the ends that [`Status`](crate::engine::Status) names.
pub(crate) const WAITING: u32 = Status::ALL.len() as u32;
pub(crate) const ENTERING: u32 = WAITING + 1;
pub(crate) const STARTING: u32 = WAITING + 2;
pub(crate) const RUNNING: u32 = WAITING + 3;

/// The rows of every buffer for one plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) method: Method,
    pub(crate) arms: usize,
    pub(crate) states: usize,
    /// How many of them are outside the error norm: areas.
    pub(crate) areas: usize,
    /// Columns of the prelude that the shader reads.
    pub(crate) columns: Vec<usize>,
    /// States that a dose enters at most.
    pub(crate) parts: usize,
    /// Planned doses of an arm at most, each with a place.
    pub(crate) doses: usize,
    pub(crate) slots: Slots,
    pub(crate) drugs: Vec<DeviceDrug>,
    /// Times at which steps end besides doses: of patients of a data set they are among the stops of itineraries.
    pub(crate) landings: usize,
    /// First row of each accumulator.
    pub(crate) accumulators: Vec<u32>,
    /// Words of the amount of a dose before bioavailability: one where equations ask for it; where it may be capped or
    /// rounded, another of its cap.
    pub(crate) amount_words: usize,
    /// Whether what enters of a dose is found out when it is given: it is kept behind the ledger.
    pub(crate) finds_parts: bool,
    /// Rows of all accumulators.
    pub(crate) accumulator_rows: usize,
    pub(crate) points: usize,
    /// Values of one time course.
    pub(crate) course: usize,
    /// Residual scores of a patient.
    pub(crate) residuals: usize,
    /// Rows of the outcomes, the first `results` of which are read back; the next is the order of the items. Behind all of
    /// them lies the next of each landing, in two words.
    pub(crate) outcomes: Vec<OwnRow>,
    pub(crate) results: usize,
    /// Rows of the ledger for each dose.
    pub(crate) ledger: Vec<LedgerRow>,
    pub(crate) tables: Tables,
    /// What itineraries take, if patients are of a data set.
    pub(crate) recorded: Option<Recorded>,
    /// What the way to a steady state before time 0 takes, if there is one.
    pub(crate) steady: Option<SteadyStarts>,
    settling: Option<SettlingRows>,
}

impl Layout {
    /// The layout of a plan.
    pub(crate) fn new(plan: &Plan, lowered: &Lowered) -> Self {
        let mut accumulator_rows = 0;
        let accumulators = plan.accumulators.iter().map(|accumulator| {
            let first = accumulator_rows;
            accumulator_rows += rows(accumulator).map_or(0, |rows| rows.all.len());
            first as u32
        });
        let accumulators: Vec<u32> = accumulators.collect();
        let slots = Slots::new(plan);
        let drugs = DeviceDrug::all(plan, lowered);
        let (mut outcomes, results) = outcomes(plan, &drugs);
        let asks_amounts = lowered.doses.asked.iter().any(|(value, _)| *value == DoseValue::Amount);
        let finds_parts = !lowered.at_dose().is_empty();
        let settling = SettlingRows::of(plan, lowered);
        if settling.is_some() {
            outcomes.extend(ITINERARY.map(|row| OwnRow { row, drug: None }));
        }
        let followed = plan.observation_times.iter().filter(|point| point.trajectory).count();
        Self {
            method: plan.method,
            arms: plan.arms.len(),
            states: plan.states.len(),
            areas: plan.states.iter().filter(|state| state.atol.is_infinite()).count(),
            columns: columns(lowered),
            parts: lowered.doses.parts,
            doses: slots.count,
            landings: if plan.is_recorded { 0 } else { plan.landings.len() },
            amount_words: if is_limited(plan) { 2 } else { usize::from(asks_amounts || finds_parts) },
            finds_parts,
            accumulator_rows,
            points: plan.observation_times.len(),
            course: followed * plan.trajectories.len(),
            residuals: plan.observation_times.len() * plan.residuals,
            outcomes,
            results,
            ledger: ledger(&plan.protocol),
            tables: Tables::new(plan, &slots, &followers(plan, lowered, &accumulators)),
            slots,
            drugs,
            accumulators,
            recorded: plan.is_recorded.then(|| Recorded::new(plan)),
            steady: SteadyStarts::of(lowered),
            settling,
        }
    }

    /// The layout for patients of a data set who need so much room.
    pub(crate) fn with_room(&self, room: Room) -> Self {
        let recorded = self.recorded.map(|recorded| recorded.with_room(room));
        Self { recorded, ..self.clone() }
    }

    /// Landings of an item for its doses at most, visits apart: time 0, the end, and of each dose when it is due, and
    /// both ends of each of its parts.
    pub(crate) fn landings_of_doses(&self) -> usize {
        2 + self.doses * (1 + 2 * self.parts)
    }

    /// Words of the landings of a patient.
    pub(crate) fn landing_words(&self) -> usize {
        self.landings * LANDING_WORDS
    }

    /// Words of the parts of all doses of an item.
    pub(crate) fn dose_part_words(&self) -> usize {
        self.doses * (self.parts * DOSE_PART_WORDS + self.amount_words)
    }

    /// Words of the doses of an item, and of its way to a steady state before time 0.
    pub(crate) fn item_words(&self) -> usize {
        self.dose_part_words() + self.steady.as_ref().map_or(0, SteadyStarts::words)
    }

    /// Words of the ledger of an item.
    pub(crate) fn ledger_words(&self) -> usize {
        let found = if self.finds_parts { self.parts * DOSE_PART_WORDS } else { 0 };
        self.doses * (self.ledger.len() + found)
    }

    /// Rows of the outcomes in all.
    pub(crate) fn outcome_rows(&self) -> usize {
        self.outcomes.len() + 2 * self.landings
    }

    /// Rows of the solver's state: states, first derivatives, carries of the areas, and the step.
    pub(crate) fn solver_rows(&self) -> usize {
        let settling = self.settling.map_or(0, |rows| rows.count(self.states));
        2 * self.states + self.areas + STEP.len() + settling
    }

    /// Words that a buffer holds for each patient, all arms together.
    pub(crate) fn words_per_patient(&self, buffer: Buffer) -> usize {
        match buffer {
            Buffer::Plan | Buffer::Counters => 0,
            Buffer::Parameters => {
                let of_patient = self.columns.len() + self.landing_words() + self.residuals;
                let of_cohort = of_patient + self.arms * self.item_words();
                let recorded = self.recorded.as_ref();
                recorded.map_or(of_cohort, |recorded| recorded.words(self.columns.len(), self.residuals))
            }
            Buffer::Solver => self.arms * self.solver_rows(),
            Buffer::Accumulators => self.arms * self.accumulator_rows,
            Buffer::Outcomes => self.arms * self.outcome_rows(),
            Buffer::Ledger => self.arms * self.ledger_words(),
            Buffer::Trajectories => {
                self.arms * self.recorded.as_ref().map_or(self.course, |recorded| recorded.course())
            }
        }
    }

    /// Patients of which every buffer fits a binding of so many bytes; those who are followed are fewer
    /// and count apart.
    pub(crate) fn most_patients(&self, binding: u64) -> u64 {
        let buffers = Buffer::ALL.into_iter().filter(|&buffer| buffer != Buffer::Trajectories);
        let words = buffers.map(|buffer| self.words_per_patient(buffer)).max();
        binding / WORD / words.unwrap_or(1).max(1) as u64
    }

    /// Patients whose time courses fit a binding of so many bytes.
    pub(crate) fn most_followed(&self, binding: u64) -> usize {
        (binding / WORD) as usize / self.words_per_patient(Buffer::Trajectories).max(1)
    }

    /// The declarations of the shader: constants, the job, the buffers.
    pub(crate) fn wgsl(&self) -> String {
        let mut text = String::new();
        for (name, value) in self.constants() {
            let _ = writeln!(text, "const {name}: u32 = {value}u;");
        }
        let fields: String = Job::FIELDS.iter().map(|field| format!("    {field}: u32,\n")).collect();
        let _ = writeln!(text, "\nstruct Job {{\n{fields}}}\n");
        let _ = writeln!(text, "@group(0) @binding(0) var<uniform> job: Job;");
        for (buffer, binding) in Buffer::ALL.into_iter().zip(1..) {
            let access = if buffer.read_only() { "read" } else { "read_write" };
            let (name, word) = (buffer.name(), buffer.word());
            let _ =
                writeln!(text, "@group(0) @binding({binding}) var<storage, {access}> {name}: array<{word}>;");
        }
        text
    }

    fn constants(&self) -> Vec<(String, u32)> {
        let states = self.states as u32;
        let mut constants: Vec<(String, u32)> = [
            ("WAITING", WAITING),
            ("ENTERING", ENTERING),
            ("STARTING", STARTING),
            ("RUNNING", RUNNING),
            ("VISIT", VISIT),
            ("FOLLOWED", FOLLOWED),
            ("SCAN", SCAN),
            ("NEVER", NEVER),
            ("NO_REASON", NO_REASON),
            ("DAY", DAY),
            ("NOTHING", NOTHING),
            ("ARMS", self.arms as u32),
            ("POINTS", self.points as u32),
            ("DOSES", self.doses as u32),
            ("PARTS", self.parts as u32),
            ("DOSE_PART_WORDS", DOSE_PART_WORDS as u32),
            ("LANDINGS", self.landings as u32),
            ("LANDING_WORDS", LANDING_WORDS as u32),
            ("DOSE_ROWS", self.tables.dose_rows as u32),
            ("DOSE_ROW_COUNT", DOSE.len() as u32),
            ("ROUND_UP", ROUND_UP),
            ("ROUND_DOWN", ROUND_DOWN),
            ("VISITS", self.tables.visits as u32),
            ("VISIT_COUNT", self.tables.visit_count as u32),
            ("FOLLOWERS", self.tables.followers as u32),
            ("FOLLOWER_COUNT", self.tables.follower_count as u32),
            ("FOLLOWER_WORDS", FOLLOWER_WORDS as u32),
            ("SOLVER_STATE", 0),
            ("SOLVER_K1", states),
            ("SOLVER_CARRY", 2 * states),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let step = 2 * states + self.areas as u32;
        constants.extend(named(&STEP, step));
        if let Some(rows) = self.settling {
            constants.extend(rows.constants(states, step + STEP.len() as u32));
        }
        constants.extend((0..).zip(&self.outcomes).map(|(position, row)| (row.name(), position)));
        constants.push(("OUTCOME_LANDINGS".into(), self.outcomes.len() as u32));
        constants.extend(named(&self.ledger, 0));
        constants.push(("LEDGER_PARTS".into(), self.ledger.len() as u32));
        constants.extend(named(&OBSERVATION, 0));
        constants.extend(named(&DOSE, 0));
        constants.extend(of_accumulators());
        constants
    }
}

/// Constants of rows, the first of which is `first`.
fn named<R: Row>(rows: &[R], first: u32) -> impl Iterator<Item = (String, u32)> {
    rows.iter().zip(first..).map(|(row, position)| (row.name().to_owned(), position))
}

/// Where each row of an accumulator lies behind its first: `AUC_LAST` at visits, `CURVE_TIME_TRUE_CARRY` along the curve.
/// And the number of each kind.
fn of_accumulators() -> Vec<(String, u32)> {
    let mut constants = Vec::new();
    for description in &TABLE {
        let name = description.name.to_uppercase();
        let of_curve = description.on_curve.rows().map(|rows| (format!("CURVE_{name}"), rows));
        for (prefix, rows) in of_curve.into_iter().chain([(name.clone(), &description.at_visits)]) {
            let rows = (0..).zip(rows.all);
            constants.extend(rows.map(|(position, row)| (format!("{prefix}_{}", row.name()), position)));
        }
        constants.push((format!("KIND_{name}"), description.kind as u32));
    }
    constants
}

/// Rows of the solver's state after those of the states.
const STEP: [StepRow; 5] =
    [StepRow::Time, StepRow::Length, StepRow::Step, StepRow::LogErrPrev, StepRow::FirstDtmax];
/// Words of what enters a state of a dose: lag and duration, each in two words, and the amount.
pub(crate) const DOSE_PART_WORDS: usize = 5;
/// Words of a landing: when it first comes, and how often, each in two words.
pub(crate) const LANDING_WORDS: usize = 4;

/// Rows of the outcomes, and how many of them are read back.
fn outcomes(plan: &Plan, drugs: &[DeviceDrug]) -> (Vec<OwnRow>, usize) {
    use OutcomeRow::*;
    let protocol = &plan.protocol;
    let shared = |row| OwnRow { row, drug: None };
    let mut rows: Vec<OwnRow> = [Phase, Steps, Rejected].map(shared).into();
    let of_drugs = |rows: &mut Vec<OwnRow>, of: &dyn Fn(&DeviceDrug) -> Vec<OutcomeRow>| {
        let own = |drug: &DeviceDrug| -> Vec<OwnRow> {
            of(drug).into_iter().map(|row| OwnRow { row, drug: drug.suffix }).collect()
        };
        rows.extend(drugs.iter().flat_map(own).collect::<Vec<_>>());
    };
    of_drugs(&mut rows, &|_| vec![Given]);
    if protocol.is_adaptive() {
        let stopped = [StoppedBy, StoppedTick, StoppedValue];
        rows.extend(stopped.map(shared));
        if drugs.len() > 1 {
            of_drugs(&mut rows, &|_| stopped.into());
        }
    }
    if protocol.stops.iter().any(|stop| stop.leaves) {
        rows.extend([LeftBy, LeftTick, LeftValue].map(shared));
    }
    let results = rows.len();
    rows.extend([Order, Start, StartFraction, End, EndFraction, Point].map(shared));
    of_drugs(&mut rows, &|drug| {
        let mut rows = vec![Oldest, Due];
        for (is_kept, kept) in [
            (!drug.rules.holds.is_empty(), &[Hold, Began][..]),
            (drug.delays, &[Over]),
            (!drug.rules.skips.is_empty(), &[Last, Count, Late, Shift, Skipped]),
            (drug.counts, &[Held, Reduced]),
        ] {
            rows.extend(kept.iter().filter(|_| is_kept));
        }
        rows
    });
    (rows, results)
}

/// Rows of the ledger.
fn ledger(protocol: &Protocol) -> Vec<LedgerRow> {
    use LedgerRow::*;
    let mut rows = vec![Tick, Factor];
    if !protocol.infusions.is_empty() {
        rows.extend([OverTime, InfusedBy, InfusedTick, InfusedValue]);
    }
    if !protocol.holds.is_empty() {
        rows.extend([HeldBy, HeldTick, HeldValue]);
    }
    if !protocol.changes.is_empty() {
        rows.extend([ChangedBy, ChangedTick, ChangedValue]);
    }
    if !protocol.skips.is_empty() {
        rows.extend([SkippedBy, SkippedTick, SkippedValue]);
    }
    if !protocol.demands.is_empty() {
        rows.extend([AskedBy, AskedTick, AskedValue]);
    }
    rows
}

/// What an accumulator keeps; nothing if it is of a kind that does not follow curves step by step.
pub(crate) fn rows(accumulator: &Accumulator) -> Option<&'static Rows> {
    let description = accumulator.kind.description();
    match accumulator.on {
        ReadOn::Continuous => description.on_curve.rows(),
        ReadOn::Visits | ReadOn::Scans => Some(&description.at_visits),
    }
}

/// The columns that equations, observed expressions and initial values read.
fn columns(lowered: &Lowered) -> Vec<usize> {
    let roots = [lowered.integrated(), lowered.seen(), lowered.curves.clone(), lowered.at_dose().to_vec()];
    let roots = roots.concat();
    let read = lowered.leaves(&roots).into_iter().filter_map(|id| lowered.column(id));
    let initial = lowered.initial.iter().filter_map(|value| match value {
        Value::Column(column) => Some(*column),
        Value::Constant(_) | Value::AtDose(_) => None,
    });
    // Of a dose that is found out when it is given, all values are.
    let of_routes = lowered.doses.routes.iter().filter(|route| route.is_at_dose()).flat_map(Route::values);
    let of_routes = of_routes.filter_map(|value| match value {
        Value::Column(column) => Some(column),
        Value::Constant(_) | Value::AtDose(_) => None,
    });
    read.chain(initial).chain(of_routes).collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::mem::offset_of;
    use std::path::Path;

    use naga::{AddressSpace, Module, Scalar, StorageAccess, StructMember, TypeInner};

    use super::*;
    use crate::engine::gpu::wgsl;
    use crate::model;
    use crate::plan::of_model;

    /// The shader of a small model, as naga reads it.
    fn module() -> Module {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/one_compartment_infusion.R");
        let shader = wgsl(&of_model(&model::load(&file).unwrap()));
        naga::front::wgsl::parse_str(&shader).unwrap()
    }

    #[test]
    fn the_job_lies_alike_on_both_sides() {
        let module = module();
        let offsets = [
            offset_of!(Job, patients),
            offset_of!(Job, items),
            offset_of!(Job, invocations),
            offset_of!(Job, ordered),
            offset_of!(Job, turns),
            offset_of!(Job, followed),
            offset_of!(Job, visits),
            offset_of!(Job, attempts),
            offset_of!(Job, dose_parts),
            offset_of!(Job, landings),
            offset_of!(Job, residuals),
            offset_of!(Job, fixed),
            offset_of!(Job, rows),
            offset_of!(Job, itineraries),
            offset_of!(Job, stops),
            offset_of!(Job, cycles),
            offset_of!(Job, zero),
            offset_of!(Job, not_a_number),
        ];
        let (_, job) = module.types.iter().find(|(_, ty)| ty.name.as_deref() == Some("Job")).unwrap();
        let members = Job::FIELDS.into_iter().zip(offsets).map(|(name, offset)| {
            let ty = module.types.iter().find(|(_, ty)| ty.inner == TypeInner::Scalar(Scalar::U32));
            StructMember {
                name: Some(name.to_owned()),
                ty: ty.unwrap().0,
                binding: None,
                offset: offset as u32,
            }
        });
        let of_host = TypeInner::Struct { members: members.collect(), span: size_of::<Job>() as u32 };
        assert_eq!(job.inner, of_host);
    }

    #[test]
    fn every_binding_is_a_buffer_of_the_host() {
        let module = module();
        let mut of_shader: Vec<(u32, String, bool)> = module
            .global_variables
            .iter()
            .filter_map(|(_, variable)| {
                let read_only = match variable.space {
                    AddressSpace::Storage { access } => !access.contains(StorageAccess::STORE),
                    _ => true,
                };
                let binding = variable.binding.as_ref()?;
                assert_eq!(binding.group, 0);
                Some((binding.binding, variable.name.clone().unwrap_or_default(), read_only))
            })
            .collect();
        of_shader.sort();
        let buffers = Buffer::ALL.map(|buffer| (buffer.name(), buffer.read_only()));
        let of_host = [("job", true)].into_iter().chain(buffers).zip(0..);
        let of_host = of_host.map(|((name, read_only), binding)| (binding, name.to_owned(), read_only));
        assert_eq!(of_shader, of_host.collect::<Vec<_>>());
    }
}
