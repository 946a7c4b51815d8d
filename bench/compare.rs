//! Engines against the scalar program, in turns.

use std::time::Instant;

use vpop::engine::cpu::{Cpu, Isa};
use vpop::engine::{Engine, Individuals, Solution};
use vpop::plan::Plan;

/// Rounds: each measures every contender once, so that a busy machine is slow for all.
pub(crate) const ROUNDS: usize = 11;

/// What the scalar program made of each item: accumulators, then the number of attempted steps.
pub(crate) type Outcomes<const K: usize> = Vec<([f64; K], u32)>;

/// Prints items per second on one thread, and the ratio to the scalar program (median and
/// quartiles over rounds).
pub(crate) fn compare<const K: usize>(
    name: &str,
    plan: &Plan,
    individuals: &Individuals,
    scalar: impl Fn() -> Outcomes<K> + Sync,
) {
    on_one_thread(|| {
        let engines = engines(plan);
        let outcomes = scalar();
        for engine in &engines {
            check(&engine.name(), &engine.solve(individuals).expect("the CPU"), &outcomes);
        }
        let mut scalar_times = Vec::new();
        let mut times = vec![Vec::new(); engines.len()];
        for _ in 0..ROUNDS {
            scalar_times.push(seconds(&scalar));
            for (times, engine) in times.iter_mut().zip(&engines) {
                times.push(seconds(|| engine.solve(individuals).expect("the CPU")));
            }
        }
        let items = (individuals.count * plan.arms.len()) as f64;
        println!("{name}: scalar {:.0} per second", items / quartiles(&scalar_times)[1]);
        for (engine, times) in engines.iter().zip(&times) {
            let ratios: Vec<f64> = scalar_times.iter().zip(times).map(|(s, t)| s / t).collect();
            let [low, middle, high] = quartiles(&ratios);
            let rate = items / quartiles(times)[1];
            println!(
                "  {:12} {rate:.0} per second, {middle:.2} times ({low:.2} to {high:.2})",
                engine.name()
            );
        }
    });
}

/// Prints items per second on one thread.
pub(crate) fn rates(name: &str, plan: &Plan, individuals: &Individuals) {
    on_one_thread(|| {
        println!("{name}:");
        for engine in engines(plan) {
            let times: Vec<f64> =
                (0..ROUNDS).map(|_| seconds(|| engine.solve(individuals).expect("the CPU"))).collect();
            let items = (individuals.count * plan.arms.len()) as f64;
            println!("  {:12} {:.0} per second", engine.name(), items / quartiles(&times)[1]);
        }
    });
}

pub(crate) fn on_one_thread(work: impl FnOnce() + Send) {
    rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread").install(work);
}

fn engines(plan: &Plan) -> Vec<Cpu> {
    Isa::available().into_iter().map(|level| Cpu::new(plan, level)).collect()
}

/// Both must have done the same work and come to the same.
fn check<const K: usize>(name: &str, solution: &Solution, outcomes: &Outcomes<K>) {
    let attempts = |taken: &[u32]| taken.iter().map(|&n| f64::from(n)).sum::<f64>() / taken.len() as f64;
    let own = attempts(&solution.steps) + attempts(&solution.rejected);
    let scalar = attempts(&outcomes.iter().map(|(_, steps)| *steps).collect::<Vec<_>>());
    let mut worst = 0.0_f64;
    for (accumulator, k) in solution.accumulators.iter().zip(0..K) {
        for (got, (expected, _)) in accumulator.iter().zip(outcomes) {
            let size = expected[k].abs().max(1e-3);
            worst = worst.max((got - expected[k]).abs() / size);
        }
    }
    println!("  {name:12} {own:.1} steps, scalar {scalar:.1}; largest difference {worst:.1e}");
}

pub(crate) fn seconds<T>(work: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    let result = work();
    let elapsed = start.elapsed();
    drop(result);
    elapsed.as_secs_f64()
}

pub(crate) fn quartiles(values: &[f64]) -> [f64; 3] {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| sorted[(sorted.len() - 1) * quarter / 4])
}
