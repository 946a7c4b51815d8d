//! A run writes the same bytes whatever is in flight, and stops cleanly at the first error.

use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::common::root;
use vpop::diagnostic::Problems;
use vpop::engine::cpu::{Cpu, Level};
use vpop::engine::{Engine, EngineError, Individuals, Solution};
use vpop::job::{Changes, Job};
use vpop::run::{Finished, Settings, run};
use vpop::store::{Existing, Set};

/// Patients of a run of two parts.
const TWO_PARTS: u64 = 32_768 + 200;

/// The CPU engine as one that takes small batches, several at a time, of which every third is late.
struct Crowd {
    cpu: Cpu,
    batch_patients: u64,
    in_flight: usize,
    calls: AtomicUsize,
    /// What happens at this call.
    fault: Option<(usize, Fault)>,
}

#[derive(Clone, Copy)]
enum Fault {
    Lost,
    Panic,
}

impl Crowd {
    fn new(job: &Job, batch_patients: u64, in_flight: usize) -> Self {
        let cpu = Cpu::new(&job.plan, Level::detect());
        Self { cpu, batch_patients, in_flight, calls: AtomicUsize::new(0), fault: None }
    }
}

impl Engine for Crowd {
    fn name(&self) -> String {
        self.cpu.name()
    }

    fn rtol(&self) -> f64 {
        self.cpu.rtol()
    }

    fn batch_patients(&self) -> u64 {
        self.batch_patients
    }

    fn batches_in_flight(&self) -> usize {
        self.in_flight
    }

    fn solve(&self, individuals: &Individuals) -> Result<Solution, EngineError> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        match self.fault {
            Some((at, Fault::Lost)) if at == call => {
                return Err(EngineError::Lost { adapter: "crowd".into(), reason: "unplugged".into() });
            }
            Some((at, Fault::Panic)) if at == call => panic!("a fault in the engine"),
            _ => {}
        }
        if call % 3 == 1 {
            thread::sleep(Duration::from_millis(20));
        }
        self.cpu.solve(individuals)
    }
}

fn quickstart(patients: u64) -> Job {
    let changes = Changes { patients: Some(patients), seed: None };
    Job::load(&root().join("cohorts/quickstart.toml"), &changes).unwrap()
}

fn run_into(
    folder: &Path,
    job: &Job,
    engine: &dyn Engine,
    existing: Existing,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Finished, Problems> {
    let settings = Settings { output: folder.to_owned(), existing, shard: None, level: Level::detect() };
    run(job, &settings, engine, progress)
}

/// Every Parquet file of a run.
fn bytes(folder: &Path, finished: &Finished) -> Vec<(String, Vec<u8>)> {
    let files = finished.manifest.files.iter();
    files.map(|file| (file.file.clone(), std::fs::read(folder.join(&file.file)).unwrap())).collect()
}

#[test]
fn the_same_bytes_whatever_is_in_flight() {
    let job = quickstart(1_000);
    let scratch = tempfile::tempdir().unwrap();
    let written = |batch_patients, in_flight| {
        let folder = scratch.path().join(format!("{batch_patients}-{in_flight}"));
        let engine = Crowd::new(&job, batch_patients, in_flight);
        let mut seen = Vec::new();
        let mut progress = |done, total| seen.push((done, total));
        let finished = run_into(&folder, &job, &engine, Existing::Refuse, &mut progress).unwrap();
        assert!(seen.is_sorted() && seen.last() == Some(&(1_000, 1_000)), "{seen:?}");
        let solved_by = &finished.manifest.outcomes.all.solved_by;
        assert_eq!((solved_by.len(), solved_by[0].processor.as_str()), (1, "cpu"));
        bytes(&folder, &finished)
    };
    let expected = written(4_096, 1);
    assert!(expected.len() >= 4);
    for (batch_patients, in_flight) in [(70, 1), (70, 3), (33, 8)] {
        assert!(written(batch_patients, in_flight) == expected, "{batch_patients} x {in_flight}");
    }
}

#[test]
fn a_lost_device_leaves_a_run_that_resumes() {
    let job = quickstart(TWO_PARTS);
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("run");
    // The first call is the first patient alone; then 8 batches of the first part.
    let engine = Crowd { fault: Some((9, Fault::Lost)), ..Crowd::new(&job, 4_096, 3) };
    let problems = run_into(&folder, &job, &engine, Existing::Refuse, &mut |_, _| {}).unwrap_err();
    assert!(problems.to_string().contains("unplugged"), "{problems}");
    assert!(folder.join("run.json").is_file() && !folder.join("manifest.json").exists());
    let temporary = |set: Set| {
        let entries = std::fs::read_dir(folder.join(set.name())).into_iter().flatten();
        entries.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with('.')).count()
    };
    assert_eq!(Set::ALL.map(temporary), [0; Set::ALL.len()]);

    let engine = Crowd::new(&job, 4_096, 3);
    let resumed = run_into(&folder, &job, &engine, Existing::Resume, &mut |_, _| {}).unwrap();
    assert_eq!(resumed.manifest.outcomes.all.patients, 2 * TWO_PARTS);
    assert!(engine.calls.into_inner() <= 1 + 9, "finished parts are kept");
    let whole = scratch.path().join("whole");
    let finished =
        run_into(&whole, &job, &Crowd::new(&job, 4_096, 1), Existing::Refuse, &mut |_, _| {}).unwrap();
    assert!(bytes(&folder, &resumed) == bytes(&whole, &finished));
}

#[test]
fn a_panic_in_the_engine_ends_the_run() {
    let job = quickstart(1_000);
    let scratch = tempfile::tempdir().unwrap();
    let engine = Crowd { fault: Some((4, Fault::Panic)), ..Crowd::new(&job, 50, 3) };
    let folder = scratch.path().join("run");
    let ended = panic::catch_unwind(AssertUnwindSafe(|| {
        run_into(&folder, &job, &engine, Existing::Refuse, &mut |_, _| {}).is_ok()
    }));
    assert!(ended.is_err());
    assert!(!folder.join("outcomes/part-00000.parquet").exists());
}

#[test]
fn an_engine_that_fails_at_once_leaves_nothing() {
    let job = quickstart(10);
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("run");
    let engine = Crowd { fault: Some((0, Fault::Lost)), ..Crowd::new(&job, 10, 1) };
    assert!(run_into(&folder, &job, &engine, Existing::Refuse, &mut |_, _| {}).is_err());
    assert!(!folder.exists());
}
