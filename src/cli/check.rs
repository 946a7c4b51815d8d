//! `vpop check`: everything that can be wrong, and what the run would cost; of a folder, whether its files are
//! those that were written.

mod beyond;
mod doses;
mod folder;

use std::process::ExitCode;

use serde_json::json;

use crate::cohort;
use crate::compare::spec::ComparisonSpec;
use crate::diagnostic::Problems;
use crate::engine::method::STIFF;
use crate::engine::program::Program;
use crate::job::{Changes, CohortFile, Job};
use crate::run::estimate::{Estimate, estimate};
use crate::store::NoticeSummary;

use beyond::Beyond;

use super::steps::{landings, largest_step};
use super::streams::{answer, answer_json};
use super::{ScenarioOptions, fail, problems};
use crate::readable::{bytes, count, duration};

/// What `vpop check` takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    cohort: ScenarioOptions,
}

/// Checks a cohort file.
pub fn main(options: &Options) -> ExitCode {
    options.cohort.file.start_threads();
    if options.cohort.file.cohort.is_dir() {
        return folder::main(&options.cohort.file.cohort, options.cohort.file.json);
    }
    match examine(options) {
        Ok((job, cost)) if options.cohort.file.json => answer_json(&cost.json(&job), ExitCode::SUCCESS),
        Ok((job, cost)) => {
            problems::tell(&job.notices);
            answer(cost.text(&job, options.cohort.file.verbose), ExitCode::SUCCESS)
        }
        Err(problems) => fail(&problems, options.cohort.file.json),
    }
}

/// What a run would cost, from a few of its patients.
struct Cost {
    engine: String,
    estimate: Estimate,
    /// What comparing the file's scenarios, and trials over the run, would take.
    beyond: Beyond,
}

fn examine(options: &Options) -> Result<(Job, Cost), Problems> {
    let (job, spec) = everything(options)?;
    // First, for it loads the drivers of the devices, as a run does.
    let engine = engine(&job.program);
    let estimate = estimate(&job, options.cohort.file.isa())?;
    let beyond = Beyond::foresee(&job, spec.as_ref(), &estimate)?;
    Ok((job, Cost { engine, estimate, beyond }))
}

/// The job, and what is compared if anything is, if nothing is wrong with the file, or with any of its scenarios, or
/// with what is asked of all of them.
fn everything(options: &Options) -> Result<(Job, Option<ComparisonSpec>), Problems> {
    let job = options.cohort.load();
    if options.cohort.scenario.is_some() || options.cohort.data.is_some() {
        return Ok((job?, None));
    }
    let file = &options.cohort.file;
    let mut problems = Vec::new();
    let job = job.map_err(|Problems(found)| problems = found).ok();
    let text = CohortFile::read(&file.cohort, &file.set);
    let scenarios = match text.map(|text| cohort::scenarios(text.source())) {
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
            let is_compared = !scenarios.is_empty() || job.cohort.uncertainty.is_some();
            let load = || ComparisonSpec::load(&file.cohort, &file.changes(), &[]);
            let spec = is_compared.then(load).transpose()?;
            Ok((job, spec))
        }
        _ => Err(Problems(problems)),
    }
}

/// What a run takes to solve its patients, and why.
#[cfg(feature = "gpu")]
fn engine(program: &Program) -> String {
    use crate::engine::{gpu, selection};

    let (taken, reason) = selection::automatic(&gpu::adapters(), Some(program));
    match gpu::fits(program) {
        Err(error) if !reason.contains(&error.to_string()) => format!("{taken}: {reason}; {error}"),
        _ => format!("{taken}: {reason}"),
    }
}

/// What a run takes to solve its patients, and why.
#[cfg(not(feature = "gpu"))]
fn engine(_: &Program) -> String {
    "the CPU: this vpop was built without GPU support".into()
}

impl Cost {
    fn text(&self, job: &Job, verbose: bool) -> String {
        let (plan, model) = (&job.plan, &job.model);
        let Estimate { seconds, disk, memory, screened_out, probed, failed } = self.estimate;
        let mut lines = vec![
            format!("{}: nothing wrong found", job.cohort.source.name),
            format!("  model       {} ({} states, {})", model.name, model.states.len(), model.source.name),
            format!("  patients    {}, seed {}", count(job.cohort.patients), job.cohort.seed),
            format!(
                "  arms        {}",
                plan.arms.iter().map(|a| a.label.as_str()).collect::<Vec<_>>().join(", ")
            ),
        ];
        lines.extend(doses::lines(&job.cohort));
        lines.extend([
            format!("  endpoints   {}", plan.endpoints.len()),
            format!("  screened    about {:.0} % of the candidates are not eligible", 100.0 * screened_out),
            format!("  engine      {}", self.engine),
            format!("  time        about {} on this machine's CPU", duration(seconds)),
            format!("  disk        about {}", bytes(disk as u64)),
            format!("  memory      about {}, where the CPU solves it", bytes(memory as u64)),
        ]);
        if let Some(data) = job.sampler.data() {
            let (ids, replicates) = (count(data.individuals() as u64), data.replicates);
            let records = count(data.records());
            let file = data.file().path.display();
            lines.insert(
                3,
                format!("  data        {file}: {ids} IDs, {records} records, {replicates} times each"),
            );
        }
        lines.extend(self.beyond.lines());
        if verbose {
            lines.push(format!("  method      {} ({})", plan.method.name(), job.reason));
            lines.extend(plan.switch_after.map(|after| {
                let after = count(after.into());
                format!("  switch      {} for patient-arms that take more than {after} steps", STIFF.name())
            }));
            lines.extend(landings(plan).map(|landings| format!("  steps end   {landings}")));
            lines.extend(largest_step(job).map(|step| format!("  max_step    {step}")));
        }
        if failed > 0 {
            lines.push(format!(
                "  WARNING     {failed} of the first {probed} patient-arms could not be solved; look at them with `vpop run --patients {}`",
                probed / plan.arms.len().max(1)
            ));
        }
        lines.join("\n")
    }

    fn json(&self, job: &Job) -> serde_json::Value {
        let Estimate { seconds, disk, memory, screened_out, probed, failed } = self.estimate;
        json!({
            "problems": [],
            "notices": job.notices.iter().map(NoticeSummary::from).collect::<Vec<_>>(),
            "cohort": job.cohort.name,
            "model": job.model.name,
            "states": job.model.states.len(),
            "patients": job.cohort.patients,
            "arms": job.plan.arms.iter().map(|a| &a.label).collect::<Vec<_>>(),
            "doses": doses::json(&job.cohort),
            "endpoints": job.plan.endpoints.iter().map(|e| &e.name).collect::<Vec<_>>(),
            "method": { "name": job.plan.method.name(), "reason": job.reason.to_string(), "switch_after": job.plan.switch_after },
            "engine": self.engine,
            "landings": landings(&job.plan),
            "max_step": job.plan.max_step,
            "estimates": {
                "screened_out_fraction": screened_out,
                "seconds": seconds,
                "bytes": disk.round(),
                "memory_bytes": memory.round(),
                "probed_patient_arms": probed,
                "failed_patient_arms": failed,
                "comparison": self.beyond.comparison_json(),
                "trials": self.beyond.trials_json(),
            },
        })
    }
}
