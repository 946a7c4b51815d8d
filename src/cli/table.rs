//! Tables of the terminal.

use std::ops::RangeBounds;

use comfy_table::presets;
use comfy_table::{Cell, CellAlignment, Table};

/// A table in which the columns in `numbers`, counted from 0, stand to the right and all others to the left.
pub(super) fn table<R: Into<Vec<String>>>(
    header: impl IntoIterator<Item = impl Into<Cell>>,
    rows: impl IntoIterator<Item = R>,
    numbers: impl RangeBounds<usize>,
) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_header(header);
    table.add_rows(rows.into_iter().map(Into::into));
    for (position, column) in table.column_iter_mut().enumerate() {
        if numbers.contains(&position) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
