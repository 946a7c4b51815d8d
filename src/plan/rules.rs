//! Rules of dosing, from the cohort file to the protocol.

use crate::cohort::{Action, By, Dose, Located, Rule};
use crate::model::expression::Condition;
use crate::model::graph::{Binary, Course, NodeId, Symbol, Unary};

use super::program::VisitProgram;
use super::{Amount, BeyondLimit, Change, Hold, Step, Stop};

/// The largest dose where there is no limit, as a multiple of the arm's; finite in single precision.
const UNLIMITED: f64 = 1e30;

impl VisitProgram<'_> {
    /// Adds the rules to the protocol. Every planned dose that a rule may act on is a visit: the cohort file
    /// was checked for that.
    pub(super) fn rules(&mut self) {
        for rule in &self.cohort.regimen.modify {
            self.rule(rule);
        }
    }

    fn rule(&mut self, rule: &Rule) -> Option<()> {
        let condition = self.read_condition(&rule.when);
        let shows = rule.shows.as_ref().map(|text| self.read(text, false));
        let until = match &rule.then {
            Action::Hold { until: Some(text), .. } => Some(self.read(text, false)),
            _ => None,
        };
        let Condition { holds, compares } = condition?;
        let shows = shows.unwrap_or(Some(compares))?;
        let in_cycles = self.in_cycles(rule.cycles, holds);
        let (label, when, shows) = (rule.label.clone(), self.observe(in_cycles), self.observe(shows));
        match &rule.then {
            Action::Stop { at_dose } => {
                let stop = Stop { label, when, shows, at_dose: *at_dose, treatment: true, leaves: false };
                self.protocol.stops.push(stop);
            }
            Action::Hold { at_least, at_most, .. } => {
                let until = until.unwrap_or_else(|| Some(self.graph.unary(Unary::Not, holds)))?;
                let until = self.observe(until);
                let hold = Hold { label, when, shows, until, at_least: *at_least, at_most: *at_most };
                self.protocol.holds.push(hold);
            }
            Action::Change { by, limit, beyond_stops } => {
                let beyond = if *beyond_stops { BeyondLimit::Stop } else { BeyondLimit::Stay };
                let by = Step { amount: self.amount(*by), limit: self.limits(*by, limit.as_ref()), beyond };
                self.protocol.changes.push(Change { label, when, shows, by });
            }
        }
        Some(())
    }

    /// The condition, from one dose to another.
    fn in_cycles(&mut self, cycles: Option<[u32; 2]>, holds: NodeId) -> NodeId {
        let Some(cycles) = cycles else { return holds };
        let graph = &mut self.graph;
        let cycle = graph.symbol(Symbol::Course(Course::Cycle));
        let [first, last] = cycles.map(|number| graph.constant(f64::from(number)));
        let begun = graph.binary(Binary::LessEqual, first, cycle);
        let goes_on = graph.binary(Binary::LessEqual, cycle, last);
        let within = graph.binary(Binary::And, begun, goes_on);
        graph.binary(Binary::And, within, holds)
    }

    fn amount(&self, by: By) -> Amount {
        match by {
            By::Times(factor) => Amount::Times(factor),
            By::Down => Amount::Down(self.levels()),
            By::Up => Amount::Up(self.levels()),
        }
    }

    /// The dose levels as multiples of each arm's dose, increasing; an arm without drug has none.
    fn levels(&self) -> Vec<Vec<f64>> {
        let regimen = &self.cohort.regimen;
        let of_arm = |arm| regimen.levels.iter().filter_map(|level| relative(level, arm)).collect();
        regimen.arms.iter().map(of_arm).collect()
    }

    /// The limit of a change as a multiple of each arm's dose. An arm without drug has none.
    fn limits(&self, by: By, limit: Option<&Located<Dose>>) -> Vec<f64> {
        let none = match by {
            By::Up => UNLIMITED,
            By::Times(factor) if factor > 1.0 => UNLIMITED,
            By::Times(_) | By::Down => 0.0,
        };
        let of_arm = |arm| limit.and_then(|limit| relative(limit, arm)).unwrap_or(none);
        self.cohort.regimen.arms.iter().map(of_arm).collect()
    }
}

/// A dose as a multiple of an arm's; `None` of an arm without drug.
fn relative(dose: &Located<Dose>, arm: &Located<Dose>) -> Option<f64> {
    let amount = dose.value.amount_in_unit_of(&arm.value)?;
    (arm.value.amount > 0.0).then_some(amount / arm.value.amount)
}
