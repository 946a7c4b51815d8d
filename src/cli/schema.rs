//! `vpop schema`: the cohort file's JSON schema.

use std::process::ExitCode;

/// Prints the schema.
pub fn main() -> ExitCode {
    super::print(format_args!("{:#}", crate::cohort::schema()));
    ExitCode::SUCCESS
}
