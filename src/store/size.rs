//! How large tables become as Parquet, without a disk.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use parquet::arrow::ArrowWriter;

use super::columns::{BATCH_ROWS, Buffer, Field, writer_properties};
use super::error::StoreError;
use crate::table::Table;

/// What a Parquet file of a table takes on disk, bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Size {
    /// However many rows it has: names, meanings and units, labels.
    pub fixed: f64,
    /// Each row.
    pub per_row: f64,
}

impl Size {
    /// From two files, of which one has half of the rows.
    ///
    /// # Errors
    /// [`StoreError::Columns`] if the columns do not fit each other.
    pub fn of(table: &Table) -> Result<Self, StoreError> {
        let rows = table.rows();
        let (whole, half) = (bytes(table, 0..rows)?, bytes(table, 0..rows / 2)?);
        let per_row = if rows == 0 { 0.0 } else { (whole - half) / (rows - rows / 2) as f64 };
        Ok(Self { fixed: whole - per_row * rows as f64, per_row })
    }
}

fn bytes(table: &Table, rows: Range<usize>) -> Result<f64, StoreError> {
    let fields = Field::of(table);
    let misfit = |reason: String| StoreError::Columns { path: PathBuf::new(), reason };
    let mut buffer = Buffer::new(&fields);
    let schema = Arc::clone(buffer.schema());
    let properties = writer_properties(&fields, &[]);
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties))
        .map_err(|error| misfit(error.to_string()))?;
    for first in rows.clone().step_by(BATCH_ROWS) {
        buffer.extend(table, first..rows.end.min(first + BATCH_ROWS));
        let batch = buffer.take().map_err(|error| misfit(error.to_string()))?;
        writer.write(&batch).map_err(|error| misfit(error.to_string()))?;
    }
    let file = writer.into_inner().map_err(|error| misfit(error.to_string()))?;
    Ok(file.len() as f64)
}
