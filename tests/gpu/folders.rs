//! Run folders, read back.

use crate::strict::zip_equal;
use std::fs::File;
use std::path::Path;

use arrow_array::{ArrayRef, RecordBatch};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use vpop::engine::audit::Promise;
use vpop::plan::{AccumulatorKind, Endpoint, EndpointFormula, EndpointKind, Plan};
use vpop::store::{Set, part_files, read_numbers};

/// The columns of a file, batch by batch.
pub(crate) fn rows(file: &Path) -> Vec<Vec<ArrayRef>> {
    let batches = open(file).build().unwrap();
    batches.map(|batch: Result<RecordBatch, _>| batch.unwrap().columns().to_vec()).collect()
}

/// The engine that a file's key-values name.
pub(crate) fn engine_of(file: &Path) -> String {
    let builder = open(file);
    let entries = builder.metadata().file_metadata().key_value_metadata().unwrap();
    entries.iter().find(|entry| entry.key == "vpop.engine").unwrap().value.clone().unwrap()
}

fn open(file: &Path) -> ParquetRecordBatchReaderBuilder<File> {
    ParquetRecordBatchReaderBuilder::try_new(File::open(file).unwrap()).unwrap()
}

/// Every endpoint that is a value is, in every row, within the contract of the other run's.
pub(crate) fn assert_outcomes_agree(plan: &Plan, run: &Path, other: &Path) {
    let [files, others] = [run, other].map(|folder| part_files(folder, Set::Outcomes).unwrap());
    for endpoint in plan.endpoints.iter().filter(|endpoint| is_value(plan, endpoint)) {
        let [got, expected] =
            [&files, &others].map(|files| read_numbers(files, &endpoint.name, None).unwrap());
        assert_eq!(got.len(), expected.len());
        for (row, (got, expected)) in zip_equal(got, expected).enumerate() {
            let difference = (got - expected).abs() / expected.abs().max(endpoint.scale.unwrap_or(1.0));
            // Of a patient who has left there is no value on either side.
            let agrees = difference <= Promise::ENGINE.largest || got.is_nan() && expected.is_nan();
            assert!(agrees, "{}, row {row}: {got}, {expected}", endpoint.name);
        }
    }
}

/// Whether it is neither a time nor comes of a threshold.
fn is_value(plan: &Plan, endpoint: &Endpoint) -> bool {
    let values = [AccumulatorKind::Min, AccumulatorKind::Max, AccumulatorKind::At, AccumulatorKind::Auc];
    let of_value = !matches!(endpoint.value, EndpointFormula::Of(i) if !values.contains(&plan.accumulators[i.index()].kind));
    of_value && endpoint.kind == EndpointKind::Number
}
