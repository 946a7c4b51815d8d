//! Where the summarised columns of some patients are: one behind the other, patients in order, so that several threads
//! write them at once, and the same patients give the same bytes however they were cut into batches.

use std::ops::Range;

use super::values::is_small;
use crate::outcome::distribution::{Endpoint, Grouping};

/// Bytes of the level of a patient.
const LEVEL: u64 = size_of::<u32>() as u64;

/// The columns: endpoints in every arm, then levels of groupings.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) arms: usize,
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) groupings: Vec<Grouping>,
}

impl Layout {
    /// How many columns there are.
    pub(super) fn columns(&self) -> usize {
        self.endpoints.len() + self.groupings.len()
    }

    /// Their names.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let of_endpoints = self.endpoints.iter().map(|endpoint| endpoint.meta.name.as_str());
        of_endpoints.chain(self.groupings.iter().map(|grouping| grouping.column.as_str()))
    }

    /// The position of an endpoint.
    pub(super) fn endpoint(&self, name: &str) -> Option<usize> {
        self.endpoints.iter().position(|endpoint| endpoint.meta.name == name)
    }

    /// The position of a grouping.
    pub(super) fn grouping(&self, of: &Grouping) -> Option<usize> {
        let position = self.groupings.iter().position(|grouping| grouping == of);
        position.map(|position| self.endpoints.len() + position)
    }

    /// Bytes of a patient in a column.
    pub(super) fn width(&self, column: usize) -> u64 {
        match self.endpoints.get(column) {
            Some(endpoint) if is_small(endpoint) => self.arms as u64,
            Some(_) => (self.arms * size_of::<f64>()) as u64,
            None => LEVEL,
        }
    }

    /// Bytes of a patient in all columns.
    pub(super) fn bytes(&self) -> u64 {
        (0..self.columns()).map(|column| self.width(column)).sum()
    }

    /// Where some patients are in a column, of so many patients in all.
    pub(super) fn place(&self, column: usize, patients: Range<u64>, all: u64) -> Range<u64> {
        let before: u64 = (0..column).map(|column| self.width(column)).sum();
        let (first, width) = (before * all, self.width(column));
        first + width * patients.start..first + width * patients.end
    }
}
