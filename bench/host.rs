//! What the host can do: a whole run with a null device, an engine that returns at once what was solved for a few
//! patients, so that all that is measured is drawing patients, making their rows, writing and summing them up. Numbers
//! differ in their last digits from patient to patient, for else they would take no room in compressed files.
//!
//! `cargo bench --bench host -- [PATIENTS]... [KEY=VALUE]...`: keys of the cohort file as `--set` takes them. Each number
//! of patients is run on one thread and on all. Microseconds are of one core's CPU time for a patient in an arm; those
//! of a stage are wall-clock time of its threads, which is the same on one thread where nothing else runs.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark")]

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use vpop::engine::cpu::{Cpu, Isa};
use vpop::engine::{Engine, EngineError, Individuals, Processor, Solution};
use vpop::job::{Changes, Job};
use vpop::run::{self, Settings};
use vpop::stop::Stop;
use vpop::store::{Existing, Timing};

/// Patients who are solved once, and stand for all others.
const SOLVED: u64 = 512;
/// Patients of a batch, as many as a large device takes.
const BATCH: u64 = 32_768;
/// By how much a number differs from what was solved, relatively.
const NOISE: f64 = 1e-6;
/// Ticks of a second in `/proc/self/stat`.
const TICKS: f64 = 100.0;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|text| !text.starts_with("--")).collect();
    let (set, patients): (Vec<String>, Vec<String>) =
        arguments.into_iter().partition(|text| text.contains('='));
    let patients: Vec<u64> =
        patients.iter().map(|text| text.parse().expect("a number of patients")).collect();
    let patients = if patients.is_empty() { vec![10_000, 100_000, 1_000_000] } else { patients };
    let cohort = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("cohorts/phase1.toml");
    for patients in patients {
        let changes = Changes { patients: Some(patients), set: set.clone(), ..Changes::default() };
        let job = Job::load(&cohort, &changes).expect("the cohort");
        let device = NullDevice::new(&job);
        let all = thread::available_parallelism().map_or(1, usize::from);
        for threads in [1, all] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            pool.install(|| measure(&job, &device, threads));
        }
    }
}

fn measure(job: &Job, device: &NullDevice, threads: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("run");
    let (existing, stop) = (Existing::Refuse, Stop::default());
    let settings = Settings { output, existing, shard: None, isa: Isa::detect(), checks: &[], stop };
    let (started, cpu) = (Instant::now(), cpu_seconds());
    let finished = run::run(job, &settings, device, &mut |_, _| {}).expect("a run");
    let (seconds, cpu) = (started.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    let items = (job.cohort.patients * job.plan.arms.len() as u64) as f64;
    let bytes: u64 = finished.manifest.files.iter().map(|file| file.bytes).sum();
    let each = |seconds: f64| 1e6 * seconds / items;
    println!(
        "{} patients, {threads} thread(s): {:.0} patient-arms per second, {:.2} us of CPU each, {:.0} bytes each",
        job.cohort.patients,
        items / seconds,
        each(cpu),
        bytes as f64 / items
    );
    for Timing { stage, seconds } in &finished.manifest.timings {
        println!("  {stage:14} {:.2} us", each(*seconds));
    }
}

/// CPU time of this process so far, of the program and of the system for it, in seconds.
fn cpu_seconds() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).map(|field| field.parse::<f64>().expect("ticks") / TICKS).sum()
}

/// An engine whose answer is there.
struct NullDevice {
    /// What was solved for a few, for as many as a batch has.
    solved: Solution,
    /// Accumulators whose numbers are not all whole.
    scattered: Vec<bool>,
    /// Batches that were solved so far.
    batches: AtomicU64,
}

impl NullDevice {
    fn new(job: &Job) -> Self {
        let isa = Isa::detect();
        let (_, individuals) = job.individuals(0..SOLVED, isa).expect("eligible patients");
        let individuals = Individuals { trajectories: SOLVED as usize, ..individuals };
        let solved = Cpu::new(&job.program, isa).solve(&individuals).expect("the CPU");
        let is_scattered =
            |values: &Vec<f64>| values.iter().any(|value| value.fract() != 0.0 && !value.is_nan());
        let count = BATCH as usize;
        Self {
            scattered: solved.accumulators.iter().map(is_scattered).collect(),
            solved: Solution {
                accumulators: solved.accumulators.iter().map(|values| noisy(values, count)).collect(),
                status: tiled(&solved.status, count),
                steps: tiled(&solved.steps, count),
                rejected: tiled(&solved.rejected, count),
                trajectories: noisy(&solved.trajectories, SOLVED as usize),
                solved_by: vec![Processor::Gpu; solved.solved_by.len() / SOLVED as usize * count],
                methods: tiled(&solved.methods, count),
                doses: tiled(&solved.doses, count),
                endings: tiled(&solved.endings, count),
                drug_endings: tiled(&solved.drug_endings, count),
                not_finite: tiled(&solved.not_finite, count),
            },
            batches: AtomicU64::new(0),
        }
    }
}

/// Numbers of so many patients, those that are not whole a little apart from each other.
fn noisy(solved: &[f64], patients: usize) -> Vec<f64> {
    let mut numbers = tiled(solved, patients);
    for (number, at) in numbers.iter_mut().zip(0_u64..).filter(|(number, _)| number.fract() != 0.0) {
        let scattered = (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 11) as f64 / (1_u64 << 53) as f64;
        *number *= 1.0 + NOISE * scattered;
    }
    numbers
}

impl Engine for NullDevice {
    fn name(&self) -> String {
        "null".into()
    }

    fn rtol(&self) -> f64 {
        1e-5
    }

    fn batch_patients(&self) -> u64 {
        BATCH
    }

    fn batches_in_flight(&self) -> usize {
        2
    }

    /// Every batch is a little apart from those before.
    fn solve_in(&self, individuals: &Individuals, spent: Solution) -> Result<Solution, EngineError> {
        let batch = self.batches.fetch_add(1, Ordering::Relaxed);
        let factor = 1.0 + NOISE * NOISE * batch as f64;
        let (solved, count) = (&self.solved, individuals.count);
        let mut accumulators = spent.accumulators;
        accumulators.resize_with(solved.accumulators.len(), Vec::new);
        for ((to, from), &is_scattered) in
            accumulators.iter_mut().zip(&solved.accumulators).zip(&self.scattered)
        {
            let factor = if is_scattered { factor } else { 1.0 };
            to.clear();
            to.extend(of_first(from, count).iter().map(|number| number * factor));
        }
        Ok(Solution {
            accumulators,
            status: first(spent.status, &solved.status, count),
            steps: first(spent.steps, &solved.steps, count),
            rejected: first(spent.rejected, &solved.rejected, count),
            trajectories: tiled(&solved.trajectories, individuals.trajectories),
            solved_by: first(spent.solved_by, &solved.solved_by, count),
            methods: first(spent.methods, &solved.methods, count),
            doses: first(spent.doses, &solved.doses, count),
            endings: first(spent.endings, &solved.endings, count),
            drug_endings: first(spent.drug_endings, &solved.drug_endings, count),
            not_finite: first(spent.not_finite, &solved.not_finite, count),
        })
    }
}

/// What is there of the first so many patients of a batch.
fn of_first<T>(solved: &[T], patients: usize) -> &[T] {
    &solved[..solved.len() / BATCH as usize * patients]
}

/// The same, in memory that is there.
fn first<T: Clone>(mut spent: Vec<T>, solved: &[T], patients: usize) -> Vec<T> {
    spent.clear();
    spent.extend_from_slice(of_first(solved, patients));
    spent
}

/// What is there of the solved patients, again and again for so many.
fn tiled<T: Clone>(solved: &[T], patients: usize) -> Vec<T> {
    let of_patient = solved.len() / SOLVED as usize;
    let mut tiled = Vec::with_capacity(patients * of_patient);
    while tiled.len() < patients * of_patient {
        let left = patients * of_patient - tiled.len();
        tiled.extend_from_slice(&solved[..solved.len().min(left)]);
    }
    tiled
}
