//! Tables of the terminal: as wide as it is, in blocks of columns where they do not fit; plain columns where a program
//! reads.

use std::fmt;
use std::io::{IsTerminal, stdout};
use std::ops::{Bound, Range, RangeBounds};

use comfy_table::{CellAlignment, ContentArrangement, Table as Drawn, presets};

/// Columns of a terminal that does not say how wide it is.
const USUAL_WIDTH: usize = 80;

/// A table in which some columns are numbers, and stand to the right.
#[derive(Debug, Clone)]
pub(super) struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    /// As many columns, from the first, say what a row is: they stand in every block.
    keys: usize,
    is_number: Vec<bool>,
}

/// A table in which the columns in `numbers`, counted from 0, stand to the right and all others to the left; the columns
/// before them say what a row is.
pub(super) fn table<R: Into<Vec<String>>>(
    header: impl IntoIterator<Item = impl Into<String>>,
    rows: impl IntoIterator<Item = R>,
    numbers: impl RangeBounds<usize>,
) -> Table {
    let header: Vec<String> = header.into_iter().map(Into::into).collect();
    let keys = match numbers.start_bound() {
        Bound::Included(&first) => first.min(header.len()),
        Bound::Excluded(_) | Bound::Unbounded => 0,
    };
    let is_number = (0..header.len()).map(|column| numbers.contains(&column)).collect();
    Table { header, rows: rows.into_iter().map(Into::into).collect(), keys, is_number }
}

/// Columns of the terminal that answers are read on; `None` where a program reads them.
pub(super) fn width() -> Option<usize> {
    if !stdout().is_terminal() {
        return None;
    }
    let size = terminal_size::terminal_size_of(stdout());
    Some(size.map_or(USUAL_WIDTH, |(width, _)| usize::from(width.0)))
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(width()))
    }
}

impl Table {
    /// Whether it has no row.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// As text for a terminal of so many columns, or for a program.
    fn text(&self, width: Option<usize>) -> String {
        match width {
            None => self.plain(),
            Some(width) => {
                let blocks = self.blocks(width).into_iter();
                blocks.map(|block| self.drawn(&block, width)).collect::<Vec<_>>().join("\n")
            }
        }
    }

    /// Columns with two blanks between them, and nothing around.
    fn plain(&self) -> String {
        let widths = self.widths();
        let line = |cells: &Vec<String>| {
            let padded = cells.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
                if self.is_number[column] { format!("{cell:>width$}") } else { format!("{cell:width$}") }
            });
            padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        std::iter::once(&self.header).chain(&self.rows).map(line).collect::<Vec<_>>().join("\n")
    }

    /// The columns behind the keys, as many together as fit.
    fn blocks(&self, width: usize) -> Vec<Range<usize>> {
        let widths = self.widths();
        // A column takes a blank on either side; the border takes two.
        let of_keys: usize = widths.iter().take(self.keys).map(|width| width + 2).sum();
        let room = width.saturating_sub(of_keys + 2);
        let (mut blocks, mut taken) = (Vec::new(), 0);
        let mut first = self.keys;
        for (column, own) in widths.iter().enumerate().skip(self.keys) {
            taken += own + 2;
            if taken > room && column > first {
                blocks.push(first..column);
                (first, taken) = (column, own + 2);
            }
        }
        blocks.push(first..self.header.len());
        blocks
    }

    /// The keys and some of the columns; what still does not fit goes on in the next line of its cell.
    fn drawn(&self, block: &Range<usize>, width: usize) -> String {
        let of_block = |cells: &Vec<String>| {
            let cells = cells.iter().enumerate();
            let shown = cells.filter(|(column, _)| *column < self.keys || block.contains(column));
            shown.map(|(_, cell)| cell.clone()).collect::<Vec<_>>()
        };
        let mut table = Drawn::new();
        table.load_style(presets::UTF8_BORDERS_ONLY);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(width.min(usize::from(u16::MAX)) as u16);
        table.set_header(of_block(&self.header));
        table.add_rows(self.rows.iter().map(of_block));
        let shown = (0..self.header.len()).filter(|column| *column < self.keys || block.contains(column));
        for (column, position) in table.column_iter_mut().zip(shown) {
            if self.is_number[position] {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table.to_string()
    }

    /// The widest cell of each column.
    fn widths(&self) -> Vec<usize> {
        let width = |column: usize| {
            let cells = std::iter::once(&self.header).chain(&self.rows);
            cells.filter_map(|cells| cells.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        (0..self.header.len()).map(width).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arms(count: usize) -> Table {
        let arms = (1..=count).map(|arm| format!("{arm} mg/kg"));
        let header = ["endpoint", "unit"].into_iter().map(String::from).chain(arms);
        let row = |name: &str| {
            let cells = (0..count).map(|_| "12.3 [4.56, 78.9]".to_owned());
            [name.to_owned(), "mg/L".into()].into_iter().chain(cells).collect::<Vec<_>>()
        };
        table(header, [row("cmax"), row("auc_last")], 2..)
    }

    #[test]
    fn a_table_is_no_wider_than_the_terminal() {
        for (width, blocks) in [(80, 3), (120, 2), (200, 1)] {
            let text = arms(7).text(Some(width));
            assert!(text.lines().all(|line| line.chars().count() <= width), "{width}:\n{text}");
            assert_eq!(text.matches("endpoint").count(), blocks, "{width}:\n{text}");
            assert!((1..=7).all(|arm| text.contains(&format!("{arm} mg/kg"))), "{width}:\n{text}");
        }
        assert!(arms(2).text(Some(20)).lines().all(|line| line.chars().count() <= 20));
    }

    #[test]
    fn a_program_reads_plain_columns() {
        let text = arms(1).text(None);
        let expected = "endpoint  unit            1 mg/kg\n\
                        cmax      mg/L  12.3 [4.56, 78.9]\n\
                        auc_last  mg/L  12.3 [4.56, 78.9]";
        assert_eq!(text, expected);
    }
}
