//! When something is read.

use crate::cohort::{ReadOn, Ticks};

use super::{Accumulator, AccumulatorKind, ObservationTime};

/// The observations that something takes part in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObservationWindow {
    /// At which observation times.
    pub at: ObservedAt,
    /// First and last tick looked at, inclusive.
    pub window: [Ticks; 2],
    /// For how long.
    pub during: During,
}

/// Grid points of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObservedAt {
    /// Those with `visit`.
    Visits,
    /// Those, and both ends of the window.
    VisitsAndEnds,
    /// The one with tick `window[0]`.
    Time,
    /// Those with `scan`.
    Scans,
    /// Those with `trajectory`, of patients whose time courses are kept.
    Trajectories,
    /// Those of them that are visits.
    TrajectoriesAtVisits,
}

/// For how long something is read; each lies within those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum During {
    /// From the beginning of the run to its end.
    Run,
    /// Until the patient leaves, with the visit at which they do.
    OnStudy,
    /// Until treatment stops, with the visit at which it does.
    Treatment,
    /// When a dose is due, until treatment stops.
    Dosing,
}

impl ObservationWindow {
    /// Whether an observation time is among them.
    pub fn includes(&self, point: &ObservationTime) -> bool {
        let [first, last] = self.window;
        let is_one = match self.at {
            ObservedAt::Visits => point.visit,
            ObservedAt::VisitsAndEnds => point.visit || self.window.contains(&point.tick),
            ObservedAt::Time => point.tick == first,
            ObservedAt::Scans => point.scan,
            ObservedAt::Trajectories => point.trajectory,
            ObservedAt::TrajectoriesAtVisits => point.trajectory && point.visit,
        };
        is_one && (first..=last).contains(&point.tick)
    }
}

impl Accumulator {
    /// When it takes a value; one that is read continuously, when its expression is evaluated besides.
    pub fn observation(&self) -> ObservationWindow {
        let at = match (self.on, self.kind) {
            (ReadOn::Scans, _) => ObservedAt::Scans,
            (_, AccumulatorKind::At) => ObservedAt::Time,
            (ReadOn::Visits, _) if self.ends => ObservedAt::VisitsAndEnds,
            (ReadOn::Visits | ReadOn::Continuous, _) => ObservedAt::Visits,
        };
        let during = if self.on_study { During::OnStudy } else { During::Run };
        ObservationWindow { at, window: self.window, during }
    }
}
