//! Patients per second on one thread: the lane engine against a scalar program of the same method.
//!
//! Each round measures every contender once, in turn, so that a busy machine is slow for all;
//! printed are medians over rounds.

#![expect(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a benchmark")]
#![expect(dead_code, reason = "uses a part of the tests' support code")]

#[path = "../tests/support/mod.rs"]
mod support;

mod scalar;

use std::time::Instant;

use support::{individuals, p1};
use vpop::engine::Engine;
use vpop::engine::cpu::{Cpu, Level};

const PATIENTS: usize = 2000;
const ROUNDS: usize = 9;

/// Patients drawn as the 200 of the test data, repeated: each has other neighbours in its lanes.
fn covariates() -> Vec<Vec<f64>> {
    let columns = p1::columns(include_str!("../tests/data/p1_params.csv"))[1..].to_vec();
    columns.into_iter().map(|c| c.iter().cycle().take(PATIENTS).copied().collect()).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn seconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

fn main() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread");
    pool.install(compare);
}

fn compare() {
    let covariates = covariates();
    println!("rtol     scalar/s  steps | level     patients/s  steps  ratio to scalar (quartiles)");
    for rtol in [1e-4, 1e-5, 1e-6, 1e-8] {
        let plan = p1::plan(rtol);
        let individuals = individuals(&plan, &covariates);
        let mut atol = [0.0; 14];
        for (atol, state) in atol.iter_mut().zip(&plan.states) {
            *atol = state.atol;
        }
        let scalars: Vec<scalar::Patient> = (0..PATIENTS)
            .map(|i| scalar::Patient::new([0, 1, 2, 3, 4].map(|c: usize| covariates[c][i])))
            .collect();
        let engines: Vec<Cpu> = Level::available().into_iter().map(|level| Cpu::new(&plan, level)).collect();
        let mut scalar_times = Vec::new();
        let mut times = vec![Vec::new(); engines.len()];
        let (mut scalar_steps, mut worst) = (0, 0.0_f64);
        let mut steps = vec![0; engines.len()];
        for _ in 0..ROUNDS {
            let mut outcomes = Vec::new();
            scalar_times
                .push(seconds(|| outcomes = scalars.iter().map(|p| scalar::solve(p, rtol, &atol)).collect()));
            scalar_steps = outcomes.iter().map(|o| o.steps + o.rejected).sum::<u32>();
            for (e, engine) in engines.iter().enumerate() {
                let mut solution = None;
                times[e].push(seconds(|| solution = Some(engine.solve(&individuals))));
                let solution = solution.expect("solved");
                steps[e] = solution.steps.iter().chain(&solution.rejected).sum::<u32>();
                for (i, outcome) in outcomes.iter().enumerate() {
                    let scored = [outcome.nadir, outcome.day, outcome.auc_c, outcome.auc_circ];
                    for (accumulator, expected) in solution.accumulators.iter().zip(scored) {
                        worst = worst.max((accumulator[i] / expected - 1.0).abs());
                    }
                }
            }
        }
        let rate = |times: &[f64]| PATIENTS as f64 / median(times.to_vec());
        for (e, engine) in engines.iter().enumerate() {
            let mut ratios: Vec<f64> = scalar_times.iter().zip(&times[e]).map(|(s, t)| s / t).collect();
            ratios.sort_by(f64::total_cmp);
            println!(
                "{rtol:.0e} {:12.0} {:6.1} | {:12} {:7.0} {:6.1}  {:.2} ({:.2} to {:.2})",
                rate(&scalar_times),
                f64::from(scalar_steps) / PATIENTS as f64,
                engine.name(),
                rate(&times[e]),
                f64::from(steps[e]) / PATIENTS as f64,
                median(ratios.clone()),
                ratios[ROUNDS / 4],
                ratios[ROUNDS - 1 - ROUNDS / 4],
            );
        }
        println!("       largest difference from the scalar program {worst:.1e}");
    }
}
