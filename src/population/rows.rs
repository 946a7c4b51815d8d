//! Rows of a user's table as patients.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use super::error::PopulationError;
use super::stream::Stream;
use crate::cohort::{self, Cohort};
use crate::diagnostic::{Problem, did_you_mean};
use crate::model::Model;
use crate::table::{self, Column, Table, Values};

/// The columns that become covariates, and which row a patient is.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    pub(super) columns: Vec<RowColumn>,
    file: PathBuf,
    rows: usize,
    /// Rows, from the first, of whom any is a patient.
    pub(super) used: usize,
    /// Draws the row; without it patient `k` is row `k`.
    resample: Option<Stream>,
}

/// One column.
#[derive(Debug, Clone)]
pub(super) struct RowColumn {
    pub(super) name: String,
    /// Where it is asked for.
    pub(super) span: Range<usize>,
    /// Numbers, or positions of labels.
    pub(super) values: Vec<f64>,
    /// The labels, if it holds text.
    pub(super) labels: Option<Arc<[String]>>,
}

impl Rows {
    /// Reads the cohort's table, if it has one, and checks what is taken from it.
    pub(super) fn open(cohort: &Cohort, model: &Model, problems: &mut Vec<Problem>) -> Option<Self> {
        let source = cohort.population.rows.as_ref()?;
        let place = cohort.place(&source.file.span);
        let table = match table::read(&source.file.value) {
            Ok(table) => table,
            Err(problem) => {
                problems.push(Problem { place: Some(place), ..problem });
                return None;
            }
        };
        let rows = table.rows();
        if !source.resample && cohort.patients > rows as u64 {
            let file = source.file.value.clone();
            problems.push(Problem::at(
                PopulationError::TooFewRows { patients: cohort.patients, file, rows },
                place,
            ));
        }
        let used = if source.resample { rows } else { rows.min(cohort.patients as usize) };
        let columns = taken(&table, source, model, cohort, problems);
        for column in &columns {
            if let Some(row) = column.values[..used].iter().position(|x| x.is_nan()) {
                let cause = PopulationError::MissingValue {
                    column: column.name.clone(),
                    file: source.file.value.clone(),
                    row: row + 1,
                };
                problems.push(Problem::at(cause, cohort.place(&column.span)));
            }
        }
        let resample = source.resample.then(|| Stream::new(cohort.seed, "rows"));
        Some(Self { columns, file: source.file.value.clone(), rows, used, resample })
    }

    /// The rows of a patient, one per attempt; nothing past the last row.
    pub(super) fn of_patient(&self, patient: u64) -> impl FnMut() -> Option<usize> + use<> {
        let rows = self.rows;
        let mut draws = self.resample.as_ref().map(|stream| stream.patient(patient));
        move || match &mut draws {
            Some(draws) => Some((draws.uniform() * rows as f64) as usize),
            None => usize::try_from(patient).ok().filter(|&row| row < rows),
        }
    }

    /// The error of a patient without a row.
    pub(super) fn exhausted(&self, patient: u64) -> PopulationError {
        PopulationError::TooFewRows { patients: patient + 1, file: self.file.clone(), rows: self.rows }
    }
}

/// The columns that are asked for: those named, else those with numbers, and those that the model
/// needs, so that text in them is noticed.
fn taken(
    table: &Table,
    source: &cohort::Rows,
    model: &Model,
    cohort: &Cohort,
    problems: &mut Vec<Problem>,
) -> Vec<RowColumn> {
    let needed = |column: &&Column| {
        let text = matches!(column.values, Values::Label { .. });
        !text || model.covariates.iter().any(|covariate| covariate.name == column.about.name)
    };
    if source.columns.is_empty() {
        let columns = table.columns.iter().filter(needed);
        return columns.map(|column| RowColumn::new(column, source.file.span.clone())).collect();
    }
    let mut columns = Vec::new();
    for name in &source.columns {
        match table.column(&name.value) {
            Some(column) => columns.push(RowColumn::new(column, name.span.clone())),
            None => {
                let names = table.columns.iter().map(|column| column.about.name.as_str());
                let cause = PopulationError::NoColumn {
                    column: name.value.clone(),
                    file: source.file.value.clone(),
                    similar: did_you_mean(&name.value, names),
                };
                problems.push(Problem::at(cause, cohort.place(&name.span)));
            }
        }
    }
    columns
}

impl RowColumn {
    fn new(column: &Column, span: Range<usize>) -> Self {
        let labels = match &column.values {
            Values::Label { labels, .. } => Some(Arc::clone(labels)),
            _ => None,
        };
        Self { name: column.about.name.clone(), span, values: column.values.numbers(), labels }
    }

    /// The first cell that is text, and its row from 1, if the column holds text.
    pub(super) fn text(&self) -> Option<(String, usize)> {
        let labels = self.labels.as_ref()?;
        let is_text = |label: &str| label.parse::<f64>().is_err() && !matches!(label, "" | "." | "NA");
        self.values.iter().zip(1..).find_map(|(&code, row)| {
            let label = labels.get(code as usize)?;
            is_text(label).then(|| (label.clone(), row))
        })
    }
}
