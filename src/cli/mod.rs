//! The commands: raw arguments in, resolved settings to the library, its answers to the terminal.
//!
//! Exit status: 0 done; 1 something in it failed, or the disk or a device did (it is said which); 2 bad
//! input or usage; 130 and 143 stopped by `SIGINT` and `SIGTERM`.

pub mod check;
pub mod compare;
mod comparison;
pub mod completions;
#[cfg(feature = "gpu")]
pub mod devices;
mod engine;
mod escalations;
mod excerpt;
pub mod export;
pub mod man;
pub mod merge;
pub mod model;
pub mod new;
mod plans;
pub mod plot;
mod problems;
mod progress;
pub mod report;
mod results;
pub mod run;
pub mod runs;
pub mod schema;
pub mod signals;
mod steps;
mod streams;
mod summary;
mod table;
pub mod trial;
pub mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::diagnostic::Problems;
use streams::answer_json;

/// Exit status where something failed.
const DONE_WITH_FAILURES: u8 = 1;
/// Exit status of bad input or usage, as clap's own.
const BAD_INPUT: u8 = 2;

/// Virtual trials: sample virtual patients, integrate a model for each at each dose, write
/// dose-outcome distributions to Parquet. For research only.
#[derive(Debug, Parser)]
#[command(name = "vpop", version, about)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a cohort file: sample, solve, write the run folder.
    Run(run::Options),
    /// Say everything that is wrong with a cohort file, and what its run would cost; or whether the files of a
    /// run folder are those that were written. Writes nothing.
    Check(check::Options),
    /// Run every scenario of a cohort file on the same patients, and say what differs.
    Compare(compare::Options),
    /// List the runs, comparisons and trials in a folder, with what they were.
    Runs(runs::Options),
    /// Make one run of its shards: the bytes that the whole run would have written.
    Merge(merge::Options),
    /// Make of a finished run, comparison or set of trials one page with its figures and the numbers behind them.
    Report(report::Options),
    /// Make one figure of a report, as a picture of its own.
    Plot(plot::Options),
    /// Write a finished run in a form that other programs read: NONMEM's columns, or tables flavoured as ADaM's.
    Export(export::Options),
    /// Virtual dose escalations over a run: which dose would a phase I trial have declared?
    Trial(trial::Options),
    /// Solve known cases on a device, and say whether it can be trusted.
    Verify(verify::Options),
    /// List the GPUs of this machine, and which one a run takes.
    #[cfg(feature = "gpu")]
    Devices(devices::Options),
    /// Show a model: states, parameters, covariates, what can be measured, and units.
    Model(model::Options),
    /// Write a cohort file for a model, to begin with: it runs at once, and what is guessed says so.
    New(new::Options),
    /// Print the JSON schema of the cohort file, or of design files, for editors.
    Schema(schema::Options),
    /// Print what a shell needs to complete the arguments of this program.
    Completions(completions::Options),
    /// Print the manual page of this program, or of one of its commands.
    Man(man::Options),
}

/// What of a cohort file the command line may change.
#[derive(Debug, Clone, clap::Args)]
pub struct CohortOptions {
    /// The cohort file (TOML); `-` reads it from standard input.
    pub cohort: PathBuf,
    /// Give a key of the file another value, as in the file: --set 'regimen.arms=["50 mg"]'. May be given again; what is no
    /// value of TOML is taken as a text, and an element of a list is its number from 1.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Number of virtual patients, instead of the file's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=u64::from(u32::MAX)))]
    pub patients: Option<u64>,
    /// Seed of every draw, instead of the file's.
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// Instruction set of the CPU engine: baseline, avx2-interpreted, avx2, avx512-interpreted or avx512 [default: the best there is].
    #[arg(long, value_name = "LEVEL", value_parser = parse_level)]
    pub simd: Option<crate::engine::cpu::Isa>,
    /// Threads [default: one per core]. The results do not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Answer in JSON on standard output.
    #[arg(long)]
    pub json: bool,
    /// Say how it is solved, too: method, steps, what was checked.
    #[arg(short, long)]
    pub verbose: bool,
}

impl CohortOptions {
    /// What is changed of the file.
    fn changes(&self) -> crate::job::Changes {
        crate::job::Changes {
            scenario: None,
            patients: self.patients,
            seed: self.seed,
            set: self.set.clone(),
            no_outcomes: false,
            isa: self.simd,
        }
    }

    /// The instruction set to use.
    fn isa(&self) -> crate::engine::cpu::Isa {
        self.simd.unwrap_or_else(crate::engine::cpu::Isa::detect)
    }

    /// Sets the number of threads.
    fn start_threads(&self) {
        start_threads(self.threads);
    }
}

/// Sets the number of threads, which is set once in a process.
fn start_threads(threads: Option<u16>) {
    if let Some(threads) = threads {
        // Fails only if the pool exists already, which is then the one that was asked for.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build_global();
    }
}

/// A cohort file, or one scenario of it.
#[derive(Debug, Clone, clap::Args)]
pub struct ScenarioOptions {
    #[command(flatten)]
    file: CohortOptions,
    /// A data set (CSV or Parquet, in NONMEM's columns) for a model: then the first file is a model, and no cohort file
    /// is needed.
    #[arg(value_name = "DATA")]
    data: Option<PathBuf>,
    /// A second table (CSV or Parquet: ID, TIME and covariates) with covariates of DATA at times of their own.
    #[arg(long, value_name = "FILE", requires = "data")]
    covariates: Option<PathBuf>,
    /// How often each individual of DATA is simulated, each time with random effects of its own [default: 1].
    #[arg(long, value_name = "N", requires = "data", value_parser = clap::value_parser!(u32).range(1..))]
    replicates: Option<u32>,
    /// The scenario of the cohort file; without it, the file without its scenarios.
    #[arg(long, value_name = "NAME", conflicts_with = "data")]
    scenario: Option<String>,
}

impl ScenarioOptions {
    /// Reads and checks the cohort and its model.
    fn load(&self) -> Result<crate::job::Job, Problems> {
        self.load_with(self.file.changes())
    }

    /// The same with these changes, and the scenario.
    fn load_with(&self, changes: crate::job::Changes) -> Result<crate::job::Job, Problems> {
        let changes = crate::job::Changes { scenario: self.scenario.clone(), ..changes };
        match &self.data {
            Some(file) => {
                let replicates = self.replicates.unwrap_or(1);
                let data = crate::job::ModelData { file, covariates: self.covariates.as_deref(), replicates };
                crate::job::Job::of_data(&self.file.cohort, &data, &changes)
            }
            None => crate::job::Job::load(&self.file.cohort, &changes),
        }
    }
}

fn parse_level(text: &str) -> Result<crate::engine::cpu::Isa, String> {
    text.parse::<crate::engine::cpu::Isa>().map_err(|error| error.to_string())
}

/// The command line, or the status to end with: help is an answer, too.
///
/// # Errors
/// The exit status where there is nothing to do.
pub fn arguments() -> Result<Arguments, ExitCode> {
    Arguments::try_parse().map_err(|said| match said.print() {
        Err(cause) if !said.use_stderr() => streams::not_written(&cause, ExitCode::SUCCESS),
        _ if said.use_stderr() => ExitCode::from(BAD_INPUT),
        _ => ExitCode::SUCCESS,
    })
}

/// Shows what is wrong and ends with the status for bad input, for a machine that failed, or for a signal.
fn fail(found: &Problems, json: bool) -> ExitCode {
    let status = match found.signal() {
        Some(signal) => signal.exit_status(),
        None if found.is_of_input() => BAD_INPUT,
        None => DONE_WITH_FAILURES,
    };
    if json {
        return answer_json(&problems::json(found), ExitCode::from(status));
    }
    problems::show(found);
    ExitCode::from(status)
}
