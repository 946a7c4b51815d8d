//! Events: what happens to a patient at a time that chance decides.

use crate::cohort::{Chance, Consequence, Event, Located, ReadOn};
use crate::diagnostic::Problem;
use crate::model::graph::{Binary, NodeId, Stage, Symbol, Unary};

use super::program::VisitProgram;
use super::readings::{any, has_come};
use super::{Accumulate, EndpointKind, EventEndpoint, PlanError, Stop};

impl VisitProgram<'_> {
    /// Defines events and progression, and adds the first time of each event to the endpoints and what
    /// follows from it to the protocol. `seen` says whether a scan has shown progression.
    pub(super) fn events(&mut self, seen: Option<NodeId>) -> Vec<EventEndpoint> {
        let events = &self.cohort.events;
        let mut firsts: Vec<Option<usize>> = vec![None; events.len()];
        // What is no progression itself may depend on it.
        for progression in [true, false] {
            for (i, event) in events.iter().enumerate().filter(|(_, e)| e.progression == progression) {
                firsts[i] = self.first(i, event);
            }
            if progression {
                let come = firsts.iter().flatten().map(|&first| has_come(&mut self.graph, first));
                let come: Vec<NodeId> = seen.into_iter().chain(come).collect();
                self.defined.progressed = any(&mut self.graph, come);
            }
        }
        let firsts = events.iter().zip(firsts);
        firsts.filter_map(|(event, first)| Some(self.event(event, first?))).collect()
    }

    fn event(&mut self, event: &Event, first: usize) -> EventEndpoint {
        let name = event.name.value.clone();
        let when = has_come(&mut self.graph, first);
        if event.then != Consequence::Nothing {
            let stop = Stop {
                label: name.clone(),
                when: self.observe(when),
                shows: self.observe_day(),
                at_dose: false,
                treatment: true,
                leaves: event.then == Consequence::Leave,
            };
            self.protocol.stops.push(stop);
        }
        self.defined.events.push((name.clone(), when));
        let what = event.description.clone().unwrap_or_else(|| format!("`{name}` happened"));
        let (column, meaning) = (format!("{name}_day"), format!("first time: {what}"));
        let day = self.column(column, meaning, EndpointKind::FirstTime, first);
        EventEndpoint { name, day, progression: event.progression }
    }

    /// The accumulator of the event's first time; it is the i-th event of the file.
    fn first(&mut self, i: usize, event: &Event) -> Option<usize> {
        let uniform = self.graph.symbol(Symbol::Covariate((self.covariates.len() + i) as u32));
        let happens = match &event.chance {
            Chance::CumulativeHazard(hazard) => {
                let hazard = self.read(hazard, false)?;
                let log = self.graph.unary(Unary::Log, uniform);
                let threshold = self.graph.unary(Unary::Negate, log);
                self.graph.binary(Binary::LessEqual, threshold, hazard)
            }
            Chance::Once { probability, onset } => {
                let chance = self.probability(event, probability);
                let onset = self.read(onset, false)?;
                let drawn = self.graph.binary(Binary::Less, uniform, chance?);
                self.graph.binary(Binary::And, onset, drawn)
            }
        };
        let happens = self.condition_on_study(happens);
        Some(self.keep(Accumulate::First, happens, self.whole(), ReadOn::Visits))
    }

    fn probability(&mut self, event: &Event, text: &Located<String>) -> Option<NodeId> {
        let probability = self.read(text, false)?;
        if self.graph.stage(probability) < Stage::Dynamic {
            return Some(probability);
        }
        let error = PlanError::ChangingProbability { event: event.name.value.clone() };
        self.problems.push(Problem::at(error, self.cohort.place(&text.span)));
        None
    }
}
