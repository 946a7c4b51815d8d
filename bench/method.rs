//! The method that is chosen beside either of integration alone: user time of solving the patients of the shipped cohorts,
//! of the models in a small population, and of random ones, linear and not, on one thread, and how much the counted work of an attempted step says of
//! its time. Contenders take turns; times are medians.

#![expect(clippy::expect_used, clippy::print_stdout, clippy::panic, reason = "a benchmark")]

#[path = "../tests/support/methods.rs"]
mod methods;

use std::path::{Path, PathBuf};

use vpop::engine::cpu::{Cpu, Isa};
use vpop::engine::{Engine, Individuals, Solution, Status};
use vpop::job::{Changes, Job};
use vpop::plan::{Method, Plan};

/// Random models of either kind.
const CASES: u64 = 20;
/// Time of a measurement at least, s: the system counts in ticks.
const LEAST: f64 = 0.1;
/// Rounds in which every contender is measured once.
const ROUNDS: usize = 3;
/// Patients of a cohort at most.
const PATIENTS: u64 = 200;
/// Attempts after which a method alone is given up: it has lost.
const MOST: u32 = 20_000;

fn main() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread");
    pool.install(all);
}

fn all() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    println!(
        "{:44} {:12} {:>7} {:>8} {:>8} {:>6} {:>6} {:>6}",
        "patients", "chosen", "switch", "tsit5 s", "rosenb s", "ratio", "worth", "count"
    );
    let mut worst: f64 = 0.0;
    for cohort in cohorts() {
        let name = cohort.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let patients = Some(PATIENTS);
        let job = Job::load(&cohort, &Changes { patients, ..Changes::default() });
        worst = worst.max(compare(&name, &job.unwrap_or_else(|problems| panic!("{problems}"))));
    }
    worst = worst.max(compare("binding, table of 40", &methods::binding_table(folder.path())));
    for number in 0..CASES {
        let jobs = [methods::job(number, folder.path()), methods::linear(number, folder.path())];
        worst = jobs.iter().map(|(name, job)| compare(name, job)).fold(worst, f64::max);
    }
    println!("the most time of the chosen way: {worst:.2} times the better method's");
}

/// The shipped cohorts.
fn cohorts() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(root.join("cohorts")).expect("the shipped cohorts");
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.push(root.join("examples/renal/renal_dosing.toml"));
    files.sort();
    files
}

/// What a contender takes.
struct Measured {
    seconds: f64,
    attempts: f64,
    work: f64,
    is_solved: bool,
}

/// Prints what both methods and the chosen way take; the ratio of the last to the better method.
fn compare(name: &str, job: &Job) -> f64 {
    let (_, individuals) = job.individuals(0..job.cohort.patients, Isa::detect()).expect("patients");
    let alone = |method: Method| {
        Cpu::new(&Plan { method, switch_after: None, max_steps: MOST, ..job.plan.clone() }, Isa::detect())
    };
    let engines = [Cpu::new(&job.program, Isa::detect()), alone(Method::Tsit5), alone(Method::Rosenbrock)];
    let [chosen, tsit5, rosenbrock] = measure(&engines, &individuals);
    let better = [&tsit5, &rosenbrock].into_iter().filter(|of| of.is_solved).map(|of| of.seconds);
    let ratio = chosen.seconds / better.fold(f64::INFINITY, f64::min);
    let per_attempt = |of: &Measured| of.seconds / of.attempts;
    println!(
        "{name:44} {:12} {:>7} {:8.4} {:8.4} {ratio:6.2} {:6.2} {:6.2}",
        job.plan.method.name(),
        job.plan.switch_after.map_or_else(String::new, |after| after.to_string()),
        tsit5.seconds,
        rosenbrock.seconds,
        per_attempt(&rosenbrock) / per_attempt(&tsit5),
        rosenbrock.work / tsit5.work,
    );
    ratio
}

fn measure<const N: usize>(engines: &[Cpu; N], individuals: &Individuals) -> [Measured; N] {
    let solve = |engine: &Cpu| engine.solve(individuals).expect("the CPU");
    let solved = engines.each_ref().map(solve);
    let mut times = [const { Vec::new() }; N];
    for _ in 0..ROUNDS {
        for (times, engine) in times.iter_mut().zip(engines) {
            let (start, mut solved) = (on_cpu(), 0.0);
            while on_cpu() - start < LEAST {
                std::hint::black_box(solve(engine));
                solved += 1.0;
            }
            times.push((on_cpu() - start) / solved);
        }
    }
    let mut times = times.into_iter();
    let mut engines = engines.iter();
    solved.map(|Solution { status, steps, rejected, .. }| {
        let mut times = times.next().unwrap_or_default();
        times.sort_by(f64::total_cmp);
        Measured {
            seconds: times[ROUNDS / 2],
            attempts: steps.iter().chain(&rejected).map(|&count| f64::from(count)).sum(),
            work: engines.next().map_or(f64::NAN, Cpu::work),
            is_solved: status.iter().all(|&status| status == Status::Ok),
        }
    })
}

/// Time of this thread on a processor, s.
fn on_cpu() -> f64 {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").expect("the times of this thread");
    let nanoseconds = times.split_whitespace().next().and_then(|time| time.parse::<f64>().ok());
    1e-9 * nanoseconds.expect("a number of nanoseconds")
}
