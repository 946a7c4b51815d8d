//! Treatments that can be worked out by hand, on the CPU engine in either precision.

use crate::by_hand::{cases, check, job};
use crate::support::individuals;
use crate::{at_dose, drugs};
use vpop::engine::cpu::{Cpu, Isa, Precision};
use vpop::engine::{Engine, Status};

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

#[test]
fn what_is_found_when_a_dose_is_given() {
    let mut faults = Vec::new();
    for case in at_dose::cases() {
        let plan = at_dose::plan(&case);
        for (precision, tolerance) in [(Precision::F64, 1e-8), (Precision::F32, 1e-4)] {
            let engine = Cpu::with_precision(&plan, Isa::detect(), precision);
            faults.extend(at_dose::check(&case, &plan, &engine, tolerance));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let plan = at_dose::impossible();
    let solution = Cpu::new(&plan, Isa::detect()).solve(&individuals(&plan, &[])).unwrap();
    assert_eq!(solution.status, [Status::BadDose]);
}
