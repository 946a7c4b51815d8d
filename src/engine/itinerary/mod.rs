//! What happens to a patient of a data set, in order: what enters, what changes, and when the patient is read; and to one
//! of a cohort that begins at a steady state, before time 0.
//!
//! An itinerary is a list of stops, each a time and what happens there; between two of them nothing does. It is made of
//! the patient's records by NONMEM's rules:
//!
//! - Records at one time take effect in the order of the file. Doses that records stand for (`ADDL`) or that come late
//!   (lag times) take effect before the records of that time.
//! - A dose's bioavailability, lag, rate and duration are those of its record; of an additional dose, those in force
//!   when it is given.
//! - A reset (`EVID` 3 and 4) and a steady state in place of what there is (`SS` 1) end infusions and cancel every dose
//!   that was still to come.
//! - At steady state (`SS` 1 and 2) doses have been given every `II` for so long that nothing changes any more from one
//!   to the next; what of them still enters after the record goes on doing so. With a lag, the last of them entered that
//!   much later than a whole interval before.

mod build;
mod cycle;
#[cfg(feature = "gpu")]
mod landings;
mod start;
mod timeline;

pub(crate) use build::itinerary;
pub(crate) use cycle::Cycle;
#[cfg(feature = "gpu")]
pub(crate) use landings::MOST_LANDINGS;
#[cfg(feature = "gpu")]
pub(crate) use start::Start;
pub(crate) use start::start;

use super::instant::Instant;

/// What happens to one patient.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Itinerary {
    /// Model time of the first record, from which instants count.
    pub(crate) origin: f64,
    /// When the last record is.
    pub(crate) end: Instant,
    /// By time, those of one time in the order in which they take effect.
    pub(crate) stops: Vec<Stop>,
    /// The steady states that it comes through.
    pub(crate) cycles: Vec<Cycle>,
}

/// A time and what happens then.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stop {
    pub(crate) at: Instant,
    pub(crate) action: Action,
}

/// What happens at a stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Action {
    /// The patient is read.
    Read,
    /// Values are kept, as at this observation time of the plan.
    Keep(usize),
    /// Individual values are those of this row from here on, the patient's first being 0.
    Values(usize),
    /// An amount enters a state at once.
    Enter { state: usize, amount: f64 },
    /// What enters an infused state, by its position among them, per model time from here on.
    Rate { infused: usize, rate: f64 },
    /// What equations ask of doses, by its position among what they ask.
    Asked { position: usize, value: f64 },
    /// States are what they are at the beginning.
    Reset,
    /// The patient comes to a steady state: the position of its cycle.
    Settle(usize),
    /// A step ends, for equations switch, and may jump. Where an engine finds these times on the way none is listed.
    #[cfg(feature = "gpu")]
    Land { jumps: bool },
}
