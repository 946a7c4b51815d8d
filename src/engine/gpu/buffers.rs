//! What every invocation is told, and the buffers that it works on.

use bytemuck::{Pod, Zeroable};

/// What every invocation is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Job {
    /// Patients of the batch.
    pub(crate) patients: u32,
    /// Patients times arms.
    pub(crate) items: u32,
    /// Items that go on.
    pub(crate) invocations: u32,
    /// Not 0 if they are those of the order, else they are all.
    pub(crate) ordered: u32,
    /// Attempted steps after which lanes side by side meet to read, whether or not each of them has something to read.
    pub(crate) turns: u32,
    /// Time courses are kept for the first so many patients.
    pub(crate) followed: u32,
    /// Visits and landings before the invocation leaves its state and ends.
    pub(crate) visits: u32,
    /// Attempted steps before it does.
    pub(crate) attempts: u32,
    /// Where the parts of doses begin in `parameters`.
    pub(crate) dose_parts: u32,
    /// Where the landings begin in `parameters`.
    pub(crate) landings: u32,
    /// Where the residual scores begin in `parameters`.
    pub(crate) residuals: u32,
    /// Not 0 if the doses are given as the ledger already says, whatever is decided.
    pub(crate) fixed: u32,
    /// Rows of individual values of a patient of a data set.
    pub(crate) rows: u32,
    /// Where, in `parameters`, begin what is known of itineraries, their stops, and their cycles.
    pub(crate) itineraries: u32,
    pub(crate) stops: u32,
    pub(crate) cycles: u32,
    /// 0, which the compiler must not know.
    pub(crate) zero: u32,
    /// The bits of what is not a number.
    pub(crate) not_a_number: u32,
}

impl Job {
    /// Its fields in order, for the shader.
    pub(crate) const FIELDS: [&'static str; 18] = [
        "patients",
        "items",
        "invocations",
        "ordered",
        "turns",
        "followed",
        "visits",
        "attempts",
        "dose_parts",
        "landings",
        "residuals",
        "fixed",
        "rows",
        "itineraries",
        "stops",
        "cycles",
        "zero",
        "not_a_number",
    ];
}

/// The buffers, in order of their bindings; binding 0 is the [`Job`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Buffer {
    /// What is the same for everyone: see [`Tables`](super::tables::Tables).
    Plan,
    /// Individual values `[column][patient]`, parts of doses `[dose][route][word][item]`, landings
    /// `[landing][word][patient]`, residual scores `[point][line][patient]`; of a data set, see
    /// [`itineraries`](super::itineraries).
    Parameters,
    /// The integration: `[row][item]`.
    Solver,
    /// `[row][item]`
    Accumulators,
    /// How far each item is: `[row][item]`.
    Outcomes,
    /// What became of each dose: `[row][dose][item]`.
    Ledger,
    /// `[point][observable][arm][followed patient]`, of a data set by reading
    Trajectories,
    /// Items that are not done, and those whose loops the driver has ended before their time.
    Counters,
}

impl Buffer {
    /// All of them, in order of their bindings.
    pub(crate) const ALL: [Self; 8] = [
        Self::Plan,
        Self::Parameters,
        Self::Solver,
        Self::Accumulators,
        Self::Outcomes,
        Self::Ledger,
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
            Self::Ledger => "ledger",
            Self::Trajectories => "trajectories",
            Self::Counters => "counters",
        }
    }

    /// Whether the shader only reads it.
    pub(crate) fn read_only(self) -> bool {
        matches!(self, Self::Plan | Self::Parameters)
    }

    /// The type of its words in the shader.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Plan | Self::Parameters | Self::Accumulators | Self::Outcomes | Self::Ledger => "u32",
            Self::Solver | Self::Trajectories => "f32",
            Self::Counters => "atomic<u32>",
        }
    }
}
