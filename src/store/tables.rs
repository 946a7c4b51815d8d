//! The tables that describe a run as a whole.

use super::columns::Field;
use crate::table::{Column, ColumnMeta, Table};

/// [`Summary::Columns`](super::Summary::Columns), from the fields of every set: one row per column.
pub fn table_of_columns(sets: &[(&str, impl AsRef<[Field]>)]) -> Table {
    let rows =
        || sets.iter().flat_map(|(set, fields)| fields.as_ref().iter().map(|field| (*set, &field.meta)));
    let of_column = |name, meaning, of: fn(&ColumnMeta) -> &str| {
        Column::labels(name, meaning, rows().map(|(_, meta)| of(meta)))
    };
    Table {
        columns: vec![
            Column::labels("set", "Set that the column belongs to", rows().map(|(set, _)| set)),
            of_column("column", "Name of the column", |meta| &meta.name),
            of_column("meaning", "What it holds", |meta| &meta.meaning),
            of_column("unit", "Unit of its values", |meta| &meta.unit),
        ],
    }
}
