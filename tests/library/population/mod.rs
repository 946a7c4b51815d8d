//! Virtual patients: distributions, correlation, eligibility, tables, and who is drawn.

mod correlation;
mod derived;
mod distributions;
mod eligibility;
mod errors;
mod helper;
mod one_by_one;
mod phase1;
mod rows;
mod stability;
mod subgroups;
mod tables;
