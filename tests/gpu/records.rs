//! Patients of a data set on a device: doses by NONMEM's rules, covariates that change from record to record.

use vpop::dataset::Interpolation;
use vpop::engine::cpu::Isa;
use vpop::engine::gpu::{Adapter, Gpu};
use vpop::engine::{Engine, Individuals, Solution};
use vpop::plan::Plan;

use crate::of_records;

/// The tolerance at which steps are chosen on a device.
const TOLERANCE: f64 = 1e-5;

fn on(adapter: &Adapter) -> impl Fn(&Plan, &Individuals) -> Solution {
    |plan, individuals| Gpu::new(plan, adapter, Isa::baseline()).unwrap().solve(individuals).unwrap()
}

pub(crate) fn doses_as_nonmem_printed_them(adapter: &Adapter) {
    of_records::as_nonmem_printed(4, TOLERANCE, &on(adapter));
}

pub(crate) fn doses_by_superposition(adapter: &Adapter) {
    // A steady state is reached to the error that steps may make.
    of_records::as_superposition_gives(2e-5, TOLERANCE, &on(adapter));
}

pub(crate) fn changing_covariates(adapter: &Adapter) {
    for interpolation in [Interpolation::Forward, Interpolation::Backward, Interpolation::Linear] {
        let difference = of_records::difference(interpolation, TOLERANCE, &on(adapter));
        assert!(difference < 1e-4, "{interpolation:?}: {difference}");
    }
}

pub(crate) fn equations_that_switch(adapter: &Adapter) {
    of_records::equations_that_switch(1e-4, TOLERANCE, &on(adapter));
}

/// A dispatch that ends after any visit leaves the patient where it was.
pub(crate) fn short_dispatches_change_nothing(adapter: &Adapter) {
    let whole = on(adapter);
    let solve = |plan: &Plan, individuals: &Individuals| {
        let gpu = Gpu::new(plan, adapter, Isa::baseline()).unwrap().with_most_visits(1);
        let short = gpu.solve(individuals).unwrap();
        assert_eq!(short, whole(plan, individuals));
        short
    };
    of_records::as_nonmem_printed(4, TOLERANCE, &solve);
    of_records::equations_that_switch(1e-4, TOLERANCE, &solve);
}
