//! Situations that a user would write, on the device.

use vpop::engine::gpu::Adapter;
use vpop::plan::Method;

use crate::adapter::gpu;
use crate::cases;

pub(crate) fn every_case(adapter: &Adapter) {
    let mut faults = Vec::new();
    for case in cases::all() {
        let chosen = cases::job(&case, None).plan.method;
        let solved = (chosen == Method::ClosedForm).then_some("closed_form");
        for method in ["tsit5", "rosenbrock"].into_iter().chain(solved) {
            let job = cases::job(&case, Some(method));
            faults.extend(cases::faults(&case, &job, &gpu(&job.plan, adapter), cases::F32));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
