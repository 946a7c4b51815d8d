//! Reading and writing at a place of a file, from several threads at once.

use std::fs::File;
use std::io;
#[cfg(unix)]
use std::os::unix::fs::FileExt;
#[cfg(windows)]
use std::os::windows::fs::FileExt;

/// Writes all of some bytes, the first of them at this place.
#[cfg(unix)]
pub(super) fn write_all_at(file: &File, bytes: &[u8], place: u64) -> io::Result<()> {
    file.write_all_at(bytes, place)
}

/// Reads as many bytes as there is room for, the first of them at this place.
#[cfg(unix)]
pub(super) fn read_exact_at(file: &File, bytes: &mut [u8], place: u64) -> io::Result<()> {
    file.read_exact_at(bytes, place)
}

/// Writes all of some bytes, the first of them at this place.
#[cfg(windows)]
pub(super) fn write_all_at(file: &File, mut bytes: &[u8], mut place: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.seek_write(bytes, place)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            written => (bytes, place) = (&bytes[written..], place + written as u64),
        }
    }
    Ok(())
}

/// Reads as many bytes as there is room for, the first of them at this place.
#[cfg(windows)]
pub(super) fn read_exact_at(file: &File, mut bytes: &mut [u8], mut place: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.seek_read(bytes, place)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => (bytes, place) = (&mut bytes[read..], place + read as u64),
        }
    }
    Ok(())
}
