//! Virtual patients: distributions, correlation, eligibility, tables, and who is drawn.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod correlation;
mod derived;
mod distributions;
mod eligibility;
mod errors;
mod helper;
mod phase1;
mod rows;
mod stability;
mod subgroups;
mod tables;
