//! `vpop trial`: virtual dose escalations over a run, or from assumed probabilities.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::diagnostic::Problems;
use crate::escalation::question::{self, Origin, Question, Request};
use crate::escalation::results::{Settings, conduct};
use crate::escalation::run::Run;
use crate::escalation::settings;

use super::progress::progress_bar;
use super::run::RUNS;
use super::signals;
use super::streams::{answer, answer_json};
use super::{escalations, fail, plans, start_threads};

/// Trials of each design, unless so many are asked for.
pub(super) const REPLICATES: u64 = 10_000;

/// What `vpop trial` takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The folder of a finished run.
    #[arg(required_unless_present_any = ["true_dlt", "decision_table"], conflicts_with_all = ["true_dlt", "doses"])]
    run: Option<PathBuf>,
    /// A design file (TOML); again for each design [default: the standard designs].
    #[arg(long, value_name = "FILE")]
    design: Vec<PathBuf>,
    /// Trials of each design.
    #[arg(long, value_name = "N", default_value_t = REPLICATES, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    replicates: u64,
    /// Seed of every draw, instead of the run's.
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Assumed probabilities of dose-limiting toxicity, from the lowest dose, instead of a run.
    #[arg(long, value_name = "P,P", value_delimiter = ',')]
    true_dlt: Option<Vec<f64>>,
    /// Refused: what `--true-dlt` was called.
    #[arg(long, hide = true, value_name = "P,P", value_parser = renamed_to_true_dlt)]
    scenario: Option<Infallible>,
    /// What the doses of assumed probabilities are, as "10 mg,20 mg".
    #[arg(long, value_name = "DOSE,DOSE", value_delimiter = ',')]
    doses: Option<Vec<String>>,
    /// The dose that was thought to be active, instead of the run's.
    #[arg(long, value_name = "DOSE")]
    active_dose: Option<String>,
    /// Folder of the comparison that found the static dose [default: the one that the run is part of].
    #[arg(long, value_name = "DIR")]
    comparison: Option<PathBuf>,
    /// Patients who come in a month, on average, instead of the run's.
    #[arg(long, value_name = "N", value_parser = parse_rate)]
    patients_per_month: Option<f64>,
    /// Show what the designs decide, before any trial.
    #[arg(long)]
    decision_table: bool,
    /// Write the decision table of one design into a file, as [table] of a design file reads it.
    #[arg(long, value_name = "FILE", requires = "decision_table")]
    csv: Option<PathBuf>,
    /// The folder of the trials [default: the run's and `-trial`].
    #[arg(short, long, value_name = "DIR", conflicts_with = "decision_table")]
    output: Option<PathBuf>,
    /// Replace trials, or a decision table, that are already there.
    #[arg(long)]
    force: bool,
    /// Threads [default: one per core]. The results do not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Answer in JSON on standard output.
    #[arg(long)]
    json: bool,
}

/// Conducts the trials.
pub fn main(options: &Options) -> ExitCode {
    start_threads(options.threads);
    let done = if options.decision_table { decisions(options) } else { trials(options) };
    done.unwrap_or_else(|problems| fail(&problems, options.json))
}

fn trials(options: &Options) -> Result<ExitCode, Problems> {
    let question = Question::load(&request(options))?;
    let output = options.output.clone().unwrap_or_else(|| default_output(options.run.as_deref()));
    let stop = signals::asked_first("start again: what was there before is kept");
    let settings = Settings { output: output.clone(), replace: options.force, stop };
    let bar = progress_bar("trials");
    let finished = conduct(&question, &settings, &mut |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    let finished = finished?;
    let status = ExitCode::SUCCESS;
    Ok(match options.json {
        true => answer_json(&finished, status),
        false => answer(escalations::text(&output, &finished), status),
    })
}

fn decisions(options: &Options) -> Result<ExitCode, Problems> {
    let doses = match (&options.run, &options.true_dlt, &options.doses) {
        (Some(run), ..) => Run::open(run)?.doses,
        (None, Some(toxicity), doses) => question::doses(doses.as_deref(), toxicity.len())?,
        (None, None, Some(doses)) => question::doses(Some(doses), doses.len())?,
        (None, None, None) => question::doses(None, plans::LEVELS)?,
    };
    let designs = settings::load_all(&options.design, &doses)?;
    match &options.csv {
        Some(file) => plans::write(file, &designs, options.force).map(|()| ExitCode::SUCCESS),
        None => Ok(answer(plans::text(&designs, &doses), ExitCode::SUCCESS)),
    }
}

fn request(options: &Options) -> Request {
    let from = match (&options.run, &options.true_dlt) {
        (Some(run), _) => Origin::Run(run.clone()),
        (None, toxicity) => {
            Origin::Assumed { toxicity: toxicity.clone().unwrap_or_default(), doses: options.doses.clone() }
        }
    };
    Request {
        from,
        designs: options.design.clone(),
        replicates: options.replicates,
        seed: options.seed,
        active_dose: options.active_dose.clone(),
        comparison: options.comparison.clone(),
        patients_per_month: options.patients_per_month,
    }
}

/// Beside the run; among the runs, if there is none.
fn default_output(run: Option<&Path>) -> PathBuf {
    let name = run.and_then(|run| run.file_name());
    match (run, name) {
        (Some(run), Some(name)) => run.with_file_name(format!("{}-trial", name.to_string_lossy())),
        _ => PathBuf::from(RUNS).join("trial"),
    }
}

fn renamed_to_true_dlt(_: &str) -> Result<Infallible, String> {
    Err("give assumed probabilities with `--true-dlt P,P`; a scenario is one of a cohort file".into())
}

fn parse_rate(text: &str) -> Result<f64, String> {
    let rate = text.parse::<f64>().ok().filter(|rate| rate.is_finite() && *rate > 0.0);
    rate.ok_or_else(|| "write a number above 0".into())
}
