//! How much of a user's table is read.

use std::path::Path;

use super::TableError;

/// Bytes of a file, and of what is in it once it is decompressed.
pub(super) const MOST_BYTES: u64 = 4 << 30;
/// Columns of a file.
pub(super) const MOST_COLUMNS: usize = 20_000;
/// Numbers that are taken from a file: 1.6 GB.
pub(super) const MOST_CELLS: u64 = 200_000_000;

/// That rows and columns are not too many.
pub(super) fn check_size(path: &Path, rows: u64, columns: usize) -> Result<(), TableError> {
    let found = rows.saturating_mul(columns as u64);
    if found <= MOST_CELLS {
        return Ok(());
    }
    Err(TableError::TooLarge { file: path.to_owned(), what: "cells in its columns", found, most: MOST_CELLS })
}
