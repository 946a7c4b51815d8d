//! The treatment of one patient in one arm, and what is decided about it: a state machine, the same on every engine.
//! WGSL twin: `shaders/treatment.wgsl`, with the same functions in the same order.
//!
//! At a visit, once everything is read and kept, it is decided in this order:
//!
//! 1. whether the patient leaves the trial, and whether treatment stops: for the first reason that holds;
//! 2. if a dose is due and treatment goes on, whether it waits: whether the hold that it waits for is over, else which
//!    begins first; a dose that has waited for too long ends treatment;
//! 3. if it does not wait, whether the dose changes, for the first reason that holds, or treatment ends instead;
//! 4. and then it is given, and the next is due.
//!
//! A dose that waits is looked at again at visits alone. Doses that are given whatever the protocol says skip 2 and 3.

mod rules;

use crate::cohort::Ticks;
use crate::engine::schedule::{GivenDose, NEVER};
use crate::engine::{Decision, DoseRecord, Endings, FixedDose};
use crate::model::graph::TreatmentVariable;
use crate::plan::{Amount, BeyondLimit, Change, DoseStep, During, Hold, ObservedId, ReasonId};

pub(crate) use rules::{NEVER_DAYS, Rules, SAME_DOSE, days};

/// A dose that waits.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    /// Position of the hold.
    hold: usize,
    /// When this hold began.
    began: Ticks,
}

/// The treatment of one patient in one arm, as far as it has come.
#[derive(Debug, Clone)]
pub(crate) struct Treatment {
    arm: usize,
    given: usize,
    /// When the next dose is due.
    pub(crate) due: Ticks,
    waiting: Option<Waiting>,
    /// Delays that are over for the dose that is due, by their position among delays.
    over: u32,
    last: Option<GivenDose>,
    /// The present dose as a multiple of the arm's.
    factor: f64,
    endings: Endings,
}

/// A visit, or another time at which a dose is due, as decisions see it.
pub(crate) struct VisitContext<V> {
    pub(crate) tick: Ticks,
    pub(crate) visit: bool,
    /// Whether something that stops treatment or a stay may hold.
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

impl Treatment {
    /// Before anything was given.
    pub(crate) fn enter(rules: &Rules, arm: usize, fixed: Option<&[FixedDose]>) -> Self {
        let mut treatment = Self {
            arm,
            given: 0,
            due: NEVER,
            waiting: None,
            over: 0,
            last: None,
            factor: 1.0,
            endings: Endings::default(),
        };
        treatment.due = treatment.next_due(rules, fixed);
        treatment
    }

    pub(crate) fn endings(&self) -> Endings {
        self.endings
    }

    /// How far it has come at a tick, before what is decided there.
    pub(crate) fn during(&self, tick: Ticks) -> During {
        match self.endings {
            Endings { left: Some(_), .. } => During::Run,
            Endings { stopped: Some(_), .. } => During::OnStudy,
            _ if tick >= self.due => During::Dosing,
            _ => During::Treatment,
        }
    }

    /// Whether the patient left at a visit before.
    pub(crate) fn has_left(&self) -> bool {
        self.endings.left.is_some()
    }

    /// The dose that was given at a tick.
    pub(crate) fn given_at(&self, tick: Ticks) -> Option<GivenDose> {
        self.last.filter(|last| last.tick == tick)
    }

    fn is_due(&self, rules: &Rules, tick: Ticks) -> bool {
        tick >= self.due && tick < rules.end
    }

    /// When it must be decided about the patient's doses again, after a tick.
    pub(crate) fn next_decision(&self, rules: &Rules, tick: Ticks) -> Ticks {
        match self.waiting {
            Some(_) => rules.visit_from(tick + 1),
            None => self.due,
        }
    }

    /// When the next dose is due: a later one if the last was late.
    fn next_due(&self, rules: &Rules, fixed: Option<&[FixedDose]>) -> Ticks {
        if let Some(fixed) = fixed {
            return fixed.get(self.given).and_then(|dose| dose.tick).unwrap_or(NEVER);
        }
        let planned = rules.planned(self.arm, self.given);
        let late = self.last.map_or(0, |last| last.tick - rules.planned(self.arm, self.given - 1));
        match planned.saturating_add(late) {
            due if rules.protocol.holds.is_empty() => due,
            due => rules.visit_from(due),
        }
    }

    /// Decides, once everything is read and kept: whether a dose is given. `records` are the patient's
    /// planned doses.
    pub(crate) fn decide(
        &mut self,
        rules: &Rules,
        context: &VisitContext<impl Fn(ObservedId) -> f64>,
        fixed: Option<&[FixedDose]>,
        records: &mut [DoseRecord],
    ) -> bool {
        self.watch(rules, context);
        self.dose_due(rules, context, fixed, records)
    }

    /// Whether a dose is given, if one is due.
    fn dose_due(
        &mut self,
        rules: &Rules,
        context: &VisitContext<impl Fn(ObservedId) -> f64>,
        fixed: Option<&[FixedDose]>,
        records: &mut [DoseRecord],
    ) -> bool {
        let is_looked_at = context.visit || context.tick == self.due;
        if !is_looked_at || !self.is_due(rules, context.tick) || self.given >= records.len() {
            return false;
        }
        let record = &mut records[self.given];
        record.factor = self.factor;
        if fixed.is_none() && !self.goes_on(rules, context, record) {
            return false;
        }
        self.give(rules, context.tick, fixed, record);
        true
    }

    fn give(&mut self, rules: &Rules, tick: Ticks, fixed: Option<&[FixedDose]>, record: &mut DoseRecord) {
        self.factor = fixed.map_or(self.factor, |fixed| fixed[self.given].factor);
        (record.given, record.factor) = (Some(tick), self.factor);
        self.last = Some(GivenDose { tick, factor: self.factor });
        self.given += 1;
        (self.waiting, self.over) = (None, 0);
        self.due = self.next_due(rules, fixed);
    }

    /// How far it has come at a tick.
    pub(crate) fn variable(&self, variable: TreatmentVariable, tick: Ticks) -> f64 {
        let is_due = tick >= self.due;
        match variable {
            TreatmentVariable::Day => days(tick.into()),
            TreatmentVariable::DosesGiven => self.given as f64,
            TreatmentVariable::Cycle => (self.given + usize::from(is_due)) as f64,
            TreatmentVariable::DaysSinceDose => {
                self.last.map_or(NEVER_DAYS, |last| days((tick - last.tick).into()))
            }
            TreatmentVariable::DaysHeld if is_due => days((tick - self.due).into()),
            TreatmentVariable::DaysHeld => 0.0,
            TreatmentVariable::RelativeDose => self.factor,
            TreatmentVariable::OnTreatment => f64::from(self.endings.stopped.is_none()),
            TreatmentVariable::OnStudy => f64::from(!self.has_left()),
        }
    }

    /// Who leaves and whose treatment stops at a visit.
    fn watch(&mut self, rules: &Rules, context: &VisitContext<impl Fn(ObservedId) -> f64>) {
        if !(context.visit && context.stops) {
            return;
        }
        if self.endings.left.is_none() {
            self.endings.left = Self::reason_to_leave(rules, context);
        }
        if self.endings.stopped.is_none() {
            self.endings.stopped = Self::reason_to_stop(rules, context, self.is_due(rules, context.tick));
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

    /// The first reason for which treatment stops.
    fn reason_to_stop(
        rules: &Rules,
        context: &VisitContext<impl Fn(ObservedId) -> f64>,
        is_due: bool,
    ) -> Option<Decision> {
        let mut stops = rules.protocol.stops.iter().enumerate();
        let found =
            stops.find(|(_, stop)| stop.treatment && (is_due || !stop.at_dose) && context.holds(stop.when));
        found.map(|(i, stop)| context.decision(rules.protocol.reason_of_stop(i), stop.shows))
    }

    /// Whether the dose that is due is given; if treatment has stopped, none is any more.
    fn goes_on(
        &mut self,
        rules: &Rules,
        context: &VisitContext<impl Fn(ObservedId) -> f64>,
        record: &mut DoseRecord,
    ) -> bool {
        let waits = self.endings.stopped.is_none() && self.waits(rules, context, record);
        if self.endings.stopped.is_none() && !waits {
            self.change(rules, context, record);
        }
        let has_stopped = self.endings.stopped.is_some();
        if has_stopped {
            (self.due, self.waiting) = (NEVER, None);
        }
        !has_stopped && !waits
    }

    /// Whether the dose that is due waits, or must not be given any more.
    fn waits(
        &mut self,
        rules: &Rules,
        context: &VisitContext<impl Fn(ObservedId) -> f64>,
        record: &mut DoseRecord,
    ) -> bool {
        let holds = &rules.protocol.holds;
        let late = context.tick - self.due;
        if let Some(Waiting { hold, began }) = self.waiting {
            let Hold { until, at_least, at_most, .. } = holds[hold];
            let is_over = until.is_none_or(|until| context.holds(until));
            if late <= at_most && context.tick - began >= at_least && is_over {
                self.waiting = None;
                self.over |= rules.delay(hold);
            }
        }
        if self.waiting.is_none() {
            self.waiting = self.first_hold(rules, context).map(|hold| Waiting { hold, began: context.tick });
        }
        let Some(Waiting { hold, .. }) = self.waiting else { return false };
        let Hold { shows, at_most, .. } = holds[hold];
        let decision = context.decision(rules.protocol.reason_of_hold(hold), shows);
        if late == 0 {
            record.held = Some(decision);
        }
        if late >= at_most {
            self.endings.stopped = Some(decision);
        }
        true
    }

    /// The first hold that begins.
    fn first_hold(&self, rules: &Rules, context: &VisitContext<impl Fn(ObservedId) -> f64>) -> Option<usize> {
        let begins = |hold: &usize| {
            let Hold { when, until, again, .. } = rules.protocol.holds[*hold];
            let delay = rules.delay(*hold);
            let has_recovered = until.is_some_and(|until| context.holds(until));
            match (delay != 0, self.over & delay != 0) {
                (true, false) => context.holds(when),
                (true, true) => context.holds(again) && !has_recovered,
                (false, _) => context.holds(when) && !has_recovered,
            }
        };
        (0..rules.protocol.holds.len()).find(begins)
    }

    /// Changes the dose, or ends treatment where the change would take it beyond its limit.
    fn change(
        &mut self,
        rules: &Rules,
        context: &VisitContext<impl Fn(ObservedId) -> f64>,
        record: &mut DoseRecord,
    ) {
        let changes = &rules.protocol.changes;
        let Some(position) = changes.iter().position(|change| context.holds(change.when)) else { return };
        let Change { shows, by, .. } = &changes[position];
        let decision = context.decision(rules.protocol.reason_of_change(position), *shows);
        match changed_by(by, self.arm, self.factor) {
            Some(factor) if factor == self.factor => {}
            Some(factor) => (self.factor, record.changed) = (factor, Some(decision)),
            None => (self.endings.stopped, record.changed) = (Some(decision), Some(decision)),
        }
    }
}

/// The dose after a change; `None` if treatment ends instead.
fn changed_by(step: &DoseStep, arm: usize, factor: f64) -> Option<f64> {
    let limit = step.limit[arm];
    let (lower, higher) = (factor * (1.0 - SAME_DOSE), factor * (1.0 + SAME_DOSE));
    let next = match &step.amount {
        Amount::Times(times) => Some(factor * times),
        Amount::Down(levels) => levels[arm].iter().rev().copied().find(|&level| level < lower),
        Amount::Up(levels) => levels[arm].iter().copied().find(|&level| level > higher),
    };
    let is_down = match step.amount {
        Amount::Times(times) => times < 1.0,
        Amount::Down(_) => true,
        Amount::Up(_) => false,
    };
    let beyond = |next: f64| {
        if is_down { next < limit * (1.0 - SAME_DOSE) } else { next > limit * (1.0 + SAME_DOSE) }
    };
    match (next, step.beyond) {
        (Some(next), _) if !beyond(next) => Some(next),
        (_, BeyondLimit::Stop) => None,
        (None, BeyondLimit::Stay) => Some(factor),
        // From beyond the limit it does not come back to it.
        (Some(_), BeyondLimit::Stay) => Some(if beyond(factor) { factor } else { limit }),
    }
}
