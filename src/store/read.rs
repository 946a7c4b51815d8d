//! Reading a run's sets back, a column or two at a time, in the order in which they were written.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, DictionaryArray, RecordBatch};
use arrow_schema::{DataType, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::KeyValue;

use super::columns::{BATCH_ROWS, UNIT_KEY};
use super::error::StoreError;
use crate::cohort::columns::ARM;
use crate::table::{Column, ColumnMeta, Table, Values};

/// The status of a patient who reached the end.
pub const STATUS_OK: &str = "ok";

/// A column of numbers, integers or flags (1 and 0), of all rows or those of one arm, in order of
/// files and rows. Nulls are NaN. Rows of patients who did not reach the end are among them. What belongs to a
/// patient is found by the column `patient`, not by the order: see [`Outcomes`](super::Outcomes).
///
/// # Errors
/// [`StoreError`] if a file cannot be read, lacks the column, or holds labels in it.
pub fn read_numbers(files: &[PathBuf], column: &str, arm: Option<&str>) -> Result<Vec<f64>, StoreError> {
    let mut values = Vec::new();
    let columns: Vec<&str> = arm.map(|_| ARM).into_iter().chain([column]).collect();
    for file in files {
        scan(file, &columns, |batch| {
            let numbers = numbers(file, batch, column)?;
            match arm {
                None => values.extend(numbers),
                Some(arm) => {
                    let in_arm = Matches::new(labels(file, batch, ARM)?, arm);
                    values.extend(
                        numbers.into_iter().enumerate().filter(|(row, _)| in_arm.at(*row)).map(|r| r.1),
                    );
                }
            }
            Ok(())
        })?;
    }
    Ok(values)
}

/// Gives columns of a file to `each`, some rows at a time.
///
/// # Errors
/// [`StoreError`] if it cannot be read or lacks a column.
pub fn scan_tables(path: &Path, columns: &[&str], each: &mut impl FnMut(&Table)) -> Result<(), StoreError> {
    scan_while(path, columns, &mut |rows| {
        each(rows);
        true
    })
}

/// The same until `each` has seen enough, which it says by `false`: no later row is read.
///
/// # Errors
/// As [`scan_tables`].
pub fn scan_while(
    path: &Path,
    columns: &[&str],
    each: &mut impl FnMut(&Table) -> bool,
) -> Result<(), StoreError> {
    Footer::read(path)?.scan_while(columns, |batch| {
        let column = |name: &&str| {
            let array = column(path, batch, name)?;
            let values = match array.data_type() {
                DataType::Dictionary(..) => {
                    let column = dictionary(path, batch, name)?;
                    let labels = column.values().as_string::<i32>().iter();
                    Values::Label {
                        codes: column.keys().iter().map(|key| key.map(|key| key as u32)).collect(),
                        labels: labels.map(|label| label.unwrap_or_default().to_owned()).collect(),
                    }
                }
                _ => Values::Number(numbers(path, batch, name)?),
            };
            Ok(Column { meta: ColumnMeta::new(*name, "", ""), values })
        };
        Ok(each(&Table { columns: columns.iter().map(column).collect::<Result<_, StoreError>>()? }))
    })
}

/// The unit of a column of a file; nothing if it says none.
///
/// # Errors
/// [`StoreError`] if it cannot be read or lacks the column.
pub fn unit_of(file: &Path, column: &str) -> Result<String, StoreError> {
    let footer = Footer::read(file)?;
    let field = footer.schema().field_with_name(column);
    let field =
        field.map_err(|_| StoreError::NoColumn { path: file.to_owned(), column: column.to_owned() })?;
    Ok(field.metadata().get(UNIT_KEY).map(String::from).unwrap_or_default())
}

/// Names of the columns of a file.
///
/// # Errors
/// [`StoreError`] if it cannot be read.
pub fn column_names(file: &Path) -> Result<Vec<String>, StoreError> {
    Ok(Footer::read(file)?.columns().map(String::from).collect())
}

/// Rows whose label is the wanted one: compared once per label, not per row.
pub(super) struct Matches<'a> {
    keys: &'a [i32],
    wanted: Vec<bool>,
}

impl<'a> Matches<'a> {
    pub(super) fn new(column: &'a DictionaryArray<Int32Type>, label: &str) -> Self {
        let wanted = column.values().as_string::<i32>().iter().map(|value| value == Some(label)).collect();
        Self { keys: column.keys().values(), wanted }
    }

    pub(super) fn at(&self, row: usize) -> bool {
        self.wanted[self.keys[row] as usize]
    }
}

/// The label of a row.
pub(super) fn label(column: &DictionaryArray<Int32Type>, row: usize) -> &str {
    column.values().as_string::<i32>().value(column.keys().value(row) as usize)
}

/// Gives the named columns of a file to `each`, batch by batch.
pub(super) fn scan(
    file: &Path,
    columns: &[&str],
    each: impl FnMut(&RecordBatch) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    Footer::read(file)?.scan(columns, each)
}

/// A file whose footer is read once, for many scans of one column: of hundreds of columns, it takes longer to
/// read than one of them.
#[derive(Debug)]
pub(super) struct Footer {
    pub(super) file: PathBuf,
    metadata: ArrowReaderMetadata,
}

impl Footer {
    pub(super) fn read(file: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let file = file.into();
        let metadata = ArrowReaderMetadata::load(&open(&file)?, ArrowReaderOptions::default());
        let metadata = metadata.map_err(|error| StoreError::parquet_read(&file, error))?;
        Ok(Self { file, metadata })
    }

    /// Its key-value metadata.
    pub(super) fn provenance(&self) -> Vec<(String, String)> {
        let entries = self.metadata.metadata().file_metadata().key_value_metadata();
        let entry = |entry: &KeyValue| (entry.key.clone(), entry.value.clone().unwrap_or_default());
        entries.into_iter().flatten().map(entry).collect()
    }

    /// The program that wrote it, as that calls itself.
    pub(super) fn created_by(&self) -> Option<&str> {
        self.metadata.metadata().file_metadata().created_by()
    }

    /// Its columns.
    pub(super) fn schema(&self) -> &SchemaRef {
        self.metadata.schema()
    }

    /// Names of its columns.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        self.metadata.schema().fields().iter().map(|field| field.name().as_str())
    }

    /// As [`scan`].
    pub(super) fn scan(
        &self,
        columns: &[&str],
        mut each: impl FnMut(&RecordBatch) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.scan_while(columns, |batch| each(batch).map(|()| true))
    }

    /// The same until `each` wants no more.
    fn scan_while(
        &self,
        columns: &[&str],
        mut each: impl FnMut(&RecordBatch) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let file = &self.file;
        let position = |column: &&str| {
            let found = self.metadata.schema().index_of(column);
            found.map_err(|_| StoreError::NoColumn { path: file.clone(), column: (*column).to_owned() })
        };
        let positions = columns.iter().map(position).collect::<Result<Vec<_>, _>>()?;
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), positions);
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(open(file)?, self.metadata.clone());
        let reader = builder.with_projection(mask).with_batch_size(BATCH_ROWS).build();
        for batch in reader.map_err(|error| StoreError::parquet_read(file, error))? {
            if !each(&batch.map_err(|error| StoreError::damaged(file, error))?)? {
                break;
            }
        }
        Ok(())
    }
}

fn open(file: &Path) -> Result<File, StoreError> {
    File::open(file).map_err(|cause| StoreError::read(file, cause))
}

pub(super) fn numbers(file: &Path, batch: &RecordBatch, name: &str) -> Result<Vec<f64>, StoreError> {
    let column = column(file, batch, name)?;
    let mut values: Vec<f64> = match column.data_type() {
        DataType::Float64 => column.as_primitive::<Float64Type>().values().to_vec(),
        DataType::Int64 => {
            column.as_primitive::<Int64Type>().values().iter().map(|&whole| whole as f64).collect()
        }
        DataType::Boolean => column.as_boolean().values().iter().map(f64::from).collect(),
        _ => return Err(StoreError::damaged(file, format!("column `{name}` holds no numbers"))),
    };
    let is_there = column.nulls().into_iter().flatten();
    values
        .iter_mut()
        .zip(is_there)
        .filter(|(_, is_there)| !is_there)
        .for_each(|(value, _)| *value = f64::NAN);
    Ok(values)
}

/// A column of labels, none missing.
pub(super) fn labels<'a>(
    file: &Path,
    batch: &'a RecordBatch,
    name: &str,
) -> Result<&'a DictionaryArray<Int32Type>, StoreError> {
    let column = dictionary(file, batch, name)?;
    if column.null_count() > 0 {
        return Err(StoreError::damaged(file, format!("column `{name}` lacks labels")));
    }
    Ok(column)
}

/// The label of each row by its position in a list; `None` if it is missing.
pub(super) fn positions(
    file: &Path,
    batch: &RecordBatch,
    name: &str,
    list: &[impl AsRef<str>],
) -> Result<Vec<Option<usize>>, StoreError> {
    let column = dictionary(file, batch, name)?;
    let labels = column.values().as_string::<i32>();
    // A column without any label comes with one that no row has.
    let known: Vec<Option<usize>> =
        labels.iter().map(|label| list.iter().position(|known| Some(known.as_ref()) == label)).collect();
    let position = |key: i32| {
        known[key as usize].ok_or_else(|| {
            let label = labels.value(key as usize);
            StoreError::damaged(file, format!("column `{name}` has no label `{label}`"))
        })
    };
    column.keys().iter().map(|key| key.map(position).transpose()).collect()
}

/// A column of labels.
pub(super) fn dictionary<'a>(
    file: &Path,
    batch: &'a RecordBatch,
    name: &str,
) -> Result<&'a DictionaryArray<Int32Type>, StoreError> {
    let column = column(file, batch, name)?.as_dictionary_opt::<Int32Type>();
    column
        .filter(|labels| labels.values().as_string_opt::<i32>().is_some())
        .ok_or_else(|| StoreError::damaged(file, format!("column `{name}` holds no labels")))
}

fn column<'a>(file: &Path, batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, StoreError> {
    batch
        .column_by_name(name)
        .ok_or_else(|| StoreError::NoColumn { path: file.to_owned(), column: name.to_owned() })
}
