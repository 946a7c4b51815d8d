//! What waits to be read of a lane.

use std::collections::VecDeque;
use std::ops::Range;

use crate::cohort::Ticks;
use crate::plan::GridPoint;

use super::real::Real;

/// Reads of a lane that may wait: enough to fill blocks, few enough to stay in the cache.
const MOST_WAITING: usize = 16;

/// When and why something is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Read {
    /// Of whom: item of the part.
    pub(crate) item: usize,
    pub(crate) tick: Ticks,
    /// The grid point, if it is at one.
    pub(crate) point: Option<(usize, GridPoint)>,
}

/// The reads of one lane that wait, and the states at each: a ring of `[place][state]`, in the order of
/// [`Observer::states`].
#[derive(Debug)]
pub(super) struct Queue<T> {
    reads: VecDeque<Read>,
    states: Vec<T>,
    /// The place of the first read.
    first: usize,
}

/// Reads that there is room for: one more than may wait.
const PLACES: usize = MOST_WAITING + 1;

impl<T: Real> Queue<T> {
    /// For so many states.
    pub(super) fn new(states: usize) -> Self {
        Self { reads: VecDeque::with_capacity(PLACES), states: vec![T::of(0.0); PLACES * states], first: 0 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.reads.is_empty()
    }

    /// Whether more reads wait than may.
    pub(super) fn is_full(&self) -> bool {
        self.reads.len() > MOST_WAITING
    }

    /// Where the states at a place are.
    fn place(&self, place: usize) -> Range<usize> {
        let states = self.states.len() / PLACES;
        place * states..(place + 1) * states
    }

    /// Adds a read.
    pub(super) fn push(&mut self, read: Read, states: impl Iterator<Item = T>) {
        let place = self.place((self.first + self.reads.len()) % PLACES);
        self.states[place].iter_mut().zip(states).for_each(|(to, state)| *to = state);
        self.reads.push_back(read);
    }

    /// The first read and its states.
    pub(super) fn pop(&mut self) -> Option<(Read, &[T])> {
        let read = self.reads.pop_front()?;
        let place = self.place(self.first);
        self.first = (self.first + 1) % PLACES;
        Some((read, &self.states[place]))
    }
}
