//! A run writes the same bytes whatever is in flight, and stops cleanly at the first error.

use std::panic::{self, AssertUnwindSafe};

use crate::device::{Device, Fault, TWO_PARTS, bytes, run_on, settings, shipped};
use vpop::engine::Processor;
use vpop::engine::audit::Check;
use vpop::run::{Settings, run};
use vpop::store::{Existing, Set};

#[test]
fn the_same_bytes_whatever_is_in_flight() {
    let job = shipped("quickstart.toml", 1_000);
    let scratch = tempfile::tempdir().unwrap();
    let written = |batch_patients, in_flight| {
        let folder = scratch.path().join(format!("{batch_patients}-{in_flight}"));
        let engine = Device { batch_patients, in_flight, ..Device::new(&job.plan) };
        let mut seen = Vec::new();
        let mut progress = |done, total| seen.push((done, total));
        let finished = run(&job, &settings(&folder), &engine, &mut progress).unwrap();
        assert!(seen.is_sorted() && seen.last() == Some(&(1_000, 1_000)), "{seen:?}");
        let solved_by = &finished.manifest.outcomes.all.solved_by;
        assert_eq!((solved_by.len(), solved_by[0].processor.as_str()), (1, "gpu"));
        bytes(&folder, &finished)
    };
    let expected = written(4_096, 1);
    assert_eq!(expected.len(), 5);
    for (batch_patients, in_flight) in [(70, 1), (70, 3), (33, 8)] {
        assert!(written(batch_patients, in_flight) == expected, "{batch_patients} x {in_flight}");
    }
}

#[test]
fn a_lost_device_leaves_a_run_that_resumes() {
    let job = shipped("quickstart.toml", TWO_PARTS);
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("run");
    // The first call is the first patient alone; then 8 batches of the first part.
    let broken = Device { in_flight: 3, fault: Some((9, Fault::Lost)), ..Device::new(&job.plan) };
    let problems = run_on(&broken, &job, &settings(&folder)).unwrap_err();
    assert!(problems.to_string().contains("unplugged"), "{problems}");
    assert!(folder.join("run.json").is_file() && !folder.join("manifest.json").exists());
    let temporary = |set: Set| {
        let entries = std::fs::read_dir(folder.join(set.name())).into_iter().flatten();
        entries.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with('.')).count()
    };
    assert_eq!(Set::ALL.map(temporary), [0; Set::ALL.len()]);

    let mended = Device { in_flight: 3, ..Device::new(&job.plan) };
    let resume = Settings { existing: Existing::Resume, ..settings(&folder) };
    let resumed = run_on(&mended, &job, &resume).unwrap();
    assert_eq!(resumed.manifest.outcomes.all.patients, 2 * TWO_PARTS);
    assert!(mended.calls.into_inner() <= 1 + 9, "finished parts are kept");
    let whole = scratch.path().join("whole");
    let finished = run_on(&Device::new(&job.plan), &job, &settings(&whole)).unwrap();
    assert!(bytes(&folder, &resumed) == bytes(&whole, &finished));
    assert_eq!(resumed.manifest.audit, finished.manifest.audit);
    // Two arms; one patient in a hundred; 64 patients.
    let audited = |check| finished.manifest.checked(check).unwrap().patient_arms;
    assert_eq!([Check::Engine, Check::Integration].map(audited), [2 * TWO_PARTS.div_ceil(100), 2 * 64]);
}

#[test]
fn an_audit_that_was_lost_is_made_again() {
    let job = shipped("quickstart.toml", TWO_PARTS);
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("run");
    let finished = run_on(&Device::new(&job.plan), &job, &settings(&folder)).unwrap();
    let before = bytes(&folder, &finished);
    std::fs::remove_file(folder.join("manifest.json")).unwrap();
    std::fs::remove_file(folder.join("audit/part-00001.parquet")).unwrap();
    let engine = Device::new(&job.plan);
    let resume = Settings { existing: Existing::Resume, ..settings(&folder) };
    let problems = run_on(&engine, &job, &resume).unwrap_err();
    assert!(problems.to_string().ends_with("audit/part-00001.parquet is missing"), "{problems}");
    let engine = Device::new(&job.plan);
    let repair = Settings { existing: Existing::Repair, ..resume };
    let resumed = run_on(&engine, &job, &repair).unwrap();
    assert!(bytes(&folder, &resumed) == before);
    assert_eq!(engine.calls.into_inner(), 2, "the first patient and the second part");
}

#[test]
fn a_panic_in_the_engine_ends_the_run() {
    let job = shipped("quickstart.toml", 1_000);
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("run");
    let fault = Some((4, Fault::Panic));
    let engine = Device { batch_patients: 50, in_flight: 3, fault, ..Device::new(&job.plan) };
    let run = AssertUnwindSafe(|| run_on(&engine, &job, &settings(&folder)).is_ok());
    assert!(panic::catch_unwind(run).is_err());
    assert!(!folder.join("outcomes/part-00000.parquet").exists());
}

#[test]
fn an_engine_that_fails_at_once_leaves_nothing() {
    let job = shipped("quickstart.toml", 10);
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("run");
    let engine = Device { fault: Some((0, Fault::Lost)), ..Device::new(&job.plan) };
    assert!(run_on(&engine, &job, &settings(&folder)).is_err());
    assert!(!folder.exists());
}

#[test]
fn a_device_and_the_cpu_are_not_the_same_run() {
    let job = shipped("quickstart.toml", 10);
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("run");
    let engine = Device { processor: Processor::Cpu, ..Device::new(&job.plan) };
    run_on(&engine, &job, &settings(&folder)).unwrap();
    std::fs::remove_file(folder.join("manifest.json")).unwrap();
    let mut loose = job.plan.clone();
    loose.rtol = 1e-4;
    let resume = Settings { existing: Existing::Resume, ..settings(&folder) };
    let problems = run_on(&Device::new(&loose), &job, &resume).unwrap_err();
    assert!(problems.to_string().contains("rtol was 1e-6 and is now 1e-4"), "{problems}");
}
