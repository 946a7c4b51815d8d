//! What doses reach: which states and values are not 0 for ever.

use crate::model::Model;
use crate::model::graph::{DoseValue, Dosed, NodeId, Symbol};

/// Times at which equations are looked at, in the model's unit: what is 0 at all of them is taken to be 0 for ever.
const TIMES: [f64; 3] = [0.0, 0.9, 30.7];

/// States and values that are not 0 for ever in a typical patient with doses into some states.
pub(super) struct Reached<'a> {
    model: &'a Model,
    covariates: &'a [f64],
    dosed: Vec<usize>,
    states: Vec<bool>,
}

impl<'a> Reached<'a> {
    /// From the states that doses go into on: a state is reached if it begins with something, or if its derivative is not
    /// 0 where that of the states not yet reached is.
    pub(super) fn by(model: &'a Model, covariates: &'a [f64], dosed: Vec<usize>) -> Self {
        let states = (0..model.states.len()).map(|i| dosed.contains(&i)).collect();
        let mut reached = Self { model, covariates, dosed, states };
        let starts: Vec<NodeId> = model.states.iter().map(|state| state.initial).collect();
        let slopes: Vec<NodeId> = model.states.iter().map(|state| state.derivative).collect();
        reached.add(&starts);
        while reached.add(&slopes) {}
        reached
    }

    /// Adds the states whose node of these is not 0; whether there were any.
    fn add(&mut self, nodes: &[NodeId]) -> bool {
        let found = self.is_something(nodes);
        let is_new = found.iter().zip(&self.states).any(|(found, known)| *found && !known);
        self.states.iter_mut().zip(found).for_each(|(known, found)| *known |= found);
        is_new
    }

    /// Whether each of some nodes is not 0.
    fn is_something(&self, nodes: &[NodeId]) -> Vec<bool> {
        let at = TIMES.map(|time| self.model.graph.evaluate(nodes, |symbol| self.value(symbol, time)));
        (0..nodes.len()).map(|i| at.iter().any(|values| values[i] != 0.0)).collect()
    }

    fn value(&self, symbol: Symbol, time: f64) -> f64 {
        match symbol {
            Symbol::Parameter(i) => self.model.parameters[i as usize].value,
            Symbol::Covariate(i) => self.covariates[i as usize],
            // Different from each other, so that few differences are 0.
            Symbol::State(i) if self.states[i as usize] => 1.0 + 0.013 * f64::from(i),
            Symbol::Time | Symbol::SegmentTime => time,
            Symbol::Dose(value, into) if self.has_doses(into) => match value {
                DoseValue::Last | DoseValue::First => 0.0,
                DoseValue::Amount | DoseValue::Count => 1.0,
            },
            _ => 0.0,
        }
    }

    fn has_doses(&self, into: Dosed) -> bool {
        match into {
            Dosed::Any => !self.dosed.is_empty(),
            Dosed::State(i) => self.dosed.contains(&(i as usize)),
        }
    }

    /// Whether a state is reached.
    pub(super) fn holds(&self, state: usize) -> bool {
        self.states[state]
    }

    /// Names of states and variables that are 0 for ever, of these.
    pub(super) fn none_of<'b>(&self, names: &[&'b str]) -> Vec<&'b str> {
        let is_zero = |name: &str| {
            let state = self.model.states.iter().position(|state| state.name == name);
            let variable = || self.model.variables.iter().find(|variable| variable.name == name);
            match (state, variable()) {
                (Some(state), _) => !self.states[state],
                (None, Some(variable)) => !self.is_something(&[variable.node])[0],
                (None, None) => false,
            }
        };
        names.iter().copied().filter(|name| is_zero(name)).collect()
    }
}
