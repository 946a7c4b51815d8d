//! Columns from rows of one kind.

use super::{Column, ColumnMeta, Table, Values};

/// Rows of one kind on their way to a table.
pub(crate) struct Columns<'a, R> {
    rows: &'a [R],
    columns: Vec<Column>,
}

impl<'a, R> Columns<'a, R> {
    pub(crate) fn of(rows: &'a [R]) -> Self {
        Self { rows, columns: Vec::new() }
    }

    pub(crate) fn labels(self, name: &str, meaning: &str, of: impl Fn(&'a R) -> &'a str) -> Self {
        let values = Values::labels(self.rows.iter().map(of));
        self.push(ColumnMeta::new(name, meaning, ""), values)
    }

    /// Labels by their positions in a list of all.
    pub(crate) fn coded(
        self,
        name: &str,
        meaning: &str,
        labels: &[impl AsRef<str>],
        of: impl Fn(&R) -> Option<u32>,
    ) -> Self {
        let labels = labels.iter().map(|label| label.as_ref().to_owned()).collect();
        let codes = self.rows.iter().map(of).collect();
        self.push(ColumnMeta::new(name, meaning, ""), Values::Label { codes, labels })
    }

    pub(crate) fn numbers(self, name: &str, meaning: &str, unit: &str, of: impl Fn(&R) -> f64) -> Self {
        let values = Values::Number(self.rows.iter().map(of).collect());
        self.push(ColumnMeta::new(name, meaning, unit), values)
    }

    pub(crate) fn counts(self, name: &str, meaning: &str, of: impl Fn(&R) -> Option<u64>) -> Self {
        let values = Values::Integer(self.rows.iter().map(|row| of(row).map(|n| n as i64)).collect());
        self.push(ColumnMeta::new(name, meaning, "1"), values)
    }

    pub(crate) fn table(self) -> Table {
        Table { columns: self.columns }
    }

    fn push(mut self, meta: ColumnMeta, values: Values) -> Self {
        self.columns.push(Column { meta, values });
        self
    }
}
