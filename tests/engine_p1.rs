//! The P1 problem against reference values.
//!
//! `tests/data/p1_params.csv` and `p1_reference.csv`: 200 patients, lognormal around the typical
//! values; the reference was made by an independent program at relative tolerance 1e-12.

#![expect(dead_code, reason = "each test file uses some of the support code")]

mod support;

use support::{individuals, p1};
use vpop::engine::cpu::{Cpu, Level};
use vpop::engine::{Engine, Solution, Status};

fn patients() -> Vec<Vec<f64>> {
    p1::columns(include_str!("data/p1_params.csv"))[1..].to_vec()
}

fn solve(rtol: f64, level: Level) -> Solution {
    let plan = p1::plan(rtol);
    Cpu::new(&plan, level).solve(&individuals(&plan, &patients()))
}

/// Largest and median relative difference.
fn difference(got: &[f64], expected: &[f64]) -> (f64, f64) {
    let mut all: Vec<f64> = got.iter().zip(expected).map(|(g, e)| ((g - e) / e).abs()).collect();
    all.sort_by(f64::total_cmp);
    (all[all.len() - 1], all[all.len() / 2])
}

#[test]
fn nadir_and_areas_agree_with_the_reference() {
    let reference = p1::columns(include_str!("data/p1_reference.csv"));
    for level in Level::available() {
        let solution = solve(1e-8, level);
        assert!(solution.status.iter().all(|status| *status == Status::Ok));
        for (accumulator, column) in [(0, 1), (2, 3), (3, 4)] {
            let (worst, median) = difference(&solution.accumulators[accumulator], &reference[column]);
            println!("{level} accumulator {accumulator}: max {worst:.1e} median {median:.1e}");
            assert!(worst < 1e-6 && median < 1e-7, "{level} {accumulator}: {worst:.1e} {median:.1e}");
        }
        assert_eq!(solution.accumulators[1], reference[2], "day of the nadir");
    }
}

#[test]
fn statistics() {
    for rtol in [1e-4, 1e-5, 1e-6, 1e-8] {
        let solution = solve(rtol, Level::detect());
        let reference = p1::columns(include_str!("data/p1_reference.csv"));
        let (worst, median) = difference(&solution.accumulators[0], &reference[1]);
        let steps: u32 = solution.steps.iter().sum();
        let rejected: u32 = solution.rejected.iter().sum();
        println!("{rtol:.0e}: {steps} {rejected} nadir {worst:.1e} {median:.1e}");
    }
}
