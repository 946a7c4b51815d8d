//! The ledger of a trial, replayed.

#[path = "../support/replay.rs"]
mod support;

use crate::device::shipped;
use vpop::engine::cpu::{Cpu, Isa};

/// Steps differ, as a held dose is looked at at visits: both courses are within the tolerance of 1e-6 per
/// step, which adds up to some 1e-5.
#[test]
fn the_ledger_gives_the_same_course_again() {
    let job = shipped("phase1.toml", 500);
    let engine = Cpu::new(&job.plan, Isa::detect());
    let (difference, changed) = support::replay(&job, &engine, 500);
    assert!(difference < 1e-4, "{difference}");
    // Of 2,500 patient-arms: enough to see every kind of decision.
    assert!(changed > 1000, "{changed}");
}
