//! `vpop new`: a cohort file to begin with.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use thiserror::Error;

use crate::diagnostic::{Cause, Problem};
use crate::{draft, model};

use super::streams::{answer, tell};
use super::{fail, problems};

/// What `vpop new` takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The model file.
    model: PathBuf,
    /// The data set (CSV or Parquet, in NONMEM's columns) that doses, times and covariates are to come from.
    #[arg(long, value_name = "DATA")]
    data: Option<PathBuf>,
    /// A second table (CSV or Parquet: ID, TIME and covariates) with covariates of DATA at times of their own.
    #[arg(long, value_name = "FILE", requires = "data")]
    covariates: Option<PathBuf>,
    /// The cohort file to write [default: print it].
    #[arg(short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The cohort file cannot be written.
#[derive(Debug, Error)]
enum WriteError {
    /// There is one already.
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// The system refuses.
    #[error("cannot write {}: {}", .0.display(), .1)]
    Refused(PathBuf, std::io::Error),
}

impl Cause for WriteError {
    fn help(&self) -> Option<String> {
        match self {
            Self::Exists(_) => Some("give another name by `-o`, or remove it".into()),
            Self::Refused(..) => None,
        }
    }

    fn is_of_input(&self) -> bool {
        matches!(self, Self::Exists(_))
    }
}

/// Writes or prints a cohort file for a model.
pub fn main(options: &Options) -> ExitCode {
    let model = match model::load(&options.model) {
        Ok(model) => model,
        Err(problems) => return fail(&problems, false),
    };
    problems::tell(&model.notices);
    let text = |path: &dyn Fn(&Path) -> String| match &options.data {
        Some(data) => {
            let files = draft::DataFiles {
                file: path(data),
                covariates: options.covariates.as_deref().map(path),
                replicates: 1,
            };
            draft::of_data(&model, &draft::name_of_data(data), &path(&options.model), &files)
        }
        None => draft::cohort(&model, &path(&options.model)),
    };
    let Some(output) = &options.output else {
        return answer(text(&draft::slashed), ExitCode::SUCCESS);
    };
    let text = text(&|path| from(output, path));
    match write(output, &text) {
        Ok(()) => {
            tell(format_args!("{} is written: vpop run {}", output.display(), output.display()));
            ExitCode::SUCCESS
        }
        Err(error) => fail(&Problem::new(error).into(), false),
    }
}

fn write(path: &Path, text: &str) -> Result<(), WriteError> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = file.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => WriteError::Exists(path.to_owned()),
        _ => WriteError::Refused(path.to_owned(), error),
    })?;
    file.write_all(text.as_bytes()).map_err(|error| WriteError::Refused(path.to_owned(), error))
}

/// How a file beside `output` finds another.
fn from(output: &Path, model: &Path) -> String {
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (Ok(folder), Ok(model)) = (folder.canonicalize(), model.canonicalize()) else {
        return draft::slashed(model);
    };
    let shared = folder.components().zip(model.components()).take_while(|(a, b)| a == b).count();
    if shared <= 1 {
        return draft::slashed(&model);
    }
    let up = folder.components().skip(shared).map(|_| Path::new(".."));
    draft::slashed(
        &up.chain(model.components().skip(shared).map(|part| Path::new(part.as_os_str())))
            .collect::<PathBuf>(),
    )
}
