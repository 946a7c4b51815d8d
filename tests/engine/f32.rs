//! The CPU engine in f32: against closed forms, reference values, and itself in f64.

use crate::strict::zip_equal;
use crate::support::{DAY, Sketch, individuals, one_compartment, p1};
use vpop::engine::cpu::{Cpu, Isa, Precision};
use vpop::engine::{Engine, F32_RTOL, Individuals, Solution, Status};
use vpop::plan::Plan;

fn solve(plan: &Plan, isa: Isa, individuals: &Individuals) -> Solution {
    Cpu::with_precision(plan, isa, Precision::F32).solve(individuals).unwrap()
}

#[test]
fn name_and_tolerance_tell_the_precision() {
    let isa = Isa::detect();
    for (rtol, least) in [(1e-3, 1e-3), (1e-7, F32_RTOL)] {
        let plan = p1::plan(rtol);
        let double = Cpu::new(&plan, isa);
        assert_eq!((double.name(), double.rtol()), (format!("cpu {isa}"), rtol));
        let single = Cpu::with_precision(&plan, isa, Precision::F32);
        assert_eq!((single.name(), single.rtol()), (format!("cpu f32 {isa}"), least));
    }
}

#[test]
fn one_compartment_doses_superpose() {
    let forms = [one_compartment::infusion as fn(f64) -> f64, one_compartment::bolus];
    for (duration, form) in [Some("0.5"), None].into_iter().zip(forms) {
        let plan = one_compartment::plan(duration);
        let individuals = Individuals { trajectories: 1, ..individuals(&plan, &[]) };
        let solution = solve(&plan, Isa::detect(), &individuals);
        assert_eq!(solution.status, [Status::Ok]);
        // Some 40 steps, each rounded by about 6e-8.
        let error = one_compartment::largest_error(&solution.trajectories, form);
        assert!(error < 2e-6, "{duration:?}: {error:e}");
    }
}

/// Largest and median relative difference.
fn difference(got: &[f64], expected: &[f64]) -> [f64; 2] {
    let mut all: Vec<f64> = got.iter().zip(expected).map(|(g, e)| ((g - e) / e).abs()).collect();
    all.sort_by(f64::total_cmp);
    [all[all.len() - 1], all[all.len() / 2]]
}

/// The largest errors are the method's at this tolerance and the same in f64; where f64 is better, in
/// the median nadir (3e-8), 3e-7 is what f32 costs.
#[test]
fn p1_agrees_with_the_reference() {
    let patients = p1::columns(include_str!("../data/p1_params.csv"))[1..].to_vec();
    let reference = p1::columns(include_str!("../data/p1_reference.csv"));
    let plan = p1::plan(F32_RTOL);
    for isa in Isa::available() {
        let solution = solve(&plan, isa, &individuals(&plan, &patients));
        assert!(solution.status.iter().all(|status| *status == Status::Ok));
        // Nadir, area under C, area under CIRC.
        for (accumulator, column, bounds) in
            [(0, 1, [3e-4, 1e-6]), (2, 3, [2e-5, 1e-5]), (3, 4, [6e-5, 2e-6])]
        {
            let [worst, median] = difference(&solution.accumulators[accumulator], &reference[column]);
            assert!(worst < bounds[0] && median < bounds[1], "{isa} {accumulator}: {worst:.1e} {median:.1e}");
        }
    }
}

#[test]
fn results_do_not_depend_on_neighbours_or_vector_length() {
    let patients = p1::columns(include_str!("../data/p1_params.csv"))[1..].to_vec();
    let plan = p1::plan(F32_RTOL);
    let all = solve(&plan, Isa::detect(), &individuals(&plan, &patients));
    for isa in &Isa::available()[1..] {
        assert_eq!(solve(&plan, *isa, &individuals(&plan, &patients)), all, "{isa}");
    }
    let alone: Vec<Vec<f64>> = patients.iter().map(|column| vec![column[47]]).collect();
    let alone = solve(&plan, Isa::detect(), &individuals(&plan, &alone));
    for (alone, all) in zip_equal(alone.accumulators.iter(), &all.accumulators) {
        assert_eq!(alone[0].to_bits(), all[47].to_bits());
    }
}

#[test]
fn a_solution_that_ends_early_has_its_status() {
    let run = |equation: &str| {
        let mut s = Sketch::new(&["x"]);
        s.equation(0, equation);
        s.initial(0, "1");
        s.arm(&[]);
        s.visits([0, 2 * DAY]);
        s.plan.max_steps = 1_000;
        let plan = s.plan();
        solve(&plan, Isa::detect(), &individuals(&plan, &[])).status[0]
    };
    // Steps of less than the resolution of f32 at the end are possible at the start.
    assert_eq!(run("-1e7*x"), Status::MaxSteps);
    assert_eq!(run("-1e17*x"), Status::StepTooSmall);
    assert_eq!(run("sqrt(1 - t)"), Status::NonFinite);
    assert_eq!(run("log(x - 1)"), Status::NonFinite);
}
