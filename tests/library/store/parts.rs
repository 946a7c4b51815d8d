//! What a Parquet file of a run holds, to the byte.

use super::*;

#[test]
fn every_kind_of_column_comes_back() {
    let (_place, mut run) = new_run();
    let causes = ["kidney", "liver"].map(String::from).into();
    let table = Table {
        columns: vec![
            column("cmax", "mg/L", Values::Number(vec![1.5, f64::NAN, f64::INFINITY, -0.0])),
            column("doses", "1", Values::Integer(vec![Some(-3), None, Some(i64::MAX), Some(0)])),
            column("evaluable", "", Values::Flag(vec![Some(true), Some(false), None, Some(true)])),
            column("sex", "", Values::labels(["female", "male", "male", "female"])),
            column("cause", "", Values::Label { codes: vec![None, Some(1), None, Some(0)], labels: causes }),
        ],
    };
    write(&mut run, Set::Patients, 0, &table);

    let batches = read(&part_path(&run, Set::Patients, 0));
    assert_eq!(batches.len(), 1);
    let batch = &batches[0];
    let cmax = batch.column(0).as_primitive::<Float64Type>();
    assert_eq!(cmax.iter().collect::<Vec<_>>(), [Some(1.5), None, Some(f64::INFINITY), Some(-0.0)]);
    let doses = batch.column(1).as_primitive::<Int64Type>();
    assert_eq!(doses.iter().collect::<Vec<_>>(), [Some(-3), None, Some(i64::MAX), Some(0)]);
    let evaluable = batch.column(2).as_boolean();
    assert_eq!(evaluable.iter().collect::<Vec<_>>(), [Some(true), Some(false), None, Some(true)]);
    let labels = |column: usize| {
        let labels = batch.column(column).as_dictionary::<Int32Type>();
        let labels = labels.downcast_dict::<arrow_array::StringArray>().unwrap();
        labels.into_iter().map(|label| label.map(String::from)).collect::<Vec<_>>()
    };
    assert_eq!(labels(3), ["female", "male", "male", "female"].map(|label| Some(label.into())));
    assert_eq!(labels(4), [None, Some("liver".into()), None, Some("kidney".into())]);
}

#[test]
fn files_say_what_they_hold_and_where_from() {
    let (_place, mut run) = new_run();
    write(&mut run, Set::Outcomes, 0, &outcomes(0..ROW_GROUP_ROWS as i64));

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
    let expected = [("vpop.set", "outcomes"), ("vpop.run", "trial"), ("vpop.seed", "7")];
    for (key, value) in expected {
        assert_eq!(entry(key).as_deref(), Some(value), "{key}");
    }
    assert_eq!(entry("vpop.shard"), None, "a shard has the files of the whole run");
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
        assert_eq!(
            dictionary,
            ["arm", "status", "not_finite", "solved_by"].contains(&chunk.column_path().string().as_str())
        );
    }
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
    let (_place, mut run) = new_run();
    write(&mut run, Set::Outcomes, 0, &outcomes(0..0));
    let file = fs::File::open(part_path(&run, Set::Outcomes, 0)).unwrap();
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    assert_eq!(builder.metadata().file_metadata().num_rows(), 0);
    assert_eq!(builder.schema().fields().len(), 12);
}

#[test]
fn a_part_is_there_whole_or_not_at_all() {
    let (_place, mut run) = new_run();
    let table = outcomes(0..10);
    let folder = run.path().join("outcomes");

    let mut writer = run.part(Set::Outcomes, 3, &Field::of(&table)).unwrap();
    writer.write(&table).unwrap();
    assert_eq!(names(&folder), [".part-00003.parquet.0.tmp"]);
    drop(writer);
    assert_eq!(names(&folder), [""; 0]);

    write(&mut run, Set::Outcomes, 3, &table);
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
    type Change = fn(&mut Table);
    let message = |change: Change| {
        let mut other = table.clone();
        change(&mut other);
        let mut writer = run.part(Set::Outcomes, 0, &fields).unwrap();
        writer.write(&other).unwrap_err().to_string()
    };
    let cases: [(Change, &str); 4] = [
        (|t| drop(t.columns.pop()), "11 columns instead of 12"),
        (|t| t.columns[3].meta.unit = "g/L".into(), "column `nadir` is not `nadir` as it was described"),
        (|t| t.columns[3].values = Values::Number(vec![1.0]), "column `nadir` has 1 rows, not 8"),
        (
            |t| {
                if let Values::Label { codes, .. } = &mut t.columns[1].values {
                    codes[0] = Some(2);
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
fn every_column_is_explained() {
    let (_place, mut run) = new_run();
    let fields = Field::of(&outcomes(0..1));
    let columns = table_of_columns(&[("patients", &fields[..1]), ("outcomes", &fields[..])]);
    run.write_summaries(&[(Summary::Columns, &columns)]).unwrap();
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
