//! What is decided about a patient at visits, as plain data for the engines.
//!
//! At a visit everything is read and kept first ([`Plan::observed`](super::Plan::observed),
//! [`Plan::accumulators`](super::Plan::accumulators)); then, in this order: stops, and if a dose is due
//! and treatment goes on, skips, holds, changes, the dose. In each list the first whose condition is not 0
//! decides. Conditions are observed expressions, as is what they show.

use crate::cohort::Ticks;

use super::{DrugId, ObservedId, ReasonId};

/// The rules of a trial, in the order in which they are looked at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Protocol {
    /// What ends treatment: dose-limiting toxicity, then events, then rules.
    pub stops: Vec<Stop>,
    /// What makes a dose wait.
    pub holds: Vec<Hold>,
    /// What changes the dose.
    pub changes: Vec<Change>,
    /// What leaves a dose out.
    pub skips: Vec<Skip>,
    /// What asks for a dose that is given on demand.
    pub demands: Vec<Demand>,
    /// What changes how long a dose is infused.
    pub infusions: Vec<Infuse>,
}

/// The end of treatment, and perhaps of the patient's time in the trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    /// What the user calls it.
    pub label: String,
    /// Its condition.
    pub when: ObservedId,
    /// What is written of the moment.
    pub shows: ObservedId,
    /// Whether it is looked at only when a dose is due, held or not.
    pub at_dose: bool,
    /// Whether treatment ends; else it says only that the patient leaves.
    pub treatment: bool,
    /// The drug with which it ends; treatment as a whole if there is none.
    pub drug: Option<DrugId>,
    /// Whether the patient leaves the trial.
    pub leaves: bool,
}

/// A dose that is left out, so that those after it keep their times.
#[derive(Debug, Clone, PartialEq)]
pub struct Skip {
    /// What the user calls it.
    pub label: String,
    /// Its condition when a dose comes up, or waits.
    pub when: ObservedId,
    /// What is written of the moment.
    pub shows: ObservedId,
    /// Of which drug.
    pub drug: DrugId,
    /// Whether the dose is made up for, at the next time of the calendar, and so are those after it.
    pub made_up: bool,
}

/// A dose that is asked for at a visit, of a drug that is given on demand: at once, unless it is held or skipped.
/// Nothing if one is still waiting, or none is left.
#[derive(Debug, Clone, PartialEq)]
pub struct Demand {
    /// What the user calls it.
    pub label: String,
    /// Its condition.
    pub when: ObservedId,
    /// What is written of the moment.
    pub shows: ObservedId,
    /// Of which drug.
    pub drug: DrugId,
}

/// Another time over which doses are infused, from the present one on.
#[derive(Debug, Clone, PartialEq)]
pub struct Infuse {
    /// What the user calls it.
    pub label: String,
    /// Its condition.
    pub when: ObservedId,
    /// What is written of the moment.
    pub shows: ObservedId,
    /// Of which drug: all its doses are infused over a time.
    pub drug: DrugId,
    /// Over how long, more than 0.
    pub over: Ticks,
}

/// A dose that waits.
///
/// A hold begins at a visit at which `when` holds and `until` does not; a delay, which waits `at_least` whatever
/// `until` says, where `when` holds. A held dose is looked at again at every visit from `at_least` on: if `until`
/// holds, every hold is looked at afresh, and the dose is given if none begins. A delay that is over begins for the
/// same dose once more only where `again` holds and `until` does not. If the dose still waits `at_most` after it
/// was due, treatment stops, for this reason.
#[derive(Debug, Clone, PartialEq)]
pub struct Hold {
    /// What the user calls it.
    pub label: String,
    /// Its condition when a dose comes up.
    pub when: ObservedId,
    /// What is written of the moment.
    pub shows: ObservedId,
    /// What ends it; nothing but the time of a delay if there is none.
    pub until: Option<ObservedId>,
    /// The condition of a delay once it is over for the dose: what it remembers has been answered.
    pub again: ObservedId,
    /// The shortest wait, counted from the visit at which it began.
    pub at_least: Ticks,
    /// The longest wait, counted from when the dose was due.
    pub at_most: Ticks,
    /// Of which drug.
    pub drug: DrugId,
}

/// A change of the dose, from the present one on.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What the user calls it.
    pub label: String,
    /// Its condition.
    pub when: ObservedId,
    /// What is written of the moment.
    pub shows: ObservedId,
    /// How it changes.
    pub by: DoseStep,
    /// Of which drug.
    pub drug: DrugId,
}

/// How a dose changes. Doses are multiples of the arm's own dose.
#[derive(Debug, Clone, PartialEq)]
pub struct DoseStep {
    /// By how much.
    pub amount: Amount,
    /// The smallest dose (of a reduction) or the largest (of an escalation), `[arm]`.
    pub limit: Vec<f64>,
    /// What happens beyond it.
    pub beyond: BeyondLimit,
}

/// By how much a dose changes.
#[derive(Debug, Clone, PartialEq)]
pub enum Amount {
    /// It is multiplied by this: below 1 reduces, above 1 escalates.
    Times(f64),
    /// To the next lower level; levels in increasing order, `[arm][level]`.
    Down(Vec<Vec<f64>>),
    /// To the next higher level.
    Up(Vec<Vec<f64>>),
}

/// What happens to a dose that would change beyond its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BeyondLimit {
    /// It stays at the limit; without a level to go to, as it is.
    Stay,
    /// Treatment stops, for the reason of the change.
    Stop,
}

impl Protocol {
    /// Whether a dose may be given at another time or in another amount than planned, or not at all.
    pub fn is_adaptive(&self) -> bool {
        self.stops.iter().any(|stop| stop.treatment)
            || !self.holds.is_empty()
            || !self.changes.is_empty()
            || !self.skips.is_empty()
            || !self.demands.is_empty()
            || !self.infusions.is_empty()
    }

    /// Whether something that is decided, or shown of it, is this expression.
    pub fn reads(&self, observed: ObservedId) -> bool {
        let stops = self.stops.iter().flat_map(|stop| [stop.when, stop.shows]);
        let holds = self.holds.iter();
        let holds = holds.flat_map(|hold| [hold.when, hold.shows, hold.again].into_iter().chain(hold.until));
        let changes = self.changes.iter().flat_map(|change| [change.when, change.shows]);
        let skips = self.skips.iter().flat_map(|skip| [skip.when, skip.shows]);
        let demands = self.demands.iter().flat_map(|demand| [demand.when, demand.shows]);
        let infusions = self.infusions.iter().flat_map(|infuse| [infuse.when, infuse.shows]);
        let rules = stops.chain(holds).chain(changes).chain(skips).chain(demands).chain(infusions);
        rules.into_iter().any(|read| read == observed)
    }

    /// Position of a hold among those that are delays; `None` if it is none.
    pub(crate) fn delay(&self, hold: usize) -> Option<usize> {
        let delays = |holds: &[Hold]| holds.iter().filter(|hold| hold.at_least > 0).count();
        (self.holds[hold].at_least > 0).then(|| delays(&self.holds[..hold]))
    }

    /// The reason that a stop is, by its position among stops.
    pub fn reason_of_stop(&self, stop: usize) -> ReasonId {
        ReasonId::new(stop)
    }

    /// The reason that a hold is, by its position among holds.
    pub fn reason_of_hold(&self, hold: usize) -> ReasonId {
        ReasonId::new(self.stops.len() + hold)
    }

    /// The reason that a change is, by its position among changes.
    pub fn reason_of_change(&self, change: usize) -> ReasonId {
        ReasonId::new(self.stops.len() + self.holds.len() + change)
    }

    /// The reason that a skip is, by its position among skips.
    pub fn reason_of_skip(&self, skip: usize) -> ReasonId {
        ReasonId::new(self.stops.len() + self.holds.len() + self.changes.len() + skip)
    }

    /// The reason that a demand is, by its position among demands.
    pub fn reason_of_demand(&self, demand: usize) -> ReasonId {
        ReasonId::new(self.reason_of_skip(self.skips.len()).index() + demand)
    }

    /// The reason that another time of infusion is, by its position among these.
    pub fn reason_of_infusion(&self, infusion: usize) -> ReasonId {
        ReasonId::new(self.reason_of_demand(self.demands.len()).index() + infusion)
    }

    /// The user's name for a reason.
    pub fn label(&self, reason: ReasonId) -> &str {
        let stops = self.stops.iter().map(|stop| &stop.label);
        let holds = self.holds.iter().map(|hold| &hold.label);
        let changes = self.changes.iter().map(|change| &change.label);
        let skips = self.skips.iter().map(|skip| &skip.label);
        let demands = self.demands.iter().map(|demand| &demand.label);
        let infusions = self.infusions.iter().map(|infuse| &infuse.label);
        stops
            .chain(holds)
            .chain(changes)
            .chain(skips)
            .chain(demands)
            .chain(infusions)
            .nth(reason.index())
            .map_or("", String::as_str)
    }
}
