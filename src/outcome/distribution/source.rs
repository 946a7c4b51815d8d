//! Where the outcomes of many patients come from: block by block, in order of the patients.

use std::convert::Infallible;
use std::ops::Range;

use super::{Endpoint, Grouping, Sample};

/// The outcomes of patients, of any number.
pub trait Source: Sync {
    /// Some of the patients.
    type Block<'a>: Block<Error = Self::Error>
    where
        Self: 'a;
    /// Why they cannot be read.
    type Error: Send;

    /// How many patients there are.
    fn patients(&self) -> usize;

    /// All patients in order; the same every time.
    fn blocks(&self) -> impl Iterator<Item = Result<Self::Block<'_>, Self::Error>>;
}

/// The outcomes of some patients in a row.
pub trait Block: Sync {
    /// Why they cannot be read.
    type Error: Send;

    /// The position of each patient's level; past the last if there is none.
    ///
    /// # Errors
    /// If it cannot be read.
    fn levels(&self, grouping: &Grouping) -> Result<Vec<u32>, Self::Error>;

    /// An endpoint in some of the arms, by their positions.
    ///
    /// # Errors
    /// If it cannot be read.
    fn samples(&self, endpoint: &Endpoint, arms: Range<usize>) -> Result<Vec<Sample>, Self::Error>;
}

/// Patients whose outcomes are in memory.
#[derive(Debug)]
pub struct InMemory<L, S> {
    /// How many.
    pub patients: usize,
    /// As [`Block::levels`].
    pub levels: L,
    /// The sample of an endpoint in the arm of a position.
    pub sample: S,
}

impl<L, S> Source for InMemory<L, S>
where
    L: Fn(&Grouping) -> Vec<u32> + Sync,
    S: Fn(&Endpoint, usize) -> Sample + Sync,
{
    type Block<'a>
        = &'a Self
    where
        Self: 'a;
    type Error = Infallible;

    fn patients(&self) -> usize {
        self.patients
    }

    fn blocks(&self) -> impl Iterator<Item = Result<&Self, Infallible>> {
        std::iter::once(Ok(self))
    }
}

impl<L, S> Block for &InMemory<L, S>
where
    L: Fn(&Grouping) -> Vec<u32> + Sync,
    S: Fn(&Endpoint, usize) -> Sample + Sync,
{
    type Error = Infallible;

    fn levels(&self, grouping: &Grouping) -> Result<Vec<u32>, Infallible> {
        Ok((self.levels)(grouping))
    }

    fn samples(&self, endpoint: &Endpoint, arms: Range<usize>) -> Result<Vec<Sample>, Infallible> {
        Ok(arms.map(|arm| (self.sample)(endpoint, arm)).collect())
    }
}
