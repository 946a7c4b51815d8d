//! A figure: a picture, the sentence that says what it shows, and the numbers behind it.

use serde::Serialize;

use super::error::ReportError;
use super::pixels::png;

/// A figure of a report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// Its title.
    pub title: String,
    /// What it shows, in a sentence, with units and of how many patients.
    pub says: String,
    /// The picture, SVG.
    pub svg: String,
    /// The numbers behind it.
    pub sheet: Sheet,
}

impl Figure {
    /// The picture as a file of its own: SVG, in black on white.
    pub fn alone(&self) -> String {
        self.svg.replacen("<svg ", "<svg style=\"background:white;color:black\" ", 1)
    }

    /// The same as PNG, so many pixels wide.
    ///
    /// # Errors
    /// [`ReportError::Pixels`] if it cannot be drawn so large.
    pub fn png(&self, width: u32) -> Result<Vec<u8>, ReportError> {
        png(&self.alone(), width)
    }
}

/// Numbers as a table of text.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Sheet {
    /// Headings, with units.
    pub columns: Vec<String>,
    /// `[row][column]`
    pub rows: Vec<Vec<String>>,
}

impl Sheet {
    /// An empty table with headings.
    pub(super) fn new<S: Into<String>>(columns: impl IntoIterator<Item = S>) -> Self {
        Self { columns: columns.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// As comma-separated values (RFC 4180).
    pub fn csv(&self) -> String {
        let quoted = |cell: &String| {
            let needs = cell.contains([',', '"', '\n']);
            if needs { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
        };
        let line = |cells: &Vec<String>| cells.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n";
        std::iter::once(&self.columns).chain(&self.rows).map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_with_commas_and_quotes_are_quoted() {
        let mut sheet = Sheet::new(["arm", "n"]);
        sheet.row(["1,5 \"mg\"".to_owned(), "3".to_owned()]);
        assert_eq!(sheet.csv(), "arm,n\r\n\"1,5 \"\"mg\"\"\",3\r\n");
    }
}
