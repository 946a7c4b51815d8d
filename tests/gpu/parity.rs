//! Shipped models on the device against the CPU in f64 at a tight tolerance: every endpoint of every
//! patient in every arm is within the contract, and none fails on the device.

use vpop::engine::audit::{Check, Reference};
use vpop::engine::cpu::Isa;
use vpop::engine::gpu::Adapter;
use vpop::engine::{Engine, Status};
use vpop::job::Job;
use vpop::outcome::audit::{Differences, Summary};
use vpop::plan::Method;

use crate::adapter::{gpu, is_slow};
use crate::common::{job, root};
use crate::device::shipped;
use crate::replay::replay;

pub(crate) fn phase1(adapter: &Adapter) {
    let patients = if is_slow(adapter) { 400 } else { 2_000 };
    let job = shipped("phase1.toml", patients);
    let summary = assert_holds(adapter, &job, patients);
    assert_eq!(summary.patient_arms, patients * 5);
}

/// Courses with the doses decided on the way and with the same doses fixed: steps differ where a held dose
/// was looked at.
pub(crate) fn the_ledger_replayed(adapter: &Adapter) {
    let job = shipped("phase1.toml", 500);
    let engine = gpu(&job.plan, adapter);
    let (difference, changed) = replay(&job, &engine, 500);
    assert!(difference < 1e-3, "{difference}");
    assert!(changed > 1000, "{changed}");
}

/// The binding model in the population of phase I: what the implicit method is for.
pub(crate) fn binding(adapter: &Adapter) {
    let patients = if is_slow(adapter) { 100 } else { 1_000 };
    let text = std::fs::read_to_string(root().join("cohorts/phase1.toml")).unwrap();
    let job = job(&text.replace("../models/aprutumab_ixadotin", "MODELS/aprutumab_ixadotin_binding"));
    stiff(adapter, &job, patients);
}

pub(crate) fn dar_chain(adapter: &Adapter) {
    stiff(adapter, &shipped("tusamitamab.toml", 500), 500);
}

pub(crate) fn target_mediated(adapter: &Adapter) {
    stiff(adapter, &shipped("tmdd.toml", 300), 300);
}

fn stiff(adapter: &Adapter, job: &Job, patients: u64) {
    assert_eq!(job.plan.method, Method::Rosenbrock, "{}", job.reason);
    assert_holds(adapter, job, patients);
}

pub(crate) fn one_compartment(adapter: &Adapter) {
    small(adapter, "one_compartment_infusion.R", ["Cc", "5"], "mg");
}

pub(crate) fn two_compartments(adapter: &Adapter) {
    small(adapter, "two_compartment_infusion.R", ["Cc", "5"], "mg");
}

pub(crate) fn three_compartments(adapter: &Adapter) {
    small(adapter, "three_compartment_infusion.R", ["Cc", "5"], "mg");
}

pub(crate) fn michaelis_menten(adapter: &Adapter) {
    small(adapter, "two_compartment_michaelis_menten.R", ["Cc", "5"], "mg");
}

pub(crate) fn tdm1(adapter: &Adapter) {
    small(adapter, "tdm1_lu_2014.R", ["Cc", "5"], "mg");
}

pub(crate) fn friberg(adapter: &Adapter) {
    small(adapter, "friberg_2002_paclitaxel.R", ["leukocytes", "3"], "umol");
}

/// A model that needs no covariates: an observable with a threshold, and the unit of doses.
fn small(adapter: &Adapter, model: &str, [of, threshold]: [&str; 2], unit: &str) {
    let endpoint = |name: &str, rest: &str| format!("[endpoints.{name}]\nof = \"{of}\"\n{rest}\n");
    let endpoints = [
        endpoint("largest", "statistic = \"max\"\non = \"continuous\""),
        endpoint("area", "statistic = \"auc\"\non = \"continuous\""),
        endpoint("area_of_visits", "statistic = \"auc\""),
        endpoint("smallest", "statistic = \"min\"\nwindow = [\"1 day\", \"42 day\"]"),
        endpoint("day_21", "statistic = \"value\"\nat = \"21 day\""),
        endpoint("measured", "statistic = \"max\"\nobserve = \"with_error\""),
        endpoint("time_below", &format!("statistic = \"time_below\"\nthreshold = {threshold}")),
        endpoint("longest_above", &format!("statistic = \"longest_above\"\nthreshold = {threshold}")),
        endpoint("first_above", &format!("statistic = \"first_above\"\nthreshold = {threshold}")),
    ];
    let patients = if is_slow(adapter) { 200 } else { 500 };
    let job = job(&format!(
        r#"
name = "small"
model = "MODELS/{model}"
patients = {patients}
seed = 1
[regimen]
arms = ["30 {unit}", "120 {unit}", "480 {unit}"]
into = ["central"]
infusion = "90 min"
every = "21 day"
cycles = 2
[visits]
every = "12 h"
{}"#,
        endpoints.concat()
    ));
    assert_holds(adapter, &job, patients);
}

fn assert_holds(adapter: &Adapter, job: &Job, patients: u64) -> Summary {
    let summary = differences(adapter, job, patients).summary();
    eprintln!("{} of {patients} patients on {adapter}\n{summary}", job.model.name);
    assert!(summary.holds);
    summary
}

/// Batch after batch of the patients, solved and compared.
fn differences(adapter: &Adapter, job: &Job, patients: u64) -> Differences {
    let level = Isa::detect();
    let engine = gpu(&job.plan, adapter);
    let terms = Check::Engine.terms(&job.plan, engine.rtol());
    let reference = Reference::new(&job.plan, level, terms, patients);
    let mut differences = Differences::new(&job.plan, terms);
    for first in (0..patients).step_by(engine.batch_patients() as usize) {
        let batch = first..patients.min(first + engine.batch_patients());
        let (_, individuals) = job.individuals(batch, level).unwrap();
        let solution = engine.solve(&individuals).unwrap();
        let failed = solution.status.iter().filter(|&&status| status != Status::Ok).count();
        assert_eq!(failed, 0, "items of the batch from patient {first} on");
        let items: Vec<usize> = (0..solution.status.len()).collect();
        let compared = reference.compare(&individuals, first, &solution, &items).unwrap();
        compared.into_iter().for_each(|comparison| differences.add(comparison));
    }
    differences
}
