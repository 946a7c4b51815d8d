//! `vpop schema`: the cohort file's JSON schema.

use std::process::ExitCode;

/// Prints the schema.
pub fn main() -> ExitCode {
    println!("{:#}", crate::cohort::schema());
    ExitCode::SUCCESS
}
