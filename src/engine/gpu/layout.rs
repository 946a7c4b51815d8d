//! What lies where on the device: one description, for the host and, printed, for the shader.
//!
//! Buffers are rows of words, one word for each patient or for each patient in an arm (an item), so
//! that neighbouring invocations read neighbouring words. An item is `arm * patients + patient`.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::mem::size_of;

use bytemuck::{Pod, Zeroable};

use crate::engine::lowered::Lowered;
use crate::engine::schedule::{Doses, Entering};
use crate::engine::value::Value;
use crate::model::graph::NodeId;
use crate::plan::{Accumulate, Plan};

/// Bytes of a word.
pub(crate) const WORD: u64 = size_of::<u32>() as u64;
/// Invocations of a workgroup.
pub(crate) const WORKGROUP: u32 = 64;

/// Bits of the flags of a grid point.
pub(crate) const VISIT: u32 = 1;
pub(crate) const FOLLOWED: u32 = 2;
/// A time that never came.
pub(crate) const NEVER: u32 = u32::MAX;
/// A value that was never read: not a number, and not the one that arithmetic makes.
pub(crate) const NOTHING: u32 = 0x7fc0_0001;

/// Where an item is on its way, beyond the ends that [`Status`](crate::engine::Status) names.
pub(crate) const WAITING: u32 = 4;
pub(crate) const ENTERING: u32 = 5;
pub(crate) const STARTING: u32 = 6;
pub(crate) const RUNNING: u32 = 7;

/// What every invocation is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Job {
    /// Patients of the batch.
    pub(crate) patients: u32,
    /// Patients times arms.
    pub(crate) items: u32,
    /// Time courses are kept for the first so many patients.
    pub(crate) followed: u32,
    /// Visits and landings before the invocation leaves its state and ends.
    pub(crate) visits: u32,
    /// Attempted steps before it does.
    pub(crate) attempts: u32,
    /// Where the landings begin in `parameters`.
    pub(crate) landings: u32,
    /// Where the residual scores begin in `parameters`.
    pub(crate) residuals: u32,
    /// 0, which the compiler must not know.
    pub(crate) zero: u32,
    /// The bits of what is not a number.
    pub(crate) not_a_number: u32,
}

impl Job {
    /// Its fields in order, for the shader.
    pub(crate) const FIELDS: [&'static str; 9] = [
        "patients",
        "items",
        "followed",
        "visits",
        "attempts",
        "landings",
        "residuals",
        "zero",
        "not_a_number",
    ];
}

/// The buffers, in order of their bindings; binding 0 is the [`Job`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Buffer {
    /// Grid points: `[row][point]`.
    Plan,
    /// Individual values `[column][patient]`, landings `[word][item]`, residual scores
    /// `[point][line][patient]`.
    Parameters,
    /// The integration: `[row][item]`.
    Solver,
    /// `[row][item]`
    Accumulators,
    /// How far each item is: `[row][item]`.
    Outcomes,
    /// `[point][observable][arm][followed patient]`
    Trajectories,
    /// Items that are not done.
    Counters,
}

impl Buffer {
    /// All of them, in order of their bindings.
    pub(crate) const ALL: [Self; 7] = [
        Self::Plan,
        Self::Parameters,
        Self::Solver,
        Self::Accumulators,
        Self::Outcomes,
        Self::Trajectories,
        Self::Counters,
    ];

    /// Its name in the shader.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Parameters => "parameters",
            Self::Solver => "solver",
            Self::Accumulators => "accumulators",
            Self::Outcomes => "outcomes",
            Self::Trajectories => "trajectories",
            Self::Counters => "counters",
        }
    }

    /// Whether the shader only reads it.
    pub(crate) fn read_only(self) -> bool {
        matches!(self, Self::Plan | Self::Parameters)
    }

    /// The type of its words in the shader.
    fn word(self) -> &'static str {
        match self {
            Self::Plan | Self::Parameters | Self::Accumulators | Self::Outcomes => "u32",
            Self::Solver | Self::Trajectories => "f32",
            Self::Counters => "atomic<u32>",
        }
    }
}

/// The rows of every buffer for one plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) arms: usize,
    pub(crate) states: usize,
    /// How many of them are outside the error norm: areas.
    pub(crate) areas: usize,
    /// Columns of the prelude that the shader reads.
    pub(crate) columns: Vec<usize>,
    pub(crate) infused: usize,
    /// States that a dose may enter at once.
    pub(crate) bolused: Vec<usize>,
    /// Landings of an item at most, that at time 0 included.
    pub(crate) landings: usize,
    /// First row of each accumulator.
    pub(crate) cells: Vec<u32>,
    /// Rows of all accumulators.
    pub(crate) cell_rows: usize,
    pub(crate) points: usize,
    /// Values of one time course.
    pub(crate) course: usize,
    /// Residual scores of a patient.
    pub(crate) residuals: usize,
}

impl Layout {
    /// The layout of a plan.
    pub(crate) fn new(plan: &Plan, lowered: &Lowered) -> Self {
        let mut cell_rows = 0;
        let cells = plan.accumulators.iter().map(|accumulator| {
            let first = cell_rows;
            cell_rows += cells(accumulator.kind).len();
            first as u32
        });
        let cells = cells.collect();
        let followed = plan.grid.iter().filter(|point| point.trajectory).count();
        Self {
            arms: plan.arms.len(),
            states: plan.states.len(),
            areas: plan.states.iter().filter(|state| state.atol.is_infinite()).count(),
            columns: columns(lowered),
            infused: lowered.infused.len(),
            bolused: bolused(&lowered.doses),
            landings: most_landings(&lowered.doses),
            cells,
            cell_rows,
            points: plan.grid.len(),
            course: followed * plan.trajectories.len(),
            residuals: plan.grid.len() * plan.residuals,
        }
    }

    /// Words of a landing: its time, rates after it, amounts that enter at it.
    pub(crate) fn landing_words(&self) -> usize {
        1 + self.infused + self.bolused.len()
    }

    /// Rows of the solver's state: states, first derivatives, carries of the areas, and the step.
    pub(crate) fn solver_rows(&self) -> usize {
        2 * self.states + self.areas + STEP.len()
    }

    /// Words that a buffer holds for each patient, all arms together.
    pub(crate) fn words_per_patient(&self, buffer: Buffer) -> usize {
        match buffer {
            Buffer::Plan | Buffer::Counters => 0,
            Buffer::Parameters => {
                self.columns.len() + self.residuals + self.arms * self.landings * self.landing_words()
            }
            Buffer::Solver => self.arms * self.solver_rows(),
            Buffer::Accumulators => self.arms * self.cell_rows,
            Buffer::Outcomes => self.arms * OUTCOME.len(),
            Buffer::Trajectories => self.arms * self.course,
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
            ("NEVER", NEVER),
            ("NOTHING", NOTHING),
            ("ARMS", self.arms as u32),
            ("POINTS", self.points as u32),
            ("LANDING_WORDS", self.landing_words() as u32),
            ("SOLVER_STATE", 0),
            ("SOLVER_FIRST", states),
            ("SOLVER_CARRY", 2 * states),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let step = 2 * states + self.areas as u32;
        constants.extend((step..).zip(STEP).map(|(row, name)| (format!("SOLVER_{name}"), row)));
        constants.extend((0..).zip(OUTCOME).map(|(row, name)| (format!("OUTCOME_{name}"), row)));
        constants.extend((0..).zip(GRID).map(|(row, name)| (format!("GRID_{name}"), row)));
        constants
    }
}

/// Rows of the solver's state after those of the states.
const STEP: [&str; 4] = ["TIME", "LENGTH", "STEP", "PREVIOUS"];
/// Rows of the outcomes: the first three are read back.
const OUTCOME: [&str; 6] = ["PHASE", "STEPS", "REJECTED", "LANDING", "START", "POINT"];
/// Rows of the outcomes that are read back.
pub(crate) const OUTCOME_RESULTS: usize = 3;
/// Rows of the grid: time, flags, ticks since the visit before, position in time courses.
pub(crate) const GRID: [&str; 4] = ["TICK", "FLAGS", "SINCE", "COURSE"];

/// What an accumulator keeps, one row each; the first is its value.
pub(crate) fn cells(kind: Accumulate) -> &'static [&'static str] {
    match kind {
        Accumulate::Min | Accumulate::Max | Accumulate::At => &["value"],
        Accumulate::TimeOfMin | Accumulate::TimeOfMax => &["tick", "value"],
        Accumulate::Area => &["sum", "carry", "last"],
        Accumulate::Held => &["ticks", "last"],
        Accumulate::Longest => &["ticks", "run", "last"],
        Accumulate::First => &["tick"],
    }
}

/// The columns that equations, observed expressions and initial values read.
fn columns(lowered: &Lowered) -> Vec<usize> {
    let roots: Vec<NodeId> = lowered.derivatives.iter().chain(&lowered.observed).copied().collect();
    let read = lowered.leaves(&roots).into_iter().filter_map(|id| lowered.column(id));
    let initial = lowered.initial.iter().filter_map(|value| match value {
        Value::Column(column) => Some(*column),
        Value::Constant(_) => None,
    });
    read.chain(initial).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The states that a dose may enter at once: a duration that rounds to no time is a bolus.
fn bolused(doses: &Doses) -> Vec<usize> {
    let at_once = |input: Entering| match input {
        Entering::Over(Value::Constant(duration)) => (duration / doses.time_per_tick).round() == 0.0,
        Entering::Bolus | Entering::Over(Value::Column(_)) | Entering::AtRate(_) => true,
    };
    let mut states: Vec<usize> =
        doses.entries.iter().filter(|entry| at_once(entry.input)).map(|entry| entry.state).collect();
    states.sort_unstable();
    states.dedup();
    states
}

/// Landings of an item at most: time 0, the end, and both ends of each dose; routes with the same lag
/// and duration share theirs.
fn most_landings(doses: &Doses) -> usize {
    let mut distinct = Vec::new();
    for entry in &doses.entries {
        if !distinct.contains(&(entry.lag, entry.input)) {
            distinct.push((entry.lag, entry.input));
        }
    }
    let most = doses.arms.iter().map(Vec::len).max().unwrap_or(0);
    2 + 2 * most * distinct.len()
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
            offset_of!(Job, followed),
            offset_of!(Job, visits),
            offset_of!(Job, attempts),
            offset_of!(Job, landings),
            offset_of!(Job, residuals),
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
