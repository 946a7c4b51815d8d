//! What was solved, to disk.

use rayon::prelude::*;

use crate::store::{Field, PartWriter, RunFolder, Set, StoreError};
use crate::table::Table;

/// The rows of each set that a batch of patients adds.
pub(super) type Rows = Vec<(Set, Table)>;

/// Writes batches in the order in which they come, each part closed when the next begins.
pub(super) struct Writer<'a> {
    folder: &'a mut RunFolder,
    /// Number of the open part.
    part: u64,
    open: Vec<(Set, PartWriter)>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(folder: &'a mut RunFolder) -> Self {
        Self { folder, part: 0, open: Vec::new() }
    }

    /// Goes on to a part: the one before is complete.
    pub(super) fn begin(&mut self, part: u64) -> Result<(), StoreError> {
        if part != self.part {
            self.finish()?;
            self.part = part;
        }
        Ok(())
    }

    /// Writes a batch of the part that was begun last.
    pub(super) fn write(&mut self, rows: Rows) -> Result<(), StoreError> {
        rows.into_iter().try_for_each(|(set, table)| self.writer(set, &table)?.write(&table))
    }

    /// Ends the open part, if there is one.
    pub(super) fn finish(&mut self) -> Result<(), StoreError> {
        if self.open.is_empty() {
            return Ok(());
        }
        // Side by side, for the disk takes its time with each.
        let open: Vec<_> = self.open.drain(..).collect();
        let files = open.into_par_iter().map(|(_, writer)| writer.finish()).collect::<Result<_, _>>()?;
        self.folder.end_part(self.part, files)
    }

    fn writer(&mut self, set: Set, table: &Table) -> Result<&mut PartWriter, StoreError> {
        let position = match self.open.iter().position(|(open, _)| *open == set) {
            Some(position) => position,
            None => {
                let writer = self.folder.part(set, self.part, &Field::of(table))?;
                self.open.push((set, writer));
                self.open.len() - 1
            }
        };
        Ok(&mut self.open[position].1)
    }
}
