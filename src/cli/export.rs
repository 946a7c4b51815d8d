//! `vpop export`: a finished run in forms that other programs read.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;

use crate::export::{self, Form, Settings};
use crate::readable::count;

use super::fail;
use super::streams::answer;

/// What `vpop export` takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The folder of a finished run.
    run: PathBuf,
    /// What the file is to be like.
    #[arg(long = "as", value_name = "FORM", default_value = "nonmem")]
    form: FormName,
    /// Columns that were read, with commas between them [default: all].
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    of: Vec<String>,
    /// The column that becomes DV, in NONMEM's form [default: the first with residual error].
    #[arg(long, value_name = "NAME")]
    dv: Option<String>,
    /// The file to write, .csv or .parquet [default: beside the run's folder, by its name and the form's].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace a file that is already there.
    #[arg(long)]
    force: bool,
}

/// The names of forms.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormName {
    /// Events and simulated observations, in NONMEM's columns.
    Nonmem,
    /// Concentrations, flavoured as ADaM's ADPC: one row per value.
    Adpc,
    /// Laboratory values, flavoured as ADaM's ADLB: with baseline and change.
    Adlb,
    /// Doses, flavoured as ADaM's ADEX.
    Adex,
}

impl FormName {
    fn form(self) -> Form {
        match self {
            Self::Nonmem => Form::Nonmem,
            Self::Adpc => Form::Adpc,
            Self::Adlb => Form::Adlb,
            Self::Adex => Form::Adex,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Nonmem => "nonmem",
            Self::Adpc => "adpc",
            Self::Adlb => "adlb",
            Self::Adex => "adex",
        }
    }
}

/// Writes the file.
pub fn main(options: &Options) -> ExitCode {
    let output = options.output.clone().unwrap_or_else(|| {
        let mut name = options.run.components().collect::<PathBuf>().into_os_string();
        name.push(format!("-{}.csv", options.form.name()));
        name.into()
    });
    let settings = Settings {
        run: options.run.clone(),
        form: options.form.form(),
        of: options.of.clone(),
        dv: options.dv.clone(),
        output,
        replace: options.force,
    };
    match export::export(&settings) {
        Ok(rows) => answer(format!("{}: {} rows", settings.output.display(), count(rows)), ExitCode::SUCCESS),
        Err(problems) => fail(&problems, false),
    }
}
