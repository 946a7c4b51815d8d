//! Whole runs on the device with the CPU behind it.

use std::fs;
use std::path::Path;

use vpop::engine::Engine;
use vpop::engine::audit::Check;
use vpop::engine::cpu::{Cpu, Isa};
use vpop::engine::gpu::{Adapter, Fault, Faults, WithCpuFallback};
use vpop::job::Job;
use vpop::run::Settings;
use vpop::store::Existing;

use crate::adapter::{is_slow, with_fallback};
use crate::common::job;
use crate::device::{bytes, run_on, settings, shipped};
use crate::folders::{assert_outcomes_agree, engine_of, rows};

/// Patients of a full part.
pub(crate) const PART: u64 = 32_768;

/// One arm, one day, and endpoints that are values.
pub(crate) fn short(patients: u64) -> Job {
    job(&short_text(patients))
}

/// Its cohort file.
pub(crate) fn short_text(patients: u64) -> String {
    format!(
        r#"
name = "short"
model = "MODELS/one_compartment_infusion.R"
patients = {patients}
seed = 1
[regimen]
arms = ["100 mg"]
into = ["central"]
infusion = "1 h"
times = ["0 h"]
[visits]
every = "6 h"
until = "1 day"
[endpoints.largest]
of = "Cc"
statistic = "max"
on = "continuous"
[endpoints.area]
of = "Cc"
statistic = "auc"
[endpoints.day_1]
of = "Cc"
statistic = "value"
at = "1 day"
"#
    )
}

/// The run of the CPU in f64.
pub(crate) fn run_on_cpu(job: &Job, folder: &Path) {
    let settings = Settings { checks: &[], ..settings(folder) };
    run_on(&Cpu::new(&job.plan, Isa::detect()), job, &settings).unwrap();
}

pub(crate) fn twice_the_same_bytes(adapter: &Adapter) {
    let job = shipped("phase1.toml", if is_slow(adapter) { 100 } else { 300 });
    let scratch = tempfile::tempdir().unwrap();
    let [first, second, on_cpu] = ["first", "second", "cpu"].map(|name| scratch.path().join(name));
    let run = |folder: &Path| run_on(&with_fallback(&job.plan, adapter), &job, &settings(folder)).unwrap();
    let finished = run(&first);
    assert!(bytes(&first, &finished) == bytes(&second, &run(&second)));

    let [engine, integration] =
        [Check::Engine, Check::Integration].map(|check| finished.manifest.checked(check).unwrap());
    assert!(engine.holds && engine.patient_arms >= 256, "{engine}");
    let (method, patient_arms) = (integration.method.as_str(), integration.patient_arms);
    assert!(integration.holds && method == "rosenbrock" && patient_arms == 5 * 64, "{integration}");
    assert!(finished.manifest.engine.events.is_empty());

    run_on_cpu(&job, &on_cpu);
    let [of_gpu, of_cpu] = [&first, &on_cpu].map(|folder| folder.join("patients/part-00000.parquet"));
    assert!(rows(&of_gpu) == rows(&of_cpu));
    assert_eq!(engine_of(&of_gpu), with_fallback(&job.plan, adapter).name());
    assert!(engine_of(&of_cpu).starts_with("cpu"));
    assert_outcomes_agree(&job.plan, &first, &on_cpu);
}

/// The device fails for good in the third part, and may not be replaced: then the run goes on.
pub(crate) fn an_interrupted_run_resumes_to_the_same_bytes(adapter: &Adapter) {
    let job = short(2 * PART + 100);
    let scratch = tempfile::tempdir().unwrap();
    let [broken, whole] = ["broken", "whole"].map(|name| scratch.path().join(name));
    let engine = with_fallback(&job.plan, adapter);
    // The first patient alone, then whole parts.
    let before = 1 + 2 * PART.div_ceil(engine.batch_patients()) as usize;
    let faults = (0..before + 10).map(|batch| (batch >= before).then_some(Fault::Loss));
    let failing = adapter.clone().with_faults(Faults::new(faults));
    let without_fallback = WithCpuFallback::new(&job.plan, &failing, Isa::detect(), false).unwrap();
    let problems = run_on(&without_fallback, &job, &settings(&broken)).unwrap_err();
    assert!(problems.to_string().contains("was lost"), "{problems}");
    assert!(!broken.join("manifest.json").exists());
    let first_part = broken.join("outcomes/part-00000.parquet");
    let written = fs::metadata(&first_part).unwrap().modified().unwrap();

    let resume = Settings { existing: Existing::Resume, ..settings(&broken) };
    let resumed = run_on(&engine, &job, &resume).unwrap();
    assert_eq!(fs::metadata(&first_part).unwrap().modified().unwrap(), written, "it was kept");
    let finished = run_on(&engine, &job, &settings(&whole)).unwrap();
    assert!(bytes(&broken, &resumed) == bytes(&whole, &finished));
}
