//! The data set: what is said of it, and what cannot be said beside it.

use std::ops::Range;
use std::path::Path;

use thiserror::Error;

use super::super::raw::{CohortFile, DataTable, InterpolationName, Text};
use super::super::report::{KeyError, Report, Section};
use super::super::spanned::{Entries, Spanned};
use super::super::{Data, Interpolation};
use super::general;
use crate::diagnostic::Cause;
use crate::unit::{Base, Unit};

/// How often an individual may be simulated.
const MOST_REPLICATES: u32 = 10_000_000;

/// What can be wrong with what is said of a data set.
#[derive(Debug, Error)]
pub enum DataError {
    /// A key that has no meaning beside a data set.
    #[error("`{key}` cannot stand beside [data]")]
    Beside {
        /// The key.
        key: &'static str,
    },
    /// A unit that is not one of time.
    #[error("`{unit}` is not a unit of time")]
    TimeUnit {
        /// As it is written.
        unit: String,
    },
    /// Columns of a file that is not named.
    #[error("`covariate_columns` are those of `covariate_file`, which is not there")]
    ColumnsOfNothing,
    /// An item or column named twice.
    #[error("`{name}` is named twice")]
    Twice {
        /// The name.
        name: String,
    },
}

impl Cause for DataError {
    fn help(&self) -> Option<String> {
        Some(
            match self {
                Self::Beside { key: "patients" } => {
                    "patients are the IDs of the file, times `replicates`; `--patients N` takes the first N"
                }
                Self::Beside { key: "regimen" | "arms" | "drugs" | "visits" } => {
                    "doses and times are those of the file: leave it out, or leave [data] out"
                }
                Self::Beside { key: "output.trajectories" } => {
                    "what is read at each observation is said by `of = [...]` in [data]"
                }
                Self::Beside { key: "eligibility" | "population.rows" } => {
                    "the patients are those of the file"
                }
                Self::Beside { .. } => {
                    "it is looked at at visits, and a data set has none; read the set `observations` instead"
                }
                Self::TimeUnit { .. } => "write `s`, `min`, `h`, `day` or `week`",
                Self::ColumnsOfNothing => "name the file, or leave them out",
                Self::Twice { .. } => "name it once",
            }
            .into(),
        )
    }
}

/// The data set of a file.
pub(super) fn check(file: &CohortFile, folder: &Path, report: &mut Report) -> Option<Data> {
    let table = file.data.as_ref()?;
    let section = Section::new("data", &table.span);
    for (key, span) in beside(file, &table.span) {
        report.add(&span, DataError::Beside { key });
    }
    let DataTable {
        file,
        replicates,
        covariates,
        covariate_file,
        covariate_columns,
        columns,
        time_unit,
        units,
        keep,
        given,
        of,
    } = &table.value;
    let file = report.required("file", file, &section).cloned();
    let file = file.and_then(|file| general::path("file", &file, folder, report));
    let replicates =
        replicates.as_ref().map_or(Some(1), |n| report.count("replicates", n, [1, MOST_REPLICATES]));
    let covariates = covariates.map_or_else(Interpolation::default, |name| match name {
        InterpolationName::Locf => Interpolation::Forward,
        InterpolationName::Nocb => Interpolation::Backward,
        InterpolationName::Linear => Interpolation::Linear,
    });
    let time_unit = time_unit.as_ref().map(|text| self::time_unit(text, report));
    let covariate_file =
        covariate_file.as_ref().map(|file| general::path("covariate_file", file, folder, report));
    if let (None, Some((name, _))) = (&covariate_file, covariate_columns.iter().flat_map(|all| &all.0).next())
    {
        report.add(&name.span, DataError::ColumnsOfNothing);
    }
    let covariate_columns = entries(covariate_columns.as_ref(), report);
    let columns = entries(columns.as_ref(), report);
    let units = entries(units.as_ref(), report);
    let keep = list(keep.as_deref(), report).unwrap_or_default();
    let given = list(given.as_deref(), report);
    let of = of.as_ref().map_or_else(Vec::new, |of| report.expressions("of", of));
    let time_unit = match time_unit {
        Some(unit) => Some(unit?),
        None => None,
    };
    Some(Data {
        file: file?,
        replicates: replicates?,
        covariates,
        covariate_file: match covariate_file {
            Some(file) => Some(file?),
            None => None,
        },
        covariate_columns,
        columns,
        time_unit,
        units,
        keep,
        given,
        of,
        span: table.span.clone(),
    })
}

/// Keys of the file that a data set takes the place of, and that mean nothing beside it.
fn beside(file: &CohortFile, data: &Range<usize>) -> Vec<(&'static str, Range<usize>)> {
    let mut found = Vec::new();
    let mut add =
        |key: &'static str, span: Option<&Range<usize>>| found.extend(span.map(|span| (key, span.clone())));
    let first = |names: Option<&Range<usize>>| names.cloned();
    add("patients", file.patients.as_ref().map(|value| &value.span));
    add("regimen", file.regimen.as_ref().map(|table| &table.span));
    add("arms", file.arms.as_ref().map(|arms| &arms.span));
    let drugs = file.drugs.as_ref().and_then(|all| all.0.first()).map(|(name, _)| &name.span);
    add("drugs", first(drugs).as_ref());
    add("visits", file.visits.as_ref().map(|table| &table.span));
    add("population.rows", file.population.as_ref().and_then(|p| p.rows.as_ref()).map(|rows| &rows.span));
    let require = file.eligibility.as_ref().and_then(|table| table.require.as_ref());
    add("eligibility", require.and_then(|list| list.first()).map(|text| &text.span));
    add("grades", file.grades.as_ref().map(|table| &table.span));
    add("dlt", file.dlt.as_ref().map(|table| &table.span));
    let events = file.events.as_ref().and_then(|all| all.0.first()).map(|(name, _)| &name.span);
    add("events", first(events).as_ref());
    add("response", file.response.as_ref().map(|table| &table.span));
    let exposure = file.exposure_response.as_ref().and_then(|all| all.first()).map(|table| &table.span);
    add("exposure_response", exposure);
    add("uncertainty", file.uncertainty.as_ref().map(|table| &table.span));
    add("compare", file.compare.as_ref().map(|table| &table.span));
    add("trial", file.trial.as_ref().map(|_| data));
    let output = file.output.as_ref();
    add("output.trajectories", output.and_then(|o| o.trajectories.as_ref()).map(|table| &table.span));
    add("output.doses", output.and_then(|o| o.doses).map(|_| data));
    found
}

fn time_unit(text: &Text, report: &mut Report) -> Option<Spanned<Unit>> {
    let unit = Unit::known(&text.value).filter(|unit| unit.is_a(&Base::Time));
    if unit.is_none() {
        report.add(&text.span, DataError::TimeUnit { unit: text.value.clone() });
    }
    unit.map(|value| Spanned { value, span: text.span.clone() })
}

fn entries(table: Option<&Entries<Text>>, report: &Report) -> Vec<(Text, Text)> {
    table
        .iter()
        .flat_map(|table| &table.0)
        .map(|(name, text)| (name.clone(), report.unquoted(text)))
        .collect()
}

/// A list of columns, each once.
fn list(names: Option<&[Text]>, report: &mut Report) -> Option<Vec<Text>> {
    let names: Vec<Text> = names?.iter().map(|name| report.unquoted(name)).collect();
    for (i, name) in names.iter().enumerate() {
        if names[..i].iter().any(|other| other.value == name.value) {
            report.add(&name.span, DataError::Twice { name: name.value.clone() });
        }
        if name.value.is_empty() {
            report.add(&name.span, KeyError::NotAName { name: String::new() });
        }
    }
    Some(names)
}
