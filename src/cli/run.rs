//! `vpop run`: the whole job.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::cohort::Cohort;
use crate::diagnostic::Problems;
use crate::engine::audit::Check;
use crate::engine::selection::OnFailure;
use crate::job::{Changes, Job};
use crate::run::{self, Finished, Settings, run};
use crate::store::{Existing, Manifest, Shard};
use crate::table::Table;

use super::engine::{EngineOptions, announce};
use super::progress::progress_bar;
use super::signals::{self, Stopping};
use super::streams::{answer, answer_json};
use super::{CohortOptions, DONE_WITH_FAILURES, ScenarioOptions, fail, problems, report, results, summary};

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
    /// Keep no rows of patients: statistics alone, as `outcomes = false` in [output].
    #[arg(long)]
    no_outcomes: bool,
    /// Run one share of the patients: 2/8 is the second of eight.
    #[arg(long, value_name = "I/N", value_parser = parse_shard)]
    shard: Option<Shard>,
    /// Go on with an interrupted run; with a finished one there is nothing to do.
    #[arg(long, conflicts_with = "force")]
    resume: bool,
    /// With --resume: make again what is damaged of the run that is there, finished or not.
    #[arg(long, requires = "resume")]
    repair: bool,
    /// Replace a run that is already there, which stays until the new one is finished.
    #[arg(long)]
    force: bool,
    /// Make its page, too, as `vpop report` does; that of an earlier run is replaced.
    #[arg(long)]
    report: bool,
}

/// Runs a cohort file.
pub fn main(options: &Options) -> ExitCode {
    options.cohort.file.start_threads();
    let said = execute(options).and_then(|done| said(options, &done));
    said.unwrap_or_else(|problems| fail(&problems, options.cohort.file.json))
}

/// A run that is finished, and where it is.
struct Done {
    job: Job,
    output: PathBuf,
    manifest: Manifest,
    /// Contents of `distributions.parquet`; none if it was finished already.
    distributions: Option<Table>,
}

fn execute(options: &Options) -> Result<Done, Problems> {
    let changes = Changes { no_outcomes: options.no_outcomes, ..options.cohort.file.changes() };
    let devices = options.engine.look();
    let job = options.cohort.load_with(changes)?;
    problems::warn(&job.notices);
    let output = options.output.clone().unwrap_or_else(|| PathBuf::from(RUNS).join(folder_name(&job.cohort)));
    let existing = match (options.force, options.resume, options.repair) {
        (true, ..) => Existing::Replace,
        (_, _, true) => Existing::Repair,
        (_, true, _) => Existing::Resume,
        _ => Existing::Refuse,
    };
    let isa = options.cohort.file.isa();
    let on_failure = if options.no_fallback { OnFailure::Abort } else { OnFailure::Fallback };
    let selected = options.engine.open(&devices, &job.program, isa, on_failure)?;
    announce(&selected);
    let checks = Check::of(selected.is_reference);
    let stop = signals::asked_first("go on with `--resume`");
    let settings = Settings { output: output.clone(), existing, shard: options.shard, isa, checks, stop };
    if existing == Existing::Resume
        && let Some(manifest) = run::finished(&job, &settings, &*selected.engine)?
    {
        return Ok(Done { job, output, manifest, distributions: None });
    }
    let bar = progress_bar("patients");
    let mut stopping = Stopping::new(&settings.stop, "the part that is being written is finished first");
    let finished = run(&job, &settings, &*selected.engine, &mut |done, total| {
        bar.set_length(total);
        bar.set_position(done);
        bar.suspend(|| stopping.tell_once());
    });
    bar.finish_and_clear();
    let Finished { manifest, distributions } = finished?;
    Ok(Done { job, output, manifest, distributions: Some(distributions) })
}

/// The run folder's name: the cohort's, and the scenario's if it is one.
fn folder_name(cohort: &Cohort) -> String {
    match &cohort.scenario {
        Some(scenario) => format!("{}-{scenario}", cohort.name),
        None => cohort.name.clone(),
    }
}

/// Says what came of it.
fn said(options: &Options, done: &Done) -> Result<ExitCode, Problems> {
    let Done { job, output, manifest, distributions } = done;
    let status = if manifest.failed() { ExitCode::from(DONE_WITH_FAILURES) } else { ExitCode::SUCCESS };
    let page = report::beside(output);
    if options.report {
        report::write(output, &page, true)?;
    }
    let CohortOptions { json, verbose, .. } = options.cohort.file;
    if json {
        return Ok(answer_json(&results::json(output, manifest)?, status));
    }
    let mut text = match distributions {
        Some(distributions) => summary::text(job, output, manifest, distributions, verbose),
        None => format!("the run in `{}` is finished already", output.display()),
    };
    if options.report {
        text += &format!("\n{}: open it in a browser", page.display());
    }
    Ok(answer(text, status))
}

fn parse_shard(text: &str) -> Result<Shard, String> {
    let numbers =
        text.split_once('/').and_then(|(i, n)| Some((i.parse::<u64>().ok()?, n.parse::<u64>().ok()?)));
    match numbers {
        Some((index, of)) if (1..=of).contains(&index) => Ok(Shard { index, of }),
        _ => Err("write it as 2/8: the second share of eight".into()),
    }
}
