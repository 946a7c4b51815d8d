//! `vpop run`: the whole job.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::cohort::Cohort;
use crate::diagnostic::Problems;
use crate::engine::audit::Check;
use crate::engine::selection::Failures;
use crate::job::Job;
use crate::run::{Finished, Settings, run};
use crate::store::{Existing, Shard};

use super::engine::{EngineOptions, announce};
use super::progress::progress_bar;
use super::{DONE_WITH_FAILURES, ScenarioOptions, fail, print, print_json, problems, summary};

/// Folder of the runs, unless another is named.
pub(super) const RUNS: &str = "runs";

/// What `vpop run` takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    cohort: ScenarioOptions,
    #[command(flatten)]
    engine: EngineOptions,
    /// Stop, ready to be resumed, when a device fails, instead of going on on the CPU.
    #[arg(long)]
    no_fallback: bool,
    /// The run folder [default: runs/ and the cohort's name, and the scenario's if it is one].
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Run one share of the patients: 2/8 is the second of eight.
    #[arg(long, value_name = "I/N", value_parser = parse_shard)]
    shard: Option<Shard>,
    /// Go on with an interrupted run.
    #[arg(long, conflicts_with = "force")]
    resume: bool,
    /// Replace a run that is already there.
    #[arg(long)]
    force: bool,
}

/// Runs a cohort file.
pub fn main(options: &Options) -> ExitCode {
    options.cohort.file.start_threads();
    match execute(options) {
        Ok((job, output, finished)) => report(options, &job, &output, &finished),
        Err(problems) => fail(&problems, options.cohort.file.json),
    }
}

fn execute(options: &Options) -> Result<(Job, PathBuf, Finished), Problems> {
    let job = options.cohort.load()?;
    problems::warn(&job.notices);
    let output = options.output.clone().unwrap_or_else(|| PathBuf::from(RUNS).join(folder_name(&job.cohort)));
    let existing = match (options.force, options.resume) {
        (true, _) => Existing::Replace,
        (false, true) => Existing::Resume,
        (false, false) => Existing::Refuse,
    };
    let level = options.cohort.file.level();
    let failures = if options.no_fallback { Failures::Stop } else { Failures::Mended };
    let selected = options.engine.open(&job.plan, level, failures)?;
    announce(&selected);
    let checks = Check::of(selected.is_reference);
    let settings = Settings { output: output.clone(), existing, shard: options.shard, level, checks };
    let bar = progress_bar("patients");
    let finished = run(&job, &settings, &*selected.engine, &mut |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    Ok((job, output, finished?))
}

/// The run folder's name: the cohort's, and the scenario's if it is one.
fn folder_name(cohort: &Cohort) -> String {
    match &cohort.scenario {
        Some(scenario) => format!("{}-{scenario}", cohort.name),
        None => cohort.name.clone(),
    }
}

fn report(options: &Options, job: &Job, output: &std::path::Path, finished: &Finished) -> ExitCode {
    if options.cohort.file.json {
        print_json(&finished.manifest);
    } else {
        print(summary::text(job, output, finished));
    }
    if finished.manifest.failed() { ExitCode::from(DONE_WITH_FAILURES) } else { ExitCode::SUCCESS }
}

fn parse_shard(text: &str) -> Result<Shard, String> {
    let numbers =
        text.split_once('/').and_then(|(i, n)| Some((i.parse::<u64>().ok()?, n.parse::<u64>().ok()?)));
    match numbers {
        Some((index, of)) if (1..=of).contains(&index) => Ok(Shard { index, of }),
        _ => Err("write it as 2/8: the second share of eight".into()),
    }
}
