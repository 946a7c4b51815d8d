//! Patients of a data set: doses, observation times and covariates of their own.

use std::path::Path;
use std::sync::Arc;

use vpop::cohort;
use vpop::dataset::{Dose, Event, Input, Interpolation, Record, SteadyState, Subject};
use vpop::diagnostic::Source;
use vpop::engine::cpu::{Cpu, Isa};
use vpop::engine::{Engine, RecordedPatients, Solution, Status, recorded};
use vpop::model;
use vpop::plan::{self, Plan, RecordedData};
use vpop::population::Patients;

mod against_scipy;
mod nonmem;

/// A plan of patients who are read as `of`, with tight tolerances.
fn plan(model: &str, of: &[&str], data: &RecordedData) -> Plan {
    let model = model::parse(&Source::new("model.R", model)).unwrap_or_else(|problems| panic!("{problems}"));
    let of: Vec<String> = of.iter().map(|name| format!("\"{name}\"")).collect();
    let cohort = format!(
        r#"
name = "records"
model = "model.R"
patients = 1
[regimen]
arms = ["0 mg"]
into = []
[visits]
until = "1 day"
[output.trajectories]
patients = 1
of = [{}]
[solver]
rtol = 1e-11
atol = 1e-12
max_steps = 1000000
"#,
        of.join(", ")
    );
    let cohort = cohort::parse(&Source::new("cohort.toml", cohort), Path::new("."));
    let cohort = cohort.unwrap_or_else(|problems| panic!("{problems}"));
    plan::build(&cohort, &model, &[], Some(data)).unwrap_or_else(|problems| panic!("{problems}"))
}

/// What is read of subjects without random effects, whose values are covariates of these names.
fn solve(plan: &Plan, names: &[&str], interpolation: Interpolation, subjects: Vec<Subject>) -> Solution {
    let count = subjects.len();
    let effects: Vec<Vec<f64>> = vec![vec![0.0; count]; 8];
    solve_with(plan, names, interpolation, subjects, effects)
}

fn solve_with(
    plan: &Plan,
    names: &[&str],
    interpolation: Interpolation,
    subjects: Vec<Subject>,
    effects: Vec<Vec<f64>>,
) -> Solution {
    let count = subjects.len();
    let patients = Patients {
        first: 0,
        count,
        covariates: vec![vec![f64::NAN; count]; plan.covariates.len()],
        effects,
        attempts: vec![1; count],
        columns: Vec::new(),
    };
    let in_records =
        plan.covariates.iter().map(|name| names.iter().position(|known| known == name)).collect();
    let subjects = subjects.into_iter().map(Arc::new).collect();
    let effect_on = |_: usize, _: usize, _: i64| None;
    let patients =
        RecordedPatients { patients: &patients, subjects, in_records, interpolation, effect_on: &effect_on };
    let individuals = recorded(plan, &patients, Isa::baseline());
    Cpu::new(plan, Isa::baseline()).solve(&individuals).unwrap()
}

fn record(time: f64, event: Event, values: &[f64]) -> Record {
    Record { row: 1, time, event, values: values.to_vec(), occasion: None, dv: None, mdv: false }
}

fn subject(records: Vec<Record>) -> Subject {
    Subject { id: "1".into(), records }
}
