//! Every run is checked against a closer integration: one whose numbers are right passes, one whose steps went
//! past something, or were too coarse, is told.

use crate::common::vpop;
use crate::device::{Device, run_on, settings, shipped};
use vpop::diagnostic::Source;
use vpop::engine::audit::Check;
use vpop::engine::cpu::{Cpu, Isa, Precision};
use vpop::engine::{Processor, Status};
use vpop::job::Job;
use vpop::outcome::audit::Summary;
use vpop::plan::Method;
use vpop::run::Settings;
use vpop::store::Manifest;

/// A turnover at rest at 1, with the loss 0.1/h, and a clock: a state, so that nothing tells before the run when
/// its inflow changes.
fn turnover(inflow: &str, observed: &str) -> String {
    format!(
        "turnover <- function() {{
  units <- list(time = \"hour\", dosing = \"mg\")
  ini({{
    kout <- 0.1; label(\"Loss (1/h)\")
    eta ~ 0.04
  }})
  model({{
    loss <- kout * exp(eta)
    x(0) <- 1
    d/dt(clock) <- 1
    inflow <- {inflow}
    d/dt(x) <- loss - loss * x + inflow
    observed <- {observed}
  }})
}}
"
    )
}

/// 60 days of a turnover, looked at every week.
fn cohort(patients: u64, rest: &str) -> String {
    format!(
        r#"
name = "turnover"
model = "turnover.R"
patients = {patients}
seed = 3
[regimen]
arms = ["0 mg"]
into = ["x"]
infusion = "bolus"
[visits]
every = "7 day"
until = "60 day"
[endpoints.area]
of = "observed"
statistic = "auc"
on = "continuous"
[endpoints.last]
of = "observed"
statistic = "value"
at = "56 day"
{rest}
"#
    )
}

fn job(model: &str, cohort: &str) -> Job {
    Job::from_texts(&Source::new("turnover.toml", cohort), &Source::new("turnover.R", model))
        .unwrap_or_else(|problems| panic!("{problems}"))
}

/// The manifest of a run on the CPU in f64.
pub(crate) fn on_cpu(job: &Job) -> Manifest {
    let scratch = tempfile::tempdir().unwrap();
    let settings = Settings { checks: Check::of(true), ..settings(&scratch.path().join("run")) };
    run_on(&Cpu::new(&job.plan, Isa::detect()), job, &settings).unwrap().manifest
}

fn integration(manifest: &Manifest) -> &Summary {
    manifest.checked(Check::Integration).unwrap()
}

fn failing(summary: &Summary) -> Vec<&str> {
    summary.endpoints.iter().filter(|e| !e.holds).map(|e| e.endpoint.as_str()).collect()
}

#[test]
fn a_run_whose_numbers_are_right_passes() {
    let job = shipped("phase1.toml", 100);
    let manifest = on_cpu(&job);
    assert_eq!(manifest.audit.len(), 1);
    let found = integration(&manifest);
    assert!(found.holds && !manifest.failed(), "{found}");
    assert_eq!((found.method.as_str(), found.patient_arms, found.unsolved), ("rosenbrock", 5 * 64, 0));
    assert!((found.rtol / 1e-7 - 1.0).abs() < 1e-12);
    let largest = |name: &str| {
        let endpoint = found.endpoints.iter().find(|e| e.endpoint == name).unwrap();
        endpoint.differences.unwrap().max
    };
    for name in ["cmax_c1", "haemoglobin_min", "sld_change_day_42"] {
        assert!((1e-12..2e-4).contains(&largest(name)), "{name}: {}", largest(name));
    }
    assert!(found.line().contains("the largest relative difference"), "{}", found.line());
}

/// A pulse of an hour, and a smooth bump, in 60 days in which nothing else happens: areas are too small by a
/// quarter, 500 in 1440 + 500.
#[test]
fn what_was_stepped_over_is_found() {
    for inflow in ["ifelse(clock >= 100 & clock < 101, 50, 0)", "50 * exp(-((clock - 700.3) / 0.5)^2)"] {
        for patients in [1, 64] {
            let manifest = on_cpu(&job(&turnover(inflow, "x"), &cohort(patients, "")));
            let found = integration(&manifest);
            assert!(manifest.failed() && !found.holds, "{inflow}, {patients} patients: {found}");
            assert_eq!(failing(found), ["area"]);
            assert_eq!(found.patient_arms, patients);
            let worst = found.worst.as_ref().unwrap();
            assert!((worst.engine.unwrap() - 1440.0).abs() < 1e-6 && worst.reference.unwrap() > 1600.0);
            assert!(found.verdict().contains("endpoints: area; the worst: area of patient"), "{found}");
        }
    }
}

/// The same with a patient's own time for it, and in f32, which is compared with the CPU in f64 too: that makes the
/// same mistake.
#[test]
fn only_other_steps_find_it() {
    let inflow = "50 * exp(-((clock - 700.3 - 100 * eta) / 0.3)^2)";
    let job = job(&turnover(inflow, "x"), &cohort(64, ""));
    let engine = Cpu::with_precision(&job.plan, Isa::detect(), Precision::F32);
    let scratch = tempfile::tempdir().unwrap();
    let manifest = run_on(&engine, &job, &settings(&scratch.path().join("run"))).unwrap().manifest;
    assert!(manifest.checked(Check::Engine).unwrap().holds);
    assert_eq!(failing(integration(&manifest)), ["area"]);
}

#[test]
fn a_tolerance_that_is_too_loose_is_told() {
    let mut job = shipped("phase1.toml", 64);
    job.plan.rtol = 0.5;
    let manifest = on_cpu(&job);
    let found = integration(&manifest);
    assert!(manifest.failed() && !found.holds && found.rtol == 1e-6, "{found}");
}

/// Amounts of nanograms, to which the file gives the scale of grams, are below the absolute tolerance: nothing is
/// controlled.
#[test]
fn what_lies_below_the_absolute_tolerance_is_told() {
    let inflow = "1e-9 * exp(-((clock - 20) / 5)^2) - loss";
    let model =
        turnover(inflow, "x").replace("x(0) <- 1", "x(0) <- 1e-9").replace("loss * x", "loss * 20 * x");
    let manifest = on_cpu(&job(&model, &cohort(64, "[solver.scale]\nx = 1\n")));
    assert!(!integration(&manifest).holds, "{}", integration(&manifest));
    let scaled = on_cpu(&job(&model, &cohort(64, "")));
    assert!(integration(&scaled).holds, "{}", integration(&scaled));
}

/// Nothing but rounding is left of a change from baseline at rest.
#[test]
fn rounding_is_no_difference() {
    for observed in ["x - 1", "100 * (x / 1 - 1)", "log(x)"] {
        let manifest = on_cpu(&job(&turnover("0", observed), &cohort(64, "")));
        assert!(!manifest.failed(), "{observed}: {}", integration(&manifest));
    }
}

/// The slope of a power below 1 is infinite at 0, where the implicit method cannot start.
#[test]
fn what_the_implicit_method_cannot_solve_is_solved_by_the_runs_own() {
    let model = turnover("0.1 * clock^0.5 / (10 + clock^0.5)", "x");
    let job = job(&model, &cohort(64, "[solver]\nmethod = \"tsit5\"\n"));
    assert_eq!(job.plan.method, Method::Tsit5);
    let manifest = on_cpu(&job);
    assert!(!manifest.failed() && integration(&manifest).patient_arms == 64, "{}", integration(&manifest));
}

#[test]
fn what_the_run_did_not_solve_is_counted_apart() {
    let job = shipped("quickstart.toml", 64);
    let scratch = tempfile::tempdir().unwrap();
    let engine = Device {
        processor: Processor::Cpu,
        distort: Box::new(|solution| solution.status[0] = Status::MaxSteps),
        ..Device::new(&job.plan)
    };
    let settings = Settings { checks: Check::of(true), ..settings(&scratch.path().join("run")) };
    let manifest = run_on(&engine, &job, &settings).unwrap().manifest;
    let found = integration(&manifest);
    assert!(manifest.failed() && found.holds, "{found}");
    assert_eq!((found.patient_arms, found.unsolved), (127, 1));
    assert!(found.verdict().contains("1 patient-arms that the run did not solve"), "{found}");
}

/// The exit status, the terminal, `--json` and the manifest of the program.
#[test]
fn the_program_says_so() {
    let scratch = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(scratch.path().join(name), text).unwrap();
    write("turnover.R", &turnover("ifelse(clock >= 100 & clock < 101, 50, 0)", "x"));
    write("turnover.toml", &cohort(64, ""));
    let [file, output] = ["turnover.toml", "run"].map(|name| scratch.path().join(name).display().to_string());
    let run = |more: &[&str]| {
        let done = vpop(&[&["run", &file, "--backend", "cpu", "-o", &output], more].concat());
        (done.status.code(), String::from_utf8_lossy(&done.stdout).into_owned())
    };
    let (status, text) = run(&[]);
    assert_eq!(status, Some(1), "{text}");
    for said in
        ["integration check: 64 patient-arms", "MORE THAN IS PROMISED (0.1 %); endpoints: area", "do not use"]
    {
        assert!(text.contains(said), "{said}: {text}");
    }
    let (status, text) = run(&["--force", "--json"]);
    assert_eq!(status, Some(1), "{text}");
    let printed: serde_json::Value = serde_json::from_str(&text).unwrap();
    let written = std::fs::read(scratch.path().join("run/manifest.json")).unwrap();
    let written: serde_json::Value = serde_json::from_slice(&written).unwrap();
    for manifest in [printed, written] {
        let audit = &manifest["audit"][0];
        assert_eq!((&audit["check"], &audit["holds"]), (&"integration".into(), &false.into()));
        assert_eq!(audit["endpoints"][0]["endpoint"], "area");
        assert!(audit["endpoints"][0]["differences"]["max"].as_f64().unwrap() > 0.1, "{audit}");
    }

    write("turnover.R", &turnover("0", "x"));
    let (status, text) = run(&["--force"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("within what is promised (0.1 %)"), "{text}");
}
