//! Events: what happens to a patient at a time that chance decides.

use crate::cohort::{Chance, Consequence, Event, ReadOn, Spanned};
use crate::diagnostic::Problem;
use crate::model::graph::{Binary, NodeId, Stage, Symbol, Unary};

use super::program::VisitProgram;
use super::readings::{any, has_come};
use super::{AccumulatorId, AccumulatorKind, EndpointKind, EventEndpoint, PlanError, Stop};

/// Chance of an event that is none: no probability, no cumulative hazard.
const NO_CHANCE: f64 = -1.0;

/// Accumulators of an event.
#[derive(Clone, Copy)]
struct Watched {
    /// Its first time.
    first: AccumulatorId,
    /// See [`EventEndpoint::chance`].
    chance: Option<AccumulatorId>,
}

impl VisitProgram<'_> {
    /// Defines events and progression, and adds the first time of each event to the endpoints and what
    /// follows from it to the protocol. `seen` says whether a scan has shown progression.
    pub(super) fn events(&mut self, seen: Option<NodeId>) -> Vec<EventEndpoint> {
        let events = &self.cohort.events;
        let mut watched: Vec<Option<Watched>> = vec![None; events.len()];
        // What is no progression itself may depend on it.
        for progression in [true, false] {
            for (i, event) in events.iter().enumerate().filter(|(_, e)| e.progression == progression) {
                self.readings.subject = format!("events.{}", event.name.value);
                watched[i] = self.watch(i, event);
            }
            if progression {
                let come = watched.iter().flatten().map(|event| has_come(&mut self.graph, event.first));
                let come: Vec<NodeId> = seen.into_iter().chain(come).collect();
                self.defined.progressed = any(&mut self.graph, come);
            }
        }
        let watched = events.iter().zip(watched);
        watched.filter_map(|(event, watched)| Some(self.event(event, watched?))).collect()
    }

    fn event(&mut self, event: &Event, Watched { first, chance }: Watched) -> EventEndpoint {
        let name = event.name.value.clone();
        let when = has_come(&mut self.graph, first);
        if event.then != Consequence::Nothing {
            let stop = Stop {
                label: name.clone(),
                when: self.observe(when),
                shows: self.observe_day(),
                at_dose: false,
                drug: None,
                treatment: true,
                leaves: event.then == Consequence::Leave,
            };
            self.protocol.stops.push(stop);
        }
        self.defined.events.push((name.clone(), when));
        let what = event.description.clone().unwrap_or_else(|| format!("`{name}` happened"));
        let (column, meaning) = (format!("{name}_day"), format!("first time: {what}"));
        let day = self.column(column, meaning, EndpointKind::FirstTime, first);
        EventEndpoint { name, day, progression: event.progression, chance }
    }

    /// What is kept of an event, the i-th of the file.
    fn watch(&mut self, i: usize, event: &Event) -> Option<Watched> {
        let name = &event.name;
        if self.is_of_model(&name.value) {
            let error = PlanError::EventOfModel { name: name.value.clone() };
            self.problems.push(Problem::at(error, self.cohort.place(&name.span)));
            return None;
        }
        let uniform = self.graph.symbol(Symbol::Covariate((self.covariates.len() + i) as u32));
        let (happens, chance) = match &event.chance {
            Chance::CumulativeHazard(text) => {
                let hazard = self.read(text)?;
                let least = self.least_chance(text, hazard, None)?;
                let log = self.graph.unary(Unary::Log, uniform);
                let threshold = self.graph.unary(Unary::Negate, log);
                let happens = self.graph.binary(Binary::LessEqual, threshold, hazard);
                let least = least.map(|of| self.keep(AccumulatorKind::Min, of, self.whole(), ReadOn::Visits));
                (happens, least)
            }
            Chance::Once { probability: text, onset } => {
                let probability = self.probability(event, text);
                let onset = self.read(onset)?;
                let probability = probability?;
                let least = self.least_chance(text, probability, Some(1.0))?;
                let drawn = self.graph.binary(Binary::Less, uniform, probability);
                let happens = self.graph.binary(Binary::And, onset, drawn);
                (happens, least.map(|of| self.value_at(of, 0, false)))
            }
        };
        let first = self.keep(AccumulatorKind::FirstTrue, happens, self.whole(), ReadOn::Visits);
        Some(Watched { first, chance })
    }

    /// A probability or cumulative hazard where it is one, at least 0 and at most so much, else [`NO_CHANCE`].
    /// Nothing is left to look at in a number of the cohort file; one that is wrong goes to `problems`.
    fn least_chance(
        &mut self,
        text: &Spanned<String>,
        chance: NodeId,
        most: Option<f64>,
    ) -> Option<Option<NodeId>> {
        let constants = self.graph.reachable(&[chance]).into_iter();
        let mut constants = constants.filter_map(|node| self.graph.as_constant(node));
        let value = constants.find(|value| value.is_nan()).or_else(|| self.graph.as_constant(chance));
        if let Some(value) = value {
            if value >= 0.0 && most.is_none_or(|most| value <= most) {
                return Some(None);
            }
            let error = PlanError::NoChance { of: text.value.clone(), value, most };
            self.problems.push(Problem::at(error, self.cohort.place(&text.span)));
            return None;
        }
        let graph = &mut self.graph;
        let [zero, none] = [0.0, NO_CHANCE].map(|number| graph.constant(number));
        let mut is_chance = graph.binary(Binary::LessEqual, zero, chance);
        if let Some(most) = most {
            let most = graph.constant(most);
            let is_small = graph.binary(Binary::LessEqual, chance, most);
            is_chance = graph.binary(Binary::And, is_chance, is_small);
        }
        Some(Some(graph.select(is_chance, chance, none)))
    }

    fn probability(&mut self, event: &Event, text: &Spanned<String>) -> Option<NodeId> {
        let probability = self.read(text)?;
        if self.graph.stage(probability) < Stage::Dynamic {
            return Some(probability);
        }
        let error = PlanError::ChangingProbability { event: event.name.value.clone() };
        self.problems.push(Problem::at(error, self.cohort.place(&text.span)));
        None
    }
}
