//! Columns whose values are made where they are wanted, some rows at a time, so that a table of many rows need not be in
//! memory.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::{Column, ColumnMeta, Table, Values};

/// Columns of one length, whose values are made when they are wanted.
#[derive(Debug, Clone)]
pub struct LazyTable<'a> {
    /// How many rows there are.
    pub rows: usize,
    /// The columns, in order.
    pub columns: Vec<LazyColumn<'a>>,
}

/// A column whose values are made when they are wanted.
#[derive(Clone)]
pub struct LazyColumn<'a> {
    /// Name, meaning and unit.
    pub meta: ColumnMeta,
    make: Arc<dyn Fn(Range<usize>) -> Values + Send + Sync + 'a>,
}

impl<'a> LazyTable<'a> {
    /// A table that is there.
    pub fn of(table: &'a Table) -> Self {
        Self { rows: table.rows(), columns: table.columns.iter().map(LazyColumn::of).collect() }
    }

    /// All values.
    pub fn table(&self) -> Table {
        let column = |column: &LazyColumn<'a>| column.column(0..self.rows);
        Table { columns: self.columns.par_iter().map(column).collect() }
    }

    /// A column by its name.
    pub fn column(&self, name: &str) -> Option<&LazyColumn<'a>> {
        self.columns.iter().find(|column| column.meta.name == name)
    }
}

impl From<Table> for LazyTable<'_> {
    fn from(table: Table) -> Self {
        Self { rows: table.rows(), columns: table.columns.into_iter().map(LazyColumn::from).collect() }
    }
}

impl<'a> LazyColumn<'a> {
    /// A column that is made of the positions of rows.
    pub fn new(meta: ColumnMeta, make: impl Fn(Range<usize>) -> Values + Send + Sync + 'a) -> Self {
        Self { meta, make: Arc::new(make) }
    }

    /// A column that is there.
    pub fn of(column: &'a Column) -> Self {
        Self::new(column.meta.clone(), |rows| column.values.slice(rows))
    }

    /// Numbers; NaN is missing.
    pub(crate) fn numbers(meta: ColumnMeta, of: impl Fn(usize) -> f64 + Send + Sync + 'a) -> Self {
        Self::new(meta, move |rows| Values::Number(rows.map(&of).collect()))
    }

    /// Whole numbers.
    pub(crate) fn integers(meta: ColumnMeta, of: impl Fn(usize) -> Option<i64> + Send + Sync + 'a) -> Self {
        Self::new(meta, move |rows| Values::Integer(rows.map(&of).collect()))
    }

    /// Yes or no.
    pub(crate) fn flags(meta: ColumnMeta, of: impl Fn(usize) -> Option<bool> + Send + Sync + 'a) -> Self {
        Self::new(meta, move |rows| Values::Flag(rows.map(&of).collect()))
    }

    /// Labels by their positions.
    pub(crate) fn labels(
        meta: ColumnMeta,
        labels: Arc<[String]>,
        of: impl Fn(usize) -> Option<u32> + Send + Sync + 'a,
    ) -> Self {
        Self::new(meta, move |rows| Values::Label {
            codes: rows.map(&of).collect(),
            labels: Arc::clone(&labels),
        })
    }

    /// The values of some rows.
    pub fn values(&self, rows: Range<usize>) -> Values {
        (self.make)(rows)
    }

    /// The values of some rows with their name.
    pub fn column(&self, rows: Range<usize>) -> Column {
        Column { meta: self.meta.clone(), values: self.values(rows) }
    }
}

impl From<Column> for LazyColumn<'_> {
    fn from(column: Column) -> Self {
        Self::new(column.meta, move |rows| column.values.slice(rows))
    }
}

impl fmt::Debug for LazyColumn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LazyColumn").field("meta", &self.meta).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_in_pieces_is_the_whole() {
        let labels: Arc<[String]> = ["a".to_owned(), "b".to_owned()].into();
        let meta = |name: &str| ColumnMeta::new(name, "", "1");
        let lazy = LazyTable {
            rows: 7,
            columns: vec![
                LazyColumn::numbers(meta("number"), |row| row as f64 / 2.0),
                LazyColumn::integers(meta("integer"), |row| (row != 3).then_some(row as i64)),
                LazyColumn::flags(meta("flag"), |row| (row != 4).then_some(row % 2 == 0)),
                LazyColumn::labels(meta("label"), labels, |row| (row != 5).then_some(row as u32 % 2)),
            ],
        };
        let table = lazy.table();
        assert_eq!(table.columns[1].values.number(2), 2.0);
        for rows in [0..0, 0..7, 2..6, 6..7] {
            for again in [LazyTable::of(&table), LazyTable::from(table.clone())] {
                for (made, from) in lazy.columns.iter().zip(&again.columns) {
                    assert_eq!(made.column(rows.clone()), from.column(rows.clone()));
                }
            }
        }
    }
}
