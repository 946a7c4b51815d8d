//! Treatments that can be worked out by hand, on the CPU engine in either precision.

#[path = "support/mod.rs"]
mod support;

use support::trial::{cases, check, job};
use vpop::engine::cpu::{Cpu, Level, Precision};

#[test]
fn treatments_worked_out_by_hand() {
    for case in cases() {
        let job = job(&case);
        for precision in [Precision::F64, Precision::F32] {
            let engine = Cpu::with_precision(&job.plan, Level::detect(), precision);
            check(&case, &job, &engine, 1e-6);
        }
    }
}
