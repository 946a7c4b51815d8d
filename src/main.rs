//! The `vpop` command.

use std::process::ExitCode;

#[cfg(feature = "gpu")]
use vpop::cli::devices;
use vpop::cli::{
    self, Command, check, compare, completions, export, man, merge, model, new, plot, report, run, runs,
    schema, signals, trial, verify,
};

fn main() -> ExitCode {
    signals::listen();
    let arguments = match cli::arguments() {
        Ok(arguments) => arguments,
        Err(status) => return status,
    };
    match arguments.command {
        Command::Run(options) => run::main(&options),
        Command::Check(options) => check::main(&options),
        Command::Compare(options) => compare::main(&options),
        Command::Runs(options) => runs::main(&options),
        Command::Merge(options) => merge::main(&options),
        Command::Report(options) => report::main(&options),
        Command::Plot(options) => plot::main(&options),
        Command::Export(options) => export::main(&options),
        Command::Trial(options) => trial::main(&options),
        Command::Verify(options) => verify::main(&options),
        #[cfg(feature = "gpu")]
        Command::Devices(options) => devices::main(&options),
        Command::Model(options) => model::main(&options),
        Command::New(options) => new::main(&options),
        Command::Schema(options) => schema::main(&options),
        Command::Completions(options) => completions::main(&options),
        Command::Man(options) => man::main(&options),
    }
}
