//! Which endpoints belong to treatment: positions in [`Plan::endpoints`](super::Plan::endpoints), for what
//! is derived from several of them after a patient is solved.

use crate::cohort::Ticks;

use super::AccumulatorId;

/// The endpoints of treatment: what is graded, dose-limiting toxicity, events and response.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TreatmentEndpoints {
    /// Graded terms, in file order.
    pub terms: Vec<TermEndpoints>,
    /// Dose-limiting toxicity, if the cohort file defines it.
    pub dlt: Option<DltEndpoints>,
    /// Events, in file order.
    pub events: Vec<EventEndpoint>,
    /// Response, if the cohort file defines it.
    pub response: Option<ResponseEndpoints>,
}

/// A graded term.
#[derive(Debug, Clone, PartialEq)]
pub struct TermEndpoints {
    /// Its name, lower_snake_case.
    pub name: String,
    /// Its title in the grading table.
    pub title: String,
    /// The worst grade of the whole run.
    pub worst: usize,
    /// Windows by name, and the endpoints with the worst grade in each.
    pub windows: Vec<(String, usize)>,
    /// The accumulator of the grade that the value before the first dose has by the conditions that hold later: any
    /// above it is worse. It is not the grade before the first dose, where grades are relative to a baseline that is
    /// abnormal.
    pub before: AccumulatorId,
}

/// Dose-limiting toxicity.
#[derive(Debug, Clone, PartialEq)]
pub struct DltEndpoints {
    /// The last time that counts.
    pub window: Ticks,
    /// Each cause by name, and the endpoint with its first day.
    pub causes: Vec<(String, usize)>,
}

/// An event.
#[derive(Debug, Clone, PartialEq)]
pub struct EventEndpoint {
    /// Its name, lower_snake_case.
    pub name: String,
    /// The endpoint with its first day.
    pub day: usize,
    /// Whether it counts as progression.
    pub progression: bool,
    /// The accumulator of its least probability or cumulative hazard, which is below 0 if one was none: the
    /// patient's fate is then not known. None of a probability that is a number of the cohort file.
    pub chance: Option<AccumulatorId>,
}

/// Response of the tumour.
#[derive(Debug, Clone, PartialEq)]
pub struct ResponseEndpoints {
    /// Time of each scan, and the endpoint with the code of its response.
    pub scans: Vec<(Ticks, usize)>,
    /// The least time after which a response must be confirmed, if it must.
    pub confirmation: Option<Ticks>,
    /// Stable disease needs a scan at this time or later.
    pub stable_from: Ticks,
    /// Disease control is counted at the first scan at this time or later.
    pub control_at: Ticks,
}
