//! What the trial has defined so far, for the expressions that come after.

use crate::cohort::Cohort;
use crate::model::graph::NodeId;

/// Grades, and what has happened by a visit, this one included.
#[derive(Debug, Default)]
pub(super) struct Defined {
    /// Grade of each term.
    pub(super) grades: Vec<(String, NodeId)>,
    /// Whether there was a dose-limiting toxicity.
    pub(super) dlt: Option<NodeId>,
    /// Whether the tumour has progressed.
    pub(super) progressed: Option<NodeId>,
    /// Whether each event has happened.
    pub(super) events: Vec<(String, NodeId)>,
}

impl Defined {
    /// The words that stand for what has happened, beside the names of events.
    pub(super) const WORDS: [&'static str; 2] = ["dlt", "progressed"];

    /// The grade of a term.
    pub(super) fn grade(&self, term: &str) -> Option<NodeId> {
        find(&self.grades, term)
    }

    /// What a name stands for.
    pub(super) fn name(&self, name: &str) -> Option<NodeId> {
        match name {
            "dlt" => self.dlt,
            "progressed" => self.progressed,
            _ => find(&self.events, name),
        }
    }

    /// The names that it knows.
    pub(super) fn known(&self) -> Vec<String> {
        let dlt = self.dlt.map(|_| "dlt".to_owned());
        let progressed = self.progressed.map(|_| "progressed".to_owned());
        dlt.into_iter().chain(progressed).chain(self.events.iter().map(|(name, _)| name.clone())).collect()
    }

    /// Why a name of the trial has no value yet, or none at all in this cohort.
    pub(super) fn absent(&self, cohort: &Cohort, name: &str) -> Option<String> {
        let is_event = |name: &str| cohort.events.iter().any(|event| event.name.value == name);
        let may_progress = cohort.response.is_some() || cohort.events.iter().any(|event| event.progression);
        let reason = match name {
            "dlt" if cohort.dlt.is_none() => "the cohort file has no [dlt]",
            "dlt" => "grades and dose-limiting toxicities come first, and cannot depend on it",
            "progressed" if !may_progress => {
                "the cohort file has neither [response] nor an event with `progression = true`"
            }
            "progressed" => "what decides about progression, or comes before it, cannot depend on it",
            _ if is_event(name) => "events come after grades, dose-limiting toxicities and other events",
            _ => return None,
        };
        Some(reason.into())
    }
}

fn find(list: &[(String, NodeId)], name: &str) -> Option<NodeId> {
    list.iter().find(|(known, _)| known == name).map(|&(_, node)| node)
}
