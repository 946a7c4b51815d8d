//! The checked records, kept in a temporary file and read back by individuals.
//!
//! What was checked is what is solved, whatever becomes of the user's file meanwhile; and memory does not grow with it.
//! Individuals lie in pieces, each compressed by itself.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use tempfile::SpooledTempFile;

use super::record::Subject;
use super::written;
use crate::sync::lock;

/// Bytes that are kept in memory before there is a file.
const IN_MEMORY: usize = 8 << 20;
/// Bytes of a piece before it is compressed.
const PIECE: usize = 64 << 10;
/// How hard it is compressed: hardly, for it is read many times.
const LEVEL: i32 = 1;

/// Individuals on their way into a spool.
#[derive(Default)]
pub(super) struct SpoolWriter {
    spool: Spool,
    /// The last of them, as bytes, and how many these are.
    piece: Vec<u8>,
    in_piece: usize,
}

/// The individuals of a data set.
#[derive(Debug)]
pub(super) struct Spool {
    file: Mutex<SpooledTempFile>,
    pieces: Vec<Piece>,
    subjects: usize,
}

/// Consecutive individuals.
#[derive(Debug, Clone, Copy)]
struct Piece {
    /// The first of them.
    first: usize,
    /// Where its bytes begin, and how many there are.
    offset: u64,
    bytes: usize,
}

impl SpoolWriter {
    /// Adds an individual.
    pub(super) fn add(&mut self, subject: &Subject) -> io::Result<()> {
        written::subject(subject, &mut self.piece);
        self.in_piece += 1;
        if self.piece.len() < PIECE { Ok(()) } else { self.end_piece() }
    }

    /// Those that have been added.
    pub(super) fn so_far(&mut self) -> io::Result<&Spool> {
        self.end_piece()?;
        Ok(&self.spool)
    }

    pub(super) fn finish(mut self) -> io::Result<Spool> {
        self.end_piece()?;
        Ok(self.spool)
    }

    fn end_piece(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let bytes = zstd::bulk::compress(&self.piece, LEVEL)?;
        let file = self.spool.file.get_mut().unwrap_or_else(PoisonError::into_inner);
        let offset = file.seek(SeekFrom::End(0))?;
        file.write_all(&bytes)?;
        self.spool.pieces.push(Piece { first: self.spool.subjects, offset, bytes: bytes.len() });
        self.spool.subjects += self.in_piece;
        self.in_piece = 0;
        self.piece.clear();
        Ok(())
    }
}

impl Default for Spool {
    /// Nobody.
    fn default() -> Self {
        let file = Mutex::new(SpooledTempFile::new(IN_MEMORY));
        Self { file, pieces: Vec::new(), subjects: 0 }
    }
}

impl Spool {
    pub(super) fn subjects(&self) -> usize {
        self.subjects
    }

    /// Some of the individuals, by their positions.
    pub(super) fn read(&self, range: Range<usize>) -> io::Result<Vec<Arc<Subject>>> {
        let mut subjects = Vec::with_capacity(range.len());
        let begin = self.piece_of(range.start);
        for piece in self.pieces[begin..].iter().take_while(|piece| piece.first < range.end) {
            let bytes = self.bytes(piece)?;
            let mut left = bytes.as_slice();
            let mut position = piece.first;
            while !left.is_empty() && position < range.end {
                let subject = written::read(&mut left)?;
                if range.contains(&position) {
                    subjects.push(Arc::new(subject));
                }
                position += 1;
            }
        }
        Ok(subjects)
    }

    /// Looks at all of them, one after the other.
    pub(super) fn each(&self, mut look: impl FnMut(&Subject)) -> io::Result<()> {
        for piece in 0..self.pieces.len() {
            self.read(self.range_of(piece))?.iter().for_each(|subject| look(subject));
        }
        Ok(())
    }

    /// The piece that an individual is in.
    fn piece_of(&self, position: usize) -> usize {
        self.pieces.partition_point(|piece| piece.first <= position).saturating_sub(1)
    }

    /// The individuals of a piece.
    fn range_of(&self, piece: usize) -> Range<usize> {
        let first = |piece: usize| self.pieces.get(piece).map_or(self.subjects, |piece| piece.first);
        first(piece)..first(piece + 1)
    }

    fn bytes(&self, piece: &Piece) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; piece.bytes];
        let mut file = lock(&self.file);
        file.seek(SeekFrom::Start(piece.offset))?;
        file.read_exact(&mut bytes)?;
        drop(file);
        zstd::stream::decode_all(bytes.as_slice())
    }
}

/// Individuals of a spool one by one, mostly in their order.
#[derive(Debug)]
pub(super) struct OneByOne {
    spool: Spool,
    /// The individuals of the last piece that was read, and the first of them.
    piece: Vec<Arc<Subject>>,
    first: usize,
}

impl OneByOne {
    pub(super) fn new(spool: Spool) -> Self {
        Self { spool, piece: Vec::new(), first: 0 }
    }

    pub(super) fn spool(&self) -> &Spool {
        &self.spool
    }

    /// The individual at a position, if there is one.
    pub(super) fn get(&mut self, position: usize) -> io::Result<Option<Arc<Subject>>> {
        if position >= self.spool.subjects {
            return Ok(None);
        }
        if !(self.first..self.first + self.piece.len()).contains(&position) {
            let range = self.spool.range_of(self.spool.piece_of(position));
            self.first = range.start;
            self.piece = self.spool.read(range)?;
        }
        Ok(self.piece.get(position - self.first).cloned())
    }
}
