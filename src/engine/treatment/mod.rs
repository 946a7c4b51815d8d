//! The treatment of one patient in one arm, and what is decided about it: a state machine, the same on every engine.
//! WGSL twin: `shaders/treatment.wgsl`, with the same functions in the same order.
//!
//! At a visit, once everything is read and kept, it is decided in this order:
//!
//! 1. whether the patient leaves the trial, and whether treatment, or that with a drug, stops: for the first reason that
//!    holds;
//! 2. whether doses that are given on demand are asked for;
//! 3. of each drug in turn, if a dose is due and treatment goes on, whether it is left out; else whether it waits: whether
//!    the hold that it waits for is over, else which begins first; a dose that has waited for too long ends treatment
//!    with the drug;
//! 4. if it does not wait, whether the dose changes, for the first reason that holds, or treatment ends instead, and
//!    whether it is infused over another time;
//! 5. and then it is given, and the next is due.
//!
//! A dose that waits is looked at again at visits alone. Doses that are given whatever the protocol says skip 2 to 4.

mod course;
mod rules;

use crate::cohort::Ticks;
use crate::engine::schedule::GivenDose;
use crate::engine::{Decision, DoseRecord, Endings, FixedDose};
use crate::model::graph::{OfDrugs, TreatmentVariable};
use crate::plan::{During, ObservedId, ReasonId};

use course::Course;
#[cfg(feature = "gpu")]
pub(crate) use rules::{DrugRules, SAME_DOSE};
pub(crate) use rules::{NEVER_DAYS, Rules, days};

/// Where a dose is: in which arm, of which drug.
#[derive(Debug, Clone, Copy)]
struct Place {
    arm: usize,
    drug: usize,
}

/// The treatment of one patient in one arm, as far as it has come.
#[derive(Debug, Clone)]
pub(crate) struct Treatment {
    arm: usize,
    /// By drug; none where it is not kept what becomes of doses.
    courses: Vec<Course>,
    endings: Endings,
}

/// A visit, or another time at which a dose is due, as decisions see it.
pub(crate) struct VisitContext<V> {
    pub(crate) tick: Ticks,
    pub(crate) visit: bool,
    /// Whether something that stops treatment or a stay, or asks for a dose, may hold.
    pub(crate) stops: bool,
    /// The observed values.
    pub(crate) value: V,
}

impl<V: Fn(ObservedId) -> f64> VisitContext<V> {
    fn holds(&self, condition: ObservedId) -> bool {
        (self.value)(condition) != 0.0
    }

    fn decision(&self, reason: ReasonId, shows: ObservedId) -> Decision {
        Decision { reason, tick: self.tick, value: (self.value)(shows) }
    }
}

/// Drugs of which a dose was given, a bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Given(u32);

impl Given {
    /// Adds a drug.
    pub(crate) fn add(&mut self, drug: usize) {
        self.0 |= 1 << drug;
    }

    /// Whether there was none.
    pub(crate) fn is_nothing(self) -> bool {
        self.0 == 0
    }

    /// Whether some of these drugs was.
    pub(crate) fn is_of(self, drugs: OfDrugs) -> bool {
        match drugs {
            OfDrugs::All => self.0 != 0,
            OfDrugs::One(drug) => self.0 & (1 << drug) != 0,
        }
    }
}

impl Treatment {
    /// Before anything was given.
    pub(crate) fn enter(rules: &Rules, arm: usize, fixed: Option<&[FixedDose]>) -> Self {
        let followed = if rules.follows { rules.drugs() } else { 0 };
        let courses = (0..followed).map(|drug| Course::enter(rules, Place { arm, drug }, fixed));
        Self { arm, courses: courses.collect(), endings: Endings::default() }
    }

    pub(crate) fn endings(&self) -> Endings {
        self.endings
    }

    /// How treatment with each of so many drugs ended.
    pub(crate) fn drug_endings(&self, drugs: usize) -> impl Iterator<Item = Option<Decision>> {
        (0..drugs).map(|drug| self.courses.get(drug)?.stopped)
    }

    /// How far it has come at a tick, before what is decided there.
    pub(crate) fn during(&self, tick: Ticks) -> During {
        let is_due = |course: &Course| course.stopped.is_none() && tick >= course.due;
        match self.endings {
            Endings { left: Some(_), .. } => During::Run,
            _ if self.courses.iter().any(is_due) => During::Dosing,
            Endings { stopped: Some(_), .. } => During::OnStudy,
            _ => During::Treatment,
        }
    }

    /// Whether the patient left at a visit before.
    pub(crate) fn has_left(&self) -> bool {
        self.endings.left.is_some()
    }

    /// The dose of a drug that was given at a tick.
    pub(crate) fn given_at(&self, drug: usize, tick: Ticks) -> Option<GivenDose> {
        self.courses[drug].given_at(tick)
    }

    /// When it must be decided about the patient's doses first.
    pub(crate) fn first_decision(&self, rules: &Rules) -> Ticks {
        let due = self.courses.iter().map(|course| course.due);
        due.chain(rules.asks().then(|| rules.visit_from(0))).min().unwrap_or(Ticks::MAX)
    }

    /// When it must be decided about the patient's doses again, after a tick.
    pub(crate) fn next_decision(&self, rules: &Rules, tick: Ticks) -> Ticks {
        let next = self.courses.iter().map(|course| course.next_decision(rules, tick));
        // What is asked for is given at once.
        let asking = rules.asks().then(|| rules.visit_from(tick + 1));
        next.chain(asking).min().unwrap_or(Ticks::MAX)
    }

    /// Whether a dose of a drug is due, and one of any drug.
    fn is_due(&self, rules: &Rules, drug: usize, tick: Ticks) -> [bool; 2] {
        let is_due = |course: &Course| course.is_due(rules, tick);
        [is_due(&self.courses[drug]), self.courses.iter().any(is_due)]
    }

    /// Decides, once everything is read and kept: of which drugs a dose is given. `records` are the patient's
    /// planned doses.
    pub(crate) fn decide(
        &mut self,
        rules: &Rules,
        context: &VisitContext<impl Fn(ObservedId) -> f64>,
        fixed: Option<&[FixedDose]>,
        records: &mut [DoseRecord],
    ) -> Given {
        if context.visit && context.stops {
            self.watch(rules, context);
            if fixed.is_none() && !self.has_left() && context.tick < rules.end {
                self.ask(rules, context, records);
            }
        }
        let mut given = Given::default();
        for drug in 0..self.courses.len() {
            let place = Place { arm: self.arm, drug };
            if self.courses[drug].dose_due(rules, place, context, fixed, records) {
                given.add(drug);
            }
            self.note_end(rules, drug);
        }
        given
    }

    /// Gives every dose that is due before a tick, none of which anything can change: of which drugs there were some.
    pub(crate) fn give_planned(
        &mut self,
        rules: &Rules,
        before: Ticks,
        fixed: Option<&[FixedDose]>,
        records: &mut [DoseRecord],
    ) -> Given {
        let mut given = Given::default();
        for drug in 0..self.courses.len() {
            let place = Place { arm: self.arm, drug };
            while self.courses[drug].due < before.min(rules.end) {
                let tick = self.courses[drug].due;
                let context = VisitContext { tick, visit: false, stops: false, value: |_| f64::NAN };
                if !self.courses[drug].dose_due(rules, place, &context, fixed, records) {
                    break;
                }
                given.add(drug);
            }
        }
        given
    }

    /// Who leaves and whose treatment stops at a visit.
    fn watch(&mut self, rules: &Rules, context: &VisitContext<impl Fn(ObservedId) -> f64>) {
        if self.endings.left.is_none() {
            self.endings.left = Self::reason_to_leave(rules, context);
        }
        for drug in 0..self.courses.len() {
            let is_due = self.is_due(rules, drug, context.tick);
            if self.courses[drug].stopped.is_none() {
                self.courses[drug].stopped = Self::reason_to_stop(rules, drug, context, is_due);
                self.note_end(rules, drug);
            }
        }
    }

    /// The first reason for which a patient leaves.
    fn reason_to_leave(
        rules: &Rules,
        context: &VisitContext<impl Fn(ObservedId) -> f64>,
    ) -> Option<Decision> {
        let mut stops = rules.protocol.stops.iter().enumerate();
        let found = stops.find(|(_, stop)| stop.leaves && context.holds(stop.when));
        found.map(|(i, stop)| context.decision(rules.protocol.reason_of_stop(i), stop.shows))
    }

    /// The first reason for which treatment with a drug stops. `is_due` tells of a reason's drug, or of all.
    fn reason_to_stop(
        rules: &Rules,
        drug: usize,
        context: &VisitContext<impl Fn(ObservedId) -> f64>,
        is_due: [bool; 2],
    ) -> Option<Decision> {
        let mut stops = rules.stops(drug);
        let found = stops.find(|(_, stop)| {
            let is_due = if stop.drug.is_some() { is_due[0] } else { is_due[1] };
            (is_due || !stop.at_dose) && context.holds(stop.when)
        });
        found.map(|(i, stop)| context.decision(rules.protocol.reason_of_stop(i), stop.shows))
    }

    /// Treatment has ended with a drug: as a whole, if it was the last that goes on as planned.
    fn note_end(&mut self, rules: &Rules, drug: usize) {
        let stopped = self.courses[drug].stopped;
        if stopped.is_none() || rules.is_on_demand(drug) || self.endings.stopped.is_some() {
            return;
        }
        let goes_on =
            |(drug, course): (usize, &Course)| course.stopped.is_none() && !rules.is_on_demand(drug);
        if !self.courses.iter().enumerate().any(goes_on) {
            self.endings.stopped = stopped;
        }
    }

    /// Asks for doses that are given on demand.
    fn ask(
        &mut self,
        rules: &Rules,
        context: &VisitContext<impl Fn(ObservedId) -> f64>,
        records: &mut [DoseRecord],
    ) {
        for (i, demand) in rules.protocol.demands.iter().enumerate() {
            if !context.holds(demand.when) {
                continue;
            }
            let drug = demand.drug.index();
            let position = self.courses[drug].ask(rules, Place { arm: self.arm, drug }, context.tick);
            if let Some(position) = position {
                let reason = rules.protocol.reason_of_demand(i);
                records[position].asked = Some(context.decision(reason, demand.shows));
            }
        }
    }

    /// How far it has come at a tick: with one drug, or with all of them.
    pub(crate) fn variable(&self, variable: TreatmentVariable, of: OfDrugs, tick: Ticks) -> f64 {
        let each = || self.courses.iter().map(|course| course.variable(variable, tick));
        match (variable, of) {
            (TreatmentVariable::OnStudy, _) => f64::from(!self.has_left()),
            (TreatmentVariable::OnTreatment, OfDrugs::All) => f64::from(self.endings.stopped.is_none()),
            (_, OfDrugs::One(drug)) => self.courses[drug as usize].variable(variable, tick),
            (
                TreatmentVariable::DosesGiven
                | TreatmentVariable::Holds
                | TreatmentVariable::Reductions
                | TreatmentVariable::Skips,
                OfDrugs::All,
            ) => each().sum(),
            (TreatmentVariable::DaysSinceDose, OfDrugs::All) => each().fold(NEVER_DAYS, f64::min),
            (
                TreatmentVariable::Day
                | TreatmentVariable::Cycle
                | TreatmentVariable::DaysHeld
                | TreatmentVariable::RelativeDose,
                OfDrugs::All,
            ) => each().fold(0.0, f64::max),
        }
    }
}
