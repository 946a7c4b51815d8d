//! `linCmt()` in closed form beside the same compartments integrated: items per second on one thread.

#![expect(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a benchmark")]

use std::time::Instant;

use vpop::diagnostic::Source;
use vpop::engine::cpu::{Cpu, Isa};
use vpop::engine::{Engine, Individuals};
use vpop::job::Job;
use vpop::plan::{Method, Plan};

const PATIENTS: u64 = 4_000;
/// Rounds: each measures every method once, so that a busy machine is slow for all.
const ROUNDS: usize = 7;

/// One to three compartments behind a depot, by their parameters.
const MODELS: [(&str, &str); 3] = [
    ("one compartment", ""),
    ("two compartments", "q <- 2\n    vp <- 80\n"),
    ("three compartments", "q <- 2\n    vp <- 80\n    q2 <- 0.7\n    vp2 <- 200\n"),
];
/// A dose a day for four weeks, read before each week's last; a day's sampling on top of it.
const VISITS: [(&str, &str); 2] = [
    ("weekly", "\"7 day\", \"14 day\", \"21 day\", \"28 day\""),
    (
        "and 12 samples of the first day",
        "\"15 min\", \"30 min\", \"1 h\", \"90 min\", \"2 h\", \"3 h\", \"4 h\", \"6 h\", \"8 h\", \"12 h\", \"16 h\", \"1 day\", \
         \"7 day\", \"14 day\", \"21 day\", \"28 day\"",
    ),
];

fn job(parameters: &str, visits: &str) -> Job {
    let model = format!(
        "oral <- function() {{\n  units <- list(time = \"h\", dosing = \"mg\")\n  ini({{\n    lka <- log(1.1)\n    lcl <- log(4)\n    \
         lvc <- log(50)\n    etaka ~ 0.3\n    etacl ~ 0.1\n    etavc ~ 0.1\n  }})\n  model({{\n    ka <- exp(lka + etaka)\n    \
         cl <- exp(lcl + etacl)\n    vc <- exp(lvc + etavc)\n    {parameters}    Cc <- linCmt()\n  }})\n}}\n"
    );
    let cohort = format!(
        "name = \"oral\"\nmodel = \"oral.R\"\npatients = {PATIENTS}\n[regimen]\narms = [\"100 mg\"]\ninto = [\"depot\"]\n\
         infusion = \"bolus\"\nevery = \"1 day\"\ncycles = 28\n[visits]\ntimes = [{visits}]\n\
         [endpoints.trough]\nof = \"Cc\"\nstatistic = \"value\"\nat = \"28 day\"\n\
         [endpoints.peak]\nof = \"Cc\"\nstatistic = \"max\"\non = \"visits\"\n"
    );
    Job::from_texts(&Source::new("oral.toml", cohort), &Source::new("oral.R", model))
        .unwrap_or_else(|problems| panic!("{problems}"))
}

fn main() {
    let threads = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    threads.install(|| {
        for (model, parameters) in MODELS {
            for (read, visits) in VISITS {
                let job = job(parameters, visits);
                let (_, individuals) = job
                    .individuals(0..PATIENTS, Isa::detect())
                    .unwrap_or_else(|problems| panic!("{problems}"));
                compare(&format!("{model}, {read}"), &job.plan, &individuals);
            }
        }
    });
}

/// Prints items per second by each method, and how many times as fast the closed form is.
fn compare(name: &str, plan: &Plan, individuals: &Individuals) {
    assert_eq!(plan.method, Method::ClosedForm);
    let methods = [Method::ClosedForm, Method::Tsit5, Method::Rosenbrock];
    let engines = methods.map(|method| Cpu::new(&Plan { method, ..plan.clone() }, Isa::detect()));
    let mut times = methods.map(|_| Vec::new());
    for _ in 0..ROUNDS {
        for (times, engine) in times.iter_mut().zip(&engines) {
            let start = Instant::now();
            engine.solve(individuals).expect("the CPU");
            times.push(start.elapsed().as_secs_f64());
        }
    }
    let middle = times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[ROUNDS / 2]
    });
    println!("{name}:");
    for (method, time) in methods.iter().zip(middle) {
        let (rate, ratio) = (PATIENTS as f64 / time, time / middle[0]);
        println!("  {:12} {rate:>9.0} per second, {ratio:.1} times as long", method.name());
    }
}
