//! What was solved, to disk.

use std::panic;
use std::sync::Arc;
use std::thread::{Scope, ScopedJoinHandle};

use crate::store::{Field, FileSummary, PartWriter, RunFolder, Seen, Set, SpoolPart, StoreError};
use crate::sync::apart;
use crate::table::{LazyTable, Table};

/// The rows of each set that some patients add.
pub(super) type Rows = Vec<(Set, Table)>;

/// The same, made when they are wanted.
pub(super) type LazyRows<'a> = Vec<(Set, LazyTable<'a>)>;

/// Writes batches in the order in which they come, each part closed when the next begins.
///
/// A part ends on a thread of its own, for the disk takes its time with it, and is recorded with the first batch that comes
/// after that: at the latest when the writer is dropped.
pub(super) struct Writer<'a, 'scope, 'env> {
    folder: &'a mut RunFolder,
    scope: &'scope Scope<'scope, 'env>,
    /// Number of the open part.
    part: u64,
    open: Vec<(Set, PartWriter)>,
    /// What is summarised of it.
    spooled: Option<Arc<SpoolPart>>,
    /// The part before it, while it ends.
    ending: Option<(u64, Ending<'scope>)>,
}

/// A part that ends: its files, once it has.
type Ending<'scope> = ScopedJoinHandle<'scope, Result<Vec<FileSummary>, StoreError>>;

/// A file of a part.
enum File {
    Table(Box<PartWriter>),
    Summarised(Arc<SpoolPart>),
}

impl File {
    /// Ends it; none where the summarised columns have no file of their own.
    fn finish(self) -> Result<Option<FileSummary>, StoreError> {
        match self {
            Self::Table(writer) => writer.finish().map(Some),
            Self::Summarised(part) => part.finish(),
        }
    }
}

impl<'a, 'scope, 'env> Writer<'a, 'scope, 'env> {
    pub(super) fn new(folder: &'a mut RunFolder, scope: &'scope Scope<'scope, 'env>) -> Self {
        Self { folder, scope, part: 0, open: Vec::new(), spooled: None, ending: None }
    }

    /// Goes on to a part, or goes on with it: the one before is complete.
    pub(super) fn begin(&mut self, part: u64) -> Result<(), StoreError> {
        if self.ending.as_ref().is_some_and(|(_, files)| files.is_finished()) {
            self.record()?;
        }
        if part != self.part {
            self.end_open()?;
            self.part = part;
        }
        Ok(())
    }

    /// Ends what is summarised of the part that was begun last with it.
    pub(super) fn summarise(&mut self, spooled: &Arc<SpoolPart>) {
        self.spooled = Some(Arc::clone(spooled));
    }

    /// Writes rows of a batch of the part that was begun last, and shows them meanwhile.
    pub(super) fn write(
        &mut self,
        set: Set,
        rows: &LazyTable<'_>,
        seen: &Seen<'_>,
    ) -> Result<(), StoreError> {
        self.writer(set, rows)?.write_lazy(rows, seen)
    }

    /// Ends the open part, if there is one.
    pub(super) fn finish(&mut self) -> Result<(), StoreError> {
        self.end_open()?;
        self.record()
    }

    /// Lets the open part end, once the one before it has.
    fn end_open(&mut self) -> Result<(), StoreError> {
        self.record()?;
        if !self.open.is_empty() {
            // Side by side, for the disk takes its time with each.
            let tables = self.open.drain(..).map(|(_, writer)| File::Table(writer.into()));
            let files: Vec<File> = tables.chain(self.spooled.take().map(File::Summarised)).collect();
            let end = move || {
                // Looked at in order, so that the error does not depend on the threads.
                let files = apart(files, File::finish).into_iter().collect::<Result<Vec<_>, _>>()?;
                Ok(files.into_iter().flatten().collect())
            };
            self.ending = Some((self.part, self.scope.spawn(end)));
        }
        Ok(())
    }

    /// Records the part that ends, once it has ended.
    fn record(&mut self) -> Result<(), StoreError> {
        let Some((part, files)) = self.ending.take() else { return Ok(()) };
        let files = files.join().unwrap_or_else(|panic| panic::resume_unwind(panic))?;
        self.folder.end_part(part, files)
    }

    fn writer(&mut self, set: Set, table: &LazyTable<'_>) -> Result<&mut PartWriter, StoreError> {
        let position = match self.open.iter().position(|(open, _)| *open == set) {
            Some(position) => position,
            None => {
                let writer = self.folder.part(set, self.part, &Field::of_lazy(table))?;
                self.open.push((set, writer));
                self.open.len() - 1
            }
        };
        Ok(&mut self.open[position].1)
    }
}

impl Drop for Writer<'_, '_, '_> {
    fn drop(&mut self) {
        // Whatever hindered a later one, and was told, a part that is whole is there.
        let ended = self.ending.take().map(|(part, files)| (part, files.join()));
        if let Some((part, Ok(Ok(files)))) = ended {
            let _ = self.folder.end_part(part, files);
        }
    }
}
