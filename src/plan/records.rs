//! What a plan takes from a data set: where its doses enter, and which covariates change from record to record.

use std::collections::BTreeSet;
use std::iter;

use crate::cohort::Ticks;
use crate::dataset::Interpolation;
use crate::model::graph::{Graph, NodeId, Stage};
use crate::model::{Model, State};

use super::dosing::Dosing;
use super::{Accumulator, AccumulatorKind, Arm, Compartment, ObservationTime, PlanError};

/// What must be known of a data set before it is solved.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RecordedData {
    /// States that its records dose, by their positions.
    pub dosed: Vec<usize>,
    /// Covariates of the model that change within a patient, by their positions.
    pub changing: Vec<usize>,
    /// What they are between two records.
    pub interpolation: Interpolation,
    /// Whether some doses enter at a rate.
    pub rates: bool,
}

impl RecordedData {
    /// The one arm: records say what is given.
    pub(super) fn arms(&self, unit: &str) -> Vec<Arm> {
        vec![Arm { label: "data".into(), dose: f64::NAN, unit: unit.into(), doses: Vec::new(), steady: None }]
    }

    /// When patients are read, as far as the plan knows: each record is as the first one, and behind it are times at which
    /// values are kept.
    pub(super) fn observation_times(accumulators: &[Accumulator]) -> Vec<ObservationTime> {
        let kept = accumulators.iter().filter(|accumulator| accumulator.kind == AccumulatorKind::At);
        let kept: BTreeSet<Ticks> = kept.map(|accumulator| accumulator.window[0]).collect();
        let time = |tick, trajectory| ObservationTime { tick, visit: false, trajectory, scan: false };
        iter::once(time(0, true)).chain(kept.into_iter().map(|tick| time(tick, false))).collect()
    }
}

/// Covariates that are on lines between records: positions in [`Plan::covariates`](super::Plan::covariates).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lines {
    /// Each, and its slope per model time from a record to the next.
    pub slopes: Vec<(usize, usize)>,
    /// Model time of the record from which lines go on, if there are any.
    pub since: Option<usize>,
}

impl Lines {
    /// Covariates that are of lines: slopes, and the time from which they count.
    pub(crate) fn positions(&self) -> impl Iterator<Item = usize> {
        self.slopes.iter().map(|&(_, slope)| slope).chain(self.since)
    }

    /// A model with its changing covariates on lines, if they are to be.
    pub(super) fn of(model: &Model, data: Option<&RecordedData>) -> (Model, Self) {
        let changing = match data {
            Some(data) if data.interpolation == Interpolation::Linear => &data.changing[..],
            _ => &[],
        };
        if changing.is_empty() {
            return (model.clone(), Self::default());
        }
        let first = model.covariates.len();
        let slopes = changing.iter().copied().zip(first..).collect();
        (model.with_lines(changing), Self { slopes, since: Some(first + changing.len()) })
    }
}

impl Compartment {
    /// Everything that must be known of a patient.
    pub(super) fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        let Self { bioavailability, lag, rate_factor, rate, duration, .. } = *self;
        [bioavailability, lag, rate_factor].into_iter().chain(rate).chain(duration)
    }
}

/// What of a state's doses depends on when they are given.
pub(super) fn changes_at_dose(state: &State, graph: &Graph) -> Option<&'static str> {
    let State { bioavailability, lag, rate, duration, .. } = *state;
    let values = [("f", Some(bioavailability)), ("alag", lag), ("rate", rate), ("dur", duration)];
    let changes = |node: Option<NodeId>| node.is_some_and(|node| graph.stage(node) == Stage::Dynamic);
    values.into_iter().find(|&(_, node)| changes(node)).map(|(function, _)| function)
}

impl Dosing<'_> {
    /// How the records of a data set dose states.
    ///
    /// # Errors
    /// A rate of which it is not clear whether a factor of the state changes it.
    pub(super) fn compartments(
        &self,
        data: &RecordedData,
        graph: &mut Graph,
    ) -> Result<Vec<Compartment>, PlanError> {
        // What is said of rates is said of the first drug: a data set knows no drugs.
        let drug = &self.cohort.regimen.drugs[0];
        let of_state = |&state: &usize| {
            if let Some(function) = changes_at_dose(&self.model.states[state], graph) {
                let state = self.model.states[state].name.clone();
                return Err(PlanError::OfDataAtDose { function, state });
            }
            let of = &self.model.states[state];
            let one = graph.constant(1.0);
            Ok(Compartment {
                state,
                bioavailability: of.bioavailability,
                lag: of.lag.unwrap_or_else(|| graph.constant(0.0)),
                rate: of.rate.map(|rate| self.rate_into(drug, of, rate, graph)).transpose()?,
                duration: of.duration,
                rate_factor: if data.rates { self.rate_into(drug, of, one, graph)? } else { one },
            })
        };
        data.dosed.iter().map(of_state).collect()
    }
}
