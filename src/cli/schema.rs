//! `vpop schema`: the JSON schema of a kind of file.

use std::process::ExitCode;

use crate::{cohort, escalation};

use super::streams::answer_json;

/// What `vpop schema` takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The kind of file.
    #[arg(value_enum, default_value_t = File::Cohort)]
    file: File,
}

/// A kind of file.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum File {
    /// Cohort files, `cohorts/schema.json`.
    Cohort,
    /// Design files of `vpop trial`, `designs/schema.json`.
    Design,
}

/// Prints the schema.
pub fn main(options: &Options) -> ExitCode {
    let schema = match options.file {
        File::Cohort => cohort::schema(),
        File::Design => escalation::settings::schema(),
    };
    answer_json(&schema, ExitCode::SUCCESS)
}
