//! What the methods do in the shipped models: which one is chosen and why, and how much work it is.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use vpop::diagnostic::Source;
use vpop::engine::cpu::{Cpu, Isa};
use vpop::engine::{Engine, Status};
use vpop::job::Job;
use vpop::plan::Method;

fn read(path: &str) -> Arc<Source> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = std::fs::read_to_string(&path).unwrap();
    Source::new(path.display().to_string(), text)
}

/// A shipped model in a population: that of its shipped cohort, else the model's own.
fn job(model: &str) -> Job {
    let shipped = [
        ("aprutumab", "phase1"),
        ("one_compartment_oral", "tablets"),
        ("tmdd", "tmdd"),
        ("tusamitamab", "tusamitamab"),
        ("two_antibodies", "step_up"),
    ];
    let cohort = if let Some((_, name)) = shipped.iter().find(|(start, _)| model.starts_with(start)) {
        read(&format!("cohorts/{name}.toml"))
    } else {
        let dose = if model.starts_with("friberg") { "350 umol" } else { "250 mg" };
        let text = format!(
            "name = \"{model}\"\nmodel = \"{model}.R\"\npatients = 10\n[regimen]\narms = [\"{dose}\"]\ninto = \
             [\"central\"]\ninfusion = \"3 h\"\nevery = \"21 day\"\ncycles = 3\n[visits]\nevery = \"1 day\"\n"
        );
        Source::new("cohort.toml", text)
    };
    Job::from_texts(&cohort, &read(&format!("models/{model}.R")))
        .unwrap_or_else(|problems| panic!("{problems}"))
}

fn models() -> Vec<String> {
    let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("models")).unwrap();
    let mut models: Vec<String> = files
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    models.sort();
    models
}

/// The shipped models that are stiff.
const STIFF: [&str; 3] = ["aprutumab_ixadotin_binding", "tmdd_two_compartment", "tusamitamab_dar_chain"];

/// Those that are not, but less work for the implicit method: long stretches between doses, in which little happens.
const SMOOTH: [&str; 1] = ["friberg_2002_paclitaxel"];

/// Those that are as much work for either.
const EITHER: [&str; 1] = ["two_compartment_michaelis_menten"];

/// Those whose equations are linear.
const LINEAR: [&str; 6] = [
    "one_compartment_infusion",
    "one_compartment_oral_renal",
    "tdm1_lu_2014",
    "three_compartment_infusion",
    "two_antibodies",
    "two_compartment_infusion",
];

#[test]
fn the_method_suits_the_model() {
    let mut table = String::new();
    for model in models() {
        let job = job(&model);
        let _ = writeln!(table, "{model}: {} ({})", job.plan.method.name(), job.reason);
        let expected = match model.as_str() {
            either if EITHER.contains(&either) => continue,
            stiff if STIFF.contains(&stiff) || SMOOTH.contains(&stiff) => Method::Rosenbrock,
            linear if LINEAR.contains(&linear) => Method::ClosedForm,
            _ => Method::Tsit5,
        };
        assert_eq!(job.plan.method, expected, "{model}: {}", job.reason);
    }
}

/// Steps and rejections of ten patients. Each attempt of the Rosenbrock method is one Jacobian and one
/// factorisation.
#[test]
fn work_in_the_shipped_models() {
    // The same on every processor.
    let baseline: Isa = "baseline".parse().unwrap();
    let mut table = String::new();
    for model in models() {
        let mut job = job(&model);
        let (_, individuals) = job.individuals(0..10, baseline).unwrap();
        for method in [Method::Tsit5, Method::Rosenbrock] {
            if method == Method::Tsit5 && STIFF.contains(&model.as_str()) {
                continue;
            }
            job.plan.method = method;
            let solution = Cpu::new(&job.plan, baseline).solve(&individuals).unwrap();
            assert!(solution.status.iter().all(|&status| status == Status::Ok), "{model}");
            let items = solution.status.len() as u32;
            let mean = |counts: &[u32]| counts.iter().sum::<u32>() / items;
            let (steps, rejected) = (mean(&solution.steps), mean(&solution.rejected));
            let name = method.name();
            let _ = writeln!(table, "{model}, {name}: {steps} steps, {rejected} rejected");
            if method == Method::Rosenbrock {
                let _ = writeln!(table, "  {} Jacobians and factorisations", steps + rejected);
            }
        }
    }
    insta::assert_snapshot!(table);
}
