//! `vpop report`: finished results as one page that opens from disk.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use crate::diagnostic::Problems;
use crate::report;
use crate::store::write_file;

use super::fail;
use super::streams::{answer, answer_json};

/// What `vpop report` takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The folder of a finished run, comparison or set of trials.
    run: PathBuf,
    /// The page to write [default: report.html beside the folder, by its name].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace a file that is already there.
    #[arg(long)]
    force: bool,
    /// Answer in JSON on standard output.
    #[arg(long)]
    json: bool,
}

/// Writes the page.
pub fn main(options: &Options) -> ExitCode {
    let output = options.output.clone().unwrap_or_else(|| beside(&options.run));
    match write(&options.run, &output, options.force) {
        Ok(()) if options.json => answer_json(&json!({ "file": output }), ExitCode::SUCCESS),
        Ok(()) => answer(format!("{}: open it in a browser", output.display()), ExitCode::SUCCESS),
        Err(problems) => fail(&problems, options.json),
    }
}

/// The page beside a folder, by its name.
pub(super) fn beside(folder: &Path) -> PathBuf {
    let mut name = folder.components().collect::<PathBuf>().into_os_string();
    name.push("-report.html");
    name.into()
}

/// Writes the page of results, in the place of an earlier one only if that is to be replaced.
pub(super) fn write(folder: &Path, page: &Path, replace: bool) -> Result<(), Problems> {
    let text = report::html(folder)?;
    Ok(write_file(page, text.as_bytes(), replace)?)
}
