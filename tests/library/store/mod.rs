//! The run folder: what is written, what it looks like to a reader, and who may write where.

mod folder;
mod parts;
mod read_back;
#[cfg(unix)]
mod swap;
mod verify;

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::prelude::*;
use tempfile::{TempDir, tempdir};
use vpop::diagnostic::Cause;
use vpop::outcome::distribution::{Endpoint, EndpointKind, Grouping};
use vpop::store::{
    EngineSummary, Existing, Fault, Field, FinishedRun, Identity, Input, Manifest, ModelSummary, Outcomes,
    Part, ROW_GROUP_ROWS, RunFolder, Screening, Set, Shard, Solver, SolverSummary, StoreError, Summary,
    Timing, Wrong, examine, part_files, read_numbers, screening, table_of_columns, totals,
};
use vpop::table::{Column, ColumnMeta, Table, Values};

fn inputs() -> Vec<Input> {
    vec![
        Input::new("cohort", "trial.toml", "patients = 10\n"),
        Input::new("model", "pk.R", "pk <- function() {}\n"),
    ]
}

fn identity() -> Identity {
    Identity::new("trial", 7, 10, None, solver(), &inputs())
}

fn solver() -> Solver {
    Solver { engine: "cpu avx2".into(), rtol: 1e-6, level: "avx2".into() }
}

fn create(path: &Path, existing: Existing) -> Result<RunFolder, StoreError> {
    RunFolder::create(path, existing, identity(), &inputs())
}

/// A folder for runs, and a new run in it.
fn new_run() -> (TempDir, RunFolder) {
    let place = tempdir().unwrap();
    let run = create(&place.path().join("run"), Existing::Refuse).unwrap();
    (place, run)
}

fn column(name: &str, unit: &str, values: Values) -> Column {
    Column { meta: ColumnMeta::new(name, format!("Meaning of {name}"), unit), values }
}

/// Writes a part of one set, and records it.
fn write(run: &mut RunFolder, set: Set, part: u64, table: &Table) {
    write_sets(run, part, &[(set, table)]);
}

/// Writes a part of several sets, and records it.
fn write_sets(run: &mut RunFolder, part: u64, sets: &[(Set, &Table)]) {
    let file = |&(set, table): &(Set, &Table)| {
        let mut writer = run.part(set, part, &Field::of(table)).unwrap();
        writer.write(table).unwrap();
        writer.finish().unwrap()
    };
    let files = sets.iter().map(file).collect();
    run.end_part(part, files).unwrap();
}

/// A part of each of these ranges of patients.
fn parts_of(ranges: impl IntoIterator<Item = Range<u64>>) -> Vec<Part> {
    (0..).zip(ranges).map(|(number, patients)| Part { number, patients }).collect()
}

fn arms() -> [String; 2] {
    ["0.1 mg/kg", "0.2 mg/kg"].map(String::from)
}

fn part_path(run: &RunFolder, set: Set, part: u64) -> PathBuf {
    run.path().join(set.name()).join(format!("part-{part:05}.parquet"))
}

fn read(file: &Path) -> Vec<RecordBatch> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(file).unwrap()).unwrap();
    builder.build().unwrap().map(Result::unwrap).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn manifest(run: &RunFolder) -> Manifest {
    let outcomes = part_files(run.path(), Set::Outcomes).unwrap();
    let arms = arms().to_vec();
    Manifest {
        vpop: "0.1.0".into(),
        created: "2026-03-01T09:30:00Z".into(),
        name: "trial".into(),
        scenario: None,
        seed: 7,
        patients: 10,
        shard: None,
        inputs: run.identity().inputs.clone(),
        model: ModelSummary { name: "pk".into(), description: None, reference: Some("Someone 2020".into()) },
        engine: EngineSummary {
            name: "cpu avx2".into(),
            level: "avx2".into(),
            threads: 2,
            events: Vec::new(),
        },
        solver: SolverSummary {
            method: "tsit5".into(),
            reason: "as asked for".into(),
            switch_after: None,
            switched: 0,
            rtol: 1e-6,
            atol: 1e-8,
            max_steps: 100_000,
            max_step: None,
        },
        outcomes: totals(&outcomes, &arms).unwrap(),
        screening: Screening::new(12, 10),
        trial: None,
        notices: Vec::new(),
        always_zero: Vec::new(),
        audit: Vec::new(),
        timings: vec![Timing { stage: "solve".into(), seconds: 1.5 }],
        files: run.files(),
        arms,
    }
}

/// Patients `first..` in two arms: in each arm `value` is the patient's number plus the arm's, every
/// fifth patient failed, every third never reached the threshold.
fn outcomes(patients: Range<i64>) -> Table {
    let rows = || patients.clone().flat_map(|patient| [(patient, 0_i64), (patient, 1)]);
    let failed = |patient: i64| patient % 5 == 4;
    let number = |value: fn(i64, i64) -> f64| {
        Values::Number(rows().map(|(p, arm)| if failed(p) { f64::NAN } else { value(p, arm) }).collect())
    };
    let count =
        |value: fn(i64, i64) -> i64| Values::Integer(rows().map(|(p, arm)| Some(value(p, arm))).collect());
    Table {
        columns: vec![
            column("patient", "", count(|patient, _| patient)),
            column(
                "arm",
                "",
                Values::labels(rows().map(|(_, arm)| ["0.1 mg/kg", "0.2 mg/kg"][arm as usize])),
            ),
            column("dose", "", count(|_, arm| arm)),
            column("nadir", "1e9/L", number(|patient, arm| (patient + 100 * arm) as f64)),
            column(
                "first_low",
                "day",
                number(|patient, _| if patient % 3 == 0 { f64::NAN } else { patient as f64 / 2.0 }),
            ),
            column("responded", "", number(|patient, arm| f64::from(patient % 4 == arm))),
            column(
                "status",
                "",
                Values::labels(rows().map(|(p, _)| if failed(p) { "max_steps" } else { "ok" })),
            ),
            column(
                "not_finite",
                "",
                Values::Label {
                    codes: rows().map(|(p, _)| failed(p).then_some(0)).collect(),
                    labels: ["platelets".to_owned()].into(),
                },
            ),
            column(
                "not_finite_day",
                "day",
                Values::Number(rows().map(|(p, _)| if failed(p) { 3.0 } else { f64::NAN }).collect()),
            ),
            column(
                "solved_by",
                "",
                Values::labels(rows().map(|(p, _)| if p == 0 || failed(p) { "cpu" } else { "gpu" })),
            ),
            column("steps", "1", count(|patient, _| 10 + patient)),
            column("rejected", "1", count(|_, arm| arm)),
        ],
    }
}

/// Rows `rows` of a table.
fn slice(table: &Table, rows: Range<usize>) -> Table {
    let cut = |values: &Values| match values {
        Values::Number(v) => Values::Number(v[rows.clone()].to_vec()),
        Values::Integer(v) => Values::Integer(v[rows.clone()].to_vec()),
        Values::Flag(v) => Values::Flag(v[rows.clone()].to_vec()),
        Values::Label { codes, labels } => {
            Values::Label { codes: codes[rows.clone()].to_vec(), labels: labels.clone() }
        }
    };
    let columns = table.columns.iter().map(|c| Column { meta: c.meta.clone(), values: cut(&c.values) });
    Table { columns: columns.collect() }
}
