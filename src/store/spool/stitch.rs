//! The file of a part from those of shards.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::header::Header;
use crate::store::error::StoreError;
use crate::store::files::{create_temporary, name_whole};
use crate::store::hashed::Content;
use crate::store::parts::Part;
use crate::store::positioned::read_exact_at;

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
    if next != part.patients.end {
        return Err(StoreError::damaged(path, "a shard with patients of this part is missing"));
    }
    let patients = [part.patients.start, part.patients.end];
    let whole = Header { provenance: provenance.to_vec(), patients, columns };
    let (mut file, temporary) = create_temporary(path)?;
    let failed = |cause| StoreError::write(path, cause);
    let mut write = || -> Result<(), StoreError> {
        file.write_all(&whole.bytes().map_err(failed)?).map_err(failed)?;
        let mut before = 0;
        for (_, width) in &whole.columns {
            for (piece, (header, base)) in pieces.iter().zip(&headers) {
                let column = read(piece, base + before * header.count(), width * header.count())?;
                file.write_all(&column).map_err(failed)?;
            }
            before += width;
        }
        Ok(())
    };
    write().inspect_err(|_| drop(fs::remove_file(&temporary)))?;
    name_whole(&file, &temporary, path)
}

/// So many bytes of a file, from a place in it on: a column of a part at most.
fn read(path: &Path, place: u64, bytes: u64) -> Result<Vec<u8>, StoreError> {
    let mut column = vec![0; bytes as usize];
    let there = File::open(path).and_then(|file| read_exact_at(&file, &mut column, place));
    there.map_err(|cause| StoreError::read(path, cause))?;
    Ok(column)
}
