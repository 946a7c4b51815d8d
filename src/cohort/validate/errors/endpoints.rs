//! What can be wrong with endpoints.

use thiserror::Error;

use super::super::super::statistic::StatisticKey;
use crate::diagnostic::Cause;

/// What can be wrong with an endpoint.
#[derive(Debug, Error)]
pub enum EndpointError {
    /// A key of another statistic.
    #[error("`{key}` does not belong to the statistic `{statistic}`")]
    NotItsKey {
        /// The key.
        key: StatisticKey,
        /// The statistic.
        statistic: &'static str,
    },
    /// A statistic that is read at one time.
    #[error("`{statistic}` has no `on`")]
    NotContinuous {
        /// The statistic.
        statistic: &'static str,
    },
    /// Residual error has no meaning between visits.
    #[error("an endpoint with residual error is read at visits only")]
    ErrorBetweenVisits,
    /// An endpoint that is read continuously and is to end when the patient leaves.
    #[error("what is read continuously goes on after the patient has left the trial")]
    GoesOn,
    /// Visits of a data set.
    #[error("a data set has no visits")]
    NoVisitsOfData,
    /// Residual error beside a data set.
    #[error("endpoints beside [data] are without residual error")]
    ErrorOfData,
    /// A change from what a data set does not have.
    #[error("`{statistic}` is from the value before the first dose of a run, which a data set does not have")]
    NoBaselineOfData {
        /// The statistic.
        statistic: &'static str,
    },
    /// A column that is there already.
    #[error("`{name}` is a column that vpop writes itself")]
    OwnColumn {
        /// Its name.
        name: String,
    },
    /// A time after the end of the run.
    #[error("`{text}` is after the end of the run, {until}")]
    AfterEnd {
        /// The time as written.
        text: String,
        /// The end.
        until: String,
    },
    /// A window that ends before it begins.
    #[error("the window goes from {from} to {to}: it must end after it begins")]
    Window {
        /// First time as written.
        from: String,
        /// Last time as written.
        to: String,
    },
    /// A window in which nothing is read.
    #[error("no visit lies between {from} and {to}")]
    NoVisit {
        /// First time as written.
        from: String,
        /// Last time as written.
        to: String,
    },
}

impl Cause for EndpointError {
    fn help(&self) -> Option<String> {
        match self {
            Self::NotItsKey { key: StatisticKey::Window, .. } => {
                Some(format!("{} have a time `at` instead", StatisticKey::At.taken_by()))
            }
            Self::NotItsKey { key, .. } => Some(format!("it belongs to {}", key.taken_by())),
            Self::NotContinuous { .. } => {
                Some("it is read at its own time, a visit or not; leave `on` out here".into())
            }
            Self::ErrorBetweenVisits => Some("leave out `on` or `observe`".into()),
            Self::GoesOn => Some("leave out `after_leaving`, or write `on = \"visits\"`".into()),
            Self::NoVisitsOfData => Some("leave `on` out: it is of the curve".into()),
            Self::ErrorOfData => {
                Some("what would be observed is in the columns NAME_sim of `observations`".into())
            }
            Self::NoBaselineOfData { .. } => {
                Some("take values at both times: `statistic = \"value\"`".into())
            }
            Self::OwnColumn { .. } => Some("call it otherwise".into()),
            Self::AfterEnd { .. } => Some("set a later `until` in [visits]".into()),
            Self::NoVisit { .. } => Some("widen the window, or add visits".into()),
            Self::Window { .. } => None,
        }
    }
}
