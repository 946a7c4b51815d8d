//! The first pass over a data set: every record is checked and kept.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use super::cells::Cells;
use super::error::{DatasetError, Fault};
use super::event::{Compartment, Events, Items};
use super::find::{Columns, CovariateColumn, Values};
use super::ids::EndedIds;
use super::items::Item;
use super::record::{Event, Input, Record, Subject};
use super::second::Second;
use super::spool::{Spool, SpoolWriter};
use crate::cohort::Interpolation;
use crate::diagnostic::{Problem, Problems};
use crate::model::Model;
use crate::table::{Cell, Row, Rows};
use crate::unit::Conversion;

/// The longest time, in seconds: 136 years, as in cohort files.
pub(super) const MOST_SECONDS: f64 = u32::MAX as f64;
/// Individuals of whom values at first records are kept, for what is typical of them.
const SOME: usize = 4096;
/// Faults after which no more are looked for.
pub(super) const MOST_FAULTS: usize = 20;

/// What was read.
#[derive(Debug)]
pub(super) struct Read {
    /// Whether all IDs are whole numbers.
    pub(super) has_whole_ids: bool,
    /// Covariates at the first records of the first individuals, and the smallest and largest of all, as the files have
    /// them: `[covariate][value]`.
    pub(super) some_first: Vec<Vec<f64>>,
    /// The ID of the first individual in whom each covariate changes.
    pub(super) changing: Vec<Option<String>>,
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

/// How covariates go from one record to the next, and where else they come from.
pub(super) struct OverTime {
    pub(super) interpolation: Interpolation,
    pub(super) second: Option<Second>,
}

/// Reads records one after the other.
pub(super) struct Reader<'a> {
    cells: Cells,
    columns: &'a Columns,
    events: Events<'a>,
    /// The largest time, in the file's unit.
    most_time: f64,
    over_time: &'a mut OverTime,
    subject: Option<Open>,
    ended: EndedIds,
    read: Read,
    spool: SpoolWriter,
    /// The smallest and largest value of each covariate at first records, as the files have them.
    extremes: Vec<[f64; 2]>,
    is_observed: bool,
    faults: Vec<Problem>,
}

/// The individual whose records are being read: their covariates as the file has them.
struct Open {
    subject: Subject,
    /// Time of the last record, as the file has it.
    time: f64,
}

impl<'a> Reader<'a> {
    /// `most_time` is the largest time, in the file's unit.
    pub(super) fn new(
        file: &Path,
        counted_by: &'static str,
        columns: &'a Columns,
        model: &'a Model,
        (to_model_time, most_time): (Conversion, f64),
        over_time: &'a mut OverTime,
    ) -> Self {
        Self {
            cells: Cells::new(file, counted_by, &columns.taken.names),
            columns,
            events: Events { model, to_model_time },
            most_time,
            over_time,
            subject: None,
            ended: EndedIds::default(),
            read: Read {
                has_whole_ids: true,
                some_first: vec![Vec::new(); columns.covariates.len()],
                changing: vec![None; columns.covariates.len()],
                records: 0,
                dosed: BTreeSet::new(),
                rates: false,
                longest: 0.0,
                times: [f64::INFINITY, f64::NEG_INFINITY],
                spool: Spool::default(),
            },
            spool: SpoolWriter::default(),
            extremes: vec![[f64::INFINITY, f64::NEG_INFINITY]; columns.covariates.len()],
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
            if self.faults.len() >= MOST_FAULTS {
                let (file, counted_by) = (self.cells.file(), self.cells.counted_by);
                self.faults.push(Problem::new(DatasetError::More { file, counted_by, row: last }));
                return Err(Problems(self.faults));
            }
        }
        if let Err(fault) = self.end_subject() {
            self.faults.push(fault);
        }
        if last == 0 {
            self.faults.push(Problem::new(DatasetError::NoRecords { file: self.cells.file() }));
        } else if !self.is_observed && self.faults.is_empty() {
            self.faults.push(Problem::new(DatasetError::NoObservation { file: self.cells.file() }));
        }
        let mut read = Problems::none_or(self.faults, self.read)?;
        read.some_first.iter_mut().zip(self.extremes).for_each(|(values, extremes)| values.extend(extremes));
        read.spool = self.spool.finish().map_err(|error| not_kept(&error))?;
        Ok(read)
    }

    fn record(&mut self, row: &Row<'_>) -> Result<(), Problem> {
        let id_column = self.columns.item(Item::Id);
        let id = self.cells.id(row, id_column)?;
        if self.subject.as_ref().is_none_or(|open| open.subject.id != id) {
            let of_last = self.end_subject().err();
            self.faults.extend(of_last);
            let ended = self.ended.begins(&id, &mut self.spool).map_err(|error| not_kept(&error))?;
            if let Some(ended) = ended {
                let fault = Fault::Split { id, counted_by: self.cells.counted_by, ended };
                return Err(self.cells.wrong(row.number, id_column, fault));
            }
            let subject = Subject { id, records: Vec::new(), first: Vec::new(), effects: Vec::new() };
            self.subject = Some(Open { subject, time: f64::NEG_INFINITY });
        }
        let time = self.cells.time(row, self.columns.item(Item::Time), self.most_time)?;
        let (items, dv, occasion) = self.items(row)?;
        let event = self.events.event(&items);
        let event =
            event.map_err(|(item, fault)| self.cells.wrong(row.number, self.columns.item(item), fault))?;
        self.in_order(row, time, &event)?;
        let values = self.covariates(row)?;
        let effects = self.effects(row)?;
        self.is_observed |= matches!(event, Event::Observation | Event::Other);
        let mdv = items.is_marked_missing || dv.is_none() || !matches!(event, Event::Observation);
        let to_model_time = self.events.to_model_time;
        let record =
            Record { row: row.number, time: to_model_time.apply(time), event, values, occasion, dv, mdv };
        self.take(record, time, effects);
        Ok(())
    }

    /// Adds a record to its individual.
    fn take(&mut self, record: Record, time: f64, effects: Vec<f64>) {
        let Self { subject: Some(open), read, .. } = self else { return };
        read.records += 1;
        if let Some(dose) = record.dose() {
            read.dosed.insert(dose.state);
            read.rates |= matches!(dose.input, Input::AtRate(_));
        }
        read.times = [read.times[0].min(record.time), read.times[1].max(record.time)];
        open.time = time;
        match open.subject.records.first() {
            None => open.subject.effects = effects,
            Some(first) => read.longest = read.longest.max(record.time - first.time),
        }
        open.subject.records.push(record);
    }

    /// Keeps the individual whose records have come to an end.
    fn end_subject(&mut self) -> Result<(), Problem> {
        let Some(Open { mut subject, .. }) = self.subject.take() else { return Ok(()) };
        if subject.records.is_empty() {
            return Ok(());
        }
        self.ended.end(&subject.id);
        self.read.has_whole_ids &= subject.id.parse::<i64>().is_ok();
        let own_row = subject.records[0].row;
        let of_second = self.with_second(&mut subject, own_row);
        self.note_changes(&subject);
        let columns = &self.columns.covariates;
        subject.first.clone_from(&subject.records[0].values);
        for (i, &value) in subject.first.iter().enumerate() {
            let [smallest, largest] = self.extremes[i];
            self.extremes[i] = [smallest.min(value), largest.max(value)];
            let some = &mut self.read.some_first[i];
            some.extend(Some(value).filter(|_| some.len() < SOME));
        }
        for record in &mut subject.records {
            let values = record.values.iter_mut().zip(columns);
            values.for_each(|(value, column)| *value = column.to_model.apply(*value));
        }
        self.spool.add(&subject).map_err(|error| not_kept(&error))?;
        of_second
    }

    /// Brings the covariates of a second table among the records of an individual.
    fn with_second(&mut self, subject: &mut Subject, row: u64) -> Result<(), Problem> {
        let OverTime { interpolation, second: Some(second) } = &mut *self.over_time else { return Ok(()) };
        let Some(rows) = second.find(&subject.id).map_err(|error| not_kept(&error))? else {
            let fault = Fault::NoRows { id: subject.id.clone(), file: second.file() };
            return Err(self.cells.wrong(row, self.columns.item(Item::Id), fault));
        };
        let records = subject.records.clone();
        subject.records =
            second.merged(&subject.id, records, &rows, &self.columns.covariates, *interpolation)?;
        Ok(())
    }

    /// Notes which covariates change within an individual.
    fn note_changes(&mut self, subject: &Subject) {
        for (position, changing) in self.read.changing.iter_mut().enumerate() {
            let value = |record: &Record| record.values[position];
            let first = value(&subject.records[0]);
            if changing.is_none() && subject.records.iter().any(|record| value(record) != first) {
                *changing = Some(subject.id.clone());
            }
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
        let fault = Fault::Backwards { id, before, now: time, resets };
        Err(self.cells.wrong(row.number, self.columns.item(Item::Time), fault))
    }

    fn items(&self, row: &Row<'_>) -> Result<(Items, Option<f64>, Option<i64>), Problem> {
        let number = |item: Item| self.cells.number(row, self.columns.item(item));
        let or_0 = |item: Item| number(item).map(Option::unwrap_or_default);
        let amount = number(Item::Amt)?;
        let evid = match self.columns.item(Item::Evid) {
            Some(_) => Some(or_0(Item::Evid)?),
            None => None,
        };
        let mdv = number(Item::Mdv)?;
        if let Some(mdv) = mdv.filter(|mdv| ![0.0, 1.0].contains(mdv)) {
            return Err(self.cells.wrong(row.number, self.columns.item(Item::Mdv), Fault::Mdv(mdv)));
        }
        let occasion = number(Item::Occ)?;
        if self.columns.needs_occasions && occasion.is_none() {
            return Err(self.cells.wrong(row.number, self.columns.item(Item::Occ), Fault::NoOccasion));
        }
        if let Some(occasion) = occasion.filter(|occasion| occasion.fract() != 0.0) {
            return Err(self.cells.wrong(
                row.number,
                self.columns.item(Item::Occ),
                Fault::Occasion(occasion),
            ));
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
            if covariate.is_second {
                return Ok(f64::NAN); // It is known when all records are.
            }
            let is_covariate = covariate.of == Values::Covariate;
            let missing = if is_covariate { Fault::NoCovariate } else { Fault::NoIndividualValue };
            self.cells.needed(row, Some(covariate.column), missing)
        };
        columns.map(value).collect()
    }

    /// Random effects, which do not change.
    fn effects(&self, row: &Row<'_>) -> Result<Vec<f64>, Problem> {
        let mut values = Vec::with_capacity(self.columns.effects.len());
        for (i, &(_, column)) in self.columns.effects.iter().enumerate() {
            let now = self.cells.needed(row, Some(column), Fault::NoIndividualValue)?;
            let open = self.subject.as_ref();
            if let Some(open) = open
                && let Some(&first) = open.subject.effects.get(i)
                && now != first
            {
                let id = open.subject.id.clone();
                return Err(self.cells.wrong(
                    row.number,
                    Some(column),
                    Fault::IndividualValueChanges { id, first, now },
                ));
            }
            values.push(now);
        }
        Ok(values)
    }
}

pub(super) fn not_kept(error: &io::Error) -> Problem {
    Problem::new(DatasetError::not_kept(error))
}
