//! vpop: virtual trials. See the README for the commands and `docs/` for the methods.

mod accumulator;
mod caught;
mod cholesky;
pub mod cli;
mod clock;
pub mod cohort;
pub mod compare;
pub mod diagnostic;
mod digest;
pub mod engine;
pub mod escalation;
pub mod file_kind;
pub mod job;
pub mod merge;
pub mod model;
pub mod outcome;
pub mod plan;
pub mod population;
pub mod run;
pub mod stop;
pub mod store;
mod sync;
pub mod table;
pub mod unit;
pub mod verify;
