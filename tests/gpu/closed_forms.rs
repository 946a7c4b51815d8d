//! Compartments against their closed forms: integrated, and solved by them.

use vpop::engine::gpu::Adapter;
use vpop::engine::{Engine, Individuals, Status};

use crate::adapter::gpu;
use crate::strict::zip_equal;
use crate::support::linear::{self, Linear};
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

/// As a share of the largest value: rounding of some ten operations, of times, and of exponentials, for which WGSL promises
/// 3 + 2 |x| units in the last place.
const OF_SOLUTION: f64 = 4e-6;

pub(crate) fn linear_equations(adapter: &Adapter) {
    for Linear { name, plan, expected } in linear::cases() {
        let individuals = Individuals { trajectories: 1, ..individuals(&plan, &[]) };
        let solution = gpu(&plan, adapter).solve(&individuals).unwrap();
        assert_eq!(solution.status, [Status::Ok], "{name}");
        let largest = expected.iter().fold(0.0_f64, |largest, x| largest.max(*x));
        for (i, (got, expected)) in zip_equal(&solution.trajectories, &expected).enumerate() {
            let error = (got - expected).abs();
            assert!(error <= OF_SOLUTION * largest, "{name}, day {}: {got:e}, {expected:e}", i as f64 / 4.0);
        }
    }
}
