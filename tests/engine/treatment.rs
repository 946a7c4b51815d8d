//! Treatments that can be worked out by hand, on the CPU engine in either precision.

use crate::by_hand::{cases, check, job};
use crate::drugs;
use vpop::engine::cpu::{Cpu, Isa, Precision};

#[test]
fn treatments_worked_out_by_hand() {
    let mut faults = Vec::new();
    for case in cases() {
        let job = job(&case);
        for precision in [Precision::F64, Precision::F32] {
            let engine = Cpu::with_precision(&job.plan, Isa::detect(), precision);
            faults.extend(check(&case, &job, &engine, 1e-4));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn several_drugs() {
    let mut faults = Vec::new();
    for case in drugs::cases() {
        let plan = drugs::plan(&case);
        for precision in [Precision::F64, Precision::F32] {
            let engine = Cpu::with_precision(&plan, Isa::detect(), precision);
            faults.extend(drugs::check(&case, &plan, &engine, 1e-4));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
