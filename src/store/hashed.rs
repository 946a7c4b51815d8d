//! A file whose content is hashed while it is written, so that it need not be read again for that.

use std::fs::File;
use std::io::{self, Write};

/// The bytes of a file, by which it is known again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    /// How many.
    pub(super) bytes: u64,
    /// BLAKE3 of them, in lower-case hexadecimal digits: what `b3sum` prints.
    pub(super) blake3: String,
}

impl Content {
    /// Of bytes in memory.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self::hashed(blake3::Hasher::new().update(bytes))
    }

    /// Of a file on disk, which is read from its beginning to its end.
    pub(super) fn read(file: File) -> io::Result<Self> {
        blake3::Hasher::new().update_reader(file).map(|hasher| Self::hashed(hasher))
    }

    /// Of what was hashed so far.
    fn hashed(hasher: &blake3::Hasher) -> Self {
        Self { bytes: hasher.count(), blake3: hasher.finalize().to_hex().to_string() }
    }
}

/// Passes on what is written, and hashes it.
pub(super) struct Hashed<W> {
    inner: W,
    hasher: blake3::Hasher,
}

impl<W> Hashed<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, hasher: blake3::Hasher::new() }
    }

    /// What it was written to.
    pub(super) fn inner(&self) -> &W {
        &self.inner
    }

    /// What was written so far.
    pub(super) fn content(&self) -> Content {
        Content::hashed(&self.hasher)
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.hasher.update(&buffer[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hash of nothing and of `abc` by b3sum 1.5.
    #[test]
    fn hashes_are_those_of_b3sum() {
        let nothing = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
        let abc = "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85";
        assert_eq!(Content::of(b"").blake3, nothing);
        assert_eq!(Content::of(b"abc"), Content { bytes: 3, blake3: abc.to_owned() });
        let mut hashed = Hashed::new(Vec::new());
        assert!(hashed.write_all(b"a").and_then(|()| hashed.write_all(b"bc")).is_ok());
        assert_eq!(hashed.content(), Content::of(b"abc"));
        assert_eq!(hashed.inner(), b"abc");
    }

    /// More than is read at a time.
    #[test]
    fn files_are_hashed_as_what_is_in_memory() -> io::Result<()> {
        let bytes: Vec<u8> = (0..200_001_u32).map(|i| (i / 7) as u8).collect();
        let mut file = tempfile::NamedTempFile::new()?;
        file.write_all(&bytes)?;
        assert_eq!(Content::read(file.reopen()?)?, Content::of(&bytes));
        Ok(())
    }
}
