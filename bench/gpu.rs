//! The adapters of this machine beside the CPU engine, on the shipped cohort: patients in arms per second,
//! and the share of a roofline that is reached.
//!
//! `cargo bench --bench gpu -- [PATIENTS] [COHORT]`. Set `MESA_SHADER_CACHE_DISABLE=true` to see the first
//! compilation again.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark")]

use std::path::PathBuf;
use std::time::Instant;

use vpop::engine::cpu::{Cpu, Isa};
use vpop::engine::gpu::{Adapter, Cost, Gpu, adapters};
use vpop::engine::{Engine, Individuals, Solution};
use vpop::job::{Changes, Job};

/// Rounds: each measures both once, so that a busy machine is slow for both.
const ROUNDS: usize = 7;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let patients = arguments.next().map_or(1_600, |text| text.parse().expect("a number of patients"));
    let shipped = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("cohorts/phase1.toml");
    let cohort = arguments.next().map_or_else(shipped, PathBuf::from);
    let job = Job::load(&cohort, &Changes::default()).expect("the cohort");
    let (_, individuals) = job.individuals(0..patients, Isa::detect()).expect("eligible patients");
    let cost = Cost::of(&job.plan);
    println!("{cost:#?}");
    for adapter in adapters() {
        measure(&job, &individuals, &adapter, cost);
    }
}

fn measure(job: &Job, individuals: &Individuals, adapter: &Adapter, cost: Cost) {
    let started = Instant::now();
    let gpu = Gpu::new(&job.plan, adapter, Isa::detect()).expect("the device takes the plan");
    let (first, _) = timed(|| gpu.solve(individuals).expect("the device"));
    println!("{}: {:.2} s until the first results", gpu.name(), started.elapsed().as_secs_f64());
    println!("  of them {first:.2} s in the first batch, part of which may be compilation");
    let cpu = Cpu::new(&job.plan, Isa::detect());
    let before = gpu.stages();
    let (mut rates, mut ratios, mut steps) = (Vec::new(), Vec::new(), 0.0);
    for _ in 0..ROUNDS {
        let (of_gpu, solution) = timed(|| gpu.solve(individuals).expect("the device"));
        let (of_cpu, _) = timed(|| cpu.solve(individuals).expect("the CPU"));
        steps = attempts(&solution);
        rates.push(solution.status.len() as f64 / of_gpu);
        ratios.push(of_cpu / of_gpu);
    }
    let (rate, ratio) = (median(&mut rates), median(&mut ratios));
    let per_item = steps / (individuals.count * job.plan.arms.len()) as f64;
    let instructions = rate * per_item * (cost.plain + cost.special) as f64;
    println!(
        "  {rate:.0} patient-arms per second, {per_item:.0} steps each; {ratio:.2} times {}",
        cpu.name()
    );
    println!("  {:.1}e9 instructions per second in the steps", instructions / 1e9);
    for ((stage, from), (_, to)) in before.iter().zip(gpu.stages()) {
        println!("  {stage}: {:.3} s a round", (to - *from).as_secs_f64() / ROUNDS as f64);
    }
}

/// Steps tried.
fn attempts(solution: &Solution) -> f64 {
    solution.steps.iter().chain(&solution.rejected).map(|&steps| f64::from(steps)).sum()
}

fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let started = Instant::now();
    let result = work();
    (started.elapsed().as_secs_f64(), result)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
