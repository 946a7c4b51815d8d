//! Users' tables: what is read from CSV and Parquet, and what is refused.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::types::{Int8Type, Int64Type};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Date64Array, Decimal128Array, Decimal256Array,
    DictionaryArray, DurationNanosecondArray, Float16Array, Float32Array, Float64Array, Int8Array,
    Int16Array, Int32Array, Int64Array, LargeStringArray, ListArray, NullArray, RecordBatch, StringArray,
    StringViewArray, StructArray, Time64MicrosecondArray, TimestampNanosecondArray, TimestampSecondArray,
    UInt8Array, UInt16Array, UInt32Array, UInt64Array,
};
use arrow_buffer::{ScalarBuffer, i256};
use arrow_schema::{DataType, Field};
use parquet::arrow::ArrowWriter;
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterVersion};
use tempfile::TempDir;
use vpop::table::{self, Column, Table, TableFile, Values};

fn file(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn csv(text: &str) -> Table {
    let (_folder, path) = file("t.CSV", text.as_bytes());
    table::read(&path, |_| true).unwrap()
}

/// Message, without the folder, and help.
fn refused(name: &str, bytes: &[u8]) -> (String, String) {
    let (folder, path) = file(name, bytes);
    let problem = table::read(&path, |_| true).unwrap_err();
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
    codes.iter().map(|code| code.map_or("(missing)", |code| labels[code as usize].as_str())).collect()
}

#[test]
fn csv_columns_are_numbers_or_text() {
    let table = csv(
        "\u{feff}ID, WT ,SITE,NOTE\r\n1, 7e1,north,\"a, b\"\r\n2,NA,south,1\r\n3,.,north,\r\n4,,south,2\r\n",
    );
    assert_eq!(
        table.columns.iter().map(|c| &c.meta.name[..]).collect::<Vec<_>>(),
        ["ID", "WT", "SITE", "NOTE"]
    );
    assert_eq!(numbers(&table, "ID"), [1.0, 2.0, 3.0, 4.0].map(Some));
    assert_eq!(numbers(&table, "WT"), [Some(70.0), None, None, None]);
    assert_eq!(text(&table, "SITE"), ["north", "south", "north", "south"]);
    assert_eq!(text(&table, "NOTE"), ["a, b", "1", "(missing)", "2"]);
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
    assert_eq!(message("ID;WT\n1;70,5\n"), "t.csv: the header has no comma, but ';'");
    assert_eq!(
        message("A,B\u{1b}[31m\n1,2\n"),
        "t.csv: the name of column 2 is too long, or holds control characters"
    );
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
        let message = table::read(&PathBuf::from(name), |_| true).unwrap_err().to_string();
        assert!(message.starts_with(&format!("cannot read {name}: ")), "{message}");
        assert!(message.contains("No such file"), "{message}");
    }
}

/// Two row groups, so that a column comes in pieces.
fn parquet(columns: Vec<(&str, ArrayRef)>) -> (TempDir, PathBuf) {
    parquet_with(columns, None)
}

fn parquet_with(columns: Vec<(&str, ArrayRef)>, properties: Option<WriterProperties>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let batch =
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true))).unwrap();
    let mut writer = ArrowWriter::try_new(File::create(&path).unwrap(), batch.schema(), properties).unwrap();
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
    let table = table::read(&path, |_| true).unwrap();
    assert_eq!(table.rows(), 3);
    assert_eq!(numbers(&table, "int"), [Some(1.0), None, Some(-3.0)]);
    assert_eq!(numbers(&table, "byte"), [1.0, 2.0, 255.0].map(Some));
    assert_eq!(numbers(&table, "single"), [0.5, -1.5, 2.0].map(Some));
    assert_eq!(numbers(&table, "double"), [Some(0.1), None, None]);
    assert_eq!(numbers(&table, "flag"), [Some(1.0), Some(0.0), None]);
    assert_eq!(text(&table, "text"), ["a", "(missing)", "b"]);
    assert_eq!(text(&table, "coded"), ["x", "y", "x"]);
}

/// Whole numbers of every width to their ends, halves, decimals, and numbers stored as text.
#[test]
fn parquet_numbers_of_every_kind() {
    let decimal = Decimal128Array::from(vec![Some(7_005), None, Some(-1)]);
    let wide = Decimal256Array::from(vec![i256::from(12_345), i256::from(-5), i256::from(0)]);
    // 0.5, -2 and 65504 by their bits: `f16` has no name here.
    let bits = ScalarBuffer::from(vec![0x3800_u16, 0xc000, 0x7bff]).into_inner();
    let half = Float16Array::new(ScalarBuffer::new(bits, 0, 3), None);
    let (_folder, path) = parquet(vec![
        ("i8", Arc::new(Int8Array::from(vec![i8::MIN, 0, i8::MAX]))),
        ("i16", Arc::new(Int16Array::from(vec![i16::MIN, 0, i16::MAX]))),
        ("i32", Arc::new(Int32Array::from(vec![i32::MIN, 0, i32::MAX]))),
        ("i64", Arc::new(Int64Array::from(vec![-(1 << 53), 0, 1 << 53]))),
        ("u16", Arc::new(UInt16Array::from(vec![0, 1, u16::MAX]))),
        ("u32", Arc::new(UInt32Array::from(vec![0, 1, u32::MAX]))),
        ("u64", Arc::new(UInt64Array::from(vec![0, 1, 1 << 53]))),
        ("half", Arc::new(half)),
        ("decimal", Arc::new(decimal.with_precision_and_scale(9, 2).unwrap())),
        ("wide", Arc::new(wide.with_precision_and_scale(50, 3).unwrap())),
        ("text", Arc::new(StringArray::from(vec![Some("70"), None, Some(" 80.5")]))),
        ("large", Arc::new(LargeStringArray::from(vec!["1", "NA", "3"]))),
        ("view", Arc::new(StringViewArray::from(vec!["1e1", "2", "3"]))),
        ("coded", Arc::new(["1", "2", "1"].into_iter().collect::<DictionaryArray<Int8Type>>())),
        ("flag", Arc::new(StringArray::from(vec!["TRUE", "FALSE", "true"]))),
        ("bytes", Arc::new(BinaryArray::from_vec(vec![b"4", b"5", b"6"]))),
        ("nothing", Arc::new(NullArray::new(3))),
    ]);
    let table = table::read(&path, |_| true).unwrap();
    let of = |name: &str| numbers(&table, name);
    assert_eq!(of("i8"), [-128.0, 0.0, 127.0].map(Some));
    assert_eq!(of("i16"), [-32_768.0, 0.0, 32_767.0].map(Some));
    assert_eq!(of("i32"), [-2_147_483_648.0, 0.0, 2_147_483_647.0].map(Some));
    assert_eq!(of("i64"), [-9_007_199_254_740_992.0, 0.0, 9_007_199_254_740_992.0].map(Some));
    assert_eq!(of("u16"), [0.0, 1.0, 65_535.0].map(Some));
    assert_eq!(of("u32"), [0.0, 1.0, 4_294_967_295.0].map(Some));
    assert_eq!(of("u64"), [0.0, 1.0, 9_007_199_254_740_992.0].map(Some));
    assert_eq!(of("half"), [0.5, -2.0, 65_504.0].map(Some));
    assert_eq!(of("decimal"), [Some(70.05), None, Some(-0.01)]);
    assert_eq!(of("wide"), [12.345, -0.005, 0.0].map(Some));
    assert_eq!(of("text"), [Some(70.0), None, Some(80.5)]);
    assert_eq!(of("large"), [Some(1.0), None, Some(3.0)]);
    assert_eq!(of("view"), [10.0, 2.0, 3.0].map(Some));
    assert_eq!(of("coded"), [1.0, 2.0, 1.0].map(Some));
    assert_eq!(of("flag"), [1.0, 0.0, 1.0].map(Some));
    assert_eq!(of("bytes"), [4.0, 5.0, 6.0].map(Some));
    assert_eq!(of("nothing"), [None; 3]);
}

#[test]
fn parquet_by_every_compression() {
    let compressions = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::BROTLI(BrotliLevel::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
        Compression::ZSTD(ZstdLevel::default()),
    ];
    for compression in compressions {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            let properties =
                WriterProperties::builder().set_compression(compression).set_writer_version(version).build();
            let weight: Vec<f64> = (0..1000).map(|i| 50.0 + f64::from(i % 40)).collect();
            let columns: Vec<(&str, ArrayRef)> = vec![("WT", Arc::new(Float64Array::from(weight)))];
            let (_folder, path) = parquet_with(columns, Some(properties));
            let table = table::read(&path, |_| true).unwrap();
            let expected: Vec<_> = (0..1000).map(|i| Some(50.0 + f64::from(i % 40))).collect();
            assert_eq!(numbers(&table, "WT"), expected, "{compression}");
        }
    }
}

#[test]
fn parquet_that_is_refused() {
    let refused_column = |column: ArrayRef| {
        let (folder, path) = parquet(vec![("WT", Arc::new(Int64Array::from(vec![1, 2]))), ("day", column)]);
        // Another column is read all the same.
        assert_eq!(table::read(&path, |name| name == "WT").unwrap().rows(), 2);
        let problem = table::read(&path, |_| true).unwrap_err();
        let folder = format!("{}/", folder.path().display());
        (problem.to_string().replace(&folder, ""), problem.cause.help().unwrap())
    };
    let of_time =
        "write times as numbers, as days since a reference day, or name the columns that are wanted";
    let times: [(ArrayRef, &str); 6] = [
        (Arc::new(Date32Array::from(vec![1, 2])), "Date32"),
        (Arc::new(Date64Array::from(vec![0, 86_400_000])), "Date64"),
        (Arc::new(TimestampSecondArray::from(vec![1, 2])), "Timestamp(s)"),
        (Arc::new(TimestampNanosecondArray::from(vec![1, 2])), "Timestamp(ns)"),
        (Arc::new(DurationNanosecondArray::from(vec![1, 2])), "Duration(ns)"),
        (Arc::new(Time64MicrosecondArray::from(vec![1, 2])), "Time64(\u{b5}s)"),
    ];
    for (column, name) in times {
        let (message, help) = refused_column(column);
        let expected =
            format!("t.parquet: column `day` is of type {name}, which is neither numbers nor text");
        assert_eq!(message.replace('\u{3bc}', "\u{b5}"), expected);
        assert_eq!(help, of_time);
    }
    let struct_ = StructArray::from(vec![(
        Arc::new(Field::new("kg", DataType::Float64, true)),
        Arc::new(Float64Array::from(vec![1.0, 2.0])) as ArrayRef,
    )]);
    let list = ListArray::from_iter_primitive::<Int64Type, _, _>([Some([Some(1)]), Some([Some(2)])]);
    let bytes = BinaryArray::from_vec(vec![b"\xff", b"\xfe"]);
    let nested: [ArrayRef; 3] = [Arc::new(struct_), Arc::new(list), Arc::new(bytes)];
    for column in nested {
        let (message, help) = refused_column(column);
        assert!(message.starts_with("t.parquet: column `day` is of type "), "{message}");
        assert_eq!(help, "convert the column to numbers or text, or name the columns that are wanted");
    }
    let (message, _) = refused_column(Arc::new(Int64Array::from(vec![1, (1 << 53) + 1])));
    assert_eq!(message, "t.parquet: column `day`, row 2: the whole number is too long to be kept exactly");
    assert!(refused("t.parquet", b"no Parquet").0.starts_with("cannot read t.parquet: "));
}

/// A reader that panics is an error, as any other.
#[test]
fn damaged_parquet_is_an_error_and_never_a_panic() {
    let label = StringArray::from(vec![Some("north"), None, Some("south"), Some("north")]);
    let weight = Float64Array::from(vec![70.0, 71.5, 60.25, 90.0]);
    let (_folder, path) = parquet(vec![("WT", Arc::new(weight)), ("SITE", Arc::new(label))]);
    let whole = std::fs::read(&path).unwrap();
    for at in 0..whole.len() {
        for flip in [0x01, 0x10, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= flip;
            std::fs::write(&path, bytes).unwrap();
            if let Err(problem) = table::read(&path, |_| true) {
                assert!(!problem.to_string().contains('\u{1b}'), "{problem}");
            }
        }
        std::fs::write(&path, &whole[..at]).unwrap();
        assert!(table::read(&path, |_| true).is_err(), "{at}");
    }
}

#[test]
fn the_columns_that_are_used_are_kept() {
    let text = "name,WT,\"a, b\",AGE\nJo,70, x ,40\nJim,80.50,\"y, z\",50\n";
    let (_folder, path) = file("t.csv", text.as_bytes());
    let table = TableFile::open(&path).unwrap();
    let all = table.keep(|_| true).unwrap();
    assert_eq!((all.bytes, all.taken_from_sha256), (text.as_bytes().to_vec(), None));
    let kept = table.keep(|name| name != "name").unwrap();
    assert_eq!(String::from_utf8(kept.bytes).unwrap(), "WT,\"a, b\",AGE\n70,x,40\n80.50,\"y, z\",50\n");
    // `sha256sum t.csv`
    assert_eq!(kept.taken_from_sha256.map(|hash| hash.len()), Some(64));

    let columns: Vec<(&str, ArrayRef)> = vec![
        ("WT", Arc::new(Float32Array::from(vec![70.5, 80.25]))),
        ("name", Arc::new(StringArray::from(vec!["Jo", "Jim"]))),
        ("SITE", Arc::new(StringArray::from(vec![Some("north"), None]))),
    ];
    let (folder, path) = parquet(columns);
    let kept = TableFile::open(&path).unwrap().keep(|name| name != "name").unwrap();
    let again = folder.path().join("again.parquet");
    std::fs::write(&again, &kept.bytes).unwrap();
    assert_eq!(table::names(&again).unwrap(), ["WT", "SITE"]);
    let of = |path: &PathBuf| table::read(path, |name| name != "name").unwrap();
    assert_eq!(of(&again), of(&path));
    // Of what was kept, all is kept.
    assert_eq!(TableFile::open(&again).unwrap().keep(|_| true).unwrap().bytes, kept.bytes);
}

#[test]
fn tables_have_limits_and_are_what_they_are_called() {
    let header: Vec<String> = (0..20_001).map(|i| format!("c{i}")).collect();
    let (message, help) = refused("t.csv", format!("{}\n", header.join(",")).as_bytes());
    assert_eq!(message, "t.csv has 20001 columns, and 20000 can be read");
    assert!(help.contains("columns = [...]"), "{help}");
    assert_eq!(
        refused("t.csv", b"PAR1....PAR1").0,
        "t.csv is a Parquet table, not a table of comma-separated values"
    );
    assert_eq!(
        refused("t.parquet", b"WT,AGE\n70,40\n").0,
        "t.parquet is a table of comma-separated values, not a Parquet table"
    );
    assert_eq!(
        refused("t.csv", b"PK\x03\x04 sheets").0,
        "t.csv is an archive, as spreadsheets are, not a table of comma-separated values"
    );
}
