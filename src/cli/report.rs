//! `vpop report`: a finished run as one page that opens from disk.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::report;
use crate::store::write_text;

use super::fail;
use super::streams::answer;

/// What `vpop report` takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The folder of a finished run.
    run: PathBuf,
    /// The page to write [default: report.html beside the run's folder, by its name].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace a file that is already there.
    #[arg(long)]
    force: bool,
}

/// Writes the page.
pub fn main(options: &Options) -> ExitCode {
    let output = options.output.clone().unwrap_or_else(|| {
        let mut name = options.run.components().collect::<PathBuf>().into_os_string();
        name.push("-report.html");
        name.into()
    });
    let written = report::html(&options.run).and_then(|page| Ok(write_text(&output, &page, options.force)?));
    match written {
        Ok(()) => answer(format!("{}: open it in a browser", output.display()), ExitCode::SUCCESS),
        Err(problems) => fail(&problems, false),
    }
}
