//! `vpop merge`: shards become one run.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::merge::merge;
use crate::run::Finished;
use crate::store::Existing;

use super::progress::progress_bar;
use super::streams::{answer, answer_json};
use super::{DONE_WITH_FAILURES, fail, results, signals, summary};

/// What `vpop merge` takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The run folders of all shards, in any order.
    #[arg(required = true, value_name = "DIR")]
    shards: Vec<PathBuf>,
    /// The folder of the run that they become.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Replace a run that is already there.
    #[arg(long)]
    force: bool,
    /// Answer in JSON on standard output.
    #[arg(long)]
    json: bool,
    /// Say how it was solved, too: method, steps, what was checked.
    #[arg(short, long)]
    verbose: bool,
}

/// Makes one run of its shards.
pub fn main(options: &Options) -> ExitCode {
    let existing = if options.force { Existing::Replace } else { Existing::Refuse };
    let stop = signals::asked_first("merge the shards again");
    let bar = progress_bar("patients");
    let merged = merge(&options.shards, &options.output, existing, &stop, &mut |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    let (job, Finished { manifest, distributions }) = match merged {
        Ok(merged) => merged,
        Err(problems) => return fail(&problems, options.json),
    };
    let status = if manifest.failed() { ExitCode::from(DONE_WITH_FAILURES) } else { ExitCode::SUCCESS };
    if options.json {
        let json = results::json(&options.output, &manifest);
        return json.map_or_else(|problems| fail(&problems, true), |json| answer_json(&json, status));
    }
    answer(summary::text(&job, &options.output, &manifest, &distributions, options.verbose), status)
}
