//! The checked records, kept in a temporary file and read back by individuals.
//!
//! What was checked is what is solved, whatever becomes of the user's file meanwhile; and memory does not grow with it.
//! Individuals lie in pieces, each compressed by itself.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::sync::{Arc, Mutex};

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
pub(super) struct SpoolWriter {
    file: SpooledTempFile,
    pieces: Vec<Piece>,
    piece: Vec<u8>,
    /// Individuals so far.
    subjects: usize,
    /// The first of the piece that is written.
    first: usize,
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
    pub(super) fn new() -> Self {
        let file = SpooledTempFile::new(IN_MEMORY);
        Self { file, pieces: Vec::new(), piece: Vec::new(), subjects: 0, first: 0 }
    }

    /// Adds an individual.
    pub(super) fn add(&mut self, subject: &Subject) -> io::Result<()> {
        written::subject(subject, &mut self.piece);
        self.subjects += 1;
        if self.piece.len() < PIECE { Ok(()) } else { self.end_piece() }
    }

    fn end_piece(&mut self) -> io::Result<()> {
        let bytes = zstd::bulk::compress(&self.piece, LEVEL)?;
        let offset = self.file.stream_position()?;
        self.file.write_all(&bytes)?;
        self.pieces.push(Piece { first: self.first, offset, bytes: bytes.len() });
        self.piece.clear();
        self.first = self.subjects;
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<Spool> {
        if !self.piece.is_empty() {
            self.end_piece()?;
        }
        Ok(Spool { file: Mutex::new(self.file), pieces: self.pieces, subjects: self.subjects })
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
        let begin = self.pieces.partition_point(|piece| piece.first <= range.start).saturating_sub(1);
        for piece in self.pieces[begin..].iter().take_while(|piece| piece.first < range.end) {
            let bytes = self.piece(piece)?;
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

    fn piece(&self, piece: &Piece) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; piece.bytes];
        let mut file = lock(&self.file);
        file.seek(SeekFrom::Start(piece.offset))?;
        file.read_exact(&mut bytes)?;
        drop(file);
        zstd::stream::decode_all(bytes.as_slice())
    }
}
