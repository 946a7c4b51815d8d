//! Patients of a data set: doses, observation times and covariates of their own.

use vpop::dataset::Interpolation;
use vpop::engine::cpu::{Cpu, Isa, Precision};
use vpop::engine::{Engine, Individuals, Solution};
use vpop::plan::Plan;

use crate::of_records;

/// A tolerance at which integration adds nothing to what is compared.
const TIGHT: f64 = 1e-11;

fn in_f64(plan: &Plan, individuals: &Individuals) -> Solution {
    Cpu::new(plan, Isa::baseline()).solve(individuals).unwrap()
}

fn in_f32(plan: &Plan, individuals: &Individuals) -> Solution {
    Cpu::with_precision(plan, Isa::baseline(), Precision::F32).solve(individuals).unwrap()
}

#[test]
fn doses_as_nonmem_printed_them() {
    of_records::as_nonmem_printed(5, TIGHT, &in_f64);
}

#[test]
fn doses_by_superposition() {
    of_records::as_superposition_gives(1e-8, TIGHT, &in_f64);
    // A steady state is reached to the error that steps may make.
    of_records::as_superposition_gives(2e-5, 1e-5, &in_f32);
}

#[test]
fn equations_that_switch() {
    of_records::equations_that_switch(1e-8, TIGHT, &in_f64);
    of_records::equations_that_switch(1e-4, 1e-5, &in_f32);
}

#[test]
fn changing_covariates_as_rxode2_and_scipy_have_them() {
    for interpolation in [Interpolation::Forward, Interpolation::Backward, Interpolation::Linear] {
        let difference = of_records::difference(interpolation, TIGHT, &in_f64);
        assert!(difference < 1e-8, "{interpolation:?}: {difference}");
        let difference = of_records::difference(interpolation, 1e-5, &in_f32);
        assert!(difference < 1e-4, "{interpolation:?} in f32: {difference}");
    }
}
