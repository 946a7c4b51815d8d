//! The phase I cohort in f32 against f64.

use vpop::engine::audit::{Check, Reference, Verdict, names};
use vpop::engine::cpu::{Cpu, Isa, Precision};
use vpop::engine::{Engine, F32_RTOL, Individuals, Solution, Status};
use vpop::job::{Changes, Job};
use vpop::plan::Plan;

use crate::common::root;

/// The plan and 200 patients.
fn phase1() -> (Plan, Individuals) {
    let job = Job::load(&root().join("cohorts/phase1.toml"), &Changes::default()).unwrap();
    let (_, individuals) = job.individuals(0..200, Isa::detect()).unwrap();
    (job.plan, individuals)
}

fn solve(plan: &Plan, individuals: &Individuals, precision: Precision) -> Solution {
    let solution = Cpu::with_precision(plan, Isa::detect(), precision).solve(individuals).unwrap();
    assert!(solution.status.iter().all(|&status| status == Status::Ok));
    solution
}

#[test]
fn every_endpoint_is_within_the_contract() {
    let (plan, individuals) = phase1();
    let single = solve(&plan, &individuals, Precision::F32);
    let items: Vec<usize> = (0..single.status.len()).collect();
    let terms = Check::Engine.terms(&plan, F32_RTOL);
    let reference = Reference::new(&plan, Isa::detect(), terms, 200);
    for compared in reference.compare(&individuals, 0, &single, &items).unwrap() {
        let within = [Verdict::NotCompared, Verdict::Same, Verdict::Differs, Verdict::Within];
        assert!(within.contains(&compared.verdict), "{}: {compared:?}", names(&plan)[compared.endpoint]);
    }
}

/// A step so short that its error is only rounding grows by less than tenfold: about one more step
/// after each jump of a rate.
#[test]
fn f32_takes_hardly_more_steps() {
    let (mut plan, individuals) = phase1();
    plan.rtol = F32_RTOL;
    let [single, double] = [Precision::F32, Precision::F64].map(|precision| {
        let solution = solve(&plan, &individuals, precision);
        solution.steps.iter().chain(&solution.rejected).copied().map(f64::from).sum::<f64>()
    });
    assert!((1.0..1.05).contains(&(single / double)), "{single} and {double} attempted steps");
}
