//! Where the outcomes of many patients come from: block by block, in order of the patients.

use std::convert::Infallible;
use std::ops::Range;

use super::coded::code;
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

/// The value of a patient who did not reach the end: a NaN that is known by its bits.
pub(crate) const FAILED: f64 = f64::from_bits(0x7ff8_0000_fa11_ed00);

/// Whether a value is that of a patient who did not reach the end.
#[inline(always)]
pub(super) fn is_failed(value: f64) -> bool {
    value.to_bits() == FAILED.to_bits()
}

/// The outcomes of some patients in a row.
pub trait Block: Sync {
    /// Why they cannot be read.
    type Error: Send;

    /// How many patients they are.
    fn patients(&self) -> usize;

    /// The position of each patient's level; past the last if there is none.
    ///
    /// # Errors
    /// If it cannot be read.
    fn levels(&self, grouping: &Grouping) -> Result<Vec<u32>, Self::Error>;

    /// An endpoint in some of the arms, `[patient][arm]`: a number, 1 or 0 of a flag, the position of a label; NaN is
    /// missing, and `FAILED` is of those who did not reach the end.
    ///
    /// # Errors
    /// If it cannot be read.
    fn values(&self, endpoint: &Endpoint, arms: Range<usize>) -> Result<Vec<f64>, Self::Error>;

    /// The codes of an endpoint that is no number in some of the arms, `[patient][arm]`: of a flag 0 or 1, of a grade how
    /// many of [`GRADES`](super::GRADES) it reaches, of a label its position, and behind these who has no value and who
    /// did not reach the end.
    ///
    /// # Errors
    /// If it cannot be read.
    fn codes(&self, endpoint: &Endpoint, arms: Range<usize>) -> Result<Vec<u16>, Self::Error> {
        let values = self.values(endpoint, arms)?;
        Ok(values.into_iter().map(|value| code(&endpoint.kind, value)).collect())
    }
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

    fn patients(&self) -> usize {
        self.patients
    }

    fn levels(&self, grouping: &Grouping) -> Result<Vec<u32>, Infallible> {
        Ok((self.levels)(grouping))
    }

    fn values(&self, endpoint: &Endpoint, arms: Range<usize>) -> Result<Vec<f64>, Infallible> {
        let samples: Vec<Sample> = arms.map(|arm| (self.sample)(endpoint, arm)).collect();
        let of_patient = |patient: usize| {
            samples.iter().map(
                move |sample| {
                    if sample.finished[patient] { sample.values[patient] } else { FAILED }
                },
            )
        };
        Ok((0..self.patients).flat_map(of_patient).collect())
    }
}
