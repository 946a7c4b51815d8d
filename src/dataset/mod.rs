//! A user's data set: individuals with their own doses, times and covariates, in NONMEM's columns.

mod record;

pub use record::{Dose, Event, Input, Interpolation, Record, SteadyState, Subject};
