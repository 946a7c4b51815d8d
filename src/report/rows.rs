//! Rows of the tables that results are kept in.

use std::path::Path;

use crate::store::{self, StoreError};
use crate::table::{Table, Values};

/// A row of a small table.
pub(super) struct Row<'a, const L: usize, const N: usize> {
    /// Labels of the columns that were asked for; empty where there is none.
    pub(super) labels: [&'a str; L],
    /// Numbers of the columns that were asked for; NaN is missing.
    pub(super) numbers: [f64; N],
}

/// Gives the rows of a file to `each`: some of its labels and numbers.
pub(super) fn each<const L: usize, const N: usize>(
    file: &Path,
    of_labels: [&str; L],
    of_numbers: [&str; N],
    mut each: impl FnMut(Row<'_, L, N>),
) -> Result<(), StoreError> {
    each_while(file, of_labels, of_numbers, |row| {
        each(row);
        true
    })
}

/// The same until `each` has seen enough, which it says by `false`.
pub(super) fn each_while<const L: usize, const N: usize>(
    file: &Path,
    of_labels: [&str; L],
    of_numbers: [&str; N],
    mut each: impl FnMut(Row<'_, L, N>) -> bool,
) -> Result<(), StoreError> {
    let columns = [&of_labels[..], &of_numbers[..]].concat();
    store::scan_while(file, &columns, &mut |rows: &Table| {
        let found_labels = of_labels.map(|name| labels(rows, name));
        let found_numbers = of_numbers.map(|name| numbers(rows, name));
        (0..rows.rows()).all(|row| {
            each(Row {
                labels: found_labels.each_ref().map(|column| column[row]),
                numbers: found_numbers.each_ref().map(|column| column[row]),
            })
        })
    })
}

/// The numbers of a column; NaN is missing.
pub(super) fn numbers(rows: &Table, column: &str) -> Vec<f64> {
    rows.column(column).map_or_else(Vec::new, |column| column.values.numbers())
}

/// The labels of a column; empty where there is none.
pub(super) fn labels<'a>(rows: &'a Table, column: &str) -> Vec<&'a str> {
    match rows.column(column).map(|column| &column.values) {
        Some(Values::Label { codes, labels }) => {
            codes.iter().map(|code| code.map_or("", |code| labels[code as usize].as_str())).collect()
        }
        _ => vec![""; rows.rows()],
    }
}

/// What `of` makes of the label of each row, once per label.
pub(super) fn positions<T: Copy>(rows: &Table, column: &str, of: impl Fn(&str) -> T) -> Vec<T> {
    match rows.column(column).map(|column| &column.values) {
        Some(Values::Label { codes, labels }) => {
            let of_labels: Vec<T> = labels.iter().map(|label| of(label)).collect();
            codes.iter().map(|code| code.map_or_else(|| of(""), |code| of_labels[code as usize])).collect()
        }
        _ => vec![of(""); rows.rows()],
    }
}
