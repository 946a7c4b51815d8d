//! The records of a data set and simulated observations in NONMEM's columns.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::dataset::{Dataset, Dose, Input, Record, SteadyState, Subject};
use crate::diagnostic::Problems;
use crate::table::{Column, ColumnMeta, Table, Values};

use super::observed::{Reading, readings};
use super::source::Source;
use super::{ExportError, ExportFile, Settings, known};

/// Patients whose rows are made at once.
const PATIENTS: u64 = 1_024;

/// A row: a record of a patient, and what was read at it.
struct Row {
    patient: u64,
    record: usize,
    subject: Arc<Subject>,
    values: Option<Vec<f64>>,
}

/// Writes a run of a data set.
pub(super) fn write(source: &Source, settings: &Settings, file: &mut ExportFile<'_>) -> Result<(), Problems> {
    let Some(data) = source.job.sampler.data() else { return Ok(()) };
    let dv = dv(source, settings)?;
    let mut merge = Merge { source, data, dv, first: 0, readings: VecDeque::new() };
    readings(source, |batch| {
        merge.readings.extend(batch);
        merge.write_complete(file)
    })?;
    // Patients at the end may never be read.
    merge.write_complete(file)
}

/// Records and what was read at them, both in the order of the patients.
struct Merge<'a> {
    source: &'a Source,
    data: &'a Dataset,
    dv: usize,
    /// The first patient who is not written.
    first: u64,
    /// From that one on, as far as they have been read back.
    readings: VecDeque<Reading>,
}

impl Merge<'_> {
    /// Writes patients of whom all readings are there.
    fn write_complete(&mut self, file: &mut ExportFile<'_>) -> Result<(), Problems> {
        let patients = self.source.job.cohort.patients;
        while self.first < patients {
            let end = patients.min(self.first + PATIENTS);
            let subjects = self.data.of_patients(self.first..end)?;
            let records = || subjects.iter().flat_map(|subject| &subject.records);
            if self.readings.len() < records().filter(|record| record.is_read()).count() {
                return Ok(());
            }
            let mut rows = Vec::with_capacity(records().count());
            for (patient, subject) in (self.first..).zip(&subjects) {
                for (record, of) in subject.records.iter().enumerate() {
                    let reading = if of.is_read() { self.readings.pop_front() } else { None };
                    let values = reading.map(|reading| reading.values);
                    rows.push(Row { patient, record, subject: Arc::clone(subject), values });
                }
            }
            file.write(&table(self.source, self.data, self.dv, &rows))?;
            self.first = end;
        }
        Ok(())
    }
}

/// The position of the column that becomes DV among those that are taken.
pub(super) fn dv(source: &Source, settings: &Settings) -> Result<usize, ExportError> {
    let names: Vec<String> = source.names().into_iter().map(String::from).collect();
    match &settings.dv {
        Some(name) => known(&source.path, source.set, name, &names),
        None => Ok(names.iter().position(|name| name.ends_with("_sim")).unwrap_or(0)),
    }
}

fn table(source: &Source, data: &Dataset, dv: usize, rows: &[Row]) -> Table {
    let model = &source.job.model.metadata;
    let (time, amount) = (&model.time_unit, &model.dosing_unit);
    let record = record_of;
    let whole = |name: &str, meaning: &str, of: &dyn Fn(&Row) -> i64| Column {
        meta: ColumnMeta::new(name, meaning, ""),
        values: Values::Integer(rows.iter().map(|row| Some(of(row))).collect()),
    };
    let number = |name: &str, meaning: &str, unit: &str, of: &dyn Fn(&Row) -> f64| Column {
        meta: ColumnMeta::new(name, meaning, unit),
        values: Values::Number(rows.iter().map(of).collect()),
    };
    let of_dose = |of: fn(&Dose) -> f64| move |row: &Row| record_of(row).dose().map_or(0.0, of);
    let simulated = |row: &Row| row.values.as_ref().map_or(f64::NAN, |values| values[dv]);
    let has_durations = data.has(crate::dataset::Item::Dur);
    let mut id = data.id_column(rows.iter().map(|row| (data.of_patient(row.patient).0, &*row.subject)));
    id.meta = ColumnMeta::new("SUBJ", "ID in the data set", "");
    let mut columns = vec![
        whole("ID", "patient of the run, from 1", &|row| row.patient as i64 + 1),
        id,
        whole("REP", "replicate of the individual, from 1", &|row| {
            i64::from(data.of_patient(row.patient).1) + 1
        }),
        number("TIME", "time of the record", time, &|row| record(row).time),
        whole("EVID", "kind of event", &|row| record(row).event.evid()),
        number("AMT", "amount", amount, &of_dose(|dose| dose.amount)),
        number("RATE", "rate; -1 and -2 are the model's", &format!("{amount}/{time}"), &of_dose(rate)),
        whole("CMT", "compartment of a dose, by its number", &|row| {
            record(row).dose().map_or(0, |dose| dose.state as i64 + 1)
        }),
        number("II", "interval between doses", time, &of_dose(|dose| dose.interval)),
        whole("ADDL", "additional doses", &|row| {
            record(row).dose().map_or(0, |dose| i64::from(dose.additional))
        }),
        whole("SS", "steady state", &|row| record(row).dose().map_or(0, steady_state)),
        whole("MDV", "1 where DV is no observation", &|row| {
            i64::from(record(row).event.evid() != 0 || simulated(row).is_nan())
        }),
        number("DV", &source.job.plan.trajectory_columns[source.taken[dv]].meaning, "", &simulated),
    ];
    if has_durations {
        columns.push(number("DUR", "duration; 0 if RATE says it", time, &of_dose(duration)));
    }
    for (i, &taken) in source.taken.iter().enumerate() {
        let meta = &source.job.plan.trajectory_columns[taken];
        let value = |row: &Row| row.values.as_ref().map_or(f64::NAN, |values| values[i]);
        columns.push(number(&distinct(&meta.name, &columns), &meta.meaning, &meta.unit, &value));
    }
    for (i, name) in data.covariates().enumerate() {
        let value = |row: &Row| record(row).values[i];
        columns.push(number(&distinct(name, &columns), "covariate at the record", "", &value));
    }
    Table { columns }
}

fn record_of(row: &Row) -> &Record {
    &row.subject.records[row.record]
}

/// A name that no column has, in whatever case.
pub(super) fn distinct(name: &str, columns: &[Column]) -> String {
    let is_taken = |name: &str| columns.iter().any(|column| column.meta.name.eq_ignore_ascii_case(name));
    let mut name = name.to_owned();
    while is_taken(&name) {
        name.push_str("_model");
    }
    name
}

fn rate(dose: &Dose) -> f64 {
    match dose.input {
        Input::AtOnce | Input::Over(_) => 0.0,
        Input::AtRate(rate) => rate,
        Input::ModelRate => -1.0,
        Input::ModelDuration => -2.0,
    }
}

fn duration(dose: &Dose) -> f64 {
    if let Input::Over(duration) = dose.input { duration } else { 0.0 }
}

fn steady_state(dose: &Dose) -> i64 {
    match dose.steady_state {
        SteadyState::No => 0,
        SteadyState::Reset => 1,
        SteadyState::Add => 2,
    }
}
