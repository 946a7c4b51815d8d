//! Parquet files with numbers, text, and yes or no.

use std::error::Error;
use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};

use super::{About, Column, TableError, Values};

/// The columns of a file; names are not checked here.
pub(super) fn read(path: &Path) -> Result<Vec<Column>, TableError> {
    let batches = batches(path)
        .map_err(|error| TableError::Unreadable { file: path.to_owned(), why: error.to_string() })?;
    let Some(first) = batches.first() else { return Ok(Vec::new()) };
    let schema = first.schema();
    let column = |(i, name): (usize, &String)| {
        let arrays = batches.iter().map(|batch| batch.column(i).as_ref());
        let values = values(arrays).map_err(|found| TableError::Type {
            file: path.to_owned(),
            column: name.clone(),
            found: found.to_string(),
        })?;
        Ok(Column { about: About::new(name, "", ""), values })
    };
    schema.fields().iter().map(|field| field.name()).enumerate().map(column).collect()
}

fn batches(path: &Path) -> Result<Vec<RecordBatch>, Box<dyn Error>> {
    // Without the schema that Arrow writers embed, text comes as plain strings, however the writer
    // held it in memory.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let reader =
        ParquetRecordBatchReaderBuilder::try_new_with_options(File::open(path)?, options)?.build()?;
    Ok(reader.collect::<Result<_, _>>()?)
}

/// One column from its pieces, which have one type; the type if it is not supported.
fn values<'a>(arrays: impl Iterator<Item = &'a dyn Array> + Clone) -> Result<Values, DataType> {
    let Some(first) = arrays.clone().next() else { return Ok(Values::Number(Vec::new())) };
    Ok(Values::Number(match first.data_type() {
        DataType::Int8 => numbers::<Int8Type>(arrays, f64::from),
        DataType::Int16 => numbers::<Int16Type>(arrays, f64::from),
        DataType::Int32 => numbers::<Int32Type>(arrays, f64::from),
        DataType::Int64 => numbers::<Int64Type>(arrays, |x| x as f64),
        DataType::UInt8 => numbers::<UInt8Type>(arrays, f64::from),
        DataType::UInt16 => numbers::<UInt16Type>(arrays, f64::from),
        DataType::UInt32 => numbers::<UInt32Type>(arrays, f64::from),
        DataType::UInt64 => numbers::<UInt64Type>(arrays, |x| x as f64),
        DataType::Float32 => numbers::<Float32Type>(arrays, f64::from),
        DataType::Float64 => numbers::<Float64Type>(arrays, |x| x),
        DataType::Boolean => {
            arrays.flat_map(|a| a.as_boolean().iter().map(|x| x.map_or(f64::NAN, f64::from))).collect()
        }
        DataType::Utf8 => {
            return Ok(Values::labels(
                arrays.flat_map(|a| a.as_string::<i32>().iter().map(Option::unwrap_or_default)),
            ));
        }
        other => return Err(other.clone()),
    }))
}

fn numbers<'a, T: ArrowPrimitiveType>(
    arrays: impl Iterator<Item = &'a dyn Array>,
    number: impl Fn(T::Native) -> f64 + Copy,
) -> Vec<f64> {
    arrays.flat_map(|a| a.as_primitive::<T>().iter().map(move |x| x.map_or(f64::NAN, number))).collect()
}
