//! What a file of summarised columns says of itself, before them: whose they are.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::layout::Layout;
use crate::store::error::StoreError;
use crate::store::parts::Part;

/// Bytes at most of what a file says of itself; of more it is none of ours.
const MOST: u64 = 1 << 20;

/// The beginning of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct Header {
    /// As the key-value metadata of a Parquet file.
    pub(in crate::store) provenance: Vec<(String, String)>,
    /// The first patient, and the one behind the last.
    pub(in crate::store) patients: [u64; 2],
    /// Names of the columns, and bytes of a patient in each.
    pub(super) columns: Vec<(String, u64)>,
}

impl Header {
    pub(super) fn new(layout: &Layout, part: &Part, provenance: &[(String, String)]) -> Self {
        let columns = layout.names().enumerate().map(|(i, name)| (name.to_owned(), layout.width(i)));
        Self {
            provenance: provenance.to_vec(),
            patients: [part.patients.start, part.patients.end],
            columns: columns.collect(),
        }
    }

    /// Its bytes: how many there are, and JSON.
    ///
    /// # Errors
    /// What JSON cannot say, which no text is.
    pub(super) fn bytes(&self) -> io::Result<Vec<u8>> {
        let json = serde_json::to_vec(self)?;
        let length = json.len() as u64;
        if length > MOST {
            return Err(io::Error::other("the names of its columns take too much room"));
        }
        Ok([&length.to_le_bytes()[..], &json].concat())
    }

    /// Of a file that is there, and how long it is itself.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read, is none of ours, or has more or fewer bytes than it says.
    pub(in crate::store) fn read(path: &Path) -> Result<(Self, u64), StoreError> {
        let read = || -> io::Result<(Self, u64)> {
            let mut file = File::open(path)?;
            let mut length = [0; 8];
            file.read_exact(&mut length)?;
            let length = u64::from_le_bytes(length);
            if length > MOST {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let mut json = Vec::new();
            let bytes = file.metadata()?.len();
            file.take(length).read_to_end(&mut json)?;
            let (header, base): (Self, u64) = (serde_json::from_slice(&json)?, 8 + length);
            let expected = header.width().checked_mul(header.count()).and_then(|own| own.checked_add(base));
            if expected != Some(bytes) {
                return Err(io::ErrorKind::InvalidData.into());
            }
            Ok((header, base))
        };
        read().map_err(|cause| match cause.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                StoreError::damaged(path, "it is no whole file of summarised columns")
            }
            _ => StoreError::read(path, cause),
        })
    }

    /// Bytes of a patient in all columns.
    pub(super) fn width(&self) -> u64 {
        self.columns.iter().fold(0, |sum, (_, width)| sum.saturating_add(*width))
    }

    /// How many patients there are.
    pub(super) fn count(&self) -> u64 {
        self.patients[1].saturating_sub(self.patients[0])
    }
}
