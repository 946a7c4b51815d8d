//! `vpop plot`: one figure of a report, alone.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use crate::diagnostic::Problems;
use crate::report::{self, ReportError};
use crate::store::write_file;

use super::fail;
use super::streams::{answer, answer_json};

/// Endings of pictures that are not written.
const OTHERS: [&str; 8] = ["jpg", "jpeg", "tif", "tiff", "webp", "gif", "pdf", "eps"];

/// What `vpop plot` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = figures())]
pub struct Options {
    /// The folder of a finished run, comparison or set of trials.
    run: PathBuf,
    /// The figure, as `toxicity`; `--help` lists all of them.
    figure: String,
    /// The picture to write, SVG or PNG by its ending [default: the figure's name and `.svg`].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// How wide a PNG is.
    #[arg(long, value_name = "PIXELS", default_value_t = 1740, value_parser = clap::value_parser!(u32).range(100..=20_000))]
    width: u32,
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
    if OTHERS.contains(&ending.as_str()) {
        return Err(ReportError::Ending { file: output.display().to_string() }.into());
    }
    let figure = report::figure(&options.run, &options.figure)?;
    let picture = if ending == "png" { figure.png(options.width)? } else { figure.alone().into_bytes() };
    Ok(write_file(output, &picture, options.force)?)
}

/// What the figures are called.
fn figures() -> String {
    let [runs, comparisons, trials] = report::names().map(|names| names.join(", "));
    format!("Figures of runs: {runs}\nFigures of comparisons: {comparisons}\nFigures of trials: {trials}")
}
