//! Many individuals, read back by ranges.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;

use super::*;

const SUBJECTS: usize = 3_000;
const RECORDS: usize = 12;

fn text() -> String {
    let mut text = "ID,TIME,AMT,EVID,WT\n".to_owned();
    for id in 0..SUBJECTS {
        for record in 0..RECORDS {
            let (amount, evid) = if record == 0 { (100 + id, 1) } else { (0, 0) };
            writeln!(text, "S{id},{record},{amount},{evid},{}", 50 + (id + record) % 40).unwrap();
        }
    }
    text
}

#[test]
fn ranges_are_what_the_whole_is() {
    let dataset = read(&text(), "replicates = 7\n").unwrap();
    assert_eq!((dataset.individuals(), dataset.records()), (SUBJECTS, (SUBJECTS * RECORDS) as u64));
    assert_eq!(dataset.patients(), 7 * SUBJECTS as u64);
    let all = dataset.subjects(0..SUBJECTS).unwrap();
    assert!(all.iter().enumerate().all(|(i, subject)| subject.id == format!("S{i}")));
    for range in [0..1, 0..0, 17..18, 500..1_700, SUBJECTS - 1..SUBJECTS, 2_990..SUBJECTS] {
        assert_eq!(dataset.subjects(range.clone()).unwrap(), all[range.clone()], "{range:?}");
    }
    let patients = dataset.of_patients(6..22).unwrap();
    let expected: Vec<&str> = (6..22).map(|patient| all[patient / 7].id.as_str()).collect();
    assert_eq!(patients.iter().map(|subject| subject.id.as_str()).collect::<Vec<_>>(), expected);
    assert!(Arc::ptr_eq(&patients[1], &patients[7]) && !Arc::ptr_eq(&patients[0], &patients[1]));
}

/// The same records, whatever holds them.
#[test]
fn parquet_is_csv() {
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("data.csv");
    std::fs::write(&csv, text()).unwrap();
    let rows = || (0..SUBJECTS).flat_map(|id| (0..RECORDS).map(move |record| (id, record)));
    let columns: [(&str, ArrayRef); 5] = [
        ("ID", Arc::new(rows().map(|(id, _)| Some(format!("S{id}"))).collect::<StringArray>())),
        ("TIME", Arc::new(rows().map(|(_, record)| record as f64).collect::<Float64Array>())),
        (
            "AMT",
            Arc::new(
                rows()
                    .map(|(id, record)| (record == 0).then_some(100.0 + id as f64))
                    .collect::<Float64Array>(),
            ),
        ),
        ("EVID", Arc::new(rows().map(|(_, record)| i64::from(record == 0)).collect::<Int64Array>())),
        ("WT", Arc::new(rows().map(|(id, record)| (50 + (id + record) % 40) as i64).collect::<Int64Array>())),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let parquet = folder.path().join("data.parquet");
    let mut writer =
        ArrowWriter::try_new(std::fs::File::create(&parquet).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let of = |path: &Path| {
        let mut subjects = open(path, "").unwrap().subjects(0..SUBJECTS).unwrap();
        // Lines of a CSV file begin with the header.
        let is_csv = path == csv;
        subjects.iter_mut().for_each(|subject| {
            Arc::make_mut(subject).records.iter_mut().for_each(|record| record.row -= u64::from(is_csv));
        });
        subjects
    };
    assert!(of(&csv) == of(&parquet));
}
