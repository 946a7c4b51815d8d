//! What is given: drugs, how their doses enter, and the planned doses of each arm.

use crate::cohort::quantity::time_text;
use crate::cohort::{RoundTo, Ticks};
use crate::model::graph::{NodeId, Symbol};

use super::{AdministrationId, DrugId, Plan, PlanError};

/// A drug.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drug {
    /// Its name; empty of the only drug of a file that does not name it.
    pub name: String,
    /// The unit in which its doses are numbers, as `mg/kg`.
    pub unit: String,
    /// Whether its doses are given when a rule asks for them. They are planned for [`Ticks::MAX`], as many as there may
    /// be, the first first.
    pub on_demand: bool,
}

/// The doses of one drug in an arm.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sequence {
    /// Their positions among the arm's doses, in the order in which they are given.
    pub positions: Vec<usize>,
    /// Times for doses: those for which they are planned, and where doses that are skipped are made up for, as many more
    /// at the last interval as there is room for.
    pub calendar: Vec<Ticks>,
}

/// A way in which doses of a drug enter. A drug may have several, as a loading infusion and tablets.
#[derive(Debug, Clone, PartialEq)]
pub struct Administration {
    /// Of which drug.
    pub drug: DrugId,
    /// The states that the dose enters, each the whole of it.
    pub routes: Vec<Route>,
}

/// One arm.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// The dose as the user wrote it.
    pub label: String,
    /// Its dose as a number, before any loading.
    pub dose: f64,
    /// Its unit, as `mg/kg`.
    pub unit: String,
    /// Its doses of all drugs, by time; of several at one time in the order in which they are given.
    pub doses: Vec<PlannedDose>,
    /// The steady state in which patients begin, if they do.
    pub steady: Option<SteadyStart>,
}

/// Doses before time 0: for so long that nothing changes any more from one period to the next, the last of which ends
/// with time 0. No rule acts on them, and none is missed.
#[derive(Debug, Clone, PartialEq)]
pub struct SteadyStart {
    /// How long the period is, above 0.
    pub period: Ticks,
    /// The doses in it, by time since its beginning, which is before its end.
    pub doses: Vec<PlannedDose>,
}

/// One planned dose.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedDose {
    /// When.
    pub tick: Ticks,
    /// Amount in the model's dosing unit, before cap and rounding: a slot or a constant (the body-size scaling is in
    /// it).
    pub amount: NodeId,
    /// The dose as a number, in the unit of its drug.
    pub dose: f64,
    /// How it enters.
    pub administration: AdministrationId,
    /// The largest amount that is given, in the model's dosing unit: a slot or a constant.
    pub cap: Option<NodeId>,
    /// What the amount is rounded to, once it is reduced and capped.
    pub round: Option<Rounding>,
    /// Whether a patient may miss it, of whom nothing enters then: `cap` is 0.
    pub missed: Option<MayBeMissed>,
}

/// A dose that a patient may miss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MayBeMissed {
    /// Whether the patient does, not 0 if so: a slot or a constant.
    pub is_missed: NodeId,
    /// The cap of one who does not.
    pub cap: Option<NodeId>,
}

/// Rounding of an amount to whole vials or tablets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rounding {
    /// What a vial or a tablet holds, in the model's dosing unit; above 0.
    pub unit: f64,
    /// In which direction.
    pub to: RoundTo,
}

/// An amount nearer to a whole number of units, as a fraction of itself, is one: so that an engine's rounding of numbers
/// decides nothing.
pub(crate) const SAME_AMOUNT: f64 = 1e-6;

impl Rounding {
    /// The rounded amount.
    pub fn of(self, amount: f64) -> f64 {
        let units = amount / self.unit;
        let slack = SAME_AMOUNT * units;
        let whole = match self.to {
            RoundTo::Up => (units - slack).ceil(),
            RoundTo::Down => (units + slack).floor(),
            RoundTo::Nearest => (units + slack + 0.5).floor(),
        };
        whole * self.unit
    }
}

/// What of a planned amount is given at a multiple of it, as a multiple of the planned amount before cap and rounding:
/// the factor itself where neither changes anything.
pub(crate) fn share(amount: f64, factor: f64, cap: f64, round: Option<Rounding>) -> f64 {
    let wanted = factor * amount;
    let capped = wanted.min(cap);
    let given = round.map_or(capped, |round| round.of(capped));
    if given == wanted || amount == 0.0 { factor } else { given / amount }
}

/// Where a dose goes, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// The state that receives it.
    pub state: usize,
    /// What the amount is multiplied by: a slot or a constant.
    pub bioavailability: NodeId,
    /// Delay in model time: a slot or a constant; 0 if none.
    pub lag: NodeId,
    /// How it enters.
    pub input: DoseInput,
}

/// How a dose enters a state.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DoseInput {
    /// At once.
    Bolus,
    /// Over this time: a slot or a constant, model time; at once if it is 0.
    Over(NodeId),
    /// At this rate into the state, above 0: a slot or a constant, per model time. It takes as long as the amount,
    /// multiplied by the factor, lasts.
    AtRate(NodeId),
}

impl Plan {
    /// The routes of all administrations, one administration after the other.
    pub fn routes(&self) -> impl Iterator<Item = &Route> {
        self.administrations.iter().flat_map(|administration| &administration.routes)
    }

    /// The drug of a planned dose.
    pub fn drug_of(&self, dose: &PlannedDose) -> DrugId {
        self.administrations[dose.administration.index()].drug
    }

    /// The doses of each drug in an arm.
    pub fn sequences(&self, arm: usize) -> Vec<Sequence> {
        let mut sequences = vec![Sequence::default(); self.drugs.len()];
        for (position, dose) in self.arms[arm].doses.iter().enumerate() {
            let sequence = &mut sequences[self.drug_of(dose).index()];
            sequence.positions.push(position);
            sequence.calendar.push(dose.tick);
        }
        for skip in self.protocol.skips.iter().filter(|skip| skip.made_up) {
            sequences[skip.drug.index()].extend_to(self.end());
        }
        sequences
    }

    /// Whether a patient may be given another dose than planned, or at another time, or none.
    pub fn may_differ_from_planned(&self) -> bool {
        self.protocol.is_adaptive() || !self.dose_draws.is_empty()
    }

    /// Whether it is kept what becomes of doses: where the cohort file asks for it, where they may be given otherwise than
    /// planned, and where something that is read depends on how many were given, or when.
    pub fn follows_doses(&self) -> bool {
        let is_of_treatment = |id: NodeId| matches!(self.graph.as_symbol(id), Some(Symbol::Treatment(..)));
        self.ledger
            || self.may_differ_from_planned()
            || !self.protocol.stops.is_empty()
            || self.accumulators.iter().any(|accumulator| accumulator.since_dose.is_some())
            || self.graph.reachable(&self.observed).into_iter().any(is_of_treatment)
    }

    /// How many doses of a patient are kept in an arm: as many as any arm has, or none.
    pub fn kept_doses(&self) -> usize {
        if self.follows_doses() { self.most_doses() } else { 0 }
    }

    /// The most doses that an arm has.
    pub fn most_doses(&self) -> usize {
        self.arms.iter().map(|arm| arm.doses.len()).max().unwrap_or(0)
    }
}

/// Drugs that engines can tell apart: each is a bit of a word.
const MOST_DRUGS: usize = 32;

/// What engines cannot decide about: too many drugs, and doses of one drug at one time.
pub(super) fn unfit_for_rules(
    drugs: &[Drug],
    administrations: &[Administration],
    arms: &[Arm],
) -> Vec<PlanError> {
    let most = MOST_DRUGS;
    let too_many = PlanError::TooManyDrugs { count: drugs.len(), most };
    let mut found: Vec<PlanError> = (drugs.len() > most).then_some(too_many).into_iter().collect();
    for (arm, (i, drug)) in arms.iter().flat_map(|arm| drugs.iter().enumerate().map(move |drug| (arm, drug)))
    {
        let is_its =
            |dose: &&PlannedDose| administrations[dose.administration.index()].drug == DrugId::new(i);
        let ticks: Vec<Ticks> = arm.doses.iter().filter(is_its).map(|dose| dose.tick).collect();
        // What is given on demand has no times yet.
        let is_twice = |pair: &&[Ticks]| pair[0] == pair[1] && pair[0] < Ticks::MAX;
        if let Some(pair) = ticks.windows(2).find(is_twice) {
            let name = if drug.name.is_empty() { "the drug".into() } else { format!("`{}`", drug.name) };
            let (arm, time) = (arm.label.clone(), time_text(pair[0]));
            found.push(PlanError::TwoDosesAtOnce { arm, drug: name, time });
        }
    }
    found
}

impl Sequence {
    /// Goes on with the calendar at its last interval to the end of the run.
    fn extend_to(&mut self, end: Ticks) {
        while let [.., before, last] = self.calendar[..]
            && let Some(next) = (last > before).then(|| last.saturating_add(last - before))
            && next < end
        {
            self.calendar.push(next);
        }
    }
}

impl Arm {
    /// Its doses, those before time 0 behind.
    pub(crate) fn all_doses(&self) -> impl Iterator<Item = &PlannedDose> {
        self.doses.iter().chain(self.steady.iter().flat_map(|steady| &steady.doses))
    }
}

impl PlannedDose {
    /// Whether cap or rounding may make of it something else than planned.
    pub fn is_limited(&self) -> bool {
        self.cap.is_some() || self.round.is_some()
    }

    /// Every value of it that a patient may have its own of.
    pub(crate) fn values(&self) -> impl Iterator<Item = NodeId> {
        let missed = self.missed.map(|missed| [Some(missed.is_missed), missed.cap]);
        [self.amount].into_iter().chain(self.cap).chain(missed.into_iter().flatten().flatten())
    }

    /// The largest amount that is planned: what is missed is planned, too.
    pub(crate) fn planned_cap(&self) -> Option<NodeId> {
        self.missed.map_or(self.cap, |missed| missed.cap)
    }
}

impl Route {
    /// Every value of it that a patient may have its own of.
    pub(crate) fn values(&self) -> impl Iterator<Item = NodeId> {
        let input = match self.input {
            DoseInput::Bolus => None,
            DoseInput::Over(node) | DoseInput::AtRate(node) => Some(node),
        };
        [self.bioavailability, self.lag].into_iter().chain(input)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_rounded_to_whole_units() {
        for (to, amounts) in [
            (RoundTo::Up, [(0.0, 0.0), (1.0, 50.0), (50.0, 50.0), (50.1, 100.0), (150.000_001, 150.0)]),
            (RoundTo::Down, [(0.0, 0.0), (49.9, 0.0), (50.0, 50.0), (99.999_99, 100.0), (149.0, 100.0)]),
            (RoundTo::Nearest, [(0.0, 0.0), (24.9, 0.0), (25.0, 50.0), (74.0, 50.0), (75.0, 100.0)]),
        ] {
            for (amount, expected) in amounts {
                assert_eq!(Rounding { unit: 50.0, to }.of(amount), expected, "{amount} {to:?}");
            }
        }
    }

    #[test]
    fn what_is_given_is_reduced_then_capped_then_rounded() {
        let to_vials = Some(Rounding { unit: 100.0, to: RoundTo::Up });
        // 0.75 x 420 = 315, capped at 300, in vials of 100.
        assert_eq!(share(420.0, 0.75, 300.0, to_vials), 300.0 / 420.0);
        assert_eq!(share(420.0, 0.5, 300.0, to_vials), 300.0 / 420.0);
        assert_eq!(share(420.0, 0.4, 300.0, to_vials), 200.0 / 420.0);
        assert_eq!(share(420.0, 0.7, f64::INFINITY, None), 0.7);
        assert_eq!(share(0.0, 0.7, 300.0, to_vials), 0.7);
    }
}
