//! Plain columns as Arrow: schemas, arrays and the settings of every Parquet file.

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

use crate::table::{Column, ColumnMeta, LazyColumn, LazyTable, Table, Values};

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

    /// The same of one whose values are made when they are wanted.
    pub fn of_lazy(table: &LazyTable<'_>) -> Vec<Self> {
        table.columns.iter().map(Self::from).collect()
    }
}

impl ColumnType {
    fn of(values: &Values) -> Self {
        match values {
            Values::Number(_) => Self::Number,
            Values::Integer(_) => Self::Integer,
            Values::Flag(_) => Self::Flag,
            Values::Label { labels, .. } => Self::Label(Arc::clone(labels)),
        }
    }

    /// No value.
    fn nothing(&self) -> Values {
        match self {
            Self::Number => Values::Number(Vec::new()),
            Self::Integer => Values::Integer(Vec::new()),
            Self::Flag => Values::Flag(Vec::new()),
            Self::Label(labels) => Values::Label { codes: Vec::new(), labels: Arc::clone(labels) },
        }
    }
}

impl From<&Column> for Field {
    fn from(column: &Column) -> Self {
        Self { meta: column.meta.clone(), kind: ColumnType::of(&column.values) }
    }
}

impl From<&LazyColumn<'_>> for Field {
    fn from(column: &LazyColumn<'_>) -> Self {
        Self { meta: column.meta.clone(), kind: ColumnType::of(&column.values(0..0)) }
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
        let dictionary = match kind {
            ColumnType::Label(labels) => {
                let dictionary: ArrayRef = Arc::new(StringArray::from_iter_values(labels.iter()));
                Some(dictionary)
            }
            ColumnType::Number | ColumnType::Integer | ColumnType::Flag => None,
        };
        Self { values: kind.nothing(), dictionary }
    }

    pub(super) fn rows(&self) -> usize {
        self.values.len()
    }

    /// Adds values of the column's type.
    pub(super) fn extend(&mut self, values: Values) {
        match (&mut self.values, values) {
            (Values::Number(to), Values::Number(from)) => to.extend(from),
            (Values::Integer(to), Values::Integer(from)) => to.extend(from),
            (Values::Flag(to), Values::Flag(from)) => to.extend(from),
            (Values::Label { codes: to, .. }, Values::Label { codes: from, .. }) => to.extend(from),
            _ => {}
        }
    }

    /// The buffered values; the buffer is empty afterwards.
    pub(super) fn take(&mut self) -> Result<ArrayRef, ArrowError> {
        let nothing = ColumnType::of(&self.values).nothing();
        let values = std::mem::replace(&mut self.values, nothing);
        self.array(values)
    }

    /// Values of the column's type.
    pub(super) fn array(&self, values: Values) -> Result<ArrayRef, ArrowError> {
        let array: ArrayRef = match values {
            Values::Number(values) => {
                let present = present(&values, |x| !x.is_nan());
                Arc::new(Float64Array::new(values.into(), present))
            }
            Values::Integer(values) => {
                let numbers: Vec<i64> = values.iter().map(|x| x.unwrap_or_default()).collect();
                Arc::new(Int64Array::new(numbers.into(), present(&values, Option::is_some)))
            }
            Values::Flag(values) => {
                let flags = values.iter().map(|x| x.unwrap_or_default()).collect();
                Arc::new(BooleanArray::new(flags, present(&values, Option::is_some)))
            }
            Values::Label { codes, .. } => {
                // A code past i32 wraps to one that is out of range, which is an error below.
                let keys: Vec<i32> = codes.iter().map(|code| code.unwrap_or_default() as i32).collect();
                let keys = Int32Array::new(keys.into(), present(&codes, Option::is_some));
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

/// How the columns of a table differ from those of its file, if they do.
pub(super) fn mismatch(fields: &[Field], table: &LazyTable<'_>) -> Option<String> {
    if table.columns.len() != fields.len() {
        return Some(format!("{} columns instead of {}", table.columns.len(), fields.len()));
    }
    let differs = |(column, field): &(&LazyColumn<'_>, &Field)| Field::from(*column) != **field;
    let (column, field) = table.columns.iter().zip(fields).find(differs)?;
    Some(format!("column `{}` is not `{}` as it was described", column.meta.name, field.meta.name))
}

/// What is wrong with the values of a table, if there is something.
pub(super) fn inconsistent(table: &Table) -> Option<String> {
    let rows = table.rows();
    table.columns.iter().find_map(|column| {
        let name = &column.meta.name;
        if column.values.len() != rows {
            return Some(format!("column `{name}` has {} rows, not {rows}", column.values.len()));
        }
        let Values::Label { codes, labels } = &column.values else { return None };
        let unknown = codes.iter().flatten().find(|&&code| code as usize >= labels.len());
        unknown.map(|code| format!("column `{name}` has no label {code}"))
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
        // Every label is in nearly every row group: its extremes say nothing, and every row would be compared with them.
        ColumnType::Label(_) => builder
            .set_column_dictionary_enabled(path.clone(), true)
            .set_column_statistics_enabled(path, EnabledStatistics::None),
        ColumnType::Integer => builder.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
        ColumnType::Number | ColumnType::Flag => builder,
    }
}
