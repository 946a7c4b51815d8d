//! The rows of the buffers, each with its name in the shader, and the words of special meaning.

use crate::cohort::Ticks;

/// Bits of the flags of an observation time.
pub(crate) const VISIT: u32 = 1;
pub(crate) const FOLLOWED: u32 = 2;
pub(crate) const SCAN: u32 = 4;
/// A time that never came.
pub(crate) const NEVER: Ticks = crate::engine::schedule::NEVER;
/// In place of a rule that decided: there was none.
pub(crate) const NO_REASON: u32 = u32::MAX;
/// A value that was never read: not a number, and not the one that arithmetic makes.
pub(crate) const NOTHING: u32 = 0x7fc0_0001;

/// A row of a buffer.
pub(crate) trait Row: Copy + PartialEq {
    /// What its constant is called in the shader.
    fn name(self) -> &'static str;
}

/// Rows, with their names in the shader.
macro_rules! rows {
    ($(#[$doc:meta])* $kind:ident { $($row:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $kind { $($row,)* }

        impl Row for $kind {
            fn name(self) -> &'static str {
                match self { $(Self::$row => $name,)* }
            }
        }
    };
}

rows! {
    /// How far an item is. A decision has three rows, one after the other: the reason, when, and the value that it shows.
    /// The order is of invocations: which item each takes on.
    OutcomeRow {
        Phase = "OUTCOME_PHASE",
        Steps = "OUTCOME_STEPS",
        Rejected = "OUTCOME_REJECTED",
        Given = "OUTCOME_GIVEN",
        StoppedBy = "OUTCOME_STOPPED_BY",
        StoppedTick = "OUTCOME_STOPPED_TICK",
        StoppedValue = "OUTCOME_STOPPED_VALUE",
        LeftBy = "OUTCOME_LEFT_BY",
        LeftTick = "OUTCOME_LEFT_TICK",
        LeftValue = "OUTCOME_LEFT_VALUE",
        Order = "OUTCOME_ORDER",
        Start = "OUTCOME_START",
        StartFraction = "OUTCOME_START_FRACTION",
        End = "OUTCOME_END",
        EndFraction = "OUTCOME_END_FRACTION",
        Point = "OUTCOME_POINT",
        Oldest = "OUTCOME_OLDEST",
        Due = "OUTCOME_DUE",
        Hold = "OUTCOME_HOLD",
        Began = "OUTCOME_BEGAN",
        Over = "OUTCOME_OVER",
        Stop = "OUTCOME_STOP",
        Reading = "OUTCOME_READING",
        Values = "OUTCOME_VALUES",
        Cycle = "OUTCOME_CYCLE",
        CycleStop = "OUTCOME_CYCLE_STOP",
        Cycles = "OUTCOME_CYCLES",
        CycleLength = "OUTCOME_CYCLE_LENGTH",
        CycleFraction = "OUTCOME_CYCLE_FRACTION",
        At = "OUTCOME_AT",
        AtFraction = "OUTCOME_AT_FRACTION",
        Last = "OUTCOME_LAST",
        Count = "OUTCOME_COUNT",
        Late = "OUTCOME_LATE",
        Shift = "OUTCOME_SHIFT",
        Skipped = "OUTCOME_SKIPPED",
        Held = "OUTCOME_HELD",
        Reduced = "OUTCOME_REDUCED",
    }
}

rows! {
    /// What became of a dose: what was given, over how long if not as planned, what held it, what changed it.
    LedgerRow {
        Tick = "LEDGER_TICK",
        Factor = "LEDGER_FACTOR",
        HeldBy = "LEDGER_HELD_BY",
        HeldTick = "LEDGER_HELD_TICK",
        HeldValue = "LEDGER_HELD_VALUE",
        ChangedBy = "LEDGER_CHANGED_BY",
        ChangedTick = "LEDGER_CHANGED_TICK",
        ChangedValue = "LEDGER_CHANGED_VALUE",
        SkippedBy = "LEDGER_SKIPPED_BY",
        SkippedTick = "LEDGER_SKIPPED_TICK",
        SkippedValue = "LEDGER_SKIPPED_VALUE",
        AskedBy = "LEDGER_ASKED_BY",
        AskedTick = "LEDGER_ASKED_TICK",
        AskedValue = "LEDGER_ASKED_VALUE",
        OverTime = "LEDGER_OVER_TIME",
        InfusedBy = "LEDGER_INFUSED_BY",
        InfusedTick = "LEDGER_INFUSED_TICK",
        InfusedValue = "LEDGER_INFUSED_VALUE",
    }
}

rows! {
    /// What is known of an observation time: time, flags, ticks since the visit and since the scan before, position in time
    /// courses.
    ObservationRow {
        Tick = "OBSERVATION_TICK",
        Flags = "OBSERVATION_FLAGS",
        Since = "OBSERVATION_SINCE",
        SinceScan = "OBSERVATION_SINCE_SCAN",
        Trajectory = "OBSERVATION_TRAJECTORY",
    }
}

rows! {
    /// What is the same of a planned dose for every patient of an arm: how it enters, what its amount is rounded to, and
    /// in which direction.
    DoseRow {
        Administration = "DOSE_ADMINISTRATION",
        Unit = "DOSE_UNIT",
        To = "DOSE_TO",
    }
}

rows! {
    /// The step of an item, behind the rows of its states.
    StepRow {
        Time = "SOLVER_TIME",
        Length = "SOLVER_LENGTH",
        Step = "SOLVER_STEP",
        LogErrPrev = "SOLVER_LOG_ERR_PREV",
        FirstDtmax = "SOLVER_FIRST_DTMAX",
    }
}

/// A row of the outcomes, of one of several drugs if it is not of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OwnRow {
    pub(crate) row: OutcomeRow,
    pub(crate) drug: Option<usize>,
}

impl OwnRow {
    /// What its constant is called in the shader.
    pub(crate) fn name(self) -> String {
        format!("{}{}", self.row.name(), suffix(self.drug))
    }
}

/// What names about one of several drugs end in.
pub(crate) fn suffix(drug: Option<usize>) -> String {
    drug.map_or_else(String::new, |drug| format!("_{drug}"))
}

/// Where a row is.
pub(crate) fn position<R: PartialEq>(rows: &[R], row: R) -> Option<usize> {
    rows.iter().position(|own| *own == row)
}
