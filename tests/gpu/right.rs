//! Situations that a user would write, on the device.

use vpop::engine::gpu::Adapter;

use crate::adapter::gpu;
use crate::cases;

pub(crate) fn every_case(adapter: &Adapter) {
    let mut faults = Vec::new();
    for case in cases::all() {
        for method in ["tsit5", "rosenbrock"] {
            let job = cases::job(&case, Some(method));
            faults.extend(cases::faults(&case, &job, &gpu(&job.plan, adapter), cases::F32));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
