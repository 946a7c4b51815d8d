//! `vpop check`: everything that can be wrong, and what the run would cost.

use std::process::ExitCode;
use std::time::Instant;

use serde_json::json;

use crate::cohort;
use crate::compare::question::Question;
use crate::diagnostic::Problems;
use crate::engine::Engine;
use crate::engine::cpu::Cpu;
use crate::job::{Changes, Job};
use crate::outcome::rows;
use crate::plan::Plan;
use crate::store::NoticeSummary;

use super::quantity::{bytes, count, duration};
use super::steps::{landings, largest_step};
use super::streams::{answer, answer_json};
use super::{ScenarioOptions, fail, problems};

/// Patients that are solved to see how long one takes.
const PROBE_PATIENTS: u64 = 256;
/// Bytes of a number in a Parquet file, as found in runs of the shipped cohorts (8 before zstd).
const BYTES_PER_NUMBER: f64 = 7.0;

/// What `vpop check` takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    cohort: ScenarioOptions,
}

/// Checks a cohort file.
pub fn main(options: &Options) -> ExitCode {
    options.cohort.file.start_threads();
    match examine(options) {
        Ok((job, cost)) if options.cohort.file.json => answer_json(&cost.json(&job), ExitCode::SUCCESS),
        Ok((job, cost)) => {
            problems::tell(&job.notices);
            answer(cost.text(&job), ExitCode::SUCCESS)
        }
        Err(problems) => fail(&problems, options.cohort.file.json),
    }
}

/// What a run would cost, from a few of its patients.
struct Cost {
    screened_out: f64,
    seconds: f64,
    size: u64,
    failed: usize,
    probed: usize,
}

fn examine(options: &Options) -> Result<(Job, Cost), Problems> {
    let job = everything(options)?;
    let level = options.cohort.file.level();
    let probe = job.cohort.patients.min(PROBE_PATIENTS);
    let started = Instant::now();
    let (patients, individuals) = job.individuals(0..probe, level)?;
    let solution = Cpu::new(&job.plan, level).solve(&individuals)?;
    let seconds = started.elapsed().as_secs_f64() * job.cohort.patients as f64 / probe as f64;
    let drawn: u64 = patients.attempts.iter().map(|&n| u64::from(n)).sum();
    let cost = Cost {
        screened_out: 1.0 - probe as f64 / drawn as f64,
        seconds,
        size: size(&job, patients.columns.len()),
        failed: rows::failed(&job.plan, &solution),
        probed: solution.status.len(),
    };
    Ok((job, cost))
}

/// The job, if nothing is wrong with the file, or with any of its scenarios, or with what is asked of all of them.
fn everything(options: &Options) -> Result<Job, Problems> {
    let job = options.cohort.load();
    if options.cohort.scenario.is_some() {
        return job;
    }
    let file = &options.cohort.file;
    let mut problems = Vec::new();
    let job = job.map_err(|Problems(found)| problems = found).ok();
    let scenarios = match cohort::text(&file.cohort).map(|source| cohort::scenarios(&source)) {
        Ok(Ok(scenarios)) => scenarios,
        // What cannot be read has been said.
        _ => Vec::new(),
    };
    for scenario in &scenarios {
        let name = &scenario.name.value;
        let changes = Changes { scenario: Some(name.clone()), ..file.changes() };
        if let Err(found) = Job::load(&file.cohort, &changes) {
            cohort::add_new(&mut problems, found, name);
        }
    }
    match job {
        Some(job) if problems.is_empty() => {
            if !scenarios.is_empty() || job.cohort.uncertainty.is_some() {
                Question::load(&file.cohort, &file.changes(), &[])?;
            }
            Ok(job)
        }
        _ => Err(Problems(problems)),
    }
}

/// Estimated size of the run folder, bytes.
fn size(job: &Job, covariates: usize) -> u64 {
    let (plan, patients) = (&job.plan, job.cohort.patients as f64);
    let of_patients = patients * (covariates + plan.individual_parameters.len()) as f64;
    let arms = plan.arms.len() as f64;
    let of_outcomes = patients * arms * plan.endpoints.len() as f64;
    let of_courses = job.cohort.trajectories.as_ref().map_or(0.0, |t| {
        t.patients.min(job.cohort.patients) as f64 * arms * (t.times.len() * t.of.len()) as f64
    });
    (BYTES_PER_NUMBER * (of_patients + of_outcomes + of_courses)) as u64
}

/// What a run takes to solve its patients, and why.
#[cfg(feature = "gpu")]
fn engine(plan: &Plan) -> String {
    use crate::engine::{gpu, selection};

    let (taken, reason) = selection::automatic(&gpu::adapters(), Some(plan));
    match gpu::fits(plan) {
        Err(error) if !reason.contains(&error.to_string()) => format!("{taken}: {reason}; {error}"),
        _ => format!("{taken}: {reason}"),
    }
}

/// What a run takes to solve its patients, and why.
#[cfg(not(feature = "gpu"))]
fn engine(_: &Plan) -> &'static str {
    "the CPU: this vpop was built without GPU support"
}

impl Cost {
    fn text(&self, job: &Job) -> String {
        let (plan, model) = (&job.plan, &job.model);
        let mut lines = vec![
            format!("{}: nothing wrong found", job.cohort.source.name),
            format!("  model       {} ({} states, {})", model.name, model.states.len(), model.source.name),
            format!("  patients    {}, seed {}", count(job.cohort.patients), job.cohort.seed),
            format!(
                "  arms        {}",
                plan.arms.iter().map(|a| a.label.as_str()).collect::<Vec<_>>().join(", ")
            ),
            format!("  endpoints   {}", plan.endpoints.len()),
            format!(
                "  screened    about {:.0} % of the candidates are not eligible",
                100.0 * self.screened_out
            ),
            format!("  method      {} ({})", plan.method.name(), job.reason),
            format!("  engine      {}", engine(plan)),
            format!("  time        about {} on this machine's CPU", duration(self.seconds)),
            format!("  disk        about {}", bytes(self.size)),
        ];
        lines.extend(landings(plan).map(|landings| format!("  steps end   {landings}")));
        lines.extend(largest_step(job).map(|step| format!("  max_step    {step}")));
        if self.failed > 0 {
            lines.push(format!(
                "  WARNING     {} of the first {} patient-arms could not be solved; look at them with `vpop run --patients {PROBE_PATIENTS}`",
                self.failed, self.probed
            ));
        }
        lines.join("\n")
    }

    fn json(&self, job: &Job) -> serde_json::Value {
        json!({
            "problems": [],
            "notices": job.notices.iter().map(NoticeSummary::from).collect::<Vec<_>>(),
            "cohort": job.cohort.name,
            "model": job.model.name,
            "states": job.model.states.len(),
            "patients": job.cohort.patients,
            "arms": job.plan.arms.iter().map(|a| &a.label).collect::<Vec<_>>(),
            "endpoints": job.plan.endpoints.iter().map(|e| &e.name).collect::<Vec<_>>(),
            "method": { "name": job.plan.method.name(), "reason": job.reason.to_string() },
            "engine": engine(&job.plan),
            "landings": landings(&job.plan),
            "max_step": job.plan.max_step,
            "estimates": {
                "screened_out_fraction": self.screened_out,
                "seconds": self.seconds,
                "bytes": self.size,
                "probed_patient_arms": self.probed,
                "failed_patient_arms": self.failed,
            },
        })
    }
}
