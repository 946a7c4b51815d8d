//! Devices that fail in the middle of a run: the run is whole all the same, and says so.

use vpop::engine::gpu::{Adapter, Fault, Faults};
use vpop::store::Manifest;

use crate::adapter::guarded;
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
    let manifest = run_on(&guarded(&job.plan, &adapter), &job, &settings(&folder)).unwrap().manifest;
    assert!(!manifest.failed(), "{:?}", manifest.audit);
    assert_eq!(manifest.outcomes.all.patients, PART + 100);
    run_on_cpu(&job, &on_cpu);
    assert_outcomes_agree(&job.plan, &folder, &on_cpu);
    manifest
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
