//! A Parquet file written row group by row group, the columns of each encoded side by side.

use std::io::Write;
use std::ops::Range;

use arrow_array::ArrayRef;
use arrow_schema::FieldRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use rayon::prelude::*;

use super::columns::{BATCH_ROWS, Buffer, Field, ROW_GROUP_ROWS, schema};
use super::hashed::Hashed;
use crate::table::{LazyColumn, LazyTable, Values};

/// Is shown the values of some rows of a column, by its position: all rows of a column in order.
pub type Seen<'a> = dyn Fn(usize, Range<usize>, &Values) + Sync + 'a;

/// Writes tables of the same columns.
pub(super) struct RowGroups<W: Write + Send> {
    file: SerializedFileWriter<Hashed<W>>,
    factory: ArrowRowGroupWriterFactory,
    columns: Vec<Column>,
    /// Rows in the present row group.
    rows: usize,
    /// Row groups that are whole.
    groups: usize,
}

/// A column of the present row group.
struct Column {
    field: FieldRef,
    buffer: Buffer,
    /// `None` before its first row.
    writer: Option<ArrowColumnWriter>,
}

impl<W: Write + Send> RowGroups<W> {
    pub(super) fn new(file: W, fields: &[Field], properties: WriterProperties) -> Result<Self, ParquetError> {
        let schema = schema(fields);
        let column = |(field, own): (&FieldRef, &Field)| Column {
            field: FieldRef::clone(field),
            buffer: Buffer::new(&own.kind),
            writer: None,
        };
        let columns = schema.fields().iter().zip(fields).map(column).collect();
        let writer = ArrowWriter::try_new(Hashed::new(file), schema, Some(properties))?;
        let (file, factory) = writer.into_serialized_writer()?;
        Ok(Self { file, factory, columns, rows: 0, groups: 0 })
    }

    /// Makes and encodes rows of a table, each column on a thread of its own, and shows them while they are there.
    pub(super) fn write(
        &mut self,
        table: &LazyTable<'_>,
        rows: Range<usize>,
        seen: &Seen<'_>,
    ) -> Result<(), ParquetError> {
        let mut from = rows.start;
        while from < rows.end {
            let to = rows.end.min(from + ROW_GROUP_ROWS - self.rows);
            self.extend_group(table, from..to, seen)?;
            from = to;
        }
        Ok(())
    }

    /// Ends the file: it is whole, but may not be on the disk yet.
    pub(super) fn finish(&mut self) -> Result<&Hashed<W>, ParquetError> {
        self.end_group()?;
        self.file.finish()?;
        Ok(self.file.inner())
    }

    fn extend_group(
        &mut self,
        table: &LazyTable<'_>,
        rows: Range<usize>,
        seen: &Seen<'_>,
    ) -> Result<(), ParquetError> {
        if self.rows == 0 {
            let writers = self.factory.create_column_writers(self.groups)?;
            self.columns.iter_mut().zip(writers).for_each(|(column, writer)| column.writer = Some(writer));
        }
        let columns = self.columns.par_iter_mut().zip(&table.columns).enumerate();
        columns.try_for_each(|(position, (column, from))| {
            column.extend(from, rows.clone(), |rows, values| seen(position, rows, values))
        })?;
        self.rows += rows.len();
        if self.rows == ROW_GROUP_ROWS { self.end_group() } else { Ok(()) }
    }

    fn end_group(&mut self) -> Result<(), ParquetError> {
        if self.rows == 0 {
            return Ok(());
        }
        let chunks: Vec<_> = self.columns.par_iter_mut().map(Column::end).collect();
        let mut group = self.file.next_row_group()?;
        for chunk in chunks {
            if let Some(chunk) = chunk? {
                chunk.append_to_row_group(&mut group)?;
            }
        }
        group.close()?;
        (self.rows, self.groups) = (0, self.groups + 1);
        Ok(())
    }
}

impl Column {
    /// Adds rows, and encodes whenever there are [`BATCH_ROWS`].
    fn extend(
        &mut self,
        column: &LazyColumn<'_>,
        rows: Range<usize>,
        seen: impl Fn(Range<usize>, &Values),
    ) -> Result<(), ParquetError> {
        let mut from = rows.start;
        while from < rows.end {
            let to = rows.end.min(from + BATCH_ROWS - self.buffer.rows());
            let values = column.values(from..to);
            seen(from..to, &values);
            if to - from == BATCH_ROWS {
                self.encode(&self.buffer.array(values)?)?;
            } else {
                self.buffer.extend(values);
                self.encode_if(self.buffer.rows() == BATCH_ROWS)?;
            }
            from = to;
        }
        Ok(())
    }

    /// Encodes what is in the buffer, if it is due.
    fn encode_if(&mut self, is_due: bool) -> Result<(), ParquetError> {
        if is_due {
            let array = self.buffer.take()?;
            self.encode(&array)?;
        }
        Ok(())
    }

    fn encode(&mut self, array: &ArrayRef) -> Result<(), ParquetError> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        compute_leaves(&self.field, array)?.iter().try_for_each(|leaf| writer.write(leaf))
    }

    fn end(&mut self) -> Result<Option<ArrowColumnChunk>, ParquetError> {
        self.encode_if(self.buffer.rows() > 0)?;
        self.writer.take().map(ArrowColumnWriter::close).transpose()
    }
}
