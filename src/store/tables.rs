//! The tables that describe a run as a whole.

use super::columns::Field;
use crate::table::{About, Column, Table, Values};

/// `columns.parquet`: one row per column of each set.
pub(super) fn columns(sets: &[(&str, &[Field])]) -> Table {
    let rows = || sets.iter().flat_map(|&(set, fields)| fields.iter().map(move |field| (set, &field.about)));
    let column =
        |name: &str, meaning: &str, values: Values| Column { about: About::new(name, meaning, ""), values };
    Table {
        columns: vec![
            column("set", "Set that the column belongs to", Values::labels(rows().map(|(set, _)| set))),
            column(
                "column",
                "Name of the column",
                Values::labels(rows().map(|(_, about)| about.name.as_str())),
            ),
            column(
                "meaning",
                "What it holds",
                Values::labels(rows().map(|(_, about)| about.meaning.as_str())),
            ),
            column(
                "unit",
                "Unit of its values",
                Values::labels(rows().map(|(_, about)| about.unit.as_str())),
            ),
        ],
    }
}
