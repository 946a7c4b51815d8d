//! Situations that a user would write, each with the right value and where that comes from. Every case is solved
//! by each method on the CPU in f64 and in f32, and on the device.

mod categories;
mod curve;
mod cutoffs;
mod doses;
mod dosing;
mod finite;
mod landings;
mod logarithms;
mod published;
mod rules;
mod scales;
mod sigmoid;
mod units;
mod windows;

use vpop::diagnostic::Source;
use vpop::engine::cpu::Isa;
use vpop::engine::{Engine, Solution, Status};
use vpop::job::Job;

/// One situation.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Where the right values come from: a closed form, another program, the wording of a standard.
    pub(crate) source: &'static str,
    /// The model file.
    pub(crate) model: String,
    /// The cohort file; its first patient is solved, without random effects.
    pub(crate) cohort: String,
    /// How each arm ends.
    pub(crate) status: Status,
    /// Arm, endpoint and its value in that arm; NaN where it is missing.
    pub(crate) values: Vec<(usize, &'static str, f64)>,
    /// Of the larger of a value and 1e-3 of the largest expected one, in f64; [`F32`] at least in f32.
    pub(crate) tolerance: f64,
}

/// The least tolerance in f32.
pub(crate) const F32: f64 = 2e-4;

/// Every case.
pub(crate) fn all() -> Vec<Case> {
    // One to a line.
    let themes: &[fn() -> Vec<Case>] = &[
        categories::cases,
        curve::cases,
        cutoffs::cases,
        doses::cases,
        dosing::cases,
        finite::cases,
        landings::cases,
        logarithms::cases,
        published::cases,
        rules::cases,
        scales::cases,
        sigmoid::cases,
        units::cases,
        windows::cases,
    ];
    themes.iter().flat_map(|theme| theme()).collect()
}

/// The job of a case, by a method of the solver instead of the one that it would choose.
pub(crate) fn job(case: &Case, method: Option<&str>) -> Job {
    let method = method.map_or(String::new(), |method| format!("\n[solver]\nmethod = \"{method}\"\n"));
    let cohort = match case.cohort.split_once("\n[solver]\n") {
        Some((before, after)) if !method.is_empty() => format!("{before}{method}{after}"),
        _ => format!("{}{method}", case.cohort),
    };
    // Grading tables are found beside the shipped cohorts.
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/cohorts/case.toml");
    Job::from_texts(&Source::new(file, cohort), &Source::new("case.R", case.model.as_str()))
        .unwrap_or_else(|problems| panic!("{}: {problems}", case.name))
}

/// How an engine's solution of a case differs from what is right.
pub(crate) fn faults(case: &Case, job: &Job, engine: &dyn Engine, least: f64) -> Vec<String> {
    let individuals = job.typical(Isa::detect()).unwrap();
    let solution = engine.solve(&individuals).unwrap();
    let mut faults = Vec::new();
    let mut fault = |text: String| {
        let engine = engine.name();
        faults.push(format!(
            "{} ({}) by {engine}, {}: {text}",
            case.name,
            case.source,
            job.plan.method.name()
        ));
    };
    if solution.status.iter().any(|&status| status != case.status) {
        fault(format!("{:?} instead of {:?}", solution.status, case.status));
    }
    let largest = case.values.iter().map(|(.., value)| value.abs()).fold(0.0, f64::max);
    for &(arm, endpoint, right) in &case.values {
        let found = value(case, job, &solution, arm, endpoint);
        let allowed = case.tolerance.max(least) * right.abs().max(1e-3 * largest);
        let is_right = if right.is_nan() { found.is_nan() } else { (found - right).abs() <= allowed };
        if !is_right {
            fault(format!("`{endpoint}` of arm {arm} is {found} instead of {right}"));
        }
    }
    faults
}

fn value(case: &Case, job: &Job, solution: &Solution, arm: usize, name: &str) -> f64 {
    let endpoint = job.plan.endpoints.iter().find(|endpoint| endpoint.name == name);
    let endpoint = endpoint.unwrap_or_else(|| panic!("{}: no endpoint `{name}`", case.name));
    solution.endpoint(endpoint.value, arm)
}
