//! Devices that fail in the middle of a run: the run is whole all the same, and says so.

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use vpop::engine::cpu::Isa;
use vpop::engine::gpu::{Adapter, Fault, Faults, Patience, WithCpuFallback};
use vpop::engine::{Engine, EngineError};
use vpop::store::Manifest;

use crate::adapter::with_fallback;
use crate::device::{run_on, settings};
use crate::folders::assert_outcomes_agree;
use crate::runs::{PART, run_on_cpu, short};

/// The manifest of a run whose batches fail as told; the first is the first patient alone, then there
/// are at least two.
fn run(adapter: &Adapter, faults: impl IntoIterator<Item = Option<Fault>>) -> Manifest {
    let job = short(PART + 100);
    let scratch = tempfile::tempdir().unwrap();
    let [folder, on_cpu] = ["run", "cpu"].map(|name| scratch.path().join(name));
    let adapter = adapter.clone().with_faults(Faults::new(faults));
    let manifest = run_on(&with_fallback(&job.plan, &adapter), &job, &settings(&folder)).unwrap().manifest;
    assert!(!manifest.failed(), "{:?}", manifest.audit);
    assert_eq!(manifest.outcomes.all.patients, PART + 100);
    run_on_cpu(&job, &on_cpu);
    assert_outcomes_agree(&job.plan, &folder, &on_cpu);
    manifest
}

/// An adapter that is taken for hung after so long once its shader is compiled.
fn impatient(adapter: &Adapter, later: Duration) -> Adapter {
    adapter.clone().with_patience(Patience { first: Duration::from_secs(600), later })
}

/// Patient-arms that a processor solved.
fn solved_by(manifest: &Manifest, processor: &str) -> u64 {
    let counts = &manifest.outcomes.all.solved_by;
    counts.iter().find(|count| count.processor == processor).map_or(0, |count| count.count)
}

/// That the one event is a device that was opened again, and that it then solved everything.
fn assert_opened_again(manifest: &Manifest, reason: &str) {
    let events = &manifest.engine.events;
    assert_eq!(events.len(), 1, "{events:?}");
    assert!(events[0].contains(reason) && events[0].ends_with("it was opened again"), "{events:?}");
    assert_eq!(solved_by(manifest, "gpu"), manifest.outcomes.all.patients);
}

pub(crate) fn a_lost_device_is_opened_again(adapter: &Adapter) {
    assert_opened_again(&run(adapter, [None, None, Some(Fault::Loss)]), "was lost");
}

pub(crate) fn a_refused_allocation_is_tried_again(adapter: &Adapter) {
    assert_opened_again(&run(adapter, [None, None, Some(Fault::Allocation)]), "refused the work");
}

pub(crate) fn a_device_that_keeps_failing_is_replaced(adapter: &Adapter) {
    let manifest = run(adapter, [None, None].into_iter().chain([Some(Fault::Loss); 20]));
    let events = &manifest.engine.events;
    assert!(events[0].ends_with("it was opened again"), "{events:?}");
    assert!(events[events.len() - 1].ends_with("the CPU solves the rest"), "{events:?}");
    assert!(solved_by(&manifest, "cpu") > 0);
}

pub(crate) fn memory_that_runs_out_halves_the_batches(adapter: &Adapter) {
    let manifest = run(adapter, [None, None, Some(Fault::OutOfMemory), Some(Fault::OutOfMemory)]);
    let events = &manifest.engine.events;
    assert!((1..=2).contains(&events.len()), "{events:?}");
    assert!(events.iter().all(|event| event.contains("is out of memory")), "{events:?}");
    assert!(events.iter().all(|event| event.ends_with("patients at a time from then on")), "{events:?}");
    assert_eq!(solved_by(&manifest, "gpu"), manifest.outcomes.all.patients);
}

pub(crate) fn a_batch_that_fits_stays_as_large(adapter: &Adapter) {
    let job = short(1_000);
    let faults = Faults::new([Some(Fault::OutOfMemory); 3]);
    let engine = with_fallback(&job.plan, &adapter.clone().with_faults(faults));
    let (_, individuals) = job.individuals(0..1_000, Isa::detect()).unwrap();
    let expected = with_fallback(&job.plan, adapter).solve(&individuals).unwrap();
    let got = engine.solve(&individuals).unwrap();
    assert_eq!(engine.batch_patients(), 125, "halved three times");
    assert_eq!((got.accumulators, got.solved_by), (expected.accumulators, expected.solved_by));
    assert_eq!(engine.events().len(), 3);
}

/// Far longer than the test is patient.
const LONG: Fault = Fault::Hang(Duration::from_secs(15));

pub(crate) fn a_device_that_hangs_is_no_lost_one(adapter: &Adapter) {
    let started = Instant::now();
    let adapter = impatient(adapter, Duration::from_secs(3));
    // Whether it can be opened again before it is done depends on what else this machine does.
    let events = run(&adapter, [None, None, Some(LONG)]).engine.events;
    assert!(events[0].contains("did not answer for 3 s; it "), "{events:?}");
    assert!(started.elapsed() < Duration::from_secs(120), "closing it waited: {:?}", started.elapsed());
}

pub(crate) fn only_the_first_answer_waits_for_the_compiler(adapter: &Adapter) {
    let hasty = Patience { first: Duration::from_millis(1), later: Duration::from_secs(60) };
    let job = short(1);
    let opened = WithCpuFallback::new(&job.plan, &adapter.clone().with_patience(hasty), Isa::detect(), true);
    assert!(matches!(opened, Err(EngineError::TimedOut { .. })), "{opened:?}");
}

/// Set for a process of this program that runs on a device which hangs for ever.
pub(crate) const HANGS: &str = "VPOP_TEST_HANGS";

/// A run on a device that hangs for ever.
pub(crate) fn hang(adapter: &Adapter) {
    let adapter = impatient(adapter, Duration::from_secs(2));
    let faults = [None, None].into_iter().chain([Some(Fault::Hang(Duration::from_secs(600))); 8]);
    let manifest = run(&adapter, faults);
    assert!(solved_by(&manifest, "cpu") > 0, "{:?}", manifest.engine.events);
}

pub(crate) fn a_device_that_hangs_lets_the_program_end(_: &Adapter) {
    let program = std::env::current_exe().unwrap();
    let mut child = Command::new(program).env(HANGS, "1").stderr(Stdio::inherit()).spawn().unwrap();
    for _ in 0..1_200 {
        if let Some(ended) = child.try_wait().unwrap() {
            assert!(ended.success(), "{ended}");
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
    child.kill().unwrap();
    panic!("it did not end");
}
