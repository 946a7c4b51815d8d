//! The library without engines that are lent or long runs: each module of `src/`, what it reads and what it says.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "../support/strict.rs"]
mod strict;

mod cohort;
mod dataset;
mod documents;
mod escalation;
mod fuzz;
mod model;
mod names;
mod outcome;
mod plan;
mod population;
mod store;
