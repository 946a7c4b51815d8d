//! `vpop plot`: one figure of a report, alone.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::report;
use crate::store::write_text;

use super::fail;
use super::streams::answer;

/// What `vpop plot` takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The folder of a finished run.
    run: PathBuf,
    /// The figure: toxicity, grades, exposure, courses, exposure-response, tumour, survival, dosing, subgroups or
    /// population.
    figure: String,
    /// The picture to write (SVG) [default: the figure's name and `.svg`].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace a file that is already there.
    #[arg(long)]
    force: bool,
}

/// Writes the picture.
pub fn main(options: &Options) -> ExitCode {
    let output = options.output.clone().unwrap_or_else(|| format!("{}.svg", options.figure).into());
    let figure = report::figure(&options.run, &options.figure);
    match figure.and_then(|figure| Ok(write_text(&output, &figure.alone(), options.force)?)) {
        Ok(()) => answer(format!("{}: written", output.display()), ExitCode::SUCCESS),
        Err(problems) => fail(&problems, false),
    }
}
