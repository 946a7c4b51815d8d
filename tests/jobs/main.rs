//! Shipped models and cohorts, solved: against what is known of them, and against themselves.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "../support/ledgers.rs"]
mod ledgers;
#[path = "../support/levels.rs"]
mod levels;
#[path = "../support/methods.rs"]
mod methods;
#[path = "../support/steady.rs"]
mod steady;
#[path = "../support/strict.rs"]
mod strict;

mod audit;
mod cli;
mod clusters;
mod common;
mod compare;
mod cost;
mod damage;
mod data;
mod device;
mod dosing;
mod escalation;
#[cfg(unix)]
mod faults;
mod integration;
mod invariance;
mod kept;
mod merge;
mod method;
mod peer;
mod pipeline;
mod precision;
mod reference;
mod replay;
mod report;
mod said;
mod size;
mod stiff;
mod treatment;
mod verify;
