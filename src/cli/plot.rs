//! `vpop plot`: one figure of a report, alone.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use crate::diagnostic::Problems;
use crate::report::{self, ReportError};
use crate::store::write_text;

use super::fail;
use super::streams::{answer, answer_json};

/// Endings of pictures that are pixels.
const RASTER: [&str; 6] = ["png", "jpg", "jpeg", "tif", "tiff", "webp"];

/// What `vpop plot` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = figures())]
pub struct Options {
    /// The folder of a finished run, comparison or set of trials.
    run: PathBuf,
    /// The figure, as `toxicity`; `--help` lists all of them.
    figure: String,
    /// The picture to write (SVG) [default: the figure's name and `.svg`].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace a file that is already there.
    #[arg(long)]
    force: bool,
    /// Answer in JSON on standard output.
    #[arg(long)]
    json: bool,
}

/// Writes the picture.
pub fn main(options: &Options) -> ExitCode {
    let output = options.output.clone().unwrap_or_else(|| format!("{}.svg", options.figure).into());
    match write(options, &output) {
        Ok(()) if options.json => answer_json(&json!({ "file": output }), ExitCode::SUCCESS),
        Ok(()) => answer(format!("{}: written", output.display()), ExitCode::SUCCESS),
        Err(problems) => fail(&problems, options.json),
    }
}

fn write(options: &Options, output: &Path) -> Result<(), Problems> {
    let ending = output.extension().and_then(OsStr::to_str).unwrap_or_default().to_lowercase();
    if RASTER.contains(&ending.as_str()) {
        return Err(ReportError::raster(&options.run, &options.figure, output).into());
    }
    let figure = report::figure(&options.run, &options.figure)?;
    Ok(write_text(output, &figure.alone(), options.force)?)
}

/// What the figures are called.
fn figures() -> String {
    let [runs, comparisons, trials] = report::names().map(|names| names.join(", "));
    format!("Figures of runs: {runs}\nFigures of comparisons: {comparisons}\nFigures of trials: {trials}")
}
