//! The file of a part from those of shards.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::header::Header;
use crate::store::error::StoreError;
use crate::store::files::{create_temporary, name_whole};
use crate::store::hashed::Content;
use crate::store::parts::Part;

/// Writes the patients of several files as one, in their order.
pub(in crate::store) fn stitch(
    path: &Path,
    part: &Part,
    pieces: &[PathBuf],
    provenance: &[(String, String)],
) -> Result<Content, StoreError> {
    let headers = pieces.iter().map(|piece| Header::read(piece)).collect::<Result<Vec<_>, _>>()?;
    let columns = headers.first().map_or_else(Vec::new, |(header, _)| header.columns.clone());
    let mut next = part.patients.start;
    for (piece, (header, _)) in pieces.iter().zip(&headers) {
        if header.columns != columns || header.patients[0] != next {
            return Err(StoreError::damaged(piece, "it does not go on where the shard before it ends"));
        }
        next = header.patients[1];
    }
    let patients = [part.patients.start, part.patients.end];
    let whole = Header { provenance: provenance.to_vec(), patients, columns };
    let (mut file, temporary) = create_temporary(path)?;
    let mut write = || -> io::Result<()> {
        file.write_all(&whole.bytes()?)?;
        let mut before = 0;
        for (_, width) in &whole.columns {
            for (piece, (header, base)) in pieces.iter().zip(&headers) {
                let mut piece = File::open(piece)?;
                piece.seek(SeekFrom::Start(base + before * header.count()))?;
                let bytes = width * header.count();
                if io::copy(&mut piece.take(bytes), &mut file)? < bytes {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            before += width;
        }
        Ok(())
    };
    write().map_err(|cause| {
        let _ = std::fs::remove_file(&temporary);
        StoreError::write(path, cause)
    })?;
    name_whole(&file, &temporary, path)
}
