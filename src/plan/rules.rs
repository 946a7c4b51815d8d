//! Rules of dosing, from the cohort file to the protocol.

use crate::cohort::{Action, Arm, By, Dose, Rule, Spanned};
use crate::diagnostic::Problem;
use crate::model::expression::Condition;
use crate::model::graph::{Binary, NodeId, OfDrugs, Symbol, TreatmentVariable, Unary};

use super::memory::{cannot_cease, without_memory};
use super::program::VisitProgram;
use super::{
    Administration, Amount, BeyondLimit, Change, Demand, DoseInput, DoseStep, DrugId, Hold, Infuse,
    PlanError, Skip, Stop,
};

/// The largest dose where there is no limit, as a multiple of the arm's; finite in single precision.
const UNLIMITED: f64 = 1e30;

/// Delays that engines can tell apart: each is a bit of a word.
const MOST_DELAYS: usize = 32;

impl VisitProgram<'_> {
    /// Adds the rules to the protocol. Every planned dose that a rule may act on is a visit: the cohort file
    /// was checked for that.
    pub(super) fn rules(&mut self) {
        for rule in &self.cohort.regimen.modify {
            let is_stop = matches!(rule.then, Action::Stop { .. });
            let drugs = match rule.drug {
                Some(drug) => drug..drug + 1,
                None if is_stop => 0..0,
                None => 0..self.drugs.len(),
            };
            if drugs.is_empty() {
                self.rule(rule, None);
            }
            for drug in drugs {
                self.rule(rule, Some(DrugId::new(drug)));
            }
        }
        let delays = self.protocol.holds.iter().filter(|hold| hold.at_least > 0).count();
        let is_delay = |rule: &&Rule| matches!(rule.then, Action::Hold { at_least, .. } if at_least > 0);
        let last = self.cohort.regimen.modify.iter().rev().find(is_delay);
        if let Some(rule) = last.filter(|_| delays > MOST_DELAYS) {
            let error = PlanError::TooManyDelays { count: delays, most: MOST_DELAYS };
            self.problems.push(Problem::at(error, self.cohort.place(&rule.when.span)));
        }
    }

    /// Checks that what rules infuse over another time is infused over a time.
    pub(super) fn check_infusions(&mut self, administrations: &[Administration]) {
        for rule in self.cohort.regimen.modify.iter().filter(|rule| matches!(rule.then, Action::Infuse(_))) {
            let is_its = |own: &&Administration| rule.drug.is_none_or(|drug| own.drug == DrugId::new(drug));
            let mut routes = administrations.iter().filter(is_its).flat_map(|own| &own.routes);
            let other = routes.find(|route| match route.input {
                DoseInput::Over(time) => self.graph.as_constant(time) == Some(0.0),
                DoseInput::Bolus | DoseInput::AtRate(_) => true,
            });
            if let Some(route) = other {
                let state = self.model.states[route.state].name.clone();
                let error = PlanError::NotInfused { then: rule.label.clone(), state };
                self.problems.push(Problem::at(error, self.cohort.place(&rule.when.span)));
            }
        }
    }

    /// Adds a rule about a drug, or about treatment as a whole.
    fn rule(&mut self, rule: &Rule, of: Option<DrugId>) {
        let is_only = self.drugs.len() == 1;
        self.of = of.filter(|_| !is_only).map_or(OfDrugs::All, |drug| OfDrugs::One(drug.index() as u32));
        self.rule_of(rule, of);
        self.of = OfDrugs::All;
    }

    fn rule_of(&mut self, rule: &Rule, of: Option<DrugId>) -> Option<()> {
        self.readings.subject = format!("regimen.modify `{}`", rule.label);
        let condition = self.read_condition(&rule.when);
        let shows = rule.shows.as_ref().map(|text| self.read(text));
        let until = match &rule.then {
            Action::Hold { until: Some(text), .. } => Some(self.read(text)),
            _ => None,
        };
        let Condition { holds, compares } = condition?;
        let shows = shows.unwrap_or(Some(compares))?;
        let in_cycles = self.in_cycles(rule.cycles, holds);
        let (label, when, shows) = (rule.label.clone(), self.observe(in_cycles), self.observe(shows));
        match &rule.then {
            Action::Stop { at_dose } => {
                let drug = of.filter(|_| self.drugs.len() > 1);
                let stop =
                    Stop { label, when, shows, at_dose: *at_dose, treatment: true, drug, leaves: false };
                self.protocol.stops.push(stop);
            }
            &Action::Infuse(over) => {
                let drug = of?;
                self.protocol.infusions.push(Infuse { label, when, shows, drug, over });
            }
            Action::Give => self.protocol.demands.push(Demand { label, when, shows, drug: of? }),
            &Action::Skip { made_up } => {
                let drug = of?;
                self.protocol.skips.push(Skip { label, when, shows, drug, made_up });
            }
            &Action::Hold { at_least, at_most, .. } => {
                let drug = of?;
                let until = match until {
                    Some(until) => Some(until?),
                    None if at_least > 0 => None,
                    None => Some(self.no_longer(rule, holds)?),
                };
                let again = without_memory(&mut self.graph, holds, false);
                let again = if at_least > 0 { self.in_cycles(rule.cycles, again) } else { in_cycles };
                let (until, again) = (until.map(|until| self.observe(until)), self.observe(again));
                self.protocol.holds.push(Hold { label, when, shows, until, again, at_least, at_most, drug });
            }
            Action::Change { by, limit, beyond_stops } => {
                let drug = of?;
                let beyond = if *beyond_stops { BeyondLimit::Stop } else { BeyondLimit::Stay };
                let (amount, limit) = (self.amount(*by, drug), self.limits(*by, limit.as_ref(), drug));
                let by = DoseStep { amount, limit, beyond };
                self.protocol.changes.push(Change { label, when, shows, by, drug });
            }
        }
        Some(())
    }

    /// Whether a condition no longer holds; one that could not cease while a dose waits is refused.
    fn no_longer(&mut self, rule: &Rule, holds: NodeId) -> Option<NodeId> {
        if cannot_cease(&self.graph, &self.readings.accumulators, holds) {
            let error = PlanError::NeverOver { when: rule.when.value.clone() };
            self.problems.push(Problem::at(error, self.cohort.place(&rule.when.span)));
            return None;
        }
        Some(self.graph.unary(Unary::Not, holds))
    }

    /// The condition, from one dose to another.
    fn in_cycles(&mut self, cycles: Option<[u32; 2]>, holds: NodeId) -> NodeId {
        let Some(cycles) = cycles else { return holds };
        let (graph, of) = (&mut self.graph, self.of);
        let cycle = graph.symbol(Symbol::Treatment(TreatmentVariable::Cycle, of));
        let [first, last] = cycles.map(|number| graph.constant(f64::from(number)));
        let begun = graph.binary(Binary::LessEqual, first, cycle);
        let goes_on = graph.binary(Binary::LessEqual, cycle, last);
        let within = graph.binary(Binary::And, begun, goes_on);
        graph.binary(Binary::And, within, holds)
    }

    fn amount(&self, by: By, drug: DrugId) -> Amount {
        match by {
            By::Times(factor) => Amount::Times(factor),
            By::Down => Amount::Down(self.levels(drug)),
            By::Up => Amount::Up(self.levels(drug)),
        }
    }

    /// The dose levels as multiples of each arm's dose, increasing; an arm without drug has none.
    fn levels(&self, drug: DrugId) -> Vec<Vec<f64>> {
        let regimen = &self.cohort.regimen;
        let levels = regimen.levels.get(drug.index()).map_or(&[][..], Vec::as_slice);
        let of_arm = |arm| levels.iter().filter_map(|level| relative(level, arm, drug)).collect();
        regimen.arms.iter().map(of_arm).collect()
    }

    /// The limit of a change as a multiple of each arm's dose. An arm without drug has none.
    fn limits(&self, by: By, limit: Option<&Spanned<Dose>>, drug: DrugId) -> Vec<f64> {
        let none = match by {
            By::Up => UNLIMITED,
            By::Times(factor) if factor > 1.0 => UNLIMITED,
            By::Times(_) | By::Down => 0.0,
        };
        let of_arm = |arm| limit.and_then(|limit| relative(limit, arm, drug)).unwrap_or(none);
        self.cohort.regimen.arms.iter().map(of_arm).collect()
    }
}

/// A dose as a multiple of an arm's; `None` of an arm without drug.
fn relative(dose: &Spanned<Dose>, arm: &Arm, drug: DrugId) -> Option<f64> {
    let arm = arm.dose_of(drug.index())?;
    let amount = dose.value.amount_in_unit_of(&arm.value)?;
    (arm.value.amount > 0.0).then_some(amount / arm.value.amount)
}
