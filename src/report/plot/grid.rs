//! Words in the cells of a grid, as of a table of decisions.

use super::panels::escaped;
use super::{FONT, WIDTH};

/// Size of a cell, and of what stands before the first of a row and above the first of a column.
const CELL: [f64; 2] = [34.0, 20.0];
const BEFORE: [f64; 2] = [60.0, 44.0];

/// A grid: what the columns and rows are called together, and each of them; a word and its colour in each cell.
pub(in crate::report) fn grid(
    [of_columns, of_rows]: [&str; 2],
    columns: &[String],
    rows: &[(String, Vec<(&str, &str)>)],
) -> String {
    let [width, height] = CELL;
    let [left, top] = BEFORE;
    let whole = [left + width * columns.len() as f64, top + height * rows.len() as f64 + 8.0];
    let text = |x: f64, y: f64, anchor: &str, colour: &str, text: &str| {
        format!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"12\" text-anchor=\"{anchor}\" fill=\"{colour}\">{}</text>",
            escaped(text)
        )
    };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" font-family=\"{FONT}\">",
        whole[0].max(WIDTH),
        whole[1]
    );
    svg += &text(left, 14.0, "start", "currentColor", of_columns);
    svg += &text(4.0, top - 10.0, "start", "currentColor", of_rows);
    for (column, name) in columns.iter().enumerate() {
        svg += &text(left + width * (column as f64 + 0.5), top - 10.0, "middle", "currentColor", name);
    }
    for (row, (name, cells)) in rows.iter().enumerate() {
        let y = top + height * row as f64;
        svg += &text(left - 10.0, y + 15.0, "end", "currentColor", name);
        for (column, (word, colour)) in cells.iter().enumerate() {
            let x = left + width * column as f64;
            let [inner_width, inner_height] = CELL.map(|side| side - 2.0);
            svg += &format!(
                "<rect x=\"{x}\" y=\"{y}\" width=\"{inner_width}\" height=\"{inner_height}\" fill=\"{colour}\"/>"
            );
            svg += &text(x + inner_width / 2.0, y + 14.0, "middle", "#000000", word);
        }
    }
    svg + "</svg>"
}
