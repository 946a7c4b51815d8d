//! Rows of a user's table as patients.

use std::cmp::Ordering;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::PopulationError;
use super::records;
use super::stream::Stream;
use crate::cohort::{self, Cohort};
use crate::dataset::Dataset;
use crate::diagnostic::{Problem, did_you_mean};
use crate::isa::Isa;
use crate::model::Model;
use crate::table::{Column, Kept, Table, TableFile, Values, text};

/// Columns of a table that may become covariates: each is a column of the patients that are written.
const MOST_COLUMNS: usize = 1_000;

/// The columns that become covariates, and which row a patient is.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    pub(super) columns: Vec<RowColumn>,
    pub(super) file: PathBuf,
    rows: usize,
    /// Rows, from the first, of whom any is a patient.
    pub(super) used: usize,
    /// What of the file is used, if it is a table of patients.
    pub(super) input: Option<Arc<Kept>>,
    /// Draws the row; without it patient `k` is row `k`.
    resample: Option<Stream>,
}

/// One column.
#[derive(Debug, Clone)]
pub(super) struct RowColumn {
    pub(super) name: String,
    /// Where it is asked for.
    pub(super) span: Range<usize>,
    /// Numbers, or positions of labels; NaN is missing. Of a data set, those of some individuals.
    pub(super) values: Vec<f64>,
    /// The labels, if it holds text.
    pub(super) labels: Option<Arc<[String]>>,
}

impl Rows {
    /// Reads the cohort's table, if it has one, and checks what is taken from it.
    pub(super) fn open(cohort: &Cohort, model: &Model, problems: &mut Vec<Problem>) -> Option<Self> {
        let source = cohort.population.rows.as_ref()?;
        let file = &source.file.value;
        let place = cohort.place(&source.file.span);
        let mut fail = |problem: Problem| problems.push(Problem { place: Some(place.clone()), ..problem });
        let is_asked = |name: &str| source.columns.iter().any(|column| column.value == name);
        let opened = TableFile::open(file).map_err(&mut fail).ok()?;
        let table = opened.columns(|name| source.columns.is_empty() || is_asked(name));
        let table = table.map_err(&mut fail).ok()?;
        let kept = records::patients(source, &opened, table.rows())
            .map_err(|cause| fail(Problem::new(cause)))
            .ok()?;
        let rows = kept.len();
        if let Some(cause) = left_over(source, cohort.patients, rows) {
            fail(Problem::new(cause));
        }
        let used = if source.resample { rows } else { rows.min(cohort.patients as usize) };
        let count =
            table.columns.iter().filter(|column| !matches!(column.values, Values::Label { .. })).count();
        if count > MOST_COLUMNS {
            let (file, most) = (file.clone(), MOST_COLUMNS);
            fail(Problem::new(PopulationError::TooManyColumns { file, columns: count, most }));
            return None;
        }
        let mut columns = taken(&opened, &table, source, model, cohort, problems);
        for column in &mut columns {
            column.values = kept.iter().filter_map(|&row| column.values.get(row).copied()).collect();
            if let Some(at) = column.values[..used].iter().position(|x| !x.is_finite()) {
                let cause = column.refused(at, kept[at] + 1, file);
                problems.push(Problem::at(cause, cohort.place(&column.span)));
            }
        }
        let resample = source.resample.then(|| Stream::new(cohort.seed, "rows"));
        let is_used = |name: &str| {
            columns.iter().any(|column| column.name == name)
                || source.repeated_ids.is_some() && records::is_id(name)
        };
        let input = opened.keep(is_used).map_err(&mut |problem: Problem| {
            problems.push(Problem { place: Some(place.clone()), ..problem });
        });
        let input = Some(Arc::new(input.ok()?));
        Some(Self { columns, file: file.clone(), rows, used, resample, input })
    }

    /// The individuals of a data set: their values come with them.
    pub(super) fn of_data(data: &Dataset, span: &Range<usize>) -> Self {
        let columns = data.some_first().map(|(name, values)| RowColumn {
            name: name.to_owned(),
            span: span.clone(),
            values: values.to_vec(),
            labels: None,
        });
        let columns: Vec<RowColumn> = columns.collect();
        Self {
            used: columns.first().map_or(0, |column| column.values.len()),
            columns,
            file: data.file().path.clone(),
            rows: data.individuals(),
            input: None,
            resample: None,
        }
    }

    /// The row of each of these patients, who [have](Self::patients) one, at an attempt.
    pub(super) fn of_patients(&self, isa: Isa, patients: &[u64], attempt: u64) -> Vec<usize> {
        let row = |uniform: f64| (uniform * self.rows as f64) as usize;
        match &self.resample {
            Some(stream) => stream.uniforms(isa, patients, attempt).into_iter().map(row).collect(),
            None => patients.iter().map(|&patient| patient as usize).collect(),
        }
    }

    /// How many patients, from the first, have a row.
    pub(super) fn patients(&self) -> u64 {
        if self.is_endless() { u64::MAX } else { self.rows as u64 }
    }

    /// Whether every patient has a row: it is drawn.
    pub(super) fn is_endless(&self) -> bool {
        self.resample.is_some()
    }

    /// The error of a patient without a row.
    pub(super) fn exhausted(&self, patient: u64) -> PopulationError {
        PopulationError::TooFewRows { patients: patient + 1, file: self.file.clone(), rows: self.rows }
    }
}

/// Why rows in order, of which each is a patient, are not as many as there are patients.
fn left_over(source: &cohort::Rows, patients: u64, rows: usize) -> Option<PopulationError> {
    let file = || source.file.value.clone();
    match patients.cmp(&(rows as u64)) {
        _ if source.resample || rows == 0 => None,
        Ordering::Greater => Some(PopulationError::TooFewRows { patients, file: file(), rows }),
        Ordering::Less if source.unused_rows => None,
        Ordering::Less => Some(PopulationError::UnusedRows { patients, file: file(), rows }),
        Ordering::Equal => None,
    }
}

/// The columns that are asked for: those named, else those with numbers, and those that the model
/// needs, so that text in them is noticed.
fn taken(
    file: &TableFile,
    table: &Table,
    source: &cohort::Rows,
    model: &Model,
    cohort: &Cohort,
    problems: &mut Vec<Problem>,
) -> Vec<RowColumn> {
    if source.columns.is_empty() {
        return numeric(table, source, model, cohort, problems);
    }
    let mut columns = Vec::new();
    for name in &source.columns {
        match table.column(&name.value) {
            Some(column) => columns.push(RowColumn::new(column, name.span.clone())),
            None => {
                let similar = did_you_mean(&name.value, file.names().iter().map(String::as_str));
                let file = source.file.value.clone();
                let cause = PopulationError::NoColumn { column: name.value.clone(), file, similar };
                problems.push(Problem::at(cause, cohort.place(&name.span)));
            }
        }
    }
    columns
}

/// The columns with numbers, where none is named. One that holds numbers and text may be either.
fn numeric(
    table: &Table,
    source: &cohort::Rows,
    model: &Model,
    cohort: &Cohort,
    problems: &mut Vec<Problem>,
) -> Vec<RowColumn> {
    let (span, file) = (&source.file.span, &source.file.value);
    let mut columns = Vec::new();
    for column in &table.columns {
        let is_needed = model.covariates.iter().any(|covariate| covariate.name == column.meta.name);
        let column = RowColumn::new(column, span.clone());
        if column.labels.is_none() || is_needed {
            columns.push(column);
        } else if let Some((text, row)) = column.text().filter(|_| column.is_mixed()) {
            let cause = PopulationError::Mixed { column: column.name, file: file.clone(), text, row };
            problems.push(Problem::at(cause, cohort.place(span)));
        }
    }
    if columns.is_empty() && problems.is_empty() {
        problems.push(Problem::at(PopulationError::NoNumbers { file: file.clone() }, cohort.place(span)));
    }
    columns
}

impl RowColumn {
    fn new(column: &Column, span: Range<usize>) -> Self {
        let labels = match &column.values {
            Values::Label { labels, .. } => Some(Arc::clone(labels)),
            _ => None,
        };
        Self { name: column.meta.name.clone(), span, values: column.values.numbers(), labels }
    }

    /// Why the value at a position, from this row of the file, cannot be a patient's.
    fn refused(&self, at: usize, row: usize, file: &Path) -> PopulationError {
        let (column, file, value) = (self.name.clone(), file.to_owned(), self.values[at]);
        if value.is_nan() {
            PopulationError::MissingValue { column, file, row }
        } else {
            PopulationError::InfiniteValue { column, file, row, value }
        }
    }

    /// The first cell that is no number, and its row from 1, if the column holds text.
    pub(super) fn text(&self) -> Option<(String, usize)> {
        let labels = self.labels.as_ref()?;
        self.values.iter().zip(1..).filter(|(code, _)| !code.is_nan()).find_map(|(&code, row)| {
            let label = labels.get(code as usize)?;
            text::number(label).is_none().then(|| (label.clone(), row))
        })
    }

    /// Whether some cells with text are numbers.
    fn is_mixed(&self) -> bool {
        self.labels.iter().flat_map(|labels| labels.iter()).any(|label| text::number(label).is_some())
            && !records::is_id(&self.name)
    }
}
