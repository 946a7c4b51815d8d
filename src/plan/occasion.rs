//! When something is read.

use crate::cohort::{ReadOn, Ticks};

use super::{Accumulator, AccumulatorKind, GridPoint};

/// The reads that concern something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occasion {
    /// At which grid points.
    pub at: Moments,
    /// First and last tick looked at, inclusive.
    pub window: [Ticks; 2],
    /// For how long.
    pub during: During,
}

/// Grid points of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moments {
    /// Those with `visit`.
    Visits,
    /// Those, and both ends of the window.
    VisitsAndEnds,
    /// The one with tick `window[0]`.
    Time,
    /// Those with `scan`.
    Scans,
    /// Those with `trajectory`, of patients whose time courses are kept.
    Courses,
    /// Those of them that are visits.
    CoursesAtVisits,
}

/// For how long something is read; each lies within those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum During {
    /// From the beginning of the run to its end.
    Run,
    /// Until the patient leaves, with the visit at which they do.
    Stay,
    /// Until treatment stops, with the visit at which it does.
    Treatment,
    /// When a dose is due, until treatment stops.
    Dosing,
}

impl Occasion {
    /// Whether a grid point is among them.
    pub fn includes(&self, point: &GridPoint) -> bool {
        let [first, last] = self.window;
        let is_one = match self.at {
            Moments::Visits => point.visit,
            Moments::VisitsAndEnds => point.visit || self.window.contains(&point.tick),
            Moments::Time => point.tick == first,
            Moments::Scans => point.scan,
            Moments::Courses => point.trajectory,
            Moments::CoursesAtVisits => point.trajectory && point.visit,
        };
        is_one && (first..=last).contains(&point.tick)
    }
}

impl Accumulator {
    /// When it takes a value; one that is read continuously, when its expression is evaluated besides.
    pub fn occasion(&self) -> Occasion {
        let at = match (self.on, self.kind) {
            (ReadOn::Scans, _) => Moments::Scans,
            (_, AccumulatorKind::At) => Moments::Time,
            (ReadOn::Visits, _) if self.ends => Moments::VisitsAndEnds,
            (ReadOn::Visits | ReadOn::Continuous, _) => Moments::Visits,
        };
        let during = if self.on_study { During::Stay } else { During::Run };
        Occasion { at, window: self.window, during }
    }
}
