//! A second table: covariates at times of their own.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cells::Cells;
use super::error::{DatasetError, Fault};
use super::find::{Columns, CovariateColumn, SecondColumns};
use super::ids::{ById, EndedIds};
use super::merge::{NoValueYet, merge};
use super::read::{MOST_FAULTS, not_kept};
use super::record::{Event, Record, Subject};
use super::spool::SpoolWriter;
use crate::cohort::Interpolation;
use crate::diagnostic::{Problem, Problems};
use crate::table::{Row, Rows};
use crate::unit::Conversion;

/// Reads a second table row by row.
pub(super) struct SecondReader<'a> {
    cells: Cells,
    columns: &'a SecondColumns,
    /// Positions of its covariates among the columns that are read.
    covariates: Vec<usize>,
    to_model_time: Conversion,
    /// The largest time, in the file's unit.
    most_time: f64,
    subject: Option<Subject>,
    ended: EndedIds,
    spool: SpoolWriter,
    faults: Vec<Problem>,
}

/// A second table that was read.
pub(super) struct Second {
    cells: Cells,
    /// By individuals, with values in the order of its covariates, NaN where there is none.
    by_id: ById,
    /// How many of them the data set has.
    pub(super) used: usize,
}

impl<'a> SecondReader<'a> {
    pub(super) fn new(
        file: &Path,
        counted_by: &'static str,
        (all, columns): (&'a Columns, &'a SecondColumns),
        to_model_time: Conversion,
        most_time: f64,
    ) -> Self {
        let of_second = all.covariates.iter().filter(|covariate| covariate.is_second);
        Self {
            cells: Cells::new(file, counted_by, &columns.taken.names),
            columns,
            covariates: of_second.map(|covariate| covariate.column).collect(),
            to_model_time,
            most_time,
            subject: None,
            ended: EndedIds::default(),
            spool: SpoolWriter::default(),
            faults: Vec::new(),
        }
    }

    /// Reads all rows.
    pub(super) fn read(mut self, rows: &mut Rows) -> Result<Second, Problems> {
        let mut last = 0;
        while let Some(row) = rows.next_row()? {
            last = row.number;
            if let Err(fault) = self.row(&row) {
                self.faults.push(fault);
            }
            if self.faults.len() >= MOST_FAULTS {
                let (file, counted_by) = (self.cells.file(), self.cells.counted_by);
                self.faults.push(Problem::new(DatasetError::More { file, counted_by, row: last }));
                return Err(Problems(self.faults));
            }
        }
        self.end_subject()?;
        if last == 0 {
            self.faults.push(Problem::new(DatasetError::NoRecords { file: self.cells.file() }));
        }
        let spool = Problems::none_or(self.faults, self.spool)?.finish().map_err(|error| not_kept(&error))?;
        Ok(Second { cells: self.cells, by_id: ById::new(spool), used: 0 })
    }

    fn row(&mut self, row: &Row<'_>) -> Result<(), Problem> {
        let SecondColumns { id: id_column, time: time_column, .. } = *self.columns;
        let id = self.cells.id(row, id_column)?;
        if self.subject.as_ref().is_none_or(|subject| subject.id != id) {
            self.end_subject()?;
            let ended = self.ended.begins(&id, &mut self.spool).map_err(|error| not_kept(&error))?;
            if let Some(ended) = ended {
                let fault = Fault::Split { id, counted_by: self.cells.counted_by, ended };
                return Err(self.cells.wrong(row.number, id_column, fault));
            }
            self.subject = Some(Subject { id, records: Vec::new(), first: Vec::new(), effects: Vec::new() });
        }
        let raw = self.cells.time(row, time_column, self.most_time)?;
        let time = self.to_model_time.apply(raw);
        let number = |&column: &usize| Ok(self.cells.number(row, Some(column))?.unwrap_or(f64::NAN));
        let values = self.covariates.iter().map(number).collect::<Result<Vec<f64>, Problem>>()?;
        let Some(subject) = &mut self.subject else { return Ok(()) };
        let before = subject.records.last().map_or(f64::NEG_INFINITY, |before| before.time);
        let record = Record {
            row: row.number,
            time,
            event: Event::Covariates,
            values,
            occasion: None,
            dv: None,
            mdv: true,
        };
        subject.records.push(record);
        if time > before {
            return Ok(());
        }
        let id = subject.id.clone();
        let fault = if time < before {
            let before = self.to_model_time.inverse().apply(before);
            Fault::Backwards { id, before, now: raw, resets: false }
        } else {
            Fault::SameTime { id, time: raw }
        };
        Err(self.cells.wrong(row.number, time_column, fault))
    }

    /// Keeps the individual whose rows have come to an end.
    fn end_subject(&mut self) -> Result<(), Problem> {
        let Some(subject) = self.subject.take() else { return Ok(()) };
        self.ended.end(&subject.id);
        self.spool.add(&subject).map_err(|error| not_kept(&error))
    }
}

impl Second {
    pub(super) fn file(&self) -> PathBuf {
        self.cells.file()
    }

    /// Individuals that the data set does not have.
    pub(super) fn unused(&self) -> usize {
        self.by_id.count() - self.used
    }

    /// The rows of an individual, if it has any.
    pub(super) fn find(&mut self, id: &str) -> io::Result<Option<Arc<Subject>>> {
        let found = self.by_id.find(id)?;
        self.used += usize::from(found.is_some());
        Ok(found)
    }

    /// Gives an individual's records the covariates of these rows.
    pub(super) fn merged(
        &self,
        id: &str,
        records: Vec<Record>,
        rows: &Subject,
        columns: &[CovariateColumn],
        interpolation: Interpolation,
    ) -> Result<Vec<Record>, Problem> {
        let begins = records.first().map_or(0.0, |record| record.time);
        merge(records, &rows.records, columns, interpolation).map_err(|NoValueYet { covariate, first }| {
            let column = Some(columns[covariate].column);
            let id = id.to_owned();
            match first {
                Some((row, first)) => {
                    self.cells.wrong(row, column, Fault::FirstValueLate { id, record: begins, first })
                }
                None => {
                    let row = rows.records.first().map_or(0, |row| row.row);
                    self.cells.wrong(row, column, Fault::NoValue(id))
                }
            }
        })
    }
}
