//! `vpop completions`: what a shell needs to complete the arguments of this program.

use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use super::Arguments;
use super::streams::answer;

/// What `vpop completions` takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the completions.
pub fn main(options: &Options) -> ExitCode {
    let mut script = Vec::new();
    generate(options.shell, &mut Arguments::command(), "vpop", &mut script);
    answer(String::from_utf8_lossy(&script), ExitCode::SUCCESS)
}
