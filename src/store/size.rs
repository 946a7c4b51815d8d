//! How large tables become as Parquet, without a disk.

use std::ops::Range;
use std::path::PathBuf;

use parquet::errors::ParquetError;

use super::columns::{Field, Packing, writer_properties};
use super::error::StoreError;
use super::row_groups::RowGroups;
use crate::table::{LazyTable, Table};

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
    let misfit = |error: ParquetError| {
        let reason = error.to_string();
        StoreError::Columns { path: PathBuf::new(), reason }
    };
    let properties = writer_properties(&fields, Packing::Small, &[]);
    let mut writer = RowGroups::new(Vec::new(), &fields, properties).map_err(misfit)?;
    writer.write(&LazyTable::of(table), rows, &|_, _, _| {}).map_err(misfit)?;
    Ok(writer.finish().map_err(misfit)?.inner().len() as f64)
}
