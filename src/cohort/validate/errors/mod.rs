//! What can be wrong with the tables of a cohort file: an enum for each subject, each cause with its help.

mod compare;
mod correlation;
mod dosing;
mod endpoints;
mod grades;
mod modify;
mod population;
mod schedule;

pub use compare::CompareTableError;
pub use correlation::CorrelationError;
pub use dosing::DosingError;
pub use endpoints::EndpointError;
pub use grades::GradesError;
pub use modify::ModifyError;
pub use population::CovariateError;
pub(in crate::cohort) use schedule::MAX_TIMES;
pub use schedule::ScheduleError;
