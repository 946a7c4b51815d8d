//! Parquet files with numbers, text, and yes or no, by whichever program they were written.

use std::fs::File;
use std::path::Path;
use std::str;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Decimal128Type, Decimal256Type, DecimalType, Float16Type, Float32Type, Float64Type,
    Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, SchemaRef};
use bytes::Bytes;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;

use super::limits::{MOST_BYTES, check_size};
use super::{Column, ColumnMeta, TableError, Values, text};

/// Rows that are decoded at once.
const BATCH_ROWS: usize = 65_536;
/// Rows that are decoded at once where one is taken after the other.
const STREAMED_ROWS: usize = 8_192;

/// The columns that are wanted, as they are named in the file.
pub(super) fn read(
    path: &Path,
    bytes: Bytes,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<Column>, TableError> {
    let schema = schema(path, &bytes)?;
    let fields = schema.fields().iter().enumerate().filter(|(_, field)| wanted(field.name()));
    let mut roots = Vec::new();
    for (i, field) in fields {
        check_type(path, field.name(), field.data_type())?;
        roots.push(i);
    }
    let batches = batches(path, bytes, &roots)?;
    let Some(first) = batches.first() else { return Ok(Vec::new()) };
    let schema = first.schema();
    let column = |(i, name): (usize, &String)| {
        let arrays = batches.iter().map(|batch| batch.column(i).as_ref());
        let values = values(arrays).map_err(|refused| refused.of(path, name, 0))?;
        Ok(Column { meta: ColumnMeta::new(name, "", ""), values })
    };
    schema.fields().iter().map(|field| field.name()).enumerate().map(column).collect()
}

/// The names of the columns.
pub(super) fn names(path: &Path, bytes: Bytes) -> Result<Vec<String>, TableError> {
    Ok(schema(path, &bytes)?.fields().iter().map(|field| field.name().clone()).collect())
}

/// The columns with the types that the file's writer had in memory: some, as durations, are bare integers
/// in the file.
fn schema(path: &Path, bytes: &Bytes) -> Result<SchemaRef, TableError> {
    let metadata = ArrowReaderMetadata::load(bytes, ArrowReaderOptions::new());
    Ok(metadata.map_err(|error| unreadable(path, &error))?.schema().clone())
}

/// A file with the columns that are wanted, of the types that they have.
pub(super) fn extract(
    path: &Path,
    bytes: Bytes,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<u8>, TableError> {
    let fields = schema(path, &bytes)?;
    let roots = fields.fields().iter().enumerate().filter(|(_, field)| wanted(field.name())).map(|(i, _)| i);
    let batches = batches(path, bytes, &roots.collect::<Vec<_>>())?;
    let Some(first) = batches.first() else { return Err(TableError::Empty { file: path.to_owned() }) };
    let write = || {
        let mut writer = ArrowWriter::try_new(Vec::new(), first.schema(), None)?;
        batches.iter().try_for_each(|batch| writer.write(batch))?;
        writer.into_inner()
    };
    write().map_err(|error| unreadable(path, &error))
}

/// The names of the columns of a file that is read batch by batch.
pub(super) fn names_of(path: &Path, file: &File) -> Result<Vec<String>, TableError> {
    let metadata = ArrowReaderMetadata::load(file, ArrowReaderOptions::new());
    let schema = metadata.map_err(|error| unreadable(path, &error))?.schema().clone();
    Ok(schema.fields().iter().map(|field| field.name().clone()).collect())
}

/// Rows of some columns, a batch at a time.
pub(super) struct Batches {
    /// For each column that is wanted, its position among those that are read, which are in the file's order.
    positions: Vec<usize>,
    reader: ParquetRecordBatchReader,
}

impl Batches {
    /// The batches of a file, with the columns at these positions.
    pub(super) fn open(path: &Path, file: File, wanted: &[usize]) -> Result<Self, TableError> {
        let failed = |error: ParquetError| unreadable(path, &error);
        let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(failed)?;
        for &column in wanted {
            let field = metadata.schema().field(column);
            check_type(path, field.name(), field.data_type())?;
        }
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options).map_err(failed)?;
        let mask = ProjectionMask::roots(builder.parquet_schema(), wanted.iter().copied());
        let reader = builder.with_projection(mask).with_batch_size(STREAMED_ROWS).build().map_err(failed)?;
        let before = |column: &usize| wanted.iter().filter(|&other| other < column).count();
        Ok(Self { positions: wanted.iter().map(before).collect(), reader })
    }

    /// The next rows of the columns that are wanted, behind so many; none at the end.
    pub(super) fn next_batch(&mut self, path: &Path, read: u64) -> Result<Option<Vec<Column>>, TableError> {
        let Some(batch) = self.reader.next() else { return Ok(None) };
        let batch = batch.map_err(|error| unreadable(path, &error.into()))?;
        let schema = batch.schema();
        let column = |&position: &usize| {
            let name = schema.field(position).name();
            let values = values(std::iter::once(batch.column(position).as_ref()))
                .map_err(|refused| refused.of(path, name, read as usize))?;
            Ok(Column { meta: ColumnMeta::new(name, "", ""), values })
        };
        self.positions.iter().map(column).collect::<Result<_, _>>().map(Some)
    }
}

fn check_type(path: &Path, column: &str, of: &DataType) -> Result<(), TableError> {
    if is_read(of) {
        return Ok(());
    }
    Err(TableError::Type { file: path.to_owned(), column: column.into(), found: of.to_string() })
}

fn unreadable(path: &Path, error: &ParquetError) -> TableError {
    let why = match error {
        // Without its own words about what went wrong where.
        ParquetError::External(source) => source.to_string(),
        other => other.to_string(),
    };
    TableError::Unreadable { file: path.to_owned(), why }
}

/// Whether the type has a meaning here.
fn is_read(of: &DataType) -> bool {
    match of {
        DataType::Dictionary(_, of) => is_read(of),
        _ => {
            of.is_numeric()
                || matches!(
                    of,
                    DataType::Null
                        | DataType::Boolean
                        | DataType::Utf8
                        | DataType::LargeUtf8
                        | DataType::Utf8View
                        | DataType::Binary
                )
        }
    }
}

fn batches(path: &Path, bytes: Bytes, roots: &[usize]) -> Result<Vec<RecordBatch>, TableError> {
    // Without the schema that Arrow writers embed, text comes as plain strings, however the writer
    // held it in memory.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let failed = |error: ParquetError| unreadable(path, &error);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(bytes, options).map_err(failed)?;
    let mask = ProjectionMask::roots(builder.parquet_schema(), roots.iter().copied());
    check_sizes(path, builder.metadata(), &mask, roots.len())?;
    let reader = builder.with_projection(mask).with_batch_size(BATCH_ROWS).build().map_err(failed)?;
    reader.collect::<Result<_, _>>().map_err(|error| failed(error.into()))
}

/// That the columns can be held, as the file says itself.
fn check_sizes(
    path: &Path,
    metadata: &ParquetMetaData,
    mask: &ProjectionMask,
    columns: usize,
) -> Result<(), TableError> {
    let rows = metadata.file_metadata().num_rows().unsigned_abs();
    check_size(path, rows, columns)?;
    let chunks = metadata.row_groups().iter().flat_map(|group| group.columns().iter().enumerate());
    let wanted = chunks.filter(|(leaf, _)| mask.leaf_included(*leaf));
    let found: u64 = wanted.map(|(_, chunk)| chunk.uncompressed_size().unsigned_abs()).sum();
    if found <= MOST_BYTES {
        return Ok(());
    }
    let what = "bytes once it is decompressed";
    Err(TableError::TooLarge { file: path.to_owned(), what, found, most: MOST_BYTES })
}

/// Why the values of a column are not taken.
enum Refused {
    /// They are of another type.
    Type(DataType),
    /// The whole number in this row, from 0, is none that `f64` holds.
    Inexact(usize),
}

impl Refused {
    /// The error of a column, of rows behind so many.
    fn of(self, path: &Path, column: &str, before: usize) -> TableError {
        let (file, column) = (path.to_owned(), column.to_owned());
        match self {
            Self::Type(found) => TableError::Type { file, column, found: found.to_string() },
            Self::Inexact(row) => TableError::Inexact { file, column, row: before + row + 1 },
        }
    }
}

/// One column from its pieces, which have one type.
fn values<'a>(arrays: impl Iterator<Item = &'a dyn Array> + Clone) -> Result<Values, Refused> {
    let Some(first) = arrays.clone().next() else { return Ok(Values::Number(Vec::new())) };
    let numbers = match first.data_type() {
        DataType::Int8 => numbers::<Int8Type>(arrays, f64::from),
        DataType::Int16 => numbers::<Int16Type>(arrays, f64::from),
        DataType::Int32 => numbers::<Int32Type>(arrays, f64::from),
        DataType::Int64 => whole::<Int64Type>(arrays, i128::from)?,
        DataType::UInt8 => numbers::<UInt8Type>(arrays, f64::from),
        DataType::UInt16 => numbers::<UInt16Type>(arrays, f64::from),
        DataType::UInt32 => numbers::<UInt32Type>(arrays, f64::from),
        DataType::UInt64 => whole::<UInt64Type>(arrays, i128::from)?,
        DataType::Float16 => numbers::<Float16Type>(arrays, f64::from),
        DataType::Float32 => numbers::<Float32Type>(arrays, f64::from),
        DataType::Float64 => numbers::<Float64Type>(arrays, |x| x),
        DataType::Decimal128(..) => decimals::<Decimal128Type>(arrays),
        DataType::Decimal256(..) => decimals::<Decimal256Type>(arrays),
        DataType::Null => arrays.flat_map(|a| vec![f64::NAN; a.len()]).collect(),
        DataType::Boolean => {
            arrays.flat_map(|a| a.as_boolean().iter().map(|x| x.map_or(f64::NAN, f64::from))).collect()
        }
        DataType::Utf8 => {
            let cells = arrays.flat_map(|a| a.as_string::<i32>().iter().map(Option::unwrap_or_default));
            return Ok(text::values(cells));
        }
        // Some writers do not mark text as such.
        DataType::Binary => {
            let cells = arrays.flat_map(|a| a.as_binary::<i32>().iter().map(Option::unwrap_or_default));
            let cells: Result<Vec<&str>, _> = cells.map(str::from_utf8).collect();
            let cells = cells.map_err(|_| Refused::Type(DataType::Binary))?;
            return Ok(text::values(cells.into_iter()));
        }
        other => return Err(Refused::Type(other.clone())),
    };
    Ok(Values::Number(numbers))
}

fn numbers<'a, T: ArrowPrimitiveType>(
    arrays: impl Iterator<Item = &'a dyn Array>,
    number: impl Fn(T::Native) -> f64 + Copy,
) -> Vec<f64> {
    arrays.flat_map(|a| a.as_primitive::<T>().iter().map(move |x| x.map_or(f64::NAN, number))).collect()
}

/// Whole numbers, some of which may be too long.
fn whole<'a, T: ArrowPrimitiveType>(
    arrays: impl Iterator<Item = &'a dyn Array>,
    wide: impl Fn(T::Native) -> i128 + Copy,
) -> Result<Vec<f64>, Refused> {
    let cells = arrays.flat_map(|a| a.as_primitive::<T>().iter().map(move |x| x.map(wide))).enumerate();
    let held = |(row, cell): (usize, Option<i128>)| match cell {
        Some(whole) if whole as f64 as i128 != whole => Err(Refused::Inexact(row)),
        Some(whole) => Ok(whole as f64),
        None => Ok(f64::NAN),
    };
    cells.map(held).collect()
}

/// The number nearest to each decimal.
fn decimals<'a, T: DecimalType>(arrays: impl Iterator<Item = &'a dyn Array>) -> Vec<f64> {
    let numbers = arrays.flat_map(|array| {
        let array = array.as_primitive::<T>();
        (0..array.len()).map(|row| {
            let text = (!array.is_null(row)).then(|| array.value_as_string(row));
            text.and_then(|text| text.parse().ok()).unwrap_or(f64::NAN)
        })
    });
    numbers.collect()
}
