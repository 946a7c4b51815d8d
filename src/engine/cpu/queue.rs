//! What waits to be read of a lane.

use std::collections::VecDeque;
use std::ops::Range;

use crate::cohort::Ticks;
use crate::plan::ObservationTime;

use super::real::Real;

/// Observations of a lane that may wait: enough to fill blocks, few enough to stay in the cache.
const MOST_WAITING: usize = 16;

/// When and why something is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Observation {
    /// Of whom: item of the part.
    pub(crate) item: usize,
    pub(crate) tick: Ticks,
    /// Model time.
    pub(crate) time: f64,
    /// The observation time, if it is at one.
    pub(crate) point: Option<(usize, ObservationTime)>,
    /// Of a patient of a data set, where its individual values are at this time, in the columns.
    pub(crate) row: Option<usize>,
}

impl Observation {
    /// The observation time of the plan that it is at, or that readings of a data set are like, if it is at one.
    pub(crate) fn kind(&self) -> Option<usize> {
        self.point.map(|(number, _)| if self.is_record() { 0 } else { number })
    }

    /// Whether it is the reading of a record of a data set, whose number its point then is.
    pub(crate) fn is_record(&self) -> bool {
        self.row.is_some() && self.point.is_some_and(|(_, point)| point.trajectory)
    }
}

/// The reads of one lane that wait, and the states at each: a ring of `[place][state]`, in the order of
/// [`ObservationProgram::states`].
#[derive(Debug)]
pub(super) struct ObservationQueue<T> {
    observations: VecDeque<Observation>,
    states: Vec<T>,
    /// The place of the first read.
    first: usize,
}

/// Observations that there is room for: one more than may wait.
const PLACES: usize = MOST_WAITING + 1;

impl<T: Real> ObservationQueue<T> {
    /// For so many states.
    pub(super) fn new(states: usize) -> Self {
        Self {
            observations: VecDeque::with_capacity(PLACES),
            states: vec![T::of(0.0); PLACES * states],
            first: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.observations.is_empty()
    }

    /// Whether more reads wait than may.
    pub(super) fn is_full(&self) -> bool {
        self.observations.len() > MOST_WAITING
    }

    /// Where the states at a place are.
    fn place(&self, place: usize) -> Range<usize> {
        let states = self.states.len() / PLACES;
        place * states..(place + 1) * states
    }

    /// Adds a read.
    pub(super) fn push(&mut self, observation: Observation, states: impl Iterator<Item = T>) {
        let place = self.place((self.first + self.observations.len()) % PLACES);
        self.states[place].iter_mut().zip(states).for_each(|(to, state)| *to = state);
        self.observations.push_back(observation);
    }

    /// The first read and its states.
    pub(super) fn pop(&mut self) -> Option<(Observation, &[T])> {
        let observation = self.observations.pop_front()?;
        let place = self.place(self.first);
        self.first = (self.first + 1) % PLACES;
        Some((observation, &self.states[place]))
    }
}
