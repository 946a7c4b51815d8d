//! One compartment against its closed form.

use vpop::engine::gpu::Adapter;
use vpop::engine::{Engine, Individuals, Status};

use crate::adapter::gpu;
use crate::support::{individuals, one_compartment};

/// Some 40 steps, each rounded by about 6e-8, and the method's own error at a tolerance of 1e-5.
const BOUND: f64 = 3e-6;

pub(crate) fn doses_superpose(adapter: &Adapter) {
    let forms = [one_compartment::infusion as fn(f64) -> f64, one_compartment::bolus];
    for (duration, form) in [Some("0.5"), None].into_iter().zip(forms) {
        let plan = one_compartment::plan(duration);
        let individuals = Individuals { trajectories: 1, ..individuals(&plan, &[]) };
        let solution = gpu(&plan, adapter).solve(&individuals).unwrap();
        assert_eq!(solution.status, [Status::Ok]);
        let error = one_compartment::largest_error(&solution.trajectories, form);
        assert!(error <= BOUND, "{duration:?}: {error:e}");
    }
}
