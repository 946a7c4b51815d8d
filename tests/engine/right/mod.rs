//! Nothing that a user would write may give a silently wrong number: every situation here is right, or refused.

mod cases;
mod refused;

use vpop::engine::audit::{Check, Reference};
use vpop::engine::cpu::{Cpu, Isa};

/// Both methods, and the one that is chosen.
const METHODS: [Option<&str>; 3] = [None, Some("tsit5"), Some("rosenbrock")];

#[test]
fn on_the_cpu_in_f64() {
    check(|plan| Cpu::new(plan, Isa::detect()), 0.0);
}

#[test]
fn on_the_cpu_in_f32() {
    check(|plan| Cpu::with_precision(plan, Isa::detect(), vpop::engine::cpu::Precision::F32), cases::F32);
}

fn check(engine: impl Fn(&vpop::plan::Plan) -> Cpu, least: f64) {
    let mut faults = Vec::new();
    for case in cases::all() {
        for method in METHODS {
            let job = cases::job(&case, method);
            faults.extend(cases::faults(&case, &job, &engine(&job.plan), least));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The audit of a run can be made of every plan.
#[test]
fn every_case_can_be_audited() {
    for case in cases::all() {
        let plan = cases::job(&case, None).plan;
        for check in Check::ALL {
            Reference::new(&plan, Isa::detect(), check.terms(&plan, plan.rtol), 64);
        }
    }
}
