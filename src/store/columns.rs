//! Plain columns as Arrow: schemas, arrays and the settings of every Parquet file.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int32Array, Int64Array, StringArray,
};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_schema::{ArrowError, DataType, Field as ArrowField, Schema, SchemaRef};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnPath;

use crate::table::{Column, ColumnMeta, Table, Values};

/// Rows of a row group: large enough for scans, small enough to be held in memory by writer and
/// reader.
pub const ROW_GROUP_ROWS: usize = 131_072;

/// Rows handed to the Parquet writer at once. It ends pages between such batches only, so a
/// constant makes a file's bytes independent of the sizes of the tables it was fed. Divides
/// [`ROW_GROUP_ROWS`].
pub(super) const BATCH_ROWS: usize = 8_192;

/// Rows of a page: of fewer, setting up the compression of each page takes as long as compressing it. Divides
/// [`ROW_GROUP_ROWS`].
const PAGE_ROWS: usize = 65_536;

/// Writer of the files, as their footers name it.
const CREATED_BY: &str = concat!("vpop version ", env!("CARGO_PKG_VERSION"));

/// Names of the field metadata.
pub(super) const UNIT_KEY: &str = "unit";
pub(super) const MEANING_KEY: &str = "meaning";

/// A column of a set: what it means and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Name, meaning and unit.
    pub meta: ColumnMeta,
    /// Type of its values.
    pub kind: ColumnType,
}

/// Type of a column's values, as [`Values`] without the values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnType {
    /// 64-bit float; NaN is written as null.
    Number,
    /// Signed 64-bit integer; `None` is written as null.
    Integer,
    /// True or false; `None` is written as null.
    Flag,
    /// One of these labels; `None` is written as null.
    Label(Arc<[String]>),
}

impl Field {
    /// A field from its description and type.
    pub fn new(meta: ColumnMeta, kind: ColumnType) -> Self {
        Self { meta, kind }
    }

    /// The fields of a table.
    pub fn of(table: &Table) -> Vec<Self> {
        table.columns.iter().map(Self::from).collect()
    }
}

impl From<&Column> for Field {
    fn from(column: &Column) -> Self {
        let kind = match &column.values {
            Values::Number(_) => ColumnType::Number,
            Values::Integer(_) => ColumnType::Integer,
            Values::Flag(_) => ColumnType::Flag,
            Values::Label { labels, .. } => ColumnType::Label(Arc::clone(labels)),
        };
        Self { meta: column.meta.clone(), kind }
    }
}

/// Values of a column on their way to a file, with what is needed to make Arrow arrays of them.
pub(super) struct Buffer {
    values: Values,
    /// The labels, made once.
    dictionary: Option<ArrayRef>,
}

impl Buffer {
    pub(super) fn new(kind: &ColumnType) -> Self {
        let (values, dictionary) = match kind {
            ColumnType::Number => (Values::Number(Vec::new()), None),
            ColumnType::Integer => (Values::Integer(Vec::new()), None),
            ColumnType::Flag => (Values::Flag(Vec::new()), None),
            ColumnType::Label(labels) => {
                let dictionary: ArrayRef = Arc::new(StringArray::from_iter_values(labels.iter()));
                (Values::Label { codes: Vec::new(), labels: Arc::clone(labels) }, Some(dictionary))
            }
        };
        Self { values, dictionary }
    }

    pub(super) fn rows(&self) -> usize {
        self.values.len()
    }

    /// Adds rows of a column in which [`mismatch`] found nothing wrong.
    pub(super) fn extend(&mut self, values: &Values, rows: Range<usize>) {
        match (&mut self.values, values) {
            (Values::Number(to), Values::Number(from)) => to.extend_from_slice(&from[rows]),
            (Values::Integer(to), Values::Integer(from)) => to.extend_from_slice(&from[rows]),
            (Values::Flag(to), Values::Flag(from)) => to.extend_from_slice(&from[rows]),
            (Values::Label { codes: to, .. }, Values::Label { codes: from, .. }) => {
                to.extend_from_slice(&from[rows]);
            }
            _ => {}
        }
    }

    /// The buffered values; the buffer is empty afterwards.
    pub(super) fn take(&mut self) -> Result<ArrayRef, ArrowError> {
        let array = self.array(&self.values, 0..self.rows())?;
        match &mut self.values {
            Values::Number(values) => values.clear(),
            Values::Integer(values) => values.clear(),
            Values::Flag(values) => values.clear(),
            Values::Label { codes, .. } => codes.clear(),
        }
        Ok(array)
    }

    /// Rows of a column in which [`mismatch`] found nothing wrong.
    pub(super) fn array(&self, values: &Values, rows: Range<usize>) -> Result<ArrayRef, ArrowError> {
        let array: ArrayRef = match values {
            Values::Number(values) => {
                let values = &values[rows];
                let present = present(values, |x| !x.is_nan());
                Arc::new(Float64Array::new(values.to_vec().into(), present))
            }
            Values::Integer(values) => {
                let values = &values[rows];
                let numbers: Vec<i64> = values.iter().map(|x| x.unwrap_or_default()).collect();
                Arc::new(Int64Array::new(numbers.into(), present(values, Option::is_some)))
            }
            Values::Flag(values) => {
                let values = &values[rows];
                let flags = values.iter().map(|x| x.unwrap_or_default()).collect();
                Arc::new(BooleanArray::new(flags, present(values, Option::is_some)))
            }
            Values::Label { codes, .. } => {
                let codes = &codes[rows];
                // A code past i32 wraps to one that is out of range, which is an error below.
                let keys: Vec<i32> = codes.iter().map(|code| code.unwrap_or_default() as i32).collect();
                let keys = Int32Array::new(keys.into(), present(codes, Option::is_some));
                let labels = self.dictionary.clone().unwrap_or_else(|| Arc::new(StringArray::new_null(0)));
                Arc::new(DictionaryArray::<Int32Type>::try_new(keys, labels)?)
            }
        };
        Ok(array)
    }
}

/// Which values are there; `None` if all are.
fn present<T>(values: &[T], is_present: impl Fn(&T) -> bool) -> Option<NullBuffer> {
    let all = values.iter().fold(true, |all, value| all & is_present(value));
    (!all).then(|| values.iter().map(is_present).collect::<BooleanBuffer>().into())
}

/// How a table differs from the columns of its file, if it does.
pub(super) fn mismatch(fields: &[Field], table: &Table) -> Option<String> {
    if table.columns.len() != fields.len() {
        return Some(format!("{} columns instead of {}", table.columns.len(), fields.len()));
    }
    let rows = table.rows();
    table.columns.iter().zip(fields).find_map(|(column, field)| {
        let name = &column.meta.name;
        if Field::from(column) != *field {
            return Some(format!("column `{name}` is not `{}` as it was described", field.meta.name));
        }
        if column.values.len() != rows {
            return Some(format!("column `{name}` has {} rows, not {rows}", column.values.len()));
        }
        match &column.values {
            Values::Label { codes, labels } => codes
                .iter()
                .flatten()
                .find(|&&code| code as usize >= labels.len())
                .map(|code| format!("column `{name}` has no label {code}")),
            _ => None,
        }
    })
}

/// The Arrow schema of columns.
pub(super) fn schema(fields: &[Field]) -> SchemaRef {
    Arc::new(Schema::new(fields.iter().map(arrow_field).collect::<Vec<_>>()))
}

fn arrow_field(field: &Field) -> ArrowField {
    let data_type = match field.kind {
        ColumnType::Number => DataType::Float64,
        ColumnType::Integer => DataType::Int64,
        ColumnType::Flag => DataType::Boolean,
        ColumnType::Label(_) => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
    };
    ArrowField::new(&field.meta.name, data_type, true)
        .with_metadata([(UNIT_KEY, field.meta.unit.as_str()), (MEANING_KEY, field.meta.meaning.as_str())])
}

/// How the values of a file are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// In little room, to be kept.
    Small,
    /// In little time, to be read back and removed.
    Quick,
}

/// The settings of every file: constants, so that equal rows make equal bytes.
///
/// Labels are dictionaries; integers (patient, steps) are stored as differences; numbers plainly,
/// since draws and endpoints hardly repeat.
pub(super) fn writer_properties(
    fields: &[Field],
    packing: Packing,
    provenance: &[(String, String)],
) -> WriterProperties {
    let entries = provenance.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())).collect();
    let base = WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_dictionary_enabled(false)
        .set_key_value_metadata(Some(entries));
    match packing {
        Packing::Small => {
            // Pages are as long as half a row group: their extremes would say no more than its own.
            let base = base
                .set_compression(Compression::ZSTD(ZstdLevel::default()))
                .set_statistics_enabled(EnabledStatistics::Chunk);
            fields.iter().fold(base, column_properties).build()
        }
        Packing::Quick => base.set_statistics_enabled(EnabledStatistics::None).build(),
    }
}

fn column_properties(builder: WriterPropertiesBuilder, field: &Field) -> WriterPropertiesBuilder {
    let path = ColumnPath::from(field.meta.name.as_str());
    match field.kind {
        ColumnType::Label(_) => builder.set_column_dictionary_enabled(path, true),
        ColumnType::Integer => builder.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
        ColumnType::Number | ColumnType::Flag => builder,
    }
}
