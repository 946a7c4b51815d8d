//! The run folder: what is written, what it looks like to a reader, and who may write where.

#![expect(clippy::unwrap_used, reason = "tests")]

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
use vpop::outcome::distribution::{Endpoint, EndpointKind};
use vpop::store::{
    EngineSummary, Existing, Field, Identity, Input, Manifest, ModelSummary, ROW_GROUP_ROWS, RunFolder,
    Screening, Set, Shard, SolverSummary, StoreError, Timing, distributions, part_files, read_numbers,
    screening, totals,
};
use vpop::table::{About, Column, Table, Values};

fn inputs() -> Vec<Input> {
    vec![
        Input::new("cohort", "trial.toml", "patients = 10\n"),
        Input::new("model", "pk.R", "pk <- function() {}\n"),
    ]
}

fn identity() -> Identity {
    Identity::new("trial", 7, 10, None, "cpu avx2+fma", &inputs())
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
    Column { about: About::new(name, format!("Meaning of {name}"), unit), values }
}

fn write(run: &RunFolder, set: Set, part: u64, table: &Table) {
    let mut writer = run.part(set, part, &Field::of(table)).unwrap();
    writer.write(table).unwrap();
    writer.finish().unwrap();
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
    let arms = vec!["0.1 mg/kg".to_owned(), "0.2 mg/kg".to_owned()];
    Manifest {
        vpop: "0.1.0".into(),
        created: "2026-03-01T09:30:00Z".into(),
        name: "trial".into(),
        seed: 7,
        patients: 10,
        shard: Some(Shard { index: 1, of: 4 }),
        inputs: run.identity().inputs.clone(),
        model: ModelSummary { name: "pk".into(), description: None, reference: Some("Someone 2020".into()) },
        engine: EngineSummary { name: "cpu".into(), level: "avx2+fma".into(), threads: 2 },
        solver: SolverSummary { method: "tsit5".into(), rtol: 1e-6, atol: 1e-8, max_steps: 100_000 },
        outcomes: totals(&outcomes, &arms).unwrap(),
        screening: Screening::new(12, 10),
        timings: vec![Timing { stage: "solve".into(), seconds: 1.5 }],
        files: run.files().unwrap(),
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
            column("dose_number", "", count(|_, arm| arm)),
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
            column("steps", "1", count(|patient, _| 10 + patient)),
            column("rejected", "1", count(|_, arm| arm)),
        ],
    }
}

/// A statistic of the `distributions` table: value, unit, n, missing, failed.
fn statistic(table: &Table, arm: &str, endpoint: &str, name: &str) -> (f64, String, [i64; 3]) {
    let label = |column: &str, row: usize| match &table.column(column).unwrap().values {
        Values::Label { codes, labels } => labels[codes[row] as usize].clone(),
        other => panic_on(other),
    };
    let count = |column: &str, row: usize| match &table.column(column).unwrap().values {
        Values::Integer(values) => values[row].unwrap(),
        other => panic_on(other),
    };
    let row = (0..table.rows())
        .find(|&row| {
            label("arm", row) == arm && label("endpoint", row) == endpoint && label("statistic", row) == name
        })
        .unwrap();
    let Values::Number(values) = &table.column("value").unwrap().values else { unreachable!() };
    (values[row], label("unit", row), ["n", "n_missing", "n_failed"].map(|column| count(column, row)))
}

fn panic_on<T>(values: &Values) -> T {
    unreachable!("{values:?}")
}

#[test]
fn every_kind_of_column_comes_back() {
    let (_place, run) = new_run();
    let table = Table {
        columns: vec![
            column("cmax", "mg/L", Values::Number(vec![1.5, f64::NAN, f64::INFINITY, -0.0])),
            column("doses", "1", Values::Integer(vec![Some(-3), None, Some(i64::MAX), Some(0)])),
            column("evaluable", "", Values::Flag(vec![true, false, false, true])),
            column("sex", "", Values::labels(["female", "male", "male", "female"])),
        ],
    };
    write(&run, Set::Patients, 0, &table);

    let batches = read(&part_path(&run, Set::Patients, 0));
    assert_eq!(batches.len(), 1);
    let batch = &batches[0];
    let cmax = batch.column(0).as_primitive::<Float64Type>();
    assert_eq!(cmax.iter().collect::<Vec<_>>(), [Some(1.5), None, Some(f64::INFINITY), Some(-0.0)]);
    let doses = batch.column(1).as_primitive::<Int64Type>();
    assert_eq!(doses.iter().collect::<Vec<_>>(), [Some(-3), None, Some(i64::MAX), Some(0)]);
    let evaluable = batch.column(2).as_boolean();
    assert_eq!(evaluable.iter().flatten().collect::<Vec<_>>(), [true, false, false, true]);
    let sex = batch.column(3).as_dictionary::<Int32Type>();
    let sex: Vec<_> =
        sex.downcast_dict::<arrow_array::StringArray>().unwrap().into_iter().flatten().collect();
    assert_eq!(sex, ["female", "male", "male", "female"]);
}

#[test]
fn files_say_what_they_hold_and_where_from() {
    let (_place, run) = new_run();
    write(&run, Set::Outcomes, 0, &outcomes(0..ROW_GROUP_ROWS as i64));

    let file = fs::File::open(part_path(&run, Set::Outcomes, 0)).unwrap();
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let nadir = builder.schema().field_with_name("nadir").unwrap();
    assert_eq!(nadir.metadata().get("unit").map(|unit| unit.as_str()), Some("1e9/L"));
    assert_eq!(nadir.metadata().get("meaning").map(|meaning| meaning.as_str()), Some("Meaning of nadir"));

    let metadata = builder.metadata();
    let footer = metadata.file_metadata();
    assert_eq!(footer.created_by(), Some("vpop version 0.1.0"));
    let entry = |key: &str| {
        let entries = footer.key_value_metadata().unwrap();
        entries.iter().find(|entry| entry.key == key).and_then(|entry| entry.value.clone())
    };
    // `printf 'patients = 10\n' | sha256sum`
    let cohort = "b539780158aca868f42dcdc1e5b5617c2540cd3bc0a9d47125b840f9093e97d8";
    let expected =
        [("vpop.set", "outcomes"), ("vpop.run", "trial"), ("vpop.seed", "7"), ("vpop.shard", "all")];
    for (key, value) in expected {
        assert_eq!(entry(key).as_deref(), Some(value), "{key}");
    }
    assert_eq!(entry("vpop.cohort.sha256").as_deref(), Some(cohort));

    let rows: Vec<_> = metadata.row_groups().iter().map(|group| group.num_rows()).collect();
    assert_eq!(rows, [131_072, 131_072]);
    for chunk in metadata.row_groups()[0].columns() {
        assert!(
            matches!(chunk.compression(), parquet::basic::Compression::ZSTD(_)),
            "{}",
            chunk.column_path()
        );
        let dictionary = chunk.dictionary_page_offset().is_some();
        assert_eq!(dictionary, ["arm", "status"].contains(&chunk.column_path().string().as_str()));
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
    let columns = table.columns.iter().map(|c| Column { about: c.about.clone(), values: cut(&c.values) });
    Table { columns: columns.collect() }
}

/// The bytes of a part that was written in pieces that end at `ends`.
fn bytes_in_pieces(run: &RunFolder, part: u64, table: &Table, ends: &[usize]) -> Vec<u8> {
    let mut writer = run.part(Set::Outcomes, part, &Field::of(table)).unwrap();
    let mut from = 0;
    for &to in ends.iter().chain([&table.rows()]) {
        writer.write(&slice(table, from..to)).unwrap();
        from = to;
    }
    writer.finish().unwrap();
    fs::read(part_path(run, Set::Outcomes, part)).unwrap()
}

/// Values that do not repeat, so that pages fill up.
fn scattered(rows: usize) -> Table {
    let scatter = |i: usize| (i as f64 * 0.618_033_988_749_894_9).fract();
    Table {
        columns: vec![
            column("patient", "", Values::Integer((0..rows).map(|i| Some(i as i64)).collect())),
            column("x", "1", Values::Number((0..rows).map(scatter).collect())),
            column(
                "y",
                "1",
                Values::Number(
                    (0..rows).map(|i| if i % 7 == 0 { f64::NAN } else { scatter(i * i) }).collect(),
                ),
            ),
            column(
                "class",
                "",
                Values::labels((0..rows).map(|i| ["a", "b", "c"][(scatter(i) * 3.0) as usize])),
            ),
        ],
    }
}

#[test]
fn bytes_do_not_depend_on_the_pieces() {
    let (place, run) = new_run();
    let table = scattered(150_000);
    let whole = bytes_in_pieces(&run, 0, &table, &[]);
    let tens: Vec<usize> = (1..15).map(|i| 10_000 * i).collect();
    assert!(whole == bytes_in_pieces(&run, 1, &table, &tens));
    assert!(whole == bytes_in_pieces(&run, 2, &table, &[1, 1, 8_191, 8_192, 131_073]));

    let again = create(&place.path().join("again"), Existing::Refuse).unwrap();
    assert!(whole == bytes_in_pieces(&again, 0, &table, &[]), "another folder gives other bytes");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn bytes_do_not_depend_on_any_pieces(mut ends in prop::collection::vec(0_usize..20_000, 0..12)) {
        ends.sort_unstable();
        let (_place, run) = new_run();
        let table = scattered(20_000);
        let whole = bytes_in_pieces(&run, 0, &table, &[]);
        prop_assert!(whole == bytes_in_pieces(&run, 1, &table, &ends));
    }
}

#[test]
fn an_empty_part_has_its_columns() {
    let (_place, run) = new_run();
    write(&run, Set::Outcomes, 0, &outcomes(0..0));
    let file = fs::File::open(part_path(&run, Set::Outcomes, 0)).unwrap();
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    assert_eq!(builder.metadata().file_metadata().num_rows(), 0);
    assert_eq!(builder.schema().fields().len(), 9);
}

#[test]
fn a_part_is_there_whole_or_not_at_all() {
    let (_place, run) = new_run();
    let table = outcomes(0..10);
    let folder = run.path().join("outcomes");

    let mut writer = run.part(Set::Outcomes, 3, &Field::of(&table)).unwrap();
    writer.write(&table).unwrap();
    assert_eq!(names(&folder), [".part-00003.parquet.tmp"]);
    drop(writer);
    assert_eq!(names(&folder), [""; 0]);

    write(&run, Set::Outcomes, 3, &table);
    assert_eq!(names(&folder), ["part-00003.parquet"]);
    assert!(run.has_part(3, &[Set::Outcomes]));
    assert!(!run.has_part(3, &[Set::Outcomes, Set::Patients]));
    assert!(!run.has_part(2, &[Set::Outcomes]));
}

#[test]
fn a_table_with_other_columns_is_refused() {
    let (_place, run) = new_run();
    let table = outcomes(0..4);
    let fields = Field::of(&table);
    let message = |change: fn(&mut Table)| {
        let mut other = table.clone();
        change(&mut other);
        let mut writer = run.part(Set::Outcomes, 0, &fields).unwrap();
        writer.write(&other).unwrap_err().to_string()
    };
    let cases: [(fn(&mut Table), &str); 4] = [
        (|t| drop(t.columns.pop()), "8 columns instead of 9"),
        (|t| t.columns[3].about.unit = "g/L".into(), "column `nadir` is not `nadir` as it was described"),
        (|t| t.columns[3].values = Values::Number(vec![1.0]), "column `nadir` has 1 rows, not 8"),
        (
            |t| {
                if let Values::Label { codes, .. } = &mut t.columns[1].values {
                    codes[0] = 2;
                }
            },
            "column `arm` has no label 2",
        ),
    ];
    for (change, expected) in cases {
        let message = message(change);
        assert!(message.ends_with(expected), "{message}");
    }
}

#[test]
fn a_run_starts_with_its_inputs() {
    let (_place, run) = new_run();
    assert_eq!(names(run.path()), ["inputs", "run.json"]);
    assert_eq!(names(&run.path().join("inputs")), ["pk.R", "trial.toml"]);
    assert_eq!(fs::read_to_string(run.path().join("inputs/trial.toml")).unwrap(), "patients = 10\n");
}

#[test]
fn a_finished_run_is_replaced_only_by_force() {
    let (place, run) = new_run();
    let path = run.path().to_owned();
    write(&run, Set::Outcomes, 0, &outcomes(0..10));
    let manifest = manifest(&run);
    run.finish(&manifest).unwrap();
    fs::write(path.join("notes.txt"), "mine").unwrap();

    for existing in [Existing::Refuse, Existing::Resume] {
        let error = create(&path, existing).unwrap_err();
        assert!(matches!(error, StoreError::Finished { .. }), "{error}");
        assert!(error.help().unwrap().contains("--force"));
    }
    assert!(path.join("outcomes/part-00000.parquet").exists());

    let run = create(&path, Existing::Replace).unwrap();
    assert_eq!(names(&path), ["inputs", "notes.txt", "run.json"]);
    drop(run);
    drop(place);
}

#[test]
fn an_interrupted_run_is_resumed_or_replaced() {
    let (_place, run) = new_run();
    let path = run.path().to_owned();
    write(&run, Set::Outcomes, 0, &outcomes(0..10));
    drop(run);
    fs::write(path.join("outcomes/.part-00001.parquet.tmp"), "half").unwrap();
    fs::remove_file(path.join("inputs/pk.R")).unwrap();

    let error = create(&path, Existing::Refuse).unwrap_err();
    assert!(matches!(error, StoreError::Unfinished { .. }), "{error}");
    assert!(error.help().unwrap().contains("--resume"));

    let run = create(&path, Existing::Resume).unwrap();
    assert_eq!(names(&path.join("outcomes")), ["part-00000.parquet"]);
    assert_eq!(names(&path.join("inputs")), ["pk.R", "trial.toml"]);
    assert!(run.has_part(0, &[Set::Outcomes]));
    drop(run);

    let run = create(&path, Existing::Replace).unwrap();
    assert_eq!(names(run.path()), ["inputs", "run.json"]);
}

#[test]
fn resuming_where_nothing_is_starts_a_run() {
    let place = tempdir().unwrap();
    let run = create(&place.path().join("a/b"), Existing::Resume).unwrap();
    assert_eq!(names(run.path()), ["inputs", "run.json"]);
}

#[test]
fn a_run_is_resumed_with_the_same_inputs_only() {
    let (_place, run) = new_run();
    let path = run.path().to_owned();
    drop(run);

    let mut other = inputs();
    other[1].bytes.push(b'\n');
    let shard = Some(Shard { index: 2, of: 8 });
    let changed = Identity::new("trial", 8, 10, shard, "cpu avx2+fma", &other);
    let error = RunFolder::create(&path, Existing::Resume, changed, &other).unwrap_err();
    let StoreError::Different { differences, .. } = &error else { unreachable!("{error}") };
    let what: Vec<_> = differences.iter().map(|d| d.what.as_str()).collect();
    assert_eq!(what, ["seed", "shard", "model.sha256"]);
    let message = error.to_string();
    assert!(message.contains("seed was 7 and is now 8; shard was all and is now 2/8"), "{message}");
    assert_eq!(fs::read_to_string(path.join("inputs/pk.R")).unwrap(), "pk <- function() {}\n");

    let mut more = inputs();
    more.push(Input::new("patients", "trial.csv", "WT\n70\n"));
    let changed = Identity::new("trial", 7, 10, None, "cpu avx2+fma", &more);
    let error = RunFolder::create(&path, Existing::Resume, changed, &more).unwrap_err();
    assert!(error.to_string().contains("patients.sha256 was absent and is now "), "{error}");
}

#[test]
fn a_damaged_run_is_not_resumed() {
    let (_place, run) = new_run();
    let path = run.path().to_owned();
    drop(run);
    fs::write(path.join("run.json"), "{").unwrap();
    let error = create(&path, Existing::Resume).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
}

#[test]
fn what_is_not_a_run_is_never_touched() {
    let place = tempdir().unwrap();
    fs::write(place.path().join("thesis.txt"), "years of work").unwrap();
    for existing in [Existing::Refuse, Existing::Replace, Existing::Resume] {
        let error = create(place.path(), existing).unwrap_err();
        assert!(matches!(error, StoreError::NotARun { .. }), "{error}");
    }
    assert_eq!(names(place.path()), ["thesis.txt"]);
}

#[test]
fn an_empty_folder_is_used() {
    let place = tempdir().unwrap();
    create(place.path(), Existing::Refuse).unwrap();
    assert_eq!(names(place.path()), ["inputs", "run.json"]);
}

#[test]
fn a_folder_that_cannot_be_made_leaves_nothing() {
    let place = tempdir().unwrap();
    fs::write(place.path().join("file"), "").unwrap();
    for path in ["file", "file/run"] {
        let error = create(&place.path().join(path), Existing::Refuse).unwrap_err();
        assert!(matches!(error, StoreError::Create { .. }), "{error}");
        assert!(error.help().unwrap().contains("-o"));
    }

    // An input that cannot be written, after the folder was made.
    let broken = [Input::new("cohort", "no/such/folder.toml", "")];
    let error =
        RunFolder::create(&place.path().join("run"), Existing::Refuse, identity(), &broken).unwrap_err();
    assert!(matches!(error, StoreError::Create { .. }), "{error}");
    assert_eq!(names(place.path()), ["file"]);

    let twins = [Input::new("cohort", "a.toml", "1"), Input::new("model", "a.toml", "2")];
    let error =
        RunFolder::create(&place.path().join("run"), Existing::Refuse, identity(), &twins).unwrap_err();
    assert_eq!(error.to_string(), "two input files are called `a.toml`");
}

#[test]
fn two_processes_do_not_write_one_run() {
    let (_place, run) = new_run();
    for existing in [Existing::Resume, Existing::Replace] {
        let error = create(run.path(), existing).unwrap_err();
        assert!(matches!(error, StoreError::Busy { .. }), "{error}");
    }
    assert_eq!(names(run.path()), ["inputs", "run.json"]);
}

#[test]
fn a_run_without_parts_can_be_discarded() {
    let (place, run) = new_run();
    let table = outcomes(0..10);
    let unfinished = run.part(Set::Outcomes, 0, &Field::of(&table)).unwrap();
    drop(unfinished);
    run.discard();
    assert_eq!(names(place.path()), [""; 0]);

    let (place, run) = new_run();
    write(&run, Set::Outcomes, 0, &table);
    run.discard();
    assert!(place.path().join("run/outcomes/part-00000.parquet").exists());
}

/// `/dev/full` answers every write as a full disk does.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_and_leaves_a_run_that_resumes() {
    let (_place, run) = new_run();
    let table = outcomes(0..10);
    let folder = run.path().join("outcomes");
    fs::create_dir(&folder).unwrap();
    std::os::unix::fs::symlink("/dev/full", folder.join(".part-00000.parquet.tmp")).unwrap();

    let mut writer = run.part(Set::Outcomes, 0, &Field::of(&table)).unwrap();
    writer.write(&table).unwrap();
    let error = writer.finish().unwrap_err();
    assert!(matches!(&error, StoreError::Write { .. }), "{error}");
    assert!(error.help().unwrap().contains("the disk is full"), "{error}");
    assert_eq!(names(&folder), [""; 0]);
    let path = run.path().to_owned();
    drop(run);
    create(&path, Existing::Resume).unwrap();
}

#[test]
fn columns_are_read_back_in_order_of_patients() {
    let (_place, run) = new_run();
    // Names of five and six digits do not sort as their numbers do.
    write(&run, Set::Outcomes, 100_000, &outcomes(6..9));
    write(&run, Set::Outcomes, 20_000, &outcomes(3..6));
    write(&run, Set::Outcomes, 0, &outcomes(0..3));
    let files = part_files(run.path(), Set::Outcomes).unwrap();

    let patients = read_numbers(&files, "patient", Some("0.2 mg/kg")).unwrap();
    assert_eq!(patients, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    let nadir = read_numbers(&files, "nadir", Some("0.2 mg/kg")).unwrap();
    assert_eq!(nadir[..4], [100.0, 101.0, 102.0, 103.0]);
    assert!(nadir[4].is_nan());
    assert_eq!(read_numbers(&files, "patient", None).unwrap().len(), 18);

    let error = read_numbers(&files, "nadyr", None).unwrap_err();
    assert!(matches!(&error, StoreError::NoColumn { column, .. } if column == "nadyr"), "{error}");
    let error = read_numbers(&files, "arm", None).unwrap_err();
    assert!(error.to_string().ends_with("column `arm` holds no numbers"), "{error}");
}

#[test]
fn damaged_parts_are_an_error() {
    let (_place, run) = new_run();
    write(&run, Set::Outcomes, 0, &outcomes(0..1_000));
    let files = part_files(run.path(), Set::Outcomes).unwrap();
    let bytes = fs::read(&files[0]).unwrap();
    for keep in [0, 10, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&files[0], &bytes[..keep]).unwrap();
        let error = read_numbers(&files, "nadir", None).unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    }
}

/// 20 patients, of which 4, 9, 14 and 19 failed. Expected values: numpy 2.4.6 on the other 16, as
/// `x = numpy.array([p for p in range(20) if p % 5 != 4])`, `x.mean()`, `x.std(ddof=1)`,
/// `numpy.quantile(x, q)`; `t = [p / 2 for p in x if p % 3]`; intervals of 10 of 16 and 4 of 16 by
/// scipy 1.17.1, `binomtest(k, n).proportion_ci(method="wilson" | "exact")`.
#[test]
fn distributions_are_those_of_the_finished_patients() {
    let (_place, run) = new_run();
    write(&run, Set::Outcomes, 0, &outcomes(0..7));
    write(&run, Set::Outcomes, 1, &outcomes(7..20));
    let endpoint = |name: &str, unit: &str, kind| Endpoint { about: About::new(name, "", unit), kind };
    let endpoints = [
        endpoint("nadir", "1e9/L", EndpointKind::Number),
        endpoint("first_low", "day", EndpointKind::FirstTime),
        endpoint("responded", "", EndpointKind::Flag),
    ];
    let arms = ["0.1 mg/kg".to_owned(), "0.2 mg/kg".to_owned()];
    let files = part_files(run.path(), Set::Outcomes).unwrap();
    let table = distributions(&files, &arms, &endpoints).unwrap();
    assert_eq!(table.rows(), 2 * (15 + 20 + 5));

    let cases: [(&str, &str, &str, f64, &str, [i64; 3]); 18] = [
        ("0.1 mg/kg", "nadir", "mean", 9.0, "1e9/L", [16, 0, 4]),
        ("0.1 mg/kg", "nadir", "sd", 5.887840577551898, "1e9/L", [16, 0, 4]),
        ("0.1 mg/kg", "nadir", "min", 0.0, "1e9/L", [16, 0, 4]),
        ("0.1 mg/kg", "nadir", "p2.5", 0.375, "1e9/L", [16, 0, 4]),
        ("0.1 mg/kg", "nadir", "p50", 9.0, "1e9/L", [16, 0, 4]),
        ("0.1 mg/kg", "nadir", "p90", 16.5, "1e9/L", [16, 0, 4]),
        ("0.1 mg/kg", "nadir", "max", 18.0, "1e9/L", [16, 0, 4]),
        ("0.2 mg/kg", "nadir", "p99", 117.85, "1e9/L", [16, 0, 4]),
        ("0.1 mg/kg", "first_low", "proportion", 0.625, "1", [16, 0, 4]),
        ("0.1 mg/kg", "first_low", "wilson_low", 0.386_410_405_455_027_14, "1", [16, 0, 4]),
        ("0.1 mg/kg", "first_low", "wilson_high", 0.815_187_674_411_363_6, "1", [16, 0, 4]),
        ("0.1 mg/kg", "first_low", "exact_low", 0.354_346_094_302_077_86, "1", [16, 0, 4]),
        ("0.1 mg/kg", "first_low", "exact_high", 0.848_016_324_918_838, "1", [16, 0, 4]),
        ("0.1 mg/kg", "first_low", "mean", 4.5, "day", [10, 6, 4]),
        ("0.1 mg/kg", "first_low", "p75", 6.25, "day", [10, 6, 4]),
        ("0.2 mg/kg", "responded", "proportion", 0.25, "1", [16, 0, 4]),
        ("0.2 mg/kg", "responded", "exact_low", 0.072_662_038_252_882_21, "1", [16, 0, 4]),
        ("0.2 mg/kg", "responded", "wilson_high", 0.494_983_165_355_087_74, "1", [16, 0, 4]),
    ];
    for (arm, endpoint, name, expected, unit, counts) in cases {
        let (value, found_unit, found_counts) = statistic(&table, arm, endpoint, name);
        assert!((value - expected).abs() < 1e-12 * expected.max(1.0), "{arm} {endpoint} {name}: {value}");
        assert_eq!((found_unit.as_str(), found_counts), (unit, counts), "{arm} {endpoint} {name}");
    }
}

#[test]
fn distributions_of_nobody_are_missing() {
    let (_place, run) = new_run();
    let table = slice(&outcomes(4..5), 0..2);
    write(&run, Set::Outcomes, 0, &table);
    let files = part_files(run.path(), Set::Outcomes).unwrap();
    let endpoints = [Endpoint { about: About::new("first_low", "", "day"), kind: EndpointKind::FirstTime }];
    let table = distributions(&files, &["0.1 mg/kg".to_owned()], &endpoints).unwrap();
    for name in ["proportion", "wilson_low", "exact_high", "mean", "sd", "p50", "max"] {
        let (value, _, counts) = statistic(&table, "0.1 mg/kg", "first_low", name);
        assert!(value.is_nan(), "{name}");
        assert_eq!(counts, [0, 0, 1]);
    }
    run.write_distributions(&table).unwrap();
    let written = read(&run.path().join("distributions.parquet"));
    assert_eq!(written[0].column_by_name("value").unwrap().null_count(), table.rows());
}

#[test]
fn totals_count_every_status() {
    let (_place, run) = new_run();
    write(&run, Set::Outcomes, 0, &outcomes(0..5));
    write(&run, Set::Outcomes, 1, &outcomes(5..10));
    let files = part_files(run.path(), Set::Outcomes).unwrap();
    let totals = totals(&files, &["0.1 mg/kg".to_owned(), "0.2 mg/kg".to_owned()]).unwrap();

    assert_eq!((totals.all.patients, totals.all.failed(), totals.all.steps), (20, 4, 290));
    assert_eq!(totals.all.mean_steps, 14.5);
    let arm = &totals.arms[1];
    assert_eq!((arm.arm.as_str(), arm.patients, arm.steps, arm.rejected), ("0.2 mg/kg", 10, 145, 10));
    let status: Vec<_> = arm.status.iter().map(|s| (s.status.as_str(), s.count)).collect();
    assert_eq!(status, [("ok", 8), ("max_steps", 2)]);
}

#[test]
fn screening_is_summed_over_the_patients() {
    let (_place, run) = new_run();
    let attempts = |values: [i64; 3]| Table {
        columns: vec![column("attempts", "1", Values::Integer(values.map(Some).to_vec()))],
    };
    write(&run, Set::Patients, 0, &attempts([1, 1, 4]));
    write(&run, Set::Patients, 1, &attempts([2, 1, 1]));
    let found = screening(&part_files(run.path(), Set::Patients).unwrap()).unwrap();
    assert_eq!(found, Screening { drawn: 10, kept: 6, screened_out: 0.4 });
}

#[test]
fn the_manifest_lists_every_file_and_ends_the_run() {
    let (_place, run) = new_run();
    let path = run.path().to_owned();
    let table = outcomes(0..10);
    write(&run, Set::Outcomes, 0, &table);
    let fields = Field::of(&table);
    run.write_columns(&[("outcomes", &fields)]).unwrap();
    let manifest = manifest(&run);
    assert!(!path.join("manifest.json").exists());
    run.finish(&manifest).unwrap();

    let text = fs::read_to_string(path.join("manifest.json")).unwrap();
    let read: Manifest = serde_json::from_str(&text).unwrap();
    assert_eq!(read, manifest);
    let files: Vec<_> = read.files.iter().map(|f| (f.set.as_str(), f.file.as_str(), f.rows)).collect();
    assert_eq!(files, [("outcomes", "outcomes/part-00000.parquet", 20), ("columns", "columns.parquet", 9)]);
    let size = fs::metadata(path.join("outcomes/part-00000.parquet")).unwrap().len();
    assert_eq!(read.files[0].bytes, size);
    assert_eq!(names(&path), ["columns.parquet", "inputs", "manifest.json", "outcomes", "run.json"]);
}

#[test]
fn every_column_is_explained() {
    let (_place, run) = new_run();
    let fields = Field::of(&outcomes(0..1));
    run.write_columns(&[("patients", &fields[..1]), ("outcomes", &fields)]).unwrap();
    let batch = &read(&run.path().join("columns.parquet"))[0];
    let row = |row: usize| {
        ["set", "column", "meaning", "unit"].map(|name| {
            let column = batch.column_by_name(name).unwrap().as_dictionary::<Int32Type>();
            let values = column.downcast_dict::<arrow_array::StringArray>().unwrap();
            values.into_iter().nth(row).flatten().unwrap().to_owned()
        })
    };
    assert_eq!(row(0), ["patients", "patient", "Meaning of patient", ""]);
    assert_eq!(row(4), ["outcomes", "nadir", "Meaning of nadir", "1e9/L"]);
}
