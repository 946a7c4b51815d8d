//! A Parquet file written row group by row group, the columns of each encoded side by side.

use std::fs::File;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use rayon::prelude::*;

use super::columns::ROW_GROUP_ROWS;
use super::hashed::Hashed;

/// Writes batches of flat columns whose sizes divide [`ROW_GROUP_ROWS`], but for the last.
pub(super) struct RowGroups {
    schema: SchemaRef,
    file: SerializedFileWriter<Hashed<File>>,
    factory: ArrowRowGroupWriterFactory,
    /// The columns of the present row group.
    columns: Vec<ArrowColumnWriter>,
    /// Rows in it.
    rows: usize,
    /// Row groups that are whole.
    groups: usize,
}

impl RowGroups {
    pub(super) fn new(
        file: File,
        schema: &SchemaRef,
        properties: WriterProperties,
    ) -> Result<Self, ParquetError> {
        let writer = ArrowWriter::try_new(Hashed::new(file), Arc::clone(schema), Some(properties))?;
        let (file, factory) = writer.into_serialized_writer()?;
        Ok(Self { schema: Arc::clone(schema), file, factory, columns: Vec::new(), rows: 0, groups: 0 })
    }

    /// Encodes a batch, each column on a thread of its own.
    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), ParquetError> {
        if self.columns.is_empty() {
            self.columns = self.factory.create_column_writers(self.groups)?;
        }
        let fields = self.schema.fields().par_iter().zip(batch.columns());
        self.columns.par_iter_mut().zip(fields).try_for_each(|(writer, (field, array))| {
            compute_leaves(field, array)?.iter().try_for_each(|leaf| writer.write(leaf))
        })?;
        self.rows += batch.num_rows();
        if self.rows >= ROW_GROUP_ROWS { self.end_group() } else { Ok(()) }
    }

    /// Ends the file: it is whole, but may not be on the disk yet.
    pub(super) fn finish(&mut self) -> Result<&Hashed<File>, ParquetError> {
        self.end_group()?;
        self.file.finish()?;
        Ok(self.file.inner())
    }

    fn end_group(&mut self) -> Result<(), ParquetError> {
        if self.rows == 0 {
            return Ok(());
        }
        let columns = std::mem::take(&mut self.columns);
        let chunks: Vec<_> = columns.into_par_iter().map(ArrowColumnWriter::close).collect();
        let mut group = self.file.next_row_group()?;
        for chunk in chunks {
            chunk?.append_to_row_group(&mut group)?;
        }
        group.close()?;
        (self.rows, self.groups) = (0, self.groups + 1);
        Ok(())
    }
}
