//! The doses of one drug of a patient, and what is decided about the one that is due.

use crate::cohort::Ticks;
use crate::engine::schedule::{GivenDose, NEVER};
use crate::engine::{Decision, DoseRecord, FixedDose};
use crate::model::graph::TreatmentVariable;
use crate::plan::{Amount, BeyondLimit, Change, DoseStep, Hold, Infuse, ObservedId, Skip};

use super::rules::{NEVER_DAYS, Rules, SAME_DOSE, days};
use super::{Place, VisitContext};

/// A dose that waits.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    /// Position of the hold.
    hold: usize,
    /// When this hold began.
    began: Ticks,
}

/// How often something was decided about the doses so far.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    given: u32,
    held: u32,
    reduced: u32,
    skipped: u32,
}

/// The doses of one drug, as far as they have come.
#[derive(Debug, Clone)]
pub(super) struct Course {
    /// The dose that comes next, by its number: those before were given or left out.
    next: usize,
    /// When it is due.
    pub(super) due: Ticks,
    waiting: Option<Waiting>,
    /// Delays that are over for the dose that is due, by their position among delays.
    over: u32,
    /// The times of the calendar that were left out for doses that are made up.
    shift: usize,
    /// By how much the last dose was later than its time in the calendar: so much later are those after it.
    late: Ticks,
    last: Option<GivenDose>,
    /// The present dose as a multiple of the arm's.
    factor: f64,
    /// Over how long doses are infused, if not as planned.
    over_time: Option<Ticks>,
    counts: Counts,
    /// The end of treatment with this drug.
    pub(super) stopped: Option<Decision>,
}

impl Course {
    /// Before anything was given.
    pub(super) fn enter(rules: &Rules, place: Place, fixed: Option<&[FixedDose]>) -> Self {
        let mut course = Self {
            next: 0,
            due: NEVER,
            waiting: None,
            over: 0,
            shift: 0,
            late: 0,
            last: None,
            factor: 1.0,
            over_time: None,
            counts: Counts::default(),
            stopped: None,
        };
        course.set_due(rules, place, fixed, 0);
        course
    }

    /// The dose that was given at a tick.
    pub(super) fn given_at(&self, tick: Ticks) -> Option<GivenDose> {
        self.last.filter(|last| last.tick == tick)
    }

    pub(super) fn is_due(&self, rules: &Rules, tick: Ticks) -> bool {
        tick >= self.due && tick < rules.end
    }

    /// When it must be decided about the doses again, after a tick.
    pub(super) fn next_decision(&self, rules: &Rules, tick: Ticks) -> Ticks {
        match self.waiting {
            Some(_) => rules.visit_from(tick + 1),
            None => self.due,
        }
    }

    /// Finds when the next dose is due, at a tick or later: later than planned if the last was late.
    fn set_due(&mut self, rules: &Rules, place: Place, fixed: Option<&[FixedDose]>, from: Ticks) {
        if let Some(fixed) = fixed {
            let tick = |number: usize| fixed[rules.position(place, number)?].tick;
            let given = (self.next..rules.doses_of(place)).find(|&number| tick(number).is_some());
            self.next = given.unwrap_or(self.next);
            self.due = given.and_then(tick).unwrap_or(NEVER);
            return;
        }
        let due = rules.planned(place, self.next, self.shift).saturating_add(self.late).max(from);
        self.due = if rules.waits(place.drug) { rules.visit_from(due) } else { due };
    }

    /// A dose that is given on demand is asked for.
    pub(super) fn ask(&mut self, rules: &Rules, place: Place, tick: Ticks) -> Option<usize> {
        let position =
            rules.position(place, self.next).filter(|_| self.due == NEVER && self.stopped.is_none())?;
        self.due = tick;
        Some(position)
    }

    /// Whether a dose is given, if one is due.
    pub(super) fn dose_due(
        &mut self,
        rules: &Rules,
        place: Place,
        context: &VisitContext<impl Fn(ObservedId) -> f64>,
        fixed: Option<&[FixedDose]>,
        records: &mut [DoseRecord],
    ) -> bool {
        let is_looked_at = context.visit || context.tick == self.due;
        let Some(position) = rules.position(place, self.next) else { return false };
        if !is_looked_at || !self.is_due(rules, context.tick) {
            return false;
        }
        let record = &mut records[position];
        record.factor = self.factor;
        if fixed.is_none() && !self.goes_on(rules, place, context, record) {
            return false;
        }
        if let Some(fixed) = fixed {
            (self.factor, self.over_time) = (fixed[position].factor, fixed[position].over);
        }
        self.give(rules, place, context.tick, fixed, record);
        let (tick, factor, over) = (context.tick, self.factor, self.over_time);
        self.last = Some(GivenDose { dose: position, tick, factor, over });
        true
    }

    fn give(
        &mut self,
        rules: &Rules,
        place: Place,
        tick: Ticks,
        fixed: Option<&[FixedDose]>,
        record: &mut DoseRecord,
    ) {
        (record.given, record.factor, record.over) = (Some(tick), self.factor, self.over_time);
        self.late = tick.saturating_sub(rules.planned(place, self.next, self.shift));
        self.counts.given += 1;
        self.pass(rules, place, fixed, tick);
    }

    /// Goes on to the next dose.
    fn pass(&mut self, rules: &Rules, place: Place, fixed: Option<&[FixedDose]>, tick: Ticks) {
        self.next += 1;
        (self.waiting, self.over) = (None, 0);
        self.set_due(rules, place, fixed, tick + 1);
    }

    /// Whether the dose that is due is given; if treatment has stopped, none is any more.
    fn goes_on(
        &mut self,
        rules: &Rules,
        place: Place,
        context: &VisitContext<impl Fn(ObservedId) -> f64>,
        record: &mut DoseRecord,
    ) -> bool {
        let is_out = self.stopped.is_none() && self.skips(rules, place, context, record);
        if is_out {
            return false;
        }
        let waits = self.stopped.is_none() && self.waits(rules, place, context, record);
        if self.stopped.is_none() && !waits {
            self.change(rules, place, context, record);
            if self.stopped.is_none() {
                self.infuse(rules, place, context, record);
            }
        }
        let has_stopped = self.stopped.is_some();
        if has_stopped {
            (self.due, self.waiting) = (NEVER, None);
        }
        !has_stopped && !waits
    }

    /// Whether the dose that is due is left out; it may be made up for at the next time of the calendar.
    fn skips(
        &mut self,
        rules: &Rules,
        place: Place,
        context: &VisitContext<impl Fn(ObservedId) -> f64>,
        record: &mut DoseRecord,
    ) -> bool {
        let mut skips = rules.skips(place.drug);
        let Some(position) = skips.find(|&skip| context.holds(rules.protocol.skips[skip].when)) else {
            return false;
        };
        let Skip { shows, made_up, .. } = rules.protocol.skips[position];
        let decision = context.decision(rules.protocol.reason_of_skip(position), shows);
        record.skipped = record.skipped.or(Some(decision));
        self.counts.skipped += 1;
        if made_up {
            self.shift += 1;
            (self.waiting, self.over) = (None, 0);
            self.set_due(rules, place, None, context.tick + 1);
        } else {
            self.pass(rules, place, None, context.tick);
        }
        true
    }

    /// Whether the dose that is due waits, or must not be given any more.
    fn waits(
        &mut self,
        rules: &Rules,
        place: Place,
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
            let hold = self.first_hold(rules, place, context);
            self.waiting = hold.map(|hold| Waiting { hold, began: context.tick });
        }
        let Some(Waiting { hold, .. }) = self.waiting else { return false };
        let Hold { shows, at_most, .. } = holds[hold];
        let decision = context.decision(rules.protocol.reason_of_hold(hold), shows);
        if late == 0 {
            record.held = Some(decision);
            self.counts.held += 1;
        }
        if late >= at_most {
            self.stopped = Some(decision);
        }
        true
    }

    /// The first hold that begins.
    fn first_hold(
        &self,
        rules: &Rules,
        place: Place,
        context: &VisitContext<impl Fn(ObservedId) -> f64>,
    ) -> Option<usize> {
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
        rules.holds(place.drug).find(begins)
    }

    /// Changes the dose, or ends treatment where the change would take it beyond its limit.
    fn change(
        &mut self,
        rules: &Rules,
        place: Place,
        context: &VisitContext<impl Fn(ObservedId) -> f64>,
        record: &mut DoseRecord,
    ) {
        let changes = &rules.protocol.changes;
        let holds = |change: &usize| context.holds(changes[*change].when);
        let Some(position) = rules.changes(place.drug).find(holds) else { return };
        let Change { shows, by, .. } = &changes[position];
        let decision = context.decision(rules.protocol.reason_of_change(position), *shows);
        match changed_by(by, place.arm, self.factor) {
            Some(factor) if factor == self.factor => {}
            Some(factor) => {
                self.counts.reduced += u32::from(factor < self.factor);
                (self.factor, record.changed) = (factor, Some(decision));
            }
            None => (self.stopped, record.changed) = (Some(decision), Some(decision)),
        }
    }

    /// Changes over how long doses are infused.
    fn infuse(
        &mut self,
        rules: &Rules,
        place: Place,
        context: &VisitContext<impl Fn(ObservedId) -> f64>,
        record: &mut DoseRecord,
    ) {
        let infusions = &rules.protocol.infusions;
        let holds = |infusion: &usize| context.holds(infusions[*infusion].when);
        let Some(position) = rules.infusions(place.drug).find(holds) else { return };
        let Infuse { shows, over, .. } = infusions[position];
        if self.over_time != Some(over) {
            record.infused = Some(context.decision(rules.protocol.reason_of_infusion(position), shows));
            self.over_time = Some(over);
        }
    }

    /// How far it has come at a tick.
    pub(super) fn variable(&self, variable: TreatmentVariable, tick: Ticks) -> f64 {
        let is_due = tick >= self.due;
        match variable {
            TreatmentVariable::Day => days(tick.into()),
            TreatmentVariable::DosesGiven => self.counts.given.into(),
            TreatmentVariable::Holds => self.counts.held.into(),
            TreatmentVariable::Reductions => self.counts.reduced.into(),
            TreatmentVariable::Skips => self.counts.skipped.into(),
            TreatmentVariable::Cycle => (self.next + usize::from(is_due)) as f64,
            TreatmentVariable::DaysSinceDose => {
                self.last.map_or(NEVER_DAYS, |last| days((tick - last.tick).into()))
            }
            TreatmentVariable::DaysHeld if is_due => days((tick - self.due).into()),
            TreatmentVariable::DaysHeld => 0.0,
            TreatmentVariable::RelativeDose => self.factor,
            TreatmentVariable::OnTreatment => f64::from(self.stopped.is_none()),
            TreatmentVariable::OnStudy => 1.0,
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
