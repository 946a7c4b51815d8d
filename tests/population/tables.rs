//! Users' tables: what is read from CSV and Parquet, and what is refused.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::types::Int8Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float32Array, Float64Array, Int64Array,
    RecordBatch, StringArray, UInt8Array,
};
use parquet::arrow::ArrowWriter;
use tempfile::TempDir;
use vpop::table::{self, Column, Table, Values};

fn file(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn csv(text: &str) -> Table {
    let (_folder, path) = file("t.CSV", text.as_bytes());
    table::read(&path).unwrap()
}

/// Message, without the folder, and help.
fn refused(name: &str, bytes: &[u8]) -> (String, String) {
    let (folder, path) = file(name, bytes);
    let problem = table::read(&path).unwrap_err();
    let folder = format!("{}/", folder.path().display());
    (problem.to_string().replace(&folder, ""), problem.cause.help().unwrap())
}

fn numbers(table: &Table, name: &str) -> Vec<Option<f64>> {
    let Column { values: Values::Number(values), .. } = table.column(name).unwrap() else {
        panic!("`{name}` is not numbers")
    };
    values.iter().map(|&x| (!x.is_nan()).then_some(x)).collect()
}

fn text<'a>(table: &'a Table, name: &str) -> Vec<&'a str> {
    let Column { values: Values::Label { codes, labels }, .. } = table.column(name).unwrap() else {
        panic!("`{name}` is not text")
    };
    codes.iter().map(|code| labels[code.unwrap() as usize].as_str()).collect()
}

#[test]
fn csv_columns_are_numbers_or_text() {
    let table = csv(
        "\u{feff}ID, WT ,SITE,NOTE\r\n1, 7e1,north,\"a, b\"\r\n2,NA,south,1\r\n3,.,north,\r\n4,,south,2\r\n",
    );
    assert_eq!(
        table.columns.iter().map(|c| &c.about.name[..]).collect::<Vec<_>>(),
        ["ID", "WT", "SITE", "NOTE"]
    );
    assert_eq!(numbers(&table, "ID"), [1.0, 2.0, 3.0, 4.0].map(Some));
    assert_eq!(numbers(&table, "WT"), [Some(70.0), None, None, None]);
    assert_eq!(text(&table, "SITE"), ["north", "south", "north", "south"]);
    assert_eq!(text(&table, "NOTE"), ["a, b", "1", "", "2"]);
    assert_eq!(table.rows(), 4);
}

#[test]
fn csv_that_is_refused() {
    let message = |text: &str| refused("t.csv", text.as_bytes()).0;
    assert_eq!(message("A,B\n1,2\n3\n"), "t.csv, row 2: 1 cells where the header has 2");
    assert_eq!(message("A,B\n1,2\n3,4,5\n"), "t.csv, row 2: 3 cells where the header has 2");
    assert_eq!(message("A,A\n1,2\n"), "t.csv: column `A` is there twice");
    assert_eq!(message("A,\n1,2\n"), "t.csv: column 2 has no name");
    assert_eq!(message("A,B\n"), "t.csv has no rows");
    assert_eq!(message(""), "t.csv has no rows");
    assert_eq!(refused("t.csv", b"A,B\n1,2\n\xff,3\n").0, "t.csv, row 2: the text is not UTF-8");
    assert_eq!(
        refused("t.xlsx", b"PK"),
        (
            "t.xlsx is neither .csv nor .parquet".into(),
            "give a comma-separated file with a header line, or a Parquet file".into()
        )
    );
}

#[test]
fn a_file_that_is_not_there() {
    for name in ["none.csv", "none.parquet"] {
        let message = table::read(&PathBuf::from(name)).unwrap_err().to_string();
        assert!(message.starts_with(&format!("cannot read {name}: ")), "{message}");
        assert!(message.contains("No such file"), "{message}");
    }
}

/// Two row groups, so that a column comes in pieces.
fn parquet(columns: Vec<(&str, ArrayRef)>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let batch =
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true))).unwrap();
    let mut writer = ArrowWriter::try_new(File::create(&path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch.slice(0, 1)).unwrap();
    writer.flush().unwrap();
    writer.write(&batch.slice(1, batch.num_rows() - 1)).unwrap();
    writer.close().unwrap();
    (folder, path)
}

#[test]
fn parquet_columns_of_every_kind() {
    let dictionary: DictionaryArray<Int8Type> = ["x", "y", "x"].into_iter().collect();
    let (_folder, path) = parquet(vec![
        ("int", Arc::new(Int64Array::from(vec![Some(1), None, Some(-3)]))),
        ("byte", Arc::new(UInt8Array::from(vec![1, 2, 255]))),
        ("single", Arc::new(Float32Array::from(vec![0.5, -1.5, 2.0]))),
        ("double", Arc::new(Float64Array::from(vec![Some(0.1), None, Some(f64::NAN)]))),
        ("flag", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
        ("text", Arc::new(StringArray::from(vec![Some("a"), None, Some("b")]))),
        ("coded", Arc::new(dictionary)),
    ]);
    let table = table::read(&path).unwrap();
    assert_eq!(table.rows(), 3);
    assert_eq!(numbers(&table, "int"), [Some(1.0), None, Some(-3.0)]);
    assert_eq!(numbers(&table, "byte"), [1.0, 2.0, 255.0].map(Some));
    assert_eq!(numbers(&table, "single"), [0.5, -1.5, 2.0].map(Some));
    assert_eq!(numbers(&table, "double"), [Some(0.1), None, None]);
    assert_eq!(numbers(&table, "flag"), [Some(1.0), Some(0.0), None]);
    assert_eq!(text(&table, "text"), ["a", "", "b"]);
    assert_eq!(text(&table, "coded"), ["x", "y", "x"]);
}

#[test]
fn parquet_that_is_refused() {
    let (folder, path) = parquet(vec![("day", Arc::new(Date32Array::from(vec![1, 2])))]);
    let message =
        table::read(&path).unwrap_err().to_string().replace(&format!("{}/", folder.path().display()), "");
    assert_eq!(message, "t.parquet: column `day` is of type Date32, which is neither numbers nor text");
    assert!(refused("t.parquet", b"no Parquet").0.starts_with("cannot read t.parquet: "));
}
