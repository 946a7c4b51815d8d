//! Tables flavoured as ADaM's: names and shape of ADPC, ADLB and ADEX, for programs that read these. They are made of
//! simulated patients, and claim no conformance with any standard.

use std::collections::HashMap;
use std::sync::Arc;

use crate::cohort::{TICKS_PER_DAY, columns};
use crate::dataset::Subject;
use crate::diagnostic::Problems;
use crate::store::{self, Set};
use crate::table::{Column, ColumnMeta, Table, Values};

use super::observed::{Reading, arms, readings};
use super::source::Source;
use super::{ExportFile, Form, Settings};

/// The longest code of a parameter.
const CODE: usize = 8;
/// Patients whose doses are read at once.
const PATIENTS: u64 = 4_096;

/// Whose rows these are: labels for all patients, so that every piece of the file has the same.
struct Subjects<'a> {
    source: &'a Source,
    labels: Arc<[String]>,
    arms: usize,
}

/// A subject's rows so far, for what they are compared with.
#[derive(Default)]
struct Baselines {
    /// Patient and arm.
    of: Option<(u64, usize)>,
    values: Vec<f64>,
}

/// A row of any of the tables.
struct Row {
    patient: u64,
    arm: usize,
    /// Position of the parameter.
    parameter: usize,
    value: f64,
    /// Since the first dose, in the model's unit.
    time: f64,
    base: f64,
    is_baseline: bool,
}

impl<'a> Subjects<'a> {
    fn new(source: &'a Source, patients: u64) -> Result<Self, Problems> {
        let ids = source.job.sampler.data().map(|data| data.ids()).transpose()?.unwrap_or_default();
        let (name, arms) = (&source.manifest.name, source.manifest.arms.len().max(1));
        let label = |item: u64| {
            let (patient, arm) = (item / arms as u64, item % arms as u64);
            match source.job.sampler.data() {
                Some(data) => {
                    let (individual, replicate) = data.of_patient(patient);
                    let id = &ids[individual];
                    if data.replicates == 1 {
                        format!("{name}-{id}")
                    } else {
                        format!("{name}-{id}-{}", replicate + 1)
                    }
                }
                None if arms == 1 => format!("{name}-{patient}"),
                None => format!("{name}-{}-{patient}", arm + 1),
            }
        };
        let labels: Vec<String> = (0..patients * arms as u64).map(label).collect();
        Ok(Self { source, labels: labels.into(), arms })
    }

    /// The columns that every table begins with.
    fn columns(&self, rows: &[Row]) -> Vec<Column> {
        let run = &self.source.manifest.name;
        let labels = |name: &str, meaning: &str, labels: Arc<[String]>, code: &dyn Fn(&Row) -> u32| Column {
            meta: ColumnMeta::new(name, meaning, ""),
            values: Values::Label { codes: rows.iter().map(|row| Some(code(row))).collect(), labels },
        };
        let arm_labels: Arc<[String]> = self.source.manifest.arms.as_slice().into();
        let arms = self.arms;
        vec![
            labels("STUDYID", "run", [run.clone()].as_slice().into(), &|_| 0),
            labels("USUBJID", "simulated subject", Arc::clone(&self.labels), &|row| {
                (row.patient * arms as u64 + row.arm as u64) as u32
            }),
            labels("TRTA", "arm", arm_labels, &|row| row.arm as u32),
        ]
    }
}

/// Writes what was read of patients, one row per value: ADPC, or ADLB with baseline and change.
pub(super) fn observations(
    source: &Source,
    settings: &Settings,
    file: &mut ExportFile<'_>,
) -> Result<(), Problems> {
    let patients =
        if source.set == Set::Trajectories { source.job.followed() } else { source.job.cohort.patients };
    let subjects = Subjects::new(source, patients.min(source.job.cohort.patients))?;
    let metas: Vec<&ColumnMeta> =
        source.taken.iter().map(|&i| &source.job.plan.trajectory_columns[i]).collect();
    let mut baselines = Baselines::default();
    let mut first_doses = FirstDoses { source, of: None };
    readings(source, |batch| {
        let mut rows = Vec::with_capacity(batch.len() * metas.len());
        for reading in batch {
            let time = reading.time - first_doses.of_patient(reading.patient)?;
            rows.extend(baselines.rows(&reading, time));
        }
        file.write(&observed(&subjects, &metas, &rows, settings.form == Form::Adlb))
    })
}

impl Baselines {
    /// The rows of a reading: values at or before the first dose are baselines, the last of them at last.
    fn rows(&mut self, reading: &Reading, time: f64) -> Vec<Row> {
        let of = (reading.patient, reading.arm);
        if self.of != Some(of) {
            *self = Self { of: Some(of), values: vec![f64::NAN; reading.values.len()] };
        }
        let is_baseline = time <= 0.0;
        let row = |(parameter, (&value, base)): (usize, (&f64, &mut f64))| {
            if is_baseline && !value.is_nan() {
                *base = value;
            }
            let (patient, arm) = of;
            Row { patient, arm, parameter, value, time, base: *base, is_baseline }
        };
        reading
            .values
            .iter()
            .zip(&mut self.values)
            .enumerate()
            .map(row)
            .filter(|row| !row.value.is_nan())
            .collect()
    }
}

/// When individuals of a data set get their first dose.
struct FirstDoses<'a> {
    source: &'a Source,
    of: Option<(u64, f64)>,
}

impl FirstDoses<'_> {
    /// Time of a patient's first dose, on the clock of the readings: that of a cohort is its first planned dose.
    fn of_patient(&mut self, patient: u64) -> Result<f64, Problems> {
        let Some(data) = self.source.job.sampler.data() else { return Ok(0.0) };
        if let Some((_, time)) = self.of.filter(|&(of, _)| of == patient) {
            return Ok(time);
        }
        let subjects = data.of_patients(patient..patient + 1)?;
        let time = subjects.first().map_or(0.0, |subject| first_dose(subject));
        self.of = Some((patient, time));
        Ok(time)
    }
}

fn first_dose(subject: &Subject) -> f64 {
    let dosed = subject.records.iter().find(|record| record.dose().is_some());
    dosed.or(subject.records.first()).map_or(0.0, |record| record.time)
}

fn observed(subjects: &Subjects<'_>, metas: &[&ColumnMeta], rows: &[Row], with_change: bool) -> Table {
    let plan = &subjects.source.job.plan;
    let per_day = TICKS_PER_DAY * plan.time_per_tick;
    let mut table = subjects.columns(rows);
    table.extend(parameters(metas, rows));
    let mut add = |name: &str, meaning: &str, unit: &str, of: &dyn Fn(&Row) -> f64| {
        let values = Values::Number(rows.iter().map(of).collect());
        table.push(Column { meta: ColumnMeta::new(name, meaning, unit), values });
    };
    add("AVAL", "value", "unit in PARAM", &|row| row.value);
    add("AFRLT", "actual time from the first dose", &plan.time_unit, &|row| row.time);
    add("ADY", "day: 1 is that of the first dose, and there is no day 0", "day", &|row| {
        let day = (row.time / per_day).floor();
        if day < 0.0 { day } else { day + 1.0 }
    });
    if with_change {
        add("BASE", "last value at or before the first dose", "unit in PARAM", &|row| row.base);
        add("CHG", "change from it", "unit in PARAM", &|row| {
            if row.is_baseline { f64::NAN } else { row.value - row.base }
        });
        add("PCHG", "change from it", "%", &|row| {
            let change = 100.0 * (row.value - row.base) / row.base;
            if row.is_baseline || !change.is_finite() { f64::NAN } else { change }
        });
    }
    Table { columns: table }
}

/// The code and the name of each row's parameter.
fn parameters(metas: &[&ColumnMeta], rows: &[Row]) -> [Column; 2] {
    let codes = codes(metas.iter().map(|meta| meta.name.as_str()));
    let names = metas.iter().map(|meta| format!("{} ({})", meta.meaning, meta.unit));
    let column = |name: &str, meaning: &str, labels: Vec<String>| Column {
        meta: ColumnMeta::new(name, meaning, ""),
        values: Values::Label {
            codes: rows.iter().map(|row| Some(row.parameter as u32)).collect(),
            labels: labels.into(),
        },
    };
    [
        column("PARAMCD", "code of the parameter", codes),
        column("PARAM", "parameter, and its unit", names.collect()),
    ]
}

/// Names in eight capitals and digits at most, each once.
fn codes<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let code = |name: &str| {
        let letters = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase());
        let code: String = letters.take(CODE).collect();
        let count = seen.entry(code.clone()).and_modify(|count| *count += 1).or_insert(1);
        match *count {
            1 => code,
            n => {
                let number = n.to_string();
                let kept = code.len().min(CODE - number.len().min(CODE));
                format!("{}{number}", &code[..kept])
            }
        }
    };
    names.map(code).collect()
}

/// Writes doses, one row each.
pub(super) fn doses(source: &Source, file: &mut ExportFile<'_>) -> Result<(), Problems> {
    match source.job.sampler.data() {
        Some(_) => doses_of_data(source, file),
        None => doses_of_cohort(source, file),
    }
}

/// The doses of the records, those that they stand for among them.
fn doses_of_data(source: &Source, file: &mut ExportFile<'_>) -> Result<(), Problems> {
    let Some(data) = source.job.sampler.data() else { return Ok(()) };
    let (model, patients) = (&source.job.model, source.job.cohort.patients);
    let subjects = Subjects::new(source, patients)?;
    let unit = &model.metadata.dosing_unit;
    let into = |name: &str| ColumnMeta::new(name, format!("dose into {name}"), unit);
    let metas: Vec<ColumnMeta> = model.states.iter().map(|state| into(&state.name)).collect();
    for first in (0..patients).step_by(PATIENTS as usize) {
        let end = patients.min(first + PATIENTS);
        let mut rows = Vec::new();
        for (patient, subject) in (first..).zip(data.of_patients(first..end)?) {
            let start = first_dose(&subject);
            let end = subject.end();
            for record in &subject.records {
                let Some(dose) = record.dose() else { continue };
                let times = (0..=dose.additional).map(|n| record.time + f64::from(n) * dose.interval);
                rows.extend(times.take_while(|&time| time <= end).map(|time| Row {
                    patient,
                    arm: 0,
                    parameter: dose.state,
                    value: dose.amount,
                    time: time - start,
                    base: f64::NAN,
                    is_baseline: false,
                }));
            }
        }
        file.write(&given(&subjects, &metas.iter().collect::<Vec<_>>(), &rows))?;
    }
    Ok(())
}

/// The doses of the ledger that were given.
fn doses_of_cohort(source: &Source, file: &mut ExportFile<'_>) -> Result<(), Problems> {
    let subjects = Subjects::new(source, source.job.cohort.patients)?;
    let files = source.files(Set::Doses)?;
    let unit = store::unit_of(&files[0], "amount")?;
    let meta = ColumnMeta::new("dose", "dose", unit);
    let wanted = [columns::PATIENT, columns::ARM, columns::TIME, "amount"];
    for path in files {
        let mut result = Ok(());
        store::scan_tables(&path, &wanted, &mut |table: &Table| {
            let arm = arms(source, &table.columns[1].values);
            let [patient, time, amount] = [0, 2, 3].map(|i| table.columns[i].values.numbers());
            let is_given = |&row: &usize| !time[row].is_nan();
            let rows: Vec<Row> = (0..table.rows())
                .filter(is_given)
                .map(|row| Row {
                    patient: patient[row] as u64,
                    arm: arm[row],
                    parameter: 0,
                    value: amount[row],
                    time: time[row],
                    base: f64::NAN,
                    is_baseline: false,
                })
                .collect();
            if result.is_ok() {
                result = file.write(&given(&subjects, &[&meta], &rows));
            }
        })?;
        result?;
    }
    Ok(())
}

fn given(subjects: &Subjects<'_>, metas: &[&ColumnMeta], rows: &[Row]) -> Table {
    observed(subjects, metas, rows, false)
}
