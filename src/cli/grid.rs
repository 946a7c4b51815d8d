//! Tables of the terminal.

use comfy_table::presets;
use comfy_table::{CellAlignment, Table};

/// A table whose first columns are to the left, and all others to the right.
pub(super) fn grid<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
    left: usize,
) -> Table {
    aligned(header.map(String::from).into(), rows.into_iter().map(Vec::from), left)
}

/// The same, of as many columns as there are.
pub(super) fn aligned(
    header: Vec<String>,
    rows: impl IntoIterator<Item = Vec<String>>,
    left: usize,
) -> Table {
    let mut grid = Table::new();
    grid.load_style(presets::UTF8_BORDERS_ONLY);
    grid.set_header(header);
    for row in rows {
        grid.add_row(row);
    }
    for column in grid.column_iter_mut().skip(left) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    grid
}
