//! `vpop man`: the manual page of this program, or of one of its commands.

use std::process::ExitCode;

use clap::CommandFactory;
use clap_mangen::Man;

use super::streams::{answer, tell};
use super::{Arguments, BAD_INPUT, DONE_WITH_FAILURES};
use crate::diagnostic::did_you_mean;

/// What `vpop man` takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// A command; without it, the program as a whole.
    command: Option<String>,
}

/// Prints the page, in the language of `man`.
pub fn main(options: &Options) -> ExitCode {
    let mut all = Arguments::command();
    all.build();
    let page = match &options.command {
        None => all,
        Some(name) => match all.find_subcommand(name) {
            Some(command) => command.clone(),
            None => {
                let near = did_you_mean(name, all.get_subcommands().map(clap::Command::get_name));
                let help = near.map_or(String::new(), |near| format!("; {near}"));
                tell(format_args!("there is no command `{name}`{help}"));
                return ExitCode::from(BAD_INPUT);
            }
        },
    };
    let mut text = Vec::new();
    match Man::new(page).render(&mut text) {
        Ok(()) => answer(String::from_utf8_lossy(&text), ExitCode::SUCCESS),
        Err(cause) => {
            tell(cause);
            ExitCode::from(DONE_WITH_FAILURES)
        }
    }
}
