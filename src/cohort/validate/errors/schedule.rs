//! What can be wrong with doses and times.

use thiserror::Error;

use crate::diagnostic::Cause;

/// The most doses, visits or rows of a time course: a visit a minute for ten weeks.
pub(in crate::cohort) const MAX_TIMES: u32 = 100_000;

/// What can be wrong with doses and times.
#[derive(Debug, Error)]
pub enum ScheduleError {
    /// Two arms of one dose.
    #[error("arm `{second}` is the same dose as arm `{first}`")]
    ArmTwice {
        /// The first arm as written.
        first: String,
        /// The other.
        second: String,
    },
    /// A time between events that is 0.
    #[error("`{key}` is 0: events must be some time apart")]
    NoInterval {
        /// The key.
        key: &'static str,
    },
    /// An infusion without drug.
    #[error("the infusion rate is 0")]
    NoRate,
    /// Times that do not increase.
    #[error("`{text}` does not come after the time before it")]
    NotIncreasing {
        /// The time as written.
        text: String,
    },
    /// The last cycle ends too late.
    #[error("{cycles} cycles of {every} are longer than 136 years, the longest time there is")]
    TooLong {
        /// Number of cycles.
        cycles: u32,
        /// Their length.
        every: String,
    },
    /// More events than anyone means.
    #[error("`{key}` makes {count} times, more than {MAX_TIMES}")]
    TooMany {
        /// The key.
        key: &'static str,
        /// How many.
        count: u32,
    },
    /// More loading doses than doses.
    #[error("{loading} loading doses, but only {doses} doses in all")]
    LoadingTooMany {
        /// Loading doses.
        loading: u32,
        /// Doses.
        doses: usize,
    },
    /// Nothing says when the run ends.
    #[error("nothing says when the run ends")]
    NoEnd,
    /// A dose that the run does not see.
    #[error("the dose at {dose} does not come before the end of the run, {until}")]
    DoseAfterEnd {
        /// Time of the dose.
        dose: String,
        /// The end.
        until: String,
    },
    /// A visit that the run does not see.
    #[error("the visit at {visit} comes after the end of the run, {until}")]
    VisitAfterEnd {
        /// Time of the visit.
        visit: String,
        /// The end.
        until: String,
    },
}

impl Cause for ScheduleError {
    fn help(&self) -> Option<String> {
        match self {
            Self::NoEnd => Some("add `until = \"...\"` to [visits]".into()),
            Self::DoseAfterEnd { .. } | Self::VisitAfterEnd { .. } => {
                Some("set a later `until` in [visits]".into())
            }
            Self::NotIncreasing { .. } => Some("write times in increasing order, each once".into()),
            Self::TooMany { .. } => Some("choose a longer interval".into()),
            Self::NoRate => Some("for no infusion write `infusion = \"bolus\"`".into()),
            Self::ArmTwice { .. }
            | Self::NoInterval { .. }
            | Self::TooLong { .. }
            | Self::LoadingTooMany { .. } => None,
        }
    }
}
