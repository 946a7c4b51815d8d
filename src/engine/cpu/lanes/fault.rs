//! Which operation it was in which something of a lane ceased to be finite.

use crate::engine::Valued;
use crate::engine::fault::fault;
use crate::model::graph::{NodeId, Symbol};

use super::super::real::Real;
use super::Lanes;

impl<T: Real> Lanes<'_, T> {
    /// The operation, looked for in the states on either side of the last attempt, and, where these are finite, a short
    /// way further along the derivative.
    pub(super) fn operation(&self, l: usize, what: Valued) -> Option<NodeId> {
        let sides = [self.control.side, 1 - self.control.side].map(|side| self.states_of(l, side));
        let before = &sides[1];
        let ahead = || self.ahead(l, before);
        let found = sides.iter().find_map(|states| self.fault(l, what, states));
        found.or_else(|| self.fault(l, what, &ahead()))
    }

    /// The states on a side.
    pub(super) fn states_of(&self, l: usize, side: usize) -> Vec<f64> {
        let first = usize::from(self.system.method.layout.state[side]);
        let states = usize::from(self.system.method.layout.states);
        self.registers[first..first + states].iter().map(|block| block.0[l].wide()).collect()
    }

    /// A step of Euler's method from these states.
    fn ahead(&self, l: usize, states: &[f64]) -> Vec<f64> {
        let plan = self.system.program.plan();
        let derivatives: Vec<NodeId> = plan.states.iter().map(|state| state.derivative).collect();
        let values = plan.graph.values(
            &derivatives,
            |id| Some(self.slot(l, plan.slots.binary_search(&id).ok()?)),
            |symbol| self.symbol(l, states, symbol),
        );
        let step = self.control.dt.0[l].wide();
        let moved = |(state, derivative): (&f64, NodeId)| state + step * values[&derivative];
        states.iter().zip(derivatives).map(moved).collect()
    }

    fn fault(&self, l: usize, what: Valued, states: &[f64]) -> Option<NodeId> {
        if states.iter().any(|state| !state.is_finite()) {
            return None;
        }
        let slot = |slot| self.slot(l, slot);
        fault(self.system.program.plan(), what, slot, |symbol| self.symbol(l, states, symbol))
    }

    fn slot(&self, l: usize, slot: usize) -> f64 {
        self.subjects.slot(slot, self.lanes[l].item)
    }

    fn symbol(&self, l: usize, states: &[f64], symbol: Symbol) -> f64 {
        let layout = &self.system.method.layout;
        match symbol {
            Symbol::State(i) => states.get(i as usize).copied().unwrap_or(f64::NAN),
            Symbol::Time => self.control.start.0[l].wide() + self.control.time.0[l].wide(),
            Symbol::SegmentTime => self.registers[usize::from(layout.middle)].0[l].wide(),
            Symbol::Dose(value, dosed) => {
                let position = self.system.doses.asked.iter().position(|&asked| asked == (value, dosed));
                position.map_or(f64::NAN, |i| self.registers[usize::from(layout.asked) + i].0[l].wide())
            }
            _ => f64::NAN,
        }
    }
}
