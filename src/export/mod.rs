//! The rows of a finished run in forms that other programs read: NONMEM's, and tables flavoured as ADaM's.

mod adam;
mod cohort;
mod nonmem;
mod observed;
mod source;

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::diagnostic::{Cause, Problems, did_you_mean};
use crate::store::{Set, TableWriter};
use crate::table::Table;
use source::Source;

/// What a file is to be like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Events and simulated observations, in NONMEM's columns.
    Nonmem,
    /// Concentrations, flavoured as ADaM's ADPC.
    Adpc,
    /// Laboratory values, flavoured as ADaM's ADLB.
    Adlb,
    /// Doses, flavoured as ADaM's ADEX.
    Adex,
}

/// What to export, and where to.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The folder of a finished run.
    pub run: PathBuf,
    /// What the file is to be like.
    pub form: Form,
    /// Which of the columns that were read are taken; all if empty.
    pub of: Vec<String>,
    /// The column that becomes DV; the first with residual error, else the first, if none is named.
    pub dv: Option<String>,
    /// CSV or Parquet, by its ending.
    pub output: PathBuf,
    /// Whether a file that is already there is replaced.
    pub replace: bool,
}

/// Why a run cannot be exported.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The run has no rows of this kind.
    #[error("{} has no set `{set}`", run.display())]
    NoSet {
        /// The run.
        run: PathBuf,
        /// The set.
        set: &'static str,
    },
    /// A column that was not read.
    #[error("{} has no column `{column}` in its set `{set}`", run.display())]
    NoColumn {
        /// The run.
        run: PathBuf,
        /// The set.
        set: &'static str,
        /// The column.
        column: String,
        /// A similar one, as a question, or all of them.
        hint: String,
    },
    /// Doses before time 0 that no one record stands for.
    #[error(
        "arm `{arm}` begins at the steady state of several doses, or of one into several states, for which NONMEM has no record"
    )]
    SteadyState {
        /// The arm.
        arm: String,
    },
    /// A drug that is infused at one rate here and at another there: the ledger does not say at which.
    #[error("the drug{} is infused at several rates", if drug.is_empty() { String::new() } else { format!(" `{drug}`") })]
    SeveralRates {
        /// Its name; empty of the only one.
        drug: String,
    },
}

impl Cause for ExportError {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::NoSet { set: "doses", .. } => "run it again with `doses = true` in [output]".into(),
            Self::NoSet { .. } => "run it again with a table [output.trajectories]".into(),
            Self::NoColumn { hint, .. } => hint.clone(),
            Self::SteadyState { .. } => {
                "write so many of the doses before time 0 out that the state no longer changes, and begin the trial after them".into()
            }
            Self::SeveralRates { .. } => "give the infusions by their durations, or make drugs of them".into(),
        })
    }
}

/// Writes the file; how many rows it has.
///
/// # Errors
/// A run that is not finished, or damaged, or has not what is asked for; a disk that fails.
pub fn export(settings: &Settings) -> Result<u64, Problems> {
    let source = Source::open(settings)?;
    let mut file = ExportFile { settings, writer: None, rows: 0 };
    match settings.form {
        Form::Nonmem if source.job.sampler.data().is_some() => nonmem::write(&source, settings, &mut file)?,
        Form::Nonmem => cohort::write(&source, settings, &mut file)?,
        Form::Adpc | Form::Adlb => adam::observations(&source, settings, &mut file)?,
        Form::Adex => adam::doses(&source, &mut file)?,
    }
    file.finish()
}

/// The file on its way: its columns are those of the first rows.
struct ExportFile<'a> {
    settings: &'a Settings,
    writer: Option<TableWriter>,
    rows: u64,
}

impl ExportFile<'_> {
    fn write(&mut self, table: &Table) -> Result<(), Problems> {
        let Settings { output, replace, .. } = self.settings;
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => none.insert(TableWriter::create(output, &crate::store::Field::of(table), *replace)?),
        };
        self.rows += table.rows() as u64;
        Ok(writer.write(table)?)
    }

    fn finish(self) -> Result<u64, Problems> {
        let Some(writer) = self.writer else {
            let set = if self.settings.form == Form::Adex { Set::Doses } else { Set::Observations };
            return Err(ExportError::NoSet { run: self.settings.run.clone(), set: set.name() }.into());
        };
        writer.finish()?;
        Ok(self.rows)
    }
}

/// A column that is there, or what is said of one that is not.
fn known(run: &Path, set: Set, name: &str, columns: &[String]) -> Result<usize, ExportError> {
    columns.iter().position(|column| column == name).ok_or_else(|| {
        let similar = did_you_mean(name, columns.iter().map(String::as_str));
        let hint = similar.unwrap_or_else(|| format!("its columns are {}", columns.join(", ")));
        ExportError::NoColumn { run: run.to_owned(), set: set.name(), column: name.into(), hint }
    })
}
