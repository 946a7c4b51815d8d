//! The first pass over a data set: every record is checked and kept.

use std::collections::{BTreeSet, HashMap};
use std::env;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::error::{CellError, CellPlace, DatasetError, Fault};
use super::event::{Compartment, Events, Items};
use super::find::{Columns, CovariateColumn, Values};
use super::items::Item;
use super::record::{Event, Input, Record, Subject};
use super::spool::{Spool, SpoolWriter};
use crate::diagnostic::{Problem, Problems};
use crate::model::Model;
use crate::table::{Cell, Row, Rows};
use crate::unit::Conversion;

/// The largest number that is read: sums of its like are finite, in the numbers of a GPU too.
const MOST: f64 = 1e30;
/// The longest time, in seconds: 136 years, as in cohort files.
const MOST_SECONDS: f64 = u32::MAX as f64;
/// Faults after which no more are looked for.
const MOST_FAULTS: usize = 20;

/// What was read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) ids: Vec<String>,
    /// Covariates of each individual's first record, as the file has them: `[covariate][individual]`.
    pub(super) first: Vec<Vec<f64>>,
    /// Random effects that the file gives: `[effect][individual]`.
    pub(super) effects: Vec<Vec<f64>>,
    /// The first individual in whom each covariate changes.
    pub(super) changing: Vec<Option<usize>>,
    pub(super) records: u64,
    /// States that doses go into.
    pub(super) dosed: BTreeSet<usize>,
    /// Whether some doses enter at a rate.
    pub(super) rates: bool,
    /// The latest time from the first record of its individual, model time.
    pub(super) longest: f64,
    /// The shortest and the longest time of any record, model time.
    pub(super) times: [f64; 2],
    pub(super) spool: Spool,
}

/// Reads records one after the other.
pub(super) struct Reader<'a> {
    file: Arc<PathBuf>,
    counted_by: &'static str,
    columns: &'a Columns,
    events: Events<'a>,
    /// The largest time, in the file's unit.
    most_time: f64,
    subject: Option<Open>,
    /// The last row of each individual that is complete.
    ended: HashMap<String, u64>,
    read: Read,
    spool: SpoolWriter,
    is_observed: bool,
    faults: Vec<Problem>,
}

/// The individual whose records are being read.
struct Open {
    subject: Subject,
    /// Time of the last record, as the file has it.
    time: f64,
    /// Random effects of its first record.
    effects: Vec<f64>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        file: PathBuf,
        counted_by: &'static str,
        columns: &'a Columns,
        model: &'a Model,
        to_model_time: Conversion,
        seconds: f64,
    ) -> Self {
        let none = |count: usize| vec![Vec::new(); count];
        Self {
            file: Arc::new(file),
            counted_by,
            columns,
            events: Events { model, to_model_time },
            most_time: MOST_SECONDS / seconds,
            subject: None,
            ended: HashMap::new(),
            read: Read {
                ids: Vec::new(),
                first: none(columns.covariates.len()),
                effects: none(columns.effects.len()),
                changing: vec![None; columns.covariates.len()],
                records: 0,
                dosed: BTreeSet::new(),
                rates: false,
                longest: 0.0,
                times: [f64::INFINITY, f64::NEG_INFINITY],
                spool: Spool::default(),
            },
            spool: SpoolWriter::new(),
            is_observed: false,
            faults: Vec::new(),
        }
    }

    /// Reads all records.
    pub(super) fn read(mut self, rows: &mut Rows) -> Result<Read, Problems> {
        let mut last = 0;
        while let Some(row) = rows.next_row()? {
            last = row.number;
            if let Err(fault) = self.record(&row) {
                self.faults.push(fault);
            }
            if self.faults.len() == MOST_FAULTS {
                let (file, counted_by) = ((*self.file).clone(), self.counted_by);
                self.faults.push(Problem::new(DatasetError::More { file, counted_by, row: last }));
                return Err(Problems(self.faults));
            }
        }
        self.end_subject()?;
        let file = || (*self.file).clone();
        if last == 0 {
            self.faults.push(Problem::new(DatasetError::NoRecords { file: file() }));
        } else if !self.is_observed && self.faults.is_empty() {
            self.faults.push(Problem::new(DatasetError::NoObservation { file: file() }));
        }
        let mut read = Problems::none_or(self.faults, self.read)?;
        read.spool = self.spool.finish().map_err(not_kept)?;
        Ok(read)
    }

    fn record(&mut self, row: &Row<'_>) -> Result<(), Problem> {
        let id = self.id(row)?;
        if self.subject.as_ref().is_none_or(|open| open.subject.id != id) {
            self.end_subject()?;
            if let Some(&ended) = self.ended.get(&id) {
                // Said once.
                self.ended.remove(&id);
                return Err(self.wrong(
                    row,
                    self.columns.item(Item::Id),
                    Fault::Split { id, counted_by: self.counted_by, ended },
                ));
            }
            let subject = Subject { id, records: Vec::new() };
            self.subject = Some(Open { subject, time: f64::NEG_INFINITY, effects: Vec::new() });
        }
        let time = self.needed(row, self.columns.item(Item::Time), Fault::Missing)?;
        if time.abs() > self.most_time {
            let fault = Fault::TooLarge { value: time, most: self.most_time };
            return Err(self.wrong(row, self.columns.item(Item::Time), fault));
        }
        let (items, dv, occasion) = self.items(row)?;
        let event = self.events.event(&items);
        let event = event.map_err(|(item, fault)| self.wrong(row, self.columns.item(item), fault))?;
        self.in_order(row, time, &event)?;
        let raw = self.covariates(row)?;
        let effects = self.effects(row)?;
        self.is_observed |= matches!(event, Event::Observation | Event::Other);
        let mdv = items.is_marked_missing || dv.is_none() || !matches!(event, Event::Observation);
        let to_model = |(value, column): (&f64, &CovariateColumn)| column.to_model.apply(*value);
        let record = Record {
            row: row.number,
            time: self.events.to_model_time.apply(time),
            event,
            values: raw.iter().zip(&self.columns.covariates).map(to_model).collect(),
            occasion,
            dv,
            mdv,
        };
        self.take(record, time, &raw, effects);
        Ok(())
    }

    /// Adds a record to its individual.
    fn take(&mut self, record: Record, time: f64, raw: &[f64], effects: Vec<f64>) {
        let Self { subject: Some(open), read, .. } = self else { return };
        read.records += 1;
        if let Some(dose) = record.dose() {
            read.dosed.insert(dose.state);
            read.rates |= matches!(dose.input, Input::AtRate(_));
        }
        read.times = [read.times[0].min(record.time), read.times[1].max(record.time)];
        open.time = time;
        match open.subject.records.first() {
            None => {
                read.ids.push(open.subject.id.clone());
                read.first.iter_mut().zip(raw).for_each(|(column, value)| column.push(*value));
                read.effects.iter_mut().zip(&effects).for_each(|(column, value)| column.push(*value));
                open.effects = effects;
            }
            Some(first) => {
                read.longest = read.longest.max(record.time - first.time);
                let individual = read.ids.len() - 1;
                for ((changing, now), before) in
                    read.changing.iter_mut().zip(&record.values).zip(&first.values)
                {
                    if now != before {
                        changing.get_or_insert(individual);
                    }
                }
            }
        }
        open.subject.records.push(record);
    }

    /// Keeps the individual whose records have come to an end.
    fn end_subject(&mut self) -> Result<(), Problem> {
        let Some(Open { subject, .. }) = self.subject.take() else { return Ok(()) };
        let Some(last) = subject.records.last() else { return Ok(()) };
        self.ended.insert(subject.id.clone(), last.row);
        // Of a file with faults, nothing is solved.
        if self.faults.is_empty() { self.spool.add(&subject).map_err(not_kept) } else { Ok(()) }
    }

    fn id(&self, row: &Row<'_>) -> Result<String, Problem> {
        let column = self.columns.item(Item::Id);
        match column.map_or(Cell::Missing, |column| row.cell(column)) {
            Cell::Missing => Err(self.wrong(row, column, Fault::Missing)),
            Cell::Number(number) if !number.is_finite() => {
                Err(self.wrong(row, column, Fault::NotFinite(number)))
            }
            Cell::Number(number) => Ok(number.to_string()),
            Cell::Text(text) => Ok(text.to_owned()),
        }
    }

    /// Checks that time does not run backwards.
    fn in_order(&mut self, row: &Row<'_>, time: f64, event: &Event) -> Result<(), Problem> {
        let Some(open) = &mut self.subject else { return Ok(()) };
        let before = open.time;
        if time >= before {
            return Ok(());
        }
        // What follows is compared with this one.
        open.time = time;
        let (id, resets) = (open.subject.id.clone(), matches!(event, Event::Reset | Event::ResetAndDose(_)));
        Err(self.wrong(
            row,
            self.columns.item(Item::Time),
            Fault::Backwards { id, before, now: time, resets },
        ))
    }

    fn items(&self, row: &Row<'_>) -> Result<(Items, Option<f64>, Option<i64>), Problem> {
        let number = |item: Item| self.number(row, self.columns.item(item));
        let or_0 = |item: Item| number(item).map(Option::unwrap_or_default);
        let amount = number(Item::Amt)?;
        let evid = match self.columns.item(Item::Evid) {
            Some(_) => Some(or_0(Item::Evid)?),
            None => None,
        };
        let mdv = number(Item::Mdv)?;
        if let Some(mdv) = mdv.filter(|mdv| ![0.0, 1.0].contains(mdv)) {
            return Err(self.wrong(row, self.columns.item(Item::Mdv), Fault::Mdv(mdv)));
        }
        let occasion = number(Item::Occ)?;
        if self.columns.needs_occasions && occasion.is_none() {
            return Err(self.wrong(row, self.columns.item(Item::Occ), Fault::NoOccasion));
        }
        if let Some(occasion) = occasion.filter(|occasion| occasion.fract() != 0.0) {
            return Err(self.wrong(row, self.columns.item(Item::Occ), Fault::Occasion(occasion)));
        }
        let compartment = match self.columns.item(Item::Cmt).map(|column| row.cell(column)) {
            None | Some(Cell::Missing) => Compartment::default(),
            Some(Cell::Number(_)) => Compartment::Number(or_0(Item::Cmt)?),
            Some(Cell::Text(name)) => Compartment::Name(name.to_owned()),
        };
        let items = Items {
            evid,
            amount: amount.unwrap_or_default(),
            has_amount: amount.is_some(),
            rate: or_0(Item::Rate)?,
            duration: or_0(Item::Dur)?,
            compartment,
            interval: or_0(Item::Ii)?,
            additional: or_0(Item::Addl)?,
            steady_state: or_0(Item::Ss)?,
            is_marked_missing: mdv == Some(1.0),
        };
        Ok((items, number(Item::Dv)?, occasion.map(|occasion| occasion as i64)))
    }

    /// Covariates as the file has them.
    fn covariates(&self, row: &Row<'_>) -> Result<Vec<f64>, Problem> {
        let columns = self.columns.covariates.iter();
        let value = |covariate: &CovariateColumn| {
            let is_covariate = covariate.of == Values::Covariate;
            let missing = if is_covariate { Fault::NoCovariate } else { Fault::NoIndividualValue };
            self.needed(row, Some(covariate.column), missing)
        };
        columns.map(value).collect()
    }

    /// Random effects, which do not change.
    fn effects(&self, row: &Row<'_>) -> Result<Vec<f64>, Problem> {
        let mut values = Vec::with_capacity(self.columns.effects.len());
        for (i, &(_, column)) in self.columns.effects.iter().enumerate() {
            let now = self.needed(row, Some(column), Fault::NoIndividualValue)?;
            let open = self.subject.as_ref();
            if let Some(open) = open
                && let Some(&first) = open.effects.get(i)
                && now != first
            {
                let id = open.subject.id.clone();
                return Err(self.wrong(row, Some(column), Fault::IndividualValueChanges { id, first, now }));
            }
            values.push(now);
        }
        Ok(values)
    }

    fn needed(&self, row: &Row<'_>, column: Option<usize>, missing: Fault) -> Result<f64, Problem> {
        self.number(row, column)?.ok_or_else(|| self.wrong(row, column, missing))
    }

    /// The number of a cell; nothing where nothing stands.
    fn number(&self, row: &Row<'_>, column: Option<usize>) -> Result<Option<f64>, Problem> {
        let Some(cell) = column.map(|column| row.cell(column)) else { return Ok(None) };
        let fault = match cell {
            Cell::Missing => return Ok(None),
            Cell::Number(number) if !number.is_finite() => Fault::NotFinite(number),
            Cell::Number(value) if value.abs() > MOST => Fault::TooLarge { value, most: MOST },
            Cell::Number(number) => return Ok(Some(number)),
            Cell::Text(text) if is_date_or_time(text) => Fault::DateTime(text.into()),
            Cell::Text(text) => Fault::Text(text.into()),
        };
        Err(self.wrong(row, column, fault))
    }

    fn wrong(&self, row: &Row<'_>, column: Option<usize>, fault: Fault) -> Problem {
        let column = column.map_or_else(String::new, |column| self.columns.names[column].clone());
        let (file, counted_by) = (Arc::clone(&self.file), self.counted_by);
        Problem::new(CellError { place: CellPlace { file, counted_by, row: row.number, column }, fault })
    }
}

fn not_kept(error: io::Error) -> Problem {
    Problem::new(DatasetError::NotKept { folder: env::temp_dir(), why: error.to_string() })
}

/// Whether a text is a date or a time of the day: digits with `:`, `/` or `-` between them.
fn is_date_or_time(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, ':' | '/' | '-' | '.' | ' ' | 'T' | 'Z' | '+');
    let begins = text.starts_with(|c: char| c.is_ascii_digit());
    begins && text.chars().all(is_part) && text[1..].contains([':', '/', '-'])
}
