//! The rows of the `observations` set: what each individual of a data set would show at its own times.

use crate::cohort::columns;
use crate::dataset::{Dataset, Item, REPLICATE_MEANING, Record, Subject};
use crate::engine::{Records, Solution};
use crate::plan::Plan;
use crate::table::{Column, ColumnMeta, Table, Values};

use super::rows::patient_meta;

/// One row per patient and record at which it is read: observations, and other events that give no dose.
///
/// `first` is the index of the first patient, `records` are those of all that were solved.
pub fn observations(
    plan: &Plan,
    data: &Dataset,
    first: u64,
    records: &Records,
    solution: &Solution,
) -> Table {
    let subjects = || (first..).zip(records.subjects());
    let read: Vec<(u64, &Subject, &Record)> = subjects()
        .flat_map(|(patient, of)| of.records.iter().map(move |record| (patient, of, record)))
        .filter(|(.., record)| record.is_read())
        .collect();
    let whole = |name: &str, meaning: &str, of: &dyn Fn(u64, &Record) -> Option<i64>| Column {
        meta: ColumnMeta::new(name, meaning, ""),
        values: Values::Integer(read.iter().map(|&(patient, _, record)| of(patient, record)).collect()),
    };
    let number = |name: &str, meaning: &str, unit: &str, of: &dyn Fn(&Record) -> f64| Column {
        meta: ColumnMeta::new(name, meaning, unit),
        values: Values::Number(read.iter().map(|(.., record)| of(record)).collect()),
    };
    let patient = Values::Integer(read.iter().map(|&(patient, ..)| Some(patient as i64)).collect());
    let of_data = |patient: u64| data.of_patient(patient);
    let mut columns = vec![
        Column { meta: patient_meta(), values: patient },
        data.id_column(read.iter().map(|&(patient, of, _)| (of_data(patient).0, of))),
        whole(columns::REPLICATE, REPLICATE_MEANING, &|patient, _| Some(of_data(patient).1.into())),
        whole(columns::ROW, data.row_meaning(), &|_, record| Some(record.row as i64)),
        number(columns::TIME, "time of the record, as the data set counts it", &plan.time_unit, &|r| r.time),
        whole(columns::EVID, "kind of event: 0 observation, 2 other", &|_, record| Some(record.event.evid())),
    ];
    if data.has(Item::Occ) {
        columns.push(whole(columns::OCCASION, "occasion of the record", &|_, record| record.occasion));
    }
    if data.has(Item::Dv) {
        let dv = |record: &Record| record.dv.filter(|_| !record.mdv).unwrap_or(f64::NAN);
        let meaning = "what the data set has as observed; null where it has nothing";
        columns.push(number(columns::DV, meaning, "unit of the data set", &dv));
    }
    let width = plan.trajectories.len();
    columns.extend(plan.trajectory_columns.iter().enumerate().map(|(i, meta)| {
        let values = (0..read.len()).map(|reading| solution.trajectories[reading * width + i]);
        Column { meta: meta.clone(), values: Values::Number(values.collect()) }
    }));
    Table { columns }
}
